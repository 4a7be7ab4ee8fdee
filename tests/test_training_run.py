"""A run from its command line: files, stopping, resuming, refusing. Run: pytest tests/test_training_run.py"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from shici.checkpoint import PRETRAINED, load_model, read_checkpoint, save_checkpoint, save_released
from shici.corpus.document import Document
from shici.errors import CheckpointError, ConfigError, ShiciError, TrainingError
from shici.training import loop
from shici.training import main as training
from shici.training import start as training_start
from shici.training.batches import BatchPlan
from shici.training.history import HISTORY, read_history
from shici.training.journal import read_log
from shici.training.loop import Trainer
from shici.training.stopping import stopping
from tests.tiny import stop_after, tiny_arguments, tiny_dataset, tiny_documents, tiny_settings

KILLED_AFTER_13_STEPS = """
import os, signal, sys
from shici.training.loop import Trainer
from shici.training.main import main
step = Trainer.step
def counted(self, *arguments):
    loss = step(self, *arguments)
    if self.progress.iteration == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return loss
Trainer.step = counted
main(sys.argv[1:])
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tiny_dataset(tmp_path / "data")
    return tmp_path / "data"


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )


def same_weights(one: Path, other: Path) -> bool:
    first, second = (read_checkpoint(path / "ckpt.pt")["model"] for path in (one, other))
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


def test_a_run_learns_and_leaves_everything_behind(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert (
        training.main(tiny_arguments(data, out, max_iters=40, eval_interval=20, muon_learning_rate=0.02)) == 0
    )
    rows = read_log(out / "log.csv")
    losses = [float(row["val_loss"]) for row in rows if row["val_loss"]]
    assert [int(row["iter"]) for row in rows if row["val_loss"]] == [0, 20, 40]
    assert losses[-1] < losses[0] - 0.5
    assert (out / "loss.png").read_bytes().startswith(b"\x89PNG")
    for name in ("ckpt.pt", "ckpt_best.pt"):
        loaded = load_model(out / name)
        assert loaded.vocabulary.has_controls
    assert loaded.val_loss == pytest.approx(min(losses), abs=1e-4)


def test_the_checkpoint_is_laid_out_as_nanogpts(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out"))
    checkpoint = read_checkpoint(tmp_path / "out" / "ckpt.pt")
    assert {"model", "optimizer", "model_args", "iter_num", "best_val_loss", "config"} <= checkpoint.keys()
    assert set(checkpoint["model_args"]) == {
        "n_layer", "n_head", "n_embd", "block_size", "bias", "vocab_size", "dropout",
    }  # fmt: skip
    assert checkpoint["config"]["dataset"] == str(data)
    assert checkpoint["model"]["lm_head.weight"].dtype == torch.float32
    assert torch.equal(checkpoint["model"]["lm_head.weight"], checkpoint["model"]["transformer.wte.weight"])


def told(out: Path) -> list[dict[str, str]]:
    """The rows of log.csv without what the clock says."""
    timed = ("minutes", "tokens_per_second")
    return [{k: v for k, v in row.items() if k not in timed} for row in read_log(out / "log.csv")]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_twenty_steps_are_ten_and_kill_9_and_ten(data: Path, tmp_path: Path, precision: str) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    changes = {"dropout": 0.1, "dtype": precision, "muon_split_qkv": True}
    assert training.main(tiny_arguments(data, whole, **changes)) == 0
    killed = python("-c", KILLED_AFTER_13_STEPS, *tiny_arguments(data, broken, **changes))
    assert killed.returncode == -signal.SIGKILL
    assert read_checkpoint(broken / "ckpt.pt")["iter_num"] == 10
    assert not same_weights(whole, broken)
    assert training.main(tiny_arguments(data, broken, init_from="resume", **changes)) == 0
    assert same_weights(whole, broken)
    assert told(whole) == told(broken)


@pytest.mark.parametrize("packed", [False, True])
def test_a_run_stopped_between_evaluations_goes_on_as_if_it_had_not(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    """Several micro-batches a step, several epochs, three stops; packed rows as on a GPU."""
    monkeypatch.setattr(loop, "MICRO_TOKENS", {"cpu": 128})
    monkeypatch.setattr(loop, "BatchPlan", lambda **plan: BatchPlan(**{**plan, "packed": packed}))
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    changes = {
        "dropout": 0.1,
        "always_save_checkpoint": False,
        "gradient_accumulation_steps": 2,
        "batch_size": 4,
    }
    training.main(tiny_arguments(data, whole, **changes))
    assert read_checkpoint(whole / "ckpt.pt")["progress"]["epoch"] > 1
    for start, stop in (("scratch", 3), ("resume", 7), ("resume", 12)):
        stop_after(monkeypatch, stop)
        assert training.main(tiny_arguments(data, broken, init_from=start, **changes)) == 0
        assert read_checkpoint(broken / "ckpt.pt")["iter_num"] == stop
    training.main(tiny_arguments(data, broken, init_from="resume", **changes))
    assert same_weights(whole, broken)
    looks = [int(row["iter"]) for row in told(broken) if row["val_loss"]]
    assert looks == [0, 3, 7, 10, 12, 20]


def test_a_finished_run_says_so_and_stays_as_it_is(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    for most in (10, 20):
        with pytest.raises(ConfigError, match="has done 20 steps"):
            training.main(tiny_arguments(data, tmp_path / "out", init_from="resume", max_iters=most))
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_spoilt_weights_are_never_saved(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=2))
    before = (tmp_path / "out" / "ckpt.pt").read_bytes()
    step = Trainer.step

    def spoiling(self: Trainer, *arguments: object) -> float:
        loss: float = step(self, *arguments)  # type: ignore[arg-type]
        with torch.no_grad():
            self.optimizer.masters["transformer.ln_f.weight"].fill_(torch.nan)
        self.optimizer.round_copies()
        return loss

    monkeypatch.setattr(Trainer, "step", spoiling)
    with pytest.raises(TrainingError, match="is nan"):
        training.main(tiny_arguments(data, tmp_path / "out", init_from="resume", max_iters=3))
    assert (tmp_path / "out" / "ckpt.pt").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_said(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", tmp_path / "file" / "inner", tmp_path / ("长" * 200)):
        with pytest.raises(ConfigError, match="Choose another --out_dir"):
            training.main(tiny_arguments(data, out))


def test_ctrl_c_saves_and_ends_well(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    step = Trainer.step

    def interrupted(self: Trainer, *arguments: object) -> float:
        loss: float = step(self, *arguments)  # type: ignore[arg-type]
        if self.progress.iteration == 4:
            os.kill(os.getpid(), signal.SIGINT)
        return loss

    monkeypatch.setattr(Trainer, "step", interrupted)
    assert training.main(tiny_arguments(data, tmp_path / "out", eval_interval=1000)) == 0
    assert read_checkpoint(tmp_path / "out" / "ckpt.pt")["iter_num"] == 4
    assert "停在第 4 步，共 20 步。接着练：同样的命令加上 --init_from=resume" in capsys.readouterr().out


def test_sigterm_from_outside_saves_and_exits_0(data: Path, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parent.parent
    arguments = tiny_arguments(data, tmp_path / "out", max_iters=1_000_000, eval_interval=1_000_000)
    process = subprocess.Popen(
        [sys.executable, str(root / "train.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=root,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "第 0 步" in line.decode():  # the loop has begun
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert read_checkpoint(tmp_path / "out" / "ckpt.pt")["iter_num"] >= 1


def test_a_second_ctrl_c_interrupts_at_once() -> None:
    with stopping() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_max_minutes_ends_a_run(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", max_minutes=1e-9))
    assert read_checkpoint(tmp_path / "out" / "ckpt.pt")["iter_num"] == 1


def test_fine_tuning_adds_the_users_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = tmp_path / "shipped"
    tiny_dataset(tmp_path / "first")
    training.main(tiny_arguments(tmp_path / "first", tmp_path / "out"))
    trained = load_model(tmp_path / "out")
    save_released(shipped, trained.model, trained.vocabulary, notes={}, dtype=torch.float32)
    before = {path.name: path.read_bytes() for path in shipped.iterdir()}
    monkeypatch.setattr(training_start, "PRETRAINED", shipped)

    vocabulary = tiny_dataset(tmp_path / "own", [*tiny_documents(), Document("麒麟踏雪。")])
    new = [token for token in vocabulary.tokens if token not in trained.vocabulary]
    assert set("麒麟踏") <= set(new)
    start = training_start.begin(tiny_settings(tmp_path / "own", tmp_path / "tuned", init_from="pretrained"))
    assert start.vocabulary.tokens == (*trained.vocabulary.tokens, *new)
    old, wide = trained.model.transformer.wte.weight, start.model.transformer.wte.weight
    assert torch.equal(wide[: len(old)], old)
    assert start.vocabulary.decode(start.train.tokens).endswith("麒麟踏雪。")

    training.main(tiny_arguments(tmp_path / "own", tmp_path / "tuned", init_from="pretrained", max_iters=2))
    tuned = load_model(tmp_path / "tuned").vocabulary
    assert "麒" in tuned
    training.main(tiny_arguments(tmp_path / "own", tmp_path / "tuned", init_from="resume", max_iters=4))
    assert load_model(tmp_path / "tuned").vocabulary == tuned
    assert read_checkpoint(tmp_path / "tuned" / "ckpt.pt")["iter_num"] == 4
    assert {path.name: path.read_bytes() for path in shipped.iterdir()} == before


def test_training_never_writes_into_the_shipped_folder(data: Path, tmp_path: Path) -> None:
    link = tmp_path / "out-shakespeare-char"
    link.symlink_to(PRETRAINED, target_is_directory=True)
    for out in (PRETRAINED, link, link / "inner"):
        with pytest.raises(ConfigError, match="out-mine"):
            training.main(tiny_arguments(data, out))


def test_evaluating_only_changes_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    training.main(tiny_arguments(data, tmp_path / "out"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    training.main(tiny_arguments(data, tmp_path / "out", init_from="resume", eval_only=True))
    assert "验证损失" in capsys.readouterr().out
    training.main(tiny_arguments(data, tmp_path / "nowhere", eval_only=True))
    assert not (tmp_path / "nowhere").exists()
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def damage(kind: str, out: Path) -> None:
    path = out / "ckpt.pt"
    if kind == "truncated":
        path.write_bytes(path.read_bytes()[:-2000])
    elif kind == "foreign":
        path.write_bytes(b"not a checkpoint at all")
    elif kind == "nanoGPT's":
        checkpoint = read_checkpoint(path)
        del checkpoint["progress"]
        save_checkpoint(path, checkpoint)
    elif kind == "best":
        path.write_bytes((out / "ckpt_best.pt").read_bytes())
    elif kind == "missing":
        path.unlink()


@pytest.mark.parametrize(
    ("kind", "error"),
    [("truncated", CheckpointError), ("foreign", CheckpointError), ("missing", CheckpointError),
     ("nanoGPT's", TrainingError), ("best", TrainingError)],
)  # fmt: skip
def test_what_cannot_be_resumed_is_refused(
    data: Path, tmp_path: Path, kind: str, error: type[ShiciError]
) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=2))
    damage(kind, tmp_path / "out")
    with pytest.raises(error):
        training.main(tiny_arguments(data, tmp_path / "out", init_from="resume"))


def test_resuming_on_other_data_is_refused(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=2))
    tiny_dataset(tmp_path / "other", [*tiny_documents(), Document("麒麟踏雪。")])
    with pytest.raises(TrainingError, match="prepared anew"):
        training.main(tiny_arguments(tmp_path / "other", tmp_path / "out", init_from="resume"))


@pytest.mark.parametrize("other", [{"optimizer": "adamw"}, {"muon_split_qkv": True}])
def test_resuming_with_another_optimizer_is_refused(
    data: Path, tmp_path: Path, other: dict[str, object]
) -> None:
    """What one keeps between steps means nothing to the other."""
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=2))
    with pytest.raises(ConfigError, match=next(iter(other)) + "=(muon|False)"):
        training.main(tiny_arguments(data, tmp_path / "out", init_from="resume", **other))


def test_missing_and_damaged_data_are_named(data: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"prepare\.py"):
        training.main(tiny_arguments(tmp_path / "nowhere", tmp_path / "out"))
    (data / "train.bin").write_bytes(b"\x01\x00\x07")
    with pytest.raises(TrainingError, match="no whole number of uint16"):
        training.main(tiny_arguments(data, tmp_path / "out"))
    (data / "train.bin").write_bytes(b"\xff\xff" * 8)
    with pytest.raises(TrainingError, match="prepare the data again"):
        training.main(tiny_arguments(data, tmp_path / "out"))


def test_a_text_smaller_than_a_step_is_one_step(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", batch_size=4000, max_iters=3))
    progress = read_checkpoint(tmp_path / "out" / "ckpt.pt")["progress"]
    assert (progress["iteration"], progress["epoch"], progress["step_in_epoch"]) == (3, 2, 1)


def test_a_resumed_run_keeps_and_records_the_sizes_it_has(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=2))
    other = {"n_layer": 7, "n_embd": 64, "block_size": 40}
    training.main(tiny_arguments(data, tmp_path / "out", init_from="resume", max_iters=4, **other))
    checkpoint = read_checkpoint(tmp_path / "out" / "ckpt.pt")
    for name, value in {"n_layer": 2, "n_embd": 32, "block_size": 64}.items():
        assert checkpoint["config"][name] == checkpoint["model_args"][name] == value


def test_a_run_that_cannot_begin_leaves_the_log(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out"))
    before = (tmp_path / "out" / "log.csv").read_bytes()
    with pytest.raises(CheckpointError, match="nowhere"):
        training.main(tiny_arguments(data, tmp_path / "out", teachers=tmp_path / "nowhere", overwrite=True))
    assert (tmp_path / "out" / "log.csv").read_bytes() == before


def test_the_shortest_block_trains_and_keeps_its_history(data: Path, tmp_path: Path) -> None:
    """Four characters: too few for the prompt with fields that a history asks for."""
    training.main(tiny_arguments(data, tmp_path / "out", block_size=4, max_iters=2, history=True))
    assert read_history(tmp_path / "out" / HISTORY).records


def test_the_log_tells_how_much_of_an_epoch_is_read(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", log_interval=1))
    epochs = [float(row["epoch"]) for row in read_log(tmp_path / "out" / "log.csv") if row["epoch"]]
    assert epochs == sorted(set(epochs)), "it only grows"
    assert int(epochs[-1]) == 2
    for number in (0, 1):
        assert 0.8 < max(epoch for epoch in epochs if epoch <= number + 1) - number <= 1


def test_a_new_run_leaves_no_older_model_to_be_taken_for_its_own(data: Path, tmp_path: Path) -> None:
    """A run that never gets better than its first step still has a best model: of what it made."""
    training.main(tiny_arguments(data, tmp_path / "out"))
    rates = {"learning_rate": 3.0, "muon_learning_rate": 3.0, "seed": 9}
    training.main(
        tiny_arguments(data, tmp_path / "out", max_iters=7, eval_interval=100, overwrite=True, **rates)
    )
    loaded = load_model(tmp_path / "out")
    made = read_checkpoint(tmp_path / "out" / "ckpt.pt")
    assert torch.equal(loaded.model.lm_head.weight, made["model"]["lm_head.weight"])
    assert loaded.iter_num == 7


def test_a_checkpoint_states_its_own_loss_and_the_best_of_the_run(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=10))
    rates = {"learning_rate": 3.0, "muon_learning_rate": 3.0, "init_from": "resume"}
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=15, **rates))
    logged = [float(row["val_loss"]) for row in read_log(tmp_path / "out" / "log.csv") if row["val_loss"]]
    last, best = load_model(tmp_path / "out" / "ckpt.pt"), load_model(tmp_path / "out" / "ckpt_best.pt")
    assert last.val_loss == pytest.approx(logged[-1], rel=1e-4)
    assert best.val_loss == pytest.approx(min(logged[1:]), rel=1e-4)
    assert logged[-1] > min(logged[1:])


def test_a_new_run_does_not_write_over_an_older_one(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=10))
    kept = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    for start in ("scratch", "pretrained"):
        with pytest.raises(ConfigError, match="--init_from=resume"):
            training.main(tiny_arguments(data, tmp_path / "out", init_from=start))
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == kept
    assert training.main(tiny_arguments(data, tmp_path / "out", eval_only=True)) == 0


def test_a_curve_that_cannot_be_written_ends_no_run(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(log: Path, picture: Path) -> bool:
        raise OSError(28, "No space left on device", str(picture))

    monkeypatch.setattr("shici.training.journal.draw_curve", full)
    assert training.main(tiny_arguments(data, tmp_path / "out", max_iters=10)) == 0
    assert "loss.png 没有写成：No space left on device" in capsys.readouterr().err
    assert read_checkpoint(tmp_path / "out" / "ckpt.pt")["iter_num"] == 10


def test_a_damaged_line_of_the_log_ends_no_run(data: Path, tmp_path: Path) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=10))
    log = tmp_path / "out" / "log.csv"
    rows = read_log(log)
    log.write_bytes(log.read_bytes() + b"\x00x,1\n7,0.1,\n\xff\n")
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=12, init_from="resume"))
    assert read_log(log)[: len(rows)] == rows


def test_a_resumed_run_says_what_it_reads_otherwise(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=2))
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=3, init_from="resume"))
    assert "not as before" not in capsys.readouterr().err
    changes = {"batch_size": 4, "seed": 5, "n_layer": 3}
    training.main(tiny_arguments(data, tmp_path / "out", max_iters=4, init_from="resume", **changes))
    told = capsys.readouterr().err
    assert "seed 1337 → 5, batch_size 8 → 4" in told
    assert "still n_layer=2" in told


@pytest.mark.parametrize(("name", "options"), [("poetry", ""), ("mine", " --input=FILE --out-dir=data/mine")])
def test_missing_data_names_the_command_that_makes_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, options: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TrainingError, match=f"Run python data/poetry/prepare.py{options} first"):
        training.main([f"--dataset={name}", "--device=cpu"])
