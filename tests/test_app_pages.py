"""The pages without a browser: what the components get is the model's and the sampler's, bit for bit.

Run: pytest tests/test_app_pages.py
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from shici.app import masthead, navigation
from shici.app.components import FOLDER, bundle
from shici.app.language import Text
from shici.app.pages import attention, writing
from shici.app.payload import pack, unpack
from shici.app.reading import next_of, uniform
from shici.app.state import Node, Session
from shici.app.writer import draw_one, ended, take, write_on
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.corpus.document import Document, encode_prompt
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems
from tests.sessions import blobs, opened, tree_of

SETTINGS = SampleSettings(start="床前明月光，", temperature=0.9, top_k=120, seed=7)


@pytest.fixture
def session(loaded: LoadedModel) -> Session:
    return opened(loaded, SETTINGS)[0]


def text_of(loaded: LoadedModel, session: Session) -> str:
    return loaded.vocabulary.decode(tree_of(session).tokens())


def show(page: str) -> Callable[[Any], AppTest]:
    """The page alone, in a session whose settings are changed first."""

    def run(**settings: object) -> AppTest:
        script = f"from shici.app.pages import {page}\n{page}.page()\n"
        app = AppTest.from_string(script, default_timeout=60)
        app.session_state["shici_session"] = Session(SampleSettings(**{"start": "床前明月光，", **settings}))
        return app.run()

    return run


# the blob


def test_a_blob_gives_back_what_was_packed() -> None:
    tensors = {
        "bytes": torch.arange(3, dtype=torch.uint8),
        "half": torch.tensor([0.1, -2.0], dtype=torch.bfloat16),
        "doubles": torch.tensor([[math.pi], [-math.inf]], dtype=torch.float64),
        "turned": torch.arange(6, dtype=torch.float32).reshape(2, 3).T,
        "none": torch.zeros(0, 4),
    }
    header, read = unpack(pack({"line": "<img onerror=…>\n床", "n": 1}, tensors))
    assert (header["line"], header["n"]) == ("<img onerror=…>\n床", 1)
    assert [listed["offset"] % 8 for listed in header["tensors"]] == [0] * 5
    for name, tensor in tensors.items():
        expected = tensor.float() if name == "half" else tensor
        assert torch.equal(torch.from_numpy(read[name].copy()), expected.contiguous())


# the modules


@pytest.mark.parametrize("name", ["attention.js", "masthead.js", "sampler.js", "writing.js"])
def test_a_bundle_is_one_module(name: str) -> None:
    text = bundle(name)
    assert not re.search(r"^import ", text, re.MULTILINE)
    exports = re.findall(r"^export (?:default )?function (\w*)", text, re.MULTILINE)
    assert exports == (["takeStep", "cut", "entropy"] if name == "sampler.js" else [""])
    constants = re.findall(r"^const (\w+_js) = ", text, re.MULTILINE)
    assert len(constants) == len(set(constants))


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_a_component_writes_no_html_and_asks_nobody(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\b|fetch\(|@import|url\(", text)
    assert set(re.findall(r"https?://[\w./]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert len(text.splitlines()) <= 300


# words


def tables() -> list[tuple[str, str, Text]]:
    modules = [
        masthead,
        *(import_module(f"shici.app.pages.{entry.module}") for entry in navigation.existing()),
    ]
    return [
        (module.__name__, name, text)
        for module in modules
        for name, text in getattr(module, "MESSAGES", {}).items()
    ]


def test_every_message_says_the_same_in_both_languages() -> None:
    assert len(tables()) > 60
    for module, name, text in tables():
        assert text.zh, (module, name)
        assert text.en, (module, name)
        assert set(re.findall(r"\{\w+\}", text.zh)) == set(re.findall(r"\{\w+\}", text.en)), (module, name)


@pytest.mark.parametrize("module", ["writing", "attention"])
def test_no_message_is_idle(module: str) -> None:
    texts = "".join(path.read_text() for path in FOLDER.glob("*.js"))
    for name in import_module(f"shici.app.pages.{module}").MESSAGES:
        assert re.search(rf"\b{name}\b", texts), name


def test_the_first_two_pages_are_there() -> None:
    assert [entry.module for entry in navigation.existing()][:2] == ["writing", "attention"]


# attention


def test_the_attention_page_sends_the_trace(loaded: LoadedModel) -> None:
    app = show("attention")()
    (head, _), (header, sent) = blobs(app)
    assert head["error"] == ""
    ids = encode_prompt(Document("床前明月光，"), loaded.vocabulary)
    trace = loaded.model(torch.tensor([ids]), return_details=True)[2]
    assert [token["text"] for token in header["tokens"]] == ["始", "正文", *"床前明月光，"]
    for number, layer in enumerate(trace.layers):
        for name in ("q", "k", "v", "scores", "weights", "heads"):
            assert np.array_equal(sent[name][number], getattr(layer, name)[0].detach().numpy()), name
        seen = layer.masked_scores[0].detach()
        causal = torch.ones(len(ids), len(ids), dtype=torch.bool).tril()
        assert torch.equal(seen, layer.scores[0].detach().masked_fill(~causal, -math.inf))
        assert np.array_equal(sent["thumbnails"][number], (layer.weights[0] * 255).round().byte().numpy())


def test_of_a_long_line_one_layer_is_sent(loaded: LoadedModel, session: Session) -> None:
    app = show("attention")(start="明月" * 300)
    (head, _), (header, sent) = blobs(app)
    assert "模型一次只看得到 256 个" in head["remarks"][0]
    assert header["sent"] == [0]
    assert header["window_start"] == 602 - 256
    assert sent["thumbnails"].shape == (6, 6, 256, 256)
    assert sent["q"].shape == (1, 6, 256, 64)
    app.session_state["shici_session"].layer = 4
    assert blobs(app.run())[1][0]["sent"] == [4]


def test_events_of_the_attention_page(loaded: LoadedModel, session: Session) -> None:
    poem = tree_of(session)
    attention.act(loaded, session, poem, {"write": 5})
    assert len(poem.path()) == 5
    header, tensors = unpack(attention.packed(loaded, session, poem))
    assert [token["written"] for token in header["tokens"]][-6:] == [False] + [True] * 5
    assert tensors["q"].shape == (6, 6, 13, 64)
    attention.act(loaded, session, poem, {"back": True})
    assert poem.path() == []
    attention.act(loaded, session, poem, {"layer": 99})
    assert session.layer == 5


# step by step


def test_the_writing_page_sends_the_samplers_stages(loaded: LoadedModel) -> None:
    app = show("writing")(temperature=0.7, top_k=50, top_p=0.9, seed=3)
    header, sent = blobs(app)[1]
    ids = encode_prompt(Document("床前明月光，"), loaded.vocabulary)
    logits = loaded.model(torch.tensor([ids]), return_details=True)[2].logits[0, -1]
    assert np.array_equal(sent["logits"], logits.numpy())
    scaled = (logits / 0.7).double().masked_fill(torch.from_numpy(sent["allowed"] == 0), -math.inf)
    torch.testing.assert_close(torch.from_numpy(sent["probabilities"].copy()), torch.softmax(scaled, 0))
    assert 0 < (sent["kept"] > 0).sum() <= 50
    assert sent["kept"].sum() == pytest.approx(1)
    assert header["throw"] == uniform(3, 0, 0) == np.random.default_rng((3, 0)).random()
    assert (
        sent["kept"][: header["drawn"]].sum() <= header["throw"] < sent["kept"][: header["drawn"] + 1].sum()
    )
    names = header["names"].split("\t")
    assert len(names) == len(logits)
    assert names[loaded.vocabulary.ids["月"]] == "月"
    assert header["forbidden_mass"] == pytest.approx(
        float(torch.softmax(logits, 0)[torch.from_numpy(sent["allowed"] == 0)].sum()), rel=1e-5
    )


def test_step_by_step_or_at_once_the_poem_is_the_one_that_sample_writes(loaded: LoadedModel) -> None:
    settings = SampleSettings(start="白日依山尽，", seed=11, num_samples=3, max_new_tokens=24, device="cpu")
    prompt = build_prompt(settings, loaded.vocabulary, loaded.model.config.block_size)
    texts = [prompt.document.body] * 3
    for event in poems(loaded, prompt, settings):
        for number, token in zip(event.numbers, event.step.drawn.tolist(), strict=True):
            texts[number] += loaded.vocabulary.decode([token])
    for number in (0, 2):
        single, whole = Session(settings, number=number), Session(settings, number=number)
        write_on(loaded, whole, whole.write_after(prompt), 24)
        for _ in range(24):
            draw_one(loaded, single, single.write_after(prompt))
        assert text_of(loaded, single) == text_of(loaded, whole) == texts[number]


def test_a_taken_character_begins_a_branch(loaded: LoadedModel, session: Session) -> None:
    poem, ids = tree_of(session), loaded.vocabulary.ids
    writing.act(loaded, session, poem, {"draw": True})
    writing.act(loaded, session, poem, {"draw": True})
    writing.act(loaded, session, poem, {"undo": True})
    writing.act(loaded, session, poem, {"take": ids["山"]})
    writing.act(loaded, session, poem, {"take": ids["<bos>"]})  # not allowed: nothing happens
    assert text_of(loaded, session).endswith("山")
    assert [(node.parent, node.taken) for node in poem.nodes] == [(None, False), (0, False), (0, True)]
    assert poem.nodes[2].rank > 1
    writing.act(loaded, session, poem, {"goto": 0})
    writing.act(loaded, session, poem, {"take": ids["山"]})  # the same branch again
    assert len(poem.nodes) == 3
    assert poem.path() == [0, 2]
    writing.act(loaded, session, poem, {"goto": 77})
    assert poem.path() == [0, 2]
    writing.act(loaded, session, poem, {"goto": None})
    assert poem.path() == []
    writing.act(loaded, session, poem, {"clear": True})
    assert poem.nodes == []


def test_a_finished_poem_is_not_gone_on_with(loaded: LoadedModel, session: Session) -> None:
    poem = tree_of(session)
    poem.add(Node(loaded.vocabulary.eos, None, 1, 1.0, False))
    assert ended(loaded, poem)
    for go_on in (draw_one, lambda *all_: write_on(*all_, 3), lambda *all_: take(*all_, 300)):
        go_on(loaded, session, poem)
    assert len(poem.nodes) == 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"temperature": 1.25, "top_k": 3, "top_p": 0.5, "seed": 9}, (1.25, 3, 0.5, 9)),
        ({"temperature": -1, "top_k": -4, "top_p": 7, "seed": 2**40}, (0.0, 0, 1.0, 2**32 - 1)),
        ({"temperature": "hot", "top_k": None, "top_p": math.nan, "seed": [1]}, (0.9, 120, 1.0, 7)),
        ({"temperature": 1e-9}, (0.0, 120, 1.0, 7)),
    ],
)
def test_settings_stay_within_their_limits(
    session: Session, sent: dict[str, Any], kept: tuple[float, ...]
) -> None:
    writing.adopt(session, sent)
    settings = session.settings
    assert (settings.temperature, settings.top_k, settings.top_p, settings.seed) == kept


def test_other_dice_write_the_next_poem_of_the_seed(loaded: LoadedModel, session: Session) -> None:
    writing.act(loaded, session, tree_of(session), {"again": True})
    assert session.number == 1
    header, _ = unpack(writing.packed(loaded, session, tree_of(session)))
    assert header["throw"] == uniform(7, 1, 0)


def test_what_comes_next_is_not_changed_by_who_looks(loaded: LoadedModel, session: Session) -> None:
    prompt = tree_of(session).prompt.ids
    before = next_of(loaded, prompt, ()).logits.clone()
    unpack(writing.packed(loaded, session, tree_of(session)))
    assert torch.equal(next_of(loaded, prompt, ()).logits, before)


def test_the_poem_is_sent_as_text(loaded: LoadedModel, session: Session) -> None:
    header, _ = unpack(writing.packed(loaded, session, tree_of(session)))
    assert header["text"] == "床前明月光，"
    session.set(author="李白", title="静夜思")
    tree = masthead.read_line(loaded, session)
    for token in (loaded.vocabulary.ids["疑"], loaded.vocabulary.eos):
        tree.add(Node(token, tree.current, 1, 1.0, False))
    header, _ = unpack(writing.packed(loaded, session, tree))
    assert header["text"] == "《静夜思》　李白\n床前明月光，疑"


# what is typed


@pytest.mark.parametrize("page", ["writing", "attention"])
@pytest.mark.parametrize("typed", ["🐉", "hello", "<img src=x onerror=alert(1)>", "\ud800", "床前 明月"])
def test_what_the_model_does_not_know_is_answered(page: str, typed: str) -> None:
    (head, _), *rest = blobs(show(page)(start=typed))
    assert re.search("不认识|残缺", head["error"])
    assert rest == []


def test_an_empty_line_that_still_stands_is_said_as_such() -> None:
    app = show("writing")(start="")
    masthead.act(app.session_state["shici_session"], {"line": "hello"})
    assert blobs(app.run())[0][0]["error"].endswith("下面仍没有开头。")


@pytest.mark.parametrize("page", ["writing", "attention", "walk", "interpret", "tutorial"])
def test_the_last_picture_stays_below_a_line_that_cannot_be_read(page: str) -> None:
    app = show(page)()
    session = app.session_state["shici_session"]
    before = blobs(app)[1][0]
    masthead.act(session, {"line": "hello 😀", "author": "李白"})
    (head, _), (header, _) = blobs(app.run())
    assert head["error"].startswith("模型不认识“h”“e”“l”“o”“ ”“😀”。")
    assert head["error"].endswith("下面仍是上一句：床前明月光，")
    assert (head["line"], head["author"], head["wrong"]) == ("hello 😀", "李白", "line")
    assert header["tokens"] == before["tokens"]
    session.language = "en"
    assert blobs(app.run())[0][0]["error"].endswith("Below is still the last line: 床前明月光，")
    session.language = "zh"
    masthead.act(session, {"line": "床前明月光，", "name": "☃"})
    assert blobs(app.run())[0][0]["wrong"] == "name"
    masthead.act(session, {"line": "空山", "name": ""})
    (head, _), (header, _) = blobs(app.run())
    assert (head["error"], head["wrong"], head["line"]) == ("", "", "空山")
    assert "".join(token["text"] for token in header["tokens"]).endswith("空山")


def test_one_writes_on_below_a_line_that_cannot_be_read(loaded: LoadedModel, session: Session) -> None:
    tree = masthead.read_line(loaded, session)
    masthead.act(session, {"line": "hello"})
    assert masthead.read_line(loaded, session) is tree
    writing.act(loaded, session, masthead.read_line(loaded, session), {"draw": True, "settings": {"seed": 3}})
    assert len(tree.nodes) == 1
    assert (session.settings.start, session.settings.seed) == ("床前明月光，", 3)
    assert session.unread is not None


@pytest.mark.parametrize("page", ["writing", "attention"])
@pytest.mark.parametrize(
    ("typed", "said"),
    [("", ""), ("牀前看月光", "牀→床"), ("明月" * 1500, "共 3002 个词元")],
)
def test_what_can_be_read_is_read(page: str, typed: str, said: str) -> None:
    (head, _), (header, _) = blobs(show(page)(start=typed))
    assert head["error"] == ""
    assert said in "".join(head["remarks"])
    assert header["tokens"]


def test_a_page_reads_no_file_of_the_machine(session: Session) -> None:
    for typed in ("FILE:/etc/hostname", "FILE:FILE:/etc/hostname"):
        masthead.act(session, {"line": typed})
        assert session.settings.start == "/etc/hostname"


def test_the_head_takes_line_fields_and_language(session: Session) -> None:
    masthead.act(session, {"line": "空山", "form": "五绝", "author": "王维", "name": "鹿柴"})
    settings = session.settings
    assert (settings.start, settings.form, settings.author, settings.title) == (
        "空山",
        "五绝",
        "王维",
        "鹿柴",
    )
    masthead.act(session, {"language": "en"})
    assert session.language == "en"
    assert session.settings == settings


def test_what_was_made_of_the_line_is_said_in_the_readers_language() -> None:
    app = show("writing")(start="牀前看月光")
    assert blobs(app)[0][0]["remarks"] == ["开头已换成模型的写法：牀→床"]
    app.session_state["shici_session"].language = "en"
    assert blobs(app.run())[0][0]["remarks"] == ["The opening was put into the model's spelling: 牀→床"]


# the door


def test_the_whole_script_runs_in_both_languages(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["GPT_show.py", "--start=空山"])
    app = AppTest.from_file(str(root / "GPT_show.py"), default_timeout=60).run()
    assert blobs(app)[0][0]["title"] == "逐字生成"
    assert blobs(app)[0][0]["line"] == "空山"
    app.session_state["shici_session"].language = "en"
    assert blobs(app.run())[0][0]["title"] == "Step by step"


def test_a_mistyped_option_is_answered(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["GPT_show.py", "--outdir=x"])
    app = AppTest.from_file(str(root / "GPT_show.py"), default_timeout=60).run()
    assert not app.exception
    assert "out_dir" in app.error[0].value


def test_a_missing_model_is_answered(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["GPT_show.py", f"--out_dir={tmp_path / 'none'}"])
    app = AppTest.from_file(str(root / "GPT_show.py"), default_timeout=60).run()
    assert str(tmp_path) in blobs(app)[0][0]["error"]


def test_without_streamlit_run_the_door_says_how(root: Path) -> None:
    done = subprocess.run([sys.executable, root / "GPT_show.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "streamlit run GPT_show.py" in done.stderr
