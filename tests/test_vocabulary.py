"""Tokens, documents, and the file that keeps them. Run: pytest tests/test_vocabulary.py"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.corpus.document import Document, decode_document, encode_document, encode_prompt
from shici.errors import UnknownCharacterError, VocabularyError
from shici.vocabulary import CI_RHYME_GROUPS, CONTROLS, DYNASTIES, FORMS, REGULATED, RHYME_GROUPS, Vocabulary

LETTERS = "朝辞白帝彩云间，千里江陵一日还。\n李早发城菩萨蛮\u2028\x85"
VOCABULARY = Vocabulary.of_characters(LETTERS)
text = st.text(st.sampled_from(sorted(LETTERS)), max_size=12)


def test_controls_come_first_and_do_not_move() -> None:
    assert VOCABULARY.tokens[: len(CONTROLS)] == CONTROLS
    assert (VOCABULARY.pad, VOCABULARY.bos, VOCABULARY.eos, VOCABULARY.body) == (0, 1, 2, 7)
    assert VOCABULARY.control_count == len(CONTROLS) == 8 + 13 + 2 + 106 + 19 + 12
    assert Vocabulary.of_characters("还早") == Vocabulary.of_characters("早还早")


def test_rhyme_groups_are_106_of_five_tones() -> None:
    assert len(set(RHYME_GROUPS)) == 106
    assert [RHYME_GROUPS[i] for i in (0, 14, 15, 29, 30, 58, 59, 88, 89, 105)] == [
        "一东", "十五删", "一先", "十五咸", "一董", "二十九豏", "一送", "三十陷", "一屋", "十七洽",
    ]  # fmt: skip


@given(
    st.builds(
        Document,
        body=text, author=text, title=text, tune=text,
        form=st.sampled_from(["", *FORMS]), regulated=st.sampled_from(["", *REGULATED]),
        rhyme=st.sampled_from(["", *RHYME_GROUPS, *CI_RHYME_GROUPS]), dynasty=st.sampled_from(["", *DYNASTIES]),
    )
)  # fmt: skip
def test_a_document_comes_back(document: Document) -> None:
    ids = encode_document(document, VOCABULARY)
    assert (ids[0], ids[-1]) == (VOCABULARY.bos, VOCABULARY.eos)
    assert decode_document(ids, VOCABULARY) == document
    assert encode_prompt(document, VOCABULARY) == ids[:-1]


def test_a_document_reads_as_designed() -> None:
    document = Document(
        "朝辞白帝彩云间，\n千里江陵一日还。",
        "七绝",
        "合律",
        "十五删",
        "唐",
        author="李白",
        title="早发白帝城",
    )
    ids = encode_document(document, VOCABULARY)
    assert VOCABULARY.decode(ids, controls=True) == (
        "<bos><七绝><合律><十五删><唐><author>李白<title>早发白帝城<body>朝辞白帝彩云间，\n千里江陵一日还。<eos>"
    )
    assert VOCABULARY.decode(ids) == "李白早发白帝城朝辞白帝彩云间，\n千里江陵一日还。"


def test_a_vocabulary_without_controls_encodes_the_body_alone() -> None:
    plain = Vocabulary(sorted(set("白帝彩云")))
    assert not plain.has_controls
    assert plain.decode(encode_prompt(Document("白帝", author="李白"), plain)) == "白帝"


def test_the_file_is_one_token_a_line_and_comes_back(tmp_path: Path) -> None:
    VOCABULARY.save(tmp_path / "vocabulary.txt")
    assert Vocabulary.load(tmp_path / "vocabulary.txt") == VOCABULARY
    lines = (tmp_path / "vocabulary.txt").read_bytes().decode().split("\n")
    assert lines[:3] == ["<pad>", "<bos>", "<eos>"]
    assert "\\n" in lines


def test_an_unknown_character_is_named() -> None:
    with pytest.raises(UnknownCharacterError, match=r"U\+9F8D") as caught:
        VOCABULARY.encode("白龍")
    assert caught.value.character == "龍"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", "月\n月\n".encode(), "月\n\n日\n".encode()])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vocabulary.txt").write_bytes(content)
    with pytest.raises(VocabularyError):
        Vocabulary.load(tmp_path / "vocabulary.txt")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="nowhere"):
        Vocabulary.load(tmp_path / "nowhere")
    with pytest.raises(VocabularyError, match="读不了"):
        Vocabulary.load(tmp_path)  # a folder


def test_more_than_uint16_is_refused() -> None:
    with pytest.raises(VocabularyError, match="65536"):
        Vocabulary([chr(0x20000 + i) for i in range(2**16 + 1)])
