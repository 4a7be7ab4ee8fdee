"""How often the poets keep the rules: the shares of 全唐诗 and 全宋诗 beside the reference figures.

    python scripts/prosody_shares.py [--source FOLDER_OR_ARCHIVE] [--with-notes]

Reads and cleans the collections as shici.corpus does and judges the traditional text. The reference left out
poems with an editor's note, and so does this unless asked. Prints a table for people and one JSON line for
programs:

  1. poems of each shape; the share whose rhyme words share one level group, that whose rhyme words are only
     neighbours (邻韵), and that of regulated poems: with any recorded reading, and with the readings in use.
     `their rules` counts as the reference is thought to have done: 大拗 is a fault even where it is mended,
     and the word that ends the first line need not rhyme.
  2. what the irregular poems break, as a share of all: poems whose faults are all of one kind, by kind.
  3. controls: regulated poems with their characters, or their lines, shuffled.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from shici.config.help import display_width  # noqa: E402
from shici.corpus.catalog import SHELVES  # noqa: E402
from shici.corpus.characters import verse_lines  # noqa: E402
from shici.corpus.clean import clean_body, is_fragment  # noqa: E402
from shici.corpus.collect import files_of  # noqa: E402
from shici.corpus.normalize import normalize  # noqa: E402
from shici.corpus.publish import CACHE  # noqa: E402
from shici.corpus.readers import read_poems  # noqa: E402
from shici.corpus.sources import open_source  # noqa: E402
from shici.errors import CorpusError, run_door  # noqa: E402
from shici.prosody.judge import IRREGULAR, REGULAR, Rhyme, label, rhyme_words, shared_rhyme  # noqa: E402
from shici.prosody.patterns import form_by_shape, kinds_of, scheme_pair  # noqa: E402
from shici.prosody.readings import Lexicon, source_lexicon, strict_lexicon  # noqa: E402
from shici.prosody.rhymes import NEIGHBOURS  # noqa: E402
from shici.prosody.verdict import judge  # noqa: E402

FORMS = ("五绝", "七绝", "五律", "七律")

# Dynasty and form -> poems, one rhyme group, 邻韵 besides, regulated (per cent). Measured once with another
# reader, another judge and a table of readings made from the same rhyme book.
REFERENCE = {
    "唐五绝": (3976, 77.5, 2.5, 55.2),
    "唐七绝": (10570, 94.4, 1.2, 84.3),
    "唐五律": (14514, 89.7, 1.9, 73.7),
    "唐七律": (7982, 93.0, 1.6, 85.6),
    "宋五绝": (13135, 67.4, 4.1, 49.7),
    "宋七绝": (72807, 93.0, 3.7, 88.4),
    "宋五律": (45956, 85.1, 3.9, 72.4),
    "宋七律": (60484, 91.4, 3.3, 85.1),
}
REFERENCE_CONTROLS = {"characters": 0.04, "lines": 3.6}

FAULT_KINDS = (
    *("出律一字", "出律多字", "孤平", "三平尾", "失对", "失粘"),
    *("首句落韵", "他句落韵", "重韵", "兼犯"),
)
NOTE = re.compile(r"[()（）\[\]［］〔〕{}【】〖〗]")
SEED = 1337


@dataclass(frozen=True, slots=True)
class Poem:
    """A poem of one of FORMS. lines: as the source writes it; plain: in simplified, standard characters."""

    shape: str
    lines: tuple[str, ...]
    plain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What is counted of a poem. faults: "" unless it is irregular, else one of FAULT_KINDS."""

    one_group: bool
    neighbours: bool
    regulated: bool
    undecided: bool
    their_rules: bool
    pruned: bool
    faults: str


def read(root: Path, with_notes: bool) -> Iterator[Poem]:
    """The poems of the two great collections that have the shape of 绝句 or 律诗."""
    shelves = [at for at, shelf in enumerate(SHELVES) if shelf.pattern.startswith("poet.")]
    jobs = [(at, path) for at in shelves for path in files_of(root, at)]
    if not jobs:
        raise CorpusError(
            f"{root} 里没有全唐诗与全宋诗（poet.tang.*.json、poet.song.*.json）。请检查 --source。",
            f"No poet.tang.*.json or poet.song.*.json under {root}. Check --source.",
        )
    for at, path in tqdm(jobs, unit="file", disable=None):
        found = []
        for raw in read_poems(path, SHELVES[at].reader):
            if is_fragment(raw.title) or (not with_notes and NOTE.search(raw.text)):
                continue
            lines = verse_lines(clean_body(raw.text, SHELVES[at].kind).text)
            form = form_by_shape(lines) if lines else ""
            if form in FORMS:
                found.append((SHELVES[at].dynasty + form, lines))
        plain = iter(normalize("\n".join(line for _, lines in found for line in lines)).split("\n"))
        for shape, lines in found:
            yield Poem(shape, tuple(lines), tuple(next(plain) for _ in lines))


def measure(poem: Poem) -> Measured:
    """Everything that is counted of one poem."""
    lexicon = source_lexicon("".join(poem.lines))
    rhyme = shared_rhyme(poem.lines, lexicon)
    regulated = label(poem.lines, lexicon).regulated
    return Measured(
        one_group=bool(rhyme.level),
        neighbours=not rhyme.groups and in_one_family(poem.lines, lexicon),
        regulated=regulated == REGULAR,
        undecided=not regulated,
        their_rules=fits_their_rules(poem.lines, rhyme, lexicon),
        pruned=label(poem.plain, strict_lexicon()).regulated == REGULAR,
        faults=faults_of(poem.lines, lexicon) if regulated == IRREGULAR else "",
    )


def in_one_family(lines: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether every rhyme word belongs to one family of neighbours."""
    words = [lexicon.groups(word) for word in rhyme_words(lines)]
    return any(all(not found.isdisjoint(family) for found in words) for family in NEIGHBOURS)


def fits_their_rules(lines: Sequence[str], rhyme: Rhyme, lexicon: Lexicon) -> bool:
    """Whether a poem is regulated if 大拗 has no rescue and the first line may end in any level tone."""
    words = rhyme_words(lines)
    kinds = [kinds_of(lexicon.tones(line)).possible - {"a拗"} for line in lines]
    rhymed, unrhymed = scheme_pair(kinds)
    repeated = len(set(words)) < len(words)
    return bool(rhyme.level) and not repeated and (unrhymed or (rhymed and lines[0][-1] not in words))


def faults_of(lines: Sequence[str], lexicon: Lexicon) -> str:
    """The kind of fault of an irregular poem; 兼犯 if there are several kinds."""
    faults = judge(lines, form_by_shape(lines), lexicon).faults
    kinds = {fault.kind for fault in faults}
    if len(kinds) > 1:
        return "兼犯"
    kind = kinds.pop()
    if kind == "出律":
        return "出律一字" if len(faults) == 1 else "出律多字"
    if kind == "落韵":
        return "首句落韵" if all(fault.line == 0 for fault in faults) else "他句落韵"
    return kind


def shuffled(poems: Iterable[Poem]) -> dict[str, float]:
    """Per cent of regulated poems that are so still with their characters, or their lines, in random order."""
    chance = random.Random(SEED)
    passed: Counter[str] = Counter()
    total = 0
    for poem in poems:
        total += 1
        length = len(poem.lines[0])
        letters = list("".join(poem.lines))
        rhymes = set(range(2 * length - 1, len(letters), 2 * length))
        free = [letter for at, letter in enumerate(letters) if at not in rhymes]
        chance.shuffle(free)
        rest = iter(free)
        kept = [letter if at in rhymes else next(rest) for at, letter in enumerate(letters)]
        chance.shuffle(letters)
        order = chance.sample(poem.lines, len(poem.lines))
        passed["characters"] += passes(cut(letters, length))
        passed["characters but the rhymes"] += passes(cut(kept, length))
        passed["lines"] += passes(order)
        passed["lines, if any moved"] += tuple(order) != poem.lines and passes(order)
    return {name: round(100 * times / max(total, 1), 3) for name, times in passed.items()}


def cut(letters: Sequence[str], length: int) -> list[str]:
    """The letters as lines of that length."""
    return ["".join(letters[at : at + length]) for at in range(0, len(letters), length)]


def passes(lines: Sequence[str]) -> bool:
    """Whether the lines are a regulated poem."""
    return label(lines).regulated == REGULAR


def summary(found: Sequence[Measured]) -> dict[str, Any]:
    """The counts of one shape, in per cent."""

    def share(chosen: Iterable[bool]) -> float:
        return round(100 * sum(chosen) / len(found), 2)

    return {
        "poems": len(found),
        "one_group": share(one.one_group for one in found),
        "neighbours": share(one.neighbours for one in found),
        "regulated": share(one.regulated for one in found),
        "undecided": share(one.undecided for one in found),
        "their_rules": share(one.their_rules for one in found),
        "pruned": share(one.pruned for one in found),
        "faults": {kind: share(one.faults == kind for one in found) for kind in FAULT_KINDS},
    }


def beside(value: float, reference: float) -> str:
    """`75.8 (73.7 +2.1)`."""
    return f"{value:5.1f} ({reference:.1f} {value - reference:+.1f})"


def rows(shares: Mapping[str, dict[str, Any]], controls: Mapping[str, float]) -> Iterator[str]:
    """The three tables."""
    titles = ("one group", "neighbours", "regulated", "their rules")
    yield f"{'':6} {'poems':>15}" + "".join(f" {title:>18}" for title in titles) + "   pruned  undecided"
    for shape, one in shares.items():
        poems, *references = REFERENCE[shape]
        names = ("one_group", "neighbours", "regulated", "their_rules")
        cells = [
            beside(one[name], share) for name, share in zip(names, [*references, references[-1]], strict=True)
        ]
        yield (
            f"{shape} {one['poems']:>7,} ({poems:>6,})"
            + "".join(f" {cell:>18}" for cell in cells)
            + f"    {one['pruned']:5.1f}      {one['undecided']:5.2f}"
        )
    yield ""
    yield "What the irregular poems break, per cent of all (兼犯: faults of several kinds)"
    yield f"{'':6}" + "".join(f" {' ' * (8 - display_width(kind))}{kind}" for kind in FAULT_KINDS)
    for shape, one in shares.items():
        yield shape + "".join(f" {one['faults'][kind]:8.2f}" for kind in FAULT_KINDS)
    yield ""
    yield "Regulated poems that pass in random order, per cent"
    for name, share in controls.items():
        known = f"  ({REFERENCE_CONTROLS[name]})" if name in REFERENCE_CONTROLS else ""
        yield f"{name:<25} {share:6.3f}{known}"


def main(argv: list[str]) -> int:
    """Measure and print. Raises CorpusError if the poems cannot be had."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--source", type=Path, help="a folder, .tgz or .zip of chinese-poetry; fetched if left out"
    )
    parser.add_argument("--with-notes", action="store_true", help="count poems with an editor's note as well")
    arguments = parser.parse_args(argv)
    found: dict[str, list[Measured]] = {shape: [] for shape in REFERENCE}
    regulated = []
    cache = ROOT / "data" / "poetry" / CACHE
    cache.mkdir(parents=True, exist_ok=True)
    with open_source(arguments.source, cache) as (root, name):
        for poem in read(root, arguments.with_notes):
            found[poem.shape].append(measure(poem))
            if found[poem.shape][-1].regulated:
                regulated.append(poem)
    shares = {shape: summary(some) for shape, some in found.items() if some}
    controls = shuffled(regulated)
    print("\n".join(rows(shares, controls)))
    result = {"bench": "prosody_shares", "source": name, "with_notes": arguments.with_notes, "shares": shares}
    print(json.dumps({**result, "shuffled": controls}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    run_door(main)
