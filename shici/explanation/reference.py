"""A few dozen famous poems that every head is scored on: reference_poems.txt, all in the public domain.

A poem is a heading (title, author, dynasty, form) and its verse; a blank line stands between poems. Most of them
are in the training text: what is measured on them is how the heads work, not how well the model writes. The rhyme is
not named before the body, so that a head which looks for it must find it in the verse.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shici.corpus.document import Document, encode_prompt
from shici.vocabulary import Vocabulary

POEMS = Path(__file__).with_name("reference_poems.txt")


def reference_documents() -> list[Document]:
    """The poems, with all their fields."""
    found = []
    for block in POEMS.read_text(encoding="utf-8").strip().split("\n\n"):
        heading, *lines = block.split("\n")
        title, author, dynasty, form = heading.split(" ")
        found.append(Document("\n".join(lines), form=form, dynasty=dynasty, author=author, title=title))
    return found


def reference_rows(
    documents: Sequence[Document], vocabulary: Vocabulary, block_size: int
) -> list[tuple[int, ...]]:
    """The ids of each poem, without `<eos>`, as the model reads it while it writes.

    A poem with a character that the vocabulary lacks, and one longer than the block, is left out.
    """
    rows = []
    for document in documents:
        texts = document.body + document.author + document.title + document.tune
        if all(one in vocabulary for one in texts):
            ids = encode_prompt(document, vocabulary)
            if 2 < len(ids) <= block_size:
                rows.append(tuple(ids))
    return rows
