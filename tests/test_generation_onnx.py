"""The engine of ONNX Runtime against torch's: the same logits, the same poems, whatever happens to the batch.

Run: pytest tests/test_generation_onnx.py
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from shici.checkpoint import PRETRAINED, load_model, save_released
from shici.config.sample import SampleSettings
from shici.corpus.document import Document, encode_document, encode_prompt
from shici.errors import ConfigError
from shici.generation import backend
from shici.generation.backend import MakeReader, reader_maker, sole_writer
from shici.generation.constraints import Structure
from shici.generation.decoder import Decoder, Reader
from shici.generation.engine import write
from shici.generation.main import main as sample
from shici.generation.onnx_reader import OnnxNetwork, OnnxReader
from shici.generation.sampler import Cuts
from shici.model.gpt import GPT, GPTConfig
from tests.tiny import COUPLETS
from tests.tiny_writer import BLOCK_SIZE, SELECTIONS, VOCABULARY, tiny_model

PROMPT = encode_prompt(Document("白日依山尽，", form="五绝", author="李白"), VOCABULARY)
MODEL = tiny_model()
NETWORK = OnnxNetwork(MODEL)
LARGEST_KL = 0.005  # nats per character, what is promised of int8


def random_tokens(rows: int, seed: int) -> Tensor:
    return torch.randint(len(VOCABULARY), (rows,), generator=torch.Generator().manual_seed(seed))


def assert_alike(reader: Reader, expected: Reader) -> None:
    assert reader.tokens.tolist() == expected.tokens.tolist()
    torch.testing.assert_close(reader.logits(), expected.logits(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rows", [1, 5, 20])
def test_logits_are_torchs_before_and_past_the_block(rows: int) -> None:
    reader, expected = OnnxReader(NETWORK, PROMPT, rows), Decoder(MODEL, PROMPT, rows)
    for step in range(2 * BLOCK_SIZE):
        assert_alike(reader, expected)
        drawn = random_tokens(rows, step)
        reader.append(drawn)
        expected.append(drawn)


def test_prompts_may_differ_and_be_longer_than_the_block() -> None:
    for length in (4, BLOCK_SIZE, 2 * BLOCK_SIZE):
        prompts = torch.stack([random_tokens(length, row % 3) for row in range(7)])
        assert_alike(OnnxReader(NETWORK, prompts, 7), Decoder(MODEL, prompts, 7))


@pytest.mark.parametrize("selections", SELECTIONS)
@pytest.mark.parametrize("asked", [True, False], ids=["after the logits", "before the logits"])
def test_selected_rows_go_on_as_they_would_have(selections: list[list[int]], asked: bool) -> None:
    readers = OnnxReader(NETWORK, PROMPT, 20), Decoder(MODEL, PROMPT, 20)
    for step, rows in enumerate(selections):
        for more in range(2):
            drawn = random_tokens(readers[0].tokens.size(0), 10 * step + more)
            for reader in readers:
                reader.append(drawn)
                if asked:
                    reader.logits()
        for reader in readers:
            reader.select(torch.tensor(rows))
        assert_alike(*readers)


def test_logits_that_were_handed_out_stay_as_they_are() -> None:
    for prompt in (PROMPT, PROMPT * 4):  # within the block and past it
        reader = OnnxReader(NETWORK, prompt, 3)
        first = reader.logits()
        kept = first.clone()
        reader.append(random_tokens(3, 0))
        reader.logits()
        assert torch.equal(first, kept)


def poems(make: MakeReader, rows: range) -> dict[int, list[int]]:
    drawn: dict[int, list[int]] = {number: [] for number in rows}
    events = write(
        make(PROMPT, len(rows)),
        rows,
        constraints=[Structure(VOCABULARY, len(VOCABULARY), begins=False)],
        cuts=Cuts(1.0, top_k=30, top_p=0.95),
        seed=3,
        max_new_tokens=40,
        eos=VOCABULARY.eos,
    )
    for event in events:
        for number, token in zip(event.numbers, event.step.drawn.tolist(), strict=True):
            drawn[number].append(token)
    return drawn


def test_the_poems_are_torchs_in_any_batch() -> None:
    expected = poems(reader_maker(MODEL, SampleSettings(engine="torch")), range(12))
    make = reader_maker(MODEL, SampleSettings(engine="onnx"))
    assert poems(make, range(12)) == expected
    for rows in (range(1), range(3, 8)):
        assert poems(make, rows) == {number: expected[number] for number in rows}


def test_int8_is_near_float32_on_real_lines() -> None:
    loaded = load_model(PRETRAINED)
    networks = [OnnxNetwork(loaded.model, weights) for weights in ("float32", "int8")]
    divergence = []
    for couplet in COUPLETS[:6]:
        ids = torch.tensor(encode_document(Document(couplet), loaded.vocabulary))
        readers = [OnnxReader(network, ids[:2].tolist(), 1) for network in networks]
        for token in ids[2:]:
            plain, coarse = (torch.log_softmax(reader.logits()[0].double(), -1) for reader in readers)
            divergence.append(float((plain.exp() * (plain - coarse)).sum()))
            for reader in readers:
                reader.append(token[None])
    assert 0 < sum(divergence) / len(divergence) < LARGEST_KL


def test_auto_takes_onnx_where_it_can() -> None:
    def engine(model: GPT, **settings: object) -> type:
        return type(reader_maker(model, SampleSettings(**settings))(PROMPT, 1))  # type: ignore[arg-type]

    odd = GPT(GPTConfig(BLOCK_SIZE, len(VOCABULARY), n_layer=1, n_head=2, n_embd=12)).eval()
    assert engine(MODEL) is OnnxReader
    assert engine(MODEL, engine="int8") is OnnxReader
    assert engine(MODEL, engine="torch") is Decoder
    assert engine(tiny_model().bfloat16()) is Decoder
    assert engine(MODEL, compile=True) is Decoder
    assert engine(odd) is Decoder
    for model, reason in ((odd, "8"), (tiny_model().bfloat16(), "dtype")):
        with pytest.raises(ConfigError, match=reason):
            reader_maker(model, SampleSettings(engine="onnx"))


def test_without_the_library_torch_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "LIBRARIES", ("onnx", "no_such_library"))
    assert isinstance(reader_maker(MODEL, SampleSettings())(PROMPT, 1), Decoder)
    with pytest.raises(ConfigError, match="no_such_library"):
        reader_maker(MODEL, SampleSettings(engine="int8"))


def test_sample_writes_the_same_with_either_engine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_released(tmp_path, MODEL, VOCABULARY, notes={}, dtype=torch.float32)
    written = []
    for engine in ("torch", "onnx", "auto", "int8"):
        sample([f"--out_dir={tmp_path}", "--num_samples=3", "--max_new_tokens=40", f"--engine={engine}"])
        written.append(capsys.readouterr().out)
    assert written[0] == written[1] == written[2]
    assert written[3].count("\n") >= 3


@pytest.mark.parametrize(("engine", "threads"), [("torch", 2), ("onnx", 1), ("auto", 1)])
def test_torch_rests_while_onnx_computes(engine: str, threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with sole_writer(MODEL, SampleSettings(engine=engine)) as make_reader:
            assert torch.get_num_threads() == threads
            assert poems(make_reader, range(3)) == poems(reader_maker(MODEL, SampleSettings()), range(3))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
