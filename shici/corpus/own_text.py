"""A text of one's own: found, read in whatever encoding, and cut into documents.

Layouts that are recognised: poems with a blank line between them; one poem a line; 题目:内容 a line; above
a poem its title, its title and author, or 《title》 author. Anything else is body, character for character.
"""

from __future__ import annotations

import json
import re
import statistics
from dataclasses import dataclass
from pathlib import Path

from shici.corpus.characters import NOT_HAN, PAUSES, han_only
from shici.corpus.clean import clean_name, clean_title
from shici.corpus.cut import cut_document
from shici.corpus.document import Document
from shici.corpus.normalize import normalize
from shici.corpus.sources import file_hash
from shici.errors import TextInputError
from shici.text_file import read_text_file
from shici.vocabulary import DYNASTIES

OWN_NAMES = ("input.txt", "combined_poetry.txt")
SHORTEST_TEXT = 20  # characters, blanks apart: one 五绝
# Characters of the median line of a file that has one poem (or paragraph) a line: Chinese, and other scripts.
_POEM_IN_A_LINE, _PARAGRAPH_IN_A_LINE = 20, 80
_LONGEST_TITLE, _LONGEST_AUTHOR = 30, 12


def find_own_text(folder: Path, generated: str | None) -> Path | None:
    """The text that the user has put in `folder`, if any.

    generated: SHA-256 of the input.txt that an earlier run wrote, which is not the user's.
    """
    for name in OWN_NAMES:
        path = folder / name
        if path.is_file() and file_hash(path) != generated:
            return path
    return None


def read_own_text(path: Path) -> str:
    """The text of a file, long enough to learn from. Raises TextInputError."""
    text = read_text_file(path)
    count = len("".join(text.split()))
    if count < SHORTEST_TEXT:
        raise TextInputError(
            f"{path} 只有 {count} 个字，至少要 {SHORTEST_TEXT} 个。请换一个长些的文本。",
            f"{path} has {count} characters; at least {SHORTEST_TEXT} are needed. Give a longer text.",
        )
    return text


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text as documents, in order, each different one once.

    converted: characters that were simplified. long: texts longer than the model reads at once, and pieces: what
    became of them. repeated: documents that stood in the text before and were left out.
    """

    documents: list[Document]
    converted: int
    long: int
    pieces: int
    repeated: int


def parse_documents(text: str, block_size: int) -> Parsed:
    """The documents of `text`, none with more tokens than a block of `block_size` reads.

    A text that is mostly Chinese is brought to the model's spelling (simplified, full-width); others stay as
    they are.
    """
    converted = 0
    is_chinese = 2 * len(han_only(text)) >= len("".join(text.split()))
    if is_chinese:
        plain = normalize(text)
        converted = sum(old != new for old, new in zip(text, plain, strict=True) if not NOT_HAN.match(old))
        text = plain
    cut = [cut_document(document, block_size) for document in _whole_documents(text, is_chinese)]
    found = [document for pieces in cut for document in pieces]
    different = list(dict.fromkeys(found))
    long = [len(pieces) for pieces in cut if len(pieces) > 1]
    return Parsed(different, converted, len(long), sum(long), len(found) - len(different))


def _whole_documents(text: str, is_chinese: bool) -> list[Document]:
    blocks = [
        [line.strip() for line in block.split("\n")] for block in re.split(r"\n[^\S\n]*\n", text.strip())
    ]
    blocks = [[line for line in block if line] for block in blocks]
    width = _POEM_IN_A_LINE if is_chinese else _PARAGRAPH_IN_A_LINE
    if len(blocks) == 1 and len(blocks[0]) > 1 and statistics.median(map(len, blocks[0])) >= width:
        return [_line_document(line, _has_titles(blocks[0])) for line in blocks[0]]
    return [_block_document(block) for block in blocks if block]


_TITLED_LINE = re.compile(f"([^{PAUSES}:]{{1,{_LONGEST_TITLE}}})[:：](.+)")


def _has_titles(lines: list[str]) -> bool:
    """Whether (nearly) every line is 题目:内容; a single colon would rather belong to the verse."""
    return sum(bool(_TITLED_LINE.fullmatch(line)) for line in lines) >= 0.9 * len(lines)


def _line_document(line: str, titled: bool) -> Document:
    found = _TITLED_LINE.fullmatch(line) if titled else None
    return Document(found[2].strip(), title=clean_title(found[1])) if found else Document(line)


_BOOK_TITLE = re.compile("《([^《》]+)》(.*)")


def _block_document(lines: list[str]) -> Document:
    """Title and author from the lines above the verse, where they look like that: short, without a pause."""
    if len(lines) > 1 and (found := _BOOK_TITLE.fullmatch(lines[0])):
        author = found[2].strip()
        if not author and len(lines) > 2 and _is_heading(lines[1], _LONGEST_AUTHOR):
            return _named(found[1], lines[1], lines[2:])
        return _named(found[1], author, lines[1:])
    if len(lines) > 1 and _is_heading(lines[0], _LONGEST_TITLE):
        if _is_verse(lines[1]):
            return _named(lines[0], "", lines[1:])
        if len(lines) > 2 and _is_heading(lines[1], _LONGEST_AUTHOR) and _is_verse(lines[2]):
            return _named(lines[0], lines[1], lines[2:])
    return Document("\n".join(lines))


def _is_heading(line: str, longest: int) -> bool:
    return len(line) <= longest and bool(han_only(line)) and not re.search("[，。！？；]", line)


def _is_verse(line: str) -> bool:
    return bool(re.search("[，。！？；]", line))


_AUTHOR = re.compile(
    r"(?:作者[:：])?\s*[〔\[（(【]?(?P<dynasty>[\u4e00-\u9fff]{1,3}?)(?:代|朝)?[〕\]）)】·:：\s]+(?P<name>.+)"
)


def _named(title: str, author: str, lines: list[str]) -> Document:
    """A document with its title and author; 〔唐〕李白 and 唐·李白 tell the dynasty as well."""
    found = _AUTHOR.fullmatch(author)
    dynasty = found["dynasty"] if found and found["dynasty"] in DYNASTIES else ""
    name = found["name"] if found and dynasty else author.removeprefix("作者：").removeprefix("作者:")
    return Document(
        "\n".join(lines), dynasty=dynasty, author=clean_name(name.strip()), title=clean_title(title)
    )


def generated_input(manifest: Path) -> str | None:
    """SHA-256 of the input.txt that the run of `manifest` (or an earlier one) wrote, if any."""
    try:
        value = json.loads(manifest.read_text(encoding="utf-8")).get("generated_input")
    except (OSError, ValueError, AttributeError):
        return None
    return value if isinstance(value, str) else None
