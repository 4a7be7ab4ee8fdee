"""Outputs appear all at once: written to a folder beside the old ones, moved into place when they are complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".prepare-"
_COMPLETE = "complete"


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """An empty folder inside `folder`, on the same disk; removed at the end, whatever happens in between.

    What an earlier run was killed over is cleared first: published if it had been complete, else thrown away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    recover(folder)
    stage = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def publish(stage: Path, folder: Path) -> None:
    """Move every file of `stage` over its namesake in `folder`. A run killed in the middle is finished by `recover`."""
    for path in stage.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    (stage / _COMPLETE).touch()
    _move_all(stage, folder)


def recover(folder: Path) -> None:
    """Finish or throw away what killed runs have left in `folder`."""
    for stage in sorted(folder.glob(f"{_PREFIX}*")):
        if (stage / _COMPLETE).exists():
            _move_all(stage, folder)
        shutil.rmtree(stage, ignore_errors=True)


def _move_all(stage: Path, folder: Path) -> None:
    for path in sorted(stage.iterdir()):
        if path.name != _COMPLETE:
            os.replace(path, folder / path.name)
