"""全过程: one forward pass of the model as one drawing that can be entered, from the characters to the drawn one.

What is sent. Always: the embeddings, the residual stream after each layer, all heads' weights as bytes, the final
norm, and the sampler's stages, each as the model has them. Of an unfolded layer besides: all tensors of its trace
and, once for each browser, its weights; the browser says with every event which weights it holds. Pointing at a
cell, formulas and head switches then ask nobody. For the shipped model: 8 tokens 0.4 MB, an unfolded layer 0.2 MB
more and its weights 3.5 MB once; 30 tokens 0.8 and 0.8 MB; 256 tokens 6.6 and 9.8 MB. The output table, 6.7 MB,
comes when it is unfolded. Weights travel as float16 where that holds each of them exactly, as it does here.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
import torch
from torch import Tensor

from shici.app.components import component, mount
from shici.app.language import Text, in_language
from shici.app.masthead import show
from shici.app.pages.walk_words import MESSAGES as MESSAGES
from shici.app.pages.writing import names
from shici.app.payload import Array, as_array, compact, pack
from shici.app.reading import trace_of
from shici.app.state import Session, Writing
from shici.app.tokens import places
from shici.app.writer import coming, draw_one, ended
from shici.checkpoint import LoadedModel
from shici.model.gpt import GPT
from shici.model.trace import Trace

TITLE = Text("全过程", "The whole pass")
ABOUT = Text(
    "从你写的字到下一个字，模型算过的每一个数。",
    "From the characters you typed to the next one: every number the model computes.",
)
OUTPUT = "output"  # the name of the last block; a layer's is its number
TOP = 24  # candidates whose rows of the output table are always sent
EPSILON = 1e-5  # in every LayerNorm of shici.model.gpt
INSIDE = (
    "ln_1", "q", "k", "v", "scores", "weights", "heads", "attention", "residual_mid", "ln_2", "mlp_hidden",
    "mlp_activated", "mlp",
)  # fmt: skip
PARTS = {
    "attn": "attn.c_attn", "o": "attn.c_proj", "fc": "mlp.c_fc", "down": "mlp.c_proj", "1": "ln_1", "2": "ln_2",
}  # fmt: skip
KEY = "shici_walk"

_walk = component("walk")
_weights = component("walk_weights")


@dataclass(slots=True)
class View:
    """What one browser has unfolded, and whose weights it holds. asked: its latest event's number."""

    open: frozenset[str] = frozenset()
    have: frozenset[str] = frozenset()
    asked: int = 0


def page() -> None:
    """Draw the page."""
    view: View = st.session_state.setdefault(KEY, View())
    loaded = show(_walk, "walk", TITLE, ABOUT, packed, act, view)
    if loaded and view.open - view.have:  # after the drawing, which need not wait for them
        mount(_weights, "walk_weights", packed_weights(loaded.model, view), lambda event: None)


def packed(loaded: LoadedModel, session: Session, writing: Writing, view: View) -> bytes:
    """The pass over the line, with what `view` has unfolded."""
    trace = trace_of(loaded, writing.tokens())
    vocabulary, language, config = loaded.vocabulary, session.language, loaded.model.config
    stages, throw = coming(loaded, session, writing)
    drawn = int(stages.drawn[0])
    tokens = trace.idx[0].tolist()
    likeliest = stages.masked[0].topk(min(TOP, int(stages.masked[0].isfinite().sum()))).indices.tolist()
    top = likeliest + [drawn] * (drawn not in likeliest)
    tensors = stream_of(trace) | inside_of(trace, view)
    tensors.update(
        **parameters_of(loaded.model, "transformer.ln_f", "f"),
        top_rows=compact(loaded.model.lm_head.weight[top]),
        logits=stages.logits,
        scaled=stages.scaled,
        probabilities=stages.probabilities,
        kept=stages.kept,
    )
    header = {
        "words": in_language(MESSAGES, language),
        "language": language,
        "tokens": places(vocabulary, tokens, len(writing.prompt.ids) - trace.window_start, language),
        "ids": tokens,
        "names": names(vocabulary, config.vocab_size, language),
        "controls": vocabulary.control_count,
        "layers": config.n_layer,
        "heads": config.n_head,
        "channels": config.n_embd,
        "epsilon": EPSILON,
        "model": model_name(loaded.model),
        "open": sorted(view.open),
        "asked": view.asked,
        "top": top,
        "drawn": drawn,
        "rank": int(stages.rank()[0]),
        "throw": throw,
        "temperature": stages.temperature,
        "window_start": trace.window_start,
        "written": len(writing.path()),
        "ended": ended(loaded, writing),
    }
    return pack(header, tensors)


def packed_weights(model: GPT, view: View) -> bytes:
    """The weights of what is unfolded, as far as the browser lacks them; "2.w_attn" are those of the third layer."""
    blocks = sorted(view.open - view.have)
    tensors = {f"{block}.{name}": part for block in blocks for name, part in weights_of(model, block).items()}
    return pack({"model": model_name(model), "blocks": blocks}, tensors)


def stream_of(trace: Trace) -> dict[str, Tensor | Array]:
    """Letters as in shici.model.trace: token_embedding, position_embedding, ln_f (T, C); stream (L + 1, T, C), what
    the first layer reads and what each layer leaves; thumbnails (L, nh, T, T) uint8, 255 times the weight.
    """
    weights = torch.stack([layer.weights[0] for layer in trace.layers]).float()
    stream = [trace.embedding[0], *(layer.residual_out[0] for layer in trace.layers)]
    return {
        "token_embedding": trace.token_embedding[0],
        "position_embedding": trace.position_embedding,
        "stream": torch.stack(stream),
        "thumbnails": (weights * 255).round().to(torch.uint8),
        "ln_f": trace.ln_f[0],
    }


def inside_of(trace: Trace, view: View) -> dict[str, Tensor | Array]:
    """All tensors of the unfolded layers: "2.q" is the third layer's."""
    return {
        f"{block}.{name}": getattr(trace.layers[int(block)], name)[0]
        for block in sorted(view.open - {OUTPUT})
        for name in INSIDE
    }


def weights_of(model: GPT, block: str) -> dict[str, Array]:
    """The weights of a block as nn.Linear keeps them, (out, in); w_attn holds those of Q, K and V, (3C, C). Gains of
    norms and biases, where the model has any, are (1, size)."""
    if block == OUTPUT:
        return {"wte": compact(model.lm_head.weight)}
    return {
        name: found
        for part, path in PARTS.items()
        for name, found in parameters_of(model, f"transformer.h.{block}.{path}", part).items()
    }


def parameters_of(model: GPT, path: str, part: str) -> dict[str, Array]:
    """w_part and b_part of a linear layer, g_part and b_part of a norm."""
    parameters = dict(model.named_parameters())
    weight, bias = parameters[f"{path}.weight"], parameters.get(f"{path}.bias")
    found = {f"w_{part}": compact(weight)} if weight.dim() == 2 else {f"g_{part}": as_array(weight[None])}
    return found if bias is None else {**found, f"b_{part}": as_array(bias[None])}


def model_name(model: GPT) -> str:
    """Tells one model's weights from another's in a browser that keeps them."""
    return f"{zlib.crc32(as_array(model.transformer.wpe.weight).tobytes()):08x}"


def act(
    loaded: LoadedModel, session: Session, writing: Writing, view: View, event: Mapping[str, Any]
) -> None:
    """{"open", "have": names of blocks, "asked": the event's number} come with every event; besides one of draw,
    undo, back. What is not the name of a block is ignored."""
    blocks = {OUTPUT, *map(str, range(loaded.model.config.n_layer))}
    view.open = frozenset(blocks.intersection(map(str, event.get("open") or ())))
    view.have = frozenset(blocks.intersection(map(str, event.get("have") or ())))
    view.asked = int(event.get("asked") or 0)
    if "draw" in event:
        draw_one(loaded, session, writing)
    elif "undo" in event:
        writing.undo()
    elif "back" in event:
        writing.goto(None)
