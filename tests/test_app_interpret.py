"""The page 解读 without a browser: what its component gets is what shici.explanation measures.

Run: pytest tests/test_app_interpret.py
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from shici.app.interpret_answers import View
from shici.app.interpreting import POEMS, control_of, judged, stages_to, training_text
from shici.app.pages import interpret
from shici.app.payload import unpack
from shici.app.state import Session, Writing
from shici.app.writer import write_on
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.corpus.document import Document, encode_prompt
from shici.explanation.ablation import losses_without_each_head, token_losses, without_heads
from shici.explanation.cards import cards_for
from shici.explanation.lens import stage_logits
from shici.explanation.recall import load_index, open_text, recall
from shici.explanation.swap import swap
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems
from tests.sessions import opened
from tests.tiny import tiny_dataset

POEM = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
SETTINGS = SampleSettings(start="白日依山尽，", seed=11, device="cpu")


@pytest.fixture(autouse=True)
def no_training_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever lies in data/poetry on this machine."""
    monkeypatch.setenv("SHICI_DATA", str(tmp_path / "none"))


def begun(loaded: LoadedModel, **changes: object) -> tuple[Session, Writing]:
    return opened(loaded, replace(SETTINGS, **changes))  # type: ignore[arg-type]


def sent(
    loaded: LoadedModel, session: Session, writing: Writing, view: View | None = None
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    return unpack(interpret.packed(loaded, session, writing, view or View()))


def show(**settings: object) -> AppTest:
    app = AppTest.from_string("from shici.app.pages import interpret\ninterpret.page()\n", default_timeout=60)
    app.session_state["shici_session"] = Session(SampleSettings(**settings))  # type: ignore[arg-type]
    return app.run()


def test_the_lens_is_the_models(loaded: LoadedModel) -> None:
    header, tensors = sent(loaded, *begun(loaded, start=POEM))
    ids = encode_prompt(Document(POEM), loaded.vocabulary)
    with torch.inference_mode():
        trace = loaded.model(torch.tensor([ids]), return_details=True)[2]
    assert tensors["top_probability"].shape == (7, len(ids), 5)
    for stage in (0, 3, 6):
        distribution = torch.softmax(stage_logits(loaded.model, trace, stage).double(), -1)
        best = distribution.topk(5)
        assert tensors["top_probability"][stage] == pytest.approx(best.values.numpy(), rel=1e-9)
        own = distribution[range(len(ids) - 1), ids[1:]]
        assert tensors["chosen_probability"][stage, :-1] == pytest.approx(own.numpy(), rel=1e-9)
    assert header["chosen"][:-1] == [token["text"] for token in header["tokens"]][1:]
    assert header["rhyme"] == "十一尤"
    # of the two rhyme words the first has nothing to rhyme with
    last = header["chosen"].index("楼")
    assert [place for place, _ in header["rhyming"]] == [last]
    assert header["curves"]["rhyme"] == pytest.approx(tensors["masses"][:, last, 3].tolist())
    assert len(header["curves"]["marks_elsewhere"]) == 7


def test_a_rhyme_that_is_named_counts_from_the_first(loaded: LoadedModel) -> None:
    header, _ = sent(loaded, *begun(loaded, start=POEM, rhyme="十一尤"))
    assert [header["chosen"][place] for place, _ in header["rhyming"]] == ["流", "楼"]


@pytest.mark.parametrize(
    ("masses", "stage"), [([0.1, 0.6, 0.4, 0.7, 0.8], 3), ([0.9, 0.9], 0), ([0.9, 0.4], None)]
)
def test_from_which_stage_on_a_class_holds_half(masses: list[float], stage: int | None) -> None:
    assert stages_to(torch.tensor(masses)) == stage


def test_the_heads_scores_and_costs(loaded: LoadedModel) -> None:
    header, tensors = sent(loaded, *begun(loaded))
    cards = cards_for(loaded)
    assert np.array_equal(tensors["scores"], cards.scores.score)
    assert np.array_equal(tensors["baseline"], cards.scores.baseline)
    assert header["poems"] == cards.poems
    assert header["main"][5][1] == cards.scores.main_role(5, 1)
    ids = encode_prompt(Document("白日依山尽，"), loaded.vocabulary)
    whole = token_losses(loaded.model, ids)
    for way, means in (("zero", None), ("mean", cards.means)):
        silenced = losses_without_each_head(loaded.model, ids, means)
        assert tensors[way] == pytest.approx(silenced.numpy(), abs=1e-5)
        change = (silenced[..., 1:] - whole[1:]).mean(-1)  # the verse begins at place 2
        assert tensors[f"cost_{way}"] == pytest.approx(change.numpy(), abs=1e-5)


def test_poems_without_a_head_are_of_the_same_dice(loaded: LoadedModel) -> None:
    session, writing = begun(loaded)
    view = View()
    interpret.act(loaded, session, writing, view, {"silence": [0, 2], "way": "zero"})
    header, _ = sent(loaded, session, writing, view)
    trial = header["trial"]
    assert (trial["head"], trial["way"]) == ([0, 2], "zero")
    assert trial["control"] != [0, 2]
    assert trial["control"] == list(control_of(loaded.model, (0, 2), session.settings.seed))
    bodies = []
    for model in (loaded.model, without_heads(loaded.model, [(0, 2)])):
        twin = LoadedModel(model, loaded.vocabulary, loaded.origin)
        text = writing.prompt.document.body
        settings = SampleSettings(
            start="白日依山尽，", seed=11, num_samples=1, max_new_tokens=128, device="cpu", engine="torch"
        )
        for event in poems(twin, writing.prompt, settings):
            text += loaded.vocabulary.decode(event.step.drawn.tolist())
        bodies.append(text)
    assert [poem["body"] for poem in trial["poems"]][:2] == bodies
    assert bodies[0] != bodies[1]
    assert [count["all"] for count in trial["counts"]] == [POEMS] * 3
    session.set(seed=12)
    assert sent(loaded, session, writing, view)[0]["trial"] is None


@pytest.mark.parametrize(
    "event", [{"silence": [6, 0], "way": "zero"}, {"silence": [0, -1], "way": "zero"}, {"silence": [0, 0]}]
)
def test_a_head_that_is_not_there_is_ignored(loaded: LoadedModel, event: dict[str, Any]) -> None:
    view = View()
    interpret.act(loaded, *begun(loaded), view, event)
    assert view.trial is None


def test_the_judges_word_on_a_poem() -> None:
    poem = judged("白日依山尽，", POEM[6:], True)
    assert (poem.form, poem.even, poem.rhyme, poem.regulated) == ("五绝", True, "十一尤", "合律")
    assert poem.faults == ()
    assert judged("", "", False).form == ""
    assert not judged("白日依山尽，", "黄河。", True).even


def test_a_swapped_character(loaded: LoadedModel) -> None:
    session, writing = begun(loaded)
    view = View()
    interpret.act(loaded, session, writing, view, {"swap": 3, "with": " 月\n"})
    header, tensors = sent(loaded, session, writing, view)
    ids = encode_prompt(Document("白日依山尽，"), loaded.vocabulary)
    expected = swap(loaded.model, ids, 3, loaded.vocabulary.ids["月"])
    assert np.array_equal(tensors["divergence"], expected.divergence.numpy())
    assert (header["swap"]["before"], header["swap"]["after"]) == ("日", "月")
    assert header["swap"]["surprise_after"] == expected.surprise_after
    # the line has become shorter than that place: nothing to show, nothing breaks
    session.set(start="")
    prompt = build_prompt(session.settings, loaded.vocabulary, 256)
    assert sent(loaded, session, session.write_after(prompt), view)[0]["swap"] is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("🐉", "不认识"),
        ("", "一个字"),
        ("明月", "一个字"),
        ("<img>", "不认识"),
        ("\ud800", "残缺"),
        ("龍", ""),
    ],
)
def test_what_is_put_in_is_answered_in_words(loaded: LoadedModel, typed: str, said: str) -> None:
    session, writing = begun(loaded)
    view = View()
    interpret.act(loaded, session, writing, view, {"swap": 3, "with": typed})
    assert said in view.refused
    assert (view.swapped is None) == (said != "")
    interpret.act(loaded, session, writing, view, {"swap": 0, "with": "月"})  # <bos> stays what it is
    assert view.swapped is None


def test_without_the_training_text_the_command_is_named(loaded: LoadedModel) -> None:
    header, _ = sent(loaded, *begun(loaded))
    assert header["recall"]["state"] == "missing"
    assert "python data/poetry/prepare.py" in header["recall"]["message"]


def test_runs_in_the_training_text(
    loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tiny_dataset(tmp_path / "tiny")
    monkeypatch.setenv("SHICI_DATA", str(tmp_path / "tiny"))
    session, writing = begun(loaded)
    view = View()
    assert sent(loaded, session, writing, view)[0]["recall"]["state"] == "bare"
    interpret.act(loaded, session, writing, view, {"index": True})
    found = sent(loaded, session, writing, view)[0]["recall"]
    text = open_text(tmp_path / "tiny")
    expected = recall(text, load_index(text), "白日依山尽，")
    assert [run["length"] for run in found["runs"]] == [1, 2, 3, 4, 5, 6]
    assert [run["count"] for run in found["runs"]] == [one.count for one in expected]
    assert found["tokens"] == len(training_text().tokens)
    assert found["usual"]["poems"] == 8


@pytest.mark.parametrize("typed", ["", "床", "明月" * 1500, "床前明月光，\n\n疑是"])
def test_whatever_can_be_read_is_drawn(typed: str) -> None:
    app = show(start=typed)
    assert not app.exception
    header, tensors = unpack(app.get("bidi_component")[1].proto.bytes)
    assert tensors["top_probability"].shape[1] == len(header["tokens"])
    assert ("zero" in tensors) == (typed in ("床", "床前明月光，\n\n疑是"))


@pytest.mark.parametrize("typed", ["🐉", "hello", "<img src=x onerror=alert(1)>", "\ud800"])
def test_what_cannot_be_read_is_answered(typed: str) -> None:
    app = show(start=typed)
    assert not app.exception
    assert len(app.get("bidi_component")) == 1


def test_a_finished_poem_is_looked_at(loaded: LoadedModel) -> None:
    session, writing = begun(loaded)
    interpret.act(loaded, session, writing, View(), {"write": 128})
    header, _ = sent(loaded, session, writing)
    assert header["tokens"][-1]["kind"] == "end"
    interpret.act(loaded, session, writing, View(), {"back": True})
    assert sent(loaded, session, writing)[0]["written"] == 0
    write_on(loaded, session, writing, 2)
    assert sent(loaded, session, writing)[0]["written"] == 2
