"""manifest.json: what was read, kept and dropped, with hashes of all that went in and came out; its table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from shici.config.help import display_width, pad, pad_left
from shici.corpus.catalog import COLLECTIONS, SHELVES
from shici.corpus.characters import han_only
from shici.corpus.clean import REASONS
from shici.corpus.collect import Batch, Count, Poem, files_of
from shici.corpus.sources import file_hash

Counts = dict[str, dict[str, Any]]


def tally(batches: Iterable[Batch], dropped: Iterable[tuple[Poem, str]], kept: Iterable[Poem]) -> Counts:
    """Per collection: {"read": {"poems", "characters"}, "kept": the same, "dropped": {reason: the same}}."""
    read: dict[str, Count] = {}
    stay: dict[str, Count] = {}
    gone: dict[str, dict[str, Count]] = {}
    for batch in batches:
        collection = SHELVES[batch.shelf].collection
        read.setdefault(collection, Count()).add(batch.read.poems, batch.read.characters)
        for reason, count in batch.dropped.items():
            gone.setdefault(collection, {}).setdefault(reason, Count()).add(count.poems, count.characters)
    for poem, reason in dropped:
        reasons = gone.setdefault(SHELVES[poem.shelf].collection, {})
        reasons.setdefault(reason, Count()).add(1, len(han_only(poem.document.body)))
    for poem in kept:
        stay.setdefault(SHELVES[poem.shelf].collection, Count()).add(1, len(han_only(poem.document.body)))
    return {
        collection: {
            "name": COLLECTIONS[collection],
            "read": _plain(read[collection]),
            "kept": _plain(stay.get(collection, Count())),
            "dropped": {
                reason: _plain(gone[collection][reason])
                for reason in REASONS
                if reason in gone.get(collection, {})
            },
        }
        for collection in COLLECTIONS
        if collection in read
    }


def _plain(count: Count) -> dict[str, int]:
    return {"poems": count.poems, "characters": count.characters}


def hash_inputs(root: Path, shelves: Iterable[int]) -> dict[str, dict[str, Any]]:
    """Per shelf: how many files, and one SHA-256 over their names and contents; alike for both layouts."""
    hashes = {}
    for index in shelves:
        files = files_of(root, index)
        if files:
            lines = "".join(f"{path.name} {file_hash(path)}\n" for path in files)
            name = f"{SHELVES[index].folders[0]}/{SHELVES[index].pattern}"
            hashes[name] = {"files": len(files), "sha256": hashlib.sha256(lines.encode("utf-8")).hexdigest()}
    return hashes


def write_manifest(path: Path, content: dict[str, Any]) -> None:
    """As readable JSON that is the same in every run: no times, no paths."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def output_hashes(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """SHA-256 of the outputs that are there."""
    return {name: file_hash(folder / name) for name in names if (folder / name).exists()}


def table(counts: Counts) -> str:
    """The counts as a table for people, reasons by weight below it."""
    rows = [("集子", "读入", "留用", "留用字数", "去除（原因 篇数）")]
    for entry in counts.values():
        dropped = sorted(entry["dropped"].items(), key=lambda item: -item[1]["poems"])
        reasons = " ".join(f"{REASONS[reason][0]} {count['poems']:,}" for reason, count in dropped)
        rows.append((entry["name"], *_figures(entry), reasons))
    total = {
        part: {unit: sum(entry[part][unit] for entry in counts.values()) for unit in ("poems", "characters")}
        for part in ("read", "kept")
    }
    rows.append(("合计", *_figures(total), ""))
    widths = [max(display_width(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            [pad(row[0], widths[0]), *(pad_left(row[i], widths[i]) for i in (1, 2, 3)), row[4]]
        ).rstrip()
        for row in rows
    )


def _figures(entry: dict[str, Any]) -> tuple[str, str, str]:
    return f"{entry['read']['poems']:,}", f"{entry['kept']['poems']:,}", f"{entry['kept']['characters']:,}"
