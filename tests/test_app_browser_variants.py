"""逐字生成 in a real browser: a tune in its second variant, and a character that the table does not show.

Run: pytest tests/test_app_browser_variants.py
"""

from __future__ import annotations

import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from shici.app.forms import sizes
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.prompts import build_prompt
from tests.browser import LINE, type_line, watched

TUNE = "忆江南"


def test_a_tune_in_its_second_variant(browser: Browser, address: str) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(address)
        type_line(page, "江南好，")
        page.get_by_label("格律").select_option(TUNE)
        expect(page.locator(".pattern .line span")).to_have_count(sizes(TUNE)[0])
        page.get_by_label("体", exact=True).select_option(label=f"第 2 体，{sizes(TUNE)[1]} 字")
        expect(page.locator(".pattern .line span")).to_have_count(sizes(TUNE)[1])
        expect(page.locator(".pattern .filled")).to_have_text(list("江南好"))
        page.get_by_label("格律").select_option("七绝")
        expect(page.get_by_label("体", exact=True)).to_be_hidden()
        seen.assert_quiet()


def test_any_character_can_be_looked_up_and_taken(page: Page, loaded: LoadedModel) -> None:
    settings = SampleSettings(start=LINE)
    ids = build_prompt(settings, loaded.vocabulary, loaded.model.config.block_size).ids
    with torch.inference_mode():
        logits = loaded.model(torch.tensor([ids]))[0][0, -1].double()
    token = loaded.vocabulary.ids["鸡"]
    rank = int((logits > logits[token]).sum()) + 1
    assert rank > 20  # below what the table shows
    field = page.get_by_label("表里没有的字")
    field.fill("鸡")
    row = page.locator("tr.sought")
    expect(row.locator(".glyph")).to_have_text("鸡")
    shown = [
        float(text)
        for text in row.locator("td[data-value]").evaluate_all("all => all.map(one => one.dataset.value)")
    ]
    share = float((logits / settings.temperature).softmax(-1)[token])
    assert shown[:2] == pytest.approx(
        [float(logits[token]), float(logits[token]) / settings.temperature], abs=1e-4
    )
    assert shown[2] == pytest.approx(share, rel=2e-2)  # the page's is over what may come here
    field.fill("🌕")
    expect(page.get_by_text("词表里没有“🌕”。")).to_be_visible()
    expect(row).to_have_count(0)
    field.fill("鸡")
    field.press("Enter")
    expect(page.locator(".writing .place.written .glyph")).to_have_text(["鸡"])
