"""Where the tokens of a row stand in the poem: line and place in the line, rhyme words, what comes before the body.

Letters: T tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shici.corpus.characters import NOT_HAN
from shici.vocabulary import Vocabulary

BREAKS = "，。！？；：\n"  # what ends a line of verse; 、 stands inside one
SENTENCES = "。！？"  # what stands behind a rhyme word
MARKS = BREAKS + "、"
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Layout:
    """Of a row of T tokens.

    body: the place of the first token of the verse; T where there is none yet.
    line, column: for each token the number of its line in the verse and its place in the line, from 0;
    NOWHERE for marks and for all that is no character of the verse.
    lines: for each line the places of its characters, so that lines[line[t]][column[t]] == t.
    finished: for each line whether a mark stands behind it.
    marks: places of the marks and line feeds of the verse. rhymes: places of rhyme words (before 。！？), in order.
    """

    body: int
    line: tuple[int, ...]
    column: tuple[int, ...]
    lines: tuple[tuple[int, ...], ...]
    finished: tuple[bool, ...]
    marks: tuple[int, ...]
    rhymes: tuple[int, ...]

    def partner(self, line: int) -> int | None:
        """The first line of the couplet that `line` closes: the line before it, if they are as long as each other.

        A line that is still being written counts as long enough while it is not longer.
        """
        if line % 2 == 0 or line >= len(self.lines):
            return None
        mine, other = len(self.lines[line]), len(self.lines[line - 1])
        fits = mine == other if self.finished[line] else mine <= other
        return line - 1 if fits else None


def lay_out(ids: Sequence[int], vocabulary: Vocabulary) -> Layout:
    """Read the layout off the tokens. Without control tokens all of the row is verse; so it is past a lost `<body>`."""
    tokens = [vocabulary.tokens[index] if index < len(vocabulary) else "" for index in ids]
    body = body_start(ids, vocabulary)
    line, column = [NOWHERE] * len(tokens), [NOWHERE] * len(tokens)
    lines: list[list[int]] = []
    finished: list[bool] = []
    marks, rhymes = [], []
    for place in range(body, len(tokens)):
        token = tokens[place]
        if token and token in MARKS:
            marks.append(place)
        if token and token in BREAKS and lines and not finished[-1]:
            finished[-1] = True
            if token in SENTENCES:
                rhymes.append(lines[-1][-1])
        if len(token) != 1 or NOT_HAN.fullmatch(token):
            continue
        if not lines or finished[-1]:
            lines.append([])
            finished.append(False)
        line[place], column[place] = len(lines) - 1, len(lines[-1])
        lines[-1].append(place)
    return Layout(
        body,
        tuple(line),
        tuple(column),
        tuple(map(tuple, lines)),
        tuple(finished),
        tuple(marks),
        tuple(rhymes),
    )


def body_start(ids: Sequence[int], vocabulary: Vocabulary) -> int:
    """Where the verse begins: behind `<body>`, or at 0 where the row has none (a window that has lost it)."""
    if not vocabulary.has_controls or vocabulary.body not in ids:
        return 0 if not vocabulary.has_controls or vocabulary.bos not in ids else len(ids)
    return list(ids).index(vocabulary.body) + 1
