"""What a model writes at one moment of its training: a few prompts with fixed dice, and how many poems keep the form.

The dice of each row and step are the same at every moment, so what changes from one to the next is the model.
All rows are written in one batch, prompts included, a token at a time with a KV cache. Letters: B rows, T tokens,
V vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from shici.config.sample import SampleSettings
from shici.corpus.characters import HAN_RANGES, PAUSES, verse_lines
from shici.corpus.document import Document, encode_prompt
from shici.errors import UnknownCharacterError
from shici.model.cache import KVCache
from shici.model.gpt import GPT
from shici.prosody.patterns import form_by_shape
from shici.prosody.readings import strict_lexicon
from shici.prosody.verdict import RHYME_FAULTS, TONE_FAULTS, judge
from shici.training.documents import Tokens
from shici.vocabulary import Vocabulary, control

PROMPTS = (
    Document(""),
    Document("白日依山尽，"),
    Document("两个黄鹂鸣翠柳"),  # what comes next is a mark
    Document("", form="七绝", regulated="合律", dynasty="唐", author="李白", title="秋夜"),
)
ASKED = Document("", form="七绝", regulated="合律", dynasty="唐")
COUNT = 32  # poems that are judged
LENGTH = 64  # tokens of a row, the prompt among them: a 七绝 has 34 behind its prompt
TOP = 10  # candidates for the next token that are kept

LONGEST_LINE = 11  # characters between two marks: the lines of 诗 and 词 are at most that long

_LINE = f"[{HAN_RANGES}]{{1,{LONGEST_LINE}}}"
_MARKED = re.compile(f"(?:{_LINE}[{PAUSES}]\n?)+")
_MARKED_SO_FAR = re.compile(f"(?:{_LINE}[{PAUSES}]\n?)+(?:{_LINE})?")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the model at every moment.

    prompts: continued once each. asked: written `count` times and judged. seed, temperature, top_k: of the dice.
    """

    prompts: tuple[Document, ...]
    asked: Document
    count: int
    seed: int
    temperature: float
    top_k: int


@dataclass(frozen=True, slots=True)
class Writing:
    """One prompt continued. text: behind the prompt. ended: whether the poem came to its end within LENGTH.

    following: the TOP likeliest tokens right behind the prompt, of all, with the model's own probabilities.
    """

    text: str
    ended: bool
    following: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of all poems written to `asked`, the share with each virtue.

    punctuation: up to LONGEST_LINE characters, a mark, characters, a mark ... to the end, line feeds behind marks
    only; what was cut off by LENGTH may end without a mark. length: complete, with the lines of the form.
    rhyme: of that length, and rhyming in one level group without repeating a word. tone: of that length, and no
    character out of place in the form's pattern. By the readings that poets use (strict_lexicon).
    """

    punctuation: float
    length: float
    rhyme: float
    tone: float


@dataclass(frozen=True, slots=True)
class Observation:
    """All that was seen at one moment; writings in the order of the plan's prompts."""

    writings: tuple[Writing, ...]
    shares: Shares


def plan_for(vocabulary: Vocabulary, tokens: Tokens, block_size: int, seed: int) -> Plan:
    """The plan for a run on the data `tokens`: prompts that it can spell and that fit into the model.

    Where the data name no forms (a text of one's own), no fields are asked for.
    """
    settings = SampleSettings()
    fields = bool(np.any(tokens == vocabulary.ids[control(ASKED.form)])) and _spelt(
        ASKED, vocabulary, block_size
    )
    asked = ASKED if fields else Document("")
    prompts = tuple(
        document
        for document in PROMPTS
        if (fields or not document.form) and _spelt(document, vocabulary, block_size)
    )
    top_k = settings.top_k or 0
    return Plan(prompts, asked, COUNT, seed, settings.temperature, top_k)


def _spelt(document: Document, vocabulary: Vocabulary, block_size: int) -> bool:
    try:
        return len(encode_prompt(document, vocabulary)) < min(LENGTH, block_size)
    except UnknownCharacterError:
        return False


@torch.no_grad()
def observe(model: GPT, vocabulary: Vocabulary, plan: Plan) -> Observation:
    """Let the model write. Draws nothing from torch's global random state; the model's mode is left as it was."""
    documents = (*plan.prompts, *[plan.asked] * plan.count)
    prompts = [encode_prompt(document, vocabulary) for document in documents]
    was_training = model.training
    model.eval()
    rows, following = _write(model, prompts, vocabulary, plan)
    model.train(was_training)
    texts = [_behind(row, len(prompt), vocabulary) for row, prompt in zip(rows, prompts, strict=True)]
    writings = tuple(
        Writing(text, ended, _likeliest(row, vocabulary))
        for (text, ended), row in zip(texts[: len(plan.prompts)], following, strict=False)
    )
    return Observation(writings, _shares(texts[len(plan.prompts) :], plan.asked.form))


def _write(
    model: GPT, prompts: Sequence[Sequence[int]], vocabulary: Vocabulary, plan: Plan
) -> tuple[list[list[int]], Tensor]:
    """Rows of tokens, and (B, V) float32 probabilities right behind each prompt.

    All rows stand at the same place at all times: where a row's prompt goes on, what was drawn is not used. Of the
    control tokens only `<eos>` is ever drawn. Once all poems to be judged have ended, only the prompts go on.
    """
    c, weight = model.config, model.lm_head.weight
    length, batch = min(LENGTH, c.block_size), len(prompts)
    cache = KVCache(
        c.n_layer, batch, c.n_head, c.n_embd // c.n_head, length, dtype=weight.dtype, device=weight.device
    )
    dice = torch.Generator(weight.device).manual_seed(plan.seed)
    rows = torch.full((batch, length), -1)  # (B, T), -1 where the model writes
    for row, prompt in enumerate(prompts):
        rows[row, : len(prompt)] = torch.tensor(prompt)
    rows = rows.to(weight.device)
    last = torch.tensor([len(prompt) - 1 for prompt in prompts], device=weight.device)
    forbidden = torch.zeros(c.vocab_size, dtype=torch.bool, device=weight.device)
    forbidden[: vocabulary.control_count] = True
    forbidden[vocabulary.eos] = False
    following = torch.zeros(batch, c.vocab_size, device=weight.device)
    noise = torch.empty(batch, c.vocab_size, device=weight.device)
    few, nobody = len(plan.prompts), torch.zeros(0, dtype=torch.int64, device=weight.device)
    alive = batch
    for at in range(length - 1):
        logits = model(rows[:alive, at : at + 1], cache=cache)[0][:, -1].float()  # (B, V)
        if bool((last == at).any()):
            here = (last == at)[:alive, None]
            following[:alive] = torch.where(here, F.softmax(logits, dim=-1), following[:alive])
        noise.exponential_(generator=dice)
        drawn = _draw(logits.masked_fill(forbidden, -torch.inf), plan, noise[:alive])  # (B,)
        drawn = torch.where(rows[:alive, at] == vocabulary.eos, vocabulary.eos, drawn)
        rows[:alive, at + 1] = torch.where(rows[:alive, at + 1] < 0, drawn, rows[:alive, at + 1])
        going = (rows[:alive, at + 1] != vocabulary.eos).tolist()
        if not any(going):
            break
        if few and alive > few and not any(going[few:]):
            alive = few
            cache.shrink(few, nobody, nobody)
    return rows.tolist(), following.cpu()


def _draw(logits: Tensor, plan: Plan, noise: Tensor) -> Tensor:
    """One token a row, (B,): the exponential race, whose winner is token v with v's own probability.

    noise: (B, V), exponential. With the same noise a token keeps winning until the model has changed its mind,
    so that the same poem can be followed from one moment to the next.
    """
    logits = logits / plan.temperature
    if plan.top_k:
        kth = logits.topk(min(plan.top_k, logits.size(-1))).values[:, -1:]
        logits = logits.masked_fill(logits < kth, -torch.inf)
    return (F.softmax(logits, dim=-1) / noise).argmax(dim=-1)


def _behind(row: Sequence[int], start: int, vocabulary: Vocabulary) -> tuple[str, bool]:
    """What was written behind the prompt, and whether it ended."""
    written = [token for token in row[start:] if token >= 0]
    ended = vocabulary.eos in written
    return vocabulary.decode(written[: written.index(vocabulary.eos)] if ended else written), ended


def _likeliest(probabilities: Tensor, vocabulary: Vocabulary) -> tuple[tuple[str, float], ...]:
    top = probabilities.topk(min(TOP, len(vocabulary)))
    return tuple(
        (vocabulary.tokens[token], share)
        for token, share in zip(top.indices.tolist(), top.values.tolist(), strict=True)
    )


def _shares(poems: Sequence[tuple[str, bool]], form: str) -> Shares:
    """The shares over all poems. form "": any of 五绝, 七绝, 五律, 七律 counts as a length."""
    found = [virtues(text, ended, form) for text, ended in poems]
    return Shares(*(sum(column) / len(found) for column in zip(*found, strict=True)))


def virtues(text: str, ended: bool, form: str) -> tuple[bool, bool, bool, bool]:
    """Whether a poem has each of the virtues of `Shares`."""
    punctuation = (_MARKED if ended else _MARKED_SO_FAR).fullmatch(text) is not None
    lines = [line for line in verse_lines(text) if line]
    shape = form_by_shape(lines) if lines else ""
    length = ended and (shape == form if form else shape in ("五绝", "七绝", "五律", "七律"))
    if not length:
        return punctuation, False, False, False
    kinds = {remark.kind for remark in judge(lines, shape, strict_lexicon()).faults}
    return punctuation, True, kinds.isdisjoint(RHYME_FAULTS), kinds.isdisjoint(TONE_FAULTS)


def named(document: Document) -> dict[str, str]:
    """A document's fields that are given, for a file."""
    return {name: value for name in Document.__slots__ if (value := getattr(document, name))}


def document_of(fields: dict[str, str]) -> Document:
    """The inverse of `named`. Raises TypeError for an unknown field."""
    return replace(Document(""), **fields)
