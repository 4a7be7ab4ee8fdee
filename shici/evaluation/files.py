"""Where a report goes: its folder, its files, and what is said where they cannot be written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shici.checkpoint import replacing
from shici.errors import ConfigError

Report = dict[str, Any]


def make_folder(out: Path) -> None:
    """Raises ConfigError where the report's folder cannot be made."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"不能建立文件夹 {out}（{error}）。请另选 --out。",
            f"Cannot make the folder {out} ({error}). Choose another --out.",
        ) from None


@contextmanager
def writing_to(out: Path) -> Iterator[None]:
    """What is written inside; ConfigError where it cannot be."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"报告写不到 {out}（{error}）。请检查权限与磁盘空间，或另选 --out。",
            f"Cannot write the report to {out} ({error}). Check permissions and the disk, or choose another --out.",
        ) from None


def write_report(report: Report, text: str, out: Path, name: str) -> None:
    """NAME.txt and NAME.json in `out`. Raises ConfigError where they cannot be written."""
    with writing_to(out):
        for ending, content in (
            ("txt", text),
            ("json", json.dumps(report, ensure_ascii=False, indent=1) + "\n"),
        ):
            with replacing(out / f"{name}.{ending}") as temporary:
                temporary.write_text(content, encoding="utf-8")
