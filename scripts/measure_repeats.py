"""Print how often real poems use a character again: the table of shici/prosody/repeats.py.

Run: python scripts/measure_repeats.py --data data/poetry        (after prepare.py)
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from shici.corpus.document import Document, decode_document  # noqa: E402
from shici.errors import run_door  # noqa: E402
from shici.evaluation.poems import read_training, tokens_of  # noqa: E402

BREAKS = re.compile(r"[，。！？；、：\n·]+")
BOUNDS = (27, 55, 69, 97, 111)
QUANTILE = 95


def documents(folder: Path) -> Iterator[Document]:
    """All poems of the training split. Raises CorpusError, VocabularyError, TrainingError."""
    training = read_training(folder)
    for number in range(len(training.documents)):
        yield decode_document(tokens_of(training.documents, number), training.vocabulary)


def repeats(lines: list[str]) -> tuple[int, int, int]:
    """Doublings, further repeats, and how often the commonest character stands."""
    text = "".join(lines)
    doublings = sum(one == other for line in lines for one, other in itertools.pairwise(line))
    counts = Counter(text)
    return doublings, len(text) - len(counts) - doublings, max(counts.values())


def main(argv: list[str]) -> int:
    """Print one row for each genre and length."""
    parser = argparse.ArgumentParser(description="How often real poems use a character again.")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "poetry", help="where train.bin is")
    found: dict[tuple[str, int], list[tuple[int, int, int]]] = defaultdict(list)
    for document in documents(parser.parse_args(argv).data):
        genre = "词" if document.form == "词" else "诗" if document.regulated == "合律" else ""
        lines = [line for line in BREAKS.split(document.body) if line]
        if genre and lines:
            size = len("".join(lines))
            bound = next((bound for bound in BOUNDS if size <= bound), 0)
            found[genre, bound].append(repeats(lines))
    print(f"体  至多几字  首数    叠字  重字  同一字（{QUANTILE} % 的作品不超过）")
    for (genre, bound), rows in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or 999)):
        limits = np.percentile(np.array(rows), QUANTILE, axis=0)
        print(
            f"{genre}  {bound or '更多':>8}  {len(rows):>6}  " + "".join(f"{limit:>6.1f}" for limit in limits)
        )
    return 0


if __name__ == "__main__":
    run_door(main)
