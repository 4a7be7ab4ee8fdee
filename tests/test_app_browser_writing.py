"""逐字生成 in a form, in a real browser: what is struck out, why, and how much of the model's probability went with it.

Run: pytest tests/test_app_browser_writing.py
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from shici.app.writer import coming, draw_one, following
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.sampler import Step
from tests.browser import LINE, type_line
from tests.sessions import opened


def truth(loaded: LoadedModel, form: str, written: int, temperature: float) -> tuple[Step, float, str]:
    """The sampler's stages, the share that the form removed, and the drawn character."""
    session, poem = opened(loaded, SampleSettings(start=LINE), form=form)
    for _ in range(written):
        draw_one(loaded, session, poem)
    session.settings = replace(session.settings, temperature=temperature)
    stages, _ = coming(loaded, session, poem)
    everything = (stages.logits.double() / temperature).softmax(-1)
    removed = float(everything.where(~following(loaded, poem).allowed, 0.0).sum())
    return stages, removed, loaded.vocabulary.tokens[int(stages.drawn[0])]


def assert_stages(page: Page, stages: Step, removed: float) -> int:
    """Every row on screen is the sampler's; a refused one has its logit and its share before the form was asked."""
    line = page.locator(".constraint")
    assert float(line.get_attribute("data-removed") or "nan") == pytest.approx(removed, abs=1e-6)
    rows = page.locator(".candidates tbody tr:visible").evaluate_all(
        """rows => rows.map(row => [Number(row.dataset.token), row.classList.contains("refused"),
            [...row.querySelectorAll("td[data-value]")].map(cell => Number(cell.dataset.value))])"""
    )
    everything = (stages.logits.double() / stages.temperature).softmax(-1)
    compared = 0
    for token, refused, numbers in rows:
        assert refused == (not bool(stages.masked[0, token].isfinite()))
        columns = (stages.logits, everything) if refused else (
            stages.logits, stages.scaled, stages.probabilities, stages.kept,
        )  # fmt: skip
        assert numbers == pytest.approx([float(one[0, token]) for one in columns], abs=1e-5, rel=1e-5)
        compared += len(numbers)
    assert page.locator(".check").get_attribute("data-same") == "true"
    return compared


def test_a_form_is_kept_step_by_step(page: Page, loaded: LoadedModel) -> None:
    page.get_by_label("格律").select_option("五绝")
    expect(page.locator(".pattern .line")).to_have_count(4)
    expect(page.locator(".pattern .filled")).to_have_text(list("白日依山尽"))
    compared, body = 0, ""
    for written in range(3):
        stages, removed, drawn = truth(loaded, "五绝", written, 0.8)
        compared += assert_stages(page, stages, removed)
        page.get_by_role("button", name="落笔").click()
        body += drawn
        expect(page.locator(".pattern .filled")).to_have_text(list("白日依山尽" + body))
    stages, removed, _ = truth(loaded, "五绝", 3, 1.2)
    page.get_by_role("slider", name="温度").fill("1.2")
    expect(page.locator(".check")).to_be_visible()
    compared += assert_stages(page, stages, removed)
    assert compared >= 200
    page.get_by_role("button", name="退一字").click()
    expect(page.locator(".pattern .filled")).to_have_text(list("白日依山尽" + body[:-1]))


def test_a_refused_character_is_answered_with_the_reason(page: Page) -> None:
    page.get_by_label("格律").select_option("五绝")
    struck = page.locator("tr.refused .take").first
    said = page.locator("tr.refused .why").first.inner_text()
    glyph = struck.locator(".glyph").inner_text()
    struck.click()
    expect(page.locator(".refusal")).to_have_text(f"不能写“{glyph}”：{said}。")
    expect(page.locator(".pattern .filled")).to_have_text(list("白日依山尽"))


def test_tune_rhyme_and_contradiction(page: Page) -> None:
    page.get_by_label("格律").select_option("五律")
    page.get_by_label("韵", exact=True).select_option("一东")
    expect(page.get_by_label("韵", exact=True)).to_have_value("一东")
    expect(page.locator(".writing .place.control, .writing .place.field")).to_contain_text(["一东"])
    type_line(page, "日日日日日，")
    expect(page.locator(".keep [role=alert]")).to_contain_text("放不")
    page.get_by_label("格律").select_option("")
    expect(page.locator(".keep [role=alert]")).to_be_hidden()
    expect(page.locator(".pattern")).to_be_hidden()
