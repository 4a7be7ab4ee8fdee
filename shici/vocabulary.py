"""Characters and control tokens <-> ids, and the readable file that keeps them.

A vocabulary is an ordered tuple of tokens; a token's id is its place. A token of one character stands for itself;
a longer one is a control token in angle brackets. Control tokens come first, always the same and in the same
order, then the characters by code point. The file holds one token a line (UTF-8), the newline written as \\n.

A vocabulary made from nanoGPT's meta.pkl has no control tokens; `has_controls` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from shici.errors import UnknownCharacterError, VocabularyError

STRUCTURE = ("<pad>", "<bos>", "<eos>", "<mask>", "<author>", "<title>", "<tune>", "<body>")

# Verse forms by shape; whether a poem obeys the rules of its form is the REGULATED token's business.
FORMS = ("五绝", "七绝", "五律", "七律", "五排", "七排", "五古", "七古", "四言", "六言", "杂言", "词", "曲")

REGULATED = ("合律", "不合律")

# 平水韵, 106 groups: 30 level (15 + 15), 29 rising, 30 departing, 17 entering.
RHYME_GROUPS = tuple(
    (
        "一东 二冬 三江 四支 五微 六鱼 七虞 八齐 九佳 十灰 十一真 十二文 十三元 十四寒 十五删 "
        "一先 二萧 三肴 四豪 五歌 六麻 七阳 八庚 九青 十蒸 十一尤 十二侵 十三覃 十四盐 十五咸 "
        "一董 二肿 三讲 四纸 五尾 六语 七麌 八荠 九蟹 十贿 十一轸 十二吻 十三阮 十四旱 十五潸 "
        "十六铣 十七筱 十八巧 十九皓 二十哿 二十一马 二十二养 二十三梗 二十四迥 二十五有 二十六寝 二十七感 "
        "二十八琰 二十九豏 "
        "一送 二宋 三绛 四寘 五未 六御 七遇 八霁 九泰 十卦 十一队 十二震 十三问 十四愿 十五翰 十六谏 "
        "十七霰 十八啸 十九效 二十号 二十一个 二十二祃 二十三漾 二十四敬 二十五径 二十六宥 二十七沁 二十八勘 "
        "二十九艳 三十陷 "
        "一屋 二沃 三觉 四质 五物 六月 七曷 八黠 九屑 十药 十一陌 十二锡 十三职 十四缉 十五合 十六叶 十七洽"
    ).split()
)

# 词林正韵, 19 parts: 1-14 level, rising and departing; 15-19 entering.
CI_RHYME_GROUPS = tuple(
    f"第{number}部"
    for number in ("一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九".split())
)

DYNASTIES = ("先秦", "汉", "魏晋", "南北朝", "隋", "唐", "五代", "宋", "金", "元", "明", "清")


def control(name: str) -> str:
    """The control token of a form, verdict, rhyme group or dynasty: `control("七律") == "<七律>"`."""
    return f"<{name}>"


CONTROLS = STRUCTURE + tuple(
    control(name) for name in (*FORMS, *REGULATED, *RHYME_GROUPS, *CI_RHYME_GROUPS, *DYNASTIES)
)


class Vocabulary:
    """An immutable, ordered set of tokens.

    Attributes: `tokens` (id -> token), `ids` (token -> id), `has_controls`.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tuple(tokens)
        self.ids = {token: index for index, token in enumerate(self.tokens)}
        if len(self.ids) != len(self.tokens):
            raise VocabularyError("词表里有重复的字。", "The vocabulary holds a token twice.")
        if not self.tokens:
            raise VocabularyError("词表是空的。", "The vocabulary is empty.")
        if len(self.tokens) > 2**16:
            raise VocabularyError(
                f"词表有 {len(self.tokens)} 个字，超过 65536（数据文件用 uint16）。",
                f"The vocabulary has {len(self.tokens)} tokens; the data files (uint16) hold at most 65536.",
            )
        self.has_controls = self.tokens[: len(STRUCTURE)] == STRUCTURE

    @classmethod
    def of_characters(cls, characters: Iterable[str]) -> Vocabulary:
        """All control tokens, then the distinct `characters` by code point."""
        return cls((*CONTROLS, *sorted(set(characters))))

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self.ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.tokens == other.tokens

    def __hash__(self) -> int:
        return hash(self.tokens)

    @cached_property
    def bos(self) -> int:
        return self.ids["<bos>"]

    @cached_property
    def eos(self) -> int:
        return self.ids["<eos>"]

    @cached_property
    def pad(self) -> int:
        return self.ids["<pad>"]

    @cached_property
    def body(self) -> int:
        return self.ids["<body>"]

    @cached_property
    def control_count(self) -> int:
        """How many of the first ids are control tokens (0 in a vocabulary of nanoGPT's)."""
        return sum(len(token) > 1 for token in self.tokens)

    def encode(self, text: str) -> list[int]:
        """Ids of the characters of `text` (no control tokens; see shici.corpus.document for whole poems).

        Raises UnknownCharacterError for the first character that is not in the vocabulary.
        """
        try:
            return [self.ids[character] for character in text]
        except KeyError as missing:
            character = missing.args[0]
        raise UnknownCharacterError(
            character,
            f"模型不认识“{character}”（U+{ord(character):04X}）。请换一个字。",
            f"The model does not know {character!r} (U+{ord(character):04X}). Use another character.",
        )

    def decode(self, ids: Iterable[int], *, controls: bool = False) -> str:
        """The text of `ids`; control tokens are left out unless `controls`."""
        tokens = (self.tokens[int(index)] for index in ids)
        return "".join(token for token in tokens if controls or len(token) == 1)

    def save(self, path: Path) -> None:
        """Write one token a line."""
        lines = ("\\n" if token == "\n" else token for token in self.tokens)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read a file that `save` wrote. Raises VocabularyError if it is missing or damaged."""
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            raise VocabularyError(
                f"找不到词表 {path}。请把训练时的词表放到那里，或换一个模型。",
                f"No vocabulary at {path}. Put the one of its training there, or use another model.",
            ) from None
        except (UnicodeDecodeError, OSError):
            raise _damaged(path) from None
        # split("\n"), not splitlines(): a token may be U+2028, U+0085 and the like
        lines = text.split("\n")
        if lines[-1] == "":
            lines.pop()
        tokens = ["\n" if line == "\\n" else line for line in lines]
        if "" in tokens:
            raise _damaged(path)
        return cls(tokens)


def _damaged(path: Path) -> VocabularyError:
    return VocabularyError(
        f"词表 {path} 读不了或已损坏：应为 UTF-8 文本，每行一个字或一个 <记号>。请重新生成或下载。",
        f"The vocabulary {path} is unreadable or damaged: expected UTF-8, a character or <token> a line. "
        "Make or download it again.",
    )
