"""The whole command on a tiny model and a miniature of data. Run: pytest tests/test_evaluation_report.py"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from shici.checkpoint import LAST, load_model, model_arguments, save_checkpoint, weights_hash
from shici.corpus.document import Document, encode_document
from shici.errors import CheckpointError, ConfigError, CorpusError, ShiciError
from shici.evaluation import model
from shici.evaluation.card import PARTS, read_report, section
from shici.evaluation.main import choose, main
from shici.evaluation.model import plain
from shici.evaluation.table import columns
from shici.model.gpt import GPT, GPTConfig
from shici.vocabulary import Vocabulary
from tests.tiny import COUPLETS, tiny_dataset, tiny_documents

QUATRAINS = [
    Document(
        "\n".join(COUPLETS[k : k + 2]),
        form="五绝",
        dynasty="唐",
        author=("李白", "王维")[k // 2 % 2],
        title="山光",
    )
    for k in (0, 2, 4, 6, 8, 12)
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Training poems and a test split of quatrains, some of which the training text holds."""
    folder = tmp_path_factory.mktemp("evaluated") / "data"
    vocabulary = tiny_dataset(folder, [*tiny_documents(24), *QUATRAINS])
    ids = [index for document in QUATRAINS for index in encode_document(document, vocabulary)]
    np.array(ids, np.uint16).tofile(folder / "test.bin")
    return folder


def checkpoint(folder: Path, vocabulary: Vocabulary) -> Path:
    torch.manual_seed(0)
    tiny = GPT(GPTConfig(64, len(vocabulary), n_layer=1, n_head=2, n_embd=16))
    save_checkpoint(
        folder / LAST,
        {
            "model": tiny.state_dict(),
            "model_args": model_arguments(tiny.config),
            "iter_num": 3,
            "vocabulary": list(vocabulary.tokens),
        },
    )
    return folder


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from shici.evaluation.poems import read_vocabulary

    return checkpoint(tmp_path_factory.mktemp("out-tiny"), read_vocabulary(data))


def evaluate(trained: Path, data: Path, out: Path, *words: str) -> dict[str, Any]:
    assert main([f"--model={trained}", f"--data={data}", f"--out={out}", "--samples=2", *words]) == 0
    report: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return report


@pytest.fixture(scope="module")
def out(trained: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shici.evaluation.fields.TITLES", 2)
        folder = tmp_path_factory.mktemp("report")
        evaluate(trained, data, folder)
        evaluate(trained, data, folder / "again")
    return folder


def test_the_report_has_all_parts(out: Path) -> None:
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    parts = ("model", "data", "settings", "loss", "samples", "authors", "titles", "fields", "calibration")
    assert set(report) == set(parts)
    assert report["model"]["iterations"] == 3
    assert report["data"]["poems"] == report["loss"]["poems"] == len(QUATRAINS)
    assert report["loss"]["by_form"]["五绝"]["poems"] == len(QUATRAINS)
    assert report["loss"]["by_collection"] == {}  # of a text of one's own
    assert report["samples"]["五绝"]["human"]["shape"]["value"] == 1
    assert report["samples"]["五绝"]["human"]["copied_lines"]["value"] == 1  # the test poems were trained on
    assert set(report["fields"]) == {"form", "dynasty", "author", "title"}
    assert report["authors"]["human"]["poems"] == len(QUATRAINS)


def test_the_same_seed_gives_the_same_report(out: Path) -> None:
    for name in ("report.json", "report.txt"):
        assert (out / name).read_bytes() == (out / "again" / name).read_bytes()


def test_the_pictures_are_pictures(out: Path) -> None:
    for name in ("reliability.png", "loss_by_place.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_the_table_says_what_the_json_says(out: Path) -> None:
    text = (out / "report.txt").read_text(encoding="utf-8")
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    for shown in (
        f"{report['loss']['all']['bare']['nats']:.3f}",
        f"{report['loss']['all']['fields']['bits']:.3f}",
        f"{report['fields']['title']['saved']['nats']:.4f}",
        f"{report['calibration']['ideographs']['ece']:.4f}",
    ):
        assert shown in text
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_parts_can_be_chosen_and_the_table_is_printed(
    trained: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = evaluate(trained, data, tmp_path, "--parts=loss", "--limit=2")
    assert set(report) == {"model", "data", "settings", "loss"}
    assert report["loss"]["poems"] == 2
    assert capsys.readouterr().out == (tmp_path / "report.txt").read_text(encoding="utf-8")


def test_a_ccpc_file_alone(trained: Path, data: Path, tmp_path: Path) -> None:
    path = tmp_path / "ccpc.json"
    path.write_text('{"content": "床前明月光|疑是地上霜|举头望明月|低头思故乡", "author": "李白"}\n')
    report = evaluate(trained, data, tmp_path / "out", "--parts=", f"--ccpc={path}")
    assert report["ccpc"]["poems"] == 1
    assert f"| 全部 all | {report['ccpc']['all']['bare']['nats']:.3f} — |" in section(report)
    assert report["ccpc"]["ideographs"]["bare"]["characters"] == 20
    assert "THU-CCPC" in (tmp_path / "out" / "report.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("stream", ["blocks", "lines"])
def test_a_stream_checkpoint_is_scored_on_the_same_poems(data: Path, tmp_path: Path, stream: str) -> None:
    characters = sorted({c for document in tiny_documents(48) for c in document.body} - {"月"})
    folder = checkpoint(tmp_path / "out-stream", Vocabulary(characters))
    report = evaluate(folder, data, tmp_path / "report", f"--stream={stream}")
    assert set(report["samples"]) == {"不限"}
    assert "fields" not in report
    assert ("fields" in report["loss"]["all"]) == (stream == "blocks")
    moons = sum(document.body.count("月") for document in QUATRAINS)
    assert report["loss"]["unknown"]["characters"] == moons > 0
    assert report["loss"]["all"]["bare"]["characters"] == sum(len(d.body) + 1 for d in QUATRAINS)


def test_missing_things_are_named(trained: Path, data: Path, tmp_path: Path) -> None:
    for words, error in (
        ((f"--model={tmp_path / 'none'}", f"--data={data}"), CheckpointError),
        ((f"--model={trained}", f"--data={tmp_path}"), CorpusError),
        ((f"--model={trained}", f"--data={data}", "--parts="), ConfigError),
        ((f"--model={trained}", f"--data={data}", f"--out={data / 'test.bin'}"), ConfigError),
        ((f"--model={trained}", "--parts=los"), ConfigError),
        (("prosodi",), ConfigError),
    ):
        with pytest.raises(error):
            main(list(words))


def test_a_report_that_cannot_be_written_is_printed_all_the_same(
    trained: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.json").mkdir()
    with pytest.raises(ConfigError, match="--out"):
        evaluate(trained, data, tmp_path, "--parts=loss")
    assert "损失" in capsys.readouterr().out


def test_samples_without_training_text_are_refused_before_anything_is_scored(
    trained: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(data, tmp_path / "data")
    (tmp_path / "data" / "train.bin").unlink()
    monkeypatch.setattr(model, "score", lambda *rest, **more: pytest.fail("scored"))
    with pytest.raises(ShiciError, match=r"train\.bin"):
        main([f"--model={trained}", f"--data={tmp_path / 'data'}", f"--out={tmp_path / 'out'}"])


def test_the_first_bare_word_chooses_the_report(tmp_path: Path) -> None:
    assert choose([]) == ("model", [])
    assert choose(["--split=val"]) == ("model", ["--split=val"])
    assert choose(["model", "--split=val"]) == ("model", ["--split=val"])
    assert choose(["mine.py", "--split=val"]) == ("model", ["mine.py", "--split=val"])


def test_the_card_has_the_summary_of_its_own_model(out: Path, trained: Path) -> None:
    weights = weights_hash(load_model(trained).model)
    text = section(read_report(out / "report.json", weights))
    assert text.startswith("## 评测 Evaluation\n")
    assert text.endswith("\n\n")
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert f"{report['loss']['all']['bare']['nats']:.3f}" in text
    assert "| 五绝 | 人 human |" in text
    assert "--limit" not in text
    assert "--limit=3`" in section({**report, "settings": {**report["settings"], "limit": 3}})
    assert PARTS.keys() - {"ccpc"} == report.keys() - {"model", "data", "settings"}, "no part is left out"
    with pytest.raises(CheckpointError, match="another model"):
        read_report(out / "report.json", "0" * 64)
    with pytest.raises(CheckpointError, match="report"):
        read_report(out / "missing.json", weights)


def test_what_is_no_number_is_null() -> None:
    assert plain({"a": [float("nan"), 1.23456789, 3], "b": "x"}) == {"a": [None, 1.234568, 3], "b": "x"}


def test_columns_stand_under_each_other() -> None:
    assert columns([("", "首"), ("七绝", "1,234")]) == ["         首", "七绝  1,234"]
