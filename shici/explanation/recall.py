"""Recall or invention: the longest run that ends in a character and stands in the training text. Exact.

The training text (train.bin) does not ship; python data/poetry/prepare.py makes it. An index of it is built once and
kept in its folder: a suffix array of the text read backwards, so that the run that ends at a character is found by
bisection (as in Liu et al. 2024, "Infini-gram"). 25.8 M tokens take about 20 seconds and 1.2 GB while it is
built, 103 MB on disk; it is then mapped, not read.

A long run says that the characters stood together in the training text, not that the model looked them up; a short
one does not say that a line is good. Names and set phrases recur by themselves: held-out poems by people
(`baseline`) show how much of that is usual.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shici.checkpoint import replacing
from shici.corpus.dataset import META_NAMES, find_meta, read_meta
from shici.corpus.document import Document, decode_document, document_starts
from shici.errors import CorpusError
from shici.explanation.suffixes import Places, Tell, Tokens, longest, span, suffix_array
from shici.explanation.verse import body_start
from shici.vocabulary import Vocabulary

TEXT, HELD_OUT = "train.bin", "val.bin"
COMMAND = "python data/poetry/prepare.py"
LONGEST_DOCUMENT = 4096  # tokens looked through for the beginning of a document
EARLIEST_OF = 1000  # of so many occurrences the earliest is named


@dataclass(frozen=True, slots=True)
class TrainingText:
    """tokens: (N,) mapped. vocabulary: the text's own. index: where its suffix array lies or will lie."""

    folder: Path
    tokens: Tokens
    vocabulary: Vocabulary
    index: Path

    @property
    def indexed(self) -> bool:
        return self.index.is_file()


@dataclass(frozen=True, slots=True)
class Recalled:
    """Of one character.

    length: of the longest run that ends with it and stands in the training text; 0 for a character that is not there.
    count: how often that run stands there. source: the poem of one occurrence, the earliest where they are few.
    context, context_count: the same for what stands before it, without it. continued: how many of the
    context_count occurrences go on with this very character.
    """

    length: int
    count: int
    source: Document | None
    context: int
    context_count: int
    continued: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """Of held-out poems by people, which are not in the training text: runs of their characters.

    poems: how many. mean: of all characters. longest_mean, longest_most: of the longest run of each poem.
    """

    poems: int
    mean: float
    longest_mean: float
    longest_most: int


def open_text(folder: Path) -> TrainingText:
    """The training text in a folder that prepare.py filled. Raises CorpusError, naming the command, if missing."""
    path = folder / TEXT
    meta = find_meta(folder)
    if not path.is_file() or meta is None or path.stat().st_size < 2:
        raise CorpusError(
            f"{folder} 里没有训练文本（{TEXT} 与 {META_NAMES[0]}）。请先运行 {COMMAND}。",
            f"{folder} holds no training text ({TEXT} and {META_NAMES[0]}). Run {COMMAND} first.",
        )
    if path.stat().st_size % 2:
        raise CorpusError(
            f"{path} 残缺：字节数不是偶数。请再运行 {COMMAND}。",
            f"{path} is damaged: an odd number of bytes. Run {COMMAND} again.",
        )
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()[:16]
    tokens = np.memmap(path, np.uint16, "r")
    return TrainingText(folder, tokens, read_meta(meta), folder / ".cache" / f"suffixes-{digest}.npy")


def build_index(text: TrainingText, tell: Tell = lambda told: None) -> None:
    """Build the suffix array of the text read backwards, and keep it. Raises CorpusError if it cannot be written."""
    order = suffix_array(np.ascontiguousarray(text.tokens[::-1]), tell)
    try:
        with replacing(text.index) as temporary, temporary.open("wb") as opened:
            np.save(opened, order)
    except OSError as error:
        raise CorpusError(
            f"写不了索引 {text.index}（{error.strerror}）。请腾出空间，或给它写的权限。",
            f"Cannot write the index {text.index} ({error.strerror}). Make room or allow it to be written.",
        ) from error


def load_index(text: TrainingText) -> Places:
    """The suffix array, mapped. Raises CorpusError if it is missing or damaged; `build_index` mends that."""
    try:
        order: Places = np.load(text.index, mmap_mode="r")
        if order.shape == text.tokens.shape and order.dtype == np.int32:
            return order
    except (OSError, ValueError):
        pass
    raise CorpusError(
        f"索引 {text.index} 缺失或已损坏。请重建。",
        f"The index {text.index} is missing or damaged. Build it again.",
    )


def recall(text: TrainingText, order: Places, characters: Sequence[str]) -> list[Recalled]:
    """Of each character of a verse (marks and line feeds are characters too), in order."""
    backwards = text.tokens[::-1]
    ids = [text.vocabulary.ids.get(one, -1) for one in characters]
    found: list[Recalled] = []
    before = 0, len(text.tokens)  # the empty run stands everywhere
    for place in range(len(ids)):
        past = known(ids[: place + 1])[::-1]
        length = longest(backwards, order, past)
        low, high = span(backwards, order, past[:length]) if length else (0, 0)
        context, context_count = before
        follows = high - low if length == context + 1 else 0
        source = source_of(text, order, low, high) if length else None
        found.append(Recalled(length, high - low, source, context, context_count, follows))
        before = (length, high - low) if length else (0, len(text.tokens))
    return found


def known(ids: list[int]) -> list[int]:
    """What stands behind the last token that the text does not know."""
    return ids[len(ids) - ids[::-1].index(-1) :] if -1 in ids else ids


def source_of(text: TrainingText, order: Places, low: int, high: int) -> Document:
    """The document of an occurrence: of the earliest in the file, if they are few."""
    slots = order[low : min(high, low + EARLIEST_OF)]
    place = len(text.tokens) - 1 - int(slots.max())  # read backwards, the earliest is the largest
    start = max(0, place - LONGEST_DOCUMENT)
    first = start
    if text.vocabulary.has_controls:
        begins = np.flatnonzero(text.tokens[start : place + 1] == text.vocabulary.bos)
        first = start + int(begins[-1]) if len(begins) else start
    return decode_document(text.tokens[first : place + 1].tolist(), text.vocabulary)


def baseline(text: TrainingText, order: Places, poems: int = 48) -> Baseline | None:
    """The runs of the first `poems` held-out poems; None where there are none."""
    path = text.folder / HELD_OUT
    if not path.is_file() or not text.vocabulary.has_controls:
        return None
    tokens = np.fromfile(path, np.uint16)
    starts = document_starts(tokens, text.vocabulary.bos)[: poems + 1]
    runs = []
    for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        ids = tokens[a:b].tolist()
        verse = text.vocabulary.decode(ids[body_start(ids, text.vocabulary) :])
        runs.append([one.length for one in recall(text, order, verse)])
    runs = [poem for poem in runs if poem]
    if not runs:
        return None
    most = [max(poem) for poem in runs]
    return Baseline(len(runs), float(np.mean(np.concatenate(runs))), float(np.mean(most)), max(most))
