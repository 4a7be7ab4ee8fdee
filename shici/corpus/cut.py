"""Texts that are longer than the model reads at once, cut where a reader would pause: at line ends if there are any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from shici.corpus.document import Document

# From the best place for a cut to the worst: a line end after a full stop, a line end, a full stop, a pause or blank.
_ENDS = tuple(
    re.compile(f".*?(?:{end}|\\Z)", re.DOTALL)
    for end in (r"[。！？.!?][”’」』）]*\s*\n", r"\n", r"[。！？.!?]+[”’」』）]*", r"[，；：、,;: ]")
)


def cut_document(document: Document, block_size: int) -> list[Document]:
    """`document`, or if training would cut its tail off, several with the same fields and nothing lost but blanks."""
    room = block_size + 1 - _length_of_fields(document)  # the last token is read by none
    if len(document.body) <= room:
        return [document]
    pieces = (piece.strip() for piece in cut_text(document.body, max(1, room)))
    return [replace(document, body=piece) for piece in pieces if piece]


def _length_of_fields(document: Document) -> int:
    """Tokens beside the body: `<bos>`, `<body>`, `<eos>`, a token for each field and the characters of the names."""
    classes = (document.form, document.regulated, document.rhyme, document.dynasty)
    names = (document.tune, document.author, document.title)
    return 3 + sum(map(bool, classes)) + sum(1 + len(name) for name in names if name)


def cut_text(text: str, room: int, ends: Sequence[re.Pattern[str]] = _ENDS) -> list[str]:
    """Pieces of at most `room` characters (blanks at their ends apart), which together are `text`."""
    if len(text.strip()) <= room:
        return [text]
    if not ends:
        return [text[at : at + room] for at in range(0, len(text), room)]
    atoms = ends[0].findall(text)
    return _joined((piece for atom in atoms for piece in cut_text(atom, room, ends[1:])), room)


def _joined(atoms: Iterable[str], room: int) -> list[str]:
    """As many neighbours as have room together."""
    found = [""]
    for atom in atoms:
        if len((found[-1] + atom).strip()) <= room:
            found[-1] += atom
        else:
            found.append(atom)
    return found
