"""The report's summary for a model card, in Markdown, Chinese and English."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shici.errors import CheckpointError
from shici.evaluation.table import FIELD_NAMES, interval, number, percent

Report = dict[str, Any]

SET_NAMES = {
    "human": "人 human",
    "plain": "模型，温度 1 model, temperature 1",
    "unguided": "模型，默认而不引导 model, default without guidance",
    "default": "模型，默认 model, default",
}
FEWEST_POEMS = 30  # of a form, dynasty or collection with a row of its own
REQUEST_NAMES = {"不限": "不限 nothing asked"}


def read_report(path: Path, weights: str) -> Report:
    """report.json, which must be about the model with these `weights` (checkpoint.weights_hash).

    Raises CheckpointError if it is missing, damaged or about another model.
    """
    try:
        report: Report = json.loads(path.read_text(encoding="utf-8"))
        found = report["model"]["weights"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"读不了评测报告 {path}（{error}）。请用 shici evaluate 重新生成。",
            f"Cannot read the report {path} ({error}). Make it again with shici evaluate.",
        ) from None
    if found != weights:
        raise CheckpointError(
            f"{path} 评测的是另一个模型。请对这个模型重新运行 shici evaluate。",
            f"{path} is about another model. Run shici evaluate on this one.",
        )
    return report


def section(report: Report) -> str:
    """The parts that the report has under a heading of their own; ends with a blank line."""
    settings, split = report["settings"], report["data"]["split"]
    command = f"shici evaluate --split={split} --samples={settings['samples']} --seed={settings['seed']}"
    if settings["limit"]:
        command += f" --limit={settings['limit']}"
    parts = [draw(report[name]) for name, draw in PARTS.items() if report.get(name)]
    return "\n\n".join(["## 评测 Evaluation", f"`{command}`", *("\n".join(part) for part in parts), ""])


def _table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _loss(report: Report) -> Iterator[str]:
    yield f"{report['poems']:,} 首，每字奈特，方括号里是 95 % 区间。Nats per character with 95 % intervals."
    yield ""
    rows = [["全部 all", f"{report['poems']:,}", *_nats(report["all"])]]
    for group in ("by_form", "by_dynasty", "by_collection"):
        rows += [
            [name, f"{one['poems']:,}", *_nats(one)]
            for name, one in report[group].items()
            if one["poems"] >= FEWEST_POEMS
        ]
    yield from _table(["", "首 poems", "只有正文 verse alone", "带字段 with fields"], rows)
    unknown = report["unknown"]
    yield ""
    yield (
        f"不认识的字 {unknown['characters']:,} 个，每个按 {unknown['nats_each']:.1f} 奈特计入。"
        "Unknown characters are charged, not skipped."
    )


def _nats(entry: Report) -> list[str]:
    return [
        f"{number(one['nats'])} {interval(one)}" if one else ""
        for one in (entry["bare"], entry.get("fields"))
    ]


def _ccpc(report: Report) -> Iterator[str]:
    yield f"THU-CCPC 的测试文件，{report['poems']:,} 首，每字奈特。The test file of THU-CCPC."
    yield ""
    rows = [
        ["全部 all", *_nats(report["all"])],
        ["只算汉字 Chinese characters", *_nats(report["ideographs"])],
    ]
    yield from _table(["", "只有正文 verse alone", "带字段 with fields"], rows)


def _samples(report: Report) -> Iterator[str]:
    count = max(one["poems"] for sets in report.values() for name, one in sets.items() if name != "human")
    yield (
        f"不加约束，每种要求写 {count:,} 首，与同体的人作用同一把尺子（严：只认常用的读音）。"
        f"{count:,} unconstrained poems for each request, and human poems judged the same way with the readings "
        "that poets use."
    )
    yield ""
    head = ["", "", "首 poems", "字句 shape", "押韵 rhyme", "平仄 tones", "合律 all rules", "distinct-2",
            "重字 repeated", "抄句 copied lines", "最长相同 longest run"]  # fmt: skip
    rows = [
        [
            REQUEST_NAMES.get(request, request), SET_NAMES[name], f"{one['poems']:,}", percent(one["shape"]),
            *(percent(one["strict"][law]) for law in ("rhyme", "tone", "regulated")),
            number(one["distinct_2"]), percent(one["repetition"]), percent(one["copied_lines"]),
            number(one["longest_run"]["max"], 0),
        ]
        for request, sets in report.items()
        for name, one in sets.items()
    ]  # fmt: skip
    yield from _table(head, rows)


def _fields(report: Report) -> Iterator[str]:
    yield (
        "一个字段每字省下的奈特：单给它时、其余字段都给了再给它时；单给而给错，比给对多付的奈特。"
        "Nats per character that a field saves alone and beside all others, and what a wrong one costs."
    )
    yield ""
    rows = [
        [FIELD_NAMES[field], *(number(one[name]["nats"], 4) for name in ("saved", "added", "stranger_costs"))]
        for field, one in report.items()
    ]
    yield from _table(["", "单给 alone", "再给 beside the others", "给错 wrong"], rows)


def _authors(report: Report) -> Iterator[str]:
    found = "，".join(f"{SET_NAMES[name]} {percent(report[name])}" for name in SET_NAMES if name in report)
    yield (
        f"作者分类器（{len(report['authors'])} 人，朴素贝叶斯，乱猜 {percent(report['chance'])}）认出作者："
        f"{found}。An author classifier of character pairs."
    )


def _titles(report: Report) -> Iterator[str]:
    found = "，".join(
        f"{SET_NAMES[name]} {percent(report[name]['own'])}（别首 another's {percent(report[name]['other'])}）"
        for name in SET_NAMES
        if name in report
    )
    yield f"题目的字见于正文：{found}。Characters of the title that stand in the verse."


def _calibration(report: Report) -> Iterator[str]:
    yield (
        f"校准误差 ECE：全部 {number(report['all']['ece'], 4)}，只算汉字 {number(report['ideographs']['ece'], 4)}。"
        "Expected calibration error of the likeliest token: everything, Chinese characters only."
    )


PARTS = {
    "loss": _loss,
    "ccpc": _ccpc,
    "samples": _samples,
    "fields": _fields,
    "authors": _authors,
    "titles": _titles,
    "calibration": _calibration,
}
