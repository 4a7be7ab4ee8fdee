"""The page 训练 without a browser: what the component gets is what the run's own files say.

Run: pytest tests/test_app_training.py
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from shici.app import runs
from shici.app.components import FOLDER, bundle
from shici.app.pages import training
from shici.app.pages.training_words import ABOUT, MESSAGES, TITLE
from shici.app.payload import unpack
from shici.app.state import Session
from shici.checkpoint import PRETRAINED
from shici.config.sample import SampleSettings
from shici.corpus.document import Document, encode_prompt
from shici.errors import TrainingError
from shici.training.history import HISTORY, Recorder, Run, read_history
from shici.training.journal import COLUMNS, LOG, read_log
from shici.training.observation import PROMPTS, Plan
from tests.tiny_writer import VOCABULARY, tiny_model

PLAN = Plan((Document(""), Document("白日依")), Document(""), 3, seed=5, temperature=0.8, top_k=20)


def a_log(folder: Path, rows: int = 40) -> None:
    """A log.csv of a run that evaluates every 10 steps."""
    folder.mkdir(exist_ok=True)
    with (folder / LOG).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for step in range(rows):
            row = {"iter": step, "epoch": step / 100, "tokens": 9 * step, "minutes": step / 7}
            if step % 10 == 0:
                writer.writerow({**row, "val_loss": 9 - step / 50, "val_fields_loss": 8.5 - step / 50})
            else:
                writer.writerow(
                    {**row, "train_loss": 9 - step / 40, "lr": 1e-3 * step, "tokens_per_second": 5000 + step}
                )


def a_history(folder: Path, steps: tuple[int, ...] = (0, 1, 2)) -> None:
    folder.mkdir(exist_ok=True)
    recorder = Recorder(folder / HISTORY, VOCABULARY, PLAN, Run(folder.name, "", {}), 0)
    for step in steps:
        recorder.record(tiny_model(seed=step), step, 100 * step, 9.0 if step == 0 else None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in: there are no runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def show(**settings: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The blob of the page's body, drawn by Streamlit."""
    app = AppTest.from_string("from shici.app.pages import training\ntraining.page()\n", default_timeout=60)
    app.session_state["shici_session"] = Session(SampleSettings(**settings))
    app.run()
    assert not app.exception
    head, body = (unpack(element.proto.bytes) for element in app.get("bidi_component"))
    assert head[0]["title"] == TITLE.zh
    assert "forms" not in head[0]  # no line is read here, no model loaded
    return body


def test_the_page_tells_what_the_files_say(here: Path) -> None:
    header, columns = show()
    assert (header["run"], header["trouble"]) == ("", {})
    history = read_history(PRETRAINED / HISTORY)
    told = header["history"]
    assert [one["step"] for one in told["records"]] == [one.step for one in history.records]
    for shown, record in zip(told["records"], history.records, strict=True):
        shares = record.shares
        assert shown["shares"] == [shares.punctuation, shares.length, shares.rhyme, shares.tone]
        assert shown["val_loss"] == record.val_loss
        for one, writing in zip(shown["writings"], record.writings, strict=True):
            assert (one["text"], one["ended"]) == (writing.text, writing.ended)
            assert [share for _, share, _ in one["following"]] == [share for _, share in writing.following]
            assert one["rest"] + sum(share for _, share, _ in one["following"]) == pytest.approx(1)
    rows = read_log(PRETRAINED / LOG)
    for name in runs.CURVES:
        expected = [float(row[name]) if row[name] else math.nan for row in rows]
        np.testing.assert_array_equal(columns[name], expected)
    assert header["curves"]["step"] == int(rows[-1]["iter"])


def test_the_shipped_history_is_of_the_shipped_recipe() -> None:
    history = read_history(PRETRAINED / HISTORY)
    config = json.loads((PRETRAINED / "config.json").read_text(encoding="utf-8"))
    last = history.records[-1]
    assert (last.step, last.tokens) == (config["shici"]["iter_num"], config["shici"]["tokens"])
    assert history.plan.prompts == PROMPTS
    same = ("n_layer", "n_embd", "block_size", "batch_size", "optimizer", "learning_rate", "seed")
    assert len({tuple(run.settings[name] for name in same) for run in history.runs}) == 1
    assert all(run.remark for run in history.runs)
    first = [one for one in history.records if one.step == 0]
    assert len(first) == 1
    for writing in first[0].writings:  # an untrained model prefers nothing
        assert writing.following[0][1] < 0.002
    learned = training.first_above(history.records)
    assert learned["punctuation"] is not None
    assert learned["rhyme"] is not None
    assert learned["punctuation"] < learned["rhyme"]


@pytest.mark.parametrize("document", PROMPTS)
def test_a_prompt_is_shown_as_the_model_reads_it(document: Document) -> None:
    characters = "".join((document.author, document.title, document.body))
    vocabulary = type(VOCABULARY).of_characters(
        "".join(VOCABULARY.tokens[VOCABULARY.control_count :]) + characters
    )
    expected = [
        training.shown(vocabulary.tokens[token], "zh") for token in encode_prompt(document, vocabulary)
    ]
    assert [place["text"] for place in training.places(document, "zh")] == expected


def test_runs_are_found_and_the_live_one_is_shown(here: Path) -> None:
    a_log(here / "out-old")
    a_log(here / "out-new")
    a_history(here / "out-new")
    (here / "out-empty").mkdir()
    (here / "out-link").symlink_to(PRETRAINED)
    hour = time.time() - 3600
    os.utime(here / "out-old" / LOG, (hour, hour))
    header, columns = show()
    assert [run["name"] for run in header["runs"]] == ["", "out-new", "out-old"]
    assert [run["live"] for run in header["runs"]] == [False, True, False]
    assert (header["run"], len(header["history"]["records"])) == ("out-new", 3)
    assert header["history"]["prompts"][1]["text"] == "白日依"
    assert list(columns["train_loss"][:2]) == pytest.approx([math.nan, 9 - 1 / 40], nan_ok=True)


def test_a_folder_may_be_given(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("elsewhere")
    a_log(folder)
    for given in (folder, folder / "ckpt.pt"):
        assert show(out_dir=str(given))[0]["run"] == str(folder)
    assert show(out_dir=str(here / "nowhere"))[0]["run"] == ""


def test_only_runs_of_the_list_can_be_chosen(here: Path) -> None:
    a_log(here / "out-a")
    session = Session(SampleSettings())
    for name in ("out-a", "", "..", "/etc", str(here), None, 3, ["out-a"]):
        training.act(session, {"run": name})
        assert training.chosen(session)[0] in ("out-a", "")
    training.act(session, {"run": ""})
    assert training.chosen(session) == ("", PRETRAINED)
    session.run = "out-gone"
    assert training.chosen(session)[0] == "out-a"


BROKEN = {
    "empty": b"", "foreign": b"a,b\n1,2\n", "binary": bytes(range(256)), "text": "不是表格".encode(),
    "damaged": (",".join(COLUMNS) + "\n0,,0,0,,9,9,,\nx,,,,,,,,\n10,,0,0,,8,8,,\n").encode(),
    "infinite": (",".join(COLUMNS) + "\n0,,0,0,inf,9,9,,\n10,,0,0,,8,8,,\n").encode(),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_log_is_said(here: Path, kind: str) -> None:
    a_log(here / "out-a")
    (here / "out-a" / LOG).write_bytes(BROKEN[kind])
    (here / "out-a" / HISTORY).write_bytes(BROKEN[kind])
    header, _ = show()
    assert header["run"] == "out-a"
    assert "读不懂" in header["trouble"]["history"]
    assert "读不懂" in header["trouble"]["curves"]
    with pytest.raises(TrainingError, match="not a log"):
        runs.read_curves(here / "out-a" / LOG)


def test_a_row_that_is_being_written_is_left_out(here: Path) -> None:
    a_log(here / "out-a", rows=12)
    path = here / "out-a" / LOG
    whole = path.read_bytes()
    complete = runs.read_curves(path)
    for cut in range(1, 20):
        path.write_bytes(whole[:-cut])
        assert runs.read_curves(path).rows in (complete.rows, complete.rows - 1)
    path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    assert show()[0]["curves"]["rows"] == 0


def test_a_run_without_log_or_history_is_told_how_to_begin(here: Path) -> None:
    a_history(here / "out-a")
    header, _ = show()
    assert "还没有开始训练" in header["trouble"]["curves"]
    assert [line["command"].split()[0] for line in header["commands"]] == ["python"] * 4
    (here / "out-a" / HISTORY).unlink()
    a_log(here / "out-a")
    assert "--history=False" in show()[0]["trouble"]["history"]


def test_a_long_log_is_averaged(here: Path) -> None:
    a_log(here / "out-a", rows=4000)
    curves = runs.read_curves(here / "out-a" / LOG)
    assert len(curves.columns["iter"]) <= runs.POINTS
    assert curves.rows == 4000
    assert curves.columns["iter"][0] == 1.0  # of steps 0, 1, 2
    assert curves.columns["train_loss"][0] == pytest.approx((9 - 1 / 40 + 9 - 2 / 40) / 2)
    assert curves.columns["val_loss"][0] == 9.0
    assert math.isnan(curves.columns["val_loss"][1])


def test_every_word_of_the_component_is_there_in_both_languages() -> None:
    used: set[str] = set()
    for path in sorted(FOLDER.glob("training*.js")):
        used |= set(re.findall(r"words\.(\w+)", path.read_text(encoding="utf-8")))
    computed = {"train_loss", "val_loss", "val_fields_loss", "lr", "tokens_per_second"}
    virtues = {"punctuation", "length", "rhyme", "tone"}
    assert used <= set(MESSAGES)
    python = {"shipped", "bare", "how_prepare", "how_try", "how_whole", "how_own"}
    assert set(MESSAGES) == used | computed | virtues | {f"{name}_is" for name in virtues} | python
    for text in (TITLE, ABOUT, *MESSAGES.values()):
        assert text.zh
        assert text.en
        assert set(re.findall(r"\{\w+\}", text.zh)) == set(re.findall(r"\{\w+\}", text.en))
    assert not re.search(r"^import ", bundle("training.js"), re.MULTILINE)


def test_the_facts_of_the_model_are_those_of_its_files(here: Path, root: Path) -> None:
    card = (PRETRAINED / "MODEL_CARD.md").read_text(encoding="utf-8")
    steps = json.loads((PRETRAINED / "config.json").read_text(encoding="utf-8"))["shici"]["iter_num"]
    recipe = int(
        re.findall(r"^max_iters = (\d+)", (root / "config/train_poetry.py").read_text(), re.MULTILINE)[0]
    )
    said = {line["command"]: line["text"] for line in show()[0]["commands"]}
    whole = said["python train.py config/train_poetry.py"]
    assert f"{recipe:,} 步" in whole
    assert f"{steps:,} 步" in whole
    app = AppTest.from_string(
        "from shici.app.pages import training\ntraining.page()\n", default_timeout=60
    ).run()
    (expander,) = app.expander
    shown = "\n".join(one.value for one in expander.markdown)
    assert all(line in card or line.startswith("##### ") or "MIT" in line for line in shown.splitlines())
    for fact in ("参数 parameters", "chinese-poetry", "测试 test", "256 字"):
        assert fact in shown
    assert "样诗" not in shown
