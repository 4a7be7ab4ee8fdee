"""From a source's text to verse alone: notes out, garbled poems out, one layout for every edition.

`clean_body` gives the verse, or the reason why the poem cannot be used. The rules come from looking at what
the sources hold; counts of each reason stand in the manifest.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from shici.corpus.characters import HAN_RANGES, NOT_HAN, PAUSES, han_only, verse_lines
from shici.corpus.normalize import fold_width

# Why a poem is left out: code in the manifest -> (Chinese, English).
REASONS = {
    "empty": ("空白", "no text"),
    "fragment": ("残句", "a fragment: titled 句 or 存目, or a single couplet"),
    "lacuna": ("缺字", "a character is lost (□, ○, 囗)"),
    "brackets": ("括号不全", "a note without its other bracket"),
    "dialogue": ("宾白", "spoken dialogue and stage directions among the songs"),
    "garbled": ("乱码", "a character that is no Chinese character, or a description of a glyph"),
    "prose": ("散文", "prose: preface, colophon, editor's note"),
    "short": ("过短", "fewer than ten characters"),
    "duplicate": ("重复", "the same text stands elsewhere, variant glyphs apart"),
    "near_duplicate": ("近似重复", "almost the same text stands elsewhere"),
    "contained": ("并入他篇", "its couplets stand in other poems that are kept"),
    "held_out": ("留作评测", "shares a couplet with the held-out benchmark"),
    "rare_character": ("罕用字", "a character too rare to learn"),
}

SHORTEST_POEM = 10
# Characters of a line; beyond them nearly everything looked at was prose or lacked its pauses. 曲 have extra words.
LONGEST_VERSE_LINE, LONGEST_SONG_LINE = 15, 24
LONGEST_TITLE = 30


class Cleaned(NamedTuple):
    """text: the verse in one layout, or "". reason: a key of REASONS, or ""."""

    text: str
    reason: str = ""


_BLANKS = re.compile(r"[ \t\u3000\xa0\u200b\ufeff]+")
_NOTE = re.compile("（[^（）]*）|〖[^〖〗]*〗|【[^【】]*】")
_FOOTNOTE = re.compile(r"\[[一二三四五六七八九十○〇]+\]|[\u2460-\u2473]")
_SUPPLIED = re.compile(rf"\[([{HAN_RANGES}]+)\]")  # [爽]: supplied by the editors from another edition
_QUOTES = re.compile('[「」『』“”‘’"《》〈〉﹀︽﹁﹂〔〕]')
_LACUNA = re.compile("[□○●囗�■▢◇]")
_REPEAT = re.compile(f"([{HAN_RANGES}])々")
_UNBALANCED = re.compile("[（）〖〗【】]")
_FOREIGN = re.compile(f"[^{HAN_RANGES}{PAUSES}\n]")
_PAUSE_RUN = re.compile(f"[{PAUSES}](?:\n*[{PAUSES}])+")
_HIGHLIGHTED = re.compile(
    rf"<([{HAN_RANGES}]+)>"
)  # <激楚>, a song's name; in 曲 such brackets describe a glyph
# Who sings, who leaves: harmless at the ends of a song, a sign of dialogue inside it.
_DIRECTION = "（[^（）]{1,6}）|［[^［］]{1,6}］"
_OUTER_DIRECTIONS = re.compile(f"^(?:{_DIRECTION})+|(?:(?:{_DIRECTION})。?)+$")
_COLOPHON = re.compile("(?<=[。！？])(?:套数|小令)。?$")


def _fold(text: str) -> str:
    return fold_width(text).replace("(", "（").replace(")", "）")


def _join_pauses(run: re.Match[str]) -> str:
    """One pause for several, as removed notes leave them: a full stop wins over a comma."""
    marks = run.group().replace("\n", "")
    return next((mark for mark in marks if mark in "。！？"), marks[0])


def strip_notes(text: str) -> str:
    """`text` without notes in brackets, however nested; a bracket without its other half stays."""
    while (shorter := _NOTE.sub("", text)) != text:
        text = shorter
    return text


def clean_body(text: str, kind: str) -> Cleaned:
    """The verse of a poem of `kind` (诗, 词 or 曲), in the script it came in.

    Result: Chinese characters, ，。！？；、： and line feeds alone. 诗 have a couplet a line.
    """
    text = _BLANKS.sub("", _fold(text))
    if kind == "诗":
        text = _HIGHLIGHTED.sub(r"\1", text)
    if kind == "曲":
        text = _COLOPHON.sub("", _OUTER_DIRECTIONS.sub("", text))
        if re.search("[（）［］]", text):
            return Cleaned("", "dialogue")
    text = _SUPPLIED.sub(r"\1", _FOOTNOTE.sub("", strip_notes(text)))
    text = _REPEAT.sub(r"\1\1", _QUOTES.sub("", text))
    reason = _flaw(text, kind)
    return Cleaned("", reason) if reason else Cleaned(lay_out(text, kind))


def _flaw(text: str, kind: str) -> str:
    """Why the verse `text`, free of notes and quotation marks, cannot be used; "" if it can."""
    if _LACUNA.search(text):
        return "lacuna"
    if _UNBALANCED.search(text):
        return "brackets"
    if _FOREIGN.search(text):
        return "garbled"
    length = len(han_only(text))
    if length < SHORTEST_POEM:
        return "short" if length else "empty"
    lines = verse_lines(text)
    if max(map(len, lines)) > (LONGEST_SONG_LINE if kind == "曲" else LONGEST_VERSE_LINE):
        return "prose"
    return "fragment" if kind == "诗" and len(lines) < 3 else ""


def lay_out(text: str, kind: str) -> str:
    """The same line breaks for every edition: a couplet where all verse lines are alike, else a sentence."""
    lines = [
        line.rstrip(PAUSES) + (line[-1] if line[-1] in PAUSES else "。") for line in text.split("\n") if line
    ]
    text = _PAUSE_RUN.sub(_join_pauses, "\n".join(lines)).lstrip(PAUSES + "\n")
    if text[-1] not in "。！？":
        text = text[:-1] + "。"
    pieces = re.findall(f"[^{PAUSES}]+[{PAUSES}]", text.replace("\n", ""))
    if kind == "诗" and len(pieces) % 2 == 0 and len({len(piece) for piece in pieces}) == 1:
        return "\n".join(map("".join, zip(pieces[::2], pieces[1::2], strict=True)))
    return re.sub("([。！？；])(?=.)", r"\1\n", "".join(pieces))


_TITLE_PART = re.compile(r"[\s：:・·－…]+")
_NUMBER = re.compile("[一二三四五六七八九十百〇○]+")
_BARE_NUMBER = re.compile("[其第]?[一二三四五六七八九十百〇○]+首?")
_TITLE_FOREIGN = re.compile(f"[^{HAN_RANGES}，、]+")
_NO_TITLE = {"失题", "失題", "无题", "無題", "阙题", "闕題", "缺题", "缺題"}
_NO_AUTHOR = {
    "不详",
    "不詳",
    "无名氏",
    "無名氏",
    "佚名",
    "阙名",
    "闕名",
    "无考",
    "郊廟朝會歌辭",
    "郊庙朝会歌辞",
}
_FRAGMENT = re.compile(r"(?:句|存目|[残殘]句|斷句|断句|失题句|聯語|联语)(?:[\s（其].*)?")


def is_fragment(title: str) -> bool:
    """Whether the title says that no whole poem follows: 句, 句 其二, 存目."""
    return bool(_FRAGMENT.fullmatch(title.strip()))


def clean_title(title: str) -> str:
    """A title in plain characters, its parts joined by ·, a bare number as 其一; "" if there is none to use.

    帝京篇十首 一 -> 帝京篇十首·其一; 郊廟歌辭 祀圜丘樂章 雍和 -> 郊廟歌辭·祀圜丘樂章·雍和.
    """
    title = strip_notes(_fold(title)).partition("（")[0]
    title = _SUPPLIED.sub(r"\1", _FOOTNOTE.sub("", title))
    if re.search("[□●囗�{}⿰⿱]", title):
        return ""
    title = title.partition("○")[0]
    parts = [_TITLE_FOREIGN.sub("", part).strip("，、") for part in _TITLE_PART.split(title)]
    parts = [part for part in parts if part]
    if len(parts) > 1 and _NUMBER.fullmatch(parts[-1]):
        parts[-1] = "其" + parts[-1]
    joined = "·".join(parts)
    if len(joined) > LONGEST_TITLE or joined in _NO_TITLE or _BARE_NUMBER.fullmatch(joined):
        return ""
    return joined


def clean_name(name: str) -> str:
    """An author or tune in plain characters; "" if it is unknown, damaged or several people."""
    name = strip_notes(_fold(name)).rstrip("0123456789").strip()
    name = _SUPPLIED.sub(r"\1", _FOOTNOTE.sub("", name))
    return "" if NOT_HAN.search(name) or _LACUNA.search(name) or name in _NO_AUTHOR else name
