"""Tokens as a component shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shici.app.language import Language, Text
from shici.app.reading import sounds
from shici.config.sample import LAWS
from shici.vocabulary import Vocabulary

CONTROLS = {
    "<pad>": Text("补白", "pad"),
    "<bos>": Text("始", "bos"),
    "<eos>": Text("诗终", "end of poem"),
    "<mask>": Text("遮", "mask"),
    "<author>": Text("作者", "author"),
    "<title>": Text("题目", "title"),
    "<tune>": Text("词牌", "tune"),
    "<body>": Text("正文", "body"),
}
FEED = "↵"
NO_CHARACTER = Text("记号，不是字", "a mark, not a character")


def shown(vocabulary: Vocabulary, token: int, language: Language) -> str:
    """A token's picture: the character itself, ↵ for the line feed, a word for a control token."""
    text = vocabulary.tokens[token] if token < len(vocabulary) else "·"
    if text == "\n":
        return FEED
    if len(text) > 1:
        return CONTROLS[text].said(language) if text in CONTROLS else text.strip("<>")
    return text


def places(
    vocabulary: Vocabulary, tokens: Sequence[int], typed: int, language: Language, law: str = LAWS[0]
) -> list[dict[str, Any]]:
    """For verse.js: {"text", "kind", "written", "sounds", "title"} of each; the first `typed` were not written here.

    law: by which the characters sound. title: of a control token, that it is one.
    """
    body = tokens.index(vocabulary.body) if vocabulary.has_controls and vocabulary.body in tokens else -1
    found = []
    for place, token in enumerate(tokens):
        text = vocabulary.tokens[token] if token < len(vocabulary) else ""
        found.append(
            {
                "text": shown(vocabulary, token, language),
                "kind": kind(text, place > body),
                "written": place >= typed,
                "sounds": sounds(text, law) if len(text) == 1 else [],
                "title": NO_CHARACTER.said(language) if is_control(vocabulary, token) else "",
            }
        )
    return found


def is_control(vocabulary: Vocabulary, token: int) -> bool:
    """Whether its picture is a word for a control token, which may look like a character (唐)."""
    return token < vocabulary.control_count


def kind(text: str, in_body: bool) -> str:
    """ "control" and "field" before the body; in it "char", "feed" for a new line, "end"."""
    if not in_body:
        return "field" if len(text) == 1 else "control"
    return "feed" if text == "\n" else "char" if len(text) == 1 else "end"
