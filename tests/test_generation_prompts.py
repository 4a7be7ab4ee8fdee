"""From what a user typed to the prompt: spelling, fields, files, and errors that help.

Run: pytest tests/test_generation_prompts.py
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.config.sample import SampleSettings
from shici.corpus.document import Document, decode_document
from shici.errors import GenerationError, ShiciError, TextInputError, UnknownCharacterError
from shici.generation.prompts import Prompt, build_prompt
from shici.generation.spelling import nearest_known, spell
from shici.language import Text
from shici.vocabulary import RHYME_GROUPS, Vocabulary
from tests.tiny_writer import PLAIN_VOCABULARY, VOCABULARY

TRADITIONAL = Vocabulary(sorted("馬來處，。\n"))  # of a nanoGPT trained on traditional characters


def prompt(vocabulary: Vocabulary = VOCABULARY, **settings: object) -> Prompt:
    return build_prompt(replace(SampleSettings(), **settings), vocabulary, block_size=24)


def refusal(vocabulary: Vocabulary = VOCABULARY, **settings: object) -> ShiciError:
    with pytest.raises(ShiciError) as caught:
        prompt(vocabulary, **settings)
    return caught.value


def test_all_fields_stand_in_the_document() -> None:
    asked = prompt(
        start="床前", form="五绝", regulated=True, rhyme="七阳", dynasty="唐", author="李白", title="明月"
    )
    assert decode_document(list(asked.ids), VOCABULARY) == Document(
        "床前", form="五绝", regulated="合律", rhyme="七阳", dynasty="唐", author="李白", title="明月"
    )
    assert asked.ids[0] == VOCABULARY.bos
    assert not asked.remarks


def test_without_anything_a_poem_is_begun() -> None:
    assert prompt().ids == (VOCABULARY.bos, VOCABULARY.body)
    assert prompt(start=" \n ").ids == (VOCABULARY.bos, VOCABULARY.body)


@pytest.mark.parametrize(
    ("typed", "read", "changes"),
    [
        ("白玉為堂金作馬", "白玉为堂金作马", ["為→为", "馬→马"]),
        ("牀前明月光,", "床前明月光，", ["牀→床", ",→，"]),
        ("  白日依山尽，\r\n黄河入海流。\n", "白日依山尽，\n黄河入海流。", []),
    ],
)
def test_other_spellings_are_understood_and_said(typed: str, read: str, changes: list[str]) -> None:
    asked = prompt(start=typed)
    assert asked.document.body == read
    assert [remark.zh.split("：")[1].split() for remark in asked.remarks] == ([changes] if changes else [])
    assert [remark.en.split(": ")[1].split() for remark in asked.remarks] == ([changes] if changes else [])


def test_names_are_spelt_as_well() -> None:
    asked = prompt(author=" 李 白 ", title="床馬")
    assert (asked.document.author, asked.document.title) == ("李白", "床马")
    assert asked.remarks == (
        Text("题目已换成模型的写法：馬→马", "The title was put into the model's spelling: 馬→马"),
    )


@pytest.mark.parametrize(
    ("field", "typed", "name"),
    [
        ("form", "七言绝句", "七绝"),
        ("form", "五言律詩", "五律"),
        ("rhyme", "阳", "七阳"),
        ("rhyme", "第一", "第一部"),
        ("dynasty", "唐朝", "唐"),
        ("dynasty", "北宋", "宋"),
    ],
)
def test_a_name_nearly_right_gets_the_right_one_suggested(field: str, typed: str, name: str) -> None:
    error = refusal(**{field: typed})
    assert isinstance(error, GenerationError)
    assert f"--{field}={name}" in error.zh
    assert f"--{field}={name}" in error.en


def test_a_name_far_off_gets_the_list() -> None:
    assert "七绝" in refusal(form="sonnet").zh
    assert RHYME_GROUPS[0] in refusal(rhyme="xyz").zh


@pytest.mark.parametrize("typed", ["詞", " 词 "])
def test_names_may_be_traditional(typed: str) -> None:
    assert prompt(form=typed).document.form == "词"


def test_an_unknown_character_is_named_with_what_may_stand_for_it() -> None:
    for typed in ("龘", "白a", "白《玉", "白 日"):
        error = refusal(start=typed)
        assert isinstance(error, UnknownCharacterError)
        assert error.character in typed
        assert f"U+{ord(error.character):04X}" in error.zh
    vocabulary = Vocabulary.of_characters("馬")  # the simplified form is the unknown one
    assert "“馬”" in refusal(vocabulary, start="马").zh
    assert nearest_known("马", vocabulary) == "馬"
    assert nearest_known("龘", VOCABULARY) is None


def test_all_unknown_characters_are_named_at_once() -> None:
    error = refusal(start="白hello world😀")
    assert isinstance(error, UnknownCharacterError)
    assert error.character == "h"
    assert error.zh.startswith("模型不认识“h”“e”“l”“o”“ ”“w”“r”“d”等 9 个字。")
    assert "'d' and 1 more" in error.en
    assert "等" not in refusal(start="白《玉》").zh
    vocabulary = Vocabulary.of_characters("馬")
    assert "马→馬" in refusal(vocabulary, start="马白").zh


def test_half_a_surrogate_pair_is_refused() -> None:
    """What a wrong locale makes of an argument."""
    for field in ("start", "form", "rhyme", "dynasty", "tune", "author", "title"):
        error = refusal(**{field: "白\udce4"})
        assert isinstance(error, GenerationError), field
        assert "UTF-8" in error.zh


def test_nanogpts_vocabulary_is_left_as_it_is() -> None:
    assert spell("馬來", TRADITIONAL) == ("馬來", ())
    assert spell("馬", Vocabulary("馬马")).text == "馬"
    assert spell("馬", Vocabulary.of_characters("馬马")).text == "马"
    assert spell("馬来,", Vocabulary("马来，")) == ("马来，", (("馬", "马"), (",", "，")))
    assert prompt(TRADITIONAL, start="馬來").ids == tuple(TRADITIONAL.encode("馬來"))


def test_nanogpts_vocabulary_begins_with_a_line_feed_and_has_no_fields() -> None:
    assert prompt(TRADITIONAL).ids == (TRADITIONAL.ids["\n"],)
    assert "--start" in refusal(Vocabulary("白日")).zh
    for field, value in (("form", "七绝"), ("author", "李白"), ("regulated", False)):
        error = refusal(PLAIN_VOCABULARY, start="白", **{field: value})
        assert isinstance(error, GenerationError)
        assert f"--{field}" in error.zh


def test_a_long_opening_is_said_to_be_cut() -> None:
    assert prompt(start="白日" * 20).remarks == (
        Text(
            "开头共 42 个词元，模型一次只看得到 24 个：从第 19 个看起，每写一个都要重读一遍，很慢。",
            "The opening has 42 tokens and the model sees 24 at a time: it reads from number 19 on, anew for each "
            "character, which is slow.",
        ),
    )
    assert not prompt(start="白日" * 11).remarks


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_an_opening_from_a_file(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "开头=1.txt"
    path.write_bytes("白玉為堂\n金作馬，\n".encode(encoding))
    assert prompt(start=f"FILE:{path}").document.body == "白玉为堂\n金作马，"


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe" * 3)
    for name in ("missing.txt", "picture.png", ".", "\0"):
        error = refusal(start=f"FILE:{tmp_path / name}")
        assert isinstance(error, TextInputError)
        assert str(tmp_path) in error.zh


def outcome(**settings: object) -> Prompt | ShiciError:
    try:
        return prompt(**settings)  # type: ignore[arg-type]
    except ShiciError as error:
        return error


@given(start=st.text(), title=st.text(), form=st.text(max_size=4), plain=st.booleans())
def test_any_text_makes_a_prompt_or_a_clear_error(start: str, title: str, form: str, plain: bool) -> None:
    vocabulary = PLAIN_VOCABULARY if plain else VOCABULARY
    made = outcome(vocabulary=vocabulary, start=start, title=title, form=form)
    if isinstance(made, ShiciError):
        assert made.zh
        assert made.en
    else:
        assert all(0 <= token < len(vocabulary) for token in made.ids)


@given(st.text(st.sampled_from("白日依山尽，。\n為馬床牀黃河 　,."), max_size=40))
def test_text_of_known_characters_is_taken_whole(start: str) -> None:
    made = outcome(start=start)
    if isinstance(made, UnknownCharacterError):
        assert made.character.isspace()  # a blank inside a line
    else:
        assert isinstance(made, Prompt)
        assert spell(made.document.body, VOCABULARY) == (made.document.body, ())
        assert len("".join(made.document.body.split())) == len("".join(start.split()))
