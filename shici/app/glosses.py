"""What the names on the page 作诗 mean, for readers who have no Chinese: forms, dynasties, rhyme groups."""

from __future__ import annotations

from shici.vocabulary import CI_RHYME_GROUPS, RHYME_GROUPS

FORMS = {
    "五绝": "4 lines of 5",
    "七绝": "4 lines of 7",
    "五律": "8 lines of 5",
    "七律": "8 lines of 7",
    "五排": "10+ lines of 5",
    "七排": "10+ lines of 7",
    "五古": "old style, of 5",
    "七古": "old style, of 7",
    "词": "ci, to a tune",
}
DYNASTIES = {
    "先秦": "before Qin",
    "汉": "Han",
    "魏晋": "Wei and Jin",
    "南北朝": "North and South",
    "隋": "Sui",
    "唐": "Tang",
    "五代": "Five Dynasties",
    "宋": "Song",
    "金": "Jin",
    "元": "Yuan",
    "明": "Ming",
    "清": "Qing",
}
# How the character that names each group of 平水韵 is read today, in the order of the book.
READINGS = (
    "dōng dōng jiāng zhī wēi yú yú qí jiā huī zhēn wén yuán hán shān "
    "xiān xiāo yáo háo gē má yáng gēng qīng zhēng yóu qīn tán yán xián "
    "dǒng zhǒng jiǎng zhǐ wěi yǔ yǔ jì xiè huì zhěn wěn ruǎn hàn shān "
    "xiǎn xiǎo qiǎo hào gě mǎ yǎng gěng jiǒng yǒu qǐn gǎn yǎn xiàn "
    "sòng sòng jiàng zhì wèi yù yù jì tài guà duì zhèn wèn yuàn hàn jiàn "
    "xiàn xiào xiào hào gè mà yàng jìng jìng yòu qìn kàn yàn xiàn "
    "wū wò jué zhì wù yuè hé xiá xiè yào mò xī zhí jī hé yè qià"
).split()
GLOSSES = {
    **FORMS,
    **DYNASTIES,
    **dict(zip(RHYME_GROUPS, READINGS, strict=True)),
    **{name: f"part {number}" for number, name in enumerate(CI_RHYME_GROUPS, start=1)},
}
