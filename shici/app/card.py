"""A poem as a picture: a card in classical setting, columns from right to left, with a vermilion seal.

The face is the one that the pages use, static/kai.woff2 (LXGW WenKai, SIL Open Font License, beside it in OFL.txt).
Lengths are in pixels of the finished picture.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from shici.app.composer import Plan, Poem
from shici.app.shelf import ordinal, stanza_ends
from shici.errors import GenerationError
from shici.prosody.lines import is_han

KAI = Path(__file__).resolve().parent / "static" / "kai.woff2"
GLYPH, CELL, PITCH = 108, 132, 186  # a character, its cell down the column, one column to the next
SMALL, SMALL_CELL, SMALL_PITCH = 66, 78, 117  # title and author
MARGIN, FRAME = 210, 84
SEAL, NOTE, GAP = 132, 34, 28
LONGEST_SEAL = 4
MISSING = "□"
FLECKS = 220

Colour = str
VERMILION = "#b23a24"


@dataclass(frozen=True, slots=True)
class Style:
    """Colours of a paper.

    seal: what is white in it. ruled: lines between the columns. ring: at the end of a line that runs on. flecks: of
    gold, "" for none.
    """

    paper: Colour
    ink: Colour
    faint: Colour
    rule: Colour
    seal: Colour
    ruled: bool = False
    ring: Colour = VERMILION
    flecks: Colour = ""


STYLES = {
    "plain": Style("#f7f1e3", "#2b2622", "#8a7f6e", "#cdbfa4", "#f7f1e3"),
    "ruled": Style("#fbf6ea", "#2b2622", "#8a7f6e", "#c8664f", "#fbf6ea", ruled=True),
    "indigo": Style("#1f2f46", "#e8cf97", "#a89b78", "#9c8657", "#f5ead2", ring="#e0775f", flecks="#b99a57"),
}


def make_card(planned: Plan, poem: Poem, style: str, seal: str = "", *, changed: bool = False) -> bytes:
    """The PNG of a poem. style: of STYLES. seal: up to four characters, "" for 诗. changed: by hand, which it says.

    Raises GenerationError for a seal that cannot be cut.
    """
    colours, face = STYLES[style], Face()
    stamp = check_seal(seal or "诗", face)
    columns = columns_of(planned, poem)
    deep = max(map(len, columns))
    heading = heading_of(planned, max(4, deep * CELL // SMALL_CELL - 1))
    side = len(heading) * SMALL_PITCH + GAP * bool(heading)
    width = 2 * MARGIN + (len(columns) - 1) * PITCH + CELL + side + SEAL + GAP + PITCH // 2
    height = 2 * MARGIN + deep * CELL + NOTE
    picture = Image.new("RGB", (width, height), colours.paper)
    drawing = ImageDraw.Draw(picture)
    draw_paper(drawing, colours, width, height)
    right = width - MARGIN
    for number, title in enumerate(heading):
        for at, one in enumerate(title):
            middle = (right - SMALL_CELL // 2 - number * SMALL_PITCH, MARGIN + CELL // 2 + at * SMALL_CELL)
            face.draw(drawing, middle, one, SMALL, colours.ink)
    middles = [right - side - CELL // 2 - number * PITCH for number in range(len(columns))]
    if colours.ruled:
        rule_columns(drawing, colours, middles, deep)
    for x, column in zip(middles, columns, strict=True):
        draw_column(drawing, face, x, column, colours)
    draw_seal(
        drawing, face, (middles[-1] - PITCH - GAP, MARGIN + deep * CELL - SEAL // 2 - 8), stamp, colours.seal
    )
    note = note_of(planned, poem, changed=changed)
    drawing.text((width - FRAME - 36, height - FRAME - 26), note, colours.faint, face.of(NOTE), anchor="rs")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def note_of(planned: Plan, poem: Poem, *, changed: bool) -> str:
    """Where the poem comes from; the seed alone does not give one that was changed."""
    return f"古诗词 nanoGPT　种子 {planned.settings.seed} {ordinal(poem.number)}{'　有改' if changed else ''}"


def draw_column(
    drawing: ImageDraw.ImageDraw, face: Face, x: int, column: Sequence[tuple[str, bool]], colours: Style
) -> None:
    """A column of verse, with a vermilion ring beside the end of a line that runs on."""
    for at, (one, ends) in enumerate(column):
        y = MARGIN + at * CELL + CELL // 2
        face.draw(drawing, (x, y), one, GLYPH, colours.ink)
        if ends:
            circle(drawing, (x + CELL * 5 // 9, y + CELL * 4 // 9), 11, colours.ring)


def columns_of(planned: Plan, poem: Poem) -> list[list[tuple[str, bool]]]:
    """(character, whether a line ends here and runs on) for each column; "" is a gap.

    Lines of one length stand one in a column, or two if they are many; a 词 runs on, and begins anew at each stanza.
    """
    shapes = planned.verse.template.lines
    lines = [
        "".join(poem.text[at, place] for place in range(shape.length)) for at, shape in enumerate(shapes)
    ]
    if len({*map(len, lines)}) == 1 and not planned.settings.tune:
        if len(lines) <= 12:
            return [[(one, False) for one in line] for line in lines]
        pairs = zip(lines[::2], lines[1::2], strict=True)
        return [
            [*((one, False) for one in upper), ("", False), *((one, False) for one in lower)]
            for upper, lower in pairs
        ]
    deep = min(16, max(7, isqrt(len(poem.text) * 6 // 5)))
    columns: list[list[tuple[str, bool]]] = []
    for stanza in stanzas_of(planned, lines):
        run = [(one, at == len(line) - 1) for line in stanza for at, one in enumerate(line)]
        columns += (run[start : start + deep] for start in range(0, len(run), deep))
    return columns


def stanzas_of(planned: Plan, lines: Sequence[str]) -> list[list[str]]:
    """The lines of a 词 by its stanzas."""
    found: list[list[str]] = [[]]
    ends = stanza_ends(planned.verse.template, planned.settings.tune)
    for line, last in zip(lines, ends, strict=True):
        found[-1].append(line)
        if last:
            found.append([])
    return [stanza for stanza in found if stanza]


def heading_of(planned: Plan, deep: int) -> list[str]:
    """The columns of the title and of whom the poem is after, at most `deep` characters each."""
    document, settings = planned.prompt.document, planned.settings
    name = settings.tune or ("" if document.title else settings.form)
    title = "　".join(part for part in (name, document.title) if part)
    parts = [title, f"拟{document.author}" if document.author else ""]
    return [part[start : start + deep] for part in parts for start in range(0, len(part), deep)]


def check_seal(text: str, face: Face) -> str:
    """The characters of a seal. Raises GenerationError."""
    text = "".join(text.split())
    if not 0 < len(text) <= LONGEST_SEAL or not all(is_han(one) and face.has(one) for one in text):
        raise GenerationError(
            f"印文应是一到四个汉字，得到“{text}”。请改短，或换成常用的字。",
            f"A seal has one to four Chinese characters, not {text!r}. Make it shorter or use common ones.",
        )
    return text


class Face:
    """The Kai face in several sizes, for one card: FreeType's faces are not to be shared by threads."""

    def __init__(self) -> None:
        self._sizes: dict[int, ImageFont.FreeTypeFont] = {}
        self._nothing: bytes | None = None

    def of(self, size: int) -> ImageFont.FreeTypeFont:
        if size not in self._sizes:
            self._sizes[size] = ImageFont.truetype(str(KAI), size)
        return self._sizes[size]

    def has(self, character: str) -> bool:
        """Whether the face has a picture of the character; some of the rarest it lacks."""
        if self._nothing is None:
            self._nothing = bytes(self.of(SMALL).getmask("\U0010fffe"))
        return bytes(self.of(SMALL).getmask(character)) != self._nothing

    def draw(
        self, drawing: ImageDraw.ImageDraw, middle: tuple[int, int], one: str, size: int, ink: Colour
    ) -> None:
        """A character in the middle of its cell: fixed cells, for 一 is not as tall as 龙."""
        if one.strip():
            drawing.text(middle, one if self.has(one) else MISSING, ink, self.of(size), anchor="mm")


def draw_paper(drawing: ImageDraw.ImageDraw, colours: Style, width: int, height: int) -> None:
    """A frame of two lines; specks of gold always in the same places."""
    if colours.flecks:
        dice = np.random.default_rng(0)
        places = dice.integers((0, 0), (width, height), size=(FLECKS, 2)).tolist()
        for (x, y), size in zip(places, dice.integers(2, 7, size=FLECKS).tolist(), strict=True):
            drawing.polygon(
                [(x, y), (x + size, y + size // 2), (x + size // 2, y + size)], fill=colours.flecks
            )
    for inset, line in ((FRAME, 5), (FRAME + 14, 2)):
        drawing.rectangle((inset, inset, width - inset, height - inset), outline=colours.rule, width=line)


def rule_columns(drawing: ImageDraw.ImageDraw, colours: Style, middles: Sequence[int], deep: int) -> None:
    """Vermilion rules between the columns, and a frame around them."""
    half, top, bottom = PITCH // 2, MARGIN - 24, MARGIN + deep * CELL + 24
    for x in middles:
        drawing.line((x + half, top, x + half, bottom), colours.rule, 3)
    left = middles[-1] - half
    drawing.line((left, top, left, bottom), colours.rule, 3)
    for y in (top, bottom):
        drawing.line((left, y, middles[0] + half, y), colours.rule, 3)


def draw_seal(
    drawing: ImageDraw.ImageDraw, face: Face, middle: tuple[int, int], text: str, paper: Colour
) -> None:
    """White characters on vermilion, from right to left: one, two below each other, or four in a square."""
    x, y = middle
    half = SEAL // 2
    wide = half if len(text) != 2 else half * 5 // 8
    drawing.rounded_rectangle((x - wide, y - half, x + wide, y + half), 14, VERMILION)
    drawing.rounded_rectangle((x - wide + 7, y - half + 7, x + wide - 7, y + half - 7), 9, None, paper, 2)
    columns = [text] if len(text) <= 2 else [text[:2], text[2:]]
    for number, column in enumerate(columns):
        across = x if len(columns) == 1 else x + 29 - number * 58
        for at, one in enumerate(column):
            down = y if len(column) == 1 else y - 28 + at * 56
            size = 92 if len(text) == 1 else 52
            face.draw(drawing, (across, down), one, size, paper)


def circle(drawing: ImageDraw.ImageDraw, middle: tuple[int, int], radius: int, colour: Colour) -> None:
    """The mark at the end of a line that runs on."""
    x, y = middle
    drawing.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour, width=4)
