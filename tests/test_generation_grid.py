"""What stands between the lines of a form, by what the model has read. Run: pytest tests/test_generation_grid.py"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from shici.checkpoint import save_released
from shici.errors import UnknownCharacterError
from shici.generation.grid import lay_out
from shici.generation.main import SEPARATOR
from shici.generation.main import main as sample
from shici.prosody.template import Template, tune_template, verse_template
from shici.prosody.tunes import find_tune
from shici.vocabulary import Vocabulary
from tests.test_generation_laws import VOCABULARY
from tests.tiny_writer import tiny_model

QUATRAIN = verse_template("五绝", strict=True, regulated=True)
WITHOUT_BREAKS, WITHOUT_MARKS = "\n", "，。、？！；："


def without(characters: str) -> Vocabulary:
    """The vocabulary but for these, and with the name of a tune."""
    return Vocabulary([*(token for token in VOCABULARY.tokens if token not in characters), *"菩萨蛮"])


def shape(template: Template, vocabulary: Vocabulary) -> str:
    """The text of a form with 字 for each character, <eos> apart."""
    cells = lay_out(template, {}, vocabulary).cells[:-1]
    return "".join("字" if cell.token is None else vocabulary.tokens[cell.token] for cell in cells)


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("", "字字字字字，字字字字字。\n字字字字字，字字字字字。"),
        (WITHOUT_BREAKS, "字字字字字，字字字字字。字字字字字，字字字字字。"),
        (WITHOUT_MARKS, "字字字字字\n字字字字字\n字字字字字\n字字字字字"),
    ],
    ids=["all", "no line feed", "no marks"],
)
def test_lines_are_parted_by_what_the_model_has_read(missing: str, expected: str) -> None:
    assert shape(QUATRAIN, without(missing)) == expected


def test_what_has_neither_marks_nor_line_feeds_cannot_keep_a_form() -> None:
    with pytest.raises(UnknownCharacterError, match="“，”"):
        lay_out(QUATRAIN, {}, without(WITHOUT_BREAKS + WITHOUT_MARKS))


@pytest.mark.parametrize("missing", [WITHOUT_BREAKS, WITHOUT_MARKS], ids=["no line feed", "no marks"])
@pytest.mark.parametrize("asked", ["--form=七绝", "--tune=菩萨蛮"])
def test_a_model_of_such_texts_keeps_a_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: str, asked: str
) -> None:
    """From sample.py's own door, with a model of random weights."""
    vocabulary = without(missing)
    save_released(tmp_path, tiny_model(vocabulary, block_size=64), vocabulary, notes={}, dtype=torch.float32)
    for particles in (1, 4):
        words = [
            f"--out_dir={tmp_path}",
            asked,
            f"--particles={particles}",
            "--num_samples=2",
            "--engine=torch",
        ]
        assert sample(words) == 0
        poems = capsys.readouterr().out.split(f"{SEPARATOR}\n")[:-1]
        assert len(poems) == 2
        for poem in poems:
            body, _, verdict = poem.strip().rpartition("\n")
            assert "合律" in verdict
            assert not set(body) & set(missing)


def test_a_tune_is_laid_out_without_breaks_too() -> None:
    template = tune_template(find_tune("菩萨蛮")[0])
    text = shape(template, without(WITHOUT_BREAKS))
    assert text == shape(template, VOCABULARY).replace("\n", "")
