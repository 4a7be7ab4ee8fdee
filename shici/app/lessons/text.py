"""Reads a lesson's text: a small plain-text format, shown piece by piece as text and never as HTML.

    # Title
    A paragraph, with {fact} or {fact:.2f} put in, and [[term]] or [[term|as it is written here]] linked.
    [if fact] A paragraph that is shown only where the fact is true; [unless fact] likewise.
    @name      a live view stands here
    !          the task follows, paragraphs again
    ?          the hint follows

Blank lines part paragraphs; a line that begins with @, ! or ? stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shici.app.language import Language
from shici.app.lessons.glossary import TERMS

FOLDER = Path(__file__).with_name("texts")
INSERTED = re.compile(r"\{(?P<fact>\w+)(?::(?P<spec>[^}]*))?\}|\[\[(?P<term>\w+)(?:\|(?P<said>[^\]]*))?\]\]")
CONDITION = re.compile(r"\[(if|unless) (\w+)\] *")

Facts = Mapping[str, Any]
Piece = list[str]  # [kind, text] or ["term", key, text]; kinds: text, num, char


@dataclass(frozen=True, slots=True)
class LessonText:
    """blocks, task, hint: in the order of the file; a block is a paragraph, or "@name" for a view."""

    title: str
    blocks: tuple[str, ...]
    task: tuple[str, ...]
    hint: tuple[str, ...]


@cache
def read_lesson(name: str, language: Language) -> LessonText:
    """The text of a lesson, `01_token` for instance. Raises OSError or ValueError for a file that is not one."""
    text = (FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8")
    title, *paragraphs = (part.strip() for part in re.split(r"\n\s*\n", text) if part.strip())
    if not title.startswith("# "):
        raise ValueError(f"{name}.{language}.md does not begin with a title")
    parts: dict[str, list[str]] = {"": [], "!": [], "?": []}
    now = ""
    for paragraph in paragraphs:
        if paragraph in ("!", "?"):
            now = paragraph
        else:
            parts[now].append(joined(paragraph, language))
    return LessonText(title[2:], tuple(parts[""]), tuple(parts["!"]), tuple(parts["?"]))


def joined(paragraph: str, language: Language) -> str:
    """The lines of a paragraph as one; Chinese has no space between them."""
    return ("" if language == "zh" else " ").join(line.strip() for line in paragraph.splitlines())


def shown_blocks(blocks: tuple[str, ...], facts: Facts, language: Language) -> list[dict[str, Any]]:
    """For the component: {"view": name} or {"pieces": [...]}; what its condition forbids is left out."""
    found: list[dict[str, Any]] = []
    for block in blocks:
        if block.startswith("@"):
            found.append({"view": block[1:]})
            continue
        condition = CONDITION.match(block)
        if condition and bool(facts[condition[2]]) != (condition[1] == "if"):
            continue
        found.append({"pieces": pieces(block[condition.end() :] if condition else block, facts, language)})
    return found


def pieces(text: str, facts: Facts, language: Language) -> list[Piece]:
    """A paragraph with its facts put in. Raises KeyError for a fact or a term that nobody knows."""
    found: list[Piece] = []
    end = 0
    for match in INSERTED.finditer(text):
        found.append(["text", text[end : match.start()]])
        end = match.end()
        if match["term"]:
            term = TERMS[match["term"]]
            found.append(["term", match["term"], match["said"] or term.name.said(language)])
        else:
            found.append(inserted(facts[match["fact"]], match["spec"] or ""))
    found.append(["text", text[end:]])
    return [piece for piece in found if piece[-1]]


def inserted(value: Any, spec: str) -> Piece:
    """A number with a real minus sign, or characters of verse."""
    if isinstance(value, str):
        return ["char", value]
    return ["num", format(value, spec).replace("-", "−")]
