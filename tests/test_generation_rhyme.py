"""The rhyme that a poem is written in where it is left open. Run: pytest tests/test_generation_rhyme.py"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.corpus.document import Document, encode_prompt
from shici.generation.prompts import build_prompt
from shici.generation.rhyme_choice import choose_rhymes, rhyme_shares
from shici.generation.verse import Verse, plan_verse
from shici.vocabulary import RHYME_GROUPS, control

NAMES = RHYME_GROUPS[:30]  # the level ones


def planned(loaded: LoadedModel, **asked: object) -> tuple[Document, Verse]:
    settings = replace(SampleSettings(form="七绝"), **asked)  # type: ignore[arg-type]
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None
    return build_prompt(verse.settings, loaded.vocabulary, 256).document, verse


def rhymes(loaded: LoadedModel, count: int = 100, **asked: object) -> Counter[str]:
    document, verse = planned(loaded, **asked)
    return Counter(choose_rhymes(loaded, document, verse, range(count)))


@pytest.mark.parametrize(
    "document",
    [
        Document("", form="七绝", regulated="合律"),
        Document("朝辞白帝", form="七绝", regulated="合律", dynasty="唐", author="李白", title="早发"),
    ],
    ids=["nothing but the form", "all fields and an opening"],
)
@torch.inference_mode()
def test_the_shares_are_the_models_own_by_bayes(loaded: LoadedModel, document: Document) -> None:
    vocabulary, openers = loaded.vocabulary, {"<author>", "<title>", "<body>"}
    expected = []
    for name in NAMES:
        ids = encode_prompt(replace(document, rhyme=name), vocabulary)
        chances = []
        for at in range(1, len(ids)):  # one token at a time, from the plain forward pass
            logits, _ = loaded.model(torch.tensor([ids[:at]]))
            if vocabulary.tokens[ids[at]] not in openers:
                chances.append(float(torch.softmax(logits[0, -1].double(), -1)[ids[at]].log()))
        expected.append(sum(chances))
    shares = np.exp(np.array(expected) - np.max(expected))
    found = rhyme_shares(loaded, document, NAMES)
    np.testing.assert_allclose(found, shares / shares.sum(), rtol=1e-4)
    assert found.sum() == pytest.approx(1, abs=1e-12)


def test_the_opening_has_its_say(loaded: LoadedModel) -> None:
    alone = rhymes(loaded)
    assert len(alone) > 10
    assert alone["十五删"] < 10
    assert (
        rhymes(loaded, start="朝辞白帝彩云间，")["十五删"] > 60
    )  # 间 is read in both tones: it need not rhyme


@pytest.mark.parametrize(
    "asked",
    [
        {"start": "床前明月光，", "form": "五绝"},
        {"pin": "1,7=光"},
        {"template": "床前明月光，□□□□□。□□□□□，□□□□□。"},
    ],
    ids=["opening", "pin", "template"],
)
def test_a_level_end_of_the_first_line_rhymes(loaded: LoadedModel, asked: dict[str, str]) -> None:
    """光 stands in the books in an oblique tone as well, in which nobody reads it."""
    if "template" in asked:
        asked = asked | {"form": ""}
    assert planned(loaded, **asked)[1].rhymes == ("七阳",)
    assert rhymes(loaded, 20, **asked) == {"七阳": 20}
    assert rhymes(loaded, 20, **asked, rhyme="一东") == {
        "一东": 20
    }  # asked for: then 光 is read by the books


def test_other_wishes_are_other_dice(loaded: LoadedModel) -> None:
    first = {str(rhymes(loaded, 1, title=title)) for title in "春夏秋冬梅兰竹菊"}
    assert len(first) > 2
    assert rhymes(loaded, 20, title="春") == rhymes(loaded, 20, title="春")


def test_a_rhyme_that_only_the_books_read_is_still_one(loaded: LoadedModel) -> None:
    """梦 is level in the books alone: by the readings in use there is no rhyme for it."""
    assert rhymes(loaded, 4, pin="4,7=梦") == {"一东": 4}


@pytest.mark.parametrize(
    ("asked", "opening"),
    [
        ({}, ""),
        ({"start": "朝辞"}, "朝辞"),
        ({"start": "朝辞白帝彩云间"}, "朝辞白帝彩云间，"),
        ({"start": "朝辞白帝彩云间，千里江陵一日还。两岸"}, "朝辞白帝彩云间，千里江陵一日还。\n两岸"),
        ({"acrostic": "春江花月"}, "春"),
        ({"pin": "1,2=江"}, ""),
    ],
)
def test_the_opening_ends_where_the_model_begins(
    loaded: LoadedModel, asked: dict[str, str], opening: str
) -> None:
    assert planned(loaded, **asked)[1].opening == opening


def test_all_groups_are_known_to_the_model(loaded: LoadedModel) -> None:
    assert all(control(name) in loaded.vocabulary for name in NAMES)
