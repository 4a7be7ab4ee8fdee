"""Where tokens stand in a poem, what the rules make heads look at, and the file of scores.

Run: pytest tests/test_explanation_heads.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from scripts import score_heads as script
from shici.checkpoint import PRETRAINED, LoadedModel, load_model, save_released, weights_hash
from shici.corpus.document import Document, encode_prompt
from shici.errors import CheckpointError, CorpusError
from shici.explanation.cards import (
    cards_for,
    cards_path,
    key_of,
    load_cards,
    measure,
    rows_for,
    save_cards,
)
from shici.explanation.heads import ROLES, attention_to, even_attention_to, moments, score_heads, targets_of
from shici.explanation.reference import reference_documents, reference_rows
from shici.explanation.verse import lay_out
from shici.generation.wishes import BREAKS
from shici.prosody.judge import label
from shici.vocabulary import Vocabulary
from tests.tiny_writer import PLAIN_VOCABULARY, POEMS, VOCABULARY, tiny_model

DOCUMENT = Document("白日依山尽，黄河入海流。\n欲穷千里目，更上", form="五绝", author="李白")
IDS = encode_prompt(DOCUMENT, VOCABULARY)
# 0 <bos> 1 <五绝> 2 <author> 3 李 4 白 5 <body>
# 6 白日依山尽 11 ， 12 黄河入海流 17 。 18 \n 19 欲穷千里目 24 ， 25 更 26 上


def looked_at(role: str, query: int) -> list[int]:
    targets = targets_of(lay_out(IDS, VOCABULARY), len(IDS))
    return np.flatnonzero(targets[list(ROLES).index(role), query]).tolist()


def test_the_layout_of_a_poem() -> None:
    layout = lay_out(IDS, VOCABULARY)
    assert layout.body == 6
    assert layout.lines == ((6, 7, 8, 9, 10), (12, 13, 14, 15, 16), (19, 20, 21, 22, 23), (25, 26))
    assert layout.finished == (True, True, True, False)
    assert layout.marks == (11, 17, 18, 24)
    assert layout.rhymes == (16,)
    assert (layout.line[14], layout.column[14]) == (1, 2)
    assert (layout.line[3], layout.column[11]) == (-1, -1)
    assert [layout.partner(line) for line in range(5)] == [None, 0, None, 2, None]


def test_lines_of_unlike_length_are_no_partners() -> None:
    ids = encode_prompt(Document("白日，黄河入。\n欲穷千，里目更上"), VOCABULARY)
    layout = lay_out(ids, VOCABULARY)
    assert [layout.partner(line) for line in range(4)] == [None, None, None, None]


def test_without_control_tokens_all_is_verse() -> None:
    layout = lay_out(PLAIN_VOCABULARY.encode("白日，黄、河。"), PLAIN_VOCABULARY)
    assert (layout.body, layout.lines, layout.marks) == (0, ((0, 1), (3, 5)), (2, 4, 6))


def test_a_window_that_has_lost_its_beginning_is_verse() -> None:
    assert lay_out(VOCABULARY.encode("日依山"), VOCABULARY).lines == ((0, 1, 2),)


def test_a_prompt_that_has_not_come_to_its_verse() -> None:
    assert lay_out([VOCABULARY.bos], VOCABULARY).body == 1


@pytest.mark.parametrize(
    ("role", "query", "targets"),
    [
        ("self", 14, [14]),
        ("previous", 14, [13]),
        ("previous", 6, [5]),
        ("partner", 14, [8]),
        ("partner", 8, []),
        ("partner", 26, [20]),  # a line that is still being written
        ("partner_next", 13, [8]),
        ("partner_next", 11, [6]),  # 黄 is to be written, 白 stands opposite
        ("partner_next", 16, []),
        ("rhyme", 15, []),  # 流 is the first rhyme word
        ("line_start", 14, [12]),
        ("line_start", 12, []),
        ("marks", 19, [11, 17, 18]),
        ("marks", 11, []),
        ("front", 14, [0, 5]),
        ("fields", 14, [1, 2, 3, 4]),
        ("self", 3, []),  # not a token of the verse
    ],
)
def test_what_a_rule_sends_a_token_to(role: str, query: int, targets: list[int]) -> None:
    assert looked_at(role, query) == targets


def test_a_rhyme_word_looks_back_at_those_before() -> None:
    ids = encode_prompt(Document(POEMS[0]), VOCABULARY)
    layout = lay_out(ids, VOCABULARY)
    targets = targets_of(layout, len(ids))[list(ROLES).index("rhyme")]
    first, second = layout.rhymes
    assert [VOCABULARY.tokens[ids[place]] for place in (first, second)] == ["流", "楼"]
    assert np.argwhere(targets).tolist() == [[second - 1, first]]


def test_a_head_of_one_role_scores_one_there() -> None:
    targets = targets_of(lay_out(IDS, VOCABULARY), len(IDS))
    weights = np.eye(len(IDS), k=-1)
    weights[0, 0] = 1.0
    score = dict(zip(ROLES, attention_to(weights, targets), strict=True))
    assert score["previous"] == 1.0
    assert score["self"] == 0.0
    assert np.isnan(score["rhyme"])


def test_the_baseline_by_hand() -> None:
    """Three queries 6, 7, 8 of a verse of three characters: one of 7, 8 and 9 visible tokens is the one before."""
    ids = [*IDS[:9]]
    even = dict(zip(ROLES, even_attention_to(targets_of(lay_out(ids, VOCABULARY), 9)), strict=True))
    assert even["previous"] == pytest.approx((1 / 7 + 1 / 8 + 1 / 9) / 3)
    assert even["front"] == pytest.approx(2 * even["previous"])
    assert even["fields"] == pytest.approx(4 * even["previous"])
    assert even["line_start"] == pytest.approx((1 / 8 + 1 / 9) / 2)


def test_moments_leave_out_what_is_not_counted() -> None:
    values = np.array([[1.0, np.nan], [3.0, np.nan], [99.0, 5.0]])
    mean, spread = moments(values, np.array([[True, False], [True, False], [False, True]]))
    assert mean.tolist() == [2.0, 5.0]
    assert spread.tolist() == [pytest.approx(2**0.5), 0.0]


def test_scores_are_the_traces_attention() -> None:
    model = tiny_model(block_size=48)
    scores = score_heads(model, [IDS], VOCABULARY)
    with torch.inference_mode():
        weights = model(torch.tensor([IDS]), return_details=True)[2].layers[1].weights[0, 0]
    expected = np.mean([float(weights[t, t - 1]) for t in range(6, len(IDS))])
    assert scores.score[1, 0, list(ROLES).index("previous")] == pytest.approx(expected)
    assert scores.poems[list(ROLES).index("rhyme")] == 0
    assert scores.queries[list(ROLES).index("line_start")] == 4 + 4 + 4 + 1


# the poems


@pytest.mark.parametrize("document", reference_documents(), ids=lambda document: document.title)
def test_a_reference_poem_has_its_form_and_rhyme(document: Document) -> None:
    found = label([line for line in BREAKS.split(document.body) if line])
    assert found.form == document.form
    assert found.rhyme


def test_poems_that_cannot_be_spelt_are_left_out() -> None:
    rows = reference_rows([DOCUMENT, Document("白鹭"), Document(POEMS[0] * 9)], VOCABULARY, 40)
    assert rows == [tuple(IDS)]


# the file


@pytest.fixture
def small(tmp_path: Path) -> LoadedModel:
    return LoadedModel(tiny_model(block_size=48), VOCABULARY, tmp_path)


def test_a_file_gives_back_what_was_measured(small: LoadedModel) -> None:
    rows = [tuple(IDS), tuple(IDS[:-3])]
    cards = measure(small, rows, costs=True)
    path = cards_path(small)
    save_cards(path, cards)
    again = load_cards(path, key_of(small.model, rows))
    assert again is not None
    assert again.costs is not None
    assert cards.costs is not None
    np.testing.assert_allclose(again.scores.score, cards.scores.score, atol=1e-6)
    np.testing.assert_allclose(again.costs.zero, cards.costs.zero, atol=1e-6)
    torch.testing.assert_close(again.means, cards.means, atol=1e-6, rtol=0)
    assert again.scores.poems.tolist() == cards.scores.poems.tolist()


def test_a_file_of_other_weights_or_poems_does_not_count(small: LoadedModel) -> None:
    rows = [tuple(IDS)]
    path, key = cards_path(small), key_of(small.model, rows)
    save_cards(path, measure(small, rows))
    assert load_cards(path, key) is not None
    assert load_cards(path, key_of(small.model, [*rows, tuple(IDS[:-1])])) is None
    with torch.no_grad():
        small.model.transformer.wpe.weight[3, 3] += 1e-3
    assert load_cards(path, key_of(small.model, rows)) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "k"}', '{"key": "k", "scores": {}, "poems": 1}'])
def test_a_damaged_file_does_not_count(tmp_path: Path, text: str) -> None:
    path = tmp_path / "head_scores.json"
    path.write_text(text)
    assert load_cards(path, "k") is None
    assert load_cards(tmp_path / "none.json", "k") is None


def test_a_folder_that_cannot_be_written_is_named(small: LoadedModel, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(CheckpointError, match="taken"):
        save_cards(tmp_path / "taken" / "head_scores.json", measure(small, [tuple(IDS)]))


def test_a_model_that_can_spell_no_poem_has_no_scores(tmp_path: Path) -> None:
    """A model of another script: its pages still open, and the script says why there is nothing to score."""
    vocabulary = Vocabulary.of_characters("abc ,.\n")
    save_released(tmp_path, tiny_model(vocabulary), vocabulary, notes={})
    cards = cards_for(load_model(tmp_path))
    assert cards.poems == 0
    assert not cards.scores.score.any()
    assert cards.scores.main_role(1, 1) == ""
    assert cards.means.shape == (2, 2, 8)
    with pytest.raises(CorpusError, match="字表"):
        script.main([f"--model={tmp_path}"])


def test_the_hash_is_of_every_weight() -> None:
    model = tiny_model(block_size=48)
    assert weights_hash(model) == weights_hash(tiny_model(block_size=48))
    with torch.no_grad():
        model.transformer.h[1].mlp.c_proj.weight[0, 0] += 1e-4
    assert weights_hash(model) != weights_hash(tiny_model(block_size=48))


def test_the_file_that_ships_is_of_the_model_that_ships() -> None:
    """If this fails, the weights have changed: run python scripts/score_heads.py."""
    loaded = load_model(PRETRAINED)
    rows = rows_for(loaded)
    shipped = json.loads(cards_path(loaded).read_text())
    assert shipped["key"] == key_of(loaded.model, rows)
    cards = cards_for(loaded)
    assert cards.poems == len(rows) > 40
    assert cards.costs is not None
    few = score_heads(loaded.model, rows[:2], loaded.vocabulary)
    assert np.abs(few.score - cards.scores.score).mean() < 0.05
