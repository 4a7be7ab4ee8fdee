"""The training loop: read a step's poems, move the weights, look at the result now and then, save, stop well."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from shici.checkpoint import BEST, LAST, model_arguments, save_checkpoint
from shici.config.parse import describe
from shici.config.train import TrainSettings
from shici.corpus.document import decode_document
from shici.errors import TrainingError
from shici.training.average import Average
from shici.training.batches import MICRO_TOKENS, Batch, BatchPlan, PoemSource, Step
from shici.training.evaluate import Validation, validate
from shici.training.history import recorder_for
from shici.training.journal import Journal
from shici.training.machine import Machine
from shici.training.masking import InputMask
from shici.training.objective import Objective, load_teachers
from shici.training.optimizer import with_masters
from shici.training.pace import Pace
from shici.training.schedule import lr_share
from shici.training.start import Start
from shici.training.stopping import stopping
from shici.training.windows import WindowSource, WindowStep


class Trainer:
    """One run. `run` trains until max_iters, max_minutes or a signal, and leaves a checkpoint behind."""

    def __init__(self, settings: TrainSettings, start: Start, machine: Machine) -> None:
        self.settings, self.machine = settings, machine
        self.vocabulary, self.documents, self.val_documents = start.vocabulary, start.train, start.val
        self.progress = start.progress
        self.out = Path(settings.out_dir)
        self.model, self.optimizer = with_masters(start.model.to(machine.device), machine.dtype, settings)
        if start.optimizer_state is not None:
            self.optimizer.load(start.optimizer_state)
        self.average = Average(self.optimizer.masters, settings.average) if settings.average else None
        if self.average is not None and start.average is not None:
            self.average.load(start.average, self.progress.iteration)
        teachers = load_teachers(settings, self.vocabulary, machine.device, machine.dtype)
        module: nn.Module = Objective(self.model, teachers, settings.distillation)
        if machine.compile:
            module = torch.compile(module)  # type: ignore[assignment]
        self.module = DistributedDataParallel(module) if machine.world > 1 else module
        cuda = machine.device.type == "cuda"
        self.plan = BatchPlan(
            step_tokens=settings.gradient_accumulation_steps * settings.batch_size * settings.block_size,
            block_size=self.model.config.block_size,
            packed=cuda,
            micro_tokens=MICRO_TOKENS["cuda" if cuda else "cpu"],
            field_dropout=settings.field_dropout,
            bare_share=settings.bare_share,
            seed=settings.seed,
            ramp_steps=settings.batch_ramp_iters,
            micro_steps=settings.gradient_accumulation_steps,
        )
        windows = settings.data_order == "windows"
        self.source = (WindowSource if windows else PoemSource)(self.documents, self.plan)
        self.mask = InputMask(self.vocabulary, settings.input_masking) if settings.input_masking else None
        self.recorder = recorder_for(settings, start) if settings.history and machine.is_main else None

    def run(self, journal: Journal) -> None:
        """Train. Ctrl-C and SIGTERM end it like max_minutes does: saved, and no error."""
        settings, progress = self.settings, self.progress
        began, deadline = time.monotonic(), settings.max_minutes * 60 or math.inf
        pace = Pace()
        looked = progress.iteration or None  # whatever is resumed was saved at a look
        with stopping() as stop:
            for step in self._steps():
                if progress.iteration % settings.eval_interval == 0 and progress.iteration != looked:
                    self.look(journal)
                    pace.resume()
                elif self.recorder is not None and self.recorder.due(progress.iteration):
                    with self._shown_weights():
                        self._record(None)
                    pace.resume()
                loss = self.step(step)
                progress.minutes += pace.add(step.target_count, loss)
                if progress.iteration % settings.log_interval == 0:
                    self._report(journal, pace)
                over = time.monotonic() - began > deadline
                if self.machine.any(stop.is_set or over) or progress.iteration >= settings.max_iters:
                    break
            self.look(journal, last=True)

    def _steps(self) -> Iterator[Step | WindowStep]:
        """Steps from where the run stands, epoch after epoch; `progress` is moved on as each is taken."""
        progress = self.progress
        while progress.iteration < self.settings.max_iters:
            for step in self.source.steps(progress.epoch, progress.step_in_epoch):
                yield step
                if progress.iteration >= self.settings.max_iters:
                    return
            progress.epoch, progress.step_in_epoch, progress.read = progress.epoch + 1, 0, 0.0

    def step(self, step: Step | WindowStep) -> float:
        """One optimizer step; returns the mean loss in nats per token over all processes."""
        settings, progress, machine = self.settings, self.progress, self.machine
        # dropout's draws follow from the step's number alone, so a resumed run makes the same ones
        torch.manual_seed((settings.seed << 32) + (progress.iteration << 8) + machine.rank)
        self.optimizer.set_lr(lr_share(progress.iteration, settings))
        nats = 0.0
        for number, batch in enumerate(self._batches(step)):
            idx = batch.idx if self.mask is None else self.mask(batch.idx)
            tensors = (idx, batch.targets, batch.documents, batch.positions, batch.idx)
            with self._gradients_meet(last=number == len(step.micro) - 1):
                objective, total = self.module(*(t if t is None else t.to(machine.device) for t in tensors))
                # DDP averages over processes; the step's loss is a sum over all of them by its own count
                (objective * (machine.world / step.target_count)).backward()
            nats += float(total)
        self.optimizer.step()
        if self.average is not None:
            self.average.update(self.optimizer.masters)
        progress.iteration += 1
        progress.step_in_epoch += 1
        progress.read = step.read
        progress.tokens += step.target_count
        loss = machine.total(nats) / step.target_count
        self._check_finite(loss)
        return loss

    def _batches(self, step: Step | WindowStep) -> Iterator[Batch]:
        return self.source.batches(step, self.machine.rank, self.machine.world)  # type: ignore[arg-type]

    def _check_finite(self, loss: float) -> None:
        """Stop before spoilt weights are saved over good ones."""
        if not math.isfinite(loss):
            iteration = self.progress.iteration
            raise TrainingError(
                f"第 {iteration} 步的损失是 {loss}。请降低学习率，再用 --init_from=resume 继续（没存过就从头）。",
                f"The loss of step {iteration} is {loss}. Lower the learning rate and go on from the last checkpoint "
                "with --init_from=resume, or from scratch if there is none.",
            )

    def _gradients_meet(self, *, last: bool) -> Any:
        """Processes exchange gradients once a step, after its last micro-batch."""
        if isinstance(self.module, DistributedDataParallel) and not last:
            return self.module.no_sync()
        return nullcontext()

    def _report(self, journal: Journal, pace: Pace) -> None:
        progress, loss, speed = self.progress, pace.loss, pace.speed
        lr = self.settings.learning_rate * lr_share(progress.iteration - 1, self.settings)
        epoch = progress.epoch + progress.read
        journal.progress(progress.iteration, loss=loss, lr=lr, speed=speed, epoch=epoch)
        journal.row({
            "iter": progress.iteration, "epoch": epoch, "tokens": progress.tokens, "minutes": progress.minutes,
            "train_loss": loss, "lr": lr, "tokens_per_second": speed,
        })  # fmt: skip
        pace.restart()

    def look(self, journal: Journal, *, last: bool = False) -> Validation:
        """Validate, write a poem, save; `last`, at the end of the run, saves in any case.

        Where the weights are averaged, it is the average that is looked at.
        """
        with self._shown_weights():
            return self._look(journal, last=last)

    def _shown_weights(self) -> AbstractContextManager[None]:
        """While it lasts the model is the one that would be saved."""
        if self.average is None:
            return nullcontext()
        return self.average.in_place_of(self.optimizer.parameters)

    def _record(self, val_loss: float | None) -> None:
        if self.recorder is not None:
            self.recorder.record(self.model, self.progress.iteration, self.progress.tokens, val_loss)

    def _look(self, journal: Journal, *, last: bool) -> Validation:
        progress, iteration = self.progress, self.progress.iteration
        found = self.validate(batches=self.settings.eval_iters)
        self._check_finite(found.bare)
        # of what the run made: were step 0 the best, a fine-tuned folder would keep no model of its own
        better = iteration > 0 and found.bare < progress.best_val_loss
        if better:
            progress.best_val_loss = found.bare
        if self.machine.is_main:
            journal.row({
                "iter": iteration, "tokens": progress.tokens, "minutes": progress.minutes,
                "val_loss": found.bare, "val_fields_loss": found.fields,
            })  # fmt: skip
            journal.say(
                f"第 {iteration} 步  验证损失 {found.bare:.4f}（只有正文）{found.fields:.4f}（带字段） 奈特/字"
                + ("  ★ 最好" if better else "")
                + f"\n{self.poem()}\n"
            )
            self._record(found.bare)
            if iteration > 0:
                self.save(found.bare, best=better, last=last)
        return found

    def validate(self, *, batches: int | None) -> Validation:
        """Validation losses over about `batches` x 4,096 tokens, or over the whole split for None."""
        return validate(self.model, self.val_documents, self.vocabulary.body, self.machine, batches=batches)

    def save(self, val_loss: float, *, best: bool, last: bool = False) -> None:
        """Write the latest checkpoint, and the best one where this is it. val_loss: of the weights as they are."""
        checkpoint = {
            "model": self.optimizer.weights(None if self.average is None else self.average.values),
            "optimizer": self.optimizer.state(),
            "model_args": model_arguments(self.model.config),
            "iter_num": self.progress.iteration,
            "val_loss": val_loss,
            "best_val_loss": self.progress.best_val_loss,
            "config": describe(self.settings),
            "vocabulary": list(self.vocabulary.tokens),
            "progress": asdict(self.progress),
            "machine": self.machine.describe(),
        }
        if best or last or self.settings.always_save_checkpoint:
            raw = {} if self.average is None else {"raw_model": self.optimizer.weights()}
            save_checkpoint(self.out / LAST, {**checkpoint, **raw})
        if best:
            save_checkpoint(self.out / BEST, {**checkpoint, "optimizer": None})

    def poem(self, length: int = 120) -> str:
        """A poem drawn from `<bos>`: what the model would write of itself, header and all."""
        generator = torch.Generator(self.machine.device).manual_seed(self.settings.seed)
        idx = torch.tensor([[self.vocabulary.bos]], device=self.machine.device)
        was_training = self.model.training
        self.model.eval()
        ids = [self.vocabulary.bos]
        while ids[-1] != self.vocabulary.eos and len(ids) < min(length, self.model.config.block_size):
            idx = self.model.generate(idx, 1, temperature=0.8, top_k=200, generator=generator)
            ids = idx[0].tolist()
        self.model.train(was_training)
        document = decode_document(ids, self.vocabulary)
        header = (document.form, document.regulated, document.rhyme, document.dynasty)
        names = (document.tune, document.author, document.title)
        return (
            "  "
            + " ".join(part for part in (*header, *names) if part)
            + "\n    "
            + document.body.replace("\n", "\n    ")
        )
