"""The report on prosody for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shici.evaluation.prosody_forms import FORMS
from shici.evaluation.table import NOTHING, Rows, columns, number, percent

Report = dict[str, Any]

KINDS = {"constrained": "守律", "codes": "只提示", "human": "古人"}


def render(report: Report) -> str:
    """All parts that the report has, each under its heading; every line ends with a line feed."""
    model = report["model"]
    parts = [
        [f"模型 {model['name']}：{model['parameters'] / 1e6:.2f} 百万参数，训练 {model['iterations']:,} 步"]
    ]
    for name, lines in (("forms", forms), ("tunes", tunes), ("distortion", distortion)):
        if name in report:
            parts.append(list(lines(report[name])))
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def forms(report: Report) -> Iterator[str]:
    yield "诗：合律的比例。本：本项目的裁判；另：pingshui-rhyme；两：两者都认可；s2t：另一裁判读 OpenCC 原样的字形"
    rows: Rows = [("", "", "首", "本", "另", "两", "95 %", "s2t")]
    for form in FORMS:
        for kind, name in KINDS.items():
            one = report[form][kind]
            rows.append(
                (
                    form if kind == "constrained" else "",
                    name,
                    f"{one['poems']:,}",
                    percent(one["ours"]),
                    *(percent(one.get(key)) for key in ("other", "both")),
                    interval(one.get("both", one["ours"])),
                    percent(one.get("other_as_s2t_spells")),
                )
            )
    yield from columns(rows)
    if not report["other_judge"]:
        yield "没有安装 pingshui-rhyme，只有一个裁判。"
    for form in FORMS:
        for text in report[form]["constrained"]["refused"]:
            yield f"{form} 守律而不被认可：{text}"


def tunes(report: Report) -> Iterator[str]:
    yield "词：合谱的比例（本项目的裁判），最常见的词牌"
    rows: Rows = [("", *(f"{name}{end}" for name in KINDS.values() for end in ("（首）", "")))]
    for name, one in (("合计", report["all"]), *report["tunes"].items()):
        cells = (cell for kind in KINDS for cell in (f"{one[kind]['poems']:,}", percent(one[kind]["ours"])))
        rows.append((name, *cells))
    yield from columns(rows)


def interval(one: Report) -> str:
    """The ends of an interval of shares, in per cent."""
    if one["low"] is None:
        return NOTHING
    return f"{100 * one['low']:.1f}–{100 * one['high']:.1f}"


def distortion(report: Report) -> Iterator[str]:
    yield "扭曲：KL(q‖p*)，奈特/首，≤ 为上界，方括号里是 95 % 区间；奈特/字按带体裁、合律、韵部的模型；温度 1，不裁剪"
    rows: Rows = [("", "写法", "首", "KL", "95 %", "奈特/字", "异二字组", "抄句", "时间")]
    for form, one in report.items():
        for at, (name, way) in enumerate(one["ways"].items()):
            rows.append((form if not at else "", way_name(name), *way_cells(way)))
    yield from columns(rows)
    yield ""
    yield "log Z（模型自己写成这个格律的概率的对数），各法的估计应当一致；误差为标准误；最重：最大一份权重所占"
    table: Rows = [("", "写法", "log Z", "误差", "最重")]
    for form, one in report.items():
        for name, found in one["log_z"].items():
            if isinstance(found, dict):
                cells = (number(found["value"]), number(found["error"]), percent(found["largest_share"]))
                table.append((form, way_name(name), *cells))
        if "rejection" in one:
            kept = one["rejection"]
            low, high = kept["log_z"]["low"], kept["log_z"]["high"]
            ends = f"{number(low)}…{number(high)}"
            table.append(
                (form, f"舍选 {kept['kept']:,}/{kept['tries']:,}", number(kept["log_z"]["value"]), ends, "")
            )
        table.append((form, "其中由韵部来的 KL", number(one["log_z"]["rhyme"]), "", ""))
    yield from columns(table)


def way_cells(way: Report) -> tuple[str, ...]:
    """首, KL, 95 %, 奈特/字, 异二字组, 抄句, 时间 of one way."""
    kl, ends, time = NOTHING, "", ""
    if "kl" in way:
        kl = ("≤ " if way["is_bound"] else "") + number(way["kl"]["value"], 2)
        ends = f"[{number(way['kl']['low'], 2)}, {number(way['kl']['high'], 2)}]"
        time = f"{way['time']:.1f}×"
    return (
        f"{way.get('drawn', way['poems']):,}",
        kl,
        ends,
        number(way["nats"]["value"]),
        number(way["distinct_2"]),
        percent(way["copied_lines"]),
        time,
    )


def way_name(name: str) -> str:
    """A way's name in Chinese."""
    return (
        name.replace("bare mask", "掩码，无提示")
        .replace("bare particles", "粒子，无提示")
        .replace("particles", "掩码＋提示＋粒子")
        .replace("mask", "掩码＋提示")
        .replace("kept", "舍选（p* 本身）")
        .replace("human", "古人")
    )
