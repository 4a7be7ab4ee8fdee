"""What is measured of samples, by hand and by slow oracles: metre, variety, copying, authorship, fields.

Run: pytest tests/test_evaluation_samples.py
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.corpus.characters import han_only, verse_lines
from shici.corpus.document import Document, encode_document
from shici.evaluation.authorship import Classifier, accuracy
from shici.evaluation.copying import Copied, Index, build_index, copying_report, find_copied
from shici.evaluation.fields import (
    appearing,
    author_report,
    exchanged,
    field_report,
    frequent_authors,
    title_report,
)
from shici.evaluation.metre import metre_report, rhymes, shape_of
from shici.evaluation.poems import Split
from shici.evaluation.samples import REQUESTS, compare, requests_of
from shici.evaluation.scoring import score
from shici.evaluation.text import FIELDS, Speller
from shici.evaluation.variety import distinct, han_count, repeated_poems, repetition
from shici.evaluation.writing import Writer, Written, first_of_stream
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems
from shici.prosody.readings import simplified_lexicon
from shici.training.documents import Documents, split_documents
from shici.vocabulary import Vocabulary
from tests.tiny import tiny_documents
from tests.tiny_writer import PLAIN_VOCABULARY, VOCABULARY, tiny_model

BAIDI = "朝辞白帝彩云间，千里江陵一日还。\n两岸猿声啼不住，轻舟已过万重山。"
LIXIANG = "少小离家老大回，乡音无改鬓毛衰。\n儿童相见不相识，笑问客从何处来。"
JIUMA = "白玉为堂金作马，珍珠如土金如铁。"


def loaded_of(vocabulary: Vocabulary) -> LoadedModel:
    return LoadedModel(tiny_model(vocabulary), vocabulary, Path("tiny"))


def training(bodies: Sequence[str]) -> tuple[Documents, Vocabulary]:
    vocabulary = Vocabulary.of_characters("".join(bodies) + "李白杜甫")
    documents = [Document(body, author="李白" if k % 2 else "杜甫") for k, body in enumerate(bodies)]
    ids = [index for document in documents for index in encode_document(document, vocabulary)]
    return split_documents(np.array(ids, np.uint16), vocabulary), vocabulary


def indexed(bodies: Sequence[str]) -> Index:
    return build_index(*training(bodies))


# metre


def test_metre_of_poems_that_keep_and_break_the_rules() -> None:
    broken_tone = BAIDI.replace("白帝", "长安")  # level where oblique is due
    broken_rhyme = BAIDI.replace("重山", "重水")
    too_long = BAIDI.replace("千里江陵", "千里江陵城")
    report = metre_report([BAIDI, broken_tone, broken_rhyme, too_long], "七绝")
    assert report["poems"] == 4
    assert report["shape"]["value"] == 3 / 4
    for lexicon in ("lenient", "strict"):
        shares = {law: report[lexicon][law]["value"] for law in ("rhyme", "tone", "regulated")}
        assert shares == {"rhyme": 2 / 4, "tone": 2 / 4, "regulated": 1 / 4}, lexicon
    assert report["lenient"]["rhyme"]["low"] < 0.5 < report["lenient"]["rhyme"]["high"]


@pytest.mark.parametrize(
    ("words", "rhyming"),
    [
        ("还山", True),
        ("还水", False),
        ("山山", False),
        ("雪绝", True),
    ],  # 雪 and 绝: one group of entering tone
)
def test_rhyme_is_the_even_lines_in_one_group_with_no_word_twice(words: str, rhyming: bool) -> None:
    lines = verse_lines(BAIDI)
    lines[1], lines[3] = lines[1][:-1] + words[0], lines[3][:-1] + words[1]
    assert rhymes(lines, simplified_lexicon()) == rhyming


def test_strict_readings_accept_less() -> None:
    """风 as a verb is 仄 in the books and hardly ever in poems."""
    odd = BAIDI.replace("一日还", "一风还")
    report = metre_report([odd], "七绝")
    assert report["lenient"]["tone"]["value"] == 1
    assert report["strict"]["tone"]["value"] == 0


def test_metre_without_a_form_asked_for() -> None:
    ci = "如梦令，如梦令，知否知否。"
    report = metre_report([BAIDI, JIUMA, ci, ""])
    assert report["shapes"] == {"杂言": 0.5, "七古": 0.25, "七绝": 0.25}
    assert report["shape"]["value"] == 0.5
    assert report["judged"] == 1
    assert report["lenient"]["regulated"]["value"] == 1


def test_a_line_too_many_is_no_shape() -> None:
    assert shape_of(verse_lines(BAIDI)[:3]) == "杂言"
    assert shape_of([]) == "杂言"


def test_an_empty_set_has_no_shares() -> None:
    report = metre_report([], "五绝")
    assert math.isnan(report["shape"]["value"])
    assert math.isnan(report["strict"]["tone"]["value"])


# variety


def test_distinct_ngrams_by_hand() -> None:
    bodies = ["花落花开，花落。", "水流花开。"]  # 花落花开 花落 | 水流花开: 10 characters, 7 pairs
    assert distinct(bodies, 1, 100) == 5 / 10
    assert distinct(bodies, 2, 100) == 5 / 7  # 花落 落花 花开 花落 水流 流花 花开
    assert distinct(bodies, 1, 4) == 3 / 4
    assert distinct(bodies, 2, 5) == 3 / 3
    assert math.isnan(distinct(["，"], 1, 10))
    assert han_count(bodies) == 10


def test_repetition_by_hand() -> None:
    assert repetition(["花落花开，花落。", "水流花开。"]) == pytest.approx((3 / 6 + 0) / 2)
    assert math.isnan(repetition([]))
    assert repeated_poems(["a", "b", "a", "a"]) == 2


# copying


def slow(body: str, trained: Sequence[str]) -> Copied:
    """The oracle: every run of the poem is looked for in every training poem."""
    text = han_only(body)
    rows = [han_only(poem) for poem in trained]
    runs = [
        j - i
        for i in range(len(text))
        for j in range(i + 1, len(text) + 1)
        if any(text[i:j] in row for row in rows)
    ]
    run = max(runs, default=0)
    lines = [line for line in verse_lines(body) if len(line) >= 5]
    known = {line for poem in trained for line in verse_lines(poem)}
    return Copied(run if run >= 4 else 0, len(lines), sum(line in known for line in lines))


def test_a_planted_copy_is_found() -> None:
    index = indexed([LIXIANG, BAIDI, JIUMA])
    planted = "春来江水绿如蓝，两岸猿声啼不住。\n轻舟已过万山中，少小离家何日回。"
    found = find_copied([planted, BAIDI, "龘龘龘龘，龘龘龘龘龘。", ""], index)
    # over the line's end: 两岸猿声啼不住轻舟已过万
    assert found == [Copied(12, 4, 1), Copied(28, 4, 4), Copied(0, 1, 0), Copied(0, 0, 0)]
    report = copying_report(found)
    assert report["copied_lines"]["value"] == 5 / 9
    assert report["longest_run"] == {"median": 6.0, "p95": pytest.approx(25.6), "max": 28}
    assert report["long_runs"]["value"] == 1 / 4


def test_part_of_a_line_is_no_copied_line_and_poems_do_not_run_together() -> None:
    index = indexed(["一二三四五六七，八九十百千。", "万里江山如画。"])
    assert find_copied(["三四五六七，九十百千万。"], index) == [Copied(5, 2, 0)]
    assert find_copied(["八九十百千。"], index) == [Copied(5, 1, 1)]
    assert find_copied(["八九十百千万里江山。"], index) == [Copied(5, 1, 0)]


def test_a_pause_inside_a_line_does_not_cut_it() -> None:
    index = indexed(["晴川历、历汉阳树，芳草。"])
    assert find_copied(["晴川历历、汉阳树。"], index) == [Copied(7, 1, 1)]


@given(
    st.lists(st.text("甲乙，。\n", max_size=30), min_size=1, max_size=4), st.text("甲乙丙，。\n", max_size=30)
)
def test_copying_agrees_with_a_slow_search(trained: list[str], body: str) -> None:
    assert find_copied([body], indexed(trained)) == [slow(body, trained)]


def test_many_poems_are_found_as_each_alone() -> None:
    bodies = [document.body for document in tiny_documents()]
    index = indexed(bodies[:40])
    together = find_copied(bodies * 4, index)  # more than one chunk
    assert together == [find_copied([body], index)[0] for body in bodies] * 4


# authorship


def test_an_author_is_known_by_his_words() -> None:
    moon, river = "明月明月光，月下独酌。", "黄河入海流，江水东流。"
    classifier = Classifier([moon, river] * 3, [0, 1] * 3, 2)
    assert classifier.guess("独酌月光。") == 0
    assert classifier.guess("江水流，入海。") == 1
    assert classifier.guess("龘龘。") == 0  # nothing is known: the first


def test_pairs_tell_what_single_characters_do_not() -> None:
    classifier = Classifier(["东西东西东西。", "西东西东西东。"] * 3, [0, 1] * 3, 2)
    assert classifier.guess("东西。") == 0
    assert classifier.guess("西东。") == 1


def test_every_author_weighs_the_same() -> None:
    """Nine poems of the first, all right, and one of the second, wrong: a half."""
    owners, guesses = [0] * 9 + [1], [0] * 10
    assert accuracy(owners, guesses, 2, seed=0).value == pytest.approx(0.5)


def test_the_most_frequent_authors_and_their_poems() -> None:
    documents, vocabulary = training([BAIDI, LIXIANG, JIUMA])
    authors = frequent_authors(documents, vocabulary, 1)
    assert authors.names == ("杜甫",)
    assert authors.bodies == (BAIDI, JIUMA)
    assert authors.owners == (0, 0)
    assert len(frequent_authors(documents, vocabulary).names) == 2


# fields


def test_titles_are_held_against_their_own_and_anothers_verse() -> None:
    pairs = [("春山", "春风吹山"), ("江月·其一", "江水")]  # 2 of 2; 1 of 4
    found = appearing(pairs, seed=0)
    assert found["own"]["value"] == pytest.approx(3 / 6)
    assert found["other"]["value"] == 0


def test_fields_move_on_to_another_poem() -> None:
    documents = [Document("诗", author=str(k), title="t") for k in range(9)]
    moved = exchanged(documents, "author", seed=3)
    assert sorted(one.author for one in moved) == sorted(one.author for one in documents)
    assert all(one.author != document.author for one, document in zip(moved, documents, strict=True))
    assert all(one.title == "t" for one in moved)
    assert exchanged(documents, "author", seed=3) == moved


def test_what_a_field_saves_is_the_difference_of_the_losses() -> None:
    loaded, speller = loaded_of(VOCABULARY), Speller(VOCABULARY)
    bodies = ["白日依山尽，黄河入海流。", "床前明月光，疑是地上霜。", "白玉为堂金作马，珍珠如土金如铁。"]
    split = Split(
        tuple(Document(body, dynasty=name) for body, name in zip(bodies, ("唐", "宋", "唐"), strict=True)),
        ("",) * 3,
    )
    scored = {
        way: score(loaded.model, [speller.line(poem, fields) for poem in split.poems])
        for way, fields in (("bare", ()), ("fields", FIELDS))
    }
    report = field_report(loaded, speller, split, scored, seed=0)
    assert list(report) == ["dynasty"]
    one = report["dynasty"]
    assert one["saved"]["nats"] == pytest.approx(one["none"]["nats"] - one["right"]["nats"])
    assert one["stranger_costs"]["nats"] == pytest.approx(one["stranger"]["nats"] - one["right"]["nats"])
    assert one["added"]["nats"] == pytest.approx(one["saved"]["nats"])  # there is no other field
    assert one["saved"]["nats"] != 0


def test_poems_by_author_and_title_are_judged_beside_human_ones() -> None:
    writer = Writer(loaded_of(VOCABULARY))
    documents, vocabulary = training(["白日依山尽，黄河入海流。", "床前明月光，疑是地上霜。"] * 3)
    authors = frequent_authors(documents, vocabulary)
    # only one of the two can be asked for: the model has never seen 杜甫
    split = Split(
        (Document("黄河入海流。", author="杜甫", title="黄河"), Document("床前霜。", title="月光")), ("",) * 2
    )
    report = author_report(writer, authors, split, 4, seed=0)
    assert report["human"]["value"] == 1
    assert report["plain"]["poems"] == 4
    titles = title_report(writer, split, 4, seed=0)
    assert titles["human"]["own"]["value"] == pytest.approx(2 / 4)
    assert titles["default"]["poems"] == 4


# writing


def test_poems_are_those_of_the_sampler() -> None:
    loaded = loaded_of(VOCABULARY)
    written = Writer(loaded).write(5, seed=7, sampler="default", form="七绝")
    settings = SampleSettings(
        num_samples=5, seed=7, form="七绝", max_new_tokens=loaded.model.config.block_size - 3
    )
    texts = [""] * 5
    for event in poems(loaded, build_prompt(settings, VOCABULARY, 24), settings):
        for number, token, end in zip(event.numbers, event.step.drawn.tolist(), event.ended, strict=True):
            texts[number] += "" if end else VOCABULARY.tokens[token]
    assert [poem.body for poem in written] == texts


def test_progress_counts_every_poem_once() -> None:
    told: list[int] = []
    writer = Writer(loaded_of(VOCABULARY), progress=told.append)
    found = writer.write(6, seed=0, sampler="plain")
    assert sum(told) == 6
    assert {poem.finished for poem in found} <= {True, False}


@pytest.mark.parametrize(
    ("text", "stream", "poem"),
    [
        (
            "静夜思\n李白\n床前明月光，\n疑是地上霜。\n\n登楼",
            "blocks",
            Written("床前明月光，\n疑是地上霜。", True),
        ),
        ("\n床前明月光，疑", "blocks", Written("床前明月光，疑", False)),
        ("床前明月光，疑是地上霜。\n白日", "lines", Written("床前明月光，疑是地上霜。", True)),
        ("", "blocks", Written("", False)),
    ],
)
def test_the_first_poem_of_a_stream(text: str, stream: str, poem: Written) -> None:
    assert first_of_stream(text, stream) == poem


def test_a_stream_model_is_asked_for_nothing() -> None:
    loaded = loaded_of(PLAIN_VOCABULARY)
    assert requests_of(loaded) == REQUESTS[:1]
    assert len(Writer(loaded).write(2, seed=0, sampler="plain")) == 2


def test_sets_are_compared_over_as_many_characters() -> None:
    sets = {
        "human": [Written(BAIDI, True)],
        "plain": [Written(JIUMA, True), Written(JIUMA, False)],
        "default": [],
    }
    report = compare(sets, "七绝", indexed([BAIDI]))
    assert list(report) == ["human", "plain"]
    assert report["human"]["distinct_characters"] == report["plain"]["distinct_characters"] == 28
    assert report["plain"]["finished"]["value"] == 0.5
    assert report["plain"]["repeated_poems"] == 1
    assert report["human"]["copied_lines"]["value"] == 1
    assert report["plain"]["distinct_1"] == pytest.approx(12 / 28)


def test_requests_name_what_they_ask_for() -> None:
    names = [request.name for request in REQUESTS]
    assert names[:3] == ["不限", "五绝", "七绝"]
    assert names[-1] == "七律·合律"
    regulated = REQUESTS[-1]
    assert regulated.fields() == {"form": "七律", "regulated": True}
    assert regulated.fits(Document("", form="七律", regulated="合律"))
    assert not regulated.fits(Document("", form="七律", regulated="不合律"))
