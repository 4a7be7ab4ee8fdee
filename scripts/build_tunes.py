"""Build shici/prosody/tables/tunes.tsv: the 词谱, learned from the 词 of the training split.

    python scripts/build_tunes.py --data data/poetry    # where prepare.py wrote train.bin and vocabulary.txt

Only train.bin is read, so that poems held out for evaluation teach the table nothing. Other names of a tune count
as the tune (tables/tune_aliases.tsv). The same data give the same bytes. What is counted, and how:
shici/prosody/tune_learning.py; what came out: shici/prosody/tables/README.md.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from shici.corpus.document import Document, decode_document, document_starts  # noqa: E402
from shici.errors import CorpusError, run_door  # noqa: E402
from shici.prosody.tune_learning import Song, learn, song  # noqa: E402
from shici.prosody.tunes import Variant, aliases, format_score  # noqa: E402
from shici.vocabulary import Vocabulary, control  # noqa: E402

OUTPUT = ROOT / "shici" / "prosody" / "tables" / "tunes.tsv"
HEADER = "词牌\t格\t首数\t字数\t谱\n"
NAMELESS = "失调名"
VERSE = re.compile(r"[㐀-鿿𠀀-𲎯，。！？；、：\n]+")


def documents(data: Path, split: str) -> Iterator[Document]:
    """The 词 with a tune and nothing but verse in `split` (train, val, test). Raises CorpusError."""
    path = data / f"{split}.bin"
    if not path.is_file():
        raise CorpusError(
            f"找不到 {path}。请先运行 python data/poetry/prepare.py，再用 --data 指到它的文件夹。",
            f"No {path}. Run python data/poetry/prepare.py and point --data to its folder.",
        )
    vocabulary = Vocabulary.load(data / "vocabulary.txt")
    tokens = np.fromfile(path, dtype=np.uint16)
    ci = vocabulary.ids[control("词")]
    for start, stop in pairwise(document_starts(tokens, vocabulary.bos).tolist()):
        if ci in tokens[start : start + 2]:
            found = decode_document(tokens[start:stop].tolist(), vocabulary)
            if found.tune and found.tune != NAMELESS and VERSE.fullmatch(found.body):
                yield found


def songs(found: Iterator[Document]) -> dict[str, list[Song]]:
    """Poems by tune: those with the most poems first."""
    by_tune: defaultdict[str, list[Song]] = defaultdict(list)
    for document in found:
        by_tune[aliases().get(document.tune, document.tune)].append(song(document.body))
    return dict(sorted(by_tune.items(), key=lambda item: (-len(item[1]), item[0])))


def row(variant: Variant) -> str:
    """One variant in the table."""
    characters = sum(len(line.pattern) for line in variant.lines)
    cells = (variant.tune, variant.number, variant.poems, characters, format_score(variant.lines))
    return "\t".join(map(str, cells)) + "\n"


def summary(by_tune: Mapping[str, Sequence[Song]], learned: Sequence[Variant]) -> str:
    """What was learned and how much of the corpus it covers."""
    total, covered = sum(map(len, by_tune.values())), sum(one.poems for one in learned)
    tunes = len({one.tune for one in learned})
    return f"{tunes} 调 {len(learned)} 格，由 {covered:,} 首学得，占有调名的 {total:,} 首之 {covered / total:.1%}"


def main(argv: list[str]) -> int:
    """Learn and write the table."""
    parser = argparse.ArgumentParser(description="Learn the 词谱 from the prepared corpus.")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "poetry", help="where train.bin is")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args(argv)
    by_tune = songs(documents(arguments.data, "train"))
    learned = [variant for tune, poems in by_tune.items() for variant in learn(tune, poems)]
    arguments.output.write_text(HEADER + "".join(map(row, learned)), encoding="utf-8", newline="\n")
    print(summary(by_tune, learned))
    return 0


if __name__ == "__main__":
    run_door(main)
