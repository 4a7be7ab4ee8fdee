"""Which collection each document of the validation and test files came from: one key a line, in the file's order.

The token files do not say it; an evaluation by collection needs it. The manifest holds the hash of what was
written, so that a file left behind by an earlier preparation is never taken for this one's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from shici.corpus.catalog import COLLECTIONS
from shici.corpus.sources import file_hash

ORIGIN_FILES = {split: f"{split}_collections.txt" for split in ("val", "test")}


def write_origins(folder: Path, split: str, collections: Iterable[str]) -> None:
    """Write the keys of catalog.COLLECTIONS for the documents of a split."""
    lines = "".join(f"{collection}\n" for collection in collections)
    (folder / ORIGIN_FILES[split]).write_text(lines, encoding="ascii", newline="\n")


def read_origins(folder: Path, split: str, count: int) -> list[str] | None:
    """Chinese names of the collections of a split's `count` documents.

    None where they are not known: a text of one's own, data prepared before this file was kept, or a file that is
    not the one that the manifest names.
    """
    name = ORIGIN_FILES.get(split, "")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["outputs"][name] != file_hash(folder / name):
            return None
        keys = (folder / name).read_text(encoding="ascii").split()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    known = len(keys) == count and COLLECTIONS.keys() >= set(keys)
    return [COLLECTIONS[key] for key in keys] if known else None
