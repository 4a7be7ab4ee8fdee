"""The lesson on training: how surprised the model is, what is easy to guess, what it learned first."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from shici.app.language import Text
from shici.app.lessons.situation import WAITING, Shown, Situation, Verdict, minus
from shici.checkpoint import LoadedModel
from shici.errors import ShiciError
from shici.explanation.ablation import losses_of, token_losses
from shici.explanation.cards import rows_for
from shici.explanation.verse import MARKS, body_start
from shici.training.history import HISTORY, History, read_history

HALF = 0.5
EVERY = 3  # of the reference poems each third is read for its losses: a second at most


def show_training(seen: Situation) -> Shown:
    """How surprised the model is by each token of the line, and on real poems by marks and by characters."""
    losses, ranks = surprises(seen)
    worst = max(range(len(losses)), key=lambda at: losses[at], default=-1)
    easy = marks_and_characters(seen.loaded, str(seen.loaded.origin))
    milestones = milestones_of(seen.loaded)
    facts = {
        "uniform": math.log(seen.loaded.model.config.vocab_size),
        "vocabulary": seen.loaded.model.config.vocab_size,
        "parameters": seen.loaded.model.parameter_count(),
        "some": bool(losses),
        "mean": sum(losses) / max(1, len(losses)),
        "times": math.exp(sum(losses) / max(1, len(losses))),
        "worst": seen.at(seen.last - len(losses) + 1 + worst) if losses else "",
        "worst_loss": losses[worst] if losses else 0.0,
        "validated": seen.loaded.val_loss is not None,
        "validation": seen.loaded.val_loss or 0.0,
        **easy,
        **milestones,
    }
    return Shown(facts, {"losses": losses, "ranks": ranks, "vocabulary": facts["vocabulary"]})


def surprises(seen: Situation) -> tuple[list[float], list[int]]:
    """For each token of the verse but the row's first: minus the log of the probability it had, and its rank."""
    tokens, vocabulary = seen.tokens, seen.loaded.vocabulary
    first = max(1, body_start(tokens, vocabulary))
    if first >= len(tokens):
        return [], []
    came = seen.trace.idx[:, first:]  # (1, n)
    logits = seen.trace.logits[:, first - 1 : -1]  # (1, n, V), what was said of each token before it came
    ranks = (logits > logits.gather(-1, came[..., None])).sum(-1) + 1
    return losses_of(logits, came)[0].tolist(), ranks[0].tolist()


@st.cache_data(show_spinner=False, max_entries=4)
def marks_and_characters(_loaded: LoadedModel, origin: str) -> dict[str, Any]:
    """Over the verse of some reference poems: the mean loss of marks (line feeds among them) and of characters."""
    marks, others = list[float](), list[float]()
    rows = rows_for(_loaded)[::EVERY]
    for row in rows:
        first = max(1, body_start(row, _loaded.vocabulary))
        losses = token_losses(_loaded.model, row)[first - 1 :].tolist()
        for token, loss in zip(row[first:], losses, strict=True):
            (marks if _loaded.vocabulary.tokens[token] in MARKS else others).append(loss)
    if not (marks and others):
        return {"easier": False, "marks_loss": 0.0, "characters_loss": 0.0, "every": 0.0, "measured": 0}
    means = sum(marks) / len(marks), sum(others) / len(others)
    return {
        "easier": means[0] < means[1],
        "marks_loss": means[0],
        "characters_loss": means[1],
        "every": (len(marks) + len(others)) / len(marks),
        "measured": len(rows),
    }


def milestones_of(loaded: LoadedModel) -> dict[str, Any]:
    """After how many tokens half of the judged poems had their marks and their rhymes right, if the run recorded it."""
    folder = loaded.origin if loaded.origin.is_dir() else loaded.origin.parent
    try:
        history = read_history(folder / HISTORY)
    except ShiciError:
        history = None
    found = {name: half_way(history, name) for name in ("punctuation", "length", "rhyme")}
    times = [found[name] for name in ("punctuation", "length", "rhyme")]
    ordered = all(time is not None for time in times) and times == sorted(times, key=lambda time: time or 0)
    runs = len(history.runs) if history else 0
    return {"recorded": ordered, "runs": runs, **{f"half_{name}": time or 0 for name, time in found.items()}}


def half_way(history: History | None, name: str) -> int | None:
    """How many tokens had been read when a share first reached a half."""
    for record in history.records if history else ():
        if getattr(record.shares, name) >= HALF:
            return record.tokens
    return None


def judge_training(seen: Situation) -> Verdict:
    """Done when some token of a new line surprises the model more than blind guessing would."""
    losses, ranks = surprises(seen)
    if not seen.changed or not losses:
        return WAITING
    blind = math.log(seen.loaded.model.config.vocab_size)
    worst = max(range(len(losses)), key=lambda at: losses[at])
    name = seen.at(seen.last - len(losses) + 1 + worst)
    zh, en = ("超过", "above") if losses[worst] > blind else ("还不到", "not above")
    return Verdict(
        losses[worst] > blind,
        Text(
            f"最意外的是“{name}”：{minus(losses[worst], 2)}（第 {ranks[worst]} 名），{zh}瞎猜的 {blind:.2f}。",
            f"The most surprising is “{name}”: {minus(losses[worst], 2)} (number {ranks[worst]}), {en} blind "
            f"guessing, {blind:.2f}.",
        ),
    )
