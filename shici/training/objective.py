"""What a step minimises: the cross-entropy of the next token, and beside it, where there are teachers, how far the
model's distribution is from theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from shici.checkpoint import load_model
from shici.config.train import TrainSettings
from shici.errors import ConfigError
from shici.model.gpt import GPT
from shici.model.losses import chunked_distillation, rows_for
from shici.vocabulary import Vocabulary


class Objective(nn.Module):
    """A forward pass that is the objective: what DistributedDataParallel and torch.compile wrap."""

    def __init__(self, model: GPT, teachers: Sequence[GPT] = (), share: float = 0.0) -> None:
        """share: of the divergence from the teachers in the objective; the rest is the cross-entropy."""
        super().__init__()
        self.model, self.share = model, share
        self.teachers = tuple(teachers)  # no module's children: nothing of them is learned, shared or saved

    def forward(
        self, idx: Tensor, targets: Tensor, documents: Tensor | None, positions: Tensor | None, whole: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The objective and the cross-entropy in it, both summed over the targets, in nats.

        All (B, T), the second pair None where a row is one document. whole: idx with nothing hidden, for the teachers.
        """
        if not self.teachers:
            total, _ = self.model.loss(idx, targets, documents=documents, positions=positions)
            return total, total.detach()
        x = self.model.features(idx, documents=documents, positions=positions).flatten(0, 1)  # (B * T, C)
        with torch.no_grad():
            read = [t.features(whole, documents=documents, positions=positions) for t in self.teachers]
        known = [
            (features.flatten(0, 1), t.lm_head.weight)
            for features, t in zip(read, self.teachers, strict=True)
        ]
        nats, divergence = chunked_distillation(
            x, self.model.lm_head.weight, targets.flatten(), known, rows_for(x.device)
        )
        return (1 - self.share) * nats + self.share * divergence, nats.detach()


def load_teachers(
    settings: TrainSettings, vocabulary: Vocabulary, device: torch.device, dtype: torch.dtype
) -> list[GPT]:
    """The models of `settings.teachers`. Raises ConfigError where one cannot teach this run, CheckpointError."""
    return [
        _load_teacher(path, settings.block_size, vocabulary).to(device, dtype) for path in settings.teachers
    ]


def _load_teacher(path: str, block_size: int, vocabulary: Vocabulary) -> GPT:
    loaded = load_model(Path(path))
    if loaded.vocabulary != vocabulary:
        raise ConfigError(
            f"教师 {path} 的词表（{len(loaded.vocabulary)} 个）与数据的（{len(vocabulary)} 个）不同，不能逐字教。"
            "请用同一份数据训练教师。",
            f"The vocabulary of teacher {path} ({len(loaded.vocabulary)} tokens) is not the data's "
            f"({len(vocabulary)}). Train the teacher on the same data.",
        )
    if loaded.model.config.block_size < block_size:
        raise ConfigError(
            f"教师 {path} 只看 {loaded.model.config.block_size} 个字，学生的 block_size 是 {block_size}。请减小它。",
            f"Teacher {path} reads {loaded.model.config.block_size} tokens, the student's block_size is {block_size}. "
            "Lower it.",
        )
    return loaded.model.requires_grad_(False)
