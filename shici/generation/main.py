"""Writes poems: what sample.py and `shici sample` run.

Remarks go to stderr, so that stdout holds the poems alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TextIO

from shici.checkpoint import LoadedModel
from shici.config.parse import called, parse_settings
from shici.config.sample import SampleSettings
from shici.generation.backend import MakeReader, sole_writer
from shici.generation.engine import Event
from shici.generation.guidance import unguiding
from shici.generation.prompts import Prompt, build_prompt
from shici.generation.runtime import crowded, load, poems, poems_of_particles, unused_model
from shici.generation.verdicts import summary
from shici.generation.verse import Verse, plan_verse, unkept
from shici.generation.window import beforehand, outgrown
from shici.language import Text
from shici.vocabulary import Vocabulary

SEPARATOR = "---------------"
NO_FIELD = Text("没有 --title，也没有 --author", "there is neither --title nor --author")


class Printer:
    """Shows the poems in the order of their numbers, while several are written at once.

    live: the first poem not yet shown to its end is shown as it grows; else each poem comes out whole. after: what to
    say below a finished poem.
    """

    def __init__(
        self,
        out: TextIO,
        vocabulary: Vocabulary,
        opening: str,
        *,
        live: bool,
        after: Callable[[str], str] | None = None,
    ) -> None:
        self._out = out
        self._after = after
        self._vocabulary = vocabulary
        self._opening = opening
        self._live = live
        self._current = 0  # the poem being shown
        self._texts: dict[int, str] = {}  # what is still to be shown of each poem
        self._bodies: dict[int, str] = {}  # each poem not yet shown to its end, whole
        self._ended: set[int] = set()

    def show(self, event: Event) -> None:
        """Take in one step of all poems and show what can be shown."""
        for number, token, ended in zip(
            event.numbers, event.step.drawn.tolist(), event.ended.tolist(), strict=True
        ):
            for texts in (self._texts, self._bodies):
                texts.setdefault(number, self._opening)
                texts[number] += "" if ended else self._vocabulary.tokens[token]
            if ended:
                self._ended.add(number)
        self._flush()

    def finish(self) -> int:
        """Show the rest; returns how many poems did not come to their end."""
        unfinished = self._texts.keys() - self._ended
        self._ended |= unfinished
        self._flush()
        return len(unfinished)

    def _flush(self) -> None:
        while self._current in self._ended:
            body = self._bodies.pop(self._current)
            word = "" if self._after is None else self._after(body) + "\n"
            self._out.write(f"{self._texts.pop(self._current)}\n{word}{SEPARATOR}\n")
            self._current += 1
        if self._live and self._current in self._texts:
            self._out.write(self._texts[self._current])
            self._texts[self._current] = ""
        self._out.flush()


def main(argv: list[str]) -> int:
    """Write the poems that the command line asks for. Errors: ShiciError."""
    settings = parse_settings(SampleSettings, argv, prog=called("sample.py", "shici sample"))
    loaded = load(settings)
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    settings = asked(settings, verse)
    block_size = loaded.model.config.block_size
    prompt = build_prompt(settings, loaded.vocabulary, block_size)
    found = unkept(settings) if verse is None else [*verse.remarks, *beforehand(prompt, verse, block_size)]
    introduce(
        loaded,
        prompt,
        [*unused_model(settings), *found, *unguiding(settings.guidance_scale, prompt.document, NO_FIELD)],
    )
    with sole_writer(loaded.model, settings) as make_reader:
        if verse is not None and settings.particles > 1:
            for text in crowded(settings, settings.particles):
                remark(text)
            for draft in poems_of_particles(loaded, prompt, settings, verse, make_reader):
                body = loaded.vocabulary.decode(draft.tokens)
                print(f"{body}\n{summary(body, verse)}\n{SEPARATOR}", flush=True)
        else:
            write_out(loaded, prompt, settings, verse, make_reader)
    return 0


def asked(settings: SampleSettings, verse: Verse | None) -> SampleSettings:
    """The settings to write by: with a form to keep, the opening is among its pins."""
    return settings if verse is None else verse.settings


def write_out(
    loaded: LoadedModel,
    prompt: Prompt,
    settings: SampleSettings,
    verse: Verse | None,
    make_reader: MakeReader,
) -> None:
    """Write the poems, each as one line of draws, and show them."""
    live = settings.num_samples == 1 or sys.stdout.isatty()
    after = None if verse is None else (lambda body: summary(body, verse))
    printer = Printer(sys.stdout, loaded.vocabulary, prompt.document.body, live=live, after=after)
    block_size = loaded.model.config.block_size
    told = verse is not None or len(prompt.ids) > block_size  # before the first character
    for event in poems(loaded, prompt, settings, make_reader, verse):
        printer.show(event)
        if event.position > block_size and not told:
            told = True
            if live:  # in the middle of a line
                print(file=sys.stderr)
            remark(outgrown(block_size))
    unfinished = printer.finish()
    if unfinished and loaded.vocabulary.has_controls:
        limit = f"--max_new_tokens={settings.max_new_tokens}"
        remark(
            Text(f"{unfinished} 首没有写完：到了 {limit}。", f"Unfinished poems, at {limit}: {unfinished}.")
        )


def introduce(loaded: LoadedModel, prompt: Prompt, remarks: Sequence[Text]) -> None:
    """Say which model writes, and what was made of the prompt and (`remarks`) of the form."""
    size, loss = f"{loaded.model.parameter_count() / 1e6:.2f}", loaded.val_loss
    loss_zh, loss_en = (
        ("", "") if loss is None else (f"，验证损失 {loss:.3f}", f", validation loss {loss:.3f}")
    )
    remark(
        Text(
            f"模型 {loaded.origin}：{size} 百万参数{loss_zh}",
            f"Model {loaded.origin}: {size} million parameters{loss_en}",
        )
    )
    for text in (*prompt.remarks, *remarks):
        remark(text)


def remark(text: Text) -> None:
    """A line in each language for the reader, beside the poems."""
    print(text.aside, file=sys.stderr, flush=True)
