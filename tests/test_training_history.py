"""What a run remembers of how it learned: history.json, and what is measured for it.

Run: pytest tests/test_training_history.py
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from shici.checkpoint import PRETRAINED, load_model, read_checkpoint
from shici.corpus.document import Document, encode_prompt
from shici.errors import TrainingError
from shici.training import main as training
from shici.training import observation
from shici.training.history import HISTORY, Record, Recorder, Run, read_history, write_history
from shici.training.observation import ASKED, PROMPTS, Plan, observe, plan_for, virtues
from shici.vocabulary import control
from tests.tiny import stop_after, tiny_arguments, tiny_dataset
from tests.tiny_writer import VOCABULARY, tiny_model

PLAN = Plan(
    (Document(""), Document("白日依")), Document("", form="七绝"), 3, seed=5, temperature=0.8, top_k=20
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tiny_dataset(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few and short poems: these tests are about when they are written."""
    monkeypatch.setattr(observation, "COUNT", 4)
    monkeypatch.setattr(observation, "LENGTH", 16)


# the virtues of a poem

GOOD = "朝辞白帝彩云间，千里江陵一日还。\n两岸猿声啼不住，轻舟已过万重山。"
POEMS = [  # text, ended, form -> punctuation, length, rhyme, tone
    (GOOD, True, "七绝", (True, True, True, True)),
    (GOOD, False, "七绝", (True, False, False, False)),
    (GOOD[:-4], False, "七绝", (True, False, False, False)),  # cut off in the last line
    (GOOD[:-4], True, "七绝", (False, False, False, False)),
    ("山" * 11 + "，", False, "七绝", (True, False, False, False)),
    ("山" * 12 + "，", False, "七绝", (False, False, False, False)),
    ("山山，" + "山" * 12, False, "七绝", (False, False, False, False)),
    (GOOD.replace("还", "去"), True, "七绝", (True, True, False, True)),  # a rhyme's tone is the rhyme's business
    (GOOD.replace("啼不住", "鸣于天"), True, "七绝", (True, True, True, False)),
    (GOOD.replace("间，", "间，，"), True, "七绝", (False, True, True, True)),
    (GOOD.replace("\n", ""), True, "七绝", (True, True, True, True)),
    (GOOD.replace("，", "\n"), True, "七绝", (False, True, True, True)),
    (GOOD.replace("猿声", ""), True, "七绝", (True, False, False, False)),
    ("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。", True, "七绝", (True, False, False, False)),
    ("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。", True, "", (True, True, True, True)),
    ("山山山山山山山，山山山山山山山。\n山山山山山山山，山山山山山山山。", True, "七绝", (True, True, False, False)),
    ("的不了", True, "七绝", (False, False, False, False)),
    ("", True, "七绝", (False, False, False, False)),
    ("，", False, "七绝", (False, False, False, False)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ended", "form", "expected"), POEMS)
def test_virtues(text: str, ended: bool, form: str, expected: tuple[bool, ...]) -> None:
    assert virtues(text, ended, form) == expected


# what is seen of a model


def test_the_probabilities_are_those_of_a_plain_forward_pass() -> None:
    model = tiny_model()
    seen = observe(model, VOCABULARY, PLAN)
    for prompt, writing in zip(PLAN.prompts, seen.writings, strict=True):
        logits = model(torch.tensor([encode_prompt(prompt, VOCABULARY)]))[0][0, -1]
        own = F.softmax(logits.detach(), dim=-1)
        assert [token for token, _ in writing.following] == [
            VOCABULARY.tokens[token] for token in own.topk(10).indices.tolist()
        ]
        for token, share in writing.following:
            assert share == pytest.approx(float(own[VOCABULARY.ids[token]]), rel=1e-4)


def test_each_row_is_what_the_model_writes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Greedily, without a cache, prompt by prompt: the batch of unequal prompts writes the same."""
    model = tiny_model()
    seen = observe(model, VOCABULARY, replace(PLAN, temperature=1e-6))
    for prompt, writing in zip(PLAN.prompts, seen.writings, strict=True):
        ids = encode_prompt(prompt, VOCABULARY)
        start = len(ids)
        while len(ids) < model.config.block_size and ids[-1] != VOCABULARY.eos:
            logits = model(torch.tensor([ids]))[0][0, -1].detach()
            logits[: VOCABULARY.control_count] = -torch.inf
            logits[VOCABULARY.eos] = model(torch.tensor([ids]))[0][0, -1, VOCABULARY.eos]
            ids.append(int(logits.argmax()))
        assert writing.text == VOCABULARY.decode(ids[start:])
        assert writing.ended == (ids[-1] == VOCABULARY.eos)


def test_looking_changes_nothing() -> None:
    model = tiny_model().train()
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first = observe(model, VOCABULARY, PLAN)
    assert torch.equal(torch.get_rng_state(), before)
    assert model.training
    assert observe(model, VOCABULARY, PLAN) == first
    assert observe(model, VOCABULARY, replace(PLAN, seed=6)) != first


def test_the_shipped_model_keeps_the_form() -> None:
    loaded = load_model(PRETRAINED)
    tokens = np.array([loaded.vocabulary.ids[control("七绝")]], dtype=np.uint16)
    plan = plan_for(loaded.vocabulary, tokens, 256, 1337)
    assert (plan.prompts, plan.asked) == (PROMPTS, ASKED)
    seen = observe(loaded.model, loaded.vocabulary, plan)
    assert seen.shares.punctuation > 0.9
    assert seen.shares.length > 0.9
    assert 0.4 < seen.shares.rhyme <= seen.shares.length
    assert seen.writings[2].following[0][0] in "，。"


def test_a_text_without_forms_is_asked_for_none() -> None:
    tokens = np.array(encode_prompt(Document("床前明月光"), VOCABULARY), dtype=np.uint16)
    plan = plan_for(VOCABULARY, tokens, 64, 1)
    assert (plan.prompts, plan.asked) == ((Document(""), Document("白日依山尽，")), Document(""))
    assert plan_for(VOCABULARY, tokens, 8, 1).prompts == (Document(""),)


# the file


def steps(out: Path) -> list[int]:
    return [record.step for record in read_history(out / HISTORY).records]


@pytest.mark.usefixtures("small")
def test_a_run_writes_its_history(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out-first"
    training.main(tiny_arguments(data, out, history=True))
    history = read_history(out / HISTORY)
    assert steps(out) == [0, 1, 2, 4, 8, 10, 16, 20]
    assert [record.step for record in history.records if record.val_loss is not None] == [0, 10, 20]
    assert (history.runs[0].name, history.runs[0].settings["max_iters"]) == ("out-first", 20)
    assert str(tmp_path) not in (out / HISTORY).read_text(encoding="utf-8")
    model = load_model(out / "ckpt.pt")
    seen = observe(model.model.bfloat16(), model.vocabulary, history.plan)
    assert history.records[-1].shares == seen.shares
    assert [one.text for one in history.records[-1].writings] == [one.text for one in seen.writings]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("average", [0.0, 0.9])
def test_recording_does_not_disturb_the_run(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, average: float
) -> None:
    """With and without a history, and stopped and resumed: the same weights, and a record of each step once."""
    changes = {"dropout": 0.1, "average": average}
    silent, whole, broken = (tmp_path / name for name in ("silent", "whole", "out"))
    training.main(tiny_arguments(data, silent, history=False, **changes))
    training.main(tiny_arguments(data, whole, history=True, **changes))
    stop_after(monkeypatch, 13)
    training.main(tiny_arguments(data, broken, history=True, **changes))
    training.main(tiny_arguments(data, broken, history=True, init_from="resume", **changes))
    weights = [read_checkpoint(out / "ckpt.pt")["model"] for out in (silent, whole, broken)]
    for other in weights[1:]:
        assert all(torch.equal(weights[0][name], other[name]) for name in other)
    assert not (silent / HISTORY).exists()
    assert steps(broken) == sorted([*steps(whole), 13])
    records = {one.step: one for one in read_history(broken / HISTORY).records}
    assert all(records[one.step] == one for one in read_history(whole / HISTORY).records)


def test_a_record_made_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    path, model = tmp_path / HISTORY, tiny_model()
    first = Recorder(path, VOCABULARY, PLAN, Run("out", "", {}), 0)
    for step in (0, 1, 2, 4):
        assert first.due(step)
        first.record(model, step, 10 * step, None)
        assert not first.due(step)
    resumed = Recorder(path, VOCABULARY, PLAN, Run("out", "", {"max_iters": 9}), 2)
    assert [resumed.due(step) for step in (1, 2, 3, 4)] == [False, False, False, True]
    resumed.record(model, 4, 41, 3.25)
    found = read_history(path)
    assert [(one.step, one.tokens) for one in found.records] == [(0, 0), (1, 10), (2, 20), (4, 41)]
    assert found.runs == (Run("out", "", {"max_iters": 9}),)


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / HISTORY
    Recorder(path, VOCABULARY, PLAN, Run("out", "a remark", {"seed": 1}), 0).record(tiny_model(), 0, 0, 9.125)
    history = read_history(path)
    history, second = history.with_run(Run("other", "", {}))
    record: Record = replace(history.records[0], run=second, step=7)
    write_history(path, history.with_record(record))
    assert read_history(path) == history.with_record(record)


FOREIGN = [
    b"", b"\xff\xfe", b"[]", b"null", b"3", b'{"format": "shici history 2"}', b'{"format": "shici history 1"}',
    b"[" * 100_000,
]  # fmt: skip
DAMAGE = [
    ("step", -1), ("step", "4"), ("step", True), ("run", 1), ("tokens", 1.5), ("val_loss", float("nan")),
    ("val_loss", "low"), ("writings", []), ("writings", [{}]), ("shares", {}), ("shares", None),
]  # fmt: skip


@pytest.mark.parametrize("content", FOREIGN, ids=range(len(FOREIGN)))
def test_what_is_no_history_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / HISTORY).write_bytes(content)
    with pytest.raises(TrainingError, match=r"Cannot read .*history\.json"):
        read_history(tmp_path / HISTORY)


@pytest.mark.parametrize(("name", "value"), DAMAGE)
def test_a_damaged_record_is_named(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / HISTORY
    Recorder(path, VOCABULARY, PLAN, Run("out", "", {}), 0).record(tiny_model(), 0, 0, None)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["records"][0][name] = value
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(TrainingError, match="Cannot read"):
        read_history(path)
    Recorder(path, VOCABULARY, PLAN, Run("out", "", {}), 5).record(tiny_model(), 8, 0, None)
    assert steps(tmp_path) == [8]  # a run that resumes over it begins it anew


def test_a_missing_history_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="did not record"):
        read_history(tmp_path / HISTORY)


def test_a_run_is_never_longer_than_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that never ends a poem is cut off."""
    draw = observation._draw

    def endless(logits: torch.Tensor, plan: Plan, noise: torch.Tensor) -> torch.Tensor:
        logits[:, VOCABULARY.eos] = -torch.inf
        return draw(logits, plan, noise)

    monkeypatch.setattr(observation, "LENGTH", 12)
    monkeypatch.setattr(observation, "_draw", endless)
    seen = observe(tiny_model(), VOCABULARY, PLAN)
    for prompt, writing in zip(PLAN.prompts, seen.writings, strict=True):
        assert not writing.ended
        assert len(encode_prompt(prompt, VOCABULARY)) + len(writing.text) == 12
    assert seen.shares.length == 0.0
