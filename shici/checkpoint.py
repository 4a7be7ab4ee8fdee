"""Model files: training's checkpoints, the shipped folder, and whatever nanoGPT left behind.

A checkpoint (`ckpt.pt`) has nanoGPT's layout, so that its own sample.py opens it, and a few keys more:
    model, optimizer, model_args, iter_num, best_val_loss, config     as in nanoGPT (model in float32)
    val_loss                                                          of this model; best_val_loss is the run's
    vocabulary                                                        list of tokens in id order
    progress                                                          what exact resumption needs besides
    machine                                                           what it was trained on, for the model card
A released model is a folder in the layout of Hugging Face's GPT-2: config.json, model.safetensors, and
vocabulary.txt. Nothing here unpickles code: `torch.load(weights_only=True)`, safetensors, and a reader of meta.pkl
that knows no classes. Every file is written beside its place and moved there, so a reader never sees half of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from textwrap import shorten
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from shici.corpus.dataset import find_meta, read_meta
from shici.errors import CheckpointError, ConfigError, VocabularyError
from shici.model.gpt import GPT, GPTConfig
from shici.vocabulary import Vocabulary

# what torch.load raises on a damaged file, by where the damage lies
_DAMAGED = (
    RuntimeError, pickle.UnpicklingError, EOFError, LookupError, ValueError, TypeError, AttributeError, OSError,
    struct.error,
)  # fmt: skip
PRETRAINED = Path(__file__).resolve().parent / "pretrained"
LAST, BEST = "ckpt.pt", "ckpt_best.pt"
CHECKPOINT_NAMES = (BEST, LAST, "poetry_ckpt.pt")  # in the order in which a folder is searched
TRANSPOSED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to use (eval mode), its vocabulary, and where it came from.

    val_loss: the validation loss that the file states, or None: nats per character of verse (of a checkpoint that
    nanoGPT wrote: the run's best, per token).
    """

    model: GPT
    vocabulary: Vocabulary
    origin: Path
    iter_num: int = 0
    val_loss: float | None = None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well, and is removed if not."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        with suppress(OSError):  # what went wrong before is what is to be told
            temporary.unlink(missing_ok=True)


def save_checkpoint(path: Path, checkpoint: Mapping[str, Any]) -> None:
    """Write a checkpoint (keys in the module's docstring) atomically.

    Raises CheckpointError where it cannot be written; what was there before is still there.
    """
    try:
        with replacing(path) as temporary:
            torch.save(dict(checkpoint), temporary)
    except (OSError, RuntimeError) as error:  # torch's own writer raises RuntimeError on a full disk
        reason = str(error).partition("\n")[0]
        raise CheckpointError(
            f"写不了 {path}：磁盘满了或没有权限（{reason}）。原来的文件没有动。"
            "请腾出空间再来一次（训练加上 --init_from=resume）。",
            f"Cannot write {path}: a full disk, or no permission ({reason}). The file that was there is untouched; "
            "make room and try again (a training with --init_from=resume).",
        ) from error


def read_checkpoint(path: Path, option: str = "") -> dict[str, Any]:
    """A checkpoint's dictionary, on the CPU. Raises CheckpointError if it is missing, truncated or something else.

    option: by which the user names the model, where there is one.
    """
    if not path.is_file():
        zh, en = (f"用 {option} 指到", f"point {option} at") if option else ("另选一个", "choose")
        raise CheckpointError(
            f"找不到模型文件 {path}。请先训练，或{zh}有 ckpt.pt 的文件夹。",
            f"No model file at {path}. Train first, or {en} a folder that holds ckpt.pt.",
        )
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except _DAMAGED as error:
        raise CheckpointError(
            f"读不了 {path}（{path.stat().st_size} 字节）：不是检查点、已残缺或含有代码。请换一个文件或重新训练。",
            f"Cannot read {path} ({path.stat().st_size} bytes): no checkpoint, truncated, or holding code "
            f"({type(error).__name__}). Use another file or train again.",
        ) from error
    missing = [
        key for key in ("model", "model_args") if not isinstance(checkpoint, dict) or key not in checkpoint
    ]
    if missing:
        raise CheckpointError(
            f"{path} 不是 nanoGPT 的检查点：缺少 {'、'.join(missing)}。请换一个文件或重新训练。",
            f"{path} is no nanoGPT checkpoint: it lacks {', '.join(missing)}. Use another file or train again.",
        )
    return checkpoint  # type: ignore[no-any-return]


def model_of(checkpoint: Mapping[str, Any], origin: Path) -> GPT:
    """The model (float32, eval mode) that a checkpoint describes. Raises CheckpointError where sizes disagree."""
    known = {field.name for field in fields(GPTConfig)}
    try:
        arguments = {key: value for key, value in checkpoint["model_args"].items() if key in known}
        model = GPT(GPTConfig(**{**arguments, "dropout": 0.0}))
        # torch.compile prefixes names when a compiled module's state is saved
        state = {name.removeprefix("_orig_mod."): tensor for name, tensor in checkpoint["model"].items()}
    except (ConfigError, TypeError, AttributeError, RuntimeError) as error:
        raise CheckpointError(
            f"{origin} 里的模型尺寸读不懂（{error}）。请换一个完整的模型。",
            f"The sizes in {origin} make no sense ({error}). Use an intact model.",
        ) from error
    return _filled(model, state, origin)


def _filled(model: GPT, state: Mapping[str, Tensor], origin: Path) -> GPT:
    """`model` with the weights of `state`, all of which must fit."""
    try:
        model.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    except (RuntimeError, AttributeError) as error:  # of other shapes and names; no tensors at all
        raise CheckpointError(
            f"{origin} 的权重与它写明的尺寸不符（{shorten(str(error), 200)}）。请换一个完整的模型。",
            f"The weights in {origin} do not fit its sizes ({shorten(str(error), 200)}). Use an intact model.",
        ) from error
    return model.eval()


def vocabulary_of(checkpoint: Mapping[str, Any], size: int, origin: Path) -> Vocabulary:
    """The vocabulary in the checkpoint, else of the meta.pkl beside it, else of data/<dataset>/meta.pkl.

    size: the model's vocab_size, which it must have.
    """
    if "vocabulary" in checkpoint:
        tokens = checkpoint["vocabulary"]
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise VocabularyError(
                f"{origin} 里的词表不是一列字。请换一个完整的模型。",
                f"The vocabulary in {origin} is no list of texts. Use an intact model.",
            )
        vocabulary = Vocabulary(tokens)
    else:
        settings = checkpoint.get("config")
        dataset = str(settings.get("dataset", "poetry")) if isinstance(settings, dict) else "poetry"
        folders = (origin.parent, Path("data") / dataset)
        meta = next(filter(None, map(find_meta, folders)), None)
        if meta is None:
            raise CheckpointError(
                f"{origin} 里没有词表，旁边也没有 meta.pkl。请把训练时的 meta.pkl 放到 {origin.parent}。",
                f"{origin} has no vocabulary and no meta.pkl beside it. Put the meta.pkl of its training in "
                f"{origin.parent}.",
            )
        vocabulary = read_meta(meta)
    return _fitting(vocabulary, size, origin)


def _fitting(vocabulary: Vocabulary, size: int, origin: Path) -> Vocabulary:
    if len(vocabulary) != size:
        raise VocabularyError(
            f"{origin} 的模型有 {size} 个字，词表却有 {len(vocabulary)} 个，不是同一次训练的。请换上它自己的词表。",
            f"The model in {origin} has {size} tokens but its vocabulary {len(vocabulary)}: they are not of the same "
            "training. Put its own vocabulary beside it.",
        )
    return vocabulary


def load_model(path: Path, device: str = "cpu", option: str = "") -> LoadedModel:
    """The model at `path`: a released folder, a folder with a checkpoint, or a checkpoint file.

    option: by which the user names it, where there is one.
    Raises CheckpointError or VocabularyError, naming the file.
    """
    if (path / "model.safetensors").is_file():
        return _load_released(path, device)
    if path.is_dir():
        candidates = [path / name for name in CHECKPOINT_NAMES if (path / name).is_file()]
        if not candidates:
            names = (*CHECKPOINT_NAMES, "model.safetensors")
            zh, en = (f" {option}", option) if option else ("一个文件夹", "folder")
            raise CheckpointError(
                f"{path} 里没有模型（{'、'.join(names[:-1])} 或 {names[-1]}）。请先训练，或换{zh}。",
                f"{path} holds no model ({', '.join(names[:-1])} or {names[-1]}). Train first, or choose another {en}.",
            )
        path = candidates[0]
    checkpoint = read_checkpoint(path, option)
    model = model_of(checkpoint, path)
    vocabulary = vocabulary_of(checkpoint, model.config.vocab_size, path)
    return LoadedModel(model.to(device), vocabulary, path, *_progress(checkpoint, path))


def _progress(notes: Mapping[str, Any], origin: Path) -> tuple[int, float | None]:
    """iter_num and the validation loss that a file states."""
    iterations, loss = notes.get("iter_num", 0), notes.get("val_loss", notes.get("best_val_loss"))
    try:
        return int(iterations), None if loss is None else float(loss)
    except (TypeError, ValueError):
        raise CheckpointError(
            f"{origin} 里的步数或验证损失不是数（{iterations!r}、{loss!r}）。请换一个完整的模型。",
            f"The iterations or the validation loss in {origin} are no numbers ({iterations!r}, {loss!r}). Use an "
            "intact model.",
        ) from None


def save_released(
    folder: Path,
    model: GPT,
    vocabulary: Vocabulary,
    *,
    notes: Mapping[str, Any],
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write config.json, model.safetensors and vocabulary.txt in the layout of Hugging Face's GPT-2.

    notes: plain values about the model (iter_num, val_loss, recipe ...), kept in config.json under "shici".
    """
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / "model.safetensors") as temporary:
        save_file(_to_hugging_face(model, dtype), temporary, metadata={"format": "pt"})
        temporary.chmod(0o644)  # safetensors makes it for the owner alone
    c = model.config
    config = {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": c.vocab_size,
        "n_positions": c.block_size,
        "n_embd": c.n_embd,
        "n_layer": c.n_layer,
        "n_head": c.n_head,
        "activation_function": "gelu",
        "layer_norm_epsilon": 1e-5,
        "tie_word_embeddings": True,
        "bos_token_id": vocabulary.bos if vocabulary.has_controls else None,
        "eos_token_id": vocabulary.eos if vocabulary.has_controls else None,
        "pad_token_id": vocabulary.pad if vocabulary.has_controls else None,
        # to compute in, whatever the weights are stored in; new and old name
        "dtype": "float32",
        "torch_dtype": "float32",
        "shici": {"bias": c.bias, **notes},
    }
    with replacing(folder / "config.json") as temporary:
        temporary.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    with replacing(folder / "vocabulary.txt") as temporary:
        vocabulary.save(temporary)


def _to_hugging_face(model: GPT, dtype: torch.dtype) -> dict[str, Tensor]:
    """GPT-2's names: matrices as Conv1D has them (transposed), biases everywhere (zero where the model has none)."""
    out = {}
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight":  # tied to wte
            continue
        out[name] = (tensor.T if name.endswith(TRANSPOSED) else tensor).to(dtype).contiguous()
        if not model.config.bias and name.endswith(".weight") and "transformer.w" not in name:
            out[name.removesuffix("weight") + "bias"] = torch.zeros(tensor.size(0), dtype=dtype)
    return out


def _load_released(folder: Path, device: str) -> LoadedModel:
    weights = folder / "model.safetensors"
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        notes = config.get("shici", {})
        sizes = GPTConfig(
            block_size=config["n_positions"],
            vocab_size=config["vocab_size"],
            n_layer=config["n_layer"],
            n_head=config["n_head"],
            n_embd=config["n_embd"],
            bias=notes.get("bias", True),
        )
        model = GPT(sizes)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RuntimeError, ConfigError) as error:
        raise CheckpointError(
            f"{folder} 的 config.json 缺失或读不懂（{error}）。请换一个完整的模型。",
            f"config.json in {folder} is missing or unreadable ({error}). Use an intact model.",
        ) from error
    try:
        tensors = load_file(weights)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"读不了 {weights}：文件残缺或不是 safetensors。请重新下载或导出。",
            f"Cannot read {weights}: truncated, or not safetensors. Download or export it again.",
        ) from error
    state = {name: tensor.T if name.endswith(TRANSPOSED) else tensor for name, tensor in tensors.items()}
    if not sizes.bias:
        state = {name: tensor for name, tensor in state.items() if not name.endswith(".bias")}
    if "transformer.wte.weight" in state:
        state.setdefault("lm_head.weight", state["transformer.wte.weight"])
    vocabulary = _fitting(Vocabulary.load(folder / "vocabulary.txt"), sizes.vocab_size, folder)
    return LoadedModel(
        _filled(model, state, weights).to(device), vocabulary, folder, *_progress(notes, folder)
    )


def weights_hash(model: GPT) -> str:
    """SHA-256 of all weights by name, as float32: what a file that was measured on a model names it by."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)}".encode())
        digest.update(tensor.float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def model_arguments(config: GPTConfig) -> dict[str, Any]:
    """A config as nanoGPT keeps it in `model_args`."""
    return asdict(config)
