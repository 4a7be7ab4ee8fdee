"""What other programs get: transformers opens the folder, nanoGPT the checkpoint, ONNX Runtime the file.

Run: pytest tests/test_export.py
"""

from __future__ import annotations

import json
import os
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

from shici.checkpoint import PRETRAINED, LoadedModel, load_model, save_released
from shici.cli import main as shici
from shici.corpus.document import Document, encode_document, encode_prompt
from shici.errors import CheckpointError, ConfigError
from shici.export.hugging_face import generation_config
from shici.export.main import export
from shici.export.nanogpt import aliases, beginning, known_opening
from shici.export.tokenizer import tokenizer, tokenizer_config
from shici.vocabulary import Vocabulary
from tests.tiny import COUPLETS, tiny_documents
from tests.tiny_writer import BLOCK_SIZE, PLAIN_VOCABULARY, VOCABULARY, tiny_model

os.environ["HF_HUB_OFFLINE"] = "1"  # before transformers is imported
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own imports
    import transformers

LINE = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
SIZES = {"n_layer", "n_head", "n_embd", "block_size", "bias", "vocab_size", "dropout"}  # nanoGPT's GPTConfig


def tiny(vocabulary: Vocabulary = VOCABULARY) -> LoadedModel:
    return LoadedModel(tiny_model(vocabulary), vocabulary, Path("tiny"))


def our_logits(loaded: LoadedModel, ids: Tensor) -> Tensor:
    with torch.no_grad():
        return loaded.model(ids, return_details=True)[2].logits


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model, exported for transformers."""
    out = tmp_path_factory.mktemp("hf") / "model"
    assert shici(["export", "--to=hf", f"--out={out}"]) == 0
    return out


@pytest.fixture(scope="module")
def shipped() -> LoadedModel:
    return load_model(PRETRAINED)


@pytest.mark.parametrize("source", ["exported", "shipped"])
def test_transformers_opens_the_folder_and_computes_the_same(
    folder: Path, shipped: LoadedModel, source: str
) -> None:
    """The shipped folder is such a folder too, its weights rounded to float16 and computed with in float32."""
    path = folder if source == "exported" else PRETRAINED
    model, report = transformers.AutoModelForCausalLM.from_pretrained(path, output_loading_info=True)
    assert not any(report.values()), "no weight missing, none left over"
    assert model.dtype == torch.float32
    ids = torch.tensor([encode_document(Document(LINE, form="五绝", author="李白"), shipped.vocabulary)])
    with torch.no_grad():
        found = model(ids).logits
    torch.testing.assert_close(found, our_logits(shipped, ids), rtol=0, atol=1e-4)


def test_the_pipeline_writes_a_poem(
    folder: Path, shipped: LoadedModel, capfd: pytest.CaptureFixture[str]
) -> None:
    write = transformers.pipeline("text-generation", str(folder))
    capfd.readouterr()
    torch.manual_seed(0)
    text = write("床前明月光，")[0]["generated_text"]
    assert text.startswith("床前明月光，")
    assert len(text) > 12
    assert shipped.vocabulary.decode(shipped.vocabulary.encode(text)) == text, "characters alone"
    asked = "<bos><七绝><author>李白<title>静夜思<body>"
    answer = write(asked, add_special_tokens=False)[0]["generated_text"].removeprefix(asked)
    assert len(answer) > 12
    assert set(answer) <= set(shipped.vocabulary.tokens)
    assert "warning" not in capfd.readouterr().err.lower()


@pytest.fixture(scope="module", params=["exported", "shipped"])
def reader(folder: Path, request: pytest.FixtureRequest) -> Any:
    return transformers.AutoTokenizer.from_pretrained(folder if request.param == "exported" else PRETRAINED)


def test_the_tokenizer_is_the_vocabulary(reader: Any, shipped: LoadedModel) -> None:
    vocabulary = shipped.vocabulary
    assert len(reader) == len(vocabulary)
    assert reader.convert_ids_to_tokens(list(range(len(vocabulary)))) == list(vocabulary.tokens)
    for document in tiny_documents(32):
        ids = encode_document(document, vocabulary)
        written = vocabulary.decode(ids, controls=True)
        assert reader(written, add_special_tokens=False).input_ids == ids
        assert reader.decode(ids) == written
        bare = Document(document.body)
        assert reader(document.body).input_ids == encode_prompt(bare, vocabulary)
        assert reader.decode(encode_document(bare, vocabulary), skip_special_tokens=True) == document.body


def test_every_character_alone_and_together(reader: Any, shipped: LoadedModel) -> None:
    """Blanks and the odd characters at the edges of Unicode are tokens like the others."""
    vocabulary = shipped.vocabulary
    characters = vocabulary.tokens[vocabulary.control_count :]
    ids = list(range(vocabulary.control_count, len(vocabulary)))
    assert reader("".join(characters), add_special_tokens=False).input_ids == ids
    assert reader.decode(ids) == "".join(characters)


def test_an_unknown_character_is_masked_and_punctuation_made_full_width(reader: Any) -> None:
    ids = reader("明月\U0002a6a5?", add_special_tokens=False).input_ids
    assert reader.convert_ids_to_tokens(ids) == ["明", "月", "<mask>", "？"]
    assert (reader.bos_token, reader.eos_token, reader.pad_token) == ("<bos>", "<eos>", "<pad>")


def test_short_poems_are_padded_on_the_left(reader: Any, shipped: LoadedModel) -> None:
    batch = reader(["白日", "床前明月光"], padding=True).input_ids
    assert batch[0][:3] == [shipped.vocabulary.pad] * 3


def test_a_vocabulary_of_nanogpts_has_a_plain_tokenizer() -> None:
    content = tokenizer(PLAIN_VOCABULARY)
    assert content["added_tokens"] == []
    assert content["post_processor"] is None
    assert "bos_token" not in tokenizer_config(PLAIN_VOCABULARY, 64)
    assert "suppress_tokens" not in generation_config(PLAIN_VOCABULARY, 64)


def test_float16_halves_the_folder_and_is_computed_in_float32(tmp_path: Path) -> None:
    sizes = []
    for dtype in ("float32", "float16"):
        export(tiny(), "hf", tmp_path / dtype, dtype)
        sizes.append((tmp_path / dtype / "model.safetensors").stat().st_size)
        assert json.loads((tmp_path / dtype / "config.json").read_text())["dtype"] == "float32"
        again = load_model(tmp_path / dtype)
        ids = torch.tensor([VOCABULARY.encode("白日依山尽")])
        expected = our_logits(tiny(), ids)
        torch.testing.assert_close(our_logits(again, ids), expected, rtol=0, atol=0.05 * (dtype == "float16"))
    assert sizes[1] < 0.7 * sizes[0]


@pytest.mark.parametrize("vocabulary", [VOCABULARY, PLAIN_VOCABULARY], ids=["controls", "plain"])
def test_a_checkpoint_as_nanogpt_reads_it(tmp_path: Path, vocabulary: Vocabulary) -> None:
    """Key by key what nanoGPT's sample.py asks for; by hand, its own sample.py ran on the export."""
    export(tiny(vocabulary), "nanogpt", tmp_path)
    checkpoint = torch.load(tmp_path / "ckpt.pt", weights_only=True)
    assert checkpoint["model_args"].keys() == SIZES
    assert checkpoint["config"]["dataset"] == "poetry"
    state = tiny_model(vocabulary).state_dict()
    assert checkpoint["model"].keys() == state.keys()
    assert all(torch.equal(checkpoint["model"][name], tensor) for name, tensor in state.items())
    meta = pickle.loads((tmp_path / "meta.pkl").read_bytes())
    start = (tmp_path / "start.txt").read_text(encoding="utf-8")
    if vocabulary.has_controls:
        ids = [meta["stoi"][character] for character in start + "白日依山尽"]
        assert ids == encode_prompt(Document("白日依山尽"), vocabulary)
        assert "".join(meta["itos"][index] for index in ids) == "<bos><body>白日依山尽"
    else:
        assert start == "\n"
        assert [meta["stoi"][character] for character in start + "白日"] == vocabulary.encode(start + "白日")
    again = load_model(tmp_path)
    assert again.vocabulary == vocabulary


def test_a_second_name_is_no_character_of_the_corpus(shipped: LoadedModel) -> None:
    names = aliases(shipped.vocabulary)
    assert len(names) == shipped.vocabulary.control_count
    assert not names.keys() & shipped.vocabulary.ids.keys()


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("int8", 1.0)])
def test_an_onnx_file_that_writes_the_likeliest_characters(
    tmp_path: Path, shipped: LoadedModel, dtype: str, tolerance: float
) -> None:
    """A greedy loop as a user of another runtime would write it, each step held against torch."""
    assert shici(["export", "--to=onnx", f"--out={tmp_path}", f"--dtype={dtype}"]) == 0
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    vocabulary = Vocabulary.load(tmp_path / "vocabulary.txt")
    ids = encode_prompt(Document(COUPLETS[0]), vocabulary)
    c = shipped.model.config
    empty = np.zeros((1, c.n_head, 0, c.n_embd // c.n_head), dtype=np.float32)
    past = {one.name: empty for one in session.get_inputs() if one.name != "input_ids"}
    new = np.array([ids])
    for _ in range(4):
        logits, *present = session.run(None, {"input_ids": new, **past})
        expected = our_logits(shipped, torch.tensor([ids]))[:, -new.shape[1] :]
        assert logits.shape == expected.shape
        assert float((torch.from_numpy(logits) - expected).abs().max()) < tolerance
        ids.append(int(logits[0, -1].argmax()))
        new = np.array([ids[-1:]])
        names = [one.name.replace("present", "past_key_values") for one in session.get_outputs()[1:]]
        past = dict(zip(names, present, strict=True))


def test_what_cannot_be_exported_is_said(tmp_path: Path) -> None:
    save_released(tmp_path / "model", tiny_model(), VOCABULARY, notes={})
    (tmp_path / "file").touch()
    model = f"--model={tmp_path / 'model'}"
    for arguments, error, reason in (
        (["--to=onnx", f"--out={tmp_path / 'a'}", model, "--dtype=float16"], ConfigError, "float32、int8"),
        (["--to=hf", f"--out={tmp_path / 'model'}", model], ConfigError, "模型所在"),
        (["--to=hf", f"--out={tmp_path / 'a'}", f"--model={tmp_path}"], CheckpointError, "没有模型"),
        (["--to=hf", model], ConfigError, "out"),
    ):
        with pytest.raises(error, match=reason):
            shici(["export", *arguments])
    for to in ("hf", "nanogpt", "onnx"):
        with pytest.raises(CheckpointError, match="写不了"):
            shici(["export", f"--to={to}", f"--out={tmp_path / 'file'}", model])


@pytest.mark.parametrize(
    ("characters", "opening", "start"),
    [
        ("白日依山尽，床前明月光\n", "床前明月光，", "\n"),
        ("白日依山月，\n", "月，", "\n"),
        ("白日依山尽黄河，。\n", "依尽山日河白", "\n"),
        ("\n !abcdefgh", "abcdef", "\n"),
        ("，ab", "ab", "ab"),
        ("。！", "。", "。"),
    ],
)
def test_an_example_is_of_characters_that_the_model_knows(characters: str, opening: str, start: str) -> None:
    vocabulary = Vocabulary(sorted(characters))
    assert known_opening(vocabulary) == opening
    assert beginning(vocabulary) == start
    assert known_opening(Vocabulary.of_characters(characters)) == opening


@pytest.mark.parametrize("characters", ["白日依山尽黄河，。\n", '"abcd'])
def test_the_example_of_a_nanogpt_export_runs_and_what_it_refuses_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], characters: str
) -> None:
    vocabulary = Vocabulary(sorted(characters))
    export(tiny(vocabulary), "nanogpt", tmp_path / "model")
    assert shici(["export", "--to=hf", f"--out={tmp_path / 'hf'}", f"--model={tmp_path / 'model'}"]) == 0
    said = capsys.readouterr().out
    assert "它不认识的字会报错" in said
    assert "is refused (Missing [UNK] token)" in said
    example = next(line for line in said.splitlines() if "pipeline(" in line and "print" in line)
    namespace: dict[str, Any] = {"pipeline": transformers.pipeline}
    exec(example.strip(), namespace)
    assert len(capsys.readouterr().out) > len(known_opening(vocabulary))
    with pytest.raises(Exception, match=r"Missing \[UNK\] token"):
        transformers.AutoTokenizer.from_pretrained(tmp_path / "hf")("床")


def test_nanogpts_start_is_described_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for characters, words in (
        ("白日\n", ("一个换行", "a line feed")),
        ("白日", ('一个开头（"日白"）', '("日白")')),
    ):
        export(tiny(Vocabulary(sorted(characters))), "nanogpt", tmp_path / "model")
        shici(["export", "--to=nanogpt", f"--out={tmp_path / 'out'}", f"--model={tmp_path / 'model'}"])
        said = capsys.readouterr().out
        assert all(word in said for word in words)
        assert "<bos>" not in said


def test_the_tiny_export_says_how_to_use_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_released(tmp_path / "model", tiny_model(), VOCABULARY, notes={})
    for to, hint in (("hf", "pipeline("), ("nanogpt", "start.txt"), ("onnx", "past_key_values")):
        shici(["export", f"--to={to}", f"--out={tmp_path / to}", f"--model={tmp_path / 'model'}"])
        assert hint in capsys.readouterr().out
    assert json.loads((tmp_path / "hf" / "config.json").read_text())["n_positions"] == BLOCK_SIZE
