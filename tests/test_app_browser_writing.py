"""逐字生成 in a form, in a real browser: what is struck out, why, and how much of the model's probability went with it.

Run: pytest tests/test_app_browser_writing.py
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from shici.app.writer import coming, draw_one, following
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.sampler import Step
from tests.browser import LINE, type_line, watched
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


def test_the_keys_work_on_a_fresh_page_and_leave_the_fields_alone(page: Page) -> None:
    written = page.locator(".writing .place.written")
    expect(page.locator(".writing .keys")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(written).to_have_count(1)
    page.keyboard.press("2")
    expect(written).to_have_count(2)
    page.locator("h1").click()
    page.keyboard.press("ArrowLeft")
    expect(written).to_have_count(1)
    page.keyboard.press("Control+ArrowRight")
    page.get_by_label("表里没有的字").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("slider", name="温度").press("ArrowRight")
    expect(page.locator(".slider .num").first).to_have_text("0.85")
    expect(page.locator(".check")).to_be_visible()  # the server has heard of it
    expect(written).to_have_count(1)
    page.get_by_role("link", name="注意力").click()
    expect(page.locator(".attention .place.written")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.get_by_role("link", name="逐字生成").click()
    expect(written).to_have_count(1)


@pytest.mark.parametrize("lent", [True, False], ids=["clipboard", "none"])
def test_the_poem_can_be_copied(browser: Browser, address: str, lent: bool) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        if not lent:  # as over plain http from another machine
            page.add_init_script("navigator.clipboard.writeText = undefined")
        page.goto(address)
        page.get_by_text("体裁、作者、题目").click()
        page.get_by_label("作者").fill("王之涣")
        page.get_by_label("题目").fill("登楼")
        page.get_by_label("题目").press("Tab")
        expect(page.locator(".writing .place.field")).to_have_count(5)
        page.get_by_role("button", name="落笔").click()
        drawn = page.locator(".writing .place.written").inner_text()[0]
        page.get_by_role("button", name="复制诗文").click()
        expect(page.locator(".paper [role=status]")).to_have_text("已复制。")
        assert page.evaluate("navigator.clipboard.readText()") == f"《登楼》　王之涣\n{LINE}{drawn}"
        seen.assert_quiet()


def test_what_was_cleared_comes_back(page: Page) -> None:
    page.locator(".candidates .take").nth(3).click()
    letters = page.locator(".tree .letter text")
    expect(letters).to_have_count(2)
    red = page.locator(".tree .taken:not(.here) line, .tree .taken.here line")
    expect(red).to_have_count(1)
    page.get_by_role("button", name="清空").click()
    expect(letters).to_have_count(1)
    page.get_by_role("button", name="撤销清空").click()
    expect(letters).to_have_count(2)
    type_line(page, "空山")
    expect(letters).to_have_count(1)
    type_line(page, LINE)
    expect(letters).to_have_count(2)
