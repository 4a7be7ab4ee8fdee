"""How many of the poets' own 词 keep their tune by shici.prosody.tune_fit: the human ceiling.

    python scripts/measure_tunes.py --data data/poetry                 # the training split
    python scripts/measure_tunes.py --data data/poetry --split val     # poems that taught the table nothing

For each tune: poems; 字句, the share with as many characters as some variant and its rhymes at line ends; 合律, the
share that keeps tones, rhymes and repetitions as well, any recorded reading accepted; 乱字, the same after the
characters of each poem are shuffled (seed 1).
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.build_tunes import documents, songs  # noqa: E402
from shici.errors import run_door  # noqa: E402
from shici.prosody.tune_fit import keeps_tune, lay  # noqa: E402
from shici.prosody.tunes import find_tune, tunes  # noqa: E402


@dataclass
class Shares:
    """Counts of poems: all, those of the right shape, those that keep their tune, as written and shuffled."""

    poems: int = 0
    shaped: int = 0
    kept: int = 0
    shuffled: int = 0

    def __add__(self, other: Shares) -> Shares:
        return Shares(
            self.poems + other.poems,
            self.shaped + other.shaped,
            self.kept + other.kept,
            self.shuffled + other.shuffled,
        )

    def row(self, name: str) -> str:
        """One row of a table in Markdown."""
        shares = (self.shaped, self.kept, self.shuffled)
        cells = " | ".join(f"{one / max(1, self.poems):.1%}" for one in shares)
        return f"| {name} | {self.poems:,} | {cells} |"


def measure(tune: str, poems: Sequence[tuple[str, ...]], pick: random.Random) -> Shares:
    """The shares among poems (as lines) of one tune."""
    variants = find_tune(tune)
    found = Shares(len(poems))
    for lines in poems:
        found.shaped += any(lay(lines, one) is not None for one in variants)
        found.kept += any(keeps_tune(lines, one) for one in variants)
        mixed = shuffled(lines, pick)
        found.shuffled += any(keeps_tune(mixed, one) for one in variants)
    return found


def shuffled(lines: Sequence[str], pick: random.Random) -> list[str]:
    """The same lengths, the characters of the whole poem in another order."""
    characters = list("".join(lines))
    pick.shuffle(characters)
    text = "".join(characters)
    return [text[start:end] for start, end in pairwise((0, *accumulate(map(len, lines))))]


def main(argv: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How many real 词 keep their tune.")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "poetry", help="where train.bin is")
    parser.add_argument("--split", default="train", choices=("train", "val", "test"))
    parser.add_argument("--rows", type=int, default=20, help="how many tunes to show")
    arguments = parser.parse_args(argv)
    by_tune = songs(documents(arguments.data, arguments.split))
    pick = random.Random(1)
    known = {
        tune: measure(tune, [one.texts for one in poems], pick)
        for tune, poems in by_tune.items()
        if tune in tunes()
    }
    print("| 词牌 | 首数 | 字句 | 合律 | 乱字 |\n|---|---|---|---|---|")
    for tune in list(known)[: arguments.rows]:
        print(known[tune].row(tune))
    every = sum(known.values(), Shares())
    print(every.row(f"有谱的 {len(known)} 调"))
    total = sum(map(len, by_tune.values()))
    print(f"\n有谱的占 {total:,} 首之 {every.poems / total:.1%}")
    return 0


if __name__ == "__main__":
    run_door(main)
