"""The page 全过程 without a browser: what it sends is the trace's, the weights' and the sampler's, bit for bit.

Run: pytest tests/test_app_walk.py
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from shici.app.components import FOLDER, bundle
from shici.app.pages import walk
from shici.app.pages.walk import View
from shici.app.payload import compact, unpack
from shici.app.reading import next_of, trace_of
from shici.app.state import Session
from shici.app.writer import coming
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.prompts import build_prompt
from shici.model.gpt import GPT, GPTConfig
from shici.model.trace import LayerTrace
from tests.sessions import blobs, opened, tree_of

LINE = "床前明月光，"
SETTINGS = SampleSettings(start=LINE, seed=7)


@pytest.fixture
def session(loaded: LoadedModel) -> Session:
    return opened(loaded, SETTINGS)[0]


def sent_to(
    loaded: LoadedModel, session: Session, view: View
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    return unpack(walk.packed(loaded, session, tree_of(session), view))


def weights_to(loaded: LoadedModel, view: View) -> tuple[list[str], dict[str, np.ndarray]]:
    """The blocks whose weights the browser lacks, and these."""
    header, sent = unpack(walk.packed_weights(loaded.model, view))
    return header["blocks"], sent


def same(sent: np.ndarray, own: torch.Tensor) -> bool:
    """Bit for bit, whether it came as float32 or as the bits of float16."""
    values = sent.view(np.float16).astype(np.float32) if sent.dtype == np.uint16 else sent
    return bool(np.array_equal(values, own.detach().numpy()))


def test_the_page_sends_the_stream_and_the_samplers_stages(loaded: LoadedModel) -> None:
    app = AppTest.from_string("from shici.app.pages import walk\nwalk.page()\n", default_timeout=60)
    app.session_state["shici_session"] = Session(SETTINGS)
    head, body = blobs(app.run())
    assert not app.exception
    assert head[0]["error"] == ""
    header, sent = body
    assert [token["text"] for token in header["tokens"]] == ["始", "正文", *LINE]
    trace = trace_of(loaded, header["ids"])
    assert same(sent["token_embedding"], trace.token_embedding[0])
    assert same(sent["position_embedding"], trace.position_embedding)
    assert same(sent["stream"][0], trace.embedding[0])
    for number, layer in enumerate(trace.layers):
        assert same(sent["stream"][number], layer.residual_in[0])
        assert same(sent["stream"][number + 1], layer.residual_out[0])
        assert same(sent["thumbnails"][number], (layer.weights[0] * 255).round().byte())
    assert same(sent["ln_f"], trace.ln_f[0])
    assert same(sent["logits"], trace.logits[:, -1])
    assert same(sent["top_rows"], loaded.model.lm_head.weight[header["top"]])
    assert header["drawn"] in header["top"]
    assert sent["kept"].sum() == pytest.approx(1)
    assert len(header["names"].split("\t")) == sent["kept"].size


@pytest.mark.parametrize("number", [0, 4])
def test_an_unfolded_layer_comes_whole(loaded: LoadedModel, session: Session, number: int) -> None:
    header, sent = sent_to(loaded, session, View(open=frozenset({str(number)})))
    assert header["open"] == [str(number)]
    layer: LayerTrace = trace_of(loaded, header["ids"]).layers[number]
    for name in walk.INSIDE:
        assert same(sent[f"{number}.{name}"], getattr(layer, name)[0]), name
    block = loaded.model.transformer.h[number]
    weights = {
        "w_attn": block.attn.c_attn.weight, "w_o": block.attn.c_proj.weight, "w_fc": block.mlp.c_fc.weight,
        "w_down": block.mlp.c_proj.weight, "g_1": block.ln_1.weight[None], "g_2": block.ln_2.weight[None],
    }  # fmt: skip
    blocks, sent = weights_to(loaded, View(open=frozenset({str(number)})))
    assert blocks == [str(number)]
    for name, own in weights.items():
        assert same(sent[f"{number}.{name}"], own), name
    assert sent[f"{number}.w_attn"].dtype == np.uint16


def test_every_number_that_follows_from_another_is_sent_with_it(
    loaded: LoadedModel, session: Session
) -> None:
    """The page's table names its sources; with what was sent each layer's parts follow from each other."""
    view = View(open=frozenset({"2"}))
    sent = sent_to(loaded, session, view)[1] | weights_to(loaded, view)[1]
    value = {name: torch.from_numpy(array.copy()) for name, array in sent.items() if array.dtype != np.uint16}
    weight = {
        name: torch.from_numpy(array.view(np.float16).astype(np.float32))
        for name, array in sent.items()
        if array.dtype == np.uint16
    }
    heads = value["2.weights"] @ value["2.v"]
    joined = heads.transpose(0, 1).reshape(len(value["stream"][0]), -1)
    attention = joined @ weight["2.w_o"].T
    middle = value["stream"][2] + attention
    normed = torch.nn.functional.layer_norm(middle, middle.shape[-1:], value["2.g_2"][0], eps=walk.EPSILON)
    activated = torch.nn.functional.gelu(normed @ weight["2.w_fc"].T)
    out = middle + activated @ weight["2.w_down"].T
    torch.testing.assert_close(out, value["stream"][3], atol=1e-4, rtol=1e-4)


def test_weights_are_sent_once_and_behind_the_drawing(loaded: LoadedModel) -> None:
    app = AppTest.from_string("from shici.app.pages import walk\nwalk.page()\n", default_timeout=60)
    app.session_state["shici_session"] = Session(SETTINGS)
    app.run()
    event = {"open": ["1"], "have": [], "asked": 1}
    app.session_state[walk.KEY] = view = View(open=frozenset({"1"}))
    _, (header, sent), (carried, weights) = blobs(app.run())
    assert carried == {"model": header["model"], "blocks": ["1"], "tensors": carried["tensors"]}
    assert "1.q" in sent
    assert "1.w_fc" in weights
    session = app.session_state["shici_session"]
    walk.act(loaded, session, tree_of(session), view, {**event, "have": ["1", "0"], "asked": 2, "draw": True})
    _, (header, sent) = blobs(app.run())
    assert (header["asked"], len(header["tokens"])) == (2, len(LINE) + 3)
    assert "1.q" in sent


def test_the_output_table_comes_when_it_is_unfolded(loaded: LoadedModel, session: Session) -> None:
    blocks, weights = weights_to(loaded, View(open=frozenset({"output", "0"}), have=frozenset({"0"})))
    assert blocks == ["output"]
    assert list(weights) == ["output.wte"]
    assert same(weights["output.wte"], loaded.model.transformer.wte.weight)
    header, sent = sent_to(loaded, session, View())
    assert same(sent["token_embedding"], loaded.model.transformer.wte.weight[torch.tensor(header["ids"])])


def test_events_draw_by_the_dice_and_go_back(loaded: LoadedModel, session: Session) -> None:
    poem, view = tree_of(session), View()
    stages, throw = coming(loaded, session, poem)
    drawn = int(stages.drawn[0])
    header, _ = sent_to(loaded, session, view)
    assert (header["drawn"], header["throw"]) == (drawn, throw)
    allowed = next_of(loaded, poem.prompt.ids, ()).logits[0].where(stages.masked[0].isfinite(), -torch.inf)
    assert header["rank"] == 1 + int((allowed > allowed[drawn]).sum())
    walk.act(loaded, session, poem, view, {"open": [], "have": [], "asked": 1, "draw": True})
    assert poem.written() == (drawn,)
    assert sent_to(loaded, session, view)[0]["tokens"][-1]["written"]
    walk.act(loaded, session, poem, view, {"open": [], "have": [], "asked": 2, "draw": True})
    walk.act(loaded, session, poem, view, {"open": [], "have": [], "asked": 3, "undo": True})
    assert poem.written() == (drawn,)
    walk.act(loaded, session, poem, view, {"open": [], "have": [], "asked": 4, "back": True})
    assert poem.written() == ()


@pytest.mark.parametrize("event", [{}, {"open": ["99", "../x", 3, None], "have": ["-1", "output"]}])
def test_only_blocks_of_the_model_are_unfolded(
    loaded: LoadedModel, session: Session, event: dict[str, Any]
) -> None:
    view = View()
    walk.act(loaded, session, tree_of(session), view, event)
    assert view.open <= {"3"}
    assert view.have <= {"output"}
    assert sent_to(loaded, session, view)[0]["asked"] == 0


def test_a_line_longer_than_the_window_is_seen_in_part(loaded: LoadedModel) -> None:
    settings = SampleSettings(start="明月" * 300)
    session = Session(settings)
    session.write_after(build_prompt(settings, loaded.vocabulary, loaded.model.config.block_size))
    header, sent = sent_to(loaded, session, View(open=frozenset({"0"}), have=frozenset({"0"})))
    assert header["window_start"] == 602 - 256
    assert sent["0.mlp_hidden"].shape == (256, 1536)


def test_biases_are_sent_where_the_model_has_them() -> None:
    model = GPT(GPTConfig(8, 20, n_layer=1, n_head=2, n_embd=8, bias=True))
    sent = walk.weights_of(model, "0")
    biases = {name for name in sent if name.startswith("b_")}
    assert biases == {"b_attn", "b_o", "b_fc", "b_down", "b_1", "b_2"}
    assert sent["b_fc"].shape == (1, 32)
    assert sent["w_fc"].dtype == np.float32  # float16 would not hold these weights


def test_weights_lose_nothing_on_the_way() -> None:
    exact = torch.tensor([[0.5, -1.25], [65504.0, 2**-24]])
    assert same(compact(exact), exact)
    assert compact(exact).dtype == np.uint16
    fine = exact + 1e-5
    assert compact(fine).dtype == np.float32
    assert same(compact(fine), fine)
    assert same(compact(exact.bfloat16()), exact.bfloat16().float())


def test_a_bundle_is_one_module() -> None:
    for name in ("walk.js", "walk_weights.js"):
        text = bundle(name)
        assert not re.search(r"^import ", text, re.MULTILINE)
        assert re.findall(r"^export (?:default )?function (\w*)", text, re.MULTILINE) == [""]


def test_every_source_of_the_table_is_a_tensor_that_comes() -> None:
    """Each name in `from` is a line of the table, a place in the stream, or a gain or a weight that is sent."""
    text = (FOLDER / "walk_table.js").read_text()
    table = text[text.index("export const TENSORS") : text.index("const LETTERS")]
    lines = set(re.findall(r"^  (\w+): \{", table, re.MULTILINE))
    sources = set(re.findall(r'\["(\w+)", "', table))
    gains = {"g_1", "g_2", "g_f"}
    biases = {"b_1", "b_2", "b_f", "b_q", "b_k", "b_v", "b_o", "b_fc", "b_down"}
    stream = {"before", "residual_in", "residual_last"}
    assert sources <= lines | gains | biases | stream
    rules = set(re.findall(r'rule: "(\w+)"', table))
    found = (FOLDER / "walk_rules.js").read_text()
    for rule in rules:
        assert re.search(rf"^  {rule}[,(]", found, re.MULTILINE), rule
