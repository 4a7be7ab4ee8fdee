"""The report for a terminal: tables in columns, a Chinese character two wide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from shici.config.help import display_width, pad, pad_left
from shici.evaluation.text import FIELDS
from shici.vocabulary import FORMS

Report = dict[str, Any]
Rows = list[Sequence[str]]

SETS = {"human": "人作", "plain": "温度 1", "unguided": "默认，不引导", "default": "默认"}
FIELD_NAMES = dict(zip(FIELDS, ("体裁", "格律", "韵部", "朝代", "词牌", "作者", "题目"), strict=True))
NOTHING = "—"


def render(report: Report) -> str:
    """All parts that the report has, each under its heading; every line ends with a line feed."""
    parts = [list(_head(report))]
    for name, draw in PARTS.items():
        if report.get(name):
            parts.append(list(draw(report[name])))
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def columns(rows: Rows) -> list[str]:
    """Rows of cells as lines: the first column to the left, the others to the right."""
    widths = [max(display_width(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(
            [pad(row[0], widths[0])]
            + [pad_left(cell, width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    ]


def number(value: float | None, digits: int = 3) -> str:
    """A figure, or a dash where there is none."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def interval(one: Report, show: Callable[[float | None], str] = number) -> str:
    """The ends of an interval, or a dash where there are too few poems for one."""
    return NOTHING if one["low"] is None else f"[{show(one['low'])}, {show(one['high'])}]"


def percent(value: Mapping[str, Any] | float | None) -> str:
    """A share, given as it is or as an interval."""
    plain = value["value"] if isinstance(value, Mapping) else value
    return NOTHING if plain is None else f"{100 * plain:.1f}%"


def _head(report: Report) -> Iterator[str]:
    model, data = report["model"], report["data"]
    yield (
        f"模型 {model['name']}：{model['parameters'] / 1e6:.2f} 百万参数，词表 {model['vocabulary']:,}，"
        f"训练 {model['iterations']:,} 步"
    )
    yield f"数据 {data['split']}：{data['poems']:,} 首"


def _loss(report: Report) -> Iterator[str]:
    yield "损失：正文每字的奈特（标点、换行、终止都算；方括号里是 95 % 区间，以诗为单位重抽）"
    rows: Rows = [("", "首", "字", "只有正文", "95 %", "比特", "带字段", "95 %", "比特")]
    rows.append(("全部", f"{report['poems']:,}", *_both(report["all"])))
    rows.append(("连同长诗的尾部", f"{report['poems']:,}", *_both(report["whole"])))
    rows += [(kind, "", *_both(entry)) for kind, entry in report["by_kind"].items()]
    for name in ("by_form", "by_dynasty", "by_collection"):
        if report[name]:
            rows.append(("",) * 9)
            rows += [(group, f"{entry['poems']:,}", *_both(entry)) for group, entry in report[name].items()]
    yield from columns(rows)
    unknown = report["unknown"]
    if unknown["characters"]:
        yield (
            f"模型不认识的字 {unknown['characters']:,} 个（{100 * unknown['share']:.2f}%），"
            f"每个按 {unknown['nats_each']:.1f} 奈特计入。"
        )
    else:
        yield "模型不认识的字：没有。"


def _both(entry: Report) -> list[str]:
    """characters, then nats, interval and bits, bare and with fields."""
    cells = [f"{entry['bare']['characters']:,}"]
    for way in ("bare", "fields"):
        one = entry.get(way)
        cells += [number(one["nats"]), interval(one), number(one["bits"])] if one else [NOTHING] * 3
    return cells


def _ccpc(report: Report) -> Iterator[str]:
    yield f"THU-CCPC：{report['poems']:,} 首，不认识的字 {report['unknown']:,} 个"
    rows: Rows = [("", "字", "只有正文", "95 %", "比特", "带字段", "95 %", "比特")]
    rows.append(("全部", *_both(report["all"])))
    rows.append(("只算汉字", *_both(report["ideographs"])))
    yield from columns(rows)


def _samples(report: Report) -> Iterator[str]:
    yield "样诗的格律：不加约束；押韵、平仄、合律各按宽、严两种字音（严只认常用的读音）"
    rows: Rows = [("", "", "首", "写完", "字句合", "押韵", "（严）", "平仄", "（严）", "合律", "（严）")]
    rows += _by_set(report, _metre_cells)
    yield from columns(rows)
    yield ""
    yield "样诗的变化与抄袭：distinct 就同样多的字而言，人作与模型作可比"
    rows = [
        ("", "", "字", "distinct-1", "distinct-2", "篇内重字", "重篇", "抄句", "最长相同", "95 %", "最长")
    ]
    rows += _by_set(report, _variety_cells)
    yield from columns(rows)
    yield "抄句：五字以上的句子，整句见于训练文本。最长相同：一首诗与训练文本最长的相同连字，"
    yield "不计标点，不足四字作 0；取各首的中位数、95 % 分位数与最大值。"
    yield ""
    first = next(iter(report.values()))
    shapes = {name: sets.get("shapes", {}) for name, sets in first.items()}
    yield "什么都不要求时写出的体式（上面的押韵、平仄、合律只就其中的绝句、律诗而言）"
    names = sorted({name for some in shapes.values() for name in some}, key=FORMS.index)
    table: Rows = [("", *names)]
    table += [(SETS[name], *(percent(some.get(one, 0.0)) for one in names)) for name, some in shapes.items()]
    yield from columns(table)


def _by_set(report: Report, cells: Callable[[Report], list[str]]) -> Rows:
    """Three rows for each request: human, temperature 1, default; the request named once."""
    return [
        ("" if k else request, SETS[name], *cells(sets[name]))
        for request, sets in report.items()
        for k, name in enumerate(name for name in SETS if name in sets)
    ]


def _metre_cells(one: Report) -> list[str]:
    laws = [
        percent(one[lexicon][law])
        for law in ("rhyme", "tone", "regulated")
        for lexicon in ("lenient", "strict")
    ]
    return [f"{one['poems']:,}", percent(one["finished"]), percent(one["shape"]), *laws]


def _variety_cells(one: Report) -> list[str]:
    run = one["longest_run"]
    return [
        f"{one['distinct_characters']:,}",
        number(one["distinct_1"]),
        number(one["distinct_2"]),
        percent(one["repetition"]),
        f"{one['repeated_poems']:,}",
        percent(one["copied_lines"]),
        *(number(run[name], 0) for name in ("median", "p95", "max")),
    ]


def _fields(report: Report) -> Iterator[str]:
    yield "字段是否有用：正文每字的奈特；单给一个字段（不给、给对的、给别人的），与其余字段都给了再给它"
    rows: Rows = [
        ("", "首", "不给", "对的", "别人的", "省下", "95 %", "给错多付", "95 %", "再给省下", "95 %")
    ]
    for field, one in report.items():
        rows.append(
            (
                FIELD_NAMES[field],
                f"{one['poems']:,}",
                *(number(one[way]["nats"]) for way in ("none", "right", "stranger")),
                *_gap(one["saved"]),
                *_gap(one["stranger_costs"]),
                *_gap(one["added"]),
            )
        )
    yield from columns(rows)


def _gap(one: Report) -> tuple[str, str]:
    return number(one["nats"], 4), interval(one, partial(number, digits=4))


def _authors(report: Report) -> Iterator[str]:
    yield (
        f"作者：朴素贝叶斯（单字与相邻二字）在 {len(report['authors'])} 位作者中认出作者的比例"
        f"（乱猜 {percent(report['chance'])}）"
    )
    rows: Rows = [("", "首", "认出", "95 %")]
    for name in SETS:
        if name in report:
            one = report[name]
            rows.append((SETS[name], f"{one['poems']:,}", percent(one["value"]), interval(one, percent)))
    yield from columns(rows)


def _titles(report: Report) -> Iterator[str]:
    yield "题目：题中的字见于正文的比例，自己的正文与别首的正文"
    rows: Rows = [("", "首", "自己的", "别首的")]
    for name in SETS:
        if name in report:
            one = report[name]
            rows.append((SETS[name], f"{one['poems']:,}", percent(one["own"]), percent(one["other"])))
    yield from columns(rows)


def _calibration(report: Report) -> Iterator[str]:
    yield "校准：最可能的一个字，模型以为的概率与实际应验的比例"
    rows: Rows = [("", "预测", "以为", "实际", "ECE")]
    for name, shown in (("all", "全部"), ("ideographs", "只算汉字")):
        one = report[name]
        rows.append(
            (
                shown,
                f"{one['predictions']:,}",
                percent(one["confidence"]),
                percent(one["accuracy"]),
                number(one["ece"], 4),
            )
        )
    yield from columns(rows)
    yield "句中各字的损失（只有正文）："
    for length, ways in report["places"].items():
        for name, shown in (("odd", "上句"), ("even", "下句")):
            if ways["bare"][name]:
                nats = "  ".join(number(row["nats"], 2) for row in ways["bare"][name])
                yield f"  {length} 言{shown}  {nats}（末为标点）"


PARTS = {
    "loss": _loss,
    "ccpc": _ccpc,
    "samples": _samples,
    "fields": _fields,
    "authors": _authors,
    "titles": _titles,
    "calibration": _calibration,
}
