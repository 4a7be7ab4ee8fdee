"""Outputs appear all at once: written to a folder beside the old ones, moved into place when complete."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shici.errors import CorpusError

CACHE = ".cache"
STAGE = "stage-"
_COMPLETE = "complete"


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """An empty folder on the same disk as `folder`; removed at the end, whatever happens in between.

    What a killed run left behind is cleared first: published if it had been complete, else thrown away.
    Raises CorpusError while another process prepares the same folder.
    """
    cache = folder / CACHE
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / "lock"):
        _clear(folder)
        stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=cache))
        try:
            yield stage
        finally:
            if (stage / _COMPLETE).exists():  # also where Ctrl-C fell among the moves
                _move_all(stage, folder)
            shutil.rmtree(stage, ignore_errors=True)


def finish_publishing(folder: Path) -> None:
    """Put in place what a run that was killed among the moves has left: before anything in `folder` is read.

    Raises CorpusError while another process prepares the same folder.
    """
    if (folder / CACHE).is_dir():
        with _lock(folder / CACHE / "lock"):
            _clear(folder)


def _clear(folder: Path) -> None:
    for left in sorted((folder / CACHE).glob(f"{STAGE}*")):
        if (left / _COMPLETE).exists():
            _move_all(left, folder)
        shutil.rmtree(left, ignore_errors=True)


def publish(stage: Path, folder: Path) -> None:
    """Move every file of `stage` over its namesake in `folder`; if it is killed, the next run goes on.

    Raises CorpusError, before anything is moved, where a folder has the name of an output.
    """
    for path in stage.iterdir():
        if (folder / path.name).is_dir():
            raise CorpusError(
                f"{folder / path.name} 是文件夹，输出要写在这个名字下。请移走它，或用 --out-dir 换一个地方。",
                f"{folder / path.name} is a folder, where an output goes. Move it, or name another --out-dir.",
            )
    for path in stage.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    (stage / _COMPLETE).touch()
    _move_all(stage, folder)


def _move_all(stage: Path, folder: Path) -> None:
    for path in sorted(stage.iterdir()):
        if path.name != _COMPLETE:
            path.replace(folder / path.name)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold `path` against other processes; the system lets go of it when this one ends, however it ends."""
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CorpusError(
                f"另一个 prepare.py 正在用 {path.parent.parent}。请等它结束，或用 --out-dir 换一个。",
                f"Another prepare.py is at work in {path.parent.parent}. Wait, or name another --out-dir.",
            ) from None
        yield
