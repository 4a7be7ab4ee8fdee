"""Model files come back; broken and dangerous ones are refused. Run: pytest tests/test_checkpoint.py"""

from __future__ import annotations

import json
import pickle
import random
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from shici.checkpoint import (
    BEST,
    LAST,
    load_model,
    model_arguments,
    read_checkpoint,
    replacing,
    save_checkpoint,
    save_released,
)
from shici.corpus.dataset import write_meta
from shici.errors import CheckpointError, ShiciError, VocabularyError
from shici.model.gpt import GPT, GPTConfig
from shici.vocabulary import Vocabulary

VOCABULARY = Vocabulary.of_characters("床前明月光疑是地上霜，。\n")
PLAIN = Vocabulary(sorted("床前明月光疑是地上霜，。\n"))  # as nanoGPT makes one


def make(vocabulary: Vocabulary, *, bias: bool = False) -> GPT:
    torch.manual_seed(0)
    model = GPT(GPTConfig(16, len(vocabulary), n_layer=2, n_head=2, n_embd=8, bias=bias)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def checkpoint_of(model: GPT, **more: Any) -> dict[str, Any]:
    arguments = model_arguments(model.config)
    found = {"model": model.state_dict(), "model_args": arguments, "iter_num": 7, "best_val_loss": 3.5}
    return {**found, **more}


def logits(model: GPT) -> torch.Tensor:
    return model(torch.arange(12)[None])[0]


@pytest.mark.parametrize("bias", [False, True])
def test_a_checkpoint_comes_back(tmp_path: Path, bias: bool) -> None:
    model = make(VOCABULARY, bias=bias)
    save_checkpoint(tmp_path / LAST, checkpoint_of(model, vocabulary=list(VOCABULARY.tokens)))
    loaded = load_model(tmp_path)
    assert torch.equal(logits(loaded.model), logits(model))
    assert loaded.vocabulary == VOCABULARY
    assert (loaded.iter_num, loaded.val_loss, loaded.origin) == (7, 3.5, tmp_path / LAST)
    assert not loaded.model.training


def test_the_best_checkpoint_of_a_folder_is_taken(tmp_path: Path) -> None:
    model = make(VOCABULARY)
    for name in (LAST, BEST):
        save_checkpoint(tmp_path / name, checkpoint_of(model, vocabulary=list(VOCABULARY.tokens)))
    assert load_model(tmp_path).origin == tmp_path / BEST
    assert load_model(tmp_path / LAST).origin == tmp_path / LAST


@pytest.mark.parametrize("name", ["ckpt.pt", "poetry_ckpt.pt"])
@pytest.mark.parametrize("meta", ["meta.pkl", "poetry_meta.pkl"])
def test_nanogpts_own_files_open(tmp_path: Path, name: str, meta: str) -> None:
    model = make(PLAIN)
    compiled = {f"_orig_mod.{key}": tensor for key, tensor in model.state_dict().items()}
    save_checkpoint(tmp_path / name, {**checkpoint_of(model), "model": compiled, "config": {"dataset": "x"}})
    write_meta(tmp_path / meta, PLAIN)
    loaded = load_model(tmp_path)
    assert loaded.vocabulary == PLAIN
    assert not loaded.vocabulary.has_controls
    assert torch.equal(logits(loaded.model), logits(model))


def test_no_damage_makes_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / LAST
    save_checkpoint(path, checkpoint_of(make(VOCABULARY), vocabulary=list(VOCABULARY.tokens)))
    whole, dice = path.read_bytes(), random.Random(1)
    for _ in range(300):
        spoilt = bytearray(whole)
        spoilt[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(spoilt) if dice.random() < 0.7 else dice.randbytes(dice.randrange(200)))
        with suppress(CheckpointError, VocabularyError):
            load_model(path)


@pytest.mark.parametrize("notes", [{"iter_num": "many"}, {"best_val_loss": [1]}, {"iter_num": None}])
def test_progress_that_is_no_number_is_refused(tmp_path: Path, notes: dict[str, Any]) -> None:
    checkpoint = checkpoint_of(make(VOCABULARY), vocabulary=list(VOCABULARY.tokens))
    save_checkpoint(tmp_path / LAST, {**checkpoint, **notes})
    with pytest.raises(CheckpointError, match="no numbers"):
        load_model(tmp_path / LAST)


@pytest.mark.parametrize("bias", [False, True])
def test_a_released_folder_comes_back(tmp_path: Path, bias: bool) -> None:
    model = make(VOCABULARY, bias=bias)
    save_released(tmp_path, model, VOCABULARY, notes={"iter_num": 9, "val_loss": 4.5}, dtype=torch.float32)
    loaded = load_model(tmp_path)
    assert torch.equal(logits(loaded.model), logits(model))
    assert loaded.vocabulary == VOCABULARY
    assert (loaded.iter_num, loaded.val_loss) == (9, 4.5)


def test_half_precision_loses_little(tmp_path: Path) -> None:
    model = make(VOCABULARY)
    save_released(tmp_path, model, VOCABULARY, notes={})
    assert load_file(tmp_path / "model.safetensors")["transformer.wte.weight"].dtype == torch.float16
    torch.testing.assert_close(logits(load_model(tmp_path).model), logits(model), atol=2e-3, rtol=1e-3)


def test_a_released_folder_is_laid_out_as_gpt2s(tmp_path: Path) -> None:
    """Names and shapes of Hugging Face's GPT2LMHeadModel: matrices (in, out), biases everywhere, tied head left out."""
    save_released(tmp_path, make(VOCABULARY), VOCABULARY, notes={})
    shapes = {name: tuple(tensor.shape) for name, tensor in load_file(tmp_path / "model.safetensors").items()}
    assert shapes["transformer.h.0.attn.c_attn.weight"] == (8, 24)
    assert shapes["transformer.h.1.mlp.c_fc.weight"] == (8, 32)
    assert shapes["transformer.h.1.mlp.c_proj.weight"] == (32, 8)
    assert shapes["transformer.h.0.attn.c_attn.bias"] == (24,)
    assert shapes["transformer.ln_f.bias"] == (8,)
    assert "lm_head.weight" not in shapes
    assert len(shapes) == 2 + 2 * 12 + 2
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == "gpt2"
    assert config["n_positions"] == 16
    assert config["eos_token_id"] == VOCABULARY.eos


class Payload:
    """Pickles as a call: unpickling it would create a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_a_checkpoint_with_code_is_refused_and_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    torch.save({**checkpoint_of(make(VOCABULARY)), "config": Payload(mark)}, tmp_path / LAST)
    with pytest.raises(CheckpointError, match="holding code"):
        load_model(tmp_path)
    assert not mark.exists()


def test_a_meta_file_with_code_is_refused_and_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    save_checkpoint(tmp_path / LAST, checkpoint_of(make(PLAIN)))
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps({"itos": Payload(mark)}))
    with pytest.raises(VocabularyError):
        load_model(tmp_path)
    assert not mark.exists()


def _truncate(folder: Path) -> None:
    path = folder / LAST
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _rewrite(**changes: Any) -> Any:
    def change(folder: Path) -> None:
        checkpoint = read_checkpoint(folder / LAST)
        checkpoint.update(changes)
        save_checkpoint(folder / LAST, {key: value for key, value in checkpoint.items() if value is not None})

    return change


DAMAGES = [
    pytest.param(lambda folder: (folder / LAST).unlink(), id="missing"),
    pytest.param(_truncate, id="truncated"),
    pytest.param(lambda folder: (folder / LAST).write_bytes(b""), id="empty"),
    pytest.param(lambda folder: (folder / LAST).write_bytes(b"\x00\x01 no model"), id="foreign"),
    pytest.param(lambda folder: torch.save([1, 2], folder / LAST), id="no dictionary"),
    pytest.param(_rewrite(model_args=None), id="no sizes"),
    pytest.param(_rewrite(model_args={"n_layer": "six"}), id="sizes of the wrong kind"),
    pytest.param(_rewrite(model_args={"n_layer": 3, "vocab_size": len(VOCABULARY)}), id="other sizes"),
    pytest.param(_rewrite(model_args={"n_layer": 2.0, "vocab_size": 20}), id="fractional sizes"),
    pytest.param(_rewrite(model={"wte": torch.zeros(2)}), id="other weights"),
    pytest.param(_rewrite(model={"wte": 2}), id="no weights"),
    pytest.param(_rewrite(model=[1, 2]), id="weights without names"),
    pytest.param(_rewrite(vocabulary=7), id="no list of characters"),
    pytest.param(_rewrite(vocabulary=["月", "光"]), id="other vocabulary"),
    pytest.param(_rewrite(vocabulary=None), id="no vocabulary"),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_gets_a_clear_error(
    tmp_path: Path, damage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where no data/poetry/meta.pkl helps out
    save_checkpoint(tmp_path / LAST, checkpoint_of(make(VOCABULARY), vocabulary=list(VOCABULARY.tokens)))
    damage(tmp_path)
    with pytest.raises(ShiciError) as caught:
        load_model(tmp_path)
    assert str(tmp_path) in caught.value.zh


def test_a_damaged_release_gets_a_clear_error(tmp_path: Path) -> None:
    save_released(tmp_path, make(VOCABULARY), VOCABULARY, notes={})
    weights, config = tmp_path / "model.safetensors", tmp_path / "config.json"
    whole, sizes = weights.read_bytes(), config.read_text(encoding="utf-8")
    weights.write_bytes(whole[:-10])
    with pytest.raises(CheckpointError, match="truncated"):
        load_model(tmp_path)
    save_file({"other": torch.zeros(2)}, weights)
    with pytest.raises(CheckpointError, match="do not fit"):
        load_model(tmp_path)
    weights.write_bytes(whole)
    for text in ("{", "[]", sizes.replace('"n_head": 2', '"n_head": 3')):
        config.write_text(text, encoding="utf-8")
        with pytest.raises(CheckpointError, match=r"config\.json"):
            load_model(tmp_path)
    config.write_text(sizes, encoding="utf-8")
    (tmp_path / "vocabulary.txt").write_text("月\n光\n", encoding="utf-8")
    with pytest.raises(VocabularyError, match="not of the same training"):
        load_model(tmp_path)


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    path, model = tmp_path / LAST, make(VOCABULARY)
    save_checkpoint(path, checkpoint_of(model))
    old = path.read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(
        signal.SIGXFSZ, signal.SIG_IGN
    )  # then a write past the limit fails as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(CheckpointError, match="full disk"):
            save_checkpoint(path, checkpoint_of(model, iter_num=8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert path.read_bytes() == old
    assert [entry.name for entry in tmp_path.iterdir()] == [LAST]


def _fill_and_fail(temporary: Path) -> None:
    temporary.write_bytes(b"new")
    raise RuntimeError("stop")


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="stop"), replacing(path) as temporary:
        _fill_and_fail(temporary)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
