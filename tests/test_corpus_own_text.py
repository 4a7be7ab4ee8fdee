"""A text of one's own: encodings, layouts, errors. Run: pytest tests/test_corpus_own_text.py"""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.corpus.cut import cut_document, cut_text
from shici.corpus.document import Document, encode_document
from shici.corpus.own_text import Parsed, find_own_text, parse_documents, read_own_text
from shici.corpus.sources import file_hash
from shici.errors import TextInputError
from shici.vocabulary import Vocabulary

JINGYE = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
BAIDI = "朝辞白帝彩云间，千里江陵一日还。\n两岸猿声啼不住，轻舟已过万重山。"


@pytest.mark.parametrize(
    "data",
    [
        JINGYE.encode("utf-8"),
        codecs.BOM_UTF8 + JINGYE.encode("utf-8"),
        JINGYE.encode("gb18030"),
        JINGYE.encode("gbk"),
        ("\ufeff" + JINGYE).encode("gb18030"),
        JINGYE.encode("utf-16"),
        codecs.BOM_UTF16_BE + JINGYE.encode("utf-16-be"),
        JINGYE.replace("\n", "\r\n").encode("gbk") + b"\x1a",
    ],
    ids=["utf-8", "utf-8 BOM", "gb18030", "gbk", "gb18030 BOM", "utf-16", "utf-16 BE", "DOS"],
)
def test_encodings(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "mine.txt").write_bytes(data)
    assert read_own_text(tmp_path / "mine.txt") == JINGYE


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "只有 0 个字"),
        (b"\n \n\t\n", "只有 0 个字"),
        ("春江花".encode(), "只有 3 个字"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "不是文本"),
        (b"\xff\xfe\xff", "不是文本"),
        (bytes(range(128, 256)) * 4, "不是文本"),
        ("空山不见人但闻人语响返景入深林复照青苔上".encode()[:-1], "残缺的字"),  # would be text in GB18030
    ],
    ids=["empty", "blank", "three characters", "a picture", "cut UTF-16", "high bytes", "cut UTF-8"],
)
def test_what_is_no_text(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "mine.txt").write_bytes(data)
    with pytest.raises(TextInputError, match=message):
        read_own_text(tmp_path / "mine.txt")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(TextInputError, match="读不了"):
            read_own_text(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{JINGYE}\n\n{BAIDI}\n", [Document(JINGYE), Document(BAIDI)]),
        (f"\r\n{JINGYE}\n \t\n\n{BAIDI}".replace("\n", "\r\n"), [Document(JINGYE), Document(BAIDI)]),
        (f"静夜思\n李白\n{JINGYE}", [Document(JINGYE, title="静夜思", author="李白")]),
        (f"静夜思\n〔唐〕李白\n{JINGYE}", [Document(JINGYE, title="静夜思", author="李白", dynasty="唐")]),
        (f"静夜思\n唐·李白\n{JINGYE}", [Document(JINGYE, title="静夜思", author="李白", dynasty="唐")]),
        (f"静夜思\n作者：李白\n{JINGYE}", [Document(JINGYE, title="静夜思", author="李白")]),
        (f"静夜思\n{JINGYE}", [Document(JINGYE, title="静夜思")]),
        (f"《静夜思》 李白\n{JINGYE}", [Document(JINGYE, title="静夜思", author="李白")]),
        (f"《静夜思》\n李白\n{JINGYE}", [Document(JINGYE, title="静夜思", author="李白")]),
        (f"无题\n佚名\n{JINGYE}", [Document(JINGYE)]),
        (
            "\n".join(poem.replace("\n", "") for poem in (JINGYE, BAIDI)),
            [Document(JINGYE.replace("\n", "")), Document(BAIDI.replace("\n", ""))],
        ),
        (
            f"静夜思:{JINGYE}\n".replace("。\n举", "。举") + f"早发白帝城：{BAIDI}".replace("\n", ""),
            [
                Document(JINGYE.replace("\n", ""), title="静夜思"),
                Document(BAIDI.replace("\n", ""), title="早发白帝城"),
            ],
        ),
        (JINGYE, [Document(JINGYE)]),
        (
            "床前明月光\n疑是地上霜\n举头望明月\n低头思故乡",
            [Document("床前明月光\n疑是地上霜\n举头望明月\n低头思故乡")],
        ),
        (f"{JINGYE}\n\n{JINGYE}", [Document(JINGYE)]),
        (
            "To be, or not to be:\nthat is the question.",
            [Document("To be, or not to be:\nthat is the question.")],
        ),
    ],
    ids=[
        "blank lines",
        "Windows line ends",
        "title and author",
        "dynasty in brackets",
        "dynasty and dot",
        "author named",
        "title",
        "book title and author",
        "book title, author below",
        "no name",
        "a poem a line",
        "title:text",
        "a single poem",
        "no punctuation",
        "the same twice",
        "Latin",
    ],
)
def test_layouts(text: str, expected: list[Document]) -> None:
    assert parse_documents(text, 256).documents == expected


def test_chinese_is_brought_to_the_models_spelling_and_counted() -> None:
    parsed = parse_documents("牀前明月光,疑是地上霜。\n舉頭望明月,低頭思故鄉。", 256)
    assert parsed == Parsed([Document(JINGYE)], converted=5, long=0, pieces=0, repeated=0)


def test_other_scripts_stay_as_they_are() -> None:
    text = "Ａ half-width, full stop. The sign 龍 stands for dragon."
    assert parse_documents(text, 256) == Parsed([Document(text)], 0, 0, 0, 0)


@given(st.text(min_size=1))
def test_nothing_but_blanks_headings_and_repetitions_is_lost(text: str) -> None:
    documents = parse_documents(text, 256).documents
    if text.strip():
        assert documents
    for document in documents:
        assert document.body.strip() == document.body != ""
        assert "\n\n" not in document.body


def test_a_text_without_blank_lines_is_read_to_its_end() -> None:
    """Cut at line ends, each piece with the fields and short enough for a block."""
    couplets = [f"{a}日依山尽，黄河入海{b}。" for a in "白红青黄" for b in "流东南西北中上下"]
    body = "\n".join(couplets)
    parsed = parse_documents(f"登楼\n王之涣\n{body}", 64)
    assert (parsed.long, parsed.pieces, parsed.repeated) == (1, len(parsed.documents), 0)
    assert "\n".join(document.body for document in parsed.documents) == body
    whole = Vocabulary.of_characters(body + "登楼王之涣\n")
    for document in parsed.documents:
        assert (document.title, document.author) == ("登楼", "王之涣")
        assert document.body.endswith("。")
        assert len(encode_document(document, whole)) <= 64 + 1


@pytest.mark.parametrize(
    ("text", "room", "pieces"),
    [
        ("甲乙，\n丙丁。\n戊己，\n庚辛。", 11, ["甲乙，\n丙丁。\n", "戊己，\n庚辛。"]),
        ("甲乙\n丙丁\n戊己\n庚辛", 8, ["甲乙\n丙丁\n戊己\n", "庚辛"]),
        ("甲乙丙。丁戊。己庚辛，壬癸。", 8, ["甲乙丙。丁戊。", "己庚辛，壬癸。"]),
        ("甲乙丙，丁戊己庚，辛", 5, ["甲乙丙，", "丁戊己庚，", "辛"]),
        ("甲乙丙丁戊己庚辛", 3, ["甲乙丙", "丁戊己", "庚辛"]),
        ("To be, or not to be", 8, ["To be, ", "or not ", "to be"]),
        ("甲乙。", 3, ["甲乙。"]),
    ],
    ids=["after a couplet", "line ends", "sentences", "pauses", "anywhere", "words", "short enough"],
)
def test_where_a_long_text_is_cut(text: str, room: int, pieces: list[str]) -> None:
    assert cut_text(text, room) == pieces


@given(st.text("甲乙，。 \n", min_size=1), st.integers(1, 9))
def test_a_cut_loses_nothing(text: str, room: int) -> None:
    pieces = cut_text(text, room)
    assert "".join(pieces) == text
    assert all(len(piece.strip()) <= room for piece in pieces)


def test_what_just_fits_is_left_whole() -> None:
    document = Document(
        "甲" * 61, author="乙丙丁"
    )  # 61 + 4 + <bos>, <body>, <eos>: the block and what it predicts
    assert cut_document(document, 67) == [document]
    assert len(cut_document(document, 66)) == 2


def test_repetitions_are_counted() -> None:
    parsed = parse_documents("\n\n".join([JINGYE, BAIDI, JINGYE, JINGYE]), 256)
    assert parsed.documents == [Document(JINGYE), Document(BAIDI)]
    assert parsed.repeated == 2


def test_own_text_is_told_from_what_was_generated(tmp_path: Path) -> None:
    assert find_own_text(tmp_path, None) is None
    (tmp_path / "input.txt").write_text(JINGYE, encoding="utf-8")
    assert find_own_text(tmp_path, None) == tmp_path / "input.txt"
    assert find_own_text(tmp_path, file_hash(tmp_path / "input.txt")) is None
    (tmp_path / "combined_poetry.txt").write_text(BAIDI, encoding="utf-8")
    assert find_own_text(tmp_path, file_hash(tmp_path / "input.txt")) == tmp_path / "combined_poetry.txt"
