"""Lessons on what comes out: logits, temperature, the cuts and the dice."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from torch import Tensor

from shici.app.language import Text
from shici.app.lessons.situation import WAITING, Shown, Situation, Verdict, minus
from shici.app.reading import Next, sounds, step, uniform
from shici.config.sample import SampleSettings
from shici.generation.sampler import Step

FIELD = 400  # candidates among which the rival is looked for
ROWS = 12  # candidates whose rows of the table are sent
SOUNDED = 200  # candidates whose tones are sent
THROWS = 24  # of the dice, one for each poem of the seed
FEW, MANY = 2, 20  # how many candidates the cuts are to leave
PLAIN = {"temperature": 1.0, "top_k": 0, "top_p": 1.0}


def candidates(following: Next, count: int) -> list[int]:
    """The likeliest that may be drawn, the likeliest first."""
    masked = following.logits[0].masked_fill(~following.allowed[0], -math.inf)
    found: list[int] = masked.topk(min(count, int(following.allowed.sum()))).indices.tolist()
    return found


def show_logits(seen: Situation) -> Shown:
    following = seen.following
    top = candidates(following, ROWS)
    first, second = rivals(seen)
    logits, before = following.logits[0], seen.opened_following()
    rows = [*top, *(one for one in (first, second) if one not in top)]
    facts = {
        "channels": seen.loaded.model.config.n_embd,
        "vocabulary": logits.numel(),
        "best": seen.name(top[0]),
        "best_logit": float(logits[top[0]]),
        "next": seen.name(top[1]),
        "next_logit": float(logits[top[1]]),
        "gap": float(logits[top[0]] - logits[top[1]]),
        "times": math.exp(float(logits[top[0]] - logits[top[1]])),
        "first": seen.name(first),
        "second": seen.name(second),
        "second_rank": rank(before, second),
        "distance": float(before.logits[0, first] - before.logits[0, second]),
    }
    data = {
        "top": rows,
        "ranks": [rank(following, one) for one in rows],
        "names": seen.names(rows),
        "rivals": [first, second],
    }
    tensors = {
        "last": seen.trace.ln_f[0, -1].float()[None],
        "rows": seen.loaded.model.lm_head.weight[rows].float(),
        "top_logits": logits[rows],
    }
    return Shown(facts, data, tensors)


def rivals(seen: Situation) -> tuple[int, int]:
    """Of the line with which the lesson was opened: the first candidate, and the nearest that is less likely by e."""
    following = seen.opened_following()
    first, *others = candidates(following, FIELD)
    logits = following.logits[0]
    behind = [one for one in others if float(logits[first] - logits[one]) >= 1]
    return first, (behind or others)[0]


def rank(following: Next, token: int) -> int:
    """Of a token among those that may be drawn, 1 for the likeliest."""
    logits = following.logits[0]
    return int((following.allowed[0] & (logits > logits[token])).sum()) + 1


def judge_logits(seen: Situation) -> Verdict:
    """Done when one token of the line is another and the second candidate has passed the first."""
    now, then = seen.prompt.ids, seen.opened
    if not seen.changed:
        return WAITING
    differing = sum(one != other for one, other in zip(now, then, strict=False)) + abs(len(now) - len(then))
    first, second = rivals(seen)
    logits = seen.following.logits[0]
    passed = bool(logits[second] > logits[first])
    names = seen.name(first), seen.name(second)
    told = (
        f"“{names[1]}” {minus(float(logits[second]), 3)}，“{names[0]}” {minus(float(logits[first]), 3)}",
        f"“{names[1]}” {minus(float(logits[second]), 3)}, “{names[0]}” {minus(float(logits[first]), 3)}",
    )
    if differing != 1:
        return Verdict(
            False,
            Text(
                f"{told[0]}；可是与原句相比不止换了一个字（差 {differing} 处）。",
                f"{told[1]}; but the line differs from the first in {differing} places, not one.",
            ),
        )
    zh, en = ("，越过去了。", ", it has passed.") if passed else ("，还没有。", ", not yet.")
    return Verdict(passed, Text(told[0] + zh, told[1] + en))


def chances(seen: Situation) -> dict[str, Any]:
    """What the candidate table and the dice need."""
    following, session = seen.following, seen.session
    near = candidates(following, SOUNDED)
    size = seen.loaded.model.config.vocab_size
    return {
        "names": seen.names(range(size)),
        "controls": seen.loaded.vocabulary.control_count,
        "sounds": {token: found for token in near if (found := sounds(seen.text(token)))},
        "throws": [uniform(session.settings.seed, number, 0) for number in range(THROWS)],
        "settings": {**PLAIN, **cuts_set(seen)},
    }


def cuts_set(seen: Situation) -> dict[str, float]:
    """The cuts of the evidence, each within its limits; what is not a number is left out."""
    limits = {"temperature": (0.0, 5.0), "top_k": (0, 10**6), "top_p": (0.0, 1.0)}
    found: dict[str, float] = {}
    for name, (least, most) in limits.items():
        value = seen.evidence.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            inside = max(least, min(most, value))
            found[name] = int(inside) if name == "top_k" else float(inside)
    if 0 < found.get("temperature", 1) < 0.01:
        found["temperature"] = 0.0
    return found


def stages(seen: Situation, **cuts: float) -> Step:
    """The sampler's stages for the next character with these cuts and no others."""
    settings = replace(SampleSettings(), min_p=0.0, **{**PLAIN, **cuts})  # type: ignore[arg-type]
    return step(seen.following, settings, 0.0)


def following_tensors(seen: Situation) -> dict[str, Tensor]:
    return {"logits": seen.following.logits[0], "allowed": seen.following.allowed[0].byte()}


def show_temperature(seen: Situation) -> Shown:
    plain = stages(seen)
    top = int(plain.kept[0].argmax())
    share = float(plain.kept[0, top])
    facts = {
        "best": seen.name(top),
        "share": share,
        "cold": share <= 0.5,  # the task is to make it colder
        "half": float(stages(seen, temperature=0.5).kept[0, top]),
        "double": float(stages(seen, temperature=2.0).kept[0, top]),
    }
    return Shown(facts, chances(seen), following_tensors(seen))


def judge_temperature(seen: Situation) -> Verdict:
    """Done when the first candidate has more than half; where it had that anyway, when it has less."""
    set_now = cuts_set(seen)
    if "temperature" not in set_now:
        return WAITING
    share = float(stages(seen, temperature=set_now["temperature"]).kept[0].max())
    over = float(stages(seen).kept[0].max()) <= 0.5
    done = share > 0.5 if over else share < 0.5
    at = minus(set_now["temperature"], 2)
    return Verdict(
        done, Text(f"温度 {at}：第一名 {share:.1%}。", f"At temperature {at} the first has {share:.1%}.")
    )


def show_dice(seen: Situation) -> Shown:
    plain = stages(seen)
    kept = plain.kept[0]
    facts = {
        "best": seen.name(int(kept.argmax())),
        "share": float(kept.max()),
        "candidates": int((kept > 0).sum()),
        "tail": float(1 - kept.topk(min(MANY, kept.numel())).values.sum()),
        "few": FEW,
        "many": MANY,
        "seed": seen.session.settings.seed,
    }
    return Shown(facts, chances(seen), following_tensors(seen))


def judge_dice(seen: Situation) -> Verdict:
    """Done when the cuts leave a few candidates: more than one, at most MANY."""
    set_now = cuts_set(seen)
    if not set_now:
        return WAITING
    kept = stages(seen, **set_now).kept[0]
    left = int((kept > 0).sum())
    whole = float(stages(seen, **{**set_now, "top_k": 0, "top_p": 1.0}).kept[0][kept > 0].sum())
    return Verdict(
        FEW <= left <= MANY,
        Text(
            f"留下 {left} 个候选，裁剪之前它们合占 {whole:.1%}。",
            f"{left} candidates are left; before the cuts they had {whole:.1%} together.",
        ),
    )
