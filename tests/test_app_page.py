"""The page: numbers on it are the model's, and nothing typed shows a traceback. Run: pytest tests/test_app_page.py"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pytest
import torch
from streamlit.testing.v1 import AppTest

from shici.checkpoint import PRETRAINED, load_model
from shici.corpus.document import Document, encode_prompt


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.fixture
def app(root: Path) -> AppTest:
    return AppTest.from_file(str(root / "GPT_show.py"), default_timeout=60).run()


def test_the_candidates_are_the_models(app: AppTest) -> None:
    assert not app.exception
    loaded = load_model(PRETRAINED)
    ids = encode_prompt(Document("床前明月光，"), loaded.vocabulary)
    logits = loaded.model(torch.tensor([ids]))[0][0, -1]
    table = app.dataframe[0].value
    for character, logit, scaled in zip(table["字"], table["logit"], table["÷温度"], strict=True):
        token = loaded.vocabulary.ids["\n" if character == "⏎" else character]
        assert logit == pytest.approx(float(logits[token]), abs=1e-3)
        assert scaled == pytest.approx(float(logits[token]) / 0.8, abs=1e-3)
    # whatever the mask leaves out, shares of two candidates differ by their logits alone
    shares = torch.tensor(table["裁剪前"].to_numpy(copy=True))
    scaled = torch.tensor(table["÷温度"].to_numpy(copy=True))
    torch.testing.assert_close((shares / shares[0]).log(), scaled - scaled[0], atol=1e-4, rtol=1e-4)
    assert 0 < shares.sum() < 1
    assert list(table["名次"]) == sorted(table["名次"])
    assert list(table[""]).count("▸") == 1


def test_attention_and_qkv_are_the_traces(app: AppTest) -> None:
    app.select_slider(key="layer").set_value(3).run()
    app.select_slider(key="head").set_value(2).run()
    loaded = load_model(PRETRAINED)
    ids = encode_prompt(Document("床前明月光，"), loaded.vocabulary)
    layer = loaded.model(torch.tensor([ids]), return_details=True)[2].layers[2]
    for table, matrix in zip(app.dataframe[1:4], (layer.q, layer.k, layer.v), strict=True):
        shown = torch.tensor(table.value.iloc[:, 1:].to_numpy(copy=True), dtype=torch.float32)
        torch.testing.assert_close(shown, matrix[0, 1], atol=1e-3, rtol=1e-3)
    cells = pyarrow.ipc.open_stream(app.get("vega_lite_chart")[0].proto.data.data).read_all()
    drawn = cells.column("权重").to_pylist()
    rows, columns = torch.tril_indices(len(ids), len(ids))
    torch.testing.assert_close(torch.tensor(drawn), layer.weights[0, 1, rows, columns], atol=1e-4, rtol=1e-3)


def test_poems_go_on_from_the_line(app: AppTest) -> None:
    app.button(key="write").click().run()
    assert not app.exception
    assert len(app.text) == 3
    assert all(text.value.startswith("床前明月光，") for text in app.text)
    assert len({text.value for text in app.text}) == 3


@pytest.mark.parametrize("typed", ["🐉", "hello", "<img onerror=alert(1)>", "FILE:/etc/hostname"])
def test_what_the_model_does_not_know_is_answered(app: AppTest, typed: str) -> None:
    app.text_input(key="start").set_value(typed).run()
    assert not app.exception
    assert "不认识" in app.error[0].value


@pytest.mark.parametrize("typed", ["", "牀前看月光", "明月" * 1500])
def test_what_can_be_read_is_read(app: AppTest, typed: str) -> None:
    app.text_input(key="start").set_value(typed).run()
    assert not app.exception
    assert not app.error
    assert bool(app.info) == bool(typed)  # converted, or longer than the block


def test_without_streamlit_run_the_door_says_how(root: Path) -> None:
    done = subprocess.run([sys.executable, root / "GPT_show.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "streamlit run GPT_show.py" in done.stderr
