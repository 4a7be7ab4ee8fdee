"""Writes poems with every step laid open: what test_sample.py runs."""

from __future__ import annotations

from shici.checkpoint import LoadedModel
from shici.config.parse import called, parse_settings
from shici.config.sample import ExplainSettings
from shici.generation.decoder import TracingDecoder
from shici.generation.inspection import inspect
from shici.generation.layout import render
from shici.generation.main import SEPARATOR, asked, introduce
from shici.generation.prompts import Prompt, build_prompt
from shici.generation.runtime import cuts_of, load, prepare, unused_model, write_with
from shici.generation.sampler import Cuts
from shici.generation.verdicts import summary
from shici.generation.verse import Verse, plan_verse, unkept
from shici.language import Text

ATTENTION = Text(
    "\n注意：各层从最后一个字看前面的字，各头平均后权重最大的几个。",
    "\n注意, attention of the last character, 第 n 层: layer n; the largest weights, mean over the heads.",
)


def main(argv: list[str]) -> int:
    """Write the poems that the command line asks for, step by step. Errors: ShiciError."""
    settings = parse_settings(ExplainSettings, argv, prog=called("test_sample.py", "shici explain"))
    loaded = load(settings)
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    written = asked(settings, verse)
    prompt = build_prompt(written, loaded.vocabulary, loaded.model.config.block_size)
    found = unkept(written) if verse is None else verse.remarks
    introduce(loaded, prompt, [*unused_model(written), *found])
    print(f"{legend(cuts_of(settings), attention=settings.attended > 0).both}\n")
    for number in range(settings.num_samples):
        explain(number, prompt, loaded, settings, verse)
    return 0


def explain(
    number: int, prompt: Prompt, loaded: LoadedModel, settings: ExplainSettings, verse: Verse | None
) -> None:
    """Write poem `number`, printing each step; with the same settings sample.py writes the same poem."""
    vocabulary = loaded.vocabulary
    job = prepare([number], loaded, prompt, settings, verse)
    reader = TracingDecoder(loaded.model, job.prompts, 1)
    length = job.prompts.size(1)
    slid = length > loaded.model.config.block_size  # then the prompt's remark has said so
    for event in write_with(reader, job, loaded, asked(settings, verse)):
        trace = reader.trace
        if trace.window_start and not slid:
            slid = True
            print(f"{window_full(len(trace.positions)).aside}\n")
        shown = inspect(event.step, trace, candidates=settings.candidates, attended=settings.attended)
        index = event.position - length + 1
        print(render(shown, index, reader.tokens[0].tolist(), vocabulary), flush=True)
    body = prompt.document.body + vocabulary.decode(reader.tokens[0, length:].tolist())
    print("\n".join([body, *([summary(body, verse)] if verse else []), SEPARATOR]), flush=True)


def window_full(size: int) -> Text:
    """What is said once, when the text has grown to the model's context."""
    return Text(
        f"已满 {size} 个词元，窗口开始滑动：此后只看得到最后这么多个。",
        f"The context of {size} tokens is full and slides from here on: only the last {size} are seen.",
    )


def legend(cuts: Cuts, *, attention: bool) -> Text:
    """How the steps below are to be read. attention: whether they show it."""
    names = f"top_k={cuts.top_k} top_p={cuts.top_p:g} min_p={cuts.min_p:g}"
    zh, en = ATTENTION if attention else Text("", "")
    return Text(
        f"每一步：logit → ÷ 温度 {cuts.temperature:g} → softmax，得裁剪前的概率\n"
        f"      → 裁剪（{names}），得裁剪后的概率 → 抽取（▸）{zh}",
        f"A step: logit → ÷ temperature {cuts.temperature:g} → softmax, the probability before the cut (裁剪前)\n"
        f"      → cut ({names}), the probability after it (裁剪后) → draw (▸)\n"
        "第 n 字: character n, 前文: the text before it; 第 n 名 and 名次: rank, 概率: probability;\n"
        "熵: entropy in nats (奈特), 余: characters left after the cut; 此处所许占: share of what is allowed."
        f"{en}",
    )
