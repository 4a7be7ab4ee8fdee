"""The page 解读 in a real browser, used as a person would. Run: pytest tests/test_app_browser_interpret.py"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from shici.checkpoint import LoadedModel
from shici.explanation.ablation import losses_without_each_head, token_losses
from shici.explanation.cards import cards_for
from shici.explanation.heads import ROLES
from shici.explanation.lens import stage_logits
from shici.explanation.recall import load_index, open_text, recall
from shici.explanation.swap import swap
from tests.browser import LINE, put_bar_away, type_line, watched
from tests.truth import ids_of, trace_of

COUPLET = f"{LINE}黄河入海流。"


def open_page(page: Page) -> None:
    page.get_by_role("link", name="解读").click()
    expect(page.locator(".interpret .lens")).to_be_visible()


@pytest.fixture
def page(page: Page) -> Page:
    open_page(page)
    type_line(page, COUPLET)
    expect(page.locator(".interpret .lens tfoot")).to_contain_text("流")
    return page


def numbers(page: Page, cells: str, name: str) -> list[float]:
    return [
        float(one) for one in page.locator(cells).evaluate_all(f"all => all.map(one => one.dataset.{name})")
    ]


def test_the_lens_is_the_models(page: Page, loaded: LoadedModel) -> None:
    ids = ids_of(loaded, COUPLET)
    trace = trace_of(loaded, COUPLET)
    with torch.inference_mode():
        stages = [torch.softmax(stage_logits(loaded.model, trace, s).double(), -1) for s in range(7)]
    cells = ".lens tbody td"
    assert page.locator(cells).count() == 7 * len(ids)
    best = torch.stack(stages).amax(-1).flatten().tolist()
    assert numbers(page, cells, "value") == pytest.approx(best, rel=1e-6)
    letters = page.locator(".lens tbody tr:last-child td").all_text_contents()
    named = [loaded.vocabulary.tokens[int(one)] for one in stages[-1].argmax(-1)]
    assert letters[2:] == [{"\n": "↵", "<eos>": "诗终"}.get(name, name) for name in named[2:]]

    page.get_by_role("button", name="写下的字第几名").click()
    own = [
        float(stage[t, token])
        for stage in stages
        for t, token in enumerate([*ids[1:], int(stages[-1][-1].argmax())])
    ]
    assert numbers(page, cells, "value") == pytest.approx(own, rel=1e-6)
    ranks = page.locator(".lens tbody tr:last-child td").all_text_contents()[:-1]
    expected = [1 + int((stages[-1][t] > stages[-1][t, token]).sum()) for t, token in enumerate(ids[1:])]
    assert [int(rank) for rank in ranks if rank != "⋯"] == [rank for rank in expected if rank <= 999]

    page.locator(".lens tbody tr").nth(3).locator("td").nth(4).hover()
    five = page.locator(".column-detail tbody tr").nth(3).locator(".five > span").all_text_contents()
    top = stages[3][4].topk(5)
    assert [text[0] for text in five] == [loaded.vocabulary.tokens[one] for one in top.indices.tolist()]
    assert float(five[0][1:].rstrip("%")) == pytest.approx(100 * float(top.values[0]), abs=0.06)
    page.locator(".lens").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".column-detail")).to_contain_text("读到“山”之后")


def test_a_head_is_looked_at_and_silenced(page: Page, loaded: LoadedModel) -> None:
    ids = ids_of(loaded, COUPLET)
    whole, cards = token_losses(loaded.model, ids), cards_for(loaded)
    for label, means in (("置零", None), ("换成平均值", cards.means)):
        page.get_by_role("button", name=label, exact=True).click()
        change = (losses_without_each_head(loaded.model, ids, means) - whole)[..., 1:].mean(-1)
        assert numbers(page, ".interpret .heads button", "cost") == pytest.approx(
            change.flatten().tolist(), abs=1e-5
        )
    page.locator('.interpret .heads button[data-head="5,0"]').click()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card h3")).to_have_text("第 6 层第 2 头")
    for role, name in enumerate(ROLES):
        shown = page.locator(f'.card [data-role="{name}"]').text_content() or ""
        score, spread, even = (float(part) for part in shown.replace("±", "/").split("/"))
        assert (score, spread, even) == pytest.approx(
            (cards.scores.score[5, 1, role], cards.scores.spread[5, 1, role], cards.scores.baseline[role]),
            abs=6e-4,
        )
    page.get_by_role("button", name="没有它，同一把骰子再写").click()
    expect(page.locator(".trial .leaf")).to_have_count(3)
    expect(page.locator(".trial h3")).to_contain_text("第 6 层第 2 头（换成平均值）")
    assert all(text.startswith(LINE) for text in page.locator(".trial .leaf").all_text_contents())
    assert all(0 <= int(text) <= 8 for text in page.locator(".trial [data-count]").all_text_contents())


def test_a_character_is_swapped(page: Page, loaded: LoadedModel) -> None:
    ids = ids_of(loaded, COUPLET)
    part = page.locator('[data-section="swap"]')
    part.locator(".cell.char").nth(1).click()
    field = part.get_by_label("换", exact=True).and_(part.locator("input"))
    field.fill("🐉")
    field.press("Enter")
    expect(part.get_by_role("alert")).to_contain_text("不认识")
    field.fill("月")
    field.press("Enter")
    expect(part.locator(".becomes").nth(3)).to_have_text("月")
    expected = swap(loaded.model, ids, 3, loaded.vocabulary.ids["月"]).divergence.numpy()
    assert np.array_equal(numbers(page, '[data-section="swap"] .fall', "kl"), expected)
    part.locator(".try").first.click()
    expect(part.locator(".becomes").nth(3)).not_to_have_text("月")


def test_runs_of_the_training_text(page: Page, training_text: Path) -> None:
    part = page.locator('[data-section="recall"]')
    if part.get_by_role("button", name="建索引").count():
        part.get_by_role("button", name="建索引").click()
    expect(part.locator("[data-run]")).to_have_count(len(COUPLET))
    text = open_text(training_text)
    expected = recall(text, load_index(text), COUPLET)
    assert numbers(page, '[data-section="recall"] [data-run]', "run") == [one.length for one in expected]
    part.locator(".cell").nth(4).hover()
    expect(part.locator(".told")).to_contain_text(f"“白日依山尽”在训练文本里有 {expected[4].count} 处")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_on_a_phone(browser: Browser, address: str, scheme: str) -> None:
    with watched(browser, width=390, height=844, scheme=scheme) as seen:
        page = seen.page
        page.goto(address)
        page.get_by_test_id("stExpandSidebarButton").click()
        open_page(page)
        put_bar_away(page)
        expect(page.locator(".lens tfoot")).to_contain_text(LINE[0])
        page.locator(".interpret .tools .seal").click()
        expect(page.locator(".interpret .cell.written").first).to_be_visible()
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= innerWidth")
        assert page.locator(".interpret").evaluate("root => root.scrollWidth <= root.clientWidth + 1")
        seen.assert_quiet()


def test_it_speaks_english(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    for name in ("Layer by layer", "What the 36 heads do", "Swap a character", "Recall or invention"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
