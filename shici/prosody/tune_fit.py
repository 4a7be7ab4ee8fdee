"""Whether a 词 keeps its tune: yes or no, fast; and the pieces that the verdict with reasons shares.

shici.prosody.tune_verdict says 合律 exactly where `keeps_tune` says yes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise, product

from shici.prosody.patterns import FREE, fits
from shici.prosody.readings import UNKNOWN, Lexicon, lexicon_for
from shici.prosody.tune_rhymes import parts_in_tone
from shici.prosody.tunes import PAUSE, TuneLine, Variant

HIDDEN = 2  # a rhyme after no more characters than these may be hidden inside a line


def keeps_tune(lines: Sequence[str], variant: Variant, lexicon: Lexicon | None = None) -> bool:
    """Whether a 词 has the lines, tones, rhymes and repetitions of a variant, whatever unknown readings are.

    lines: verse cut at its marks (see `lay`). lexicon: which readings to accept; by default all that are
    recorded for the script of the text.
    """
    laid = lay(lines, variant)
    if laid is None:
        return False
    lexicon = lexicon or lexicon_for("".join(laid))
    return (
        all(
            keeps_tones(lexicon.tones(text), line.pattern)
            for text, line in zip(laid, variant.lines, strict=True)
        )
        and different_parts(candidates(laid, variant, lexicon), variant.changes) is not None
        and not any(unrepeated(laid, variant))
    )


def lay(lines: Sequence[str], variant: Variant) -> tuple[str, ...] | None:
    """The text cut like the variant; None if it is too long or short, or a rhyme doesn't end a line.

    Between two rhymes the pauses may lie elsewhere (句读): poets and editors differ there, the tones don't.
    """
    cuts = set(accumulate(map(len, lines)))
    places = list(accumulate(len(line.pattern) for line in variant.lines))
    rhymes = {place for place, line in zip(places, variant.lines, strict=True) if must_break(line)}
    if max(cuts, default=0) != places[-1] or not rhymes <= cuts:
        return None
    text = "".join(lines)
    return tuple(text[start:end] for start, end in pairwise((0, *places)))


def must_break(line: TuneLine) -> bool:
    """Whether a text must have a break after this line: after a rhyme, but not for a 、.

    Nor after two characters: such a rhyme is hidden inside a sentence (藏韵), 谁识京华倦客, and many leave it unmarked.
    """
    return ends_rhyme(line) and len(line.pattern) > HIDDEN


def ends_rhyme(line: TuneLine) -> bool:
    """Whether the tune itself has a break with a rhyme after this line."""
    return line.rhyme is not None and line.end != PAUSE


def keeps_tones(classes: str, pattern: str) -> bool:
    """Whether tone classes (平 仄 通 ？) fit a pattern for sure: an unknown tone only where any will do."""
    return all(
        wanted == FREE or (found != UNKNOWN and fits(found, wanted))
        for found, wanted in zip(classes, pattern, strict=True)
    )


def rhyme_words(laid: Sequence[str], variant: Variant) -> dict[int, list[tuple[str, str]]]:
    """For each rhyme of the variant its words, with the tone that each must have."""
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for text, line in zip(laid, variant.lines, strict=True):
        if line.rhyme is not None:
            found[line.rhyme].append((text[-1], line.pattern[-1]))
    return found


def shared_parts(words: Sequence[tuple[str, str]], lexicon: Lexicon) -> frozenset[str]:
    """The parts of the rhyme book to which all words (with the tone of each) belong."""
    return frozenset.intersection(*(parts_in_tone(lexicon, word, tone) for word, tone in words))


def candidates(laid: Sequence[str], variant: Variant, lexicon: Lexicon) -> dict[int, list[str]]:
    """For each rhyme, by number, the parts in which all its words can be, in the order of the book."""
    order = lexicon.book.parts.index
    words = rhyme_words(laid, variant)
    return {rhyme: sorted(shared_parts(some, lexicon), key=order) for rhyme, some in words.items()}


def different_parts(
    parts: Mapping[int, Sequence[str]], changes: Sequence[tuple[int, int]]
) -> dict[int, str] | None:
    """One of its parts for each rhyme, the earliest that will do; None if there is no such choice.

    changes: pairs of rhymes that must have different parts.
    """
    for chosen in product(*parts.values()):
        found = dict(zip(parts, chosen, strict=True))
        if all(found[one] != found[other] for one, other in changes):
            return found
    return None


def commonest_part(words: Sequence[tuple[str, str]], lexicon: Lexicon) -> str:
    """The part to which most words belong, that of the earliest word among equals; "" if none is known."""
    order = lexicon.book.parts.index
    counts = Counter(
        part for word, tone in words for part in sorted(parts_in_tone(lexicon, word, tone), key=order)
    )
    return counts.most_common(1)[0][0] if counts else ""


def unrepeated(laid: Sequence[str], variant: Variant) -> Iterator[tuple[int, int]]:
    """(line, earlier line) where the one should repeat the other, or its end, or say that backwards, and doesn't."""
    for at, line in enumerate(variant.lines):
        if line.origin is not None and laid[at] != line.again(laid[line.origin]):
            yield at, line.origin
