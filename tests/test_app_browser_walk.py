"""The page 全过程 in a real browser, used as a person would. Run: pytest tests/test_app_browser_walk.py

The numbers that it shows are compared with a trace made here. Every test ends with: nothing was asked of another
machine, nothing went wrong in the browser's console.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser, Page, expect
from torch import Tensor

from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems
from shici.model.trace import LayerTrace, Trace
from tests.browser import LINE, put_bar_away, type_line, watched
from tests.truth import trace_of, written

PLACES = ["始", "正文", *LINE]


@pytest.fixture
def page(page: Page) -> Page:
    """The page on a desktop, opened from the bar."""
    open_walk(page)
    return page


def open_walk(page: Page) -> None:
    page.get_by_role("link", name="全过程").click()
    expect(page.locator(".walk .candidates")).to_be_visible()


def unfold(page: Page, *blocks: str) -> None:
    for block in blocks:
        page.locator(f'[data-toggle="{block}"]').click()
        expect(page.locator(f'[data-toggle="{block}"]')).to_have_attribute("aria-expanded", "true")
        if block.isdigit():
            expect(page.locator('[data-figure="ln_1"]')).to_be_visible()


def assert_explained(page: Page, own: float) -> None:
    """The leaf shows the model's own number, and its formula comes to the same."""
    formula = page.locator(".walk .formula")
    shown = float((formula.get_attribute("data-trace") or "nan").replace("Infinity", "inf"))
    assert shown == pytest.approx(own, abs=1e-6, rel=1e-6)
    digits = 7 if abs(own) < 0.001 and own != 0 else 4
    expect(formula.locator(".name .num")).to_have_text(f"= {written(own, digits)}")
    expect(formula).not_to_have_attribute("data-result", "undefined")  # what it needs may have to be fetched
    result = float((formula.get_attribute("data-result") or "nan").replace("Infinity", "inf"))
    assert result == pytest.approx(own, abs=3e-5, rel=1e-5), formula.inner_text()


def matrices_of(trace: Trace, number: int, head: int) -> dict[str, Tensor]:
    """What each sheet of an unfolded layer shows, by its name on the page."""
    layer: LayerTrace = trace.layers[number]
    per_head = {
        "q": layer.q, "k": layer.k, "v": layer.v, "scores": layer.scores, "masked": layer.masked_scores,
        "weights": layer.weights, "out": layer.heads,
    }  # fmt: skip
    whole = ("ln_1", "attention", "residual_mid", "ln_2", "mlp_hidden", "mlp_activated", "mlp")
    return {
        "stream:0": trace.embedding[0],
        **{name: tensor[0, head] for name, tensor in per_head.items()},
        **{name: getattr(layer, name)[0] for name in whole},
        "concat": layer.heads[0].transpose(0, 1).flatten(1),
        f"stream:{number + 1}": layer.residual_out[0],
        "ln_f": trace.ln_f[0],
    }


def test_every_cell_is_the_models_own_and_follows_from_its_sources(page: Page, loaded: LoadedModel) -> None:
    unfold(page, "2", "heads", "mlp_block")
    page.locator('[data-head="2,4"]').click()
    trace, compared = trace_of(loaded, LINE), 0
    for name, matrix in matrices_of(trace, 2, 4).items():
        sheet = page.locator(f'[data-sheet="{name}"]')
        sheet.focus()
        row, column = len(PLACES) - 1, 0
        for key in ("ArrowUp", "ArrowRight", "ArrowRight", "ArrowDown"):
            sheet.press(key)
            row += {"ArrowUp": -1, "ArrowDown": 1}.get(key, 0)
            column += key == "ArrowRight"
            assert_explained(page, float(matrix[row, column]))
            compared += 1
    assert compared >= 60


def test_every_number_of_the_end_is_the_samplers(page: Page, loaded: LoadedModel) -> None:
    settings = SampleSettings(start=LINE)
    prompt = build_prompt(settings, loaded.vocabulary, loaded.model.config.block_size)
    step = next(iter(poems(loaded, prompt, settings))).step
    stages = {
        "logits": step.logits, "scaled": step.scaled, "probabilities": step.probabilities, "kept": step.kept,
    }  # fmt: skip
    expect(page.locator(".candidates .drawn th")).to_have_text(loaded.vocabulary.tokens[int(step.drawn[0])])
    likeliest = step.masked[0].topk(3).indices.tolist()
    for token in (*likeliest, int(step.drawn[0])):
        for name, stage in stages.items():
            page.locator(f'[data-cell="{name}"][data-token="{token}"]').hover()
            assert_explained(page, float(stage[0, token]))
    unfold(page, "output")
    whole = page.locator('[data-sheet="logits"]')
    whole.focus()
    whole.press("Shift+ArrowRight")  # 16 on from the first token
    assert_explained(page, float(step.logits[0, 16]))


def test_pointing_lights_up_the_sources(page: Page, loaded: LoadedModel) -> None:
    unfold(page, "0", "heads")
    expect(page.locator('[data-sheet="w_q"]')).to_be_visible()  # weights come behind the drawing

    def lit(name: str) -> Sequence[str]:
        return page.locator(f'[data-sheet="{name}"] i').evaluate_all("all => all.map(each => each.className)")

    page.locator('[data-sheet="q"]').hover(position={"x": 100, "y": 40})
    assert (lit("q"), lit("ln_1"), lit("w_q"), lit("k")) == (["target"], ["source"], ["source"], [])
    expect(page.locator(".walk .links path")).to_have_count(2)
    page.locator('[data-sheet="out"]').hover(position={"x": 100, "y": 100})
    assert (lit("out"), lit("weights"), lit("v"), lit("q")) == (["target"], ["source"], ["source"], [])
    expect(page.locator(".walk .formula .how")).to_contain_text("A V")
    page.locator('[data-sheet="out"]').click(position={"x": 100, "y": 100})  # held
    title = page.locator(".walk .formula .name b").inner_text()
    page.locator('[data-sheet="k"]').hover(position={"x": 60, "y": 20})
    expect(page.locator(".walk .formula .name b")).to_have_text(title)
    page.keyboard.press("Escape")
    page.locator('[data-sheet="k"]').hover(position={"x": 61, "y": 21})
    expect(page.locator(".walk .formula .name b")).to_contain_text("K[正文₂, ")
    width, size = 770 - 2, 384  # two pixels a number
    page.locator('[data-sheet="ln_1"]').hover(position={"x": 23 + width / size * 100.5, "y": 1 + 15 * 3.5})
    expect(page.locator(".walk .formula .name b")).to_have_text("n₁[日₄, 101]")
    assert_explained(page, float(trace_of(loaded, LINE).layers[0].ln_1[0, 3, 100]))


def test_the_guided_walk_goes_from_the_characters_to_the_drawn_one(page: Page) -> None:
    count, sentence = page.locator(".walk .count"), page.locator(".walk .sentence")
    said = set()
    total = int(count.inner_text().split("/")[1])
    assert 18 <= total <= 26
    for stage in range(1, total + 1):
        page.keyboard.press("n") if stage > 1 else page.get_by_role("button", name="下一步").click()
        expect(count).to_have_text(f"{stage} / {total}")
        expect(page.locator(".walk .formula")).to_be_visible()
        said.add(sentence.inner_text())
        assert "{" not in sentence.inner_text()
        if stage == 11:  # the softmax of the first head
            expect(page.locator('[data-sheet="weights"] .target')).to_be_visible()
    assert len(said) == total
    expect(page.locator(".walk .sentence")).to_contain_text(
        page.locator(".candidates .drawn th").inner_text()
    )
    page.keyboard.press("b")
    expect(count).to_have_text(f"{total - 1} / {total}")
    page.keyboard.press("p")
    expect(count).to_have_text(f"{total} / {total}")
    expect(page.get_by_role("button", name="播放")).to_be_visible()


def test_a_character_is_added_and_the_rest_stays(page: Page, loaded: LoadedModel) -> None:
    unfold(page, "1")
    cards = page.locator(".walk .card .glyph")
    drawn = page.locator(".candidates .drawn th").inner_text()
    page.get_by_role("button", name="落笔").click()
    expect(cards).to_have_text([*PLACES, drawn])
    expect(page.locator(".walk .added")).to_contain_text(f"前面 {len(PLACES)} 行")
    sheet = page.locator(
        '[data-sheet="mlp"]'
    )  # the layer is still unfolded, with new numbers and the same weights
    sheet.focus()
    sheet.press("ArrowRight")
    assert_explained(page, float(trace_of(loaded, LINE + drawn).layers[1].mlp[0, -1, 1]))
    page.get_by_role("link", name="逐字生成").click()
    expect(page.locator(".writing .verse .place .glyph")).to_have_text([*PLACES, drawn])
    open_walk(page)
    expect(page.locator('[data-figure="ln_1"]')).to_be_visible()
    page.locator('[data-sheet="mlp"]').focus()
    page.keyboard.press("ArrowUp")
    assert_explained(page, float(trace_of(loaded, LINE).layers[1].mlp[0, -1, 0]))
    page.get_by_role("button", name="退一字").click()
    expect(cards).to_have_text(PLACES)


def test_only_one_layer_is_unfolded_and_the_words_change_language(page: Page) -> None:
    unfold(page, "0", "3")
    expect(page.locator(".walk .unfolded")).to_have_count(1)
    expect(page.locator(".walk .unfolded")).to_have_attribute("data-layer", "3")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Write it")).to_be_visible()
    expect(page.locator(".walk .unfolded .toggle").first).to_contain_text("Layer 4")
    page.get_by_role("button", name="中文").click()
    type_line(page, "hello")
    expect(page.locator(".masthead .remark")).to_contain_text("模型不认识“h”")
    type_line(page, "空山新雨后，天气晚来秋。\n明月松间照，")
    expect(page.locator(".walk .card")).to_have_count(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_sticks_out(browser: Browser, address: str, scheme: str) -> None:
    with watched(browser, width=390, height=844, scheme=scheme) as seen:
        page = seen.page
        page.emulate_media(reduced_motion="reduce")
        page.goto(address)
        page.get_by_test_id("stExpandSidebarButton").click()
        open_walk(page)
        put_bar_away(page)
        for _ in range(9):
            page.get_by_role("button", name="下一步").click()
        expect(page.locator('[data-sheet="scores"] .target')).to_be_visible()
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= innerWidth")
        assert page.locator(".walk").evaluate("root => root.scrollWidth <= root.clientWidth + 1")
        leaf, target = (
            page.locator(".walk aside").bounding_box(),
            page.locator('[data-sheet="scores"] .target').bounding_box(),
        )
        assert leaf
        assert target
        assert 60 < target["y"] < leaf["y"]  # what is spoken of is not hidden
        page.get_by_role("button", name="算式").click()
        expect(page.locator(".walk .formula")).to_be_visible()
        page.get_by_role("button", name="算式").click()
        page.get_by_role("button", name="落笔").click()
        expect(page.locator(".walk .card")).to_have_count(len(PLACES) + 1)
        assert page.locator(".walk .veil:visible").count() == 0
        seen.assert_quiet()


@pytest.mark.parametrize("language", ["中文", "English"])
def test_on_a_phone_the_buttons_stay_and_the_cell_is_never_covered(
    browser: Browser, address: str, language: str
) -> None:
    with watched(browser, width=390, height=844) as seen:
        page = seen.page
        page.emulate_media(reduced_motion="reduce")
        page.goto(address)
        page.get_by_test_id("stExpandSidebarButton").click()
        open_walk(page)
        put_bar_away(page)
        if language == "English":
            page.get_by_role("button", name="English").click()
            expect(page.get_by_role("button", name="Next")).to_be_visible()
        leaf, next_, count = (
            page.locator(".walk aside"),
            page.locator('[data-guide="next"]'),
            page.locator(".count"),
        )
        expect(leaf).to_have_css("height", "150px")
        at = next_.bounding_box()
        total = int(count.inner_text().split("/")[1])
        for stage in range(1, total + 1):
            next_.click()
            expect(count).to_have_text(f"{stage} / {total}")
            target = page.locator(".walk .target").first
            expect(target).to_be_visible()
            assert (next_.bounding_box(), leaf.evaluate("leaf => leaf.clientHeight")) == (at, 148)
            page.wait_for_function(UNCOVERED, arg=60)
            telling = page.locator(".walk .telling")  # what is longer than the leaf says that it goes on
            assert telling.evaluate(
                """({ classList, firstChild: told }) =>
                    classList.contains("more") === (told.scrollHeight > told.clientHeight + 3)"""
            )
        page.get_by_role("button", name="算式" if language == "中文" else "Formula").click()
        expect(page.locator(".walk .formula")).to_be_visible()
        assert next_.bounding_box() == at
        page.wait_for_function(UNCOVERED, arg=60)
        seen.assert_quiet()


UNCOVERED = """head => {
    const find = (selector, root = document) => root.querySelector(selector)
        ?? [...root.querySelectorAll("*")].map(node => node.shadowRoot && find(selector, node.shadowRoot))
            .find(Boolean);
    const cell = find(".walk .target").getBoundingClientRect(), leaf = find(".walk aside").getBoundingClientRect();
    return cell.top >= head && cell.bottom <= leaf.top;
}"""


def test_the_keys_work_on_a_fresh_page(page: Page) -> None:
    page.keyboard.press("n")
    expect(page.locator(".walk .count")).to_have_text("1 / 26")
    page.get_by_label("开头一句").focus()
    page.keyboard.press("n")
    expect(page.locator(".walk .count")).to_have_text("1 / 26")
    expect(page.get_by_label("开头一句")).to_have_value(f"{LINE}n")
