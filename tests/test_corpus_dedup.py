"""Duplicates, containment and clusters on small sets of real poems. Run: pytest tests/test_corpus_dedup.py"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shici.corpus.catalog import SHELVES
from shici.corpus.collect import Poem
from shici.corpus.dedup import NEAR, deduplicate, jaccard, merge, similar_pairs
from shici.corpus.document import Document

SHELF = {shelf.pattern: index for index, shelf in enumerate(SHELVES)}
TANG, SONG = SHELF["poet.tang.*.json"], SHELF["poet.song.*.json"]
CI, SIMPLIFIED = SHELF["ci.song.*.json"], SHELF["shuimotangshi.json"]

JINGYE = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
BAIDI = "朝辞白帝彩云间，千里江陵一日还。\n两岸猿声啼不住，轻舟已过万重山。"
CHUNWANG = (
    "国破山河在，城春草木深。\n感时花溅泪，恨别鸟惊心。\n烽火连三月，家书抵万金。\n白头搔更短，浑欲不胜簪。"
)
CHIRI = "迟日江山丽，春风花草香。\n泥融飞燕子，沙暖睡鸳鸯。"
JIANGBI = "江碧鸟逾白，山青花欲燃。\n今春看又过，何日是归年。"


def poem(body: str, shelf: int = TANG, held_out: bool = False, **fields: str) -> Poem:
    return Poem(Document(body, **fields), shelf, held_out)


def outcome(*poems: Poem) -> tuple[list[str], list[str]]:
    """Bodies that stay, and reasons of those that do not."""
    result = deduplicate(poems)
    return [left.document.body for left in result.poems], [reason for _, reason in result.dropped]


def test_the_earlier_of_two_stays_and_gets_the_missing_fields() -> None:
    with_comma = JINGYE.replace("。\n", "，\n")
    result = deduplicate([poem(JINGYE), poem(with_comma, author="李白", title="静夜思", dynasty="唐")])
    assert [left.document for left in result.poems] == [
        Document(JINGYE, author="李白", title="静夜思", dynasty="唐")
    ]
    assert [reason for _, reason in result.dropped] == ["duplicate"]


def test_almost_the_same_text() -> None:
    edition = BAIDI.replace("啼不住", "啼不尽")
    assert outcome(poem(BAIDI), poem(edition)) == ([BAIDI], ["near_duplicate"])


def test_different_poems_stay() -> None:
    bodies = [JINGYE, BAIDI, CHUNWANG, CHIRI, JIANGBI]
    result = deduplicate([poem(body) for body in bodies])
    assert [left.document.body for left in result.poems] == bodies
    assert result.clusters.tolist() == [0, 1, 2, 3, 4]


def test_two_poems_printed_as_one_are_not_kept_again() -> None:
    both = f"{CHIRI}\n{JIANGBI}"
    assert outcome(poem(CHIRI), poem(JIANGBI), poem(both)) == ([CHIRI, JIANGBI], ["contained"])


def test_a_damaged_copy_is_not_kept() -> None:
    damaged = CHUNWANG.replace("烽火连三月，家书抵万金。\n", "").replace("浑欲不胜簪", "浑不欲胜簪")
    kept, reasons = outcome(poem(CHUNWANG), poem(damaged))
    assert kept == [CHUNWANG]
    assert reasons[0] in ("near_duplicate", "contained")


def test_lines_gathered_from_many_poems_stay() -> None:
    gathered = "床前明月光，千里江陵一日还。\n恨别鸟惊心，泥融飞燕子。"
    kept, _ = outcome(poem(JINGYE), poem(BAIDI), poem(CHUNWANG), poem(CHIRI), poem(gathered))
    assert gathered in kept


def test_poems_that_share_a_couplet_form_a_cluster() -> None:
    answer = "烽火连三月，家书抵万金。\n故人千里外，相对不能吟。"
    result = deduplicate([poem(JINGYE), poem(CHUNWANG), poem(answer)])
    assert len(result.poems) == 3
    assert result.clusters.tolist() == [0, 1, 1]


def test_a_refrain_joins_nothing() -> None:
    refrain = "行路难，归去来。"
    result = deduplicate([poem(CHIRI + "\n" + refrain), poem(BAIDI + "\n" + refrain)])
    assert result.clusters.tolist() == [0, 1]


def test_an_edition_of_a_held_out_poem_is_held_out_as_well() -> None:
    edition = BAIDI.replace("啼不住", "啼不尽")
    result = deduplicate([poem(BAIDI), poem(edition, held_out=True)])
    assert [left.held_out for left in result.poems] == [True]


def test_a_traditional_text_lends_its_labels_to_the_same_simplified_one() -> None:
    better = merge(
        poem(JINGYE, SIMPLIFIED, form="五绝", regulated="不合律"),
        poem(JINGYE, TANG, form="五绝", regulated="合律", rhyme="七阳"),
        same_text=True,
    )
    assert (better.document.regulated, better.document.rhyme) == ("合律", "七阳")


def test_a_ci_does_not_take_the_title_of_a_shi() -> None:
    better = merge(poem(BAIDI, CI, tune="浪淘沙"), poem(BAIDI, TANG, title="浪淘沙·其三"), same_text=True)
    assert (better.document.tune, better.document.title) == ("浪淘沙", "")


def test_nothing_comes_of_nothing() -> None:
    result = deduplicate([])
    assert (result.poems, result.dropped, result.clusters.tolist()) == ([], [], [])


@given(st.lists(st.text("春江潮水連海平", min_size=10, max_size=14), min_size=2, max_size=12, unique=True))
def test_minhash_names_only_true_similarities_and_finds_close_pairs(texts: list[str]) -> None:
    found = {(one, other): similarity for one, other, similarity in similar_pairs(texts)}
    for (one, other), similarity in found.items():
        assert one < other
        assert similarity == jaccard(texts[one], texts[other])
    close = [
        (one, other)
        for other in range(len(texts))
        for one in range(other)
        if jaccard(texts[one], texts[other]) == 1
    ]
    linked = {frozenset(pair) for pair in found}
    for one, other in close:  # equal sets share every hash: linked, if only by a third of their kind
        assert frozenset((one, other)) in linked or any(
            frozenset((one, third)) in linked and frozenset((other, third)) in linked
            for third in range(len(texts))
        )


def test_half_of_a_poem_changed_is_another_poem() -> None:
    assert jaccard("床前明月光疑是地上霜", "床前明月光疑是地上霜") == 1
    assert jaccard("朝辞白帝彩云间千里江陵一日还", "朝辞白帝彩云间两岸猿声啼不住") < NEAR
