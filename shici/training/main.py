"""The command: python train.py config/train_poetry.py --batch_size=32 (also `shici train`, and under torchrun)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from shici.config.parse import called, parse_settings
from shici.config.train import TrainSettings
from shici.language import Text
from shici.training.batches import padding_share
from shici.training.journal import Journal
from shici.training.loop import Trainer
from shici.training.machine import Machine, set_up, tear_down
from shici.training.start import begin, check_out_dir, check_unused, make_out_dir


def main(argv: Sequence[str]) -> int:
    """Train as the settings in `argv` say. Raises ShiciError for what the user can mend."""
    settings = parse_settings(TrainSettings, argv, prog=called("train.py", "shici train"))
    out = check_out_dir(settings)
    check_unused(settings)
    machine = set_up(settings)
    try:
        done = train(settings, machine).progress.iteration
        machine.meet()
    finally:
        tear_down(machine)
    if machine.is_main and not settings.eval_only:
        if done < settings.max_iters:
            print(stopped(done, settings.max_iters).both)
        command = f"python sample.py --out_dir={out}"
        print(Text(f"已保存到 {out}。写诗：{command}", f"Saved to {out}. To write poems: {command}").both)
    return 0


def stopped(done: int, asked: int) -> Text:
    """What to say of a run that ended before its last step: by Ctrl-C, a signal or max_minutes."""
    return Text(
        f"停在第 {done} 步，共 {asked} 步。接着练：同样的命令加上 --init_from=resume。",
        f"Stopped at step {done} of {asked}. To go on: the same command with --init_from=resume.",
    )


def train(settings: TrainSettings, machine: Machine) -> Trainer:
    """Run a training on this machine and return it, finished."""
    start = begin(settings)
    writes = machine.is_main and not settings.eval_only
    if writes:
        make_out_dir(settings)
    settings = start.settings
    trainer = Trainer(settings, start, machine)
    journal = Journal(
        settings, start.progress.iteration, active=writes
    )  # begins the log: nothing may fail now
    if machine.is_main:
        for remark in start.remarks:
            print(remark.aside, file=sys.stderr)
        print(_summary(trainer, machine), flush=True)
    if settings.eval_only:
        found = trainer.validate(batches=None)
        if machine.is_main:
            print(f"验证损失 {found.bare:.4f}（只有正文） {found.fields:.4f}（带字段） 奈特/字")
        return trainer
    try:
        trainer.run(journal)
    finally:
        journal.close()
    return trainer


def _summary(trainer: Trainer, machine: Machine) -> str:
    model, plan, documents = trainer.model, trainer.plan, trainer.documents
    windows = trainer.settings.data_order == "windows"  # which cut and pad nothing
    longer = 0 if windows else int((documents.totals() - 1 > plan.block_size).sum())
    padding = 0.0 if windows else padding_share(documents, plan)
    c, dtype = model.config, str(machine.dtype).removeprefix("torch.")
    return "\n".join(
        (
            f"模型 {c.n_layer} 层 × {c.n_head} 头 × {c.n_embd} 维，{model.parameter_count() / 1e6:.2f}M 参数，"
            f"词表 {c.vocab_size}",
            f"数据 {len(documents):,} 首，{len(documents.tokens):,} 字；"
            f"{longer:,} 首长于 {plan.block_size} 字，截去尾部",
            f"每步约 {plan.step_tokens:,} 字，补白 {padding:.1%}；"
            f"{machine.device} {dtype}{' compile' if machine.compile else ''}，{machine.world} 个进程",
        )
    )
