"""The learning rate as a share of its peak, from the number of the step alone."""

from __future__ import annotations

import math

from shici.config.train import TrainSettings


def lr_share(iteration: int, settings: TrainSettings) -> float:
    """Between 0 and 1. wsd: warm-up, stable, linear decay (Hu et al. 2024, MiniCPM); cosine: nanoGPT's.

    At the end stands min_lr / learning_rate; without decay_lr the share stays 1 after the warm-up.
    """
    if iteration < settings.warmup_iters:
        return (iteration + 1) / (settings.warmup_iters + 1)
    if not settings.decay_lr:
        return 1.0
    end = settings.lr_decay_iters or settings.max_iters
    floor = settings.min_lr / settings.learning_rate if settings.learning_rate else 0.0
    if settings.lr_schedule == "cosine":
        done = min(1.0, (iteration - settings.warmup_iters) / max(1, end - settings.warmup_iters))
        return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * done))
    cooldown = min(settings.cooldown_iters or end // 2, end - settings.warmup_iters)
    left = max(0.0, min(1.0, (end - iteration) / max(1, cooldown)))
    return floor + (1.0 - floor) * left
