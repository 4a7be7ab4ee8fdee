"""Nats per character: uniform models, the training loop's own figure, long poems, streams, strangers.

Run: pytest tests/test_evaluation_loss.py
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from shici.corpus.document import Document, encode_document
from shici.errors import CorpusError, TextInputError, TrainingError, VocabularyError
from shici.evaluation.loss import ccpc_report, inside, loss_report
from shici.evaluation.poems import Split, read_ccpc, read_split
from shici.evaluation.scoring import Scored, score, tokens_to_read
from shici.evaluation.text import FIELDS, UNKNOWN_NATS, Speller
from shici.model.gpt import GPT
from shici.training.documents import split_documents
from shici.training.evaluate import validate
from shici.training.machine import Machine
from shici.vocabulary import Vocabulary
from tests.tiny import tiny_dataset, tiny_documents
from tests.tiny_writer import PLAIN_VOCABULARY, POEMS, VOCABULARY, tiny_model

DOCUMENTS = [
    Document(POEMS[0], form="五绝", dynasty="唐", author="白日", title="山上"),
    Document(POEMS[1], form="五绝", rhyme="七阳", author="李白"),
    Document(POEMS[2], form="七古"),
    Document(POEMS[2] + "\n" + POEMS[0] + "\n" + POEMS[1], form="杂言", dynasty="宋", title="如土"),
]
LONG = DOCUMENTS[3]  # 68 characters, three blocks


def uniform(vocabulary: Vocabulary) -> GPT:
    """Every token equally likely: the tied embedding is zero."""
    model = tiny_model(vocabulary)
    with torch.no_grad():
        model.lm_head.weight.zero_()
    return model


def nats_of(model: GPT, ids: list[int], first: int) -> list[float]:
    """The slow way: one whole forward pass, from token `first` on."""
    with torch.no_grad():
        logits = model(torch.tensor([ids[:-1]]), torch.tensor([ids[1:]]))[0][0]
    logs = torch.log_softmax(logits.double(), dim=-1)
    return [-float(logs[place - 1, ids[place]]) for place in range(first, len(ids))]


@pytest.mark.parametrize("vocabulary", [VOCABULARY, PLAIN_VOCABULARY])
def test_a_uniform_model_pays_the_logarithm_of_its_vocabulary(vocabulary: Vocabulary) -> None:
    speller, model = Speller(vocabulary), uniform(vocabulary)
    found = score(model, [speller.line(document) for document in DOCUMENTS])
    for one in found:
        assert one.nats[:-1] == pytest.approx(math.log(len(vocabulary)))
        assert one.confidence == pytest.approx(1 / len(vocabulary))
    # a stream's end is a blank line: two tokens
    ends = 1 if vocabulary.has_controls else 2
    assert found[0].nats[-1] == pytest.approx(ends * math.log(len(vocabulary)))


@pytest.mark.parametrize("fields", [(), FIELDS])
def test_the_figure_is_the_training_loops_own(fields: tuple[str, ...]) -> None:
    """Also with a poem that is longer than the block, whose tail neither counts."""
    model = tiny_model()
    ids = [index for document in DOCUMENTS for index in encode_document(document, VOCABULARY)]
    documents = split_documents(np.array(ids, np.uint16), VOCABULARY)
    machine = Machine(torch.device("cpu"), torch.float32, compile=False)
    theirs = validate(model, documents, VOCABULARY.body, machine, batches=None)
    speller = Speller(VOCABULARY)
    lines = [speller.line(document, fields) for document in DOCUMENTS]
    scored = score(model, lines)
    chosen = [inside(line, one) for line, one in zip(lines, scored, strict=True)]
    assert not all(mask.all() for mask in chosen)
    ours = sum(one.nats[mask].sum() for one, mask in zip(scored, chosen, strict=True)) / sum(
        mask.sum() for mask in chosen
    )
    assert ours == pytest.approx(theirs.fields if fields else theirs.bare, abs=1e-6)


def test_many_poems_at_once_score_as_each_alone() -> None:
    model, speller = tiny_model(), Speller(VOCABULARY)
    lines = [speller.line(document, fields) for document in DOCUMENTS for fields in ((), FIELDS)]
    together = score(model, lines)
    for line, one in zip(lines, together, strict=True):
        alone = score(model, [line])[0]
        assert one.nats == pytest.approx(alone.nats, abs=1e-5)
        assert one.confidence == pytest.approx(alone.confidence, abs=1e-5)
        assert (one.hit == alone.hit).all()
        assert (one.inside == alone.inside).all()


def test_a_long_poem_is_read_on_in_windows() -> None:
    """Each character behind the block is predicted from at least half a block."""
    model, speller = tiny_model(), Speller(VOCABULARY)
    line = speller.line(LONG)
    block, size = model.config.block_size, len(line.ids)
    found = score(model, [line])[0]
    assert int(found.inside.sum()) == block - line.first + 1
    assert found.nats[: block - 1] == pytest.approx(nats_of(model, list(line.ids[: block + 1]), 2), abs=1e-5)
    half = block // 2
    for place in range(block + 1, size):
        start = -(-(place - block) // half) * half  # the first window that reaches so far
        window = list(line.ids[start : place + 1])
        expected = nats_of(model, window, len(window) - 1)[0]
        assert found.nats[place - line.first] == pytest.approx(expected, abs=1e-5), place


def test_fields_longer_than_the_block_are_read_from_their_end() -> None:
    speller = Speller(VOCABULARY)
    wordy = replace(DOCUMENTS[0], title="白日依山尽黄河入海流欲穷千里目更上一层楼" * 2)
    found = score(tiny_model(), [speller.line(wordy, FIELDS)])[0]
    assert np.isfinite(found.nats).all()
    assert not found.inside.any()


def test_progress_tells_of_every_token() -> None:
    model, speller = tiny_model(), Speller(VOCABULARY)
    lines, told = [speller.line(document) for document in DOCUMENTS], []
    score(model, lines, progress=told.append)
    assert sum(told) == tokens_to_read(lines, model.config.block_size)


@pytest.mark.parametrize(
    ("stream", "text", "given"),
    [
        ("blocks", "\n\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n\n", 2),
        ("lines", "\n白日依山尽，黄河入海流。欲穷千里目，更上一层楼。\n", 1),
    ],
)
def test_a_stream_pays_for_the_poem_as_its_text_has_it(stream: str, text: str, given: int) -> None:
    """The code length of the verse and of what ends it, over as many characters as a model with <eos> predicts."""
    model = tiny_model(PLAIN_VOCABULARY, block_size=64)
    line = Speller(PLAIN_VOCABULARY, stream).line(DOCUMENTS[0], FIELDS if stream == "lines" else ())
    found = score(model, [line])[0]
    expected = nats_of(model, PLAIN_VOCABULARY.encode(text), given)
    assert found.nats.sum() == pytest.approx(sum(expected), abs=1e-4)
    assert len(found.nats) == line.characters == len(POEMS[0]) + 1
    if stream == "lines":
        assert found.nats[POEMS[0].index("\n")] == 0
        assert found.inside.all()


def test_a_stream_has_title_and_author_above_the_poem() -> None:
    speller = Speller(PLAIN_VOCABULARY)
    line = speller.line(replace(DOCUMENTS[1], title="早发白帝城"), FIELDS)
    assert PLAIN_VOCABULARY.decode(line.ids[: line.first]) == "\n\n早发白帝城\n李白\n"
    stranger = speller.line(replace(DOCUMENTS[1], title="赠汪伦"), FIELDS)
    assert PLAIN_VOCABULARY.decode(stranger.ids[: stranger.first]) == "\n\n"


def test_a_vocabulary_that_separates_no_poems_is_refused() -> None:
    with pytest.raises(VocabularyError, match="换行"):
        Speller(Vocabulary("白日依山尽，。"))


@pytest.mark.parametrize("vocabulary", [VOCABULARY, PLAIN_VOCABULARY])
def test_unknown_characters_are_charged_and_what_cannot_be_spelt_is_no_field(vocabulary: Vocabulary) -> None:
    speller, model = Speller(vocabulary), uniform(vocabulary)
    document = Document("白日龘山龘，黄河入海流。", author="龘", title="白日")
    line = speller.line(document, FIELDS)
    found = score(model, [line])[0]
    assert np.flatnonzero(line.unknown).tolist() == [2, 4]
    assert found.nats[[2, 4]] == pytest.approx(UNKNOWN_NATS)
    assert found.nats[[1, 3]] == pytest.approx(math.log(len(vocabulary)))
    assert np.isnan(found.confidence[[2, 4]]).all()
    assert not found.hit[[2, 4]].any()
    kept = speller.kept(document, FIELDS)
    assert (kept.author, kept.title) == ("", "白日")
    split = Split((document,), ("",))
    report = loss_report(split, {"bare": [line]}, {"bare": [found]}, seed=0)
    assert report["unknown"]["characters"] == 2
    assert report["unknown"]["share"] == pytest.approx(2 / 12)


def test_an_unknown_character_costs_more_than_any_known_one_of_an_even_guess() -> None:
    assert math.log(2**16) < UNKNOWN_NATS


def test_groups_and_kinds_add_up() -> None:
    model, speller = tiny_model(), Speller(VOCABULARY)
    split = Split(tuple(DOCUMENTS), ("全唐诗", "全唐诗", "", "全宋诗"))
    lines = {way: [speller.line(d, f) for d in DOCUMENTS] for way, f in (("bare", ()), ("fields", FIELDS))}
    report = loss_report(split, lines, {way: score(model, some) for way, some in lines.items()}, seed=0)
    assert list(report["by_collection"]) == ["全唐诗", "全宋诗", "未标"]
    assert report["by_form"]["五绝"]["poems"] == 2
    for way in lines:
        whole = report["all"][way]
        for group in ("by_form", "by_dynasty", "by_collection", "by_kind"):
            parts = [entry[way] for entry in report[group].values()]
            assert sum(part["characters"] for part in parts) == whole["characters"]
            nats = sum(part["nats"] * part["characters"] for part in parts if part["characters"])
            assert nats == pytest.approx(whole["nats"] * whole["characters"])
        assert whole["bits"] == pytest.approx(whole["nats"] / math.log(2))
        assert math.isnan(whole["low"])  # of four poems
        everything = sum(len(document.body) + 1 for document in DOCUMENTS)
        assert report["whole"][way]["characters"] == everything > whole["characters"]


CCPC = [
    {"dynasty": "Tang", "author": "李白", "content": "床前明月光|疑是地上霜|举头望明月|低头思故乡",
     "title": "静夜思", "keywords": "明月 故乡"},
    {"dynasty": "Qing", "author": "", "content": "白日依山尽|黄河入海流|欲窮千里目|更上一层楼", "title": "登樓"},
]  # fmt: skip


def test_a_ccpc_file(tmp_path: Path) -> None:
    path = tmp_path / "ccpc_test.json"
    path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in CCPC))
    split = read_ccpc(path)
    assert split.poems[0] == Document(
        "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。",
        "五绝",
        dynasty="唐",
        author="李白",
        title="静夜思",
    )
    assert split.poems[1].body == POEMS[0]  # simplified, as the model reads
    assert split.poems[1].title == "登楼"
    assert split.poems[1].dynasty == "清"
    speller, model = Speller(VOCABULARY), uniform(VOCABULARY)
    lines = {"bare": [speller.line(poem) for poem in split.poems]}
    report = ccpc_report(split, lines, {"bare": score(model, lines["bare"])}, seed=0)
    assert report["ideographs"]["bare"]["characters"] == 2 * (
        23 - 4
    )  # what a block of 24 predicts, less marks and line feed
    assert report["ideographs"]["bare"]["nats"] == pytest.approx(math.log(len(VOCABULARY)))


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[1, 2]",
        '{"title": "x"}',
        '{"content": 7}',
        '{"content": "床前明月光|疑是地上霜|举头望明月"}',
    ],
)
def test_a_line_that_is_not_of_ccpc_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "ccpc.json"
    path.write_text(json.dumps(CCPC[0], ensure_ascii=False) + f"\n{line}\n")
    with pytest.raises(TextInputError, match=r"ccpc\.json:2"):
        read_ccpc(path)


def test_an_empty_or_missing_ccpc_file(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("\n")
    for name in ("empty.json", "missing.json"):
        with pytest.raises(TextInputError):
            read_ccpc(tmp_path / name)


def test_a_split_is_read_back(tmp_path: Path) -> None:
    tiny_dataset(tmp_path / "data")
    split = read_split(tmp_path / "data", "val")
    assert split.poems == tuple(tiny_documents()[:8])
    assert split.collections == ("",) * 8
    assert read_split(tmp_path / "data", "val", limit=3).poems == split.poems[:3]


def test_missing_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="prepare"):
        read_split(tmp_path, "test")
    tiny_dataset(tmp_path / "data")
    with pytest.raises(TrainingError, match="prepare"):
        read_split(tmp_path / "data", "test")
    (tmp_path / "data" / "test.bin").touch()
    with pytest.raises(CorpusError, match="--split=val"):
        read_split(tmp_path / "data", "test")


def test_scored_arrays_are_as_long_as_the_poem() -> None:
    found: list[Scored] = score(tiny_model(), [Speller(VOCABULARY).line(d) for d in DOCUMENTS])
    for document, one in zip(DOCUMENTS, found, strict=True):
        sizes = {len(array) for array in (one.nats, one.confidence, one.hit, one.inside)}
        assert sizes == {len(document.body) + 1}
