"""What the user asks for -> the document that the model goes on with, and remarks on what was made of it.

The fields of a document (form, rhyme ...) are checked against the names that the model was trained with; the
opening and the names are brought to its spelling. Nothing is changed in silence: see `Prompt.remarks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shici.config.fields import nearest
from shici.config.sample import SampleSettings
from shici.corpus.document import Document, encode_prompt
from shici.corpus.normalize import normalize
from shici.errors import GenerationError
from shici.generation.spelling import check_whole, spell
from shici.language import Text
from shici.text_file import read_text_file
from shici.vocabulary import CI_RHYME_GROUPS, DYNASTIES, FORMS, RHYME_GROUPS, Vocabulary

FILE_PREFIX = "FILE:"
CLOSED_FIELDS = {
    "form": ("体裁", FORMS),
    "rhyme": ("韵部", RHYME_GROUPS + CI_RHYME_GROUPS),
    "dynasty": ("朝代", DYNASTIES),
}
OPENING, AUTHOR = Text("开头", "The opening"), Text("作者", "The author")
OPEN_FIELDS = {"tune": Text("词牌", "The tune"), "author": AUTHOR, "title": Text("题目", "The title")}
SHORT_POEM = 24  # tokens of a 五绝, marks and all
SHOWN_CHANGES = 12  # of a long conversion, how many pairs are named


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model continues: `document` as ids, and what the user should know about it."""

    document: Document
    ids: tuple[int, ...]
    remarks: tuple[Text, ...]


def build_prompt(settings: SampleSettings, vocabulary: Vocabulary, block_size: int) -> Prompt:
    """The prompt that the settings ask for.

    Raises GenerationError for a file that cannot be read, a field or a name that the model does not know;
    UnknownCharacterError for a character.
    """
    _check_fields(settings, vocabulary)
    remarks: list[Text] = []
    body = respell(OPENING, _opening(settings.start, vocabulary), vocabulary, remarks)
    names = {
        field: respell(name, "".join(getattr(settings, field).split()), vocabulary, remarks)
        for field, name in OPEN_FIELDS.items()
    }
    regulated = {None: "", True: "合律", False: "不合律"}[settings.regulated]
    closed = {field: known_name(field, getattr(settings, field)) for field in CLOSED_FIELDS}
    document = Document(body, regulated=regulated, **closed, **names)
    ids = encode_prompt(document, vocabulary)
    _check_room(names, len(ids) - len(body), block_size)
    if len(ids) > block_size:
        first = len(ids) - block_size + 1
        zh, en = (
            ("字段与开头", "The fields and the opening have")
            if any(names.values())
            else ("开头", "The opening has")
        )
        remarks.append(
            Text(
                f"{zh}共 {len(ids)} 个词元，模型一次只看得到 {block_size} 个：从第 {first} 个看起，"
                "每写一个都要重读一遍，很慢。",
                f"{en} {len(ids)} tokens and the model sees {block_size} at a time: it reads from number {first} on, "
                "anew for each character, which is slow.",
            )
        )
    return Prompt(document, tuple(ids), tuple(remarks))


def _check_room(names: Mapping[str, str], size: int, block_size: int) -> None:
    """Raise GenerationError for fields of `size` tokens that leave the model no room to see even a short poem."""
    if not any(names.values()) or block_size - size >= min(SHORT_POEM, block_size // 4):
        return
    longest = max(names, key=lambda field: len(names[field]))
    given = " ".join(f"--{field}" for field, name in names.items() if name)
    raise GenerationError(
        f"{given} 连同标记共 {size} 个词元，模型一次只看得到 {block_size} 个，没有给诗留下地方。请缩短 --{longest}。",
        f"{given} and the marks between take {size} tokens; the model sees {block_size} at a time, so there is no room "
        f"for the poem. Shorten --{longest}.",
    )


def _opening(start: str, vocabulary: Vocabulary) -> str:
    """The opening, or what a model without <bos> goes on from where there is none."""
    text = given_text(start)
    if text or vocabulary.has_controls:
        return text
    if "\n" in vocabulary:
        return "\n"  # nanoGPT's own default: a model without <bos> needs something to go on
    raise GenerationError(
        "这个模型没有诗的起始标记，要有开头才能写。请加上 --start=开头。",
        "This model has no token that begins a poem and needs an opening. Add --start=TEXT.",
    )


def given_text(typed: str) -> str:
    """The text itself, or that of the file that it names, without the blank lines and spaces around it."""
    if typed.startswith(FILE_PREFIX):
        typed = read_text_file(Path(typed.removeprefix(FILE_PREFIX)))
    return "\n".join(line.strip() for line in typed.strip().splitlines())


def _check_fields(settings: SampleSettings, vocabulary: Vocabulary) -> None:
    given = [field for field in (*CLOSED_FIELDS, *OPEN_FIELDS) if getattr(settings, field)]
    given += ["regulated"] if settings.regulated is not None else []
    if given and not vocabulary.has_controls:
        options = " ".join(f"--{field}" for field in given)
        raise GenerationError(
            f"这个模型只会续写，不懂 {options}（词表没有控制标记）。请去掉，或换用 train.py 训练的模型。",
            f"This model only continues text and has no tokens for {options}. Leave them out, or use a model "
            "trained by train.py.",
        )


def known_name(field: str, text: str, among: Sequence[str] = ()) -> str:
    """The name of a form, rhyme group or dynasty (of those given, if any). Raises GenerationError with the nearest."""
    check_whole(text)
    name, (zh, known) = normalize("".join(text.split())), CLOSED_FIELDS[field]
    if not name or name in known:
        return name
    known = tuple(among) or known
    guess = guess_name(name, known)
    listed = " ".join(known[:30]) + (" …" if len(known) > 30 else "")
    remedy_zh = f"是不是 --{field}={guess}？" if guess else f"可用：{listed}。"
    remedy_en = f"Did you mean --{field}={guess}?" if guess else f"Known: {listed}."
    raise GenerationError(
        f"没有名为“{text}”的{zh}。{remedy_zh}", f"There is no {field} called {text!r}. {remedy_en}"
    )


def guess_name(name: str, known: Sequence[str]) -> str | None:
    """阳 -> 七阳, 七言绝句 -> 七绝, 南宋 -> 宋: one that ends in the name, else the nearest."""
    endings = [candidate for candidate in known if candidate.endswith(name)]
    return endings[0] if endings else nearest(name, known)


def respell(what: Text, text: str, vocabulary: Vocabulary, remarks: list[Text]) -> str:
    """`text` in the model's spelling; a remark if that is another than the user's."""
    spelt = spell(text, vocabulary)
    if spelt.changes:
        pairs = [f"{typed}→{read}" for typed, read in spelt.changes]
        shown = " ".join(pairs[:SHOWN_CHANGES])
        more = len(pairs) > SHOWN_CHANGES
        remarks.append(
            Text(
                f"{what.zh}已换成模型的写法：{shown}{f' 等 {len(pairs)} 处' if more else ''}",
                f"{what.en} was put into the model's spelling: {shown}{f' … ({len(pairs)} in all)' if more else ''}",
            )
        )
    return spelt.text
