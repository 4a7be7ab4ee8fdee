"""The page 作诗 without a browser: its poems are sample.py's, its shares the model's, its links give the same text.

Run: pytest tests/test_app_compose.py
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from shici.app.components import bundle
from shici.app.composer import alternatives, tokens_of
from shici.app.composition import (
    KEY,
    Composition,
    Task,
    kept_pins,
    kept_text,
    sensible,
)
from shici.app.desk import header_of
from shici.app.link import open_link, query_of
from shici.app.pages import compose
from shici.app.shelf import poem_of
from shici.app.state import Session
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.errors import ShiciError
from shici.generation.automaton import Automaton
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems_of_particles
from shici.generation.verse import plan_verse
from shici.prosody.judge import REGULAR
from shici.prosody.verdict import judge
from tests.composing import BASE, composed, event, lines_of, places, shown, work
from tests.sessions import blobs
from tests.verdicts import keeps_form

WANG = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")


# the form


@pytest.mark.parametrize(
    "poem", [WANG, ("千山鸟飞绝", "万径人踪灭", "孤舟蓑笠翁", "独钓寒江雪")], ids=["合律", "古绝"]
)
def test_pins_narrow_the_marks_to_the_poems_own_pattern(loaded: LoadedModel, poem: Sequence[str]) -> None:
    composition = Composition(sensible(replace(BASE, form="五绝")))
    assert header_of(loaded, composition, "zh")["marks"][0][:2] == [["中", 0, None], ["中", 0, None]]
    composition.pins = dict(zip(places("五五五五"), "".join(poem), strict=True))
    header, verdict = header_of(loaded, composition, "zh"), judge(poem, "五绝")
    if verdict.regulated != REGULAR:
        assert "放不" in header["error"]
        assert header["bad"]
        return
    assert header["error"] == ""
    assert ["".join(tone for tone, _, _ in row) for row in header["marks"]] == list(verdict.patterns)
    assert [row[-1][1] == 2 for row in header["marks"]] == list(verdict.rhyming)


def test_open_ways_are_those_of_the_poems_that_can_be_written(loaded: LoadedModel) -> None:
    """The last couplet left open in a few places: its ways are those that some filling of the places takes."""
    verse = plan_verse(replace(BASE, form="五绝"), loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None
    free = [(0, 0), (0, 2), (2, 0), (2, 2), (3, 0)]
    text = dict(zip(places("五五五五"), "".join(WANG), strict=True))
    rest = {at: one for at, one in text.items() if at not in free}
    found = Automaton(verse.template, verse.alphabet, rest).open_ways()
    wanted: list[set[tuple[str, ...]]] = [set(), set()]
    for tones in itertools.product("山月", repeat=len(free)):
        full = Automaton(verse.template, verse.alphabet, rest | dict(zip(free, tones, strict=True)))
        for section, ways in enumerate(full.open_ways() if full.possible else []):
            wanted[section] |= {way.patterns for way in ways}
    assert [{way.patterns for way in ways} for ways in found] == wanted
    assert all(wanted)


# the poems


@pytest.mark.parametrize("wishes", [{"particles": 1}, {"particles": 3, "title": "早春", "acrostic": "春"}])
def test_the_poems_are_those_that_sample_writes(loaded: LoadedModel, wishes: dict[str, Any]) -> None:
    settings = replace(BASE, form="五绝", num_samples=2, seed=5, **wishes)
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None
    prompt = build_prompt(verse.settings, loaded.vocabulary, loaded.model.config.block_size)
    expected = [
        loaded.vocabulary.decode(one.tokens) for one in poems_of_particles(loaded, prompt, settings, verse)
    ]
    pins = "春" if "acrostic" in wishes else ""
    composition = Composition(sensible(replace(settings, acrostic="")), {(0, 0): pins} if pins else {})
    composition.task = Task(fresh=True)
    steps = work(loaded, composition)
    assert [poem.body for poem in composition.poems] == expected
    assert steps[-1] == (2 * 26, 2 * 26)  # 20 characters, 4 marks, a line feed and the end, of both
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    for poem in composition.poems:
        assert composition.plan is not None
        assert poem.rhyme == poem_of(composition.plan, poem)["verdict"]["rhyme"]
        assert poem.legal_share is not None
        assert 0 < poem.legal_share <= 1


def test_the_shares_are_the_models_among_what_is_legal(loaded: LoadedModel) -> None:
    composition = composed(loaded)
    planned, poem = composition.plan, shown(composition).poem
    assert planned is not None
    found = alternatives(planned, poem, frozenset())
    prompt, tokens = tokens_of(planned, poem)
    with torch.inference_mode():
        logits = loaded.model(torch.tensor([[*prompt, *tokens]]), return_details=True)[2].logits[0]
    cells = Automaton(planned.verse.template, planned.verse.alphabet).grid.at
    ids, compared = loaded.vocabulary.ids, 0
    for place, cell in cells.items():
        raw = torch.softmax(logits[len(prompt) + cell - 1].double(), 0)
        for mode in ("follow", "only"):
            options = found[mode][place]
            for character, share in options.likeliest:
                assert share * options.mass == pytest.approx(float(raw[ids[character]]), rel=1e-4)
                compared += 1
            if options.own is not None:
                assert options.own * options.mass == pytest.approx(
                    float(raw[ids[poem.text[place]]]), rel=1e-4
                )
        assert found["follow"][place].count >= found["only"][place].count
        for character, _ in found["only"][place].likeliest[:3]:
            text = dict(poem.text) | {place: character}
            body = "，".join("".join(text[line, at] for at in range(5)) for line in range(4))
            assert keeps_form(body, planned.verse), (place, character)
    assert compared > 300


@pytest.mark.parametrize("follow", [True, False])
def test_another_character_and_the_rest_follows_or_stays(loaded: LoadedModel, follow: bool) -> None:
    composition = composed(loaded, pins="□" * 15 + "明", seed=3)
    assert shown(composition).held == {(3, 0)}
    before, place = shown(composition).poem, (1, 1)
    header_of(loaded, composition, "zh")
    options = shown(composition).options
    assert options is not None
    other = next(
        one
        for one, _ in options["follow" if follow else "only"][place].likeliest
        if one != before.text[place]
    )
    compose.act(
        loaded,
        Session(BASE),
        composition,
        event(composition, replace={"place": [1, 1], "text": other, "follow": follow}),
    )
    work(loaded, composition)
    after = shown(composition).poem
    assert after.text[place] == other
    assert after.text[3, 0] == "明"
    same = {at for at in before.text if before.text[at] == after.text[at]}
    assert {at for at in before.text if at < place} <= same
    assert (len(same) == 19) != follow
    assert shown(composition).held == {(3, 0), place}
    assert composition.plan is not None
    assert keeps_form(after.body, composition.plan.verse)
    assert after.rhyme == before.rhyme
    compose.act(loaded, Session(BASE), composition, event(composition, undo=True))
    assert shown(composition).poem is before
    compose.act(loaded, Session(BASE), composition, event(composition, undo=True))
    assert shown(composition).poem is before


def test_a_repeated_line_changes_with_the_one_that_it_repeats(loaded: LoadedModel) -> None:
    composition = composed(loaded, form="词", tune="如梦令", num_samples=1)
    before = lines_of(shown(composition).poem)
    assert before[4] == before[5]
    header_of(loaded, composition, "zh")
    options = shown(composition).options
    assert options is not None
    other = next(one for one, _ in options["follow"][5, 0].likeliest if one != before[5][0])
    sent = {"place": [5, 0], "text": other, "follow": True}
    compose.act(loaded, Session(BASE), composition, event(composition, replace=sent))
    work(loaded, composition)
    after = lines_of(shown(composition).poem)
    assert after[4] == after[5]
    assert after[5][0] == other
    assert after[:4] == before[:4]


def test_what_is_held_stays_when_what_follows_is_rewritten(loaded: LoadedModel) -> None:
    composition = composed(loaded, seed=8)
    last = shown(composition).poem.text[3, 4]
    compose.act(loaded, Session(BASE), composition, event(composition, hold=[3, 4]))
    assert shown(composition).held == {(3, 4)}
    options = header_of(loaded, composition, "zh")["poem"]["options"]["follow"][0][0]["likeliest"]
    sent = {"place": [0, 0], "text": options[-1][0], "follow": True}
    compose.act(loaded, Session(BASE), composition, event(composition, replace=sent))
    work(loaded, composition)
    assert shown(composition).poem.text[3, 4] == last


# the link


PAGE = "from shici.app.pages import compose\ncompose.page()\n"


def page(query: dict[str, str] | None = None, **state: Any) -> AppTest:
    app = AppTest.from_string(PAGE, default_timeout=120)
    app.session_state["shici_session"] = Session(SampleSettings(start="床前明月光，", engine="torch"))
    for name, value in (query or {}).items():
        app.query_params[name] = value
    for name, value in state.items():
        app.session_state[name] = value
    return app.run()


def headers(app: AppTest) -> list[dict[str, Any]]:
    return [header for header, _ in blobs(app)]


@pytest.mark.parametrize("changed", [False, True])
def test_a_link_gives_the_same_poem(loaded: LoadedModel, changed: bool) -> None:
    composition = composed(loaded, pins="春", title="早春", author="王维", seed=77, temperature=0.9)
    composition.choose(1)
    if changed:
        options = header_of(loaded, composition, "zh")["poem"]["options"]["follow"][1][0]["likeliest"]
        sent = {"place": [1, 0], "text": options[4][0], "follow": True}
        compose.act(loaded, Session(BASE), composition, event(composition, replace=sent))
        work(loaded, composition)
    query = query_of(composition)
    desk, shelf = headers(page(query))
    text = ["".join(line) for line in desk["sheet"]]
    assert text == lines_of(shown(composition).poem)
    assert desk["poem"]["number"] == shelf["chosen"] == 1
    assert shelf["query"] == query
    assert desk["poem"]["held"] == sorted(map(list, shown(composition).held))
    assert ("kept" in query) == changed


def test_a_link_is_followed_by_the_next_run_where_the_first_is_broken_off(
    loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Streamlit does at any of its own calls when something else is asked for meanwhile."""

    class BrokenOff:
        def to_dict(self) -> dict[str, str]:
            raise ShiciError("断", "broken off")

    query = query_of(composed(loaded, seed=5))
    with monkeypatch.context() as patch:
        patch.setattr(st, "query_params", BrokenOff())
        app = AppTest.from_string(PAGE, default_timeout=120)
        app.session_state["shici_session"] = Session(SampleSettings(start="床前明月光，", engine="torch"))
        app.run()
        assert app.exception
    for name, value in query.items():
        app.query_params[name] = value
    assert headers(app.run())[1]["query"] == query


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"form": "七绝", "seed": "abc"}, "seed"),
        ({"form": "七绝", "temperature": "-1"}, "temperature"),
        ({"tune": "菩萨曼"}, "菩萨蛮"),
        ({"form": "五绝", "pin": "9,9=月", "num_samples": "1", "particles": "1"}, "没有第9句第9字"),
        (
            {"form": "五绝", "kept": "😀", "poem": "0", "num_samples": "1", "particles": "1"},
            "格子里只能填汉字",
        ),
    ],
)
def test_a_broken_link_is_answered_in_words(query: dict[str, str], said: str) -> None:
    assert said in headers(page(query))[0]["error"]


def test_a_link_asks_for_nothing_beyond_the_page() -> None:
    composition = Composition(BASE)
    query = {
        "form": "凑韵",
        "num_samples": "5000",
        "particles": "500",
        "lines": "7",
        "out_dir": "/",
        "title": "FILE:/etc",
    }
    open_link(query, composition)
    settings = composition.settings
    assert (settings.form, settings.num_samples, settings.particles, settings.lines) == ("七绝", 8, 32, 0)
    assert settings.out_dir == BASE.out_dir


# what is typed


@pytest.mark.parametrize(
    ("pins", "wishes", "said", "bad"),
    [
        ({(0, 1): "月", (1, 1): "雪"}, {}, "放不到一起", [(0, 1), (1, 1)]),
        ({(1, 4): "月"}, {}, "放不下", [(1, 4)]),
        ({(0, 0): "😀"}, {}, "格子里只能填汉字", [(0, 0)]),
        ({(0, 0): "a"}, {}, "格子里只能填汉字", [(0, 0)]),
        ({(0, 0): "<"}, {}, "格子里只能填汉字", [(0, 0)]),
        ({(0, 0): "春", (2, 2): "\u9fd5"}, {}, "模型不认识", [(2, 2)]),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_drawn(
    loaded: LoadedModel,
    pins: dict[tuple[int, int], str],
    wishes: dict[str, Any],
    said: str,
    bad: list[tuple[int, int]],
) -> None:
    composition = Composition(sensible(replace(BASE, form="五绝", **wishes)), pins)
    header = header_of(loaded, composition, "zh")
    assert said in header["error"]
    assert "--" not in header["error"]
    assert header["bad"] == bad
    assert [len(row) for row in header["marks"]] == [5] * 4
    composition.task = Task(fresh=True)
    with pytest.raises(ShiciError):
        work(loaded, composition)
    assert composition.poems == []


def test_traditional_characters_are_read_as_the_model_spells_them(loaded: LoadedModel) -> None:
    composition = Composition(sensible(replace(BASE, form="五绝")), {(0, 0): "風", (3, 4): "樓"})
    header = header_of(loaded, composition, "zh")
    assert composition.pins == {(0, 0): "风", (3, 4): "楼"}
    assert any("風→风" in remark for remark in header["remarks"])
    in_english = header_of(loaded, Composition(sensible(replace(BASE, form="五绝")), {(0, 0): "風"}), "en")
    assert in_english["remarks"] == ["What is pinned was put into the model's spelling: 風→风"]


def test_an_acrostic_and_an_opening_fill_the_grid(loaded: LoadedModel) -> None:
    composition, session = Composition(sensible(replace(BASE, form="五绝")), {(0, 0): "云"}), Session(BASE)
    compose.act(
        loaded,
        session,
        composition,
        event(composition, fill={"what": "acrostic", "text": "春，江", "place": 1}),
    )
    assert composition.pins == {(0, 0): "春", (1, 0): "江"}
    stale = event(composition) | {"revision": composition.revision - 1, "pins": []}
    compose.act(loaded, session, composition, stale)
    assert len(composition.pins) == 2, "what was sent before the answer came is older"
    compose.act(
        loaded, session, composition, event(composition, fill={"what": "acrostic", "text": "楼", "place": -1})
    )
    assert composition.pins == {(0, 0): "春", (1, 0): "江", (0, 4): "楼"}
    compose.act(
        loaded, session, composition, event(composition, fill={"what": "opening", "text": "白日依山尽"})
    )
    assert "".join(composition.pins[0, place] for place in range(5)) == "白日依山尽"
    compose.act(
        loaded, session, composition, event(composition, fill={"what": "opening", "text": "白日依山，黄河"})
    )
    assert composition.error is not None
    assert "4 字" in composition.error.zh
    compose.act(
        loaded,
        session,
        composition,
        event(composition, fill={"what": "acrostic", "text": "明月" * 1500, "place": 1}),
    )
    assert composition.error is not None
    assert "3000 字" in composition.error.zh


def test_another_form_of_shi_keeps_the_pins_that_it_has_room_for_and_says_so(loaded: LoadedModel) -> None:
    composition, session = Composition(sensible(replace(BASE, form="七律", rhyme="一东"))), Session(BASE)
    composition.pins = {(0, 0): "春", (0, 6): "花", (7, 0): "月"}
    sent = event(composition, wishes={"form": "五绝", "tune": "", "rhyme": "一东"})
    compose.act(loaded, session, composition, sent)
    assert composition.pins == {(0, 0): "春"}
    assert header_of(loaded, composition, "zh")["remarks"] == [
        "1 个定字随着换了体裁，另 2 个没有位置，已去掉。"
    ]
    assert composition.settings.rhyme == "一东"
    compose.act(loaded, session, composition, event(composition, wishes={"form": "词", "tune": "大江東去"}))
    assert composition.settings.tune == "念奴娇"
    assert composition.settings.rhyme == "", "it is none of the groups of 词"


def test_rhymes_that_the_pins_rule_out_are_closed(loaded: LoadedModel) -> None:
    composition = Composition(sensible(replace(BASE, form="五绝")), {(3, 4): "楼"})
    still_open = [name for name, is_open in header_of(loaded, composition, "zh")["rhymes"] if is_open]
    assert still_open == ["十一尤"]


def test_a_seed_that_is_none_is_said_in_the_pages_words_and_the_rest_is_taken(loaded: LoadedModel) -> None:
    composition, session = Composition(sensible(replace(BASE, form="五绝", seed=8))), Session(BASE)
    for typed in ("-5", "1.5", "4294967296", "一", "9" * 12):
        asked = {"seed": typed, "title": "早春", "form": "七绝"}
        compose.act(loaded, session, composition, event(composition, wishes=asked))
        header = header_of(loaded, composition, "zh")
        said = f"种子是 0 到 4294967295 的整数，“{typed}”没有采用，仍是 8。"
        assert (header["fields"], header["error"]) == ({"seed": said}, "")
        assert (composition.settings.seed, composition.settings.title, composition.settings.form) == (
            8,
            "早春",
            "七绝",
        )
    compose.act(loaded, session, composition, event(composition, wishes={"seed": "9" * 5000}))
    assert "seed" in header_of(loaded, composition, "en")["fields"]
    compose.act(loaded, session, composition, event(composition, wishes={"seed": " 007 "}))
    assert composition.settings.seed == 7
    assert header_of(loaded, composition, "zh")["fields"] == {}


def test_the_page_itself_writes_and_shows(loaded: LoadedModel) -> None:
    composition = Composition(sensible(replace(BASE, form="五绝", num_samples=2, particles=1)))
    composition.task = Task(fresh=True)
    desk, shelf = headers(page(**{KEY: composition}))
    assert not desk["writing"]
    assert [poem["number"] for poem in shelf["poems"]] == [0, 1]
    for poem in shelf["poems"]:
        assert poem["verdict"]["regulated"] == REGULAR
        assert poem["verdict"]["faults"] == []
        assert {len(line["text"]) for line in poem["lines"]} == {5}
    assert shelf["command"].startswith("python sample.py --form='五绝'")


def test_kept_characters_are_read_back(loaded: LoadedModel) -> None:
    composition = composed(loaded)
    assert composition.plan is not None
    pins = {(0, 0): "春", (2, 3): "月"}
    text = kept_text(composition.plan, pins)
    assert text == "春" + "□" * 12 + "月" + "□" * 6
    assert kept_pins(composition.plan, text) == pins
    assert kept_pins(composition.plan, text * 9) == pins


@pytest.mark.parametrize("name", ["compose.js", "compose_poems.js"])
def test_the_bundles_are_one_module_each(name: str) -> None:
    text = bundle(name)
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert re.findall(r"^export (?:default )?function (\w*)", text, re.MULTILINE) == [""]
