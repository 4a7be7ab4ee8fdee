"""Which characters the user wants in which places: --pin, --acrostic, --start, --template turned into pins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shici.config.sample import SampleSettings
from shici.errors import GenerationError
from shici.generation.grid import Place
from shici.prosody.lines import BREAKS as BREAKS  # for the pages as well
from shici.prosody.lines import is_han, lines_of
from shici.prosody.template import Template

BLANKS = "□＿_*"
PIN = re.compile(r"^\s*(\d+)\s*[,，]\s*(\d+)\s*[=＝]\s*(\S+)\s*$")

Wish = tuple[Place, str]


def wishes(settings: SampleSettings, opening: str, template_text: str, template: Template) -> list[Wish]:
    """All that is asked for, but 嵌字, which has no place yet.

    opening, template_text: --start and --template, read and in the model's spelling. Raises GenerationError for
    what cannot be understood or does not fit the form's lines.
    """
    return [
        *opening_pins(opening, template),
        *template_pins(template_text, template),
        *placed_pins(settings.pin),
        *acrostic_pins(settings.acrostic, settings.acrostic_place, template),
    ]


def placed_pins(text: str) -> Iterator[Wish]:
    """`3,1=明月;4,5=乡`: line 3, places 1 and 2, and line 4, place 5."""
    for part in re.split(r"[;；]", text):
        if not part.strip():
            continue
        found = PIN.match(part)
        if not found or "0" in (found[1], found[2]):
            raise GenerationError(
                f"看不懂 --pin 里的“{part.strip()}”。应写作 句,字=字，从 1 数起，用分号隔开，例如 3,1=月;4,5=故乡。",
                f"Cannot read {part.strip()!r} in --pin. Expected line,place=characters counted from 1 and joined by "
                "semicolons, for instance 3,1=月;4,5=故乡.",
            )
        line, place = int(found[1]) - 1, int(found[2]) - 1
        strange = next((one for one in found[3] if not is_han(one)), None)
        if strange is not None:
            raise GenerationError(
                f"--pin 只能钉汉字，“{strange}”不是。标点由体裁定。",
                f"Only Chinese characters can be pinned, not {strange!r}; the marks follow from the form.",
            )
        yield from (((line, place + step), character) for step, character in enumerate(found[3]))


def acrostic_pins(text: str, place: int, template: Template) -> Iterator[Wish]:
    """The characters of `text` at the same place of successive lines; place: from 1, or from -1 backwards."""
    characters = BREAKS.sub("", text)
    if len(characters) > len(template.lines):
        raise GenerationError(
            f"藏字“{text}”有 {len(characters)} 字，{template.name}只有 {len(template.lines)} 句。请减字或换体裁。",
            f"The acrostic has {len(characters)} characters, {template.name} only {len(template.lines)} lines. "
            "Use fewer characters or another form.",
        )
    for line, character in enumerate(characters):
        if character in BLANKS:
            continue  # this line is left open
        length = template.lines[line].length
        column = place - 1 if place > 0 else length + place
        if place == 0 or not 0 <= column < length:
            raise GenerationError(
                f"--acrostic_place 应在 1 到 {length} 之间，或 -1（每句最后一字），得到 {place}。",
                f"Expected --acrostic_place from 1 to {length}, or -1 for the end of the line, got {place}.",
            )
        yield (line, column), character


def opening_pins(text: str, template: Template) -> Iterator[Wish]:
    """The opening fills the first places; where it has marks, they must stand at the ends of lines."""
    lines = lines_of(text)
    if len(lines) == 1:
        lines = cut(lines[0], template)
    for at, line in enumerate(lines):
        whole = at + 1 < len(lines) or bool(BREAKS.search(text[-1:]))
        check_line(line, at, template, whole=whole)
        yield from (((at, place), one) for place, one in enumerate(line) if one not in BLANKS)


def template_pins(text: str, template: Template) -> Iterator[Wish]:
    """A poem with blanks: every line is there, and what is not blank is pinned."""
    lines = lines_of(text)
    if not lines:
        return
    if len(lines) == 1:
        lines = cut(lines[0], template)
    if len(lines) != len(template.lines):
        raise GenerationError(
            f"--template 有 {len(lines)} 句，{template.name}是 {len(template.lines)} 句。空着的字请用 □ 补齐。",
            f"--template ends with line {len(lines)}, {template.name} with line {len(template.lines)}. Put □ for each "
            "blank.",
        )
    for at, line in enumerate(lines):
        check_line(line, at, template, whole=True)
        yield from (((at, place), one) for place, one in enumerate(line) if one not in BLANKS)


def cut(line: str, template: Template) -> list[str]:
    """A text without marks, cut into the form's lines; what is too much stays in a last one."""
    found = []
    for shape in template.lines[:-1]:
        if len(line) <= shape.length:
            break
        found.append(line[: shape.length])
        line = line[shape.length :]
    return [*found, line]


def check_line(line: str, at: int, template: Template, *, whole: bool) -> None:
    """Raise GenerationError for a line that the form does not have."""
    length = template.lines[at].length if at < len(template.lines) else 0
    if len(line) == length or (len(line) < length and not whole):
        return
    if length:
        zh, en = f"{template.name}第 {at + 1} 句是 {length} 字", f"{template.name} has {length} there"
    else:
        zh, en = (
            f"{template.name}只有 {len(template.lines)} 句",
            f"{template.name} ends with line {len(template.lines)}",
        )
    raise GenerationError(
        f"给出的第 {at + 1} 句“{line}”有 {len(line)} 字，{zh}。请改字数，或换体裁。",
        f"Line {at + 1} was given with {len(line)} characters; {en}. Change the line or the form.",
    )
