"""Build shici/prosody/tables/usage.tsv: how poets use the characters that have more than one reading.

    python scripts/build_usage.py --source chinese-poetry/dist    # the folder of npm, or a git checkout

Counts over the 绝句, 律诗 and 排律 of 全唐诗 and 全宋诗 that obey the rules (any recorded reading
accepted): how often a character stands inside a line where every accepted pattern asks for a level tone,
how often for an oblique one; and for each level group, how often it stands as a rhyme word where the other
rhyme words leave that group alone. The poems are judged in their traditional text and counted by simplified
characters. Characters with fewer than 20 uses of either kind are left out.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import opencc
import orjson
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from shici.errors import CorpusError, run_door  # noqa: E402
from shici.prosody.alignment import align  # noqa: E402
from shici.prosody.judge import REGULAR, label, rhyme_words  # noqa: E402
from shici.prosody.patterns import FREE, KINDS  # noqa: E402
from shici.prosody.readings import (  # noqa: E402
    EITHER,
    MINIMUM_USES,
    Lexicon,
    simplified_lexicon,
    source_lexicon,
)
from shici.prosody.rhymes import LEVEL_GROUPS  # noqa: E402

OUTPUT = ROOT / "shici" / "prosody" / "tables" / "usage.tsv"
NAME = re.compile(r"poet\.(tang|song)\.\d+\.json")
SEPARATORS = re.compile(r"[，。！？；、：\s]+")
VERSE = re.compile(r"[㐀-鿿𠀀-𲎯，。！？；、：\s]+")


@dataclass
class Usage:
    """Counts by simplified character: tones[character, 平 or 仄], rhymes[character, level group]."""

    tones: Counter[tuple[str, str]] = field(default_factory=Counter)
    rhymes: Counter[tuple[str, str]] = field(default_factory=Counter)


def poems(source: Path) -> Iterator[list[str]]:
    """The lines of every 诗 that has nothing but verse. Raises CorpusError if there are no files."""
    found = (path for path in source.rglob("poet.*.json") if NAME.fullmatch(path.name))
    files = sorted(path for path in found if {"error", "strains"}.isdisjoint(path.parts))
    if not files:
        raise CorpusError(
            f"{source} 里没有 poet.tang.*.json 等文件。请用 --source 指到 chinese-poetry 的文件夹。",
            f"No poet.tang.*.json or poet.song.*.json under {source}. Point --source to chinese-poetry.",
        )
    for path in tqdm(files, unit="file"):
        for poem in orjson.loads(path.read_bytes()):
            text = "".join(poem["paragraphs"])
            if VERSE.fullmatch(text):
                yield [line for line in SEPARATORS.split(text) if line]


@cache
def forced(kind: str, length: int) -> dict[int, str]:
    """The places of a line where every accepted pattern asks for the same tone."""
    patterns = KINDS[length][kind]
    asked = {place: {pattern[place] for pattern in patterns} for place in range(length)}
    return {place: tone for place, (tone, *others) in asked.items() if not others and tone != FREE}


def count(lines: Sequence[str], simplified: Sequence[str], lexicon: Lexicon, usage: Usage) -> None:
    """Add one regulated poem. The ends of lines are left to the rhymes."""
    length = len(lines[0])
    for at, line in enumerate(align([lexicon.tones(line) for line in lines], length)):
        for place, tone in forced(line.kind, length).items():
            if place < length - 1:
                usage.tones[simplified[at][place], tone] += 1
    groups = [lexicon.groups(word).intersection(LEVEL_GROUPS) for word in rhyme_words(lines)]
    for at, word in enumerate(rhyme_words(simplified)):
        others = frozenset.intersection(*groups[:at], *groups[at + 1 :])
        if len(others) == 1:
            usage.rhymes[word, next(iter(others))] += 1


def measure(source: Path) -> Usage:
    """The usage in all regulated poems under `source`."""
    usage = Usage()
    convert = opencc.OpenCC("t2s").convert
    for lines in poems(source):
        if label(lines).regulated != REGULAR:
            continue
        simplified = convert("\n".join(lines)).split("\n")
        if [len(line) for line in simplified] == [len(line) for line in lines]:
            count(lines, simplified, source_lexicon("".join(lines)), usage)
    return usage


def rows(usage: Usage) -> Iterator[str]:
    """字, 平, 仄, 韵 for the characters whose readings leave a choice, by code point."""
    lexicon = simplified_lexicon()
    for one in sorted({one for one, _ in (*usage.tones, *usage.rhymes)}):
        groups = [group for group in LEVEL_GROUPS if group in lexicon.groups(one)]
        level, oblique = usage.tones[one, "平"], usage.tones[one, "仄"]
        rhymes = [usage.rhymes[one, group] for group in groups]
        if lexicon.tones(one) != EITHER and len(groups) < 2:
            continue
        if max(level + oblique, sum(rhymes)) >= MINIMUM_USES:
            named = " ".join(f"{group}:{times}" for group, times in zip(groups, rhymes, strict=True))
            yield f"{one}\t{level}\t{oblique}\t{named}\n"


def main(argv: list[str]) -> int:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description="Count how characters with several readings are used.")
    parser.add_argument("--source", type=Path, required=True, help="a folder of chinese-poetry")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args(argv)
    written = list(rows(measure(arguments.source)))
    arguments.output.write_text("字\t平\t仄\t韵\n" + "".join(written), encoding="utf-8", newline="\n")
    print(f"{len(written):,} 字写入 {arguments.output}")
    return 0


if __name__ == "__main__":
    run_door(main)
