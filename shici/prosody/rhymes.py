"""The books of rhyme: 平水韵 with 词林正韵, by which verse was written for a thousand years, and 中华新韵.

The names of the first are those of the control tokens in shici.vocabulary; the rooms don't import each
other, a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

TONES = ("平", "上", "去", "入")
LEVEL, OBLIQUE = "平", "仄"

LEVEL_GROUPS = tuple(
    (
        "一东 二冬 三江 四支 五微 六鱼 七虞 八齐 九佳 十灰 十一真 十二文 十三元 十四寒 十五删 "
        "一先 二萧 三肴 四豪 五歌 六麻 七阳 八庚 九青 十蒸 十一尤 十二侵 十三覃 十四盐 十五咸"
    ).split()
)

RISING_GROUPS = tuple(
    (
        "一董 二肿 三讲 四纸 五尾 六语 七麌 八荠 九蟹 十贿 十一轸 十二吻 十三阮 十四旱 十五潸 "
        "十六铣 十七筱 十八巧 十九皓 二十哿 二十一马 二十二养 二十三梗 二十四迥 二十五有 二十六寝 二十七感 "
        "二十八琰 二十九豏"
    ).split()
)

DEPARTING_GROUPS = tuple(
    (
        "一送 二宋 三绛 四寘 五未 六御 七遇 八霁 九泰 十卦 十一队 十二震 十三问 十四愿 十五翰 十六谏 "
        "十七霰 十八啸 十九效 二十号 二十一个 二十二祃 二十三漾 二十四敬 二十五径 二十六宥 二十七沁 二十八勘 "
        "二十九艳 三十陷"
    ).split()
)

ENTERING_GROUPS = tuple(
    (
        "一屋 二沃 三觉 四质 五物 六月 七曷 八黠 九屑 十药 十一陌 十二锡 十三职 十四缉 十五合 十六叶 十七洽"
    ).split()
)

RHYME_GROUPS = LEVEL_GROUPS + RISING_GROUPS + DEPARTING_GROUPS + ENTERING_GROUPS

CI_RHYME_GROUPS = tuple(
    f"第{number}部"
    for number in "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九".split()
)

# 邻韵: level groups that a first line may borrow from (王力《汉语诗律学》 lists these families).
NEIGHBOURS = tuple(
    tuple(family.split())
    for family in (
        "一东 二冬",
        "三江 七阳",
        "四支 五微 八齐",
        "六鱼 七虞",
        "九佳 十灰",
        "九佳 六麻",
        "十一真 十二文 十三元",
        "十三元 十四寒 十五删 一先",
        "二萧 三肴 四豪",
        "五歌 六麻",
        "八庚 九青 十蒸",
        "十三覃 十四盐 十五咸",
    )
)


# 中华新韵 (十四韵, 中华诗词学会 2005), by modern sound: each 韵 is a level group and an oblique one. The names
# say which, as 五微 is a group of 平水韵 too.
MODERN_RHYMES = tuple("一麻 二波 三皆 四开 五微 六豪 七尤 八寒 九文 十唐 十一庚 十二齐 十三支 十四姑".split())


@dataclass(frozen=True, slots=True, eq=False)
class RhymeBook:
    """A law of rhyme: which groups there are, of what tone, and which stand near each other.

    name: as said to a reader. groups: all, in the order of the book. level: those of level tone, in that
    order. order: the place of each group. parts: what 词 rhyme in, groups of several tones together.
    """

    name: str
    groups: tuple[str, ...]
    level: tuple[str, ...]
    order: Mapping[str, int]
    parts: tuple[str, ...]
    _tones: Mapping[str, str]
    _neighbours: Mapping[str, frozenset[str]]

    def tone_of(self, group: str) -> str:
        """平, 上, 去 or 入; a book that doesn't part the oblique tones says 仄. KeyError for another's group."""
        return self._tones[group]

    def neighbours(self, group: str) -> frozenset[str]:
        """邻韵: the groups that the first line may borrow from when a poem rhymes in `group`."""
        return self._neighbours.get(group, frozenset())

    def sorted(self, groups: Iterable[str]) -> list[str]:
        """`groups` in the order of the book."""
        return sorted(groups, key=self.order.__getitem__)


def bind(
    name: str,
    tones: Mapping[str, Sequence[str]],
    parts: Sequence[str],
    families: Sequence[Sequence[str]] = (),
) -> RhymeBook:
    """A book from its groups by tone (in order) and its families of neighbours."""
    tone_of = {group: tone for tone, groups in tones.items() for group in groups}
    near = {
        group: frozenset(one for family in families if group in family for one in family if one != group)
        for group in tone_of
    }
    return RhymeBook(
        name=name,
        groups=tuple(tone_of),
        level=tuple(group for group, tone in tone_of.items() if tone == LEVEL),
        order=MappingProxyType({group: place for place, group in enumerate(tone_of)}),
        parts=tuple(parts),
        _tones=MappingProxyType(tone_of),
        _neighbours=MappingProxyType(near),
    )


PINGSHUI = bind(
    "平水韵",
    dict(zip(TONES, (LEVEL_GROUPS, RISING_GROUPS, DEPARTING_GROUPS, ENTERING_GROUPS), strict=True)),
    CI_RHYME_GROUPS,
    NEIGHBOURS,
)
MODERN = bind(
    "中华新韵",
    {tone: [rhyme + tone for rhyme in MODERN_RHYMES] for tone in (LEVEL, OBLIQUE)},
    MODERN_RHYMES,
)
