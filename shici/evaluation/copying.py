"""What poems share with the training text: whole lines, and the longest run of characters. Exact, not estimated.

The training text is one row of ideographs (marks and line feeds left out, poems kept apart). Four characters
fit in 64 bits, so all places can be sorted by the four characters that begin there; a place of a new poem is
looked up by its own four and each occurrence is followed as far as it agrees. 16.5 M ideographs take
about 0.6 GB while the index is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from shici.corpus.characters import NOT_HAN
from shici.evaluation.statistics import share
from shici.explanation.verse import BREAKS
from shici.training.documents import Documents
from shici.vocabulary import Vocabulary

Report = dict[str, Any]
Tokens = npt.NDArray[np.uint16]
Integers = npt.NDArray[np.int64]

SEED = 4  # characters that must agree before a run is followed
SHORTEST_LINE = 5  # shorter ones coincide by chance
LONG_RUN = 14  # characters: two lines of 七言
APART, STRANGER = 0, 2**16 - 1  # between training poems; a character that the training text lacks
PAIRS = 2_000_000  # occurrences that are followed at a time


@dataclass(frozen=True, slots=True)
class Index:
    """text: (N,) ideographs, APART between poems. starts, ends: (N,) bool, where a verse line starts and ends.

    keys: (M,) the four characters at each place, sorted; places: (M,) where. vocabulary: of the text.
    """

    text: Tokens
    starts: npt.NDArray[np.bool_]
    ends: npt.NDArray[np.bool_]
    keys: npt.NDArray[np.uint64]
    places: npt.NDArray[np.int32]
    vocabulary: Vocabulary


def build_index(documents: Documents, vocabulary: Vocabulary) -> Index:
    """Index the verse of all documents."""
    kinds = documents.tokens[documents.starts]
    bodies = np.flatnonzero(kinds == vocabulary.body)
    verse = np.zeros(len(documents.tokens), np.bool_)
    for start, length in zip(
        documents.starts[bodies].tolist(), documents.lengths[bodies].tolist(), strict=True
    ):
        verse[start : start + length] = True  # <body> itself will stand between the poems
    tokens = np.where(documents.tokens[verse] == vocabulary.body, APART, documents.tokens[verse])
    han, breaks = _classes(vocabulary)
    breaks[APART] = True
    row = np.append(tokens, APART).astype(np.uint16)  # a poem apart at the end as well
    kept = han[row] | (row == APART)
    # a line starts where the last kept or breaking token before is a break, and ends likewise
    told = kept | breaks[row]
    seen, is_break = row[told], breaks[row[told]]
    letters = han[seen] | (seen == APART)
    starts = np.append(True, is_break[:-1])[letters]
    ends = np.append(is_break[1:], True)[letters]
    text = seen[letters]
    keys = four(text)
    whole = ~_touches(text == APART)
    places = np.flatnonzero(whole).astype(np.int32)
    keys = keys[whole]
    order = np.argsort(keys, kind="stable")
    return Index(text, starts, ends, keys[order], places[order], vocabulary)


def _classes(vocabulary: Vocabulary) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which tokens are ideographs, and which break a line: (65536,) bool both."""
    han, breaks = np.zeros(2**16, np.bool_), np.zeros(2**16, np.bool_)
    for index, token in enumerate(vocabulary.tokens):
        han[index] = len(token) == 1 and not NOT_HAN.fullmatch(token)
        breaks[index] = token in BREAKS
    return han, breaks


def four(text: Tokens) -> npt.NDArray[np.uint64]:
    """(N - 3,) the four characters that begin at each place, in one number."""
    wide = text.astype(np.uint64)
    size = max(0, len(text) - SEED + 1)
    keys = np.zeros(size, np.uint64)
    for offset in range(SEED):
        keys = (keys << np.uint64(16)) | wide[offset : offset + size]
    return keys


def _touches(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(N - 3,) whether one of the four places from each on is flagged."""
    size = max(0, len(flags) - SEED + 1)
    found = np.zeros(size, np.bool_)
    for offset in range(SEED):
        found |= flags[offset : offset + size]
    return found


@dataclass(frozen=True, slots=True)
class Copied:
    """Of one poem. run: the longest run of its ideographs in the training text, 0 if none reaches four.

    lines: its verse lines of five characters and more; copied: those that are whole lines there as well.
    """

    run: int
    lines: int
    copied: int


def find_copied(bodies: Sequence[str], index: Index) -> list[Copied]:
    """What each poem shares with the training text."""
    return [one for first in range(0, len(bodies), 256) for one in _find(bodies[first : first + 256], index)]


def _find(bodies: Sequence[str], index: Index) -> list[Copied]:
    text, poem_of, line_of, line_length = _query(bodies, index.vocabulary)
    runs = np.zeros(len(bodies), np.int64)
    copied = np.zeros(len(line_length), np.bool_)
    keys = four(text)
    usable = np.flatnonzero(~_touches(text == STRANGER))
    low = np.searchsorted(index.keys, keys[usable], side="left")
    high = np.searchsorted(index.keys, keys[usable], side="right")
    for some in _chunks(high - low):
        mine, theirs = _pairs(usable[some], low[some], high[some], index.places)
        lengths = _follow(text, index.text, mine, theirs)
        np.maximum.at(runs, poem_of[mine], lengths)
        line = line_of[mine]
        begins = np.flatnonzero((line >= 0) & index.starts[theirs])
        wanted = line_length[line[begins]]
        reaches = (lengths[begins] >= wanted) & index.ends[
            np.minimum(theirs[begins] + wanted - 1, len(index.ends) - 1)
        ]
        copied[line[begins[reaches]]] = True
    long_enough = line_length >= SHORTEST_LINE
    owner = poem_of[np.flatnonzero(line_of >= 0)]
    lines = np.bincount(owner[long_enough], minlength=len(bodies))
    found = np.bincount(owner[long_enough & copied], minlength=len(bodies))
    return [Copied(int(runs[i]), int(lines[i]), int(found[i])) for i in range(len(bodies))]


def _query(bodies: Sequence[str], vocabulary: Vocabulary) -> tuple[Tokens, Integers, Integers, Integers]:
    """The ideographs of poems in a row, STRANGER between them: ids, the poem of each place, the number of the line
    that starts there or -1, and the length of each line."""
    ids: list[int] = []
    poem_of: list[int] = []
    line_of: list[int] = []
    lengths: list[int] = []
    for number, body in enumerate(bodies):
        fresh = True
        for character in body + "\n":
            if character in BREAKS:
                fresh = True
            elif not NOT_HAN.fullmatch(character):
                line_of.append(len(lengths) if fresh else -1)
                lengths.extend([0] if fresh else [])
                lengths[-1] += 1
                fresh = False
                ids.append(vocabulary.ids.get(character, STRANGER))
                poem_of.append(number)
        ids.extend([STRANGER] * SEED)
        poem_of.extend([number] * SEED)
        line_of.extend([-1] * SEED)
    return (
        np.array(ids, np.uint16),
        np.array(poem_of, np.int64),
        np.array(line_of, np.int64),
        np.array(lengths, np.int64),
    )


def _chunks(sizes: Integers) -> list[slice]:
    """Slices of consecutive places with about PAIRS occurrences together."""
    total = np.cumsum(sizes)
    marks = np.arange(PAIRS, int(total[-1]) if len(total) else 0, PAIRS)
    edges = [0, *(np.searchsorted(total, marks) + 1).tolist(), len(sizes)]
    return [slice(a, b) for a, b in pairwise(edges) if b > a]


def _pairs(
    mine: Integers, low: Integers, high: Integers, places: npt.NDArray[np.int32]
) -> tuple[Integers, Integers]:
    """Every place of a poem with every place of the training text that has the same four characters."""
    sizes = high - low
    first = np.repeat(low - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes)
    rows = first + np.arange(int(sizes.sum()))
    return np.repeat(mine, sizes), places[rows].astype(np.int64)


def _follow(text: Tokens, training: Tokens, mine: Integers, theirs: Integers) -> Integers:
    """How many characters agree from each pair of places on; at least four do."""
    lengths = np.full(len(mine), SEED, np.int64)
    going = np.arange(len(mine))
    while len(going):
        a, b = mine[going] + lengths[going], theirs[going] + lengths[going]
        inside = (a < len(text)) & (b < len(training))
        going, a, b = going[inside], a[inside], b[inside]
        going = going[text[a] == training[b]]
        lengths[going] += 1
    return lengths


def copying_report(found: Sequence[Copied]) -> Report:
    """Lines copied, and how long the longest runs are: median, 95th percentile, maximum, share of LONG_RUN and more."""
    lines, copied = sum(one.lines for one in found), sum(one.copied for one in found)
    runs = np.array([one.run for one in found])
    return {
        "lines": lines,
        "copied_lines": asdict(share(copied, lines)),
        "longest_run": {
            "median": float(np.median(runs)) if len(runs) else None,
            "p95": float(np.percentile(runs, 95)) if len(runs) else None,
            "max": int(runs.max()) if len(runs) else None,
        },
        "long_runs": asdict(share(int((runs >= LONG_RUN).sum()), len(runs))),
    }
