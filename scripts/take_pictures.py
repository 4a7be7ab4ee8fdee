"""The README's pictures, taken of the running interface: docs/*.png and docs/writing.gif.

    python -m scripts.take_pictures [NAME ...]

Needs Chromium (scripts/install_browser.sh). The pages show the model that ships, so the pictures are taken anew when it
changes. The animation writes one quatrain, a frame a character; nothing in it is drawn by hand.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import PATIENCE, a_browser, a_server

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
DESKTOP = ViewportSize(width=1280, height=900)
COLOURS = 64  # paper, ink, vermilion and what lies between
PACE = 700  # ms between two characters of the animation
LINE = "两个黄鹂鸣翠柳，"


def open_page(page: Page, address: str, name: str, line: str = "") -> None:
    page.goto(f"{address}/{name}")
    if line:
        field = page.get_by_label("开头一句")
        field.fill(line)
        field.press("Enter")
        expect(page.locator(f".shici.{name}")).to_contain_text(line[-2])
    page.evaluate("document.fonts.ready")


def settle(page: Page) -> Image.Image:
    """The window as it stands once nothing is running any more."""
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.wait_for_timeout(400)  # pictures are drawn in the next frames
    return Image.open(io.BytesIO(page.screenshot()))


def save(pictures: list[Image.Image], path: Path) -> None:
    """One picture, or several as an animation, in few colours, which all of them share."""
    first = pictures[len(pictures) // 2].convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    drawn = [one.convert("RGB").quantize(palette=first, dither=Image.Dither.NONE) for one in pictures]
    pace = [PACE] * (len(drawn) - 1) + [5 * PACE]
    if drawn[1:]:
        drawn[0].save(path, optimize=True, save_all=True, append_images=drawn[1:], duration=pace, loop=0)
    else:
        drawn[0].save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e3:.0f} kB")


def in_form(page: Page, form: str) -> None:
    page.get_by_label("格律").select_option(form)
    expect(page.locator(".pattern .line")).to_have_count(4)


def draw(page: Page) -> None:
    before = page.locator(".writing .verse .place").count()
    page.get_by_role("button", name="落笔", exact=True).click()
    expect(page.locator(".writing .verse .place")).to_have_count(before + 1)


def writing(page: Page, address: str) -> list[Image.Image]:
    page.set_viewport_size({**DESKTOP, "height": 1480})
    open_page(page, address, "writing", "白日依山尽，")
    in_form(page, "五绝")
    for _ in range(7):
        draw(page)
    return [settle(page)]


def animation(page: Page, address: str) -> list[Image.Image]:
    open_page(page, address, "writing", LINE)
    in_form(page, "七绝")
    frames = [settle(page)]
    while page.get_by_role("button", name="落笔", exact=True).is_enabled():
        draw(page)
        frames.append(settle(page))
    return [
        frame.resize((frame.width * 3 // 4, frame.height * 3 // 4), Image.Resampling.LANCZOS)
        for frame in frames
    ]


def attention(page: Page, address: str) -> list[Image.Image]:
    page.set_viewport_size({**DESKTOP, "height": 1500})
    open_page(page, address, "attention", "白日依山尽，")
    page.get_by_role("button", name="续写").click()
    expect(page.locator(".attention .place.written").first).to_be_visible()
    page.locator(".attention .place.written").nth(8).hover()
    return [settle(page)]


def walk(page: Page, address: str) -> list[Image.Image]:
    page.set_viewport_size({**DESKTOP, "height": 1300})
    open_page(page, address, "walk", "床前明月光，")
    for block in ("4", "heads"):
        page.locator(f'[data-toggle="{block}"]').click()
        expect(page.locator(f'[data-toggle="{block}"]')).to_have_attribute("aria-expanded", "true")
    sheet = page.locator('[data-sheet="out"]')
    sheet.scroll_into_view_if_needed()
    sheet.hover(position={"x": 100, "y": 60})
    return [settle(page)]


def compose(page: Page, address: str) -> list[Image.Image]:
    page.set_viewport_size({**DESKTOP, "height": 1500})
    open_page(page, address, "compose")
    page.get_by_label("题目").fill("春夜")
    page.get_by_label("题目").press("Enter")
    page.get_by_label("藏头").first.fill("春江花月")
    page.get_by_label("藏头").first.press("Enter")
    expect(page.locator(".compose .cell.pinned")).to_have_count(4)
    page.get_by_role("button", name="落笔").click()
    expect(page.locator(".shelf .poem")).to_have_count(4)
    page.locator('.compose [data-at="1,4"]').hover()
    return [settle(page)]


PICTURES: dict[str, Callable[[Page, str], list[Image.Image]]] = {
    "writing.gif": animation, "writing.png": writing, "attention.png": attention, "walk.png": walk,
    "compose.png": compose,
}  # fmt: skip


def main(names: list[str]) -> None:
    expect.set_options(timeout=PATIENCE)
    with a_server(ROOT) as address, a_browser() as browser:
        for name in names or PICTURES:
            context = browser.new_context(viewport=DESKTOP, color_scheme="light", locale="zh-CN")
            context.set_default_timeout(PATIENCE)
            save(PICTURES[name](context.new_page(), address), DOCS / name)
            context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
