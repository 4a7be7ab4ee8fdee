"""The page 训练 in a real browser, used as a person would. Run: pytest tests/test_app_browser_training.py

Every test ends with: nothing was asked of another machine, nothing went wrong in the browser's console.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from shici.app.pages.training import called
from shici.checkpoint import PRETRAINED
from shici.training.history import HISTORY, Record, read_history
from shici.training.journal import COLUMNS, LOG, read_log
from tests.browser import a_server, watched
from tests.test_app_training import a_history, a_log


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run elsewhere, which the interface is told of."""
    return tmp_path_factory.mktemp("a-run")


@pytest.fixture(scope="module")
def address(root: Path, run: Path) -> Iterator[str]:
    with a_server(root, f"--out_dir={run}") as address:
        yield address


@pytest.fixture
def page(page: Page) -> Page:
    """The page as it opens with the shipped model's history."""
    page.get_by_role("link", name="训练").click()
    expect(page.locator(".training .following li").first).to_be_visible()
    page.get_by_label("看哪一次训练").select_option("")
    expect(page.locator(".training .status")).to_contain_text("随附的模型")
    return page


def compared(page: Page, record: Record, prompt: int) -> int:
    """Everything on screen is the record's; returns how many numbers were compared."""
    expect(page.locator(".training .status b")).to_have_text(f"第 {record.step:,} 步")
    writing = record.writings[prompt]
    written = page.locator(".training .verse .place.written .glyph").all_text_contents()
    assert "".join(written).replace("↵", "\n") == writing.text + ("诗终" if writing.ended else "")
    rows = page.locator(".training .following li")
    shown = rows.evaluate_all(
        "rows => rows.map(row => [Number(row.dataset.share), row.querySelector('.num').textContent])"
    )
    assert [share for share, _ in shown] == [share for _, share in writing.following]
    for share, text in shown:
        assert float(text.rstrip("%")) == pytest.approx(100 * share, abs=0.051, rel=0.1)
    shares = page.locator(".training .shares dd .num").evaluate_all(
        "cells => cells.map(cell => Number(cell.dataset.share))"
    )
    own = record.shares
    assert shares == [own.punctuation, own.length, own.rhyme, own.tone]
    expect(page.locator(".training .shares .marker")).to_have_attribute("data-step", str(record.step))
    return len(shown) + len(shares)


def test_the_slider_shows_each_step_without_asking_the_server(page: Page) -> None:
    history = read_history(PRETRAINED / HISTORY)
    slider = page.get_by_role("slider", name="训练到第几步")
    page.evaluate("""() => { window.sent = 0; const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (data) { window.sent += 1; return send.call(this, data); }; }""")
    number = compared(page, history.records[-1], 0)
    slider.press("Home")
    number += compared(page, history.records[0], 0)
    for record in history.records[1:]:
        slider.press("ArrowRight")
        number += compared(page, record, 0)
    assert number >= 100
    assert page.evaluate("window.sent") <= 1 + len(history.records) // 4  # the look every 20 seconds, at most
    for prompt, document in enumerate(history.plan.prompts):
        page.get_by_role("tab", name=called(document, "zh")).click()
        compared(page, history.records[-1], prompt)
        expect(page.locator(".training .card")).to_have_count(len(history.records))


def test_a_poem_of_the_strip_and_a_point_of_the_chart_lead_to_their_step(page: Page) -> None:
    records = read_history(PRETRAINED / HISTORY).records
    page.locator(".training .card").nth(2).click()
    compared(page, records[2], 0)
    chart = page.locator(".training .shares .chart")
    frame = chart.bounding_box()
    assert frame is not None
    chart.click(position={"x": 46, "y": frame["height"] / 2})
    compared(page, records[0], 0)


def test_it_plays_from_the_beginning_until_it_is_stopped(page: Page) -> None:
    status = page.locator(".training .status b")
    page.get_by_role("button", name="放", exact=True).click()
    expect(status).to_have_text("第 0 步")
    expect(status).not_to_have_text("第 0 步")
    page.get_by_role("button", name="停", exact=True).click()
    stopped = status.inner_text()
    page.wait_for_timeout(1200)
    assert status.inner_text() == stopped


def test_the_curves_are_read_off_at_the_pointer(page: Page) -> None:
    rows = read_log(PRETRAINED / LOG)
    last = int(rows[-1]["iter"])
    chart = page.locator(".training .curves .chart").first
    chart.scroll_into_view_if_needed()
    frame = chart.bounding_box()
    assert frame is not None
    for share in (0.0, 0.31, 0.5, 0.77, 1.0):
        chart.hover(position={"x": 46 + share * (frame["width"] - 60), "y": 100})
        wanted = float((page.locator(".readout").inner_text()).strip("第 步").replace(",", ""))
        assert wanted == pytest.approx(share * last, abs=last / 300)
        for name in ("train_loss", "val_loss", "val_fields_loss", "lr", "tokens_per_second"):
            measured = [row for row in rows if row[name]]
            cell = page.locator(f'[data-column="{name}"]')
            step = int(float(cell.get_attribute("data-step") or "-1"))
            nearest = min(abs(int(row["iter"]) - wanted) for row in measured)
            assert abs(step - wanted) == nearest
            truth = next(float(row[name]) for row in measured if int(row["iter"]) == step)
            assert float(cell.get_attribute("data-value") or "nan") == truth
            if name.endswith("loss"):
                assert cell.inner_text() == f"{truth:.4f}"


def test_a_run_is_followed_while_it_trains(browser: Browser, address: str, run: Path) -> None:
    """From the first row to a damaged file, the page open all the time."""
    a_log(run, rows=11)
    a_history(run, (0, 1, 2))
    with watched(browser, width=390, height=844, scheme="dark") as seen:
        page = seen.page
        page.goto(address)
        page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_role("link", name="训练").click()
        status = page.locator(".training .status b")
        expect(status).to_have_text("第 2 步")
        expect(page.locator(".training .live")).to_have_text("正在训练")
        expect(page.locator(".training .curves .note").first).to_contain_text("到第 10 步")
        page.get_by_role("slider", name="训练到第几步").press("Home")
        expect(status).to_have_text("第 0 步")

        a_history(run, (0, 1, 2, 4))
        with (run / LOG).open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, COLUMNS).writerow(
                {"iter": 17, "tokens": 1, "minutes": 3, "train_loss": 7.125}
            )
        expect(page.locator(".training .curves .note").first).to_contain_text("到第 17 步")
        expect(page.locator('[data-column="train_loss"]')).to_have_text("7.1250")
        expect(page.locator(".training .card")).to_have_count(4)
        expect(status).to_have_text("第 0 步")  # one stays where one was

        (run / HISTORY).write_text('{"format": "<img src=x onerror=alert(1)>"}', encoding="utf-8")
        (run / LOG).write_text("<img src=x onerror=alert(1)>", encoding="utf-8")
        expect(page.locator(".training .remark")).to_have_count(2)
        expect(page.locator(".training .remark").first).to_contain_text("读不懂")
        expect(page.locator(".training .command")).to_have_count(4)
        assert page.locator("img[src=x]").count() == 0
        page.get_by_label("看哪一次训练").select_option("")
        expect(page.locator(".training .status")).to_contain_text("随附的模型")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        seen.assert_quiet()
