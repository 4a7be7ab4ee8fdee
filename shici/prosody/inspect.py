"""A poem's verdict for a terminal: tones under the characters, what the form asks, rhymes and reasons.

shici inspect poem.txt
shici inspect --tune 念奴娇 poem.txt
shici inspect --law 新韵 poem.txt
echo '床前明月光，疑是地上霜。举头望明月，低头思故乡。' | shici inspect -
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from shici.config.inspect import InspectSettings
from shici.config.parse import parse_words
from shici.errors import ConfigError, ProsodyError, TextInputError
from shici.language import Text
from shici.prosody.lines import is_han
from shici.prosody.modern import modern_lexicon, reader_lexicon
from shici.prosody.pasted import Poem, poems
from shici.prosody.patterns import REGULATED_FORMS
from shici.prosody.readings import Lexicon
from shici.prosody.tune_naming import NAMELESS, heading_name, heading_tune, named_tune, tune_by_shape
from shici.prosody.tune_verdict import CI, TUNE_FAULTS, TUNE_NOTES, TuneVerdict, judge_tune
from shici.prosody.tunes import RHYMES, canonical_name, find_tune, simplified_name, tunes
from shici.prosody.verdict import FAULTS, NOTES, Remark, Verdict, judge
from shici.text_file import decode_text, read_text_file

LONGEST_NAME = 5  # of a tune
USAGE = Text("shici inspect 文件", "shici inspect FILE")

RED, GREEN, YELLOW, DIM, BOLD, PLAIN = "\033[31m", "\033[32m", "\033[33m", "\033[2m", "\033[1m", "\033[0m"

# Marks under the characters, each as wide as a character.
BLANK, FAULT_MARK, NOTE_MARK, RHYME_MARK = "　误注韵"


def render(verdict: Verdict, colour: bool, called: str = "") -> str:
    """The verdict as text; every row ends with a line feed. With `colour`, ANSI colours. called: see `form_name`."""
    rows = [headline(verdict, colour, called)]
    for at in range(len(verdict.lines)):
        rows.extend(line_rows(verdict, at, colour))
    remarks = [(RED, remark) for remark in verdict.faults] + [(YELLOW, remark) for remark in verdict.notes]
    rows.extend(painted(told(remark), code, colour) for code, remark in remarks)
    rows.extend(glossary(verdict, colour))
    return "".join(f"{row}\n" for row in rows)


def painted(text: str, code: str, colour: bool) -> str:
    """`text` in a colour, or as it is."""
    return f"{code}{text}{PLAIN}" if colour else text


def headline(verdict: Verdict, colour: bool, called: str = "") -> str:
    """`七绝　合律　押十五删韵`; of a 词 `词·如梦令　合律　押第四部韵`."""
    code = {"合律": GREEN, "不合律": RED}.get(verdict.regulated, YELLOW)
    known = verdict.form in REGULATED_FORMS or isinstance(verdict, TuneVerdict)
    law = verdict.regulated or ("缺字或读音未知，不能判定" if known else "不拘平仄")
    cells = painted(form_name(verdict, called), BOLD, colour), painted(law, code, colour), rhyme_name(verdict)
    return "　".join(cells)


def form_name(verdict: Verdict, called: str = "") -> str:
    """`七绝`, `词·念奴娇（第2体，共4体）`. called: the name of the tune that the user knows, `词·撷芳词（钗头凤）`."""
    if not isinstance(verdict, TuneVerdict):
        return verdict.form
    tune, number = verdict.variant.tune, verdict.variant.number
    count = len(tunes()[tune])
    beside = [called] if called not in ("", tune) else []
    beside += [f"第{number}体", f"共{count}体"] if count > 1 else []
    return f"{verdict.form}·{tune}" + (f"（{'，'.join(beside)}）" if beside else "")


def rhyme_name(verdict: Verdict) -> str:
    """`押十五删韵`; of a 词 with several rhymes each: `押第三部、第七部韵`."""
    parts = verdict.parts if isinstance(verdict, TuneVerdict) else (verdict.rhyme,)
    return f"押{'、'.join(part or '？' for part in parts)}韵" if any(parts) else "不押一韵"


def line_rows(verdict: Verdict, at: int, colour: bool) -> Iterator[str]:
    """The line, its tones, what is asked, and marks where there is something to see."""
    faults = {place for line, place in places(verdict.faults) if line == at}
    notes = {place for line, place in places(verdict.notes) if line == at}
    text, tones, pattern = verdict.lines[at], verdict.tones[at], verdict.patterns[at]

    def tinted(characters: str, usual: str) -> str:
        codes = (RED if i in faults else YELLOW if i in notes else usual for i in range(len(characters)))
        runs = groupby(zip(characters, codes, strict=True), key=lambda pair: pair[1])
        return "".join(painted("".join(one for one, _ in run), code, colour) for code, run in runs)

    yield f"{at + 1:>3}　{tinted(text, GREEN if pattern else BOLD)}"
    yield f" 调　{tinted(tones, PLAIN)}"
    if pattern:
        yield f" {'谱' if isinstance(verdict, TuneVerdict) else '律'}　{painted(pattern, DIM, colour)}"
    marks = [BLANK] * len(text)
    if verdict.rhyming[at]:
        marks[-1] = rhyme_mark(verdict, at)
    for place in notes:
        marks[place] = NOTE_MARK
    for place in faults:
        marks[place] = FAULT_MARK
    if any(mark != BLANK for mark in marks):
        yield f" 　　{tinted(''.join(marks).rstrip(BLANK), DIM)}"
    if isinstance(verdict, TuneVerdict) and ends_stanza(verdict, at):
        yield ""


def rhyme_mark(verdict: Verdict, at: int) -> str:
    """韵; in a 词 with several rhymes 甲 乙 丙 for each of them."""
    if not isinstance(verdict, TuneVerdict) or len(verdict.parts) < 2:
        return RHYME_MARK
    place = verdict.places[at]
    rhyme = None if place is None else verdict.variant.lines[place].rhyme
    return RHYME_MARK if rhyme is None else RHYMES[rhyme]


def ends_stanza(verdict: TuneVerdict, at: int) -> bool:
    """Whether the tune has the end of a stanza after this line."""
    place = verdict.places[at]
    return place is not None and verdict.variant.lines[place].stanza


def places(remarks: Iterable[Remark]) -> Iterator[tuple[int, int]]:
    """(line, place) of the remarks that concern one character."""
    for remark in remarks:
        if remark.place is not None:
            yield remark.line, remark.place


def told(remark: Remark) -> str:
    """`第3句第5字　出律　“X”平声，此处当仄`."""
    place = "" if remark.place is None else f"第{remark.place + 1}字"
    return f"第{remark.line + 1}句{place}　{remark.kind}　{remark.reason}"


def glossary(verdict: Verdict, colour: bool) -> Iterator[str]:
    """What the kinds of remark in this verdict mean, in English."""
    met = {remark.kind for remark in (*verdict.faults, *verdict.notes)}
    for kind, meaning in {**FAULTS, **TUNE_FAULTS, **NOTES, **TUNE_NOTES}.items():
        if kind in met:
            yield painted(f"{kind}: {meaning}", DIM, colour)


def read(name: str) -> str:
    """The text of a file, or of standard input for `-`. Raises TextInputError."""
    return decode_text(sys.stdin.buffer.read(), "-") if name == "-" else read_text_file(Path(name))


def parse(argv: list[str]) -> tuple[InspectSettings, str]:
    """The settings and the file's name. Raises ConfigError."""
    settings, words = parse_words(InspectSettings, argv, usage=USAGE)
    if len(words) != 1:
        raise ConfigError(
            f"请给一个诗的文本文件（- 为标准输入），例如 shici inspect poem.txt；得到 {len(words)} 个。"
            "设置要写成 --名字=值。",
            f"Expected one text file (- for standard input), as in: shici inspect poem.txt; got {len(words)}. "
            "Settings are --name=value.",
        )
    form = simplified_name("".join(settings.form.split()))
    if form not in ("", CI) and settings.tune:
        raise ConfigError(
            f"--form={settings.form} 与 --tune={settings.tune} 只能要一个：词用 --tune，诗用 --form。",
            f"Give --form={settings.form} or --tune={settings.tune}, not both: --tune for a 词, --form for a 诗.",
        )
    return replace(settings, form=form), words[0]


def main(argv: list[str]) -> int:
    """Print the verdict on every poem of a file. Raises ConfigError, TextInputError and ProsodyError."""
    settings, name = parse(argv)
    lexicon = modern_lexicon() if settings.law == "新韵" else None
    text = read(name)
    found = poems(text, lexicon)
    if not found and not text.strip():
        raise TextInputError(
            f"{name} 里没有诗句。请每首占几行，首与首之间空一行。",
            f"There is no verse in {name}. Give a poem in a few lines, a blank line between poems.",
        )
    if not any(is_han(one) for poem in found for line in poem.lines for one in line):
        raise TextInputError(
            f"{name} 里没有一个汉字。请给出一首诗。", f"There is no Chinese character in {name}. Give a poem."
        )
    automatic = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    colour = settings.colour == "always" or (settings.colour == "auto" and automatic)
    for number, poem in enumerate(found):
        verdict = verdict_on(poem, settings.form, settings.tune, lexicon)
        if number:
            print()
        for heading in poem.headings:
            print(heading)
        print(render(verdict, colour, name_used(poem, verdict, settings.tune)), end="")
        heeded = settings.form or settings.tune
        for remark in (*poem.remarks, *([] if heeded else unheeded(poem, verdict))):
            print(painted(remark.aside, DIM, colour))
    return 0


def name_used(poem: Poem, verdict: Verdict, asked: str = "") -> str:
    """The name by which the tune of the verdict was asked for, or goes above the poem; "" where it has none there."""
    names = (simplified_name(heading_name(one)) for one in (asked, *poem.headings))
    return next((name for name in names if is_of(verdict, name)), "")


def is_of(verdict: Verdict, name: str) -> bool:
    """Whether the verdict is by a tune of this name."""
    if not isinstance(verdict, TuneVerdict) or not canonical_name(name):
        return False
    return verdict.variant.tune in {variant.tune for variant in find_tune(name)}


def unheeded(poem: Poem, verdict: Verdict) -> Iterator[Text]:
    """A remark where the poem is headed by a tune and judged as something else."""
    names = [simplified_name(heading_name(heading)) for heading in poem.headings]
    known = [name for name in names if canonical_name(name)]
    if any(is_of(verdict, name) for name in known):
        return
    judged = verdict.variant.tune if isinstance(verdict, TuneVerdict) else verdict.form
    if known:
        yield Text(
            f"题为{known[0]}，字句与谱相去太远，按{judged}判。要按谱判，请加 --tune={known[0]}。",
            f"It is headed {known[0]}, but far from that tune's lines: judged as {judged}. Add --tune={known[0]} to "
            "judge it by the tune.",
        )
    elif verdict.form == NAMELESS and names and 2 <= len(names[0]) <= LONGEST_NAME:
        yield Text(
            f"没有《{names[0]}》的谱：若是词，也只能按杂言看。",
            f"No pattern is known for a tune {names[0]}: if this is a 词, it can only be taken for free verse.",
        )


def verdict_on(poem: Poem, form: str = "", tune: str = "", lexicon: Lexicon | None = None) -> Verdict:
    """Judge a poem as what it is asked to be, or else as what it seems to be: a 词 by its heading or its shape.

    form, tune: "" where nothing is asked. lexicon: the readings to accept; by default those of the text's script,
    in 平水韵 and 词林正韵, and the modern tone of what those lack.
    Raises ProsodyError for an unknown form or tune, and for a 词 whose tune cannot be told.
    """
    lexicon = lexicon or reader_lexicon("".join(poem.lines))
    if not tune and form in ("", CI):
        tune = named_tune(poem.headings, poem.lines) or tune_by_shape(poem.lines)
    if tune:
        return judge_tune(poem.lines, heading_tune(tune) or tune, lexicon)
    if form == CI:
        raise ProsodyError(
            f"看不出“{poem.lines[0]}……”是什么词牌。请在题目里写明，或用 --tune 指定。",
            f"Cannot tell the tune of {poem.lines[0]}... Name it above the text or give --tune.",
        )
    return judge(poem.lines, form or None, lexicon)
