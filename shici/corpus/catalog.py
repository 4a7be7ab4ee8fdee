"""The collections of chinese-poetry: where each lies in the two layouts, how it is read, and in which order.

The order is the order of preference: where two collections hold the same poem, the earlier one's text stays
and the later one fills the fields that are missing. Editions of 词 come before 全唐诗, which prints some of
them as 诗 without a tune; 唐诗三百首 comes before it for the wording that readers know by heart.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from shici.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Shelf:
    """Files of one collection that share a shape.

    collection: key into COLLECTIONS. folders: names of the folder, npm first, then git.
    pattern: glob below it. reader: name of a function in shici.corpus.readers. kind: 诗, 词 or 曲.
    dynasty: of all its poems, "" if it varies.
    traditional: written in traditional characters, so that its readings are exact.
    """

    collection: str
    folders: tuple[str, ...]
    pattern: str
    reader: str
    kind: str
    dynasty: str
    traditional: bool = False


COLLECTIONS = {
    "shijing": "诗经",
    "chuci": "楚辞",
    "caocao": "曹操",
    "wudai": "五代",
    "songci": "宋词",
    "nalan": "纳兰性德",
    "yuanqu": "元曲",
    "mengxue": "蒙学",
    "quantangshi": "全唐诗",
    "quansongshi": "全宋诗",
    "yuding": "御定全唐诗",
    "shuimo": "水墨唐诗",
}

_TANG = ("quantangshi", "全唐诗")
_WUDAI = ("wudaishici", "五代诗词")
_MENGXUE = ("mengxue", "蒙学")

SHELVES = (
    Shelf("shijing", ("shijing", "诗经"), "shijing.json", "read_shijing", "诗", "先秦"),
    Shelf("chuci", ("chuci", "楚辞"), "chuci.json", "read_chuci", "诗", ""),
    Shelf("caocao", ("caocaoshiji", "曹操诗集"), "caocao.json", "read_caocao", "诗", "汉"),
    Shelf("wudai", _WUDAI, "nantang/poetrys.json", "read_ci", "词", "五代"),
    Shelf("wudai", _WUDAI, "huajianji/huajianji-[1-9x]*-juan.json", "read_ci", "词", "五代"),
    Shelf("songci", ("songci", "宋词"), "ci.song.*.json", "read_ci", "词", "宋"),
    Shelf("nalan", ("nalanxingde", "纳兰性德"), "纳兰性德诗集.json", "read_nalan", "词", "清"),
    Shelf("yuanqu", ("yuanqu", "元曲"), "yuanqu.json", "read_yuanqu", "曲", "元"),
    Shelf("mengxue", _MENGXUE, "tangshisanbaishou.json", "read_anthology", "诗", "唐", True),
    Shelf("quantangshi", _TANG, "poet.tang.*.json", "read_shi", "诗", "唐", True),
    Shelf("quantangshi", _TANG, "唐诗补录.json", "read_shi", "诗", "唐"),
    Shelf("quansongshi", _TANG, "poet.song.*.json", "read_shi", "诗", "宋", True),
    Shelf("mengxue", _MENGXUE, "qianjiashi.json", "read_anthology", "诗", "", True),
    Shelf("yuding", ("yudingquantangshi", "御定全唐詩"), "json/*.json", "read_shi", "诗", "唐", True),
    Shelf("shuimo", ("shuimotangshi", "水墨唐诗"), "shuimotangshi.json", "read_shi", "诗", "唐"),
)


def choose_collections(names: Iterable[str]) -> list[str]:
    """Keys of COLLECTIONS, in their order, for Chinese or pinyin `names`. CorpusError for others and none."""
    known = {**{key: key for key in COLLECTIONS}, **{zh: key for key, zh in COLLECTIONS.items()}}
    chosen = set()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
            hint_zh = f"是不是“{near[0]}”？" if near else ""
            hint_en = f" Did you mean {near[0]}?" if near else ""
            listed = "，".join(f"{key}（{zh}）" for key, zh in COLLECTIONS.items())
            raise CorpusError(
                f"没有叫“{name}”的集子。{hint_zh}可选：{listed}。",
                f"There is no collection called {name!r}.{hint_en} Choose among: {', '.join(COLLECTIONS)}.",
            )
        chosen.add(known[name])
    if not chosen:
        raise CorpusError(
            f"--collections 后面没有集子。可选：{'、'.join(COLLECTIONS.values())}。",
            f"--collections names no collection. Choose among: {', '.join(COLLECTIONS)}.",
        )
    return [key for key in COLLECTIONS if key in chosen]
