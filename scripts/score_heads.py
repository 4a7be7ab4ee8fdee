"""Score every head of a model on the reference poems; the page 解读 shows the result.

    python scripts/score_heads.py                       writes shici/pretrained/head_scores.json
    python scripts/score_heads.py --model=out-poetry --to=out-poetry/head_scores.json
    python scripts/score_heads.py --data=data/poetry --poems=200 --to=scores-of-val.json

To be run again whenever the weights that ship change: the file is bound to them. With --data the held-out poems of
val.bin are scored instead; that file is for reading, the page keeps to the reference poems.
"""

from __future__ import annotations

import argparse
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from shici.checkpoint import PRETRAINED, LoadedModel, load_model
from shici.corpus.document import document_starts
from shici.errors import CorpusError, run_door
from shici.explanation.cards import Cards, cards_path, measure, rows_for, save_cards
from shici.explanation.heads import ROLES


def main(argv: list[str]) -> int:
    """Measure, write, and print the heads by role."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=PRETRAINED, help="folder or checkpoint of the model")
    parser.add_argument("--to", type=Path, help="file to write; by default head_scores.json beside the model")
    parser.add_argument("--data", type=Path, help="score on val.bin of this folder instead")
    parser.add_argument("--poems", type=int, default=100, help="how many poems of val.bin")
    parser.add_argument("--no-costs", action="store_true", help="leave out what silencing each head costs")
    arguments = parser.parse_args(argv)
    loaded = load_model(arguments.model)
    rows = held_out(loaded, arguments.data, arguments.poems) if arguments.data else rows_for(loaded)
    if not rows:
        raise CorpusError(
            "没有一首可评的诗：它们的字不在这个模型的字表里，或者比上下文长。",
            "No poem to score the heads on: the model lacks their characters, or they are longer than its block.",
        )
    began = time.perf_counter()
    cards = measure(loaded, rows, costs=not arguments.no_costs)
    print(f"{len(rows)} poems, {sum(map(len, rows))} tokens, {time.perf_counter() - began:.0f} s\n")
    print(table(cards))
    path = arguments.to or cards_path(loaded)
    save_cards(path, cards)
    print(f"\nwritten: {path}")
    return 0


def held_out(loaded: LoadedModel, folder: Path, count: int) -> list[tuple[int, ...]]:
    """The first `count` poems of val.bin that fit in the block, without `<eos>`. Raises CorpusError."""
    path = folder / "val.bin"
    if not path.is_file():
        raise CorpusError(
            f"找不到 {path}。请先运行 python data/poetry/prepare.py。",
            f"No {path}. Run python data/poetry/prepare.py first.",
        )
    tokens = np.fromfile(path, np.uint16)
    starts = document_starts(tokens, loaded.vocabulary.bos).tolist()
    rows = [tuple(tokens[a : b - 1].tolist()) for a, b in pairwise(starts)]
    return [row for row in rows if len(row) <= loaded.model.config.block_size][:count]


def table(cards: Cards) -> str:
    """For each role the three heads that go furthest above the baseline; for each head what it costs to silence it."""
    scores, rows = cards.scores, []
    heads = scores.score.shape[1]
    for number, role in enumerate(ROLES):
        column = scores.score[:, :, number]
        best = np.argsort(column, axis=None)[::-1][:3]
        told = "  ".join(
            f"{at // heads + 1}.{at % heads + 1} {column.flat[at]:.3f} ± {scores.spread[:, :, number].flat[at]:.3f}"
            for at in best.tolist()
        )
        rows.append(f"{role:<13} uniform {scores.baseline[number]:.3f}   {told}")
    if cards.costs is not None:
        rows.append("\nnats a character, silenced by zero (by its mean); a row is a layer")
        for zero, mean in zip(cards.costs.zero, cards.costs.mean, strict=True):
            rows.append("  ".join(f"{a:+.4f} ({b:+.4f})" for a, b in zip(zero, mean, strict=True)))
    return "\n".join(rows)


if __name__ == "__main__":
    run_door(main)
