"""What a user typed, spelt as the model has read it; what to say about a character that it has never seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from shici.corpus.characters import NOT_HAN
from shici.corpus.normalize import normalize, variants
from shici.errors import GenerationError, UnknownCharacterError
from shici.vocabulary import Vocabulary

SHOWN_UNKNOWN = 8  # of the characters that are not known, how many are named
# OpenCC's ways from simplified characters to other spellings that a model may have been trained on.
SPELLINGS = ("s2t", "s2tw", "s2hk", "t2jp")


class Spelt(NamedTuple):
    """`text` as the model reads it, and the (typed, read) pairs that differ, each once."""

    text: str
    changes: tuple[tuple[str, str], ...]


def spell(text: str, vocabulary: Vocabulary) -> Spelt:
    """`text` in the model's spelling: simplified and standard characters, full-width punctuation.

    A vocabulary of nanoGPT's may be of any spelling: there a character that it knows is left as typed.
    Raises UnknownCharacterError, which names all that are not known, and what may stand for them; GenerationError for
    broken text.
    """
    check_whole(text)
    pairs = [
        (typed, _known(typed, standard, vocabulary))
        for typed, standard in zip(text, normalize(text), strict=True)
    ]
    if missing := tuple(dict.fromkeys(typed for typed, read in pairs if not read)):
        raise unknown(missing, vocabulary)
    changes = dict.fromkeys(pair for pair in pairs if pair[0] != pair[1])
    return Spelt("".join(read for _, read in pairs), tuple(changes))


def check_whole(text: str) -> None:
    """Raise GenerationError for text that a terminal of another encoding has broken."""
    if any(unicodedata.category(character) == "Cs" for character in text):
        shown = text.encode("utf-8", "replace").decode()
        raise GenerationError(
            f"“{shown}”里有残缺的字（半个代理对），多半是终端编码不是 UTF-8。请检查编码，"
            "开头与模板也可以用 FILE: 从文件读。",
            f"{shown!r} holds half a surrogate pair; the terminal's encoding is probably not UTF-8. "
            "Check it; --start and --template can be read from a file with FILE:.",
        )


def _known(typed: str, standard: str, vocabulary: Vocabulary) -> str:
    """How the vocabulary has it; "" where it has neither."""
    first, second = (standard, typed) if vocabulary.has_controls else (typed, standard)
    return first if first in vocabulary else second if second in vocabulary else ""


def unknown(characters: Sequence[str], vocabulary: Vocabulary) -> UnknownCharacterError:
    """The error for characters that the model does not know, with what may be used instead."""
    if len(characters) > 1:
        return _several(characters, vocabulary)
    (character,) = characters
    near = nearest_known(character, vocabulary)
    code = f"U+{ord(character):04X}"
    if near is not None:
        zh, en = f"可以换成“{near}”。", f"{near!r} may stand for it."
    elif NOT_HAN.fullmatch(character):
        zh = "它只认识汉字和它学过的标点，请删去。"
        en = "It knows Chinese characters and the punctuation it was trained on; leave this out."
    else:
        zh, en = (
            "它也没有已知的异体，请换一个字。",
            "No variant of it is known either; use another character.",
        )
    return UnknownCharacterError(
        character,
        f"模型不认识“{character}”（{code}）。{zh}",
        f"The model does not know {character!r} ({code}). {en}",
    )


def _several(characters: Sequence[str], vocabulary: Vocabulary) -> UnknownCharacterError:
    """The same for more than one: the first of them by name, and what may stand for these."""
    shown, count = characters[:SHOWN_UNKNOWN], len(characters)
    near = {one: found for one in shown if (found := nearest_known(one, vocabulary))}
    pairs = " ".join(f"{one}→{found}" for one, found in near.items())
    zh, en = (f"可以换成：{pairs}；", f"These may stand for them: {pairs}. ") if near else ("", "")
    more = count > len(shown)
    return UnknownCharacterError(
        characters[0],
        f"模型不认识{''.join(f'“{one}”' for one in shown)}{f'等 {count} 个字' if more else ''}。"
        f"{zh}它只认识学过的字和标点，其余的请换掉或删去。",
        f"The model does not know {', '.join(map(repr, shown))}{f' and {count - len(shown)} more' if more else ''}. "
        f"{en}It knows the characters and the punctuation it was trained on; change or leave out the others.",
    )


def nearest_known(character: str, vocabulary: Vocabulary) -> str | None:
    """Another glyph of the same character that the vocabulary has, or None."""
    standard = normalize(character)
    candidates = [standard, unicodedata.normalize("NFKC", character)]
    candidates += [_converter(name).convert(standard) for name in SPELLINGS]
    candidates += [chr(code) for code, target in sorted(variants().items()) if target == standard]
    return next((glyph for glyph in candidates if glyph != character and glyph in vocabulary), None)


@cache
def _converter(name: str) -> Any:
    import opencc

    return opencc.OpenCC(name)
