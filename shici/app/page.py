"""One page: a line of verse, the distribution of its next character, the attention of every head, and how it goes on.

Every number is the model's own for the line that was typed: the stages are the sampler's, the matrices the trace's.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
import torch

from shici.checkpoint import PRETRAINED, LoadedModel, load_model
from shici.config.sample import SampleSettings
from shici.errors import ShiciError
from shici.generation.decoder import TracingDecoder
from shici.generation.inspection import Inspection, inspect
from shici.generation.prompts import Prompt, build_prompt
from shici.generation.runtime import poems, write_with
from shici.model.trace import Trace
from shici.vocabulary import FORMS, Vocabulary

CANDIDATES = 20
SHOWN_PLACES = 48  # of a long line, how many of the last places are drawn


def page() -> None:
    """Draw the whole page; what a person types wrong is answered by a sentence."""
    st.set_page_config(page_title="古诗词 nanoGPT", layout="wide")
    st.title("古诗词 nanoGPT")
    st.caption(
        "输入一句诗，看 Transformer 怎样想下一个字。Type a line and see how a Transformer chooses the next character."
    )
    settings = ask()
    try:
        loaded = shipped()
        prompt = build_prompt(settings, loaded.vocabulary, loaded.model.config.block_size)
        found, trace = next_character(loaded, prompt, settings)
    except ShiciError as error:
        st.error(f"{error.zh}\n\n{error.en}")
        return
    for remark in prompt.remarks:
        st.info(remark)
    draw_candidates(found, loaded.vocabulary)
    draw_attention(trace, loaded.vocabulary)
    draw_poems(loaded, prompt, settings)


@st.cache_resource(show_spinner="载入模型……")
def shipped() -> LoadedModel:
    """The model that ships with the repository, loaded once for all sessions."""
    return load_model(PRETRAINED)


def ask() -> SampleSettings:
    """The settings as they stand in the side bar."""
    bar = st.sidebar
    start = bar.text_input("开头", "床前明月光，", key="start", help="繁体、异体会换成模型认得的写法")
    form = bar.selectbox("体裁", ["", *FORMS], key="form", help="不选就不告诉模型")
    author = bar.text_input("作者", key="author")
    title = bar.text_input("题目", key="title")
    return SampleSettings(
        start=start.removeprefix("FILE:"),  # a page reads no files of the machine it runs on
        form=form,
        author=author,
        title=title,
        temperature=bar.slider("温度", 0.1, 2.0, 0.8, 0.05, key="temperature"),
        top_k=bar.slider("top-k（0 不限）", 0, 400, 200, key="top_k"),
        top_p=bar.slider("top-p", 0.05, 1.0, 1.0, 0.05, key="top_p"),
        seed=int(bar.number_input("种子", 0, 2**31 - 1, 1337, key="seed")),
        num_samples=3,
    )


def next_character(loaded: LoadedModel, prompt: Prompt, settings: SampleSettings) -> tuple[Inspection, Trace]:
    """The first step after the prompt, with its trace."""
    with torch.inference_mode():
        reader = TracingDecoder(loaded.model, prompt.ids, 1)
        event = next(iter(write_with(reader, range(1), loaded, settings)))
        return inspect(event.step, reader.trace, candidates=CANDIDATES), reader.trace


def name(vocabulary: Vocabulary, token: int) -> str:
    """A token as it is shown: the line feed by its sign."""
    text = vocabulary.tokens[token]
    return "⏎" if text == "\n" else text


def draw_candidates(found: Inspection, vocabulary: Vocabulary) -> None:
    """The distribution of the next character: logit, divided by the temperature, before and after the cuts."""
    st.header("下一个字")
    st.write(
        f"熵 {found.entropy:.3f} 奈特，裁剪后 {found.entropy_kept:.3f}；余 {found.survivors} 字。"
        f"按这个种子抽到的是第 {found.rank} 名（▸）。"
    )
    rows = [
        {
            "": "▸" if candidate.drawn else "",
            "名次": candidate.rank,
            "字": name(vocabulary, candidate.token),
            "logit": candidate.logit,
            "÷温度": candidate.scaled,
            "裁剪前": candidate.probability,
            "裁剪后": candidate.kept,
        }
        for candidate in found.candidates
    ]
    bars = st.column_config.ProgressColumn(format="%.4f", min_value=0.0, max_value=1.0)
    number = st.column_config.NumberColumn(format="%.3f")
    columns = {"logit": number, "÷温度": number, "裁剪前": bars, "裁剪后": bars}
    st.dataframe(rows, column_config=columns, hide_index=True)


def draw_attention(trace: Trace, vocabulary: Vocabulary) -> None:
    """One head of one layer: its weights as a picture, its Q, K and V as numbers."""
    st.header("注意力")
    if trace.window_start:
        st.info(f"这一句太长，模型只看得到最后 {trace.idx.size(1)} 个词元。")
    left, right = st.columns(2)
    layer = left.select_slider("层", range(1, len(trace.layers) + 1), key="layer")
    head = right.select_slider("头", range(1, trace.layers[0].q.size(1) + 1), key="head")
    seen = trace.layers[layer - 1]
    first = max(0, trace.idx.size(1) - SHOWN_PLACES)
    places = [
        f"{place + 1} {name(vocabulary, int(trace.idx[0, place]))}"
        for place in range(first, trace.idx.size(1))
    ]
    weights = seen.weights[0, head - 1, first:, first:].tolist()
    cells = [
        {"从": row, "看": column, "权重": weights[i][j]}
        for i, row in enumerate(places)
        for j, column in enumerate(places[: i + 1])
    ]
    place = {"type": "nominal", "sort": None, "axis": {"labelAngle": 0}}
    picture = {
        "mark": "rect",
        "encoding": {
            "x": {"field": "看", **place},
            "y": {"field": "从", **place},
            "color": {"field": "权重", "type": "quantitative", "scale": {"scheme": "reds", "domain": [0, 1]}},
            "tooltip": [{"field": "从"}, {"field": "看"}, {"field": "权重", "format": ".4f"}],
        },
    }
    st.vega_lite_chart(cells, picture)
    for tab, (label, matrix) in zip(
        st.tabs(["Q", "K", "V"]), (("q", seen.q), ("k", seen.k), ("v", seen.v)), strict=True
    ):
        rows = [
            {"字": place, **{f"{label}{i + 1}": value for i, value in enumerate(numbers)}}
            for place, numbers in zip(places, matrix[0, head - 1, first:].tolist(), strict=True)
        ]
        tab.dataframe(rows, hide_index=True)


def draw_poems(loaded: LoadedModel, prompt: Prompt, settings: SampleSettings) -> None:
    """Three poems that go on from the line, when asked for."""
    st.header("写下去")
    if not st.button("写三首", key="write"):
        return
    texts = [prompt.document.body] * settings.num_samples
    for event in poems(loaded, prompt, replace(settings, max_new_tokens=300)):
        for number, token, ended in zip(
            event.numbers, event.step.drawn.tolist(), event.ended.tolist(), strict=True
        ):
            if not ended:
                texts[number] += loaded.vocabulary.tokens[token]
    for column, text in zip(st.columns(len(texts)), texts, strict=True):
        column.text(text)
