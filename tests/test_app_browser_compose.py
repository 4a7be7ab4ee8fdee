"""The page 作诗 in a real browser, used as a person would. Run: pytest tests/test_app_browser_compose.py"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from shici.app.composer import alternatives, readers_for
from shici.app.composition import Composition, Task, carry_out, starting
from shici.app.link import take_wishes
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.prosody.judge import REGULAR
from shici.prosody.verdict import judge
from tests.browser import watched


@pytest.fixture
def page(page: Page) -> Page:
    page.get_by_role("link", name="作诗").click()
    expect(page.locator(".compose .cell")).to_have_count(28)
    return page


def small(page: Page) -> None:
    """Two poems of a 五绝 with one particle each: the fastest."""
    page.get_by_role("button", name="五绝", exact=True).click()
    expect(page.locator(".compose .cell")).to_have_count(20)
    page.get_by_text("怎样写").click()
    page.get_by_label("几首").select_option("2")
    page.get_by_label("粒子").select_option("1")


def cell(page: Page, line: int, place: int) -> Locator:
    return page.locator(f'.compose [data-at="{line},{place}"]')


def sheet(page: Page) -> str:
    return "".join(page.locator(".compose .cell .glyph").all_inner_texts())


def write(page: Page) -> str:
    page.get_by_role("button", name="落笔").click()
    expect(page.locator(".shelf .poem")).to_have_count(2)
    expect(page.get_by_role("button", name="落笔")).to_be_visible()
    return sheet(page)


def compare_options(page: Page, loaded: LoadedModel, text: str, pins: str) -> int:
    """The shares on screen for some places are the model's; returns how many were compared."""
    asked = {"form": "五绝", "num_samples": "2", "particles": "1"}
    composition = Composition(take_wishes(starting(SampleSettings()), asked))
    composition.pins = {(line, 0): one for line, one in enumerate(pins)}
    composition.task = Task(fresh=True)
    carry_out(composition, loaded, readers_for(loaded, composition.settings), lambda done, total: None)
    version, planned = composition.shown, composition.plan
    assert version is not None
    assert planned is not None
    assert "".join(version.poem.text.values()) == text
    found, compared = alternatives(planned, version.poem, version.held), 0
    for line, place in ((0, 1), (1, 3), (2, 4), (3, 4)):
        cell(page, line, place).hover()
        for mode, name in (("follow", "后文随它改写"), ("only", "只换这一字")):
            page.get_by_role("tab", name=name).click()
            panel = page.locator(".compose .panel")
            expect(panel).to_have_attribute("data-mode", mode)
            assert (panel.get_attribute("data-line"), panel.get_attribute("data-place")) == (
                str(line),
                str(place),
            )
            rows = panel.locator("li").evaluate_all(
                "rows => rows.map(row => [row.dataset.text, row.dataset.share, row.innerText])"
            )
            options = found[mode][line, place]
            shown = [(text, pytest.approx(float(share), rel=1e-4)) for text, share, _ in rows]
            assert shown[: len(options.likeliest)] == list(options.likeliest)
            for _, share, words in rows:
                written = float(re.findall(r"([\d.]+)%", words)[-1])
                assert written == pytest.approx(100 * float(share), abs=0.051, rel=0.01)
            assert float(panel.get_attribute("data-mass") or 0) == pytest.approx(options.mass, rel=1e-4)
            compared += 2 * len(rows) + 1
    return compared


def test_a_poem_is_composed_changed_and_kept(
    page: Page, browser: Browser, address: str, loaded: LoadedModel, tmp_path: Path
) -> None:
    small(page)
    page.get_by_label("藏头").first.fill("春江花月")
    page.get_by_label("藏头").first.press("Enter")
    expect(page.locator(".compose .cell.pinned")).to_have_count(4)
    text = write(page)
    assert text[::5] == "春江花月"
    verse = [text[at : at + 5] for at in range(0, 20, 5)]
    assert judge(verse).regulated == REGULAR
    expect(page.locator(".compose .verdict")).to_have_text(f"五绝 · 合律 · 押{judge(verse).rhyme}")
    assert compare_options(page, loaded, text, "春江花月") > 100

    cell(page, 1, 2).click()  # stays while the pointer leaves
    cell(page, 3, 3).hover()
    expect(page.locator(".compose .cell.looked")).to_have_attribute("data-at", "1,2")
    page.get_by_role("tab", name="后文随它改写").click()
    other = page.locator(".compose .options li:not(.current)").nth(2)
    taken = other.get_attribute("data-text") or ""
    other.locator("button").click()
    expect(cell(page, 1, 2).locator(".glyph")).to_have_text(taken)
    expect(page.get_by_role("button", name="落笔")).to_be_visible()
    changed = sheet(page)
    assert changed[:7] == text[:7]
    assert changed[::5] == "春江花月"
    expect(page.get_by_label("链接")).to_have_value(re.compile("kept="))
    link = page.get_by_label("链接").input_value()
    with watched(browser) as seen:
        seen.page.goto(link)
        expect(seen.page.locator(".shelf .poem")).to_have_count(2)
        expect(cell(seen.page, 1, 2).locator(".glyph")).to_have_text(taken)
        expect(seen.page.get_by_role("button", name="落笔")).to_be_visible()
        assert sheet(seen.page) == changed
        seen.assert_quiet(probed=True)

    page.get_by_role("button", name="撤销").click()
    expect(cell(page, 1, 2).locator(".glyph")).to_have_text(text[7])
    assert sheet(page) == text
    page.get_by_role("button", name="制诗笺").click()
    expect(page.locator("img.card")).to_be_visible()
    with page.expect_download() as saving:
        page.get_by_role("button", name="存图 PNG").click()
    saving.value.save_as(tmp_path / "card.png")
    assert (tmp_path / "card.png").read_bytes().startswith(b"\x89PNG")
    page.locator('.shelf .poem[data-number="1"]').click()
    expect(page.locator('.shelf .poem[data-number="1"]')).to_have_attribute("aria-pressed", "true")
    assert sheet(page) != text


WRITTEN = "compose?form=五绝&num_samples=2&particles=1&seed=3"


def card(page: Page, number: int) -> Locator:
    return page.locator(f'.shelf .poem[data-number="{number}"]')


def text_on(card: Locator) -> str:
    return "".join(card.locator(".one").evaluate_all("all => all.map(one => one.firstChild.data)"))


def opened(page: Page, address: str) -> str:
    """The two poems of WRITTEN, the first in the grid; its text."""
    page.goto(f"{address}/{WRITTEN}")
    expect(page.locator(".shelf .poem")).to_have_count(2)
    expect(page.locator(".compose .cell.model")).to_have_count(20)
    expect(page.get_by_role("button", name="落笔")).to_be_visible()
    return sheet(page)


def test_how_much_the_title_weighs_is_asked_where_there_is_one(page: Page) -> None:
    small(page)
    weight = page.get_by_label("切题")
    expect(weight).to_be_hidden()
    page.get_by_label("题目").fill("梅花")
    page.get_by_label("题目").press("Tab")
    expect(weight).to_be_visible()
    expect(weight).to_have_value("2")
    weight.fill("3.5")
    write(page)
    expect(page.get_by_label("链接")).to_have_value(re.compile(r"guidance_scale=3\.5"))
    page.get_by_label("题目").fill("")
    page.get_by_label("题目").press("Tab")
    expect(weight).to_be_hidden()


def test_a_change_stays_with_its_poem_whatever_is_clicked(browser: Browser, address: str) -> None:
    with watched(browser) as seen:
        page = seen.page
        text = opened(page, address)
        cell(page, 0, 1).click()
        page.get_by_role("tab", name="只换这一字").click()
        page.locator(".compose .options li:not(.current) button").first.click()
        expect(card(page, 0)).to_contain_text("已改")
        changed = sheet(page)
        assert changed != text
        assert text_on(card(page, 0)) == changed
        card(page, 0).click()
        card(page, 1).click()
        expect(card(page, 1)).to_have_attribute("aria-pressed", "true")
        assert text_on(card(page, 0)) == changed
        page.get_by_role("button", name="词", exact=True).click()
        expect(page.locator(".compose .cell")).to_have_count(42)
        expect(page.get_by_role("heading", name="写成 2 首 · 五绝")).to_be_visible()
        card(page, 0).click()
        expect(page.locator(".compose .cell")).to_have_count(20)
        assert sheet(page) == changed
        expect(page.get_by_role("button", name="五绝", exact=True)).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_label("链接")).to_have_value(re.compile("kept="))
        page.get_by_role("button", name="撤销").click()
        expect(page.get_by_role("button", name="撤销")).to_be_disabled()
        assert sheet(page) == text
        seen.assert_quiet(probed=True)


def test_another_batch_leaves_what_was_changed_and_its_link_gives_it(browser: Browser, address: str) -> None:
    with watched(browser) as seen:
        page = seen.page
        opened(page, address)
        command, note = page.get_by_label("命令行"), page.locator(".copyable .note")
        drawn = command.input_value()
        expect(note).to_have_text(["打开它，就是同一首诗。", "写出同样的这几首。"])
        cell(page, 1, 1).click()
        page.get_by_role("tab", name="只换这一字").click()
        page.locator(".compose .options li:not(.current) button").first.click()
        expect(card(page, 0)).to_contain_text("已改")
        changed = sheet(page)
        as_drawn = "写出的是这一批没有改过的样子；改过的，用链接。"
        expect(note).to_have_text(["打开它，就是改过的这一首。", as_drawn])
        assert command.input_value() == drawn
        page.get_by_role("button", name="换一批").click()
        expect(page.locator(".shelf .before .poem")).to_have_count(1)
        expect(page.locator(".compose .remark:visible")).to_have_text("先前改过的 1 首收在新的一批下面。")
        expect(note.first).to_have_text(re.compile("^打开它，就是同一首诗。 别的改过的诗不在其中"))
        assert text_on(page.locator(".shelf .before .poem")) == changed
        page.locator(".shelf .before .poem").click()
        expect(page.locator(".shelf .before .poem")).to_have_attribute("aria-pressed", "true")
        assert sheet(page) == changed
        expect(note).to_have_text(["打开它，就是改过的这一首。", as_drawn])
        link = page.get_by_label("链接").input_value()
        with watched(browser) as other:
            other.page.goto(link)
            expect(card(other.page, 0)).to_contain_text("已改")
            assert sheet(other.page) == text_on(card(other.page, 0)) == changed
            other.assert_quiet(probed=True)
        page.reload()  # the address is the link
        expect(card(page, 0)).to_contain_text("已改")
        assert sheet(page) == changed
        seen.assert_quiet(probed=True)


def test_back_leads_to_the_page_before_however_many_poems_were_looked_at(page: Page) -> None:
    small(page)
    write(page)
    for number in (1, 0, 1):
        card(page, number).click()
        expect(page).to_have_url(re.compile(f"/compose.*&poem={number}$"))
    page.go_back()
    expect(page.get_by_role("heading", name="逐字生成")).to_be_visible()
    page.go_forward()
    expect(page.locator(".shelf .poem")).to_have_count(2)
    expect(page).to_have_url(re.compile("/compose.*&poem=1$"))


def test_the_keys_answer_wherever_the_focus_is_but_in_a_field(browser: Browser, address: str) -> None:
    with watched(browser) as seen:
        page = seen.page
        text = opened(page, address)
        assert page.evaluate("document.activeElement === document.body")
        page.keyboard.press("Control+2")  # the browser's own
        page.get_by_label("题目").focus()
        page.keyboard.press("2")
        assert page.get_by_label("题目").input_value() == "2"
        page.get_by_label("题目").fill("")
        page.get_by_role("heading", name="作诗").click()
        options = page.locator(".compose .options li")
        number = 1 if "current" not in (options.first.get_attribute("class") or "") else 2
        wanted = options.nth(number - 1).get_attribute("data-text") or ""
        assert sheet(page) == text
        page.keyboard.press(str(number))
        expect(cell(page, 0, 0).locator(".glyph")).to_have_text(wanted)
        expect(page.get_by_role("button", name="撤销")).to_be_enabled()
        assert wanted != text[0]
        seen.assert_quiet(probed=True)


@pytest.mark.parametrize("secure", [True, False])
def test_the_text_of_a_poem_is_copied(browser: Browser, address: str, secure: bool) -> None:
    """On http from another machine the browser has no clipboard to offer."""
    with watched(browser) as seen:
        page = seen.page
        if secure:
            page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        else:
            page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        text = opened(page, address)
        button = page.locator(".keeping").get_by_role("button", name="复制诗文")
        button.click()
        expect(page.locator(".keeping .copy").first).to_have_text("已复制")
        expect(button).to_be_visible()  # again, after a while
        page.get_by_label("开头").fill("")
        page.get_by_label("开头").press("Control+V")
        lines = [text[at : at + 5] for at in range(0, 20, 5)]
        expect(page.get_by_label("开头")).to_have_value(
            re.compile("五绝 *" + " *".join(f"{line}[，。]" for line in lines))
        )
        page.locator(".shelf .kept").nth(1).get_by_role("button", name="复制诗文").click()
        expect(page.locator(".shelf .kept").nth(1).locator(".copy")).to_have_text("已复制")
        expect(card(page, 0)).to_have_attribute("aria-pressed", "true")
        seen.assert_quiet(probed=True)


def test_on_a_phone_a_tap_brings_the_candidates_up(browser: Browser, address: str) -> None:
    with watched(browser, width=390, height=844) as seen:
        page = seen.page
        opened(page, address)
        cell(page, 0, 2).scroll_into_view_if_needed()
        cell(page, 0, 2).click()
        expect(page.locator(".compose .panel")).to_be_in_viewport(ratio=0.95)
        expect(page.locator(".compose .panel h3 b")).to_have_text(sheet(page)[2])
        seen.assert_quiet(probed=True)


def test_a_long_tune_is_whole_on_its_card(browser: Browser, address: str) -> None:
    with watched(browser) as seen:
        seen.page.goto(f"{address}/compose?form=词&tune=沁园春&num_samples=2&particles=1&seed=3")
        expect(seen.page.locator(".shelf .poem")).to_have_count(2)
        for body in seen.page.locator(".shelf .body").all():
            assert body.evaluate("body => body.scrollWidth <= body.clientWidth")
        assert seen.page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= innerWidth")
        for mark in (".shelf .one i", ".compose .cell .mark"):
            size = seen.page.locator(mark).first.evaluate(
                "mark => parseFloat(getComputedStyle(mark).fontSize)"
            )
            assert size >= 10
        seen.assert_quiet(probed=True)


def test_a_field_says_what_is_wrong_with_it_and_keeps_what_was_typed(page: Page) -> None:
    page.get_by_role("button", name="词", exact=True).click()
    expect(page.locator(".compose .cell")).to_have_count(42)
    search = page.get_by_role("searchbox")
    search.fill("菩萨曼")
    search.press("Enter")
    expect(search).to_have_attribute("aria-invalid", "true")
    expect(search).to_have_value("菩萨曼")
    expect(page.locator(".compose .picker [role=alert]")).to_contain_text("菩萨蛮")
    title = page.get_by_label("题目")
    title.fill("spring 早春")
    title.press("Enter")
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_have_text(re.compile("^题目：模型不认识“s”“p”"))
    expect(title).to_have_value("spring 早春")
    title.fill("早春")
    title.press("Enter")
    expect(title).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_characters_are_typed_into_the_squares(page: Page) -> None:
    keyboard, marks = page.keyboard, page.locator(".compose .cell .mark")
    assert marks.nth(1).inner_text() == "⊙"
    cell(page, 0, 1).click()
    composing = page.context.new_cdp_session(page)
    composing.send("Input.imeSetComposition", {"text": "yue", "selectionStart": 3, "selectionEnd": 3})
    assert page.locator(".compose .cell.pinned").count() == 0, "nothing is pinned while the method composes"
    composing.send("Input.insertText", {"text": "月"})
    expect(cell(page, 0, 1).locator(".glyph")).to_have_text("月")
    expect(cell(page, 0, 3).locator(".mark")).to_have_text("○")  # the fourth place answers the second
    expect(cell(page, 1, 1).locator(".mark")).to_have_text("○")
    cell(page, 1, 1).click()
    keyboard.insert_text("雪")
    expect(page.locator(".compose .cell.bad")).to_have_count(2)
    expect(page.get_by_role("alert")).to_contain_text("第1句第2字“月”（仄）、第2句第2字“雪”（仄）放不到一起")
    keyboard.press("Backspace")
    keyboard.press("Backspace")
    expect(page.locator(".compose .cell.bad")).to_have_count(0)
    keyboard.press("ArrowLeft")  # the next line
    keyboard.insert_text("一年，三")
    expect(cell(page, 2, 1).locator(".glyph")).to_have_text("年")
    for typed, said in (("🐉", "格子里只能填汉字"), ("<", "格子里只能填汉字"), ("龍", "龍→龙")):
        cell(page, 3, 0).click()
        keyboard.insert_text(typed)
        expect(page.locator(".compose .remark:visible")).to_contain_text([said])
    cell(page, 0, 0).click()
    keyboard.insert_text("明月" * 1500)
    expect(page.locator(".compose .remark:visible").last).to_contain_text("多出的 2972 字没有填")
    page.get_by_label("题目").fill("<img src=x onerror=document.title='taken'>")
    page.get_by_label("题目").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    assert page.title() != "taken"
    assert page.locator('[data-testid="stException"]').count() == 0
    page.get_by_role("button", name="清空定字").click()
    expect(page.locator(".compose .cell.pinned")).to_have_count(0)


def test_a_tune_is_found_and_laid_out(page: Page) -> None:
    page.get_by_role("button", name="词", exact=True).click()
    search = page.get_by_role("searchbox")
    search.fill("大江东")
    expect(page.locator(".compose .tunes [role=option]")).to_have_text(["念奴娇 又名大江东去"])
    search.press("Enter")
    expect(page.locator(".compose .cell")).to_have_count(100)
    search.fill("如梦")
    page.get_by_role("option", name="如梦令").click()
    expect(page.locator(".compose .cell")).to_have_count(33)
    assert page.locator('.compose .cell[data-rhyme="2"]').count() >= 5


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 900, "light"), (390, 844, "dark")])
def test_nothing_sticks_out(browser: Browser, address: str, width: int, height: int, scheme: str) -> None:
    with watched(browser, width=width, height=height, scheme=scheme) as seen:
        seen.page.goto(f"{address}/compose")
        for form, cells in (("七律", 56), ("词", 42)):
            seen.page.get_by_role("button", name=form, exact=True).click()
            expect(seen.page.locator(".compose .cell")).to_have_count(cells)
            assert seen.page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= innerWidth")
            assert seen.page.locator(".compose").evaluate("root => root.scrollWidth <= root.clientWidth + 1")
        seen.assert_quiet(probed=True)


# Whether the hint of a field, or what a select says, is seen whole: as wide as the same words on a line of their own.
FITS = """field => {
    const line = document.createElement("span");
    const [style, arrow] = [getComputedStyle(field), field.tagName === "SELECT" ? 20 : 0];
    Object.assign(line.style, { font: style.font, letterSpacing: style.letterSpacing, position: "absolute" });
    line.textContent = field.placeholder || field.selectedOptions[0].textContent;
    field.getRootNode().querySelector(".shici").append(line);
    const needed = line.getBoundingClientRect().width + arrow;
    line.remove();
    return needed <= field.clientWidth;
}"""


def test_the_page_speaks_english(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Compose")).to_be_visible()
    expect(page.get_by_role("button", name="Write", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="七绝 4 lines of 7")).to_be_visible()
    expect(page.get_by_label("Dynasty").locator("option", has_text="唐")).to_have_text("唐 Tang")
    for field in page.locator(".compose .filler").locator("input, select").all():
        assert field.evaluate(FITS)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="作诗")).to_be_visible()
