"""One poem, one document: the order of fields that the model is trained on, and prompts in the same order.

    <bos> [form] [regulated] [rhyme group] [dynasty] <tune> 菩萨蛮 <author> 李白 <title> 早发白帝城
    <body> 朝辞…\\n…。 <eos>

Every field may be missing. A bare text is `<bos> <body> text <eos>`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shici.vocabulary import CI_RHYME_GROUPS, DYNASTIES, FORMS, REGULATED, RHYME_GROUPS, Vocabulary, control


@dataclass(frozen=True, slots=True)
class Document:
    """A poem as the model reads it, in simplified characters. Empty strings are missing fields.

    body: verse with punctuation, a line feed between the lines and none at the end.
    form: one of FORMS. regulated: one of REGULATED. rhyme: one of RHYME_GROUPS or CI_RHYME_GROUPS.
    dynasty: one of DYNASTIES. tune, author, title: plain characters.
    """

    body: str
    form: str = ""
    regulated: str = ""
    rhyme: str = ""
    dynasty: str = ""
    tune: str = ""
    author: str = ""
    title: str = ""


def encode_document(document: Document, vocabulary: Vocabulary) -> list[int]:
    """Ids from `<bos>` to `<eos>`. Raises UnknownCharacterError."""
    return [*encode_prompt(document, vocabulary), vocabulary.eos]


def encode_prompt(document: Document, vocabulary: Vocabulary) -> list[int]:
    """Ids from `<bos>` to the end of the body given so far, without `<eos>`: what the model continues.

    A vocabulary without control tokens (nanoGPT's) gives the body alone. Raises UnknownCharacterError.
    """
    if not vocabulary.has_controls:
        return vocabulary.encode(document.body)
    ids = [vocabulary.bos]
    for name in (document.form, document.regulated, document.rhyme, document.dynasty):
        if name:
            ids.append(vocabulary.ids[control(name)])
    for field, text in (("tune", document.tune), ("author", document.author), ("title", document.title)):
        if text:
            ids.append(vocabulary.ids[control(field)])
            ids.extend(vocabulary.encode(text))
    ids.append(vocabulary.body)
    ids.extend(vocabulary.encode(document.body))
    return ids


_KIND_OF = {
    control(name): kind
    for kind, names in (
        ("form", FORMS),
        ("regulated", REGULATED),
        ("rhyme", RHYME_GROUPS + CI_RHYME_GROUPS),
        ("dynasty", DYNASTIES),
    )
    for name in names
}
_TEXT_OF = {control(name): name for name in ("tune", "author", "title", "body")}


def decode_document(ids: list[int], vocabulary: Vocabulary) -> Document:
    """The inverse of `encode_document` (and of `encode_prompt`)."""
    tokens = [vocabulary.tokens[index] for index in ids]
    controls = [place for place, token in enumerate(tokens) if len(token) > 1]
    into = "body"
    parts = {into: "".join(tokens[: controls[0] if controls else None])}
    for place, end in zip(controls, [*controls[1:], len(tokens)], strict=True):
        token = tokens[place]
        into = _TEXT_OF.get(token, into)
        parts[into] = parts.get(into, "") + "".join(tokens[place + 1 : end])
        if token in _KIND_OF:
            parts[_KIND_OF[token]] = token[1:-1]
    return Document(**parts)


def document_starts(tokens: npt.NDArray[np.uint16], bos: int) -> npt.NDArray[np.int64]:
    """Where each document starts in a flat token file: positions of `<bos>`, and `len(tokens)` at the end.

    tokens: (N,). Returns (documents + 1,), so that document i is `tokens[starts[i]:starts[i + 1]]`.
    """
    return np.append(np.flatnonzero(tokens == bos), len(tokens)).astype(np.int64)
