"""The benchmark's couplets stay out of training. Run: pytest tests/test_corpus_heldout.py"""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path

import pytest

from shici.corpus.catalog import SHELVES
from shici.corpus.collect import read_file
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


def test_other_glyphs_do_not_hide_a_couplet(tmp_path: Path) -> None:
    """萬逕人蹤滅 and 蓑 or 簑: t2s alone leaves such variants, the project's table folds them."""
    path = tmp_path / "poet.tang.0.json"
    shelf = next(index for index, shelf in enumerate(SHELVES) if shelf.pattern == "poet.tang.*.json")
    for text in ("千山鳥飛絕，萬徑人蹤滅。", "千山鳥飛絕，萬徑人踪滅。", "孤舟簔笠翁，獨釣寒江雪。"):
        record = {"title": "", "author": "", "paragraphs": [text, "春眠不覺曉，處處聞啼鳥。"]}
        path.write_text(json.dumps([record]), encoding="utf-8")
        assert [poem.held_out for poem in read_file((shelf, path)).poems] == [True], text
