"""Judge a poem by the shape of its form alone: line lengths, number of lines, one rhyme. No rule of tone.

For 古体, and for 近体 that was asked for without its rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shici.prosody.judge import UNDECIDED, choose, rhyme_words, shared_rhyme
from shici.prosody.readings import Lexicon
from shici.prosody.template import Template
from shici.prosody.verdict import Remark, Verdict, gaps, in_order, most_used, unknown


def judge_shape(lines: Sequence[str], template: Template, lexicon: Lexicon) -> Verdict:
    """The verdict on verse without punctuation. Its faults: 字数, 句数, 落韵, 重韵, 缺字."""
    lines = [line for line in lines if line]
    faults = [*wrong_lines(lines, template), *gaps(lines), *wrong_rhymes(lines, lexicon)]
    return Verdict(
        lines=tuple(lines),
        form=template.name,
        regulated=UNDECIDED,
        rhyme=choose(shared_rhyme(lines, lexicon)),
        tones=tuple(lexicon.tones(line) for line in lines),
        patterns=("",) * len(lines),
        rhyming=tuple(at % 2 == 1 for at in range(len(lines))),
        faults=tuple(sorted(faults, key=in_order)),
        notes=tuple(unknown(lines, lexicon)),
    )


def wrong_lines(lines: Sequence[str], template: Template) -> Iterator[Remark]:
    """字数 and 句数."""
    for at, (line, shape) in enumerate(zip(lines, template.lines, strict=False)):
        if len(line) != shape.length:
            yield Remark("字数", at, None, f"{template.name}这句{shape.length}字，这里{len(line)}字")
    if len(lines) != len(template.lines):
        yield Remark("句数", len(lines) - 1, None, f"要{len(template.lines)}句，这里{len(lines)}句")


def wrong_rhymes(lines: Sequence[str], lexicon: Lexicon) -> Iterator[Remark]:
    """落韵 and 重韵: the even lines share one group, of whatever tone, and no word twice."""
    words = rhyme_words(lines)
    rhyme = shared_rhyme(lines, lexicon)
    group = choose(rhyme) or most_used(lines, lexicon)
    for number, word in enumerate(words):
        at, place = 2 * number + 1, len(lines[2 * number + 1]) - 1
        groups = lexicon.groups(word)
        if word in words[:number]:
            yield Remark("重韵", at, place, f"“{word}”字重押")
        elif not rhyme.groups and len(words) > 1 and (not group or group not in groups):
            heard = "、".join(lexicon.book.sorted(groups)) or "未知"
            yield Remark(
                "落韵",
                at,
                place,
                f"“{word}”属{heard}" + (f"，多数韵脚在{group}" if group else "，韵脚不同部"),
            )
