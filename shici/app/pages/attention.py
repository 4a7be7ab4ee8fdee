"""注意力: every head of every layer, and how one head comes to its numbers. All from the trace of one forward pass."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from shici.app.components import component
from shici.app.language import Text, in_language
from shici.app.masthead import show
from shici.app.payload import pack
from shici.app.reading import trace_of
from shici.app.state import Session, Writing
from shici.app.tokens import places
from shici.app.writer import write_on
from shici.checkpoint import LoadedModel
from shici.model.trace import Trace

MESSAGES = {
    "heads": Text("{n} 个头", "{n} heads"),
    "heads_note": Text(
        "每一小格是一个头：横行看竖列，越红看得越重。点一格，或用方向键。",
        "Each square is one head: rows look at columns, the redder the more. Click one, or use the arrow keys.",
    ),
    "layer": Text("第 {n} 层", "layer {n}"),
    "head": Text("第 {n} 头", "head {n}"),
    "layer_short": Text("层 {n}", "L{n}"),
    "head_short": Text("头 {n}", "H{n}"),
    "verse": Text("诗中", "In the verse"),
    "verse_note": Text(
        "指着一个字，它所看的字就亮起来；旁边的数是权重，一字的权重合起来是 1。点一下定住。",
        "Point at a character and its sources light up; the small numbers are the weights, which add up to 1. "
        "Click to keep it.",
    ),
    "looking": Text("“{c}”（第 {i} 位）看：", "“{c}” (place {i}) looks at:"),
    "inside": Text("一头之内", "Inside one head"),
    "inside_note": Text(
        "指着任一格：算出它的格子会亮，下面写出算式和真数。朱为正，墨为负。",
        "Point at any cell: what it is made from lights up, and its formula is written out below with the real "
        "numbers. Vermilion is positive, ink negative.",
    ),
    "q": Text("Q 问", "Q query"),
    "k": Text("K 答", "K key"),
    "v": Text("V 值", "V value"),
    "scores": Text("分数 QKᵀ/√{d}", "scores QKᵀ/√{d}"),
    "masked": Text("遮去后文", "mask the future"),
    "weights": Text("softmax 权重", "softmax weights"),
    "out": Text("加权的值", "weighted values"),
    "projection": Text(
        "第 {l} 层归一之后的 {c} 个数，与这一头的{w}权重相乘相加，得到“{t}”的第 {d} 个数。",
        "The {c} normalised numbers of layer {l}, multiplied by this head's {w} weights and added up, give "
        "number {d} of “{t}”.",
    ),
    "masked_yes": Text(
        "“{s}”在“{t}”之后：还没写到的字看不见，分数改为 −∞。",
        "“{s}” comes after “{t}”: what is not written yet cannot be seen, so the score becomes −∞.",
    ),
    "masked_no": Text(
        "“{s}”不在“{t}”之后，看得见：分数不变。", "“{s}” does not come after “{t}”: the score stays."
    ),
    "weight_future": Text("后面的字：e 的 −∞ 次方是 0。", "A later character: e to the power of −∞ is 0."),
    "trace": Text("模型算得", "the model's own"),
    "apart": Text("相差 {n}", "apart by {n}"),
    "terms": Text("逐项写出", "Every term"),
    "table": Text("看数", "Numbers"),
    "table_of": Text("{name} 的数", "Numbers of {name}"),
    "write": Text("续写", "Write on"),
    "characters": Text("字", "characters"),
    "back": Text("回到原句", "Back to the line"),
    "png": Text("存图 PNG", "Save PNG"),
    "svg": Text("存图 SVG", "Save SVG"),
    "long": Text(
        "共 {n} 个词元：大图一次取一层，换层要等一下。",
        "{n} tokens: one layer at a time is fetched, another takes a moment.",
    ),
    "window": Text(
        "前面 {n} 个词元已在模型的视野之外。", "The first {n} tokens are outside what the model sees."
    ),
}
TITLE = Text("注意力", "Attention")
ABOUT = Text(
    "写下一个字之前，模型怎样回头看已有的字。",
    "How the model looks back at what is written before it writes on.",
)
WHOLE = 96  # up to so many tokens all layers are sent at once: 6 MB
MOST = 64  # characters written on at one click

_attention = component("attention")


def page() -> None:
    """Draw the page."""
    show(_attention, "attention", TITLE, ABOUT, packed, act)


def packed(loaded: LoadedModel, session: Session, writing: Writing) -> bytes:
    """All that the browser needs to show any head without asking again (of a long line: any of one layer)."""
    trace = trace_of(loaded, writing.tokens())
    tokens, count = trace.idx[0].tolist(), len(trace.layers)
    layer = min(session.layer, count - 1)
    sent = list(range(count)) if len(tokens) <= WHOLE else [layer]
    header = {
        "words": in_language(MESSAGES, session.language),
        "language": session.language,
        "tokens": places(
            loaded.vocabulary, tokens, len(writing.prompt.ids) - trace.window_start, session.language
        ),
        "layers": count,
        "heads": loaded.model.config.n_head,
        "channels": loaded.model.config.n_embd,
        "sent": sent,
        "layer": layer,
        "window_start": trace.window_start,
        "written": len(writing.path()),
    }
    return pack(header, tensors_of(trace, sent))


def tensors_of(trace: Trace, sent: list[int]) -> dict[str, Tensor]:
    """The tensors of the blob; letters as in shici.model.trace, n the layers sent.

    thumbnails (L, nh, T, T) uint8, 255 times the weight; q, k, v, heads (n, nh, T, hs);
    scores, weights (n, nh, T, T). The masked scores are the scores with -inf above the diagonal.
    """
    weights = torch.stack([layer.weights[0] for layer in trace.layers]).float()  # (L, nh, T, T)
    tensors = {"thumbnails": (weights * 255).round().to(torch.uint8)}
    for name in ("q", "k", "v", "scores", "weights", "heads"):
        tensors[name] = torch.stack([getattr(trace.layers[layer], name)[0] for layer in sent])
    return tensors


def act(loaded: LoadedModel, session: Session, writing: Writing, event: dict[str, Any]) -> None:
    """{"write": n} goes on by n characters, {"back": true} returns to the line, {"layer": l} fetches a layer."""
    if "write" in event:
        write_on(loaded, session, writing, max(1, min(MOST, int(event["write"]))))
    elif "back" in event:
        writing.goto(None)
    elif "layer" in event:
        session.layer = max(0, min(loaded.model.config.n_layer - 1, int(event["layer"])))
