"""A poem as a grid of cells, one for each token of its text: a form laid out, with characters pinned to places.

    白 日 依 山 尽 ，黄 河 入 海 流 。⏎ □ □ □ □ □ ，更 上 一 层 楼 。<eos>

藏头, 嵌字, a given first or last line, a line to be rewritten between fixed ones: all are pins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shici.errors import GenerationError
from shici.prosody.template import LineShape, Template
from shici.vocabulary import Vocabulary

Place = tuple[int, int]  # line and place in the line, both from 0
Pins = Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One token of the text. place: of a character, or None for a mark, a line feed or the end. token: if fixed."""

    line: int
    place: int | None
    token: int | None


@dataclass(frozen=True, slots=True)
class Grid:
    """cells: in the order of the text, `<eos>` last. at: the cell of each place."""

    cells: tuple[Cell, ...]
    at: Mapping[Place, int]


def lay_out(template: Template, pins: Pins, vocabulary: Vocabulary) -> Grid:
    """The cells of a form. pins: as `settle` leaves them. Raises UnknownCharacterError for a pinned character."""
    cells: list[Cell] = []
    at: dict[Place, int] = {}
    for line, shape in enumerate(template.lines):
        for place in range(shape.length):
            at[line, place] = len(cells)
            pinned = pins.get((line, place))
            cells.append(Cell(line, place, vocabulary.encode(pinned)[0] if pinned else None))
        last = line + 1 == len(template.lines)
        cells += (Cell(line, None, token) for token in line_end(shape, vocabulary, last=last))
    cells.append(Cell(len(template.lines) - 1, None, vocabulary.eos))
    return Grid(tuple(cells), MappingProxyType(at))


def line_end(shape: LineShape, vocabulary: Vocabulary, *, last: bool) -> list[int]:
    """What follows a line, as far as the model knows it: its mark and a line feed.

    A model of poems that stand in a line each has never read a line feed, and goes on without; one of poems without
    marks has a line feed for a mark. Raises UnknownCharacterError where it knows neither.
    """
    known = "".join(one for one in shape.mark + "\n" * shape.breaks if one in vocabulary)
    if known or "\n" not in vocabulary:
        return vocabulary.encode(known or shape.mark)
    return [] if last else vocabulary.encode("\n")


def settle(template: Template, wishes: Iterable[tuple[Place, str]]) -> dict[Place, str]:
    """The pins that the wishes come to, in the order of the text; a line that repeats another shares its pins.

    Raises GenerationError for a place outside the grid and for two characters in one place.
    """
    pins: dict[Place, str] = {}
    for place, character in wishes:
        check_place(template, place)
        for same in alike(template, place):
            if pins.setdefault(same, character) != character:
                raise GenerationError(
                    f"{name(place)}要“{character}”，又要“{pins[same]}”。请去掉一个。",
                    f"Two characters are pinned to {name_en(place)}: {character} and {pins[same]}. Drop one.",
                )
    return dict(sorted(pins.items()))


def check_place(template: Template, place: Place) -> None:
    """Raise GenerationError for a place that the form does not have."""
    line, column = place
    if 0 <= line < len(template.lines) and 0 <= column < template.lines[line].length:
        return
    if not 0 <= line < len(template.lines):
        zh, en = f"只有 {len(template.lines)} 句", f"its last line is {len(template.lines)}"
    else:
        length = template.lines[line].length
        zh, en = f"第 {line + 1} 句只有 {length} 字", f"line {line + 1} ends at place {length}"
    raise GenerationError(
        f"{template.name}没有{name(place)}：{zh}。请改字的位置。",
        f"{template.name} has no {name_en(place)}: {en}. Change the place.",
    )


def alike(template: Template, place: Place) -> list[Place]:
    """The place and those that must hold the same character, where a line repeats another."""
    if all(shape.same_as is None for shape in template.lines):
        return [place]
    first = origin_of(template, place)
    places = ((at, column) for at, shape in enumerate(template.lines) for column in range(shape.length))
    return [one for one in places if origin_of(template, one) == first]


def origin_of(template: Template, place: Place) -> Place:
    """The place in an earlier line that this one repeats; itself if it repeats none."""
    line, column = place
    origin = template.lines[line].same_as
    if origin is None:
        return place
    shape, length = template.lines[line], template.lines[origin].length
    there = length - 1 - column if shape.backwards else length - shape.length + column
    return origin_of(template, (origin, there))


def rhyme_places(template: Template, scheme: int) -> dict[Place, int]:
    """Where each rhyme word is written for the first time, and the number of its rhyme.

    That is at the end of a line, but for a line that says the end of an earlier one backwards (倒叠): its rhyme
    word is written inside that one.
    """
    return {
        origin_of(template, (line, template.lines[line].length - 1)): number
        for line, number in enumerate(template.rhymes[scheme])
        if number is not None
    }


def name(place: Place) -> str:
    """第3句第1字."""
    return f"第{place[0] + 1}句第{place[1] + 1}字"


def name_en(place: Place) -> str:
    """line 3, place 1."""
    return f"line {place[0] + 1}, place {place[1] + 1}"
