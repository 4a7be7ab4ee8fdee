"""Text that a user wrote somewhere: whatever Chinese encoding it is in, read once and for all rooms.

GB18030 gives a meaning to nearly all bytes, so that a text in Big5 or Shift-JIS decodes as well, into nonsense. What
tells them apart is how many of the characters are usual ones: nearly all of a text read rightly, a third of nonsense.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

from shici.errors import TextInputError

# Encodings that are read; the first of equals is taken. cp950 is Big5 as Windows writes it, HKSCS adds the characters
# of Hong Kong. Not read but recognised, so that they do not pass for one of these: Shift-JIS and EUC-JP.
LEGACY, FOREIGN = ("gb18030", "cp950", "big5hkscs"), ("cp932", "euc_jp")
# Of the characters that are not ASCII, so many must be usual. Read rightly, a poem of twenty has 75 % and more; read
# wrongly, 50 % at most.
FEWEST_USUAL = 0.6
MARKS = "，。！？；：、．·‧…—“”‘’「」『』《》〈〉（）〔〕【】［］　□○〇－～／＠"


def read_text_file(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16 (with BOM), GB18030 or Big5, line ends as \\n. Raises TextInputError."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # missing, a folder, no permission; a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise TextInputError(
            f"读不了 {path}（{reason}）。请检查路径，并给出一个文本文件。",
            f"Cannot read {path} ({reason}). Check the path and give a text file.",
        ) from None
    return decode_text(data, str(path))


def decode_text(data: bytes, name: str) -> str:
    """The text of `data`, which `name` is called in errors. Raises TextInputError if it is no text."""
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not utf16 and _is_damaged_utf8(data):
        raise TextInputError(
            f"{name} 是 UTF-8 文本，但有残缺的字（文件可能被截断）。请换一份完好的，或重新另存为 UTF-8。",
            f"{name} is UTF-8 with broken characters (was it cut?). Take a sound copy, or save it again.",
        )
    text = _decoded(data, "utf-16" if utf16 else "utf-8-sig")
    if text is None and not utf16:
        text = _legacy_text(data)
    if text is None:
        raise TextInputError(
            f"{name} 不是文本，或编码认不出来：能读 UTF-8、UTF-16（带 BOM）、GB18030（GBK）与 Big5。"
            "请转换（另存）为 UTF-8 的 .txt。",
            f"{name} is not text, or in an encoding that is not known here: expected UTF-8, UTF-16 (with BOM), "
            "GB18030 (GBK) or Big5. Convert it to (save it as) a .txt in UTF-8.",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")


def _decoded(data: bytes, encoding: str) -> str | None:
    """None if it is not in this encoding, or nothing that anyone would write."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    text = text.removeprefix("\ufeff").rstrip("\x1a")  # GB18030 has a BOM too; DOS ended with ^Z
    return None if _is_binary(text) else text


def _legacy_text(data: bytes) -> str | None:
    """The text in that of the older encodings in which most characters are usual; None if that is none we read."""
    texts = {encoding: _decoded(data, encoding) for encoding in (*LEGACY, *FOREIGN)}
    shares = {encoding: usual_share(text, encoding) for encoding, text in texts.items() if text is not None}
    best = max(shares, key=shares.__getitem__, default="")
    return texts[best] if best in LEGACY and shares[best] >= FEWEST_USUAL else None


def usual_share(text: str, encoding: str) -> float:
    """The share of usual characters among those that are not ASCII; 1 where there are none."""
    wide = {character: count for character, count in Counter(text).items() if character > "\x7f"}
    usual = sum(count for character, count in wide.items() if _is_usual(character, encoding))
    return usual / sum(wide.values()) if wide else 1.0


def _is_usual(character: str, encoding: str) -> bool:
    """Kana are usual in Japanese, and so is, however rare, what takes four bytes of GB18030: no such chance."""
    if encoding == "gb18030" and len(character.encode(encoding, errors="replace")) == 4:
        return True
    return character in usual_characters() or (encoding in FOREIGN and "\u3041" <= character <= "\u30fe")


@cache
def usual_characters() -> frozenset[str]:
    """The ideographs of GB2312 and of the first level of Big5, and the marks of a Chinese text."""
    simplified = _ideographs(range(0xB0, 0xF8), "gb2312")
    traditional = _ideographs(range(0xA4, 0xC7), "big5")
    forms = frozenset(map(chr, (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))))
    return simplified | traditional | forms | frozenset(MARKS)


def _ideographs(leads: range, encoding: str) -> frozenset[str]:
    """Those of two bytes with these first bytes."""
    pairs = (bytes((lead, trail)) for lead in leads for trail in range(0x40, 0xFF))
    found = (pair.decode(encoding, errors="ignore") for pair in pairs)
    return frozenset(character for character in found if len(character) == 1 and character >= "\u4e00")


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether nearly all of `data` is UTF-8, but not all: GB18030 would make other characters of it."""
    text = data.decode("utf-8", errors="replace")
    wide = sum(character > "\x7f" for character in text)
    return 0 < 10 * text.count("\ufffd") < wide


def _is_binary(text: str) -> bool:
    """Whether there are control or unassigned characters, as in pictures and archives read as text."""
    return any(
        unicodedata.category(character) in ("Cc", "Cn") and character not in "\t\n\r\f\x85"
        for character in text
    )
