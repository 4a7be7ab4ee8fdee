"""Which line of a tune each line of a 词 was meant to be, when there are too many, too few, or of other lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, product

from shici.prosody.tune_fit import ends_rhyme, lay, must_break
from shici.prosody.tunes import PAUSE, Variant

# The price of a line too many or too few, and of a line of another length: so much, and so much more for each
# character; so lines that differ by four characters are not taken for the same. Pauses in other places cost so
# little that they only decide between variants that fit equally well.
ODD_LINE, OTHER_LENGTH, CHARACTER, MOVED = 300, 200, 100, 1

# From rhyme to rhyme so many lines may be cut otherwise than the tune's, in a text that doesn't fit as a whole.
LONGEST_RUN = 4


@dataclass(frozen=True, slots=True)
class Laid:
    """A line of the poem, and the index of the line of the tune that it stands for (None: it has none).

    moved: the text has its pauses elsewhere hereabouts.
    """

    text: str
    at: int | None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Alignment:
    """lines: those of the poem, in order. missing: lines of the tune that it lacks. price: see `fits`."""

    lines: tuple[Laid, ...]
    missing: tuple[int, ...]
    price: int

    @property
    def fits(self) -> bool:
        """Whether no line is too many, missing or of another length."""
        return self.price < CHARACTER


def align_tune(lines: Sequence[str], variant: Variant) -> Alignment:
    """Match the lines of a poem with those of a tune: as a whole if they fit, else as cheaply as possible."""
    laid = lay(lines, variant)
    if laid is None:
        return cheapest(lines, variant)
    cuts = set(accumulate(map(len, lines)))
    found: list[Laid] = []
    first = 0
    for last, line in enumerate(variant.lines):
        if must_break(line) or last == len(variant.lines) - 1:
            start = sum(map(len, laid[:first]))
            found += run(laid[first : last + 1], first, {cut - start for cut in cuts}, variant)
            first = last + 1
    return Alignment(tuple(found), (), MOVED * sum(one.moved for one in found))


def run(texts: Sequence[str], first: int, cuts: set[int], variant: Variant) -> list[Laid]:
    """Lines of a poem laid on the tune's lines from `first` on. cuts: where the poem itself has breaks."""
    places = list(accumulate(map(len, texts)))
    needed = {place for at, place in enumerate(places, first) if variant.lines[at].end != PAUSE}
    own = {cut for cut in cuts if 0 < cut <= places[-1]}
    moved = not needed <= own <= set(places)
    return [Laid(text, at, moved) for at, text in enumerate(texts, first)]


def cheapest(lines: Sequence[str], variant: Variant) -> Alignment:
    """The cheapest way to match lines one by one, or in short runs that are as long as the tune's."""
    lengths = [len(line.pattern) for line in variant.lines]
    poem_lengths = list(map(len, lines))
    runs = possible_runs(variant)

    def steps(poem: int, tune: int) -> Iterator[tuple[int, tuple[int, int]]]:
        if poem < len(lines) and tune < len(lengths):
            off = abs(poem_lengths[poem] - lengths[tune])
            yield (OTHER_LENGTH + CHARACTER * off if off else 0), (1, 1)
        for filled in sorted(runs[tune]) if tune < len(lengths) else ():
            for used in range(1, min(LONGEST_RUN, len(lines) - poem) + 1):
                if sum(poem_lengths[poem : poem + used]) == sum(lengths[tune : tune + filled]):
                    yield MOVED, (used, filled)
        if poem < len(lines):
            yield ODD_LINE, (1, 0)
        if tune < len(lengths):
            yield ODD_LINE, (0, 1)

    # what is left from each pair of places on: its price, and the next step (lines of the poem, of the tune, used up)
    best: dict[tuple[int, int], tuple[int, tuple[int, int]]] = {(len(lines), len(lengths)): (0, (0, 0))}
    for poem, tune in product(range(len(lines), -1, -1), range(len(lengths), -1, -1)):
        ways = [(price + best[poem + step[0], tune + step[1]][0], step) for price, step in steps(poem, tune)]
        if ways:
            best[poem, tune] = min(ways, key=lambda way: way[0])
    found: list[Laid] = []
    missing: list[int] = []
    poem = tune = 0
    while (poem, tune) != (len(lines), len(lengths)):
        used, filled = best[poem, tune][1]
        texts = lines[poem : poem + used]
        if not used:
            missing.append(tune)
        elif filled < 2 and used < 2:
            found.append(Laid(texts[0], tune if filled else None))
        else:
            text, places = "".join(texts), accumulate(lengths[tune : tune + filled])
            cut = [text[start:end] for start, end in pairwise((0, *places))]
            found += run(cut, tune, set(accumulate(map(len, texts))), variant)
        poem, tune = poem + used, tune + filled
    return Alignment(tuple(found), tuple(missing), best[0, 0][0])


def possible_runs(variant: Variant) -> list[set[int]]:
    """For each line of the tune, how many from there on a text may cut otherwise.

    All from one rhyme to the next; or those that have 、 between them.
    """
    tune = variant.lines
    found: list[set[int]] = [set() for _ in tune]
    first = 0
    for last, line in enumerate(tune):
        if ends_rhyme(line) or last == len(tune) - 1:
            found[first].add(last - first + 1)
            first = last + 1
    for at in range(len(tune)):
        stop = at
        while stop < len(tune) - 1 and tune[stop].end == PAUSE:
            stop += 1
            found[at].add(stop - at + 1)
    return found
