"""The names of the rhymes: 平水韵 (106 groups, for 诗), 词林正韵 (19 parts, for 词), and the neighbours.

The names are those of the control tokens in shici.vocabulary; the rooms don't import each other, a test
compares them.
"""

from __future__ import annotations

TONES = ("平", "上", "去", "入")

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

TONE_OF_GROUP = {
    group: tone
    for tone, groups in zip(
        TONES, (LEVEL_GROUPS, RISING_GROUPS, DEPARTING_GROUPS, ENTERING_GROUPS), strict=True
    )
    for group in groups
}

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


def are_neighbours(group: str, other: str) -> bool:
    """Whether two different level groups belong to one family of NEIGHBOURS."""
    return group != other and any(group in family and other in family for family in NEIGHBOURS)
