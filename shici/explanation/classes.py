"""Tokens as classes whose probability can be added up: marks, level, oblique, a rhyme group.

By the readings in use (shici.prosody.readings.strict_lexicon): a character that is read in two tones belongs to both
classes, one whose reading is not known to none. Letters: V vocabulary, M classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from shici.explanation.verse import MARKS, Layout
from shici.prosody.readings import EITHER, Lexicon, strict_lexicon
from shici.prosody.rhymes import LEVEL, OBLIQUE
from shici.vocabulary import CI_RHYME_GROUPS, RHYME_GROUPS, Vocabulary, control

CLASSES = ("marks", "level", "oblique", "rhyme")
Masks = npt.NDArray[np.bool_]


def class_masks(vocabulary: Vocabulary, size: int, rhyme: str = "") -> Masks:
    """(M, V) bool, in the order of CLASSES. size: the model's V.

    marks: punctuation, the line feed and `<eos>`. rhyme: a group of 平水韵 or a part of 词林正韵; "" for none, which
    is an empty class.
    """
    lexicon = strict_lexicon()
    masks = np.zeros((len(CLASSES), size), np.bool_)
    tones = [lexicon.tones(token) if len(token) == 1 else "" for token in vocabulary.tokens]
    for index, (token, tone) in enumerate(zip(vocabulary.tokens, tones, strict=True)):
        masks[0, index] = (len(token) == 1 and token in MARKS) or token == "<eos>"
        masks[1, index] = tone in (LEVEL, EITHER)
        masks[2, index] = tone in (OBLIQUE, EITHER)
        masks[3, index] = rhyme != "" and len(token) == 1 and rhyme in rhymes_of(token, lexicon)
    return masks


def rhymes_of(character: str, lexicon: Lexicon) -> frozenset[str]:
    """Groups and parts alike: their names differ."""
    return lexicon.groups(character) | lexicon.parts(character)


def tone_of(token: str) -> str:
    """平 or 仄 where a character is read in one tone alone; "" for all else."""
    tone = strict_lexicon().tones(token) if len(token) == 1 else ""
    return tone if tone in (LEVEL, OBLIQUE) else ""


def rhyme_group(ids: Sequence[int], layout: Layout, vocabulary: Vocabulary) -> str:
    """The rhyme of the poem: the one named before the body, else the group that most of its rhyme words share.

    A level end of the first line counts too, in the groups of a later rhyme word. Of groups with as many words the one
    that is met first, then a level one, then the first in the book. "" where no rhyme is named and none is written.
    """
    named = {control(name): name for name in RHYME_GROUPS + CI_RHYME_GROUPS}
    tokens = [vocabulary.tokens[index] if index < len(vocabulary) else "" for index in ids]
    for token in tokens[: layout.body]:
        if token in named:
            return named[token]
    book, words = strict_lexicon().book, rhyming_groups(tokens, layout)
    counts = Counter(group for groups in words for group in groups)
    first = {group: at for at, groups in reversed([*enumerate(words)]) for group in groups}
    return min(
        counts,
        key=lambda group: (-counts[group], first[group], group not in book.level, book.order[group]),
        default="",
    )


def rhyming_groups(tokens: Sequence[str], layout: Layout) -> list[frozenset[str]]:
    """The groups of each rhyme word in its order; of the first line's end those level ones that rhyme later."""
    lexicon = strict_lexicon()
    words = [lexicon.groups(tokens[place]) for place in layout.rhymes]
    if len(layout.lines) > 1 and layout.lines[0][-1] not in layout.rhymes:
        end = lexicon.groups(tokens[layout.lines[0][-1]])
        words.insert(0, frozenset(end & frozenset().union(*words) & set(lexicon.book.level)))
    return words
