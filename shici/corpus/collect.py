"""First stage, file by file and in parallel: read, clean, simplify, label. Duplicates are still there."""

from __future__ import annotations

import re
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path

from shici.corpus.catalog import SHELVES
from shici.corpus.characters import han_only
from shici.corpus.clean import clean_body, clean_name, clean_title, is_fragment
from shici.corpus.document import Document
from shici.corpus.heldout import is_held_out
from shici.corpus.label import label_poem
from shici.corpus.normalize import normalize, simplify
from shici.corpus.readers import RawPoem, read_poems

# Between the fields of many poems, so that one call of OpenCC converts them all; no text holds it.
_FIELD = "\x1e"

# Below this many bytes of JSON, starting worker processes takes longer than the work.
_WORTH_WORKERS = 8_000_000


@dataclass(slots=True)
class Count:
    """How many poems, and how many Chinese characters in their bodies."""

    poems: int = 0
    characters: int = 0

    def add(self, poems: int, characters: int) -> None:
        self.poems += poems
        self.characters += characters


@dataclass(frozen=True, slots=True)
class Poem:
    """A clean poem. shelf: index into SHELVES. held_out: shares a couplet with the benchmark."""

    document: Document
    shelf: int
    held_out: bool


@dataclass(slots=True)
class Batch:
    """The yield of one file: its poems in the source's order, and the counts of all that it held."""

    shelf: int
    poems: list[Poem] = field(default_factory=list)
    read: Count = field(default_factory=Count)
    dropped: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))


def files_of(root: Path, shelf_index: int) -> list[Path]:
    """The shelf's files below `root`, in natural order; [] if it is not there."""
    shelf = SHELVES[shelf_index]
    found = [path for folder in shelf.folders for path in (root / folder).glob(shelf.pattern)]
    return sorted(found, key=_natural)


def _natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts], path.name


def collect(root: Path, shelves: Sequence[int], progress: Callable[[int], object]) -> list[Batch]:
    """Batches of all files of `shelves`, in order. `progress` is told the size of each file that is done."""
    jobs = [(index, path) for index in shelves for path in files_of(root, index)]
    sizes = [path.stat().st_size for _, path in jobs]
    batches = []
    for batch, size in zip(_run(jobs, sum(sizes)), sizes, strict=True):
        batches.append(batch)
        progress(size)
    return batches


@contextmanager
def _deaf_workers() -> Iterator[Pool]:
    """Two workers that never hear Ctrl-C, not even while they start: the parent hears it and ends them."""
    before = signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # what is ignored when a process starts stays ignored
    try:
        # spawn: no lock or thread of the parent (a progress bar, a test runner) is copied into the workers
        pool = get_context("spawn").Pool(2)
    finally:
        signal.signal(signal.SIGINT, before)
    with pool:
        yield pool


def _run(jobs: list[tuple[int, Path]], size: int) -> Iterator[Batch]:
    if size < _WORTH_WORKERS:
        yield from map(read_file, jobs)
        return
    with _deaf_workers() as pool:
        yield from pool.imap(read_file, jobs, chunksize=4)


def read_file(job: tuple[int, Path]) -> Batch:
    """Everything of the first stage for one file. Raises CorpusError if it is damaged."""
    index, path = job
    shelf = SHELVES[index]
    batch = Batch(index)
    usable: list[tuple[RawPoem, str]] = []
    for raw in read_poems(path, shelf.reader):
        characters = len(han_only(raw.text))
        batch.read.add(1, characters)
        if is_fragment(raw.title):
            batch.dropped["fragment"].add(1, characters)
            continue
        text, reason = clean_body(raw.text, raw.kind or shelf.kind)
        if reason:
            batch.dropped[reason].add(1, characters)
            continue
        usable.append((raw, text))
    bodies = [text for _, text in usable]
    plain = _by_field(normalize, [field for raw, text in usable for field in _fields(raw, text)])
    simplified = _by_field(simplify, bodies)
    for number, (raw, text) in enumerate(usable):
        body, title, author, tune = plain[4 * number : 4 * number + 4]
        label = label_poem(text, raw.kind or shelf.kind)
        document = Document(
            body, label.form, label.regulated, label.rhyme, raw.dynasty or shelf.dynasty, tune, author, title
        )
        # in the benchmark's spelling, and in ours: an edition with other glyphs is the same couplet
        held_out = is_held_out(simplified[number]) or (body != simplified[number] and is_held_out(body))
        batch.poems.append(Poem(document, index, held_out))
    batch.dropped = dict(batch.dropped)
    return batch


def _fields(raw: RawPoem, text: str) -> tuple[str, str, str, str]:
    return text, clean_title(raw.title), clean_name(raw.author), clean_name(raw.tune)


def _by_field(function: Callable[[str], str], fields: list[str]) -> list[str]:
    return function(_FIELD.join(fields)).split(_FIELD) if fields else []
