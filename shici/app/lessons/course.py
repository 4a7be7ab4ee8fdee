"""The lessons in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shici.app.lessons import depth, heads, input, learning, output, poetry
from shici.app.lessons.situation import Shown, Situation, Verdict


@dataclass(frozen=True, slots=True)
class Lesson:
    """name: of its text files, 01_token for instance. show, judge: see shici.app.lessons.situation."""

    name: str
    show: Callable[[Situation], Shown]
    judge: Callable[[Situation], Verdict]


LESSONS = (
    Lesson("01_token", input.show_token, input.judge_token),
    Lesson("02_embedding", input.show_embedding, input.judge_embedding),
    Lesson("03_query", heads.show_query, heads.judge_query),
    Lesson("04_softmax", heads.show_softmax, heads.judge_softmax),
    Lesson("05_mask", heads.show_mask, heads.judge_mask),
    Lesson("06_heads", heads.show_heads, heads.judge_heads),
    Lesson("07_residual", depth.show_residual, depth.judge_residual),
    Lesson("08_mlp", depth.show_mlp, depth.judge_mlp),
    Lesson("09_logits", output.show_logits, output.judge_logits),
    Lesson("10_temperature", output.show_temperature, output.judge_temperature),
    Lesson("11_dice", output.show_dice, output.judge_dice),
    Lesson("12_training", learning.show_training, learning.judge_training),
    Lesson("13_rhyme", poetry.show_rhyme, poetry.judge_rhyme),
    Lesson("14_limits", poetry.show_limits, poetry.judge_limits),
)
