"""sample.py and test_sample.py from their command lines, on models in every layout.

Run: pytest tests/test_generation_main.py
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from shici.checkpoint import model_arguments, save_checkpoint, save_released
from shici.corpus.document import Document, encode_prompt
from shici.errors import GenerationError, ShiciError
from shici.generation import runtime
from shici.generation.decoder import TracingDecoder
from shici.generation.explain_main import main as explain
from shici.generation.inspection import inspect
from shici.generation.main import SEPARATOR, Printer
from shici.generation.main import main as sample
from shici.generation.sampler import Cuts, take_step
from shici.vocabulary import Vocabulary
from tests.tiny_writer import BLOCK_SIZE, PLAIN_VOCABULARY, VOCABULARY, tiny_model


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "shipped"
    save_released(folder, tiny_model(), VOCABULARY, notes={}, dtype=torch.float32)
    return folder


def checkpoint(vocabulary: Vocabulary) -> dict[str, object]:
    model = tiny_model(vocabulary)
    return {"model": model.state_dict(), "model_args": model_arguments(model.config), "iter_num": 1}


@pytest.fixture(scope="module")
def nanogpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What nanoGPT leaves behind: a checkpoint without vocabulary, and meta.pkl."""
    folder = tmp_path_factory.mktemp("nanogpt")
    save_checkpoint(folder / "poetry_ckpt.pt", checkpoint(PLAIN_VOCABULARY))
    meta = {"itos": dict(enumerate(PLAIN_VOCABULARY.tokens)), "stoi": PLAIN_VOCABULARY.ids}
    (folder / "meta.pkl").write_bytes(pickle.dumps(meta | {"vocab_size": len(PLAIN_VOCABULARY)}))
    return folder


def written(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], str]:
    """The poems on stdout, and what was said on stderr."""
    out, err = capsys.readouterr()
    *poems, rest = out.split(f"\n{SEPARATOR}\n")
    assert rest == ""
    return poems, err


def test_poems_come_out_in_order_and_the_same_each_time(
    shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [f"--out_dir={shipped}", "--start=白玉為堂", "--form=七绝", "--max_new_tokens=30"]
    sample([*arguments, "--num_samples=9"])
    poems, remarks = written(capsys)
    assert len(poems) == 9
    assert all(poem.startswith("白玉为堂") and "<" not in poem for poem in poems)
    assert (
        "［开头已换成模型的写法：為→为］\n[The opening was put into the model's spelling: 為→为]\n" in remarks
    )
    sample([*arguments, "--num_samples=9", "--batch_size=2"])
    assert written(capsys)[0] == poems
    sample([*arguments, "--num_samples=1"])
    assert written(capsys)[0] == poems[:1]
    sample([*arguments, "--num_samples=9", "--seed=2"])
    assert written(capsys)[0] != poems


def test_cut_poems_and_a_sliding_window_are_said(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample([f"--out_dir={shipped}", "--num_samples=3", "--max_new_tokens=1"])
    _, remarks = written(capsys)
    assert (
        "［3 首没有写完：到了 --max_new_tokens=1。］\n[Unfinished poems, at --max_new_tokens=1: 3.]\n"
        in remarks
    )
    assert "只看得到" not in remarks
    sample([f"--out_dir={shipped}", "--num_samples=20", "--max_new_tokens=60"])
    _, remarks = written(capsys)
    assert f"只看得到最后 {BLOCK_SIZE} 个" in remarks
    assert f"Beyond {BLOCK_SIZE} tokens the model sees only the last {BLOCK_SIZE}." in remarks
    assert remarks.count("慢得多") == 1


def test_temperature_0_takes_the_most_likely(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample([f"--out_dir={shipped}", "--temperature=0", "--num_samples=3", "--max_new_tokens=12"])
    poems, _ = written(capsys)
    assert poems[0] == poems[1] == poems[2]
    sample([f"--out_dir={shipped}", "--temperature=5", "--top_k=1", "--num_samples=1", "--max_new_tokens=12"])
    assert written(capsys)[0] == poems[:1]


def test_without_out_dir_the_shipped_model_writes(
    shipped: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "PRETRAINED", shipped)
    sample(["--num_samples=2", "--max_new_tokens=5"])
    poems, remarks = written(capsys)
    assert len(poems) == 2
    assert str(shipped) in remarks
    sample(["--num_samples=2", "--max_new_tokens=5", "--init_from=pretrained", "--out_dir=nowhere"])
    assert written(capsys)[0] == poems


def test_nanogpts_folder_is_continued_to_the_length_asked_for(
    nanogpt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample([f"--out_dir={nanogpt}", "--start=白日", "--num_samples=2", "--max_new_tokens=40", "--top_k=20"])
    poems, remarks = written(capsys)
    assert [len(poem) for poem in poems] == [42, 42]
    assert "没有写完" not in remarks
    with pytest.raises(GenerationError, match="--author"):
        sample([f"--out_dir={nanogpt}", "--start=白日", "--author=李白"])


def test_our_own_checkpoint_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contents = checkpoint(VOCABULARY) | {"vocabulary": list(VOCABULARY.tokens)}
    save_checkpoint(tmp_path / "ckpt.pt", contents)
    sample([f"--out_dir={tmp_path}", "--num_samples=1", "--max_new_tokens=3", "--dtype=bfloat16"])
    assert len(written(capsys)[0]) == 1


class Recorder(io.StringIO):
    """Keeps what was written at each flush."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def flush(self) -> None:
        self.shown.append(self.getvalue())


@pytest.mark.parametrize("live", [True, False])
def test_characters_appear_while_they_are_drawn(shipped: Path, live: bool) -> None:
    settings = runtime.SampleSettings(out_dir=str(shipped), num_samples=4, max_new_tokens=20)
    loaded = runtime.load(settings)
    prompt = runtime.Prompt(Document("白"), tuple(encode_prompt(Document("白"), VOCABULARY)), ())
    out = Recorder()
    printer = Printer(out, VOCABULARY, "白", live=live)
    for event in runtime.poems(loaded, prompt, settings):
        printer.show(event)
    printer.finish()
    assert out.shown[0] == ("白" + out.shown[-1][1] if live else "")
    for before, after in zip(out.shown, out.shown[1:], strict=False):
        assert after.startswith(before)
        if not live:
            assert after == "" or after.endswith(f"{SEPARATOR}\n")
    assert out.getvalue().count(SEPARATOR) == 4


def test_every_step_is_laid_open(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [f"--out_dir={shipped}", "--start=白玉为堂", "--max_new_tokens=6", "--seed=3"]
    sample([*arguments, "--num_samples=1"])
    poem = written(capsys)[0][0]
    explain([*arguments, "--candidates=4", "--attended=2"])
    out, _ = capsys.readouterr()
    assert out.endswith(f"{poem}\n{SEPARATOR}\n"), "the poem is the one that sample.py writes"
    for index, character in enumerate(poem[4:], start=1):
        assert f"第 {index} 字 “{character}”" in out.replace("↵", "\n")
    block = out.split("\n\n")[1]
    assert sum(line.startswith("▸") for line in block.splitlines()) == 1
    assert "第 1 层" in block
    assert "第 2 层" in block
    assert "熵" in block
    assert "\n注意：" in out
    explain([*arguments, "--candidates=4", "--attended=0"])
    out, _ = capsys.readouterr()
    assert "注意" not in out
    assert "attention" not in out


def test_the_inspection_shows_the_models_own_numbers() -> None:
    model = tiny_model()
    ids = encode_prompt(Document("白日依山"), VOCABULARY)
    reader = TracingDecoder(model, ids, 1)
    allowed = torch.ones(1, len(VOCABULARY), dtype=torch.bool)
    allowed[:, int(reader.logits().argmax())] = False  # the likeliest may not come
    cuts, middle = Cuts(0.5, top_k=3), torch.tensor([0.5])
    kept = take_step(reader.logits(), allowed, cuts, middle).kept[0]
    third = int(kept.topk(3).indices[-1])
    step = take_step(reader.logits(), allowed, cuts, kept[:third].sum()[None] + kept[third] / 2)  # draws it
    shown = inspect(step, reader.trace, candidates=2, attended=100)
    assert [candidate.rank for candidate in shown.candidates] == [1, 2, 3]
    assert shown.candidates[-1].drawn
    assert shown.rank == 3
    assert shown.survivors == 3
    for candidate in shown.candidates:
        assert candidate.logit == float(reader.logits()[0, candidate.token])
        assert candidate.scaled == pytest.approx(candidate.logit / 0.5)
    assert sum(candidate.kept for candidate in shown.candidates) == pytest.approx(1)
    for layer, places in enumerate(shown.attention):
        weights = reader.trace.layers[layer].weights[0, :, -1].mean(0)
        assert sum(place.weight for place in places) == pytest.approx(1, abs=1e-5)
        assert [place.weight for place in places] == sorted((place.weight for place in places), reverse=True)
        assert all(place.weight == pytest.approx(float(weights[place.place])) for place in places)
        assert all(place.token == ids[place.place] for place in places)


@pytest.mark.parametrize(
    "argument",
    ["--device=quantum", "--device=cuda:99", "--out_dir=nowhere", "--temperature=-1", "--tmperature=1",
     "--top_p=2", "--num_samples=0", "--form=十四行", "--start=FILE:nowhere", "--init_from=gpt2-xl"],
)  # fmt: skip
def test_what_cannot_be_done_is_said(shipped: Path, argument: str) -> None:
    for door in (sample, explain):
        with pytest.raises(ShiciError):
            door([f"--out_dir={shipped}", "--num_samples=1", "--max_new_tokens=1", argument])


TEXTS = st.text(max_size=30) | st.text(st.sampled_from("白日依山尽，黃河入海流。\n,"), max_size=60)


@given(start=TEXTS, author=TEXTS)
def test_any_text_is_continued_or_refused_clearly(shipped: Path, start: str, author: str) -> None:
    arguments = [f"--out_dir={shipped}", "--num_samples=1", "--max_new_tokens=2"]
    refusals = []
    try:
        assert sample([*arguments, f"--start={start}", f"--author={author}"]) == 0
    except ShiciError as error:
        refusals.append(error)
    assert all(error.zh and error.en for error in refusals)
