"""Encodings of a text that someone wrote: which are read, which refused. Run: pytest tests/test_text_file.py"""

from __future__ import annotations

import pytest

from shici.errors import TextInputError
from shici.text_file import FEWEST_USUAL, decode_text, usual_share

SIMPLIFIED = {
    "相思": "红豆生南国，春来发几枝。\n愿君多采撷，此物最相思。",
    "江雪，不加标点": "千山鸟飞绝\n万径人踪灭\n孤舟蓑笠翁\n独钓寒江雪",
    "鹿柴": "空山不见人，但闻人语响。返景入深林，复照青苔上。",
    "蒹葭": "蒹葭苍苍，白露为霜。所谓伊人，在水一方。溯洄从之，道阻且长。溯游从之，宛在水中央。",
    "题目作者": "静夜思\n李白\n床前明月光，疑是地上霜。\n举头望明月，低头思故乡。",
    "空格": "白日依山尽，□□□□□。欲穷千里目，□□□□楼。",
}
TRADITIONAL = {
    "相思": "紅豆生南國，春來發幾枝。\n願君多采擷，此物最相思。",
    "江雪，不加標點": "千山鳥飛絕\n萬徑人蹤滅\n孤舟蓑笠翁\n獨釣寒江雪",
    "登鸛雀樓": "白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。",
    "引號": "「勸君莫惜金縷衣，勸君惜取少年時。」\r\n『花開堪折直須折，莫待無花空折枝。』",
    "裏": "姑蘇城外寒山寺，夜半鐘聲到客船。不知心裏事。",  # 裏 is one of Windows' own additions
}
RARE = {
    "四字节": "𠀀𠀁㐀㐁䶮龘",  # four bytes each, but for the last
    "上林赋": "於是乎崇山矗矗，巃嵸崔巍，深林巨木，嶄巖參差。九嵕嶻嶭，南山峩峩，巖阤甗錡，摧崣崛崎。",
    "石鼓歌": "鸾翔凤翥众仙下，珊瑚碧树交枝柯。金绳铁索锁钮壮，古鼎跃水龙腾梭。",
    "虺": "虺虺其雷，寤言不寐，愿言则怀。𫄨绤",
}
FOREIGN = {
    "Shift-JIS": "春はあけぼの。やうやう白くなりゆく山ぎは、すこしあかりて".encode("cp932"),
    "Shift-JIS, a quatrain": "春眠不覚暁処処聞啼鳥夜来風雨声花落知多少".encode("cp932"),
    "EUC-JP": "春はあけぼの。やうやう白くなりゆく山ぎは、すこしあかりて".encode("euc_jp"),
    "German": "Über allen Gipfeln ist Ruh, die Vögelein schweigen; süß blüht Mädchen".encode("cp1252"),
    "French": "Là-bas, l'été était déjà fini, à côté des forêts où les élèves rêvaient".encode("cp1252"),
    "Russian": "Я помню чудное мгновенье: передо мной явилась ты".encode("koi8_r"),
}


@pytest.mark.parametrize("text", SIMPLIFIED.values(), ids=SIMPLIFIED)
@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-16"])
def test_simplified_verse(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding), "x") == text


@pytest.mark.parametrize("text", TRADITIONAL.values(), ids=TRADITIONAL)
@pytest.mark.parametrize("encoding", ["cp950", "big5hkscs", "gbk", "gb18030", "utf-8"])
def test_traditional_verse(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding), "x") == text.replace("\r\n", "\n")


@pytest.mark.parametrize("text", RARE.values(), ids=RARE)
def test_rare_characters_in_gb18030(text: str) -> None:
    assert decode_text(text.encode("gb18030"), "x") == text


def test_characters_of_hong_kong() -> None:
    text = "我哋嗰度今日天氣真係好靚，大家一齊飲茶，都好開心。"
    assert decode_text(text.encode("big5hkscs"), "x") == text


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_what_is_neither_is_refused_with_a_remedy(data: bytes) -> None:
    with pytest.raises(TextInputError, match="UTF-8") as caught:
        decode_text(data, "poem.txt")
    for words in (caught.value.zh, caught.value.en):
        assert all(name in words for name in ("poem.txt", "UTF-8", "UTF-16", "GB18030", "Big5"))


def test_the_shares_lie_far_apart() -> None:
    """A quatrain of unpunctuated verse, the hardest: nothing but its characters tells."""
    big5 = TRADITIONAL["江雪，不加標點"].encode("big5")
    assert (
        usual_share(big5.decode("gb18030"), "gb18030")
        < FEWEST_USUAL
        < usual_share(big5.decode("big5"), "cp950")
    )
    gbk = SIMPLIFIED["江雪，不加标点"].encode("gbk")
    assert usual_share(gbk.decode("gb18030"), "gb18030") > 0.9
    assert usual_share("plain ASCII", "gb18030") == 1
