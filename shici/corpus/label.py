"""Form, verdict and rhyme of a poem, from the judge in shici.prosody."""

from __future__ import annotations

from shici.corpus.characters import sentences, verse_lines
from shici.prosody.judge import Label, label, label_ci
from shici.prosody.readings import source_lexicon


def label_poem(text: str, kind: str) -> Label:
    """The labels of `text` (best in traditional characters, whose readings are exact) of `kind` 诗, 词 or 曲.

    词 rhyme by 词林正韵; 曲 rhyme by a northern book of their own, so theirs stays "".
    """
    if kind == "词":
        parts = sentences(text)
        return Label("词", "", label_ci(parts, source_lexicon("".join(parts))))
    if kind == "曲":
        return Label("曲", "", "")
    lines = verse_lines(text)
    return label(lines, source_lexicon("".join(lines)))
