"""One spelling for every character: traditional to simplified, variant to standard, half-width to full-width.

    normalize("牀前明月光,疑是地上霜") == "床前明月光，疑是地上霜"

The corpus and the prompts go through the same function, so what a user types is spelt as the model has read
it. It keeps the length (one character for one), and a second pass changes nothing. OpenCC is imported at
first use.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

from shici.errors import CorpusError

_HALF_WIDTH = ",.!?;:｡､﹐﹑﹒﹔﹕﹖﹗．"
_FULL_WIDTH = "，。！？；：。、，、。；：？！。"
_WIDTHS = str.maketrans(
    {
        **dict(zip(_HALF_WIDTH, _FULL_WIDTH, strict=True)),
        **{
            chr(code): chr(code - 0xFEE0)
            for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
        },
        "\u3000": " ",
        "\xa0": " ",
    }
)
_OTHER_WIDTH = re.compile("[" + re.escape("".join(map(chr, _WIDTHS))) + "]")

# OpenCC reads 坏 as the old word for 坯 in some phrases; in texts of mixed script it nearly always is 壞.
# It is hidden from OpenCC behind a private-use character.
_KEPT, _HIDDEN = "坏", "\ue0f0"

_MAXIMUM_PASSES = 8


@cache
def _opencc() -> Any:
    try:
        import opencc
    except ImportError:
        raise CorpusError(
            "繁简转换需要 OpenCC，这里没有安装。请运行 pip install opencc。",
            "Simplification needs OpenCC, which is not installed. Run pip install opencc.",
        ) from None
    return opencc.OpenCC("t2s")


@cache
def variants() -> dict[int, str]:
    """Variant glyph -> standard simplified character, for str.translate; from tables/variants.tsv."""
    text = (resources.files("shici.corpus") / "tables" / "variants.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {ord(variant): standard for variant, standard, *_ in rows}


def fold_width(text: str) -> str:
    """Full-width punctuation, half-width Latin letters and digits, plain blanks; same length."""
    return text.translate(_WIDTHS) if _OTHER_WIDTH.search(text) else text


def simplify(text: str) -> str:
    """`text` by OpenCC's t2s alone (one pass): what the held-out fingerprints were made from."""
    converted: str = _opencc().convert(text)
    return converted


def normalize(text: str) -> str:
    """`text` in simplified, standard characters and full-width punctuation; same length; idempotent.

    Raises CorpusError if OpenCC is not installed.
    """
    text = fold_width(text)
    for _ in range(_MAXIMUM_PASSES):
        # one conversion can make a phrase that OpenCC knows, so go on until nothing moves
        converted = simplify(text.replace(_KEPT, _HIDDEN)).replace(_HIDDEN, _KEPT).translate(variants())
        if converted == text:
            break
        text = converted
    return text
