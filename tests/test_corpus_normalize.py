"""One spelling for every character. Run: pytest tests/test_corpus_normalize.py"""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.corpus import normalize as module
from shici.corpus.normalize import normalize, simplify, variants
from shici.errors import CorpusError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("牀前明月光,疑是地上霜.", "床前明月光，疑是地上霜。"),
        ("兩岸猨聲啼不盡", "两岸猿声啼不尽"),
        ("香顋雪、嬾起畫蛾眉", "香腮雪、懒起画蛾眉"),
        ("乾坤日夜浮", "乾坤日夜浮"),  # 乾 stays where OpenCC knows the phrase
        ("白髮三千丈", "白发三千丈"),
        ("皇天后土", "皇天后土"),
        ("梅粧恠石眞踈", "梅妆怪石真疏"),
        ("隠者歳寒帰", "隐者岁寒帰"),  # 帰 is not in the corpus, so it is not in the table
        ("壞壁無由見舊題", "坏壁无由见旧题"),
        ("Ｌｉ　Ｂａｉ！", "Li Bai！"),
        ("", ""),
    ],
)
def test_attested_spellings(text: str, expected: str) -> None:
    assert normalize(text) == expected


HAN = st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF) | st.sampled_from(
    "乾坤於菟麽么坏壞氾昇著發髮髪薴苧徵覆復瞭鍾后後沈浮彷彿" + "".join(map(chr, variants()))
)


@given(st.text(HAN | st.characters(), max_size=40))
def test_length_is_kept_and_a_second_pass_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert len(once) == len(text)
    assert normalize(once) == once


def test_variants_lead_to_standard_characters() -> None:
    """No chain inside the table, nothing that OpenCC would do by itself, no target that it would move."""
    table = {chr(code): standard for code, standard in variants().items()}
    assert len(table) > 700
    for variant, standard in table.items():
        assert len(variant) == len(standard) == 1
        assert standard not in table
        assert simplify(variant) == variant
        assert simplify(standard) == standard


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opencc", None)
    module._opencc.cache_clear()
    with pytest.raises(CorpusError, match="pip install opencc"):
        normalize("月")
    module._opencc.cache_clear()
