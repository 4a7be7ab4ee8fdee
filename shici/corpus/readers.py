"""One reader for each JSON shape of chinese-poetry: records in, `RawPoem`s out, nothing cleaned yet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any

import orjson

from shici.corpus.characters import han_only
from shici.errors import CorpusError

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RawPoem:
    """A poem as the source has it. text: paragraphs joined by line feeds. Empty strings are missing fields.

    kind and dynasty: only where the record itself tells, else they are the shelf's.
    """

    text: str
    title: str = ""
    author: str = ""
    tune: str = ""
    kind: str = ""
    dynasty: str = ""


def load_records(path: Path) -> Any:
    """The JSON of one file. Raises CorpusError if it is damaged."""
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise CorpusError(
            f"{path.name} 不是完好的 JSON（{error}）。请重新下载语料。",
            f"{path.name} is not valid JSON ({error}). Fetch the corpus again.",
        ) from None


def read_poems(path: Path, reader: str) -> list[RawPoem]:
    """The poems of one file by the function of that name. Raises CorpusError if the file has another shape."""
    try:
        poems = list(READERS[reader](load_records(path)))
        sound = all(isinstance(field, str) for one in poems for field in (one.text, one.title, one.author))
    except (AttributeError, IndexError, KeyError, TypeError):
        sound = False
    if not sound:
        raise CorpusError(
            f"{path.name} 不是 chinese-poetry 这一集的格式。请重新下载语料，或检查 --source。",
            f"{path.name} has not the shape of this collection of chinese-poetry. "
            "Fetch the corpus again, or check --source.",
        )
    return poems


def _join(paragraphs: list[str] | None) -> str:
    return "\n".join(paragraphs or [])


def read_shi(records: list[Record]) -> Iterator[RawPoem]:
    """全唐诗, 全宋诗, 御定全唐诗, 水墨唐诗, 唐诗补录."""
    for record in records:
        yield RawPoem(_join(record.get("paragraphs")), record.get("title") or "", record.get("author") or "")


def read_ci(records: list[Record]) -> Iterator[RawPoem]:
    """宋词, 花间集, 南唐: `rhythmic` is the tune, or alias・tune; the wudai files repeat it in `title`."""
    for record in records:
        tune = re.split("[・·]", record["rhythmic"])[-1]
        title = re.split("[·・ ]", record.get("title") or "", maxsplit=1)[-1]
        text = _join(record.get("paragraphs"))
        if title == tune or repeats_opening(title, text):
            title = ""
        yield RawPoem(text, title, record.get("author") or "", tune)


def read_shijing(records: list[Record]) -> Iterator[RawPoem]:
    """诗经: chapter (国风), section (周南), title (关雎)."""
    for record in records:
        yield RawPoem(_join(record.get("content")), record["title"])


_HAN_AUTHORS = {"贾谊", "淮南小山", "东方朔", "庄忌", "王褒", "刘向", "王逸"}


def read_chuci(records: list[Record]) -> Iterator[RawPoem]:
    """楚辞: from 屈原 to 王逸 of the Later Han."""
    for record in records:
        author = record["author"]
        dynasty = "汉" if author in _HAN_AUTHORS else "先秦"
        yield RawPoem(_join(record.get("content")), record["title"], author, dynasty=dynasty)


def read_caocao(records: list[Record]) -> Iterator[RawPoem]:
    """曹操诗集: no author in the records."""
    for record in records:
        yield RawPoem(_join(record.get("paragraphs")), record["title"], "曹操")


# Corrections of the source, seen by hand: titles with a dot that are 诗, and paragraphs of prose before a 词.
_NALAN_SHI = {"拟古", "南海子", "汤泉应制", "拟冬日景忠山应制"}
_NALAN_PREFACES = {"沁园春·瞬息浮生": 5, "浣溪沙·谁道飘零不可怜": 1}


def read_nalan(records: list[Record]) -> Iterator[RawPoem]:
    """纳兰性德: 词 are titled tune·title, 诗 have a plain title; line ends mostly have no full stop."""
    for record in records:
        text = _join(record["para"][_NALAN_PREFACES.get(record["title"], 0) :])
        tune, dot, title = record["title"].partition("·")
        if not dot or tune in _NALAN_SHI:
            yield RawPoem(text, record["title"], record["author"], kind="诗")
        else:
            yield RawPoem(text, "" if repeats_opening(title, text) else title, record["author"], tune)


_SENTENCE_MARK = re.compile("[，。！？；]")


def read_yuanqu(records: list[Record]) -> Iterator[RawPoem]:
    """元曲: title is play・mode/tune, mode・tune, tune, or tune・the first 30 characters of the song itself.

    The last is an accident of the source: the song goes on in the paragraphs, so the two are joined again.
    殿前欢大都西山 is a tune with a title behind it: see `_tunes`.
    """
    songs = [_song(record) for record in records]
    tunes = _tunes(Counter(song.tune for song in songs))
    for song in songs:
        known = [tune for tune in tunes if song.tune.startswith(tune)]
        tune = max(known, key=len, default=song.tune)
        yield replace(song, tune=tune, title=song.title or song.tune.removeprefix(tune))


_SURELY_A_TUNE = 5  # songs under one name
_TUNE_LENGTH = 3  # characters: shorter ones (尾, 幺, 二煞) only say where in a suite a song stands


def _tunes(names: Counter[str]) -> list[str]:
    """The names among `names` that others continue with a title: those of many songs, or of several titles.

    凭阑人 never stands alone, but before two titles it is what they have in common.
    """
    tunes = {name for name, count in names.items() if count >= _SURELY_A_TUNE and len(name) >= _TUNE_LENGTH}
    others = sorted(name for name in names if len(name) > _TUNE_LENGTH and not name.startswith(tuple(tunes)))
    for _, group in groupby(others, key=lambda name: name[:_TUNE_LENGTH]):
        together = list(group)
        if len(together) > 1 and all(len(name) >= _TUNE_LENGTH + 2 for name in together):
            tunes.add(_common_start(together[0], together[-1]))  # sorted: what these two share, all do
    return sorted(tunes)


def _common_start(one: str, other: str) -> str:
    shared = takewhile(
        lambda pair: pair[0] == pair[1] and pair[0] not in "（(", zip(one, other, strict=False)
    )
    return "".join(character for character, _ in shared)


def _song(record: Record) -> RawPoem:
    """One record as it stands: the tune may still have a title at its end."""
    text = _join(record.get("paragraphs"))
    author, _, play = record["author"].partition("《")
    head, dot, rest = record["title"].rpartition("・")
    if dot and _SENTENCE_MARK.search(rest):
        return RawPoem(rest + text, "", author, head)
    _mode, slash, tune = rest.rpartition("/")
    title = play.rstrip("》") or (head if slash or ("调" not in head and len(head) > 2) else "")
    return RawPoem(text, title, author, tune if slash else rest)


def read_anthology(book: Record) -> Iterator[RawPoem]:
    """唐诗三百首, 千家诗: sections of poems; the author may carry his dynasty, `（宋）蘇軾`."""
    for section in book["content"]:
        for record in section["content"]:
            found = re.fullmatch("（(.)）(.*)", record["author"].strip())
            dynasty, author = found.groups() if found else ("", record["author"])
            title = (record.get("subchapter") or record["chapter"]).split("/")[0].strip()
            for number, paragraphs in _parts(record["paragraphs"]):
                yield RawPoem(_join(paragraphs), f"{title} {number}".strip(), author, dynasty=dynasty)


def _parts(paragraphs: list[Any]) -> Iterator[tuple[str, list[str]]]:
    """(其一, its lines) for each poem of a set; ("", the lines) for a single poem."""
    if isinstance(paragraphs[0], str):
        yield "", paragraphs
    else:
        for part in paragraphs:
            yield part["subchapter"], part["paragraphs"]


def repeats_opening(title: str, text: str) -> bool:
    """Whether `title` is no title but the first words of `text`."""
    bare = han_only(title)
    return bool(bare) and han_only(text).startswith(bare)


READERS: dict[str, Callable[[Any], Iterator[RawPoem]]] = {
    function.__name__: function
    for function in (
        read_shi,
        read_ci,
        read_shijing,
        read_chuci,
        read_caocao,
        read_nalan,
        read_yuanqu,
        read_anthology,
    )
}
