"""A form kept step by step on the page 逐字生成: the poem is sample.py's, what it refuses and why, branches and undo.

Run: pytest tests/test_app_forms.py
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from shici.app.forms import Kept, choices, pattern, reason
from shici.app.masthead import prompt_of
from shici.app.pages import writing as page
from shici.app.payload import unpack
from shici.app.reading import next_of
from shici.app.state import Session, Writing
from shici.app.writer import coming, draw_one, ended, following, write_on
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems
from shici.generation.verdicts import verdict_of
from shici.generation.verse import plan_verse
from tests.sessions import opened

SETTINGS = SampleSettings(start="白日依山尽，", seed=5, num_samples=1, device="cpu", engine="torch")


def begun(loaded: LoadedModel, form: str, **settings: object) -> tuple[Session, Writing]:
    return opened(loaded, replace(SETTINGS, **settings), form=form)  # type: ignore[arg-type]


def kept_of(poem: Writing) -> Kept:
    assert poem.kept is not None
    return poem.kept


def body(loaded: LoadedModel, poem: Writing) -> str:
    tokens = poem.tokens()
    start = tokens.index(loaded.vocabulary.body) + 1
    return loaded.vocabulary.decode([one for one in tokens[start:] if one != loaded.vocabulary.eos])


@pytest.mark.parametrize(
    ("form", "start"),
    [("五绝", "白日依山尽，"), ("五绝", ""), ("七绝", "两个黄鹂鸣翠柳"), ("五律", "空山"), ("如梦令", "")],
)
def test_step_by_step_or_at_once_the_poem_is_the_one_that_sample_writes(
    loaded: LoadedModel, form: str, start: str
) -> None:
    named = {"form": form} if form in choices()[0] else {"form": "词", "tune": form}
    settings = replace(SETTINGS, start=start, **named)  # type: ignore[arg-type]
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None
    prompt = build_prompt(verse.settings, loaded.vocabulary, loaded.model.config.block_size)
    drawn = [int(event.step.drawn[0]) for event in poems(loaded, prompt, verse.settings, verse=verse)]
    expected = loaded.vocabulary.decode(drawn[:-1])
    single, steps = begun(loaded, form, start=start)
    whole, at_once = begun(loaded, form, start=start)
    write_on(loaded, whole, at_once, 500)
    while not ended(loaded, steps):
        draw_one(loaded, single, steps)
    assert body(loaded, steps) == body(loaded, at_once) == expected
    assert verdict_of(expected, verse).regulated is not False


def test_what_the_form_removes_is_measured_on_the_models_own_softmax(loaded: LoadedModel) -> None:
    session, poem = begun(loaded, "五绝", temperature=0.9)
    for _ in range(4):
        stages, _ = coming(loaded, session, poem)
        allowed = following(loaded, poem).allowed
        removed = float(torch.softmax(stages.logits.double() / 0.9, -1).where(~allowed, 0.0).sum())
        header, sent = unpack(page.packed(loaded, session, poem))
        assert header["kept"]["removed"] == pytest.approx(removed, abs=1e-6)
        assert torch.equal(torch.from_numpy(sent["allowed"].copy()).bool(), allowed[0])
        free = next_of(loaded, poem.prompt.ids, poem.written()).allowed[0]
        refused = [int(token) for token in header["kept"]["refused"]]
        assert refused
        assert all(free[token] and not allowed[0, token] for token in refused)
        struck = stages.logits[0].masked_fill(~free | allowed[0], -math.inf)
        assert refused == struck.topk(len(refused)).indices.tolist()
        draw_one(loaded, session, poem)


def test_a_refused_character_is_not_taken_and_the_reason_is_named(loaded: LoadedModel) -> None:
    session, poem = begun(loaded, "五绝", start="白日依山尽，黄河入海流。欲")
    ids = loaded.vocabulary.ids
    state = poem.state()
    assert state is not None
    automaton = kept_of(poem).automaton  # 欲穷千里目: the second place is level
    assert reason(automaton, state, ids["日"]).zh == "此处当平"
    assert "标点" in reason(automaton, state, ids["，"]).zh
    page.act(loaded, session, poem, {"take": ids["日"]})
    assert poem.nodes == []
    session, poem = begun(loaded, "五绝", start="白日依山尽，黄河入海流。欲穷千里目，更上一层")
    state = poem.state()
    assert state is not None
    assert reason(kept_of(poem).automaton, state, ids["天"]).zh.startswith("此处押韵，当押十一尤")
    session, poem = begun(loaded, "五绝", start="白日依山尽")
    state = poem.state()
    assert state is not None
    assert reason(kept_of(poem).automaton, state, ids["。"]).zh == "此处定是“，”"


def test_branches_and_undo_carry_the_form_along(loaded: LoadedModel) -> None:
    session, poem = begun(loaded, "七绝", start="")
    for _ in range(3):
        draw_one(loaded, session, poem)
    page.act(loaded, session, poem, {"undo": True})
    stages, _ = coming(loaded, session, poem)
    other = int(stages.masked[0].topk(3).indices[-1])
    page.act(loaded, session, poem, {"take": other})
    for at in range(len(poem.nodes)):
        page.act(loaded, session, poem, {"goto": at})
        kept = kept_of(poem)
        anew = kept.state
        for token in poem.written():
            following_state = kept.automaton.advance(anew, token)
            assert following_state is not None
            anew = following_state
        assert poem.state() == anew
    page.act(loaded, session, poem, {"clear": True})
    assert poem.state() == kept_of(poem).state


def signs(kept: Kept, line: int) -> str:
    return "".join(place["sign"] for place in pattern(kept.automaton, kept.state)[line]["places"])


def test_the_pattern_narrows_as_the_poem_is_written(loaded: LoadedModel) -> None:
    _, poem = begun(loaded, "五绝", start="")
    kept = kept_of(poem)
    assert "⊙" in signs(kept, 2)
    _, poem = begun(loaded, "五绝", start="白日依山尽，黄河入海流。")
    kept = kept_of(poem)
    lines = pattern(kept.automaton, kept.state)
    assert "".join(place["text"] for place in lines[0]["places"]) == "白日依山尽"
    assert [line["rhyme"] for line in lines] == [0, 2, 0, 2]
    assert signs(kept, 3)[-1] == "○"


def test_form_and_rhyme_are_chosen_and_a_contradiction_is_named(loaded: LoadedModel) -> None:
    session, poem = begun(loaded, "", start="")
    page.act(loaded, session, poem, {"form": "五绝"})
    page.act(loaded, session, poem, {"rhyme": "七阳"})
    prompt, kept = prompt_of(loaded, session)
    assert kept is not None
    assert (kept.rhyme, prompt.document.rhyme, prompt.document.form) == ("七阳", "七阳", "五绝")
    assert "一东" in kept.rhymes
    page.act(loaded, session, poem, {"rhyme": "七月"})
    assert prompt_of(loaded, session)[1] is None
    assert session.refusal is not None
    page.act(loaded, session, poem, {"form": "<img>"})
    assert (session.form, session.rhyme) == ("", "")
    assert prompt_of(loaded, session)[1] is None
    assert session.refusal is None
    session.set(start="日日日日日，")
    page.act(loaded, session, poem, {"form": "五绝"})
    assert prompt_of(loaded, session)[1] is None
    assert session.refusal is not None
