"""A step's numbers as lines for a terminal, aligned for characters that are two columns wide."""

from __future__ import annotations

from collections.abc import Sequence

from shici.config.help import display_width, pad
from shici.generation.inspection import Candidate, Inspection
from shici.vocabulary import Vocabulary

HEADINGS = ("名次", "字", "logit", "÷温度", "裁剪前", "裁剪后")
LEFT_ALIGNED = 2  # the first columns: rank and character
COLUMN = 10
CONTEXT = 24  # how many tokens before the drawn one are shown
VISIBLE = {"\n": "↵", " ": "␣", "\u3000": "␣"}


def render(inspection: Inspection, index: int, before: Sequence[int], vocabulary: Vocabulary) -> str:
    """The lines of the step that drew token `index` (1 for the first) after the tokens `before`."""
    drawn = next(candidate for candidate in inspection.candidates if candidate.drawn)
    context = "".join(visible(token, vocabulary) for token in before[-CONTEXT:])
    context = ("…" if len(before) > CONTEXT else "") + context
    lines = [
        f"第 {index} 字 “{visible(drawn.token, vocabulary)}”    前文 {context}",
        f"  第 {inspection.rank} 名，概率 {drawn.probability:.4f}；熵 {inspection.entropy:.3f} 奈特，"
        f"裁剪后 {inspection.entropy_kept:.3f}，余 {inspection.survivors} 字",
        *_struck(inspection, vocabulary),
        "  " + _row(HEADINGS),
        *(_marked(candidate, vocabulary) for candidate in inspection.candidates),
        *_attention(inspection, vocabulary),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _struck(inspection: Inspection, vocabulary: Vocabulary) -> list[str]:
    """What the form (or, without one, the order of a document) took away, where it can be seen at four digits."""
    if inspection.allowed > 0.9999:
        return []
    struck = [
        f"{visible(one.token, vocabulary)} {one.probability:.4f}"
        for one in inspection.forbidden
        if one.probability >= 0.0001
    ]
    named = f"；不许的：{'   '.join(struck)}" if struck else ""
    return [f"  此处所许占 {inspection.allowed:.4f}{named}"]


def visible(token: int, vocabulary: Vocabulary) -> str:
    """A token as it can be seen in a line: a line feed as ↵, a blank as ␣."""
    text = vocabulary.tokens[token]
    return VISIBLE.get(text, text)


def _marked(candidate: Candidate, vocabulary: Vocabulary) -> str:
    numbers = (f"{candidate.logit:.3f}", f"{candidate.scaled:.3f}", f"{candidate.probability:.4f}")
    kept = f"{candidate.kept:.4f}" if candidate.kept else "—"
    cells = (str(candidate.rank), visible(candidate.token, vocabulary), *numbers, kept)
    return ("▸ " if candidate.drawn else "  ") + _row(cells)


def _row(cells: Sequence[str]) -> str:
    left = (pad(cell, 6) for cell in cells[:LEFT_ALIGNED])
    right = (" " * (COLUMN - display_width(cell)) + cell for cell in cells[LEFT_ALIGNED:])
    return "".join((*left, *right))


def _attention(inspection: Inspection, vocabulary: Vocabulary) -> list[str]:
    """One line a layer: the characters that it looked at most, with the share of its attention."""
    lines = []
    for layer, places in enumerate(inspection.attention, start=1):
        shares = (f"{pad(visible(place.token, vocabulary), 2)} {place.weight:.2f}" for place in places)
        if places:
            lines.append(f"  {'注意' if layer == 1 else '    '}  第 {layer} 层   {'   '.join(shares)}")
    return lines
