"""The benchmark's couplets stay out of training. Run: pytest tests/test_corpus_heldout.py"""

from __future__ import annotations

from hashlib import blake2b

import pytest

from shici.corpus.heldout import fingerprints, heldout_fingerprints, is_held_out

JIANGXUE = "千山鸟飞绝，万径人踪灭。\n孤舟蓑笠翁，独钓寒江雪。"
GUANQUE = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"


def test_the_table_is_whole() -> None:
    table = heldout_fingerprints()
    assert len(table) == 19_948
    assert all(len(entry) == 16 and int(entry, 16) >= 0 for entry in table)


def test_a_fingerprint_is_that_of_two_segments_joined() -> None:
    first = blake2b("千山鸟飞绝万径人踪灭".encode(), digest_size=8).hexdigest()
    assert fingerprints(JIANGXUE)[0] == first
    assert len(fingerprints(JIANGXUE)) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (JIANGXUE, True),
        ("寒江何处钓，日暮独归迟。\n" + JIANGXUE, True),
        ("千山鸟飞绝、万径人踪灭！", True),
        (GUANQUE, False),
        ("千山鸟飞绝。", False),
        ("", False),
    ],
)
def test_one_couplet_holds_a_poem_out(text: str, expected: bool) -> None:
    assert is_held_out(text) is expected
