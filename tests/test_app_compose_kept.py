"""What the page 作诗 keeps and says: changes by hand, pins, forms, the text to be copied, faults at their fields.

Run: pytest tests/test_app_compose_kept.py
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shici.app.batch import Batch
from shici.app.composer import FieldError
from shici.app.composition import Composition, Task, sensible
from shici.app.desk import header_of
from shici.app.link import open_link, query_of
from shici.app.pages import compose
from shici.app.payload import unpack
from shici.app.state import Session
from shici.checkpoint import LoadedModel
from tests.composing import BASE, composed, event, lines_of, shown, work


def change(loaded: LoadedModel, composition: Composition, place: tuple[int, int]) -> str:
    """Another character there, alone; the poem's text then."""
    header = header_of(loaded, composition, "zh")
    options = header["poem"]["options"]["only"][place[0]][place[1]]["likeliest"]
    other = next(one for one, _ in options if one != shown(composition).poem.text[place])
    sent = {"place": list(place), "text": other, "follow": False}
    compose.act(loaded, Session(BASE), composition, event(composition, replace=sent))
    work(loaded, composition)
    return shown(composition).poem.body


def shelf(composition: Composition) -> dict[str, Any]:
    return unpack(compose.shelf_of(Session(BASE), composition))[0]


def newest(composition: Composition) -> Batch:
    assert composition.newest is not None
    return composition.newest


def text_on(card: dict[str, Any]) -> str:
    return "".join(line["text"] for line in card["lines"])


def test_what_was_changed_stays_with_its_poem(loaded: LoadedModel) -> None:
    """A tap on its own card, another card, an acrostic, the blank grid, another form: none of them loses it."""
    composition, session = composed(loaded, seed=6), Session(BASE)
    first = shown(composition).poem
    changed = change(loaded, composition, (0, 1))
    assert changed != first.body
    compose.choose(composition, {"choose": 0})
    assert shown(composition).poem.body == changed
    assert header_of(loaded, composition, "zh")["poem"]["undo"]
    for leave in (
        lambda: compose.choose(composition, {"choose": 1}),
        lambda: compose.act(loaded, session, composition, event(composition, empty=True)),
        lambda: compose.act(
            loaded, session, composition,
            event(composition, fill={"what": "acrostic", "text": "春江", "place": 1}),
        ),
        lambda: compose.act(loaded, session, composition, event(composition, wishes={"form": "七绝"})),
    ):  # fmt: skip
        leave()
        assert composition.chosen != 0
        card = shelf(composition)["poems"][0]
        assert (
            text_on(card) == "".join(lines_of(newest(composition).current(first))) != "".join(lines_of(first))
        )
        assert card["changed"]
        compose.choose(composition, {"choose": 0})
        assert shown(composition).poem.body == changed
    compose.act(loaded, session, composition, event(composition, undo=True))
    assert shown(composition).poem is first
    assert [card["changed"] for card in shelf(composition)["poems"]] == [False, False]


def test_a_change_reaches_its_poem_though_another_was_chosen_meanwhile(loaded: LoadedModel) -> None:
    composition = composed(loaded, seed=6)
    options = header_of(loaded, composition, "zh")["poem"]["options"]["only"][3][0]["likeliest"]
    first, second = (poem.body for poem in composition.poems)
    other = next(one for one, _ in options if one != shown(composition).poem.text[3, 0])
    sent = {"place": [3, 0], "text": other, "follow": False}
    compose.act(loaded, Session(BASE), composition, event(composition, replace=sent))
    compose.choose(composition, {"choose": 1})
    work(loaded, composition)
    assert shown(composition).poem.body == second
    compose.choose(composition, {"choose": 0})
    assert shown(composition).poem.text[3, 0] == other
    assert shown(composition).poem.body != first


def another(loaded: LoadedModel, composition: Composition, **wishes: Any) -> None:
    """Another batch, as the button asks for it: with the next seed."""
    seed = composition.settings.seed + 1
    asked = {"seed": str(seed), **wishes}
    compose.act(loaded, Session(BASE), composition, event(composition, wishes=asked, write=True))
    work(loaded, composition)


def test_another_batch_begins_unchanged_and_keeps_what_was_changed_before(loaded: LoadedModel) -> None:
    composition = composed(loaded, seed=6)
    changed = change(loaded, composition, (0, 1))
    another(loaded, composition)
    assert shown(composition).poem is composition.poems[0]
    assert len(composition.versions) == 1
    assert header_of(loaded, composition, "zh")["remarks"] == ["先前改过的 1 首收在新的一批下面。"]
    found = shelf(composition)
    assert [card["changed"] for card in found["poems"]] == [False, False]
    (card,) = found["before"]
    assert (card["number"], card["form"], card["changed"], card["here"]) == (0, "五绝", True, False)
    assert card["copy"].endswith(changed)
    compose.choose(composition, {"choose": 0, "batch": card["batch"]})
    assert shown(composition).poem.body == changed
    assert [card["here"] for card in (*shelf(composition)["before"], *shelf(composition)["poems"])] == [
        True,
        False,
        False,
    ]
    assert query_of(composition)["seed"] == "6"
    assert composition.settings.seed == 7, "the wishes are those of the next batch"


def test_a_poem_of_an_earlier_batch_is_worked_on_and_its_link_gives_it(loaded: LoadedModel) -> None:
    composition = composed(loaded, seed=6)
    change(loaded, composition, (0, 1))
    another(loaded, composition, temperature="1.3")
    compose.choose(composition, {"choose": 0, "batch": 0})
    change(loaded, composition, (2, 3))
    text = change(loaded, composition, (3, 1))
    assert text_on(shelf(composition)["before"][0]) == "".join(lines_of(shown(composition).poem))
    opened = Composition(BASE)
    open_link(query_of(composition), opened)
    work(loaded, opened)
    assert shown(opened).poem.body == text
    assert shown(opened).held == shown(composition).held


def test_batches_gather_only_what_was_worked_on(loaded: LoadedModel) -> None:
    composition, session = composed(loaded, seed=6), Session(BASE)
    another(loaded, composition)
    assert shelf(composition)["before"] == []
    compose.act(loaded, session, composition, event(composition, hold=[1, 1]))
    another(loaded, composition, form="词", tune="浣溪沙")
    change(loaded, composition, (0, 1))
    another(loaded, composition, form="五绝", tune="")
    assert [card["form"] for card in shelf(composition)["before"]] == ["浣溪沙", "五绝"]
    compose.choose(composition, {"choose": 0, "batch": 2})
    assert (composition.settings.tune, shelf(composition)["elsewhere"]) == ("浣溪沙", True)
    compose.act(loaded, session, composition, event(composition, undo=True))
    another(loaded, composition)
    assert [card["form"] for card in shelf(composition)["before"]] == ["五绝"], (
        "what was taken back is let go"
    )


def test_a_batch_that_is_not_there_is_not_chosen(loaded: LoadedModel) -> None:
    composition = composed(loaded, seed=6)
    for sent in ({"choose": 1, "batch": 9}, {"choose": 9, "batch": 0}, {"choose": 9}):
        compose.choose(composition, sent)
        assert composition.chosen == 0


def test_an_old_poem_brings_its_form_and_its_pins_back(loaded: LoadedModel) -> None:
    composition, session = composed(loaded, pins="春", title="早春"), Session(BASE)
    compose.act(
        loaded, session, composition, event(composition, wishes={"form": "词", "tune": "浣溪沙", "title": ""})
    )
    composition.pins = {(1, 1): "山"}
    assert (shelf(composition)["name"], shelf(composition)["elsewhere"]) == ("五绝", True)
    before = composition.revision
    compose.choose(composition, {"choose": 1})
    assert composition.pins == {(0, 0): "春"}
    assert composition.revision > before, "the browser takes them over"
    header = header_of(loaded, composition, "zh")
    wishes = header["wishes"]
    assert (wishes["form"], wishes["tune"], wishes["title"]) == ("五绝", "", "早春")
    assert "换回" in header["remarks"][0]
    assert not shelf(composition)["elsewhere"]
    assert query_of(composition)["form"] == header["poem"]["verdict"]["name"] == "五绝"
    compose.act(loaded, session, composition, event(composition, wishes={"form": "词", "tune": "浣溪沙"}))
    assert composition.pins == {(1, 1): "山"}


def test_an_old_poem_ends_the_writing_in_another_form(loaded: LoadedModel) -> None:
    composition = composed(loaded)
    sent = event(composition, wishes={"form": "词", "tune": "浣溪沙"}, write=True)
    compose.act(loaded, Session(BASE), composition, sent)
    assert composition.task == Task(fresh=True)
    compose.choose(composition, {"choose": 0})
    assert composition.task is None, "or it would be written in the old form"
    assert composition.settings.form == "五绝"


def test_a_wish_for_the_next_batch_stays_when_another_card_is_chosen(loaded: LoadedModel) -> None:
    composition = composed(loaded)
    composition.settings = replace(composition.settings, temperature=1.3)
    compose.choose(composition, {"choose": 1})
    assert composition.settings.temperature == 1.3


@pytest.mark.parametrize(
    ("wishes", "head"),
    [
        ({}, "五绝\n\n"),
        ({"title": "早春", "author": "王维"}, "早春\n拟王维\n\n"),
        ({"form": "词", "tune": "浣溪沙", "title": "早春"}, "浣溪沙·早春\n\n"),
    ],
)
def test_the_text_to_be_copied_is_whole(loaded: LoadedModel, wishes: dict[str, str], head: str) -> None:
    composition = composed(loaded, **wishes)
    poem, text = composition.poems[1], shelf(composition)["poems"][1]["copy"]
    assert text.startswith(head)
    assert [line for line in text.removeprefix(head).splitlines() if line] == poem.body.splitlines()
    assert text.count("\n\n") == (2 if "tune" in wishes else 1), "the stanzas of a 词 stand apart"


def test_english_readers_get_a_gloss_for_every_option(loaded: LoadedModel) -> None:
    for form, tune in (("七绝", ""), ("五古", ""), ("词", "浣溪沙")):
        header = header_of(loaded, Composition(sensible(replace(BASE, form=form, tune=tune))), "en")
        names = [*header["forms"], *header["dynasties"], *(name for name, _ in header["rhymes"])]
        assert [name for name in names if not header["glosses"].get(name)] == []
    assert header_of(loaded, Composition(BASE), "zh")["glosses"] == {}


def test_the_pins_of_a_form_wait_while_a_tune_is_looked_at(loaded: LoadedModel) -> None:
    composition, session = Composition(sensible(replace(BASE, form="七绝"))), Session(BASE)
    acrostic = {(line, 0): one for line, one in enumerate("天下太平")}
    composition.pins = dict(acrostic)
    compose.act(loaded, session, composition, event(composition, wishes={"form": "词", "tune": "浣溪沙"}))
    assert composition.pins == {}
    assert header_of(loaded, composition, "zh")["remarks"] == ["七绝的 4 个定字收着，选回它时还在。"]
    assert "".join(map("".join, header_of(loaded, composition, "zh")["sheet"])) == ""
    compose.act(loaded, session, composition, event(composition, wishes={"form": "七绝", "tune": ""}))
    assert composition.pins == acrostic
    assert "放回来了" in header_of(loaded, composition, "zh")["remarks"][0]


# what is typed into a field


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"title": "<img onerror=1>"}, "题目：模型不认识“<”“i”“m”“g”“o”“n”等 11 个字。"),
        ({"title": "明" * 3000}, "题目至多 60 字"),
        ({"author": "hello 王"}, "作者：模型不认识“h”“e”“l”“o”。"),
        ({"author": "h"}, "作者：模型不认识“h”（U+0068）。"),
    ],
)
def test_what_a_field_cannot_have_is_said_there(
    loaded: LoadedModel, wishes: dict[str, str], said: str
) -> None:
    composition = Composition(sensible(replace(BASE, form="五绝", **wishes)), {(1, 4): "楼"})
    header, (field,) = header_of(loaded, composition, "zh"), wishes
    assert list(header["fields"]) == [field]
    assert header["fields"][field].startswith(said)
    assert header["error"] == ""
    assert header["sheet"][1][4] == "楼"
    assert header["marks"][1][4][0] == "平", "the rest is planned all the same"
    composition.task = Task(fresh=True)
    with pytest.raises(FieldError) as caught:
        work(loaded, composition)
    assert caught.value.field == field
    composition.error = caught.value
    assert header_of(loaded, composition, "en")["error"] == ""


def test_all_fields_say_what_is_wrong_with_them_at_once(loaded: LoadedModel) -> None:
    composition = Composition(sensible(replace(BASE, title="spring", author="w")))
    fields = header_of(loaded, composition, "en")["fields"]
    assert fields["title"].startswith("The title: the model does not know 's', 'p', 'r', 'i', 'n', 'g'.")
    assert fields["author"].startswith("The author: The model does not know 'w'")


def test_an_unknown_tune_is_said_at_its_field_and_the_rest_is_taken(loaded: LoadedModel) -> None:
    composition, session = Composition(sensible(replace(BASE, tune="浣溪沙"))), Session(BASE)
    sent = event(composition, wishes={"form": "词", "tune": "菩萨曼", "variant": "1", "title": "早春"})
    compose.act(loaded, session, composition, sent)
    header = header_of(loaded, composition, "zh")
    assert "菩萨蛮" in header["fields"]["tune"]
    assert header["error"] == ""
    assert (composition.settings.tune, composition.settings.title) == ("浣溪沙", "早春")
    compose.act(loaded, session, composition, event(composition))
    assert header_of(loaded, composition, "zh")["fields"] == {}
