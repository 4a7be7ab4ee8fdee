"""Text that a user wrote somewhere: whatever Chinese encoding it is in, read once and for all rooms."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

from shici.errors import TextInputError


def read_text_file(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16 (with BOM) or GB18030, line ends as \\n. Raises TextInputError."""
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
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            text = (
                data.decode(encoding).removeprefix("\ufeff").rstrip("\x1a")
            )  # GB18030 has a BOM too; DOS ended with ^Z
        except UnicodeDecodeError:
            continue
        if not _is_binary(text):
            return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    raise TextInputError(
        f"{name} 不是文本：需要 UTF-8 或 GB18030（GBK）编码。请另存为 UTF-8 的 .txt。",
        f"{name} is not text: expected UTF-8 or GB18030 (GBK). Save it as a .txt in UTF-8.",
    )


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
