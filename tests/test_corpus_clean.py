"""Cleaning: attested cases of each sort, and laws for any text. Run: pytest tests/test_corpus_clean.py"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.corpus.characters import HAN_RANGES, PAUSES, han_only, segments, sentences, verse_lines
from shici.corpus.clean import REASONS, clean_body, clean_name, clean_title, is_fragment, lay_out

KEPT = [
    pytest.param(
        "國破山河在，城春草木深。\n感時花濺淚，恨（一作「別」）鳥驚心。",
        "诗",
        "國破山河在，城春草木深。\n感時花濺淚，恨鳥驚心。",
        id="a note inside a line",
    ),
    pytest.param(
        "城邊問官使：「早晚發西京？\n來日河橋柳，春條幾寸生？」",
        "诗",
        "城邊問官使：早晚發西京？\n來日河橋柳，春條幾寸生？",
        id="quotation marks",
    ),
    pytest.param(
        "毫（鶴）立蛇形勢未休，五天文字鬼神愁。\n支那弟子無言語，穿耳胡僧笑點頭。\n（〖1〗這首詩雖不見《全唐詩》，。\n的石刻本。\n）。",
        "诗",
        "毫立蛇形勢未休，五天文字鬼神愁。\n支那弟子無言語，穿耳胡僧笑點頭。",
        id="a note over several paragraphs",
    ),
    pytest.param(
        "[爽]節在重九，物華新雨餘。", "词", "爽節在重九，物華新雨餘。", id="supplied by the editors"
    ),
    pytest.param(
        "南橋昏曉人萬萬[二]，北邙新故塚千千。", "词", "南橋昏曉人萬萬，北邙新故塚千千。", id="footnote"
    ),
    pytest.param(
        "山色江声共寂寥，十三陵树晚萧萧\n中原事业如江左，芳草何须怨六朝",
        "诗",
        "山色江声共寂寥，十三陵树晚萧萧。\n中原事业如江左，芳草何须怨六朝。",
        id="no full stops",
    ),
    pytest.param(
        "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。",
        "诗",
        "白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。",
        id="a couplet a line, whatever the edition",
    ),
    pytest.param(
        "夫子何爲者？栖栖一代中。\n地猶鄹氏邑，宅即魯王宮。",
        "诗",
        "夫子何爲者？栖栖一代中。\n地猶鄹氏邑，宅即魯王宮。",
        id="a question does not break the couplet",
    ),
    pytest.param(
        "月如鉤,寂寞梧桐 深院鎖清秋.", "词", "月如鉤，寂寞梧桐深院鎖清秋。", id="half width, blanks"
    ),
    pytest.param("春色々上東樓，花氣襲人來。", "词", "春色色上東樓，花氣襲人來。", id="repetition mark"),
    pytest.param(
        "平生弄文墨。。興來書自聖，，醉後語尤顛。", "诗", "平生弄文墨。\n興來書自聖，醉後語尤顛。", id="runs"
    ),
    pytest.param(
        "碧纱窗外静无人，跪在床前忙要亲。(下)。",
        "曲",
        "碧纱窗外静无人，跪在床前忙要亲。",
        id="leaves the stage",
    ),
    pytest.param(
        "（旦唱）碧纱窗外静无人，跪在床前忙要亲。（正末唱）。",
        "曲",
        "碧纱窗外静无人，跪在床前忙要亲。",
        id="who sings",
    ),
]

DROPPED = [
    ("", "诗", "empty"),
    ("（以上劉瑛整理）。", "诗", "empty"),
    ("松門石徑茸芳草，落花滿院香沉沉。", "诗", "fragment"),
    ("冰□已鏤津，淺綠柳輕春。", "诗", "lacuna"),
    ("囗囗囗囗囗囗囗，但將詞賦奉恩輝。", "诗", "lacuna"),
    ("林藏●●多殘笋，樹過猩猩少落花。", "诗", "lacuna"),
    ("扇掩將雛曲，釵承墮馬鬟。（見《海錄碎事》，", "诗", "brackets"),
    ("疲{艹尔}苟懷策，棲屑無所施。", "诗", "garbled"),
    ("有z0斯旨，有牲斯碩。穆穆其暉，穰穰是積。", "诗", "garbled"),
    ("绝域降附天下平，——李世民，八表无事悦圣情。", "诗", "garbled"),
    ("けの暗香浮动，疏影横斜水边来。", "词", "garbled"),
    ("君看\ue829一葉舟，出沒風波裏。", "诗", "garbled"),
    ("右詩五十九首鈔寫在伯二五五五卷按其內容和編次，當是一個作者的詩集。", "诗", "prose"),
    ("鴛鴦瓦冷。", "词", "short"),
    ("晚风寒峭，(旦云)羞人答答的，看甚么？(末唱)灯下偷睛觑，胸前着肉揣。", "曲", "dialogue"),
    ("他道你先主意，［众］捉住。枉自说闲言语。", "曲", "dialogue"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), KEPT)
def test_keeps_the_verse_alone(text: str, kind: str, expected: str) -> None:
    assert clean_body(text, kind) == (expected, "")


@pytest.mark.parametrize(("text", "kind", "reason"), DROPPED)
def test_says_why_a_poem_is_left_out(text: str, kind: str, reason: str) -> None:
    assert clean_body(text, kind) == ("", reason)
    assert reason in REASONS


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("帝京篇十首 一", "帝京篇十首·其一"),
        ("小池  其一", "小池·其一"),
        ("郊廟歌辭 祀圜丘樂章 雍和", "郊廟歌辭·祀圜丘樂章·雍和"),
        ("郊廟歌辭：夕月樂章：雍和", "郊廟歌辭·夕月樂章·雍和"),
        ("題梵書（伯三九八六）", "題梵書"),
        ("早發白帝城（一作「白帝下江陵」）", "早發白帝城"),
        ("耿[湋]", "耿湋"),
        ("遇崔二[一]有別（伯三八六二下同）", "遇崔二有別"),
        ("新樂府 七德舞\t美撥亂，陳王業也", "新樂府·七德舞·美撥亂，陳王業也"),
        ("九日  其一○以上輯自別集", "九日·其一"),
        ("過□寺", ""),
        ("一○七", ""),
        ("其二", ""),
        ("失題", ""),
        ("", ""),
    ],
)
def test_titles(title: str, expected: str) -> None:
    assert clean_title(title) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("李白", "李白"),
        ("李昂1", "李昂"),
        ("張彥修〖1〗", "張彥修"),
        ("鮑氏君[徽]", "鮑氏君徽"),
        ("佚名", ""),
        ("□同", ""),
        ("劉gL", ""),
        ("賀知章、源乾曜", ""),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert clean_name(name) == expected


@pytest.mark.parametrize(
    ("title", "expected"), [("句", True), ("句  其二", True), ("存目  其一", True), ("句曲山", False)]
)
def test_fragments_are_known_by_their_title(title: str, expected: bool) -> None:
    assert is_fragment(title) is expected


def test_three_ways_to_cut_a_poem() -> None:
    text = "惟是有、一波湘水，摇荡湘云。\n近清明。"
    assert segments(text) == ["惟是有", "一波湘水", "摇荡湘云", "近清明"]
    assert verse_lines(text) == ["惟是有一波湘水", "摇荡湘云", "近清明"]
    assert sentences(text) == ["惟是有一波湘水摇荡湘云", "近清明"]


MESSY = st.text(
    st.sampled_from("春江潮水連海平月明共生，。！？；、：「」（）()[]一《》□… \n々z1，。"), max_size=60
)


@given(MESSY, st.sampled_from("诗词曲"))
def test_only_verse_comes_out(text: str, kind: str) -> None:
    verse, reason = clean_body(text, kind)
    assert bool(verse) != bool(reason)
    if verse:
        assert re.fullmatch(f"(?:[{HAN_RANGES}]+[{PAUSES}]\n?)+", verse)
        assert verse[-1] in "。！？"


@given(MESSY, st.sampled_from("诗词曲"))
def test_clean_verse_stays_as_it_is(text: str, kind: str) -> None:
    verse, _ = clean_body(text, kind)
    if verse:
        assert clean_body(verse, kind).text == verse


@given(st.lists(st.text("春江潮水連海平", min_size=5, max_size=5), min_size=3, max_size=8))
def test_layout_does_not_depend_on_the_edition(lines: list[str]) -> None:
    verse = "".join(line + "，。"[number % 2] for number, line in enumerate(lines))
    broken = re.sub("(?<=。)(?=.)", "\n", verse)
    assert lay_out(broken, "诗") == lay_out(verse, "诗")
    assert han_only(lay_out(verse, "诗")) == "".join(lines)


@given(st.text(max_size=40))
def test_titles_and_names_are_plain(text: str) -> None:
    assert re.fullmatch(f"[{HAN_RANGES}·，、]*", clean_title(text))
    assert re.fullmatch(f"[{HAN_RANGES}]*", clean_name(text))
