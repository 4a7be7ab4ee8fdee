"""The figures as PNG, with English labels: a machine without a Chinese font would draw boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

Report = dict[str, Any]


def draw_reliability(report: Report, path: Path) -> None:
    """Reliability of the likeliest token (left) and of every candidate (right). report: calibration_report's."""
    figure = Figure(figsize=(10, 4.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, label in (("all", "all that is predicted"), ("ideographs", "Chinese characters only")):
        rows = report[name]["bins"]
        if rows:
            ece = f"{label}, ECE {report[name]['ece']:.4f}"
            left.plot([row["confidence"] for row in rows], [row["accuracy"] for row in rows], "o-", label=ece)
    left.plot([0, 1], [0, 1], color="gray", linewidth=1, linestyle="--")
    left.set(
        xlabel="probability of the likeliest token",
        ylabel="share of the cases in which it came",
        title="The likeliest token",
    )
    _legend(left)
    rows = [row for row in report["candidates"] if row["came"]]
    if rows:
        right.loglog([row["probability"] for row in rows], [row["share"] for row in rows], "o-")
        edge = [rows[0]["probability"], 1.0]
        right.loglog(edge, edge, color="gray", linewidth=1, linestyle="--")
    right.set(xlabel="probability of a candidate", ylabel="share of them that came", title="Every candidate")
    right.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


def draw_places(report: Report, path: Path) -> None:
    """Loss at each place of a line. report: {"5": {"bare": by_place, "fields": by_place}, "7": ...}."""
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    panels = figure.subplots(1, len(report), sharey=True, squeeze=False)[0]
    for axes, (length, ways) in zip(panels, report.items(), strict=True):
        for way, style in (("bare", "-"), ("fields", "--")):
            for name, colour in (("odd", "C0"), ("even", "C1")):
                rows = ways.get(way, {}).get(name, [])
                if rows:
                    axes.errorbar(
                        [row["place"] for row in rows],
                        [row["nats"] for row in rows],
                        [1.96 * (row["error"] or 0.0) for row in rows],  # of a single poem none is known
                        linestyle=style,
                        color=colour,
                        marker="o",
                        label=f"{'first' if name == 'odd' else 'second'} line of a couplet"
                        + (", verse alone" if way == "bare" else ", with fields"),
                    )
        size = int(length)
        axes.set_xticks(range(1, size + 2), [*map(str, range(1, size + 1)), "mark"])
        axes.set(xlabel="place in the line", title=f"Lines of {length} characters")
        _legend(axes)
    panels[0].set_ylabel("loss (nats per character)")
    figure.savefig(path, dpi=120)


def _legend(axes: Axes) -> None:
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize="small")
