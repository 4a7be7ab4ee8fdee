"""教程 in a real browser, used as a pupil would. Run: pytest tests/test_app_browser_tutorial.py

The numbers on the screen are compared with a trace made here. Every test ends with: nothing was asked of another
machine, nothing went wrong in the browser's console.
"""

from __future__ import annotations

import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from shici.app.tokens import shown
from shici.checkpoint import LoadedModel
from tests.browser import LINE, type_line, watched
from tests.truth import ids_of, trace_of

CELLS = """rows => rows.map(row => [Number(row.dataset.token),
    [...row.querySelectorAll("[data-value]")].map(cell => Number(cell.dataset.value))])"""


@pytest.fixture
def page(page: Page) -> Page:
    """The tutorial on a desktop, opened from the bar."""
    open_tutorial(page)
    return page


def open_tutorial(page: Page) -> None:
    page.get_by_role("link", name="教程").click()
    expect(page.locator(".tutorial .lesson > h2")).to_be_visible()


def open_lesson(page: Page, number: int) -> None:
    page.locator(".contents li button").nth(number - 1).click()
    expect(page.locator(".contents [aria-current] .number")).to_have_text(numeral(number))
    expect(page.locator(".lesson > h2 .number")).to_have_text(f"第{numeral(number)}课")


def numeral(number: int) -> str:
    return ("十" if number > 9 else "") + (" 一二三四五六七八九"[number % 10].strip())


def expect_done(page: Page, *, done: bool = True) -> None:
    expect(page.locator(".task")).to_have_attribute("data-done", "true" if done else "false")
    expect(page.locator(".task .stamp")).to_be_visible(visible=done)


def numbers(page: Page, selector: str) -> list[float]:
    """The numbers of these elements, as written."""
    texts = page.locator(selector).all_inner_texts()
    return [float(text.replace("−", "-").rstrip("%")) for text in texts]


def click_cell(page: Page, name: str, row: int, column: int, side: float) -> None:
    canvas = page.locator(f'canvas[data-matrix="{name}"]')
    canvas.scroll_into_view_if_needed()
    canvas.click(position={"x": 26 + side * (column + 0.5), "y": 20 + side * (row + 0.5)})


def test_the_first_lessons_are_done_on_ones_own_line(page: Page, loaded: LoadedModel) -> None:
    ids = ids_of(loaded, LINE)
    assert numbers(page, ".view-marks .below") == ids
    expect_done(page, done=False)
    type_line(page, "白日依山尽，黄河")
    expect_done(page)
    expect(page.locator(".contents .done .name")).to_have_text(["什么是词元"])
    assert numbers(page, ".view-marks .below") == ids_of(loaded, "白日依山尽，黄河")

    page.get_by_role("button", name="下一课").click()
    expect(page.locator(".lesson > h2")).to_contain_text("嵌入与位置")
    type_line(page, "行行重行行")
    expect_done(page)
    trace = trace_of(loaded, "行行重行行")
    page.locator('.chooser [data-place="3"]').click()
    page.locator('canvas[data-matrix="embedding"]').focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    formula = page.locator(".view-vectors .formula")
    number = int("".join(filter(str.isdigit, formula.locator(".name").inner_text()))) - 1
    own = float(trace.embedding[0, 3, number])
    assert float(formula.get_attribute("data-trace") or "nan") == pytest.approx(own, abs=1e-6)
    assert float(formula.get_attribute("data-result") or "nan") == pytest.approx(own, abs=1e-6)
    page.get_by_role("button", name="上一课").click()
    expect(page.locator(".contents .progress")).to_contain_text("做完 2 / 14 课")


def test_a_head_is_searched_and_found(page: Page, loaded: LoadedModel) -> None:
    trace = trace_of(loaded, LINE)
    open_lesson(page, 3)
    page.get_by_label("层", exact=True).select_option(index=1)
    page.get_by_label("头", exact=True).select_option(index=3)
    scores = trace.layers[1].scores[0, 3]
    side = page.locator('canvas[data-matrix="scores"]').evaluate("node => (node.clientWidth - 28) / 8")
    click_cell(page, "scores", 7, int(scores[-1].argmin()), side)
    expect(page.locator(".verdict-words")).to_contain_text("还有更高的")
    expect_done(page, done=False)
    click_cell(page, "scores", 7, int(scores[-1].argmax()), side)
    expect_done(page)
    result = float(page.locator(".view-head .formula").get_attribute("data-result") or "nan")
    assert result == pytest.approx(float(scores[-1].max()), abs=1e-5)

    open_lesson(page, 6)
    task = page.locator(".task > .paragraph .num").all_inner_texts()
    target = int(task[-1]) - 1
    tops = [int(weights.argmax()) for layer in trace.layers for weights in layer.weights[0, :, -1]]
    chosen = tops.index(target)
    page.locator(f'[data-head="{chosen // 6},{chosen % 6}"]').click()
    expect_done(page)
    weights = trace.layers[chosen // 6].weights[0, chosen % 6, -1].tolist()
    written = page.locator(".all-heads .share").all_inner_texts()
    for text, weight in zip(written, weights, strict=True):
        assert (float(f"0{text}") if text else 0.0) == pytest.approx(weight, abs=0.0101), written


def test_up_through_the_layers_to_the_scores(page: Page, loaded: LoadedModel) -> None:
    trace = trace_of(loaded, LINE)
    open_lesson(page, 7)
    rows = [trace.layers[0].residual_in, *(layer.residual_out for layer in trace.layers)]
    lengths = numbers(page, ".stages .bar-cell .num")
    assert lengths == pytest.approx([float(row[0, -1].norm()) for row in rows], abs=0.006)
    with torch.inference_mode():
        says = [
            torch.softmax(loaded.model.lm_head(loaded.model.transformer.ln_f(row[0, -1])), -1) for row in rows
        ]
    best = [shown(loaded.vocabulary, int(share.argmax()), "zh") for share in says]
    assert page.locator(".stages .writes span:first-child b").all_inner_texts() == best
    settled = next(stage for stage in range(7) if len(set(best[stage:])) == 1)
    page.locator(f'[data-stage="{settled}"] button').press("Enter")
    expect_done(page)

    open_lesson(page, 8)
    activated = trace.layers[5].mlp_activated[0, -1]
    neuron = int(activated.argmax())
    canvas = page.locator('canvas[data-matrix="activated"]')
    side = canvas.evaluate("node => (node.clientWidth - 28) / 48")
    canvas.click(position={"x": 26 + side * (neuron % 48 + 0.5), "y": 4 + side * (neuron // 48 + 0.5)})
    expect_done(page)
    result = float(page.locator(".view-neurons .formula").get_attribute("data-result") or "nan")
    assert result == pytest.approx(float(activated.max()), abs=1e-5)

    open_lesson(page, 9)
    logits = trace.logits[0, -1]
    tokens = page.locator(".logits tbody tr").evaluate_all(
        "rows => rows.map(row => Number(row.dataset.token))"
    )
    assert numbers(page, ".logits .bar-cell .num") == pytest.approx(logits[tokens].tolist(), abs=6e-4)
    page.locator(".logits tbody tr").nth(4).click()
    result = float(page.locator(".view-logits .formula").get_attribute("data-result") or "nan")
    assert result == pytest.approx(float(logits[tokens[4]]), abs=1e-4)


def test_sliders_answer_at_once_and_the_task_is_noticed(page: Page, loaded: LoadedModel) -> None:
    open_lesson(page, 10)
    logits = trace_of(loaded, LINE).logits[0, -1].double()
    slider = page.get_by_role("slider", name="温度")
    compared = 0
    for temperature in ("0.5", "0.2"):
        slider.fill(temperature)
        for token, cells in page.locator(".view-choice .candidates tbody tr:visible").evaluate_all(CELLS):
            # the page leaves out what may not be written here, a little of the whole
            share = float(torch.softmax(logits / float(temperature), -1)[token])
            assert cells[0] == pytest.approx(float(logits[token]), abs=1e-5)
            assert cells[2] == pytest.approx(share, rel=0.02)
            compared += 2
    assert compared >= 40
    slider.fill("0.05")
    expect_done(page)
    expect(page.locator(".verdict-words")).to_contain_text("温度 0.05")

    open_lesson(page, 11)
    page.get_by_role("slider", name="top-k").fill("33")
    expect(page.locator(".view-choice .candidates tr:visible:not(.cut)")).to_have_count(
        11
    )  # ten and the heading
    expect_done(page)
    before = page.locator(".view-choice .verdict").inner_text()
    page.get_by_role("button", name="换一把骰子").click()
    expect(page.locator(".view-choice .verdict")).not_to_have_text(before)

    open_lesson(page, 12)
    ids = ids_of(loaded, LINE)
    shares = torch.log_softmax(trace_of(loaded, LINE).logits[0].double(), -1)
    bars = page.locator(".losses .loss").evaluate_all("bars => bars.map(bar => Number(bar.dataset.loss))")
    assert bars == pytest.approx([-float(shares[at - 1, ids[at]]) for at in range(2, len(ids))], rel=1e-5)


def test_terms_lead_to_their_pages_and_back(page: Page) -> None:
    page.get_by_role("button", name="词表").first.click()
    card = page.locator(".paragraph .card")
    expect(card).to_contain_text("全部词元排成的一张表")
    page.get_by_label("找一个词").fill("softmax")
    expect(page.locator(".glossary .entry:visible")).to_contain_text(["softmax"] * 3)
    open_lesson(page, 6)
    page.locator('.paragraph [data-term="head"]').press("Enter")
    page.locator(".paragraph .card .link").click()
    expect(page.locator(".attention .heads button")).to_have_count(36)
    open_tutorial(page)
    expect(page.locator(".lesson > h2 .number")).to_have_text("第六课")


def test_the_tutorial_speaks_english(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="What is a token")).to_be_visible()
    page.get_by_role("button", name="Next →").click()
    expect(page.get_by_role("heading", name="Lesson 2")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.locator(".lesson > h2 .number")).to_have_text("第二课")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_no_lesson_sticks_out(browser: Browser, address: str, width: int, scheme: str) -> None:
    with watched(browser, scheme=scheme) as seen:
        page = seen.page
        page.goto(address)
        open_tutorial(page)
        page.set_viewport_size({"width": width, "height": 844})
        for number in range(1, 15):
            contents = page.locator(".contents details")
            if contents.get_attribute("open") is None:
                contents.locator("summary").click()
            open_lesson(page, number)
            assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= innerWidth"), number
            root = page.locator(".tutorial")
            assert root.evaluate("root => root.scrollWidth <= root.clientWidth + 1"), number
        seen.assert_quiet()
