"""The judge's words (in Chinese, see shici.prosody.verdict) in the reader's language.

word("不合律", "en") -> "irregular"; remark_in_words(remark, "en") -> "line 2, wrong tone: 天 is level, …"
"""

from __future__ import annotations

import re

from shici.app.language import Language
from shici.generation.verdicts import fault
from shici.prosody.verdict import Remark

WORDS = {
    "合律": "regulated",
    "不合律": "irregular",
    "合式": "keeps its form",
    "不合式": "breaks its form",
    "杂言": "lines of mixed length",
    "五绝（古绝，仄韵）": "五绝 in the old style, oblique rhyme",
    "七绝（古绝，仄韵）": "七绝 in the old style, oblique rhyme",
    "五古（仄韵）": "五古, oblique rhyme",
    "七古（仄韵）": "七古, oblique rhyme",
}
KINDS = {
    "出律": "wrong tone",
    "孤平": "a lone level tone",
    "三平尾": "three level tones at the end",
    "失对": "couplet not opposed",
    "失粘": "couplets not linked",
    "落韵": "off rhyme",
    "仄韵": "oblique rhyme",
    "重韵": "rhyme word used twice",
    "换韵": "rhyme not changed",
    "缺字": "a character is missing",
    "字数": "length of the line",
    "句数": "number of lines",
    "叠句": "refrain",
    "拗救": "mended tone",
    "借韵": "borrowed rhyme",
    "通押": "neighbouring rhymes",
    "折腰": "broken waist",
    "僻读": "unusual reading",
    "今音": "modern sound",
    "未知": "unknown reading",
    "句读": "pauses",
}
TONES = {"平": "level", "仄": "oblique", "通": "either", "中": "either", "？": "unknown"}
LISTED = "、"
# As the modules of shici.prosody say it; tests/test_app_judgement.py holds the two together.
REASONS = (
    (r"“(?P<c>.)”(?P<tone>.)声，此处当(?P<due>.)(?P<mend>，下句又未救)?", "{c} is {tone}, here {due} is due{mend}"),
    (r"“(?P<c>.)”(?P<tone>.)声，此处当(?P<due>.)（特拗首字必平）",
     "{c} is {tone}; the set exception level level oblique level oblique begins with a {due} tone"),
    (r"除韵脚外只有“(?P<c>.)”一个平声，前后皆仄",
     "but for the rhyme only {c} is level, with oblique tones on both sides"),
    (r"句末“(?P<end>.+)”三字皆平，“(?P<c>.)”当仄", "the line ends in {end}, all level; {c} ought to be oblique"),
    (r"第(?P<n>\d+)句与第(?P<m>\d+)句平仄不相对", "line {n} does not have the tones opposite to line {m}"),
    (r"第(?P<n>\d+)句与第(?P<m>\d+)句平仄不相粘", "line {n} does not take up the tones of line {m}"),
    (r"“(?P<c>.)”字重押", "{c} rhymes a second time"),
    (r"“(?P<c>.)”属(?P<heard>.+)，此诗押(?P<due>.+)", "{c} belongs to {heard}; this poem rhymes in {due}"),
    (r"“(?P<c>.)”属(?P<heard>.+)，此处押(?P<due>.+)", "{c} belongs to {heard}; here {due} rhymes"),
    (r"“(?P<c>.)”属(?P<heard>.+)，多数韵脚在(?P<due>.+)", "{c} belongs to {heard}; most rhyme words are in {due}"),
    (r"“(?P<c>.)”属(?P<heard>.+)，韵脚不同部", "{c} belongs to {heard}; the rhyme words share no group"),
    (r"“(?P<c>.)”属(?P<heard>.+)，律诗当押平声韵", "{c} belongs to {heard}; regulated verse rhymes in level tones"),
    (r"押仄声韵，作古体看，不拘平仄", "it rhymes in an oblique tone: old verse, of which no tones are asked"),
    (r"(?P<words>“.”属.+)，古体可通押", "{words}; old verse may rhyme them together"),
    (r"余皆合律，绝句如此称折腰体", "all else is regulated: a quatrain of this kind is called 折腰体"),
    (r"“(?P<c>.)”须作(?P<due>.)声方合，诗中罕有此读；照常读(?P<tone>.)声，(?P<else>.+)",
     "{c} fits only if it is {due}, as it hardly ever is in poems; as usual it is {tone}, with {else}"),
    (r"“(?P<c>.)”须作(?P<due>.)声方合，那是另一义；照常用的(?P<tone>.)声，(?P<else>.+)",
     "{c} fits only if it is {due}, in another meaning; as usual it is {tone}, with {else}"),
    (r"“(?P<c>.)”押(?P<due>.+)，诗中罕见；照常读属(?P<heard>.+)",
     "{c} rhymes in {due}, as it hardly ever does in poems; as usual it belongs to {heard}"),
    (r"韵书无“(?P<c>.)”字，依今音作(?P<tone>.)声",
     "the rhyme book lacks {c}; as it is spoken today it is {tone}"),
    (r"韵脚不足两个", "fewer than two rhyme words"),
    (r"此处缺一字", "a character is missing here"),
    (r"(?P<form>.+)每句(?P<n>\d+)字，这句(?P<m>\d+)字", "lines of {form} have {n} characters, this one has {m}"),
    (r"(?P<form>.+)这句(?P<n>\d+)字，这里(?P<m>\d+)字", "this line of {form} has {n} characters, here are {m}"),
    (r"此处当(?P<n>\d+)字，这句(?P<m>\d+)字", "a line of {n} characters is due here, this one has {m}"),
    (r"(?P<form>.+?)(?P<n>\d+)句，这里(?P<m>\d+)句", "{form} has {n} lines, here are {m}"),
    (r"要(?P<n>\d+)句，这里(?P<m>\d+)句", "{n} lines are due, here are {m}"),
    (r"(?P<form>.+)至少十句且成对，这里(?P<m>\d+)句", "{form} has at least ten lines, in pairs; here are {m}"),
    (r"谱中没有这一句（(?P<n>\d+)字）", "the tune has no such line ({n} characters)"),
    (r"谱中第(?P<n>\d+)句（(?P<m>\d+)字）这里没有", "line {n} of the tune ({m} characters) is not here"),
    (r"当叠第(?P<n>\d+)句“(?P<said>.*)”", "ought to repeat line {n}, {said}"),
    (r"当叠第(?P<n>\d+)句末“(?P<said>.*)”", "ought to repeat the end of line {n}, {said}"),
    (r"当倒叠第(?P<n>\d+)句末?“(?P<said>.*)”", "ought to say the end of line {n} backwards, {said}"),
    (r"第(?P<n>[\d、]+)句与第(?P<m>[\d、]+)句同押(?P<due>.+)，此处当换韵",
     "lines {n} rhyme in {due} as lines {m} do; here the rhyme ought to change"),
    (r"原文断句不同，谱断作“(?P<said>.+)”", "the text pauses elsewhere; the tune reads {said}"),
    (r"此字拗，下句“(?P<c>.)”以平声救（[大小]拗）", "irregular here, mended by the level tone of {c} in the next line"),
    (r"平平仄平仄，末三字平仄互换（特拗）", "level level oblique level oblique: a set exception"),
    (r"此字拗，本句“(?P<c>.)”以平声救，免于孤平", "irregular here, mended by the level tone of {c} in the same line"),
    (r"首句“(?P<c>.)”属(?P<heard>.+)，借(?P<due>.+)之邻韵",
     "the first line ends in {c} of {heard}, a neighbour of {due}"),
    (r"“(?P<c>.)”读音未知", "the reading of {c} is not known"),
)  # fmt: skip


def word(judged: str, language: Language) -> str:
    """合律, 不合律, 合式 ... in `language`; the names of forms stay Chinese."""
    return judged if language == "zh" else WORDS.get(judged, judged)


def remark_in_words(remark: Remark, language: Language) -> str:
    """A fault or a note in one line; what is not known in English stays Chinese, and says so."""
    if language == "zh":
        return fault(remark)
    kind = KINDS.get(remark.kind, remark.kind)
    return f"line {remark.line + 1}, {kind}: {reason_in_english(remark.reason)}"


def reason_in_english(reason: str) -> str:
    for pattern, english in REASONS:
        found = re.fullmatch(pattern, reason, re.DOTALL)
        if found:
            parts = {name: text or "" for name, text in found.groupdict().items()}
            parts |= {name: TONES[parts[name]] for name in ("tone", "due") if parts.get(name) in TONES}
            parts |= {name: parts[name].replace(LISTED, ", ") for name in ("n", "m") if name in parts}
            if parts.get("mend"):
                parts["mend"] = ", and the next line does not mend it"
            if "else" in parts:
                parts["else"] = otherwise(parts["else"])
            if "words" in parts:
                parts["words"] = re.sub(r"“(.)”属", r"\1 belongs to ", parts["words"]).replace("，", ", ")
            if "heard" in parts:
                parts["heard"] = parts["heard"].replace(LISTED, " and ").replace("未知", "no known group")
            return english.format(**parts)
    return f"in Chinese, {reason}"


def otherwise(said: str) -> str:
    """此句孤平、出律 -> a lone level tone and wrong tone."""
    if said == "上句大拗未救":
        return "nothing that mends the line before"
    return " and ".join(KINDS.get(kind, kind) for kind in said.removeprefix("此句").split(LISTED))
