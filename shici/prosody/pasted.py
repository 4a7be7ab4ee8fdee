"""The poems of a text as people copy it: what is verse in it, and what is title, preface, note, quotation mark or sign.

Only for a text that is to be judged; the corpus is cleaned by shici.corpus.clean.

A text is blocks with blank lines between them, a block is rows. A row gives lines of verse, unless it stands above
or below the verse. Where that is doubtful the shape decides: rows are taken for a title or a preface, and blocks for
stanzas of one poem, only if what is left then is a whole poem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from shici.language import Text
from shici.prosody.judge import REGULAR, label, rhyme_words
from shici.prosody.lines import is_han, lines_of
from shici.prosody.modern import modern_lexicon
from shici.prosody.notes import GAPS
from shici.prosody.patterns import LINE_COUNTS, REGULATED_FORMS, form_by_shape
from shici.prosody.readings import Lexicon
from shici.prosody.tune_naming import LABEL, NAMELESS, distance, fits_tune, heading_tune, tune_by_shape

PUNCTUATION = re.compile(r"[，。！？；、：,.!?;:]+")
BRACKETED = re.compile(
    r"（[^（）]*）|\([^()]*\)|【[^【】]*】|\[[^\[\]]*\]|〔[^〔〕]*〕|〖[^〖〗]*〗|［[^［］]*］"
)
QUOTES = re.compile("[“”‘’„‟«»‹›「」『』｢｣﹁﹂﹃﹄《》〈〉〝〞\"'＂＇]+")
CUTS = re.compile(r"[—–―─…⋯·•・‧∙／/～~|｜\\-]+")
ROUND_GAPS = str.maketrans("○◯", "□□")

BODY = re.compile(r"\s*(?:原文|正文)\s*[:：]\s*")
ABOUT = "注释|註釋|注解|註解|注|註|译文|譯文|翻译|翻譯|今译|赏析|賞析|简析|题解|題解|背景|创作背景|作者简介"
NOTES_HEAD = re.compile(rf"[【\[〔（(]\s*(?:{ABOUT})\s*[】\]〕）)]|(?:{ABOUT})\s*(?:[:：]|$)|[①-⑳]")
SIGNED = re.compile(r"(?:^|(?<=[。！？!?.”’」』\"\s]))\s*[—–―─-]+\s*([^，。！？；,.!?;—–―─-]{1,30})$")
SENTENCE_END = "。！？；，!?;,."

MOST_BLOCKS = 8  # of one poem
MOST_ABOVE = 6  # rows that are taken for title, author and preface where the shape alone says so
MOST_NAMES = 3  # of them, where they have no punctuation: title, dynasty, author
LONGEST_NAME = 4  # characters of an author
NEARLY = 0.25  # see `distance`
SHOWN = 20  # characters of a row that a remark quotes


@dataclass(frozen=True, slots=True)
class Poem:
    """A poem found in a text: its headings (title, author) and its lines without punctuation.

    remarks: what of the text was not taken for verse, where one may doubt it.
    """

    headings: tuple[str, ...]
    lines: tuple[str, ...]
    remarks: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """text: as written. lines: if it is verse. marked: it has punctuation. notes, signs: what is not counted in it."""

    text: str
    lines: tuple[str, ...]
    marked: bool
    notes: tuple[str, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """rows: without those below the verse. signed: the author and title that stand there. beneath: other rows there."""

    rows: tuple[Row, ...]
    signed: tuple[str, ...] = ()
    beneath: tuple[str, ...] = ()


def poems(text: str, lexicon: Lexicon | None = None) -> list[Poem]:
    """The poems of a text, with a blank line between them; stanzas of one poem may be set apart as well.

    Unpunctuated rows above the verse are headings, if all of the verse is punctuated; in a text with no
    punctuation at all every row is verse, except the name of a tune. But see the module for rows and blocks that
    leave a whole poem. lexicon: by whose rhymes two blocks may be one poem; by default the classical ones.
    """
    blocks = list(blocks_of(text, keep_notes=False))
    if not any(row.lines for block in blocks for row in block.rows):
        blocks = list(blocks_of(text, keep_notes=True))
    punctuated = any(row.marked for block in blocks for row in block.rows)
    found: list[Poem] = []
    above: tuple[str, ...] = ()
    while blocks:
        count = heading_count(blocks[0].rows, punctuated=punctuated)
        if not verse(blocks[0].rows[count:]):
            block = blocks.pop(0)
            found, above = with_rest(found, above, block, count)
            continue
        run = [blocks[0], *headless(blocks[1:MOST_BLOCKS], punctuated=punctuated)]
        poem, used = first_poem(run, above, count, lexicon)
        whole = with_stanza(found[-1], poem) if found and not poem.headings and used == 1 else None
        found = [*found[:-1], whole] if whole else [*found, poem]
        above, blocks = (), blocks[used:]
    return found


def with_rest(
    found: list[Poem], above: tuple[str, ...], block: Block, count: int
) -> tuple[list[Poem], tuple[str, ...]]:
    """What is found after a block without verse: more headings for the next poem, or notes on the one before."""
    above = (*above, *(row.text for row in block.rows[:count]))
    beneath = (*block.signed, *block.beneath)
    if found and beneath and not block.rows:
        last = replace(found[-1], remarks=(*found[-1].remarks, *remarks_below(block)))
        return [*found[:-1], replace(last, headings=(*last.headings, *block.signed))], above
    return found, above


def headless(blocks: Sequence[Block], *, punctuated: bool) -> Iterator[Block]:
    """The next blocks as long as they are verse with no heading."""
    for block in blocks:
        if heading_count(block.rows, punctuated=punctuated) or not verse(block.rows):
            return
        yield block


def first_poem(
    run: Sequence[Block], above: tuple[str, ...], count: int, lexicon: Lexicon | None
) -> tuple[Poem, int]:
    """The poem that a run of blocks begins with, and how many of them it takes. count: rows of its headings."""
    headings = (*above, *(row.text for row in run[0].rows[:count]))
    first = verse(run[0].rows[count:])
    for used in range(len(run), 1, -1):
        parts = [first, *(verse(block.rows) for block in run[1:used])]
        if one_poem(parts, (*headings, *run[used - 1].signed), lexicon):
            return poem_of(run[:used], above, count), used
    if not is_whole(first, (*headings, *run[0].signed)):
        for used in range(1, len(run) + 1):
            if more := rows_above(run[:used], above, count):
                return poem_of(run[:used], above, *more, usual=count), used
    return poem_of(run[:1], above, count), 1


def poem_of(
    run: Sequence[Block], above: tuple[str, ...], count: int, below: int = 0, usual: int | None = None
) -> Poem:
    """The poem of these blocks without `count` rows above and `below` rows below; usual: how many rows above need no
    remark."""
    rows = list(chain.from_iterable(block.rows for block in run))
    inside = rows[count : len(rows) - below]
    signed = (
        *(row.text for row in rows[len(rows) - below :]),
        *(one for block in run for one in block.signed),
    )
    headings = (*above, *(row.text for row in rows[:count]), *signed)
    taken = [row.text for row in rows[count if usual is None else usual : count]]
    remarks = [*remarks_above(taken), *remarks_inside(inside)]
    if len(run) > 1 and usual is None and not tunes_of(headings):
        told = f"空行隔开的 {len(run)} 段合作一首看。", f"The {len(run)} blocks are read as one poem."
        remarks.append(Text(*told))
    below_all = Block((), signed, tuple(one for block in run for one in block.beneath))
    return Poem(headings, verse(inside), (*remarks, *remarks_below(below_all)))


def rows_above(run: Sequence[Block], above: tuple[str, ...], usual: int) -> tuple[int, int] | None:
    """How many rows at the top and at the bottom are no verse, if what is left then is a whole poem."""
    rows = [row for block in run for row in block.rows]
    ways = [(top, low) for top in range(usual, usual + MOST_ABOVE + 1) for low in (0, 1)]
    for top, low in sorted(ways, key=sum):
        inside = rows[top : len(rows) - low]
        taken = [*rows[usual:top], *rows[len(rows) - low :]]
        headings = (*above, *(row.text for row in rows[:top]), *(row.text for row in rows[len(rows) - low :]))
        lines = verse(inside)
        if not taken or len(lines) < 4:
            continue
        named = any(fits_tune(lines, tune) for tune in tunes_of(headings))
        signed = not low or is_name(rows[-1])
        alone = signed and leaves_verse(taken, lines, headed=bool(above) or usual > 0)
        if named or (alone and within(run, top)):
            return top, low
        if len(run) == 1 and is_nearly(lines, verse(rows[usual:]), headings):
            return top, low
    return None


def within(run: Sequence[Block], top: int) -> bool:
    """Whether no block goes whole into the rows above, but one that is no more than a title: a row of one line."""
    titles = (len(block.rows) == 1 and not block.rows[0].marked for block in run[:-1])
    return len(run) == 1 or (all(titles) and top >= len(run) - 1)


def leaves_verse(taken: Sequence[Row], lines: Sequence[str], *, headed: bool) -> bool:
    """Whether rows that have no tune to go by may be a title and the like, and `lines` a 诗 without them.

    headed: there is a heading above them.
    """
    form, length = form_by_shape(lines), len(lines[0])
    plain = [row for row in taken if not row.marked]
    if len(plain) == len(taken) > 1 and (len(taken) > MOST_NAMES or not any(map(is_name, taken))):
        return False
    if form == NAMELESS:
        return all(map(is_name, taken)) and tune_by_shape(lines) != ""
    same = [row for row in taken if row.lines and all(len(line) == length for line in row.lines)]
    fixed = is_fixed(form)
    if same:  # 月夜忆舍弟 above its eight lines
        alone = len(taken) == 1 and len(taken[0].lines) == 1 and not taken[0].marked
        return alone and fixed and label(lines).regulated == REGULAR
    if len(plain) == len(taken):
        return len(lines) % 2 == 0
    ended = [row for row in taken if row.text[-1] in SENTENCE_END]
    prefaces = (headed or taken[0] not in ended) and all(map(is_prose, ended))
    return fixed and (not ended or (prefaces and rhymes(lines)))


def is_name(row: Row) -> bool:
    """Whether a row may be the name of an author, with or without the title in brackets."""
    return not row.marked and (sum(map(len, row.lines)) <= LONGEST_NAME or "《" in row.text)


def is_prose(row: Row) -> bool:
    """Whether a row is a preface by the look of it: at least three clauses, of three lengths."""
    return len(set(map(len, row.lines))) >= 3


def is_nearly(lines: Sequence[str], before: Sequence[str], headings: Sequence[str]) -> bool:
    """Whether lines are far nearer to a tune named above them without the rows that `before` has as well."""
    for tune in tunes_of(headings):
        price = distance(lines, tune)
        if price <= NEARLY and price < distance(before, tune) / 2:
            return True
    return False


def one_poem(parts: Sequence[tuple[str, ...]], headings: Sequence[str], lexicon: Lexicon | None) -> bool:
    """Whether blocks are the stanzas of one poem: of the tune that is named, of some tune, or a 诗 in one rhyme."""
    lines = tuple(chain.from_iterable(parts))
    for tune in tunes_of(headings):
        if fits_tune(lines, tune) and not fits_tune(parts[0], tune):
            return True
    form = form_by_shape(lines)
    if form == NAMELESS:
        return tune_by_shape(lines) != "" and not all(is_whole(part, ()) for part in parts)
    if not is_fixed(form):
        return bool(headings) and form in REGULATED_FORMS and label(lines).regulated == REGULAR
    if label(lines, lexicon).regulated == REGULAR:
        return True
    again = len(set(words := rhyme_words(lines))) < len(words)
    apart = all(label(part, lexicon).regulated == REGULAR for part in parts)
    return label(lines, lexicon).rhyme != "" and not again and not apart


def is_whole(lines: Sequence[str], headings: Sequence[str]) -> bool:
    """Whether the lines are a poem with nothing too much: of a tune that is named, of some tune, or a 诗 in rhyme."""
    if any(fits_tune(lines, tune) for tune in tunes_of(headings)):
        return True
    form = form_by_shape(lines)
    if form == NAMELESS:
        return tune_by_shape(lines) != ""
    return rhymes(lines) if is_fixed(form) else label(lines).regulated == REGULAR


def is_fixed(form: str) -> bool:
    """Whether the form says how many lines there are: 绝句, 律诗."""
    return form in REGULATED_FORMS and form[1] in LINE_COUNTS


def rhymes(lines: Sequence[str]) -> bool:
    """Whether the even lines share a rhyme, by the classical books or today."""
    return any(label(lines, lexicon).rhyme for lexicon in (None, modern_lexicon()))


def tunes_of(headings: Iterable[str]) -> list[str]:
    """The tunes that headings name."""
    return list(filter(None, map(heading_tune, headings)))


def with_stanza(poem: Poem, stanza: Poem) -> Poem | None:
    """The poem with one more stanza, if that brings it nearer to the tune that it is headed by."""
    lines = (*poem.lines, *stanza.lines)
    for tune in tunes_of(poem.headings):
        if distance(lines, tune) < distance(poem.lines, tune):
            return Poem(poem.headings, lines, (*poem.remarks, *stanza.remarks))
    return None


def heading_count(rows: Sequence[Row], *, punctuated: bool) -> int:
    """How many rows at the top are no verse for sure. What stands in brackets doesn't count."""
    labels = next((at for at, row in enumerate(rows) if not LABEL.match(row.text)), len(rows))
    if not punctuated:
        return max(labels, int(bool(rows) and heading_tune(rows[0].text) != ""))
    first = next((at for at, row in enumerate(rows) if row.marked), len(rows))
    whole = all(row.marked for row in rows[first:] if row.lines)
    return max(labels, first if whole else 0)


def blocks_of(text: str, *, keep_notes: bool) -> Iterator[Block]:
    """The blocks of a text, what stands below the verse of each set apart. keep_notes: brackets hold verse."""
    skipping = False
    for part in re.split(r"\n\s*\n", text):
        texts = [row.strip() for row in part.split("\n") if row.strip()]
        if not texts:
            continue
        if skipping:  # the notes of a head that stood alone
            texts, skipping = [], False
        stop = next((at for at, one in enumerate(texts) if NOTES_HEAD.match(one)), len(texts))
        if stop == 0 and texts and "①" <= texts[0][0] <= "⑳":
            stop = len(texts)  # numbered lines
        skipping = 0 == stop == len(texts) - 1
        upper, beneath = texts[:stop], texts[stop : stop + 1]
        signed: tuple[str, ...] = ()
        if upper and (found := SIGNED.search(upper[-1])):
            signed = (found[1].strip(),)
            upper = [*upper[:-1], *filter(None, [upper[-1][: found.start()].strip()])]
        yield Block(tuple(row_of(one, keep_notes=keep_notes) for one in upper), signed, tuple(beneath))


def row_of(text: str, *, keep_notes: bool) -> Row:
    """A row, as verse and otherwise."""
    bare, notes = (text, []) if keep_notes else without_notes(text)
    marked = bool(PUNCTUATION.search(bare))
    if LABEL.match(text):
        return Row(text, (), marked=False, notes=(), signs=())
    bare = QUOTES.sub("", BODY.sub("", bare)).translate(ROUND_GAPS)
    lines = lines_of(CUTS.sub(" ", bare))
    signs = dict.fromkeys(one for line in lines for one in line if not is_counted(one) and is_seen(one))
    counted = ("".join(filter(is_counted, line)) for line in lines)
    return Row(text, tuple(filter(None, counted)), marked, tuple(notes), tuple(signs))


def without_notes(text: str) -> tuple[str, list[str]]:
    """A row without what stands in brackets, and that."""
    notes: list[str] = []
    while found := BRACKETED.search(text):
        notes.append(found[0])
        text = text[: found.start()] + text[found.end() :]
    return text, notes


def is_counted(character: str) -> bool:
    """Whether this stands for a character of the poem: a Chinese one, a gap, or one that Unicode does not have."""
    return is_han(character) or character in GAPS + "〇" or unicodedata.category(character) in ("Co", "Cn")


def is_seen(character: str) -> bool:
    """Whether a reader sees it: no mark of width or variation."""
    return unicodedata.category(character) not in ("Cf", "Mn", "Cc")


def verse(rows: Iterable[Row]) -> tuple[str, ...]:
    """The lines of rows of verse."""
    return tuple(line for row in rows for line in row.lines)


def remarks_above(taken: Sequence[str]) -> Iterator[Text]:
    """On rows that were taken for headings by the shape of what follows."""
    if taken:
        shown = quoted(taken)
        yield Text(
            f"{shown}当作题目、作者或小序，不当诗句。",
            f"Taken for title, author or preface and not for verse: {shown}.",
        )


def remarks_inside(rows: Sequence[Row]) -> Iterator[Text]:
    """On what is not counted in the verse, and on rows that hold none."""
    notes = [note for row in rows if row.lines for note in row.notes]
    signs = dict.fromkeys(sign for row in rows for sign in row.signs)
    empty = [row.text for row in rows if not row.lines]
    if notes:
        yield Text(
            f"括号里的当作注，不计：{quoted(notes)}。", f"Notes in brackets do not count: {quoted(notes)}."
        )
    if signs:
        shown = quoted(list(signs))
        yield Text(
            f"不是汉字，不计：{shown}。", f"Signs that are no Chinese characters do not count: {shown}."
        )
    if empty:
        yield Text(f"{quoted(empty)}不当诗句。", f"Not taken for verse: {quoted(empty)}.")


def remarks_below(block: Block) -> Iterator[Text]:
    """On what stands below the verse."""
    if block.signed:
        shown = quoted(block.signed)
        yield Text(f"{shown}当作落款，不当诗句。", f"Taken for author and title, not for verse: {shown}.")
    if block.beneath:
        shown = quoted(block.beneath)
        yield Text(f"从{shown}起是注，不评。", f"Notes from here on are left out: {shown}.")


def quoted(texts: Sequence[str]) -> str:
    """“床”“前”, the first ones, each cut to what one can see at a glance."""
    shown = "".join(f"“{one[:SHOWN]}{'……' if len(one) > SHOWN else ''}”" for one in texts[:6])
    return shown + ("等" if len(texts) > 6 else "")
