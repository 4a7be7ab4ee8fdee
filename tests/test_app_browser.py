"""The pages in a real browser, used as a person would. Run: pytest tests/test_app_browser.py

Every test ends with: nothing was asked of another machine, nothing went wrong in the browser's console.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

from shici.app.reading import constraints_at, uniform
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.constraints import allowed_by_all
from shici.generation.runtime import cuts_of
from shici.generation.sampler import Step, take_step
from tests.browser import type_line, watched
from tests.truth import ids_of, trace_of, written

LINE = "红豆生南国，"


def verse(page: Page, which: str) -> Locator:
    return page.locator(f".{which} .verse .place .glyph")


def open_attention(page: Page) -> None:
    page.get_by_role("link", name="注意力").click()
    expect(page.locator(".attention .heads button")).to_have_count(36)


def step_of(loaded: LoadedModel, body: str, *, drawn: int = 0, **settings: float) -> Step:
    """The sampler's stages behind `body`, of whose characters the last `drawn` were."""
    chosen = SampleSettings(**settings)  # type: ignore[arg-type]
    logits = trace_of(loaded, body).logits[:, -1]
    allowed = allowed_by_all(constraints_at(loaded, ids_of(loaded, LINE), [0] * drawn))
    throw = torch.tensor([uniform(chosen.seed, 0, drawn)], dtype=torch.float64)
    return take_step(logits, allowed, cuts_of(chosen), throw)


# 逐字生成


def candidates(page: Page) -> list[tuple[int, list[float], list[str]]]:
    """The rows on screen: token, the four numbers in full, and as written."""
    rows = page.locator(".candidates tbody tr:visible").evaluate_all(
        """rows => rows.map(row => [Number(row.dataset.token),
            [...row.querySelectorAll("td[data-value]")].map(cell => Number(cell.dataset.value)),
            [...row.querySelectorAll("td[data-value]")].map(cell => cell.textContent)])"""
    )
    return [(token, numbers, texts) for token, numbers, texts in rows]


def assert_candidates(page: Page, step: Step) -> int:
    """Every number on screen is the sampler's; returns how many were compared."""
    rows = candidates(page)
    stages = (step.logits, step.scaled, step.probabilities, step.kept)
    for token, numbers, texts in rows:
        expected = [float(stage[0, token]) for stage in stages]
        assert numbers == pytest.approx(expected, abs=1e-5, rel=1e-5)
        assert [float(text.replace("−", "-")) for text in texts[:2]] == pytest.approx(expected[:2], abs=6e-4)
        for text, share in zip(texts[2:], expected[2:], strict=True):
            assert (text == "—") == (share == 0)
            assert share == 0 or float(text.rstrip("%")) == pytest.approx(100 * share, abs=0.051, rel=0.1)
    likeliest = step.masked[0].topk(18).indices.tolist()
    assert [token for token, *_ in rows[:18]] == likeliest
    drawn = page.locator(".candidates tr.drawn")
    expect(drawn).to_have_attribute("data-token", str(int(step.drawn[0])))
    return 4 * len(rows)


def test_the_candidates_are_the_samplers_and_follow_the_sliders(page: Page, loaded: LoadedModel) -> None:
    type_line(page, LINE)
    expect(verse(page, "writing")).to_have_text(["始", "正文", *LINE])
    compared = assert_candidates(page, step_of(loaded, LINE))
    assert page.locator(".check").get_attribute("data-same") == "true"
    assert float(page.locator(".check").get_attribute("data-apart") or 1) < 1e-6

    temperature = page.get_by_role("slider", name="温度")
    for _ in range(6):
        temperature.press("ArrowRight")
    expect(page.locator(".slider .num").first).to_have_text("1.10")
    compared += assert_candidates(page, step_of(loaded, LINE, temperature=1.1))
    page.get_by_role("slider", name="top-p").fill("0.4")
    compared += assert_candidates(page, step_of(loaded, LINE, temperature=1.1, top_p=0.4))
    temperature.fill("0")
    compared += assert_candidates(page, step_of(loaded, LINE, temperature=0, top_p=0.4))
    assert compared >= 200
    # once the hand rests, the server reckons with the same settings
    expect(page.locator(".check")).to_be_visible()
    assert page.locator(".check").get_attribute("data-same") == "true"
    assert float(page.locator(".check").get_attribute("data-apart") or 1) < 1e-6


def test_a_poem_is_written_undone_and_branched(page: Page, loaded: LoadedModel) -> None:
    type_line(page, LINE)
    poem = verse(page, "writing")
    body = LINE
    for number in range(3):
        drawn = loaded.vocabulary.tokens[int(step_of(loaded, body, drawn=number).drawn[0])]
        page.get_by_role("button", name="落笔").click()
        body += drawn
        expect(poem).to_have_text(["始", "正文", *body])
        assert_candidates(page, step_of(loaded, body, drawn=number + 1))
    page.get_by_role("button", name="退一字").click()
    expect(poem).to_have_text(["始", "正文", *body[:-1]])
    other = page.locator(".candidates .take").nth(1)
    taken = other.locator(".glyph").inner_text()
    other.click()
    expect(poem).to_have_text(["始", "正文", *body[:-1], taken])
    branches = page.locator(".tree .letter text")
    expect(branches).to_have_text(["起", *body[len(LINE) :], taken])
    page.locator('.tree .letter[data-node="2"]').click()
    expect(poem).to_have_text(["始", "正文", *body])
    page.locator('.tree .letter[data-node="0"]').focus()
    page.keyboard.press("Enter")
    expect(poem).to_have_text(["始", "正文", *body[: len(LINE) + 1]])
    page.keyboard.press("ArrowRight")
    expect(poem).to_have_text(["始", "正文", *body[: len(LINE) + 2]])
    page.get_by_role("button", name="清空").click()
    expect(poem).to_have_text(["始", "正文", *LINE])


def test_every_one_of_six_quick_clicks_writes(page: Page, loaded: LoadedModel) -> None:
    """Quicker than the server answers; the first of them before it has read the line."""
    body = LINE
    for number in range(6):
        body += loaded.vocabulary.tokens[int(step_of(loaded, body, drawn=number).drawn[0])]
    draw = page.get_by_role("button", name="落笔")
    expect(draw).to_be_visible()
    type_line(page, LINE)
    draw.evaluate(
        """async (button) => {
            for (let i = 0; i < 6; i++) {
                button.click();
                await new Promise((next) => setTimeout(next, 50));
            }
        }"""
    )
    expect(verse(page, "writing")).to_have_text(["始", "正文", *body.replace("\n", "↵")])


def test_playing_writes_until_it_is_stopped(page: Page) -> None:
    type_line(page, LINE)
    expect(verse(page, "writing")).to_have_text(["始", "正文", *LINE])
    page.get_by_label("快慢").select_option("fast")
    page.get_by_role("button", name="连写").click()
    expect(page.locator(".writing .place.written").nth(7)).to_be_visible()
    stop = page.get_by_role("button", name="停", exact=True)
    if stop.count():
        stop.click()
    expect(page.get_by_role("button", name="连写")).to_be_visible()
    marks = page.locator(".writing .place.written .mark").all_inner_texts()
    assert {"○", "●"} <= set(marks)


def test_the_dice_name_what_lies_under_the_pointer(page: Page) -> None:
    bar = page.locator(".dice canvas")
    expect(bar).to_be_visible()
    drawn = page.locator(".verdict b").inner_text()
    assert (bar.get_attribute("aria-label") or "").endswith(f"→ {drawn}")
    frame = bar.bounding_box()
    assert frame is not None
    bar.hover(position={"x": frame["width"] * 0.5, "y": 110})  # the lens, near its middle
    expect(page.locator(".writing .tip")).to_contain_text("概率")


# 注意力


def table(page: Page, name: str) -> list[list[str]]:
    """The numbers of a matrix, as written."""
    figure = page.locator(f'[data-figure="{name}"]')
    if figure.locator("table").count() == 0:
        figure.locator("summary").click()
        expect(figure.locator("table")).to_be_visible()
    return figure.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
    )


def test_every_number_of_a_head_is_the_traces(page: Page, loaded: LoadedModel) -> None:
    type_line(page, LINE)
    open_attention(page)
    trace = trace_of(loaded, LINE)
    page.locator('[data-head="2,5"]').click()
    expect(page.locator(".within h2 .red")).to_have_text("第 3 层 · 第 6 头")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".within h2 .red")).to_have_text("第 4 层 · 第 5 头")
    layer, head = trace.layers[3], 4
    matrices = {
        "q": layer.q, "k": layer.k, "v": layer.v, "scores": layer.scores, "masked": layer.masked_scores,
        "weights": layer.weights, "out": layer.heads,
    }  # fmt: skip
    compared = 0
    for name, matrix in matrices.items():
        expected = [[written(number) for number in row] for row in matrix[0, head].tolist()]
        shown = table(page, name)
        assert shown == expected, name
        compared += sum(map(len, shown))
    assert compared >= 200


def test_a_formula_ends_at_the_models_own_number(page: Page, loaded: LoadedModel) -> None:
    type_line(page, LINE)
    open_attention(page)
    layer = trace_of(loaded, LINE).layers[0]
    formula = page.locator(".formula")
    for name, matrix in (
        ("scores", layer.scores), ("masked", layer.masked_scores), ("weights", layer.weights), ("out", layer.heads),
        ("q", layer.q), ("k", layer.k), ("v", layer.v),
    ):  # fmt: skip
        page.locator(f'canvas[data-matrix="{name}"]').focus()
        page.keyboard.press("ArrowUp")  # from the last row's first cell
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        own = float(matrix[0, 0, -2, 3])
        assert float(formula.get_attribute("data-trace") or "nan") == pytest.approx(own, abs=1e-6), name
        if name in "qkv":
            expect(formula).to_contain_text("归一之后的 384 个数")
        else:
            assert float(formula.get_attribute("data-result") or "nan") == pytest.approx(own, abs=2e-6), name
            expect(formula.locator(".result")).to_have_text(written(own))


def test_the_pointer_finds_the_cell(page: Page, loaded: LoadedModel) -> None:
    type_line(page, LINE)
    open_attention(page)
    weights = trace_of(loaded, LINE).layers[0].weights[0, 0]
    canvas = page.locator('canvas[data-matrix="weights"]')
    canvas.scroll_into_view_if_needed()
    canvas.hover(position={"x": 26 + 16 * 1.5, "y": 20 + 16 * 4.5})  # row 4, column 1, of cells 16 px wide
    expect(page.locator(".formula .name")).to_have_text("生 → 正文")
    own = float(page.locator(".formula").get_attribute("data-trace") or "nan")
    assert own == pytest.approx(float(weights[4, 1]), abs=1e-6)


def test_a_character_lights_up_what_it_looks_at(page: Page, loaded: LoadedModel) -> None:
    type_line(page, LINE)
    open_attention(page)
    weights = trace_of(loaded, LINE).layers[0].weights[0, 0]
    for place in (4, 6):
        page.locator(f'.attention [data-place="{place}"]').hover()
        row = weights[place].tolist()
        shown = page.locator(".attention .share").all_inner_texts()
        expected = [written(w, 2).lstrip("0") if w >= 0.01 else "" for w in row[: place + 1]]
        assert shown == expected + [""] * (len(row) - place - 1)
        first = max(range(place + 1), key=row.__getitem__)
        expect(page.locator(".attention .looking b").first).to_have_text(["始", "正文", *LINE][first])
        assert page.locator(".arcs .bright path").count() == sum(w > 0.004 for w in row[: place + 1])


def test_what_is_written_on_can_be_looked_at_here_and_on_the_other_page(
    page: Page, loaded: LoadedModel
) -> None:
    type_line(page, LINE)
    open_attention(page)
    page.get_by_role("spinbutton", name="字").fill("6")
    page.get_by_role("button", name="续写").click()
    expect(page.locator(".attention .place.written")).to_have_count(6)
    places = verse(page, "attention").all_inner_texts()
    body = "".join(places[2:]).replace("↵", "\n")
    weights = trace_of(loaded, body).layers[0].weights[0, 0]
    assert table(page, "weights") == [[written(number) for number in row] for row in weights.tolist()]
    page.get_by_role("link", name="逐字生成").click()
    expect(verse(page, "writing")).to_have_text(places)
    open_attention(page)
    page.get_by_role("button", name="回到原句").click()
    expect(verse(page, "attention")).to_have_text(["始", "正文", *LINE])


@pytest.mark.parametrize(
    ("button", "start"), [("存图 PNG", b"\x89PNG\r\n"), ("存图 SVG", b"<svg ")], ids=["png", "svg"]
)
def test_a_picture_can_be_saved(page: Page, tmp_path: Path, button: str, start: bytes) -> None:
    open_attention(page)
    with page.expect_download() as saving:
        page.get_by_role("button", name=button).click()
    path = tmp_path / saving.value.suggested_filename
    saving.value.save_as(path)
    picture = path.read_bytes()
    assert picture.startswith(start)
    assert len(picture) > 2000


# all pages

PAGES: Sequence[tuple[str, Callable[[Page], None]]] = (
    ("writing", lambda page: None),
    ("attention", open_attention),
)


TYPED = (
    ("<img src=x onerror=document.title='taken'>", "模型不认识“<”"),
    ("龍飛鳳舞🐉", "模型不认识“🐉”"),
    ("hello", "模型不认识“h”"),
    ("床前明月光" * 600, "模型一次只看得到 256 个"),
    ("牀前明月光", "牀→床"),
)


@pytest.mark.parametrize(("name", "opened"), PAGES, ids=[name for name, _ in PAGES])
def test_whatever_is_typed_is_answered_in_words(
    page: Page, name: str, opened: Callable[[Page], None]
) -> None:
    opened(page)
    for typed, said in TYPED:
        type_line(page, typed)
        expect(page.locator(".masthead .remark")).to_contain_text(said)
        assert page.locator("img[src=x]").count() == 0
        assert page.title() != "taken"
        assert page.locator('[data-testid="stException"]').count() == 0
        if "不认识" not in said:
            expect(page.locator(f".{name} .verse")).to_be_visible()
    type_line(page, "空山")
    expect(verse(page, name)).to_have_text(["始", "正文", "空", "山"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_nothing_sticks_out(browser: Browser, address: str, width: int, height: int, scheme: str) -> None:
    """No page is wider than the screen, on a desktop and on a phone, by day and by night."""
    with watched(browser, width=width, height=height, scheme=scheme) as seen:
        page = seen.page
        page.goto(address)
        type_line(page, "落霞与孤鹜齐飞，秋水共长天一色。\n" * 6)
        expect(verse(page, "writing")).to_have_count(103)
        for number, (name, _) in enumerate(PAGES):
            if number:
                if width < 600:
                    page.get_by_test_id("stExpandSidebarButton").click()
                page.get_by_role("link", name="注意力").click()
                expect(page.locator(f".{name}")).to_be_visible()
            assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= innerWidth"), name
            assert page.locator(f".{name}").evaluate("root => root.scrollWidth <= root.clientWidth + 1"), name
            paper = page.locator(f".{name}").evaluate("root => getComputedStyle(root).color")
            assert (sum(map(int, paper.strip("rgb()").split(","))) > 380) == (scheme == "dark")
        seen.assert_quiet()


IN_SIGHT = """place => {
    const frame = place.closest(".verse").getBoundingClientRect(), box = place.getBoundingClientRect();
    return box.left >= frame.left - 1 && box.right <= frame.right + 1;
}"""


def test_the_end_of_a_long_poem_is_in_sight(page: Page) -> None:
    """Verse overflows to the left, where an ordinary box could not follow it."""
    type_line(page, "落霞与孤鹜齐飞，秋水共长天一色。\n" * 12)
    for which in ("writing", "attention"):
        if which == "attention":
            open_attention(page)
        places = page.locator(f".{which} .verse .place")
        expect(places).to_have_count(205)
        assert places.last.evaluate(IN_SIGHT)
        assert not places.nth(2).evaluate(IN_SIGHT)
        places.nth(2).scroll_into_view_if_needed()
        assert places.nth(2).evaluate(IN_SIGHT)


def test_the_interface_speaks_english(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Step by step")).to_be_visible()
    expect(page.get_by_role("button", name="Write it")).to_be_visible()
    page.get_by_role("link", name="Attention").click()
    expect(page.get_by_role("heading", name="36 heads")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="36 个头")).to_be_visible()
