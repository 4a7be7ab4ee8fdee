"""What is said of the model's window: whether a poem fits in it, and what comes of it where it does not.

Past the window each character takes a reading of all that the model sees, as in nanoGPT: positions are learned one by
one, and whatever was kept of a character was computed at another.
"""

from __future__ import annotations

from shici.generation.grid import lay_out
from shici.generation.prompts import Prompt
from shici.generation.verse import Verse
from shici.language import Text


def beforehand(prompt: Prompt, verse: Verse, block_size: int) -> list[Text]:
    """What to say before a form is written that does not fit, or not together with the fields before it."""
    before = len(prompt.ids) + verse.names_rhyme
    poem = len(lay_out(verse.template, {}, verse.alphabet.vocabulary).cells) - 1  # <eos> is not read
    beyond = before + poem - block_size
    if beyond <= 0:
        return []
    name = verse.template.name
    if len(verse.settings.title) + len(verse.settings.author) > beyond:
        remedy = Text("缩短题目、作者就放得下。", "It fits with a shorter title or author.")
    elif verse.settings.lines:
        remedy = Text("减少 --lines 就放得下。", "It fits with fewer --lines.")
    else:
        remedy = Text(
            "--particles、--num_samples 越少越快。", "The fewer --particles and --num_samples, the faster."
        )
    return [
        Text(
            f"字段 {before} 个词元，{name} {poem} 个，模型一次只看得到 {block_size} 个："
            f"最后 {beyond} 个每写一个都要重读前面 {block_size} 个，很慢。{remedy.zh}",
            f"The fields have {before} tokens and {name} has {poem}, but the model sees {block_size} at a time: for "
            f"each of the last {beyond} it reads {block_size} anew, which is slow. {remedy.en}",
        )
    ]


def outgrown(block_size: int) -> Text:
    """What is said once, where a poem whose length was not known has grown beyond the window."""
    return Text(
        f"写到 {block_size} 个词元以后，模型只看得到最后 {block_size} 个；每写一个都要重读一遍，慢得多。",
        f"Beyond {block_size} tokens the model sees only the last {block_size}. It reads them anew for each "
        "character, which is much slower.",
    )
