"""From clean, distinct poems to token files: characters, vocabulary, split, order, and the readable text."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from shici.corpus.characters import han_only
from shici.corpus.collect import Poem
from shici.corpus.dataset import META_NAMES, write_meta
from shici.corpus.dedup import Deduplicated
from shici.corpus.document import Document, decode_document, encode_document
from shici.corpus.split import SPLITS, Splits, text_hash
from shici.errors import CorpusError
from shici.vocabulary import Vocabulary

READABLE = "input.txt"
VOCABULARY_FILE = "vocabulary.txt"
CLASSICAL = ("先秦", "汉", "魏晋")


def fewest_documents(count: int) -> int:
    """In how many of `count` documents a character must stand so that it can be learnt.

    Of the whole corpus (314,000) 4 loses 1.2 % of the poems and leaves 8,450 tokens; 2 would lose 0.5 % at
    9,640 tokens, 3 loses 0.9 % at 8,940. A small choice of collections cannot afford any such loss.
    """
    return 4 if count >= 50_000 else 2 if count >= 5_000 else 1


def classical_characters(documents: Iterable[Document]) -> frozenset[str]:
    """The characters of the oldest verse, kept however rare: else 诗经 loses a sixth and 楚辞 more than half."""
    return frozenset(
        chain.from_iterable(document.body for document in documents if document.dynasty in CLASSICAL)
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """What goes into the data. documents[i] is poems[i] in learnable characters.

    clusters: for each document the index of the first one that must share its split.
    dropped: (poem, key of clean.REASONS) for the others.
    """

    documents: list[Document]
    poems: list[Poem]
    clusters: list[int]
    dropped: list[tuple[Poem, str]]


def choose(distinct: Deduplicated) -> Chosen:
    """Leave out what is held out for the benchmark, then what has a character in too few of the others."""
    chosen = Chosen([], [], [], list(distinct.dropped))
    allowed = [index for index, poem in enumerate(distinct.poems) if not poem.held_out]
    chosen.dropped.extend((poem, "held_out") for poem in distinct.poems if poem.held_out)
    candidates = [distinct.poems[index].document for index in allowed]
    characters = common_characters(candidates, fewest_documents(len(candidates)))
    characters |= classical_characters(candidates)
    first: dict[int, int] = {}
    for index in allowed:
        poem = distinct.poems[index]
        document = restrict(poem.document, characters)
        if document is None:
            chosen.dropped.append((poem, "rare_character"))
            continue
        chosen.clusters.append(first.setdefault(int(distinct.clusters[index]), len(chosen.documents)))
        chosen.documents.append(document)
        chosen.poems.append(poem)
    return chosen


def document_text(document: Document) -> str:
    """All characters of a document that are not control tokens."""
    return document.body + document.tune + document.author + document.title


def common_characters(documents: Iterable[Document], fewest: int) -> frozenset[str]:
    """The characters that stand in at least `fewest` of `documents`."""
    counts = Counter(chain.from_iterable(set(document_text(document)) for document in documents))
    return frozenset(character for character, count in counts.items() if count >= fewest)


def restrict(document: Document, characters: frozenset[str]) -> Document | None:
    """`document` in `characters` alone: a name with another loses its field, a body with another is None."""
    if characters.issuperset(document_text(document)):
        return document
    if not characters.issuperset(document.body):
        return None
    names = {"tune": document.tune, "author": document.author, "title": document.title}
    return replace(
        document, **{field: name if characters.issuperset(name) else "" for field, name in names.items()}
    )


@dataclass(frozen=True, slots=True)
class Built:
    """vocabulary; for each split the number of documents and of tokens, and its documents' indices in file order."""

    vocabulary: Vocabulary
    documents: dict[str, int]
    tokens: dict[str, int]
    order: dict[str, list[int]]


def build(
    documents: Sequence[Document],
    part: Callable[[Sequence[int]], Splits],
    folder: Path,
    progress: Callable[[int], object],
) -> Built:
    """Write train.bin, val.bin, test.bin, both meta.pkl, vocabulary.txt and input.txt to `folder`.

    part: the splits of the documents, from their texts' hashes.
    The files' order is that of the texts' hashes, so that neighbours in a file are strangers.
    `progress` is told of each document that is done. Raises CorpusError if one does not survive encoding.
    """
    vocabulary = Vocabulary.of_characters(chain.from_iterable(map(document_text, documents)))
    hashes = [text_hash(han_only(document.body) or document.body) for document in documents]
    splits = part(hashes)
    order = sorted(range(len(documents)), key=lambda index: (hashes[index], documents[index].body))

    ids = {name: array("H") for name in SPLITS}  # unsigned, 16 bits: what nanoGPT reads as np.uint16
    placed: dict[str, list[int]] = {name: [] for name in SPLITS}
    with (folder / READABLE).open("w", encoding="utf-8", newline="\n") as readable:
        for index in order:
            encoded = encode_document(documents[index], vocabulary)
            _check_round_trip(documents[index], encoded, vocabulary)
            for split in splits[index]:
                ids[split].extend(encoded)
                placed[split].append(index)
            readable.write(f"{readable_block(documents[index])}\n\n")
            progress(1)
    for name in SPLITS:
        (folder / f"{name}.bin").write_bytes(ids[name].tobytes())
    for name in META_NAMES:
        write_meta(folder / name, vocabulary)
    vocabulary.save(folder / VOCABULARY_FILE)
    counts = {name: len(placed[name]) for name in SPLITS}
    return Built(vocabulary, counts, {name: len(ids[name]) for name in SPLITS}, placed)


def _check_round_trip(document: Document, encoded: list[int], vocabulary: Vocabulary) -> None:
    if decode_document(encoded, vocabulary) != document:
        raise CorpusError(
            f"编码后不能还原：《{document.title}》{document.body[:20]!r}。这是程序的错误，请报告。",
            f"A document does not survive encoding: {document.body[:20]!r}. This is a bug; please report it.",
        )


def readable_block(document: Document) -> str:
    """Title, author and body on lines of their own; a bare text has its body alone."""
    name = "·".join(filter(None, (document.tune, document.title)))
    if not name and not document.author:
        return document.body
    return f"{name or '无题'}\n{document.author or '佚名'}\n{document.body}"
