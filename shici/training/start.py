"""Where a run starts: fresh weights, its own checkpoint, or the shipped model with the user's characters added."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from shici.checkpoint import BEST, LAST, PRETRAINED, load_model, model_of, read_checkpoint, vocabulary_of
from shici.config.train import TrainSettings
from shici.corpus.dataset import find_meta, read_meta
from shici.errors import ConfigError, TrainingError
from shici.language import Text
from shici.model.gpt import GPT, GPTConfig
from shici.training.documents import Documents, preparing, read_documents, split_documents
from shici.vocabulary import Vocabulary

SIZES = ("block_size", "n_layer", "n_head", "n_embd", "bias")
# what decides which poems a step reads
READING = (
    "dataset", "seed", "batch_size", "gradient_accumulation_steps", "batch_ramp_iters", "data_order",
    "field_dropout", "bare_share",
)  # fmt: skip


@dataclass(slots=True)
class Progress:
    """How far a run has come. tokens: targets learned from so far. minutes: time spent in steps.

    epoch: passes that are over. read: the share of the present one.
    """

    iteration: int = 0
    epoch: int = 0
    step_in_epoch: int = 0
    tokens: int = 0
    minutes: float = 0.0
    best_val_loss: float = float("inf")
    read: float = 0.0


@dataclass(slots=True)
class Start:
    """Everything that a run begins with. model: float32. optimizer_state, average: None unless resumed.

    settings: the run's, with the model's own sizes. average: the averaged weights by name, where the resumed run kept
    one. remarks: what of the settings is not as one might think.
    """

    settings: TrainSettings
    model: GPT
    vocabulary: Vocabulary
    train: Documents
    val: Documents
    progress: Progress = field(default_factory=Progress)
    optimizer_state: dict[str, Any] | None = None
    average: dict[str, Any] | None = None
    remarks: tuple[Text, ...] = ()


def check_out_dir(settings: TrainSettings) -> Path:
    """The folder to write to. Raises ConfigError if that is the shipped model's, by whatever link."""
    out = Path(settings.out_dir)
    if out.resolve() == PRETRAINED or PRETRAINED in out.resolve().parents:
        raise ConfigError(
            f"{out} 就是随仓库发布的模型所在的文件夹，训练不会写进去。请另选，例如 --out_dir=out-mine。",
            f"{out} is the folder of the shipped model, which training never writes to. "
            "Choose another, for instance --out_dir=out-mine.",
        )
    return out


def check_unused(settings: TrainSettings) -> None:
    """A new run does not write over an older one by chance. Raises ConfigError where its checkpoint is there."""
    checkpoint = Path(settings.out_dir) / LAST
    if settings.init_from == "resume" or settings.eval_only or settings.overwrite:
        return
    if not os.path.isfile(checkpoint):  # False as well for a name that no file can have
        return
    raise ConfigError(
        f"{checkpoint} 是以前一次训练的。接着练用 --init_from=resume；另起一次请换 --out_dir；不要它了用 --overwrite。",
        f"{checkpoint} is of an earlier run. To go on with it, --init_from=resume; for a new run, another --out_dir; "
        "to write over it, --overwrite.",
    )


def make_out_dir(settings: TrainSettings) -> None:
    """Make the folder to write to. Raises ConfigError where there can be none."""
    out = check_out_dir(settings)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (
        OSError,
        ValueError,
    ) as error:  # a file is in the way, no permission; a name that no file can have
        raise ConfigError(
            f"不能建立文件夹 {out}（{error}）。请另选 --out_dir。",
            f"Cannot make the folder {out} ({error}). Choose another --out_dir.",
        ) from None


def begin(settings: TrainSettings) -> Start:
    """Load data and model as `init_from` says. Raises TrainingError, CheckpointError, ConfigError."""
    data = Path("data") / settings.dataset
    vocabulary = _data_vocabulary(data)
    make = {"pretrained": _from_pretrained, "resume": _resumed, "scratch": _fresh}[settings.init_from]
    start = make(settings, data, vocabulary)
    # the masters of a run never see dropout; only the forward pass does
    return replace(start, model=_with_dropout(start.model, settings.dropout))


def _read(data: Path, vocabulary: Vocabulary, known: Vocabulary) -> tuple[Documents, Documents]:
    """The training and the validation documents of `data`, in the numbers of `known`, which has all its tokens."""
    files = [read_documents(data / f"{split}.bin", vocabulary) for split in ("train", "val")]
    if known != vocabulary:
        numbers = np.array([known.ids[token] for token in vocabulary.tokens], dtype=np.uint16)
        files = [split_documents(numbers[documents.tokens], known) for documents in files]
    return files[0], files[1]


def _data_vocabulary(data: Path) -> Vocabulary:
    meta = find_meta(data)
    if meta is None:
        raise TrainingError(
            f"{data} 里没有 meta.pkl。请先运行 {preparing(data)}。",
            f"No meta.pkl in {data}. Run {preparing(data)} first.",
        )
    return read_meta(meta)


def _fresh(settings: TrainSettings, data: Path, vocabulary: Vocabulary) -> Start:
    train, val = _read(data, vocabulary, vocabulary)
    torch.manual_seed(settings.seed)
    model = GPT(model_config(settings, len(vocabulary)))
    if settings.zero_init:
        _silence_branches(model)
    return Start(settings, model, vocabulary, train, val)


@torch.no_grad()
def _silence_branches(model: GPT) -> None:
    """Every block begins as the identity: its two outputs to the residual stream are zero."""
    for name, parameter in model.named_parameters():
        if name.endswith("c_proj.weight"):
            parameter.zero_()


def _of_size(settings: TrainSettings, config: GPTConfig) -> TrainSettings:
    """The settings with the sizes that the model has, whatever was asked for."""
    return replace(settings, **{name: getattr(config, name) for name in SIZES})


def _size_remarks(settings: TrainSettings, config: GPTConfig) -> tuple[Text, ...]:
    """Which sizes were asked for (are not the defaults) and are not the model's."""
    usual = TrainSettings()
    asked = [
        name for name in SIZES if getattr(settings, name) not in (getattr(usual, name), getattr(config, name))
    ]
    if not asked:
        return ()
    kept = ", ".join(f"{name}={getattr(config, name)}" for name in asked)
    return (
        Text(
            f"模型已有，大小不能改：仍是 {kept}", f"the model exists, its sizes cannot change: still {kept}"
        ),
    )


def _plan_remarks(settings: TrainSettings, before: Mapping[str, Any]) -> tuple[Text, ...]:
    """What a resumed run reads otherwise than it did: then it is not the run that it would have been."""
    changed = [
        f"{name} {before[name]} → {getattr(settings, name)}"
        for name in READING
        if name in before and before[name] != getattr(settings, name)
    ]
    if not changed:
        return ()
    listed = ", ".join(changed)
    return (
        Text(
            f"与续训之前不同：{listed}。训练照新的继续，读诗的次序与不停下来时不一样",
            f"not as before: {listed}. The run goes on with the new values and does not read as it would have",
        ),
    )


def model_config(settings: TrainSettings, vocab_size: int) -> GPTConfig:
    """The sizes of a fresh model, without dropout."""
    return GPTConfig(
        block_size=settings.block_size,
        vocab_size=vocab_size,
        n_layer=settings.n_layer,
        n_head=settings.n_head,
        n_embd=settings.n_embd,
        bias=settings.bias,
    )


def _resumed(settings: TrainSettings, data: Path, vocabulary: Vocabulary) -> Start:
    path = Path(settings.out_dir) / LAST
    checkpoint = read_checkpoint(path)
    if "progress" not in checkpoint or not checkpoint.get("optimizer"):
        raise TrainingError(
            f"{path} 没有续训所需的记录：是 nanoGPT 的检查点，或由 {BEST} 改名而来。请从头训练。",
            f"{path} lacks what resuming needs: it is nanoGPT's own, or {BEST} under another name. "
            "Train from scratch.",
        )
    averaged = checkpoint["model"] if "raw_model" in checkpoint else None
    if averaged is not None and not settings.eval_only:  # the average is what is evaluated
        checkpoint["model"] = checkpoint["raw_model"]
    model = model_of(checkpoint, path)
    known = vocabulary_of(checkpoint, model.config.vocab_size, path)
    if not known.control_count == vocabulary.control_count or not set(vocabulary.tokens) <= set(known.tokens):
        raise TrainingError(
            f"{data} 里有 {path} 的词表所没有的字：数据重新准备过了。请用原来的数据，或从头训练。",
            f"{data} has tokens that the vocabulary of {path} lacks: the data was prepared anew. "
            "Use the old data, or train from scratch.",
        )
    if checkpoint["config"]["optimizer"] != settings.optimizer:
        raise ConfigError(
            f"续训要用同一种优化器：--optimizer={checkpoint['config']['optimizer']}。",
            f"A run resumes with its own optimizer: --optimizer={checkpoint['config']['optimizer']}.",
        )
    split = bool(checkpoint["config"].get("muon_split_qkv", False))
    if settings.optimizer == "muon" and split != settings.muon_split_qkv:
        raise ConfigError(
            f"续训要照旧分或不分 Q、K、V：--muon_split_qkv={split}。",
            f"A run resumes with Q, K and V split or not as before: --muon_split_qkv={split}.",
        )
    progress = Progress(**checkpoint["progress"])
    if progress.iteration >= settings.max_iters and not settings.eval_only:
        raise ConfigError(
            f"{path} 已训练 {progress.iteration} 步，到了 --max_iters={settings.max_iters}。要继续，请加大它。",
            f"{path} has done {progress.iteration} steps and --max_iters={settings.max_iters} is reached. "
            "To go on, raise --max_iters.",
        )
    own = _of_size(settings, model.config)
    train, val = _read(data, vocabulary, known)  # of a fine-tuned model: in its numbers
    remarks = _size_remarks(settings, model.config) + _plan_remarks(settings, checkpoint["config"])
    return Start(own, model, known, train, val, progress, checkpoint["optimizer"], averaged, remarks)


def _from_pretrained(settings: TrainSettings, data: Path, vocabulary: Vocabulary) -> Start:
    """The shipped model, its vocabulary followed by the data's new characters, and the data in those numbers."""
    shipped = load_model(PRETRAINED)
    known = shipped.vocabulary
    new = [token for token in vocabulary.tokens if token not in known]
    together = Vocabulary((*known.tokens, *new))
    own, remarks = _of_size(settings, shipped.model.config), _size_remarks(settings, shipped.model.config)
    model = _widened(shipped.model, len(together))
    return Start(own, model, together, *_read(data, vocabulary, together), remarks=remarks)


def _widened(model: GPT, vocab_size: int) -> GPT:
    """A copy with room for more tokens; a new token starts as the mean of the known ones."""
    old = model.transformer.wte.weight.detach()
    wide = GPT(replace(model.config, vocab_size=vocab_size))
    state = model.state_dict()
    rows = torch.cat((old, old.mean(dim=0, keepdim=True).expand(vocab_size - len(old), -1)))
    wide.load_state_dict({**state, "transformer.wte.weight": rows, "lm_head.weight": rows})
    return wide


def _with_dropout(model: GPT, dropout: float) -> GPT:
    """The same weights in a model that drops a share of its activations while training."""
    if dropout == model.config.dropout:
        return model
    changed = GPT(replace(model.config, dropout=dropout))
    changed.load_state_dict(model.state_dict())
    return changed
