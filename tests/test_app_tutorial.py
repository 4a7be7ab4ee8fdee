"""教程 without a browser: every text can be filled, every number in it is true, every task can be done and is noticed.

Run: pytest tests/test_app_tutorial.py
What is expected is reckoned here from a forward pass of the shipped model, not by the page's own modules.
"""

from __future__ import annotations

import json
import math
import re
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from shici.app import navigation
from shici.app.components import FOLDER, bundle
from shici.app.lessons.course import LESSONS
from shici.app.lessons.glossary import TERMS
from shici.app.lessons.text import INSERTED, read_lesson
from shici.app.pages import tutorial
from shici.app.pages.tutorial import KEY, Progress
from shici.app.payload import unpack
from shici.app.reading import uniform
from shici.app.state import Session
from shici.checkpoint import PRETRAINED, LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.sampler import Cuts, cut
from shici.model.gpt import GPT, GPTConfig
from shici.model.trace import Trace
from shici.prosody.readings import strict_lexicon
from shici.vocabulary import Vocabulary
from tests.sessions import Blob
from tests.truth import ids_of, trace_of

LINE = "床前明月光，"
NAMES = [lesson.name for lesson in LESSONS]


class Reader:
    """Somebody who opens a lesson, types lines and sends what the component would send."""

    def __init__(self, name: str, line: str = LINE, language: str = "zh") -> None:
        script = "from shici.app.pages import tutorial\ntutorial.page()\n"
        self.app = AppTest.from_string(script, default_timeout=60)
        self.session = Session(SampleSettings(start=line), language=language)  # type: ignore[arg-type]
        self.progress = Progress(at=NAMES.index(name))
        self.app.session_state["shici_session"] = self.session
        self.app.session_state[KEY] = self.progress
        self.look()

    def look(self) -> Blob:
        self.app.run()
        assert not self.app.exception
        *_, last = self.app.get("bidi_component")
        return unpack(last.proto.bytes)

    def types(self, line: str) -> bool:
        """Whether the task is done with this line."""
        self.session.set(start=line)
        return bool(self.look()[0]["verdict"]["done"])

    def does(self, **evidence: Any) -> bool:
        """Whether the task is done after this."""
        tutorial.act(self.progress, {"evidence": evidence})
        return bool(self.look()[0]["verdict"]["done"])

    def text(self) -> str:
        header, _ = self.look()
        return "\n".join(
            "".join(piece[-1] for piece in block.get("pieces", [])) for block in header["blocks"]
        )

    def numbers(self) -> list[str]:
        header, _ = self.look()
        return [
            piece[-1] for block in header["blocks"] for piece in block.get("pieces", []) if piece[0] == "num"
        ]


# the texts


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_tell_the_same(name: str) -> None:
    zh, en = read_lesson(name, "zh"), read_lesson(name, "en")
    assert zh.title
    assert en.title
    for part in ("blocks", "task", "hint"):
        one, other = getattr(zh, part), getattr(en, part)
        assert len(one) == len(other) > 0, part
        for left, right in zip(one, other, strict=True):
            assert signs(left) == signs(right), (left, right)


def signs(block: str) -> tuple[str, str, list[str], set[str]]:
    """What both languages must have alike: the view, the condition, the facts and the terms."""
    facts = sorted(f"{found['fact']}:{found['spec']}" for found in INSERTED.finditer(block) if found["fact"])
    terms = {found["term"] for found in INSERTED.finditer(block) if found["term"]}
    condition = re.match(r"\[(if|unless) \w+\]", block)
    return (block if block.startswith("@") else "", condition[0] if condition else "", facts, terms)


def test_no_text_states_a_number_of_this_model() -> None:
    """A number in a text comes from the model in braces; what stands there plainly is mathematics or an instruction."""
    plain = {"0", "1", "2", "100", "99", "0.5", "2.718", "0.05"}  # 0.05: the step of the slider
    for name, language in product(NAMES, ("zh", "en")):
        text = read_lesson(name, language)  # type: ignore[arg-type]
        for block in (*text.blocks, *text.task, *text.hint):
            bare = re.sub(r"\{[^}]*\}|\[\[[^\]]*\]\]|@.*", "", block)
            assert set(re.findall(r"\d+(?:\.\d+)?", bare)) <= plain, (name, block)


def test_every_term_of_the_lessons_is_explained_and_shown_somewhere() -> None:
    modules = {entry.module for entry in navigation.PAGES}
    used = {
        found["term"]
        for name in NAMES
        for block in (*read_lesson(name, "zh").blocks, *read_lesson(name, "zh").task)
        for found in INSERTED.finditer(block)
        if found["term"]
    }
    assert len(used) > 25
    assert used <= set(TERMS)
    for key, term in TERMS.items():
        assert all((*term.name, *term.said, *term.where)), key
        assert term.page in modules, key


def test_a_page_that_is_not_there_is_not_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "PAGES", navigation.PAGES[:2])
    listed = {term["key"]: term["page"] for term in tutorial.glossary("zh")}
    assert listed["softmax"] == "attention"
    assert listed["residual"] == listed["training"] == ""


def test_no_message_is_idle() -> None:
    texts = "".join(path.read_text() for path in FOLDER.glob("tutorial*.js"))
    for name in tutorial.MESSAGES:
        assert re.search(rf"\b{name}\b", texts), name


def test_the_bundle_is_one_module() -> None:
    text = bundle("tutorial.js")
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert text.count("export ") == 1


@pytest.mark.parametrize(
    ("line", "language"),
    [
        (LINE, "en"),
        ("", "zh"),
        ("光", "zh"),
        ("落霞与孤鹜齐飞，秋水共长天一色。\n" * 5, "zh"),
        ("明月" * 300, "zh"),
    ],
    ids=["plain", "empty", "short", "long", "beyond the block"],
)
def test_every_lesson_can_be_shown_of_any_line(line: str, language: str) -> None:
    reader = Reader(NAMES[0], line, language)
    for at, name in enumerate(NAMES):
        tutorial.act(reader.progress, {"at": at})
        header, _ = reader.look()
        assert header["name"] == name
        assert not header["verdict"]["done"]
        assert "{" not in reader.text()


def test_every_lesson_is_true_of_a_model_without_control_tokens(
    monkeypatch: pytest.MonkeyPatch, loaded: LoadedModel
) -> None:
    vocabulary = Vocabulary(("\n", "，", "。", *"一两人光前天山床明春月风"))
    torch.manual_seed(0)
    model = GPT(GPTConfig(32, len(vocabulary), 2, 2, 16)).eval()
    small = LoadedModel(model, vocabulary, loaded.origin.with_name("none"))
    monkeypatch.setattr("shici.app.masthead.model_for", lambda settings: small)
    reader = Reader(NAMES[0])
    assert "6 个词元" in reader.text()
    assert "没有别的记号" in reader.text()
    for at in range(len(NAMES)):
        tutorial.act(reader.progress, {"at": at})
        reader.look()


# what is sent is the model's


def test_the_tables_are_the_traces(loaded: LoadedModel) -> None:
    trace = trace_of(loaded, LINE)
    _, vectors = Reader("02_embedding").look()
    assert np.array_equal(vectors["token_embedding"], trace.token_embedding[0].numpy())
    assert np.array_equal(vectors["position_embedding"], trace.position_embedding.numpy())
    assert np.array_equal(vectors["embedding"], trace.embedding[0].numpy())
    for name in ("03_query", "04_softmax", "05_mask"):
        header, tensors = Reader(name).look()
        assert header["data"]["sent"] == list(range(6))
        for number, layer in enumerate(trace.layers):
            for field in ("q", "k", "v", "scores", "weights", "heads"):
                assert np.array_equal(tensors[field][number], getattr(layer, field)[0].numpy())
    _, mlp = Reader("08_mlp").look()
    for number, layer in enumerate(trace.layers):
        assert np.array_equal(mlp["hidden"][number], layer.mlp_hidden[0, -1].numpy())
        assert np.array_equal(mlp["activated"][number], layer.mlp_activated[0, -1].numpy())


def test_of_a_long_line_one_layer_is_sent() -> None:
    reader = Reader("03_query", "明月" * 40)
    assert len(reader.look()[0]["data"]["sent"]) == 1
    reader.does(layer=4, head=1)
    assert reader.look()[0]["data"]["sent"] == [4]


def test_the_candidates_are_the_models(loaded: LoadedModel) -> None:
    logits = trace_of(loaded, LINE).logits[0, -1]
    header, tensors = Reader("09_logits").look()
    top = header["data"]["top"]
    assert np.array_equal(tensors["top_logits"], logits[top].numpy())
    products = tensors["rows"] @ tensors["last"][0]
    assert products == pytest.approx(logits[top].numpy(), abs=1e-4)
    for name in ("10_temperature", "11_dice"):
        header, tensors = Reader(name).look()
        assert np.array_equal(tensors["logits"], logits.numpy())
        assert header["data"]["throws"][:3] == [uniform(1337, number, 0) for number in range(3)]


def test_neighbours_are_the_nearest_of_the_table(loaded: LoadedModel) -> None:
    header, _ = Reader("02_embedding").look()
    table = loaded.model.transformer.wte.weight.detach()
    own = loaded.vocabulary.ids["光"]
    cosines = torch.cosine_similarity(table[own][None], table).tolist()
    order = sorted(range(len(cosines)), key=lambda token: -cosines[token])
    names = [loaded.vocabulary.tokens[token] for token in order if token != own]
    assert header["data"]["nearest"][str(own)] == [name for name in names if "一" <= name <= "鿿"][:6]


def test_the_residual_is_as_long_as_the_traces(loaded: LoadedModel) -> None:
    header, _ = Reader("07_residual").look()
    trace = trace_of(loaded, LINE)
    for number, stage in enumerate(header["data"]["stages"]):
        layer = trace.layers[max(0, number - 1)]
        row = layer.residual_out if number else layer.residual_in
        assert stage["length"] == pytest.approx(float(row[0, -1].norm()), rel=1e-6)
        with torch.inference_mode():
            shares = torch.softmax(
                loaded.model.lm_head(loaded.model.transformer.ln_f(row[0, -1])).double(), -1
            )
        best = int(shares.argmax())
        assert stage["top"][0][1] == pytest.approx(float(shares[best]), rel=1e-4)


def test_losses_are_minus_the_log_of_the_models_probability(loaded: LoadedModel) -> None:
    header, _ = Reader("12_training").look()
    ids, trace = ids_of(loaded, LINE), trace_of(loaded, LINE)
    shares = torch.log_softmax(trace.logits[0].double(), -1)
    expected = [-float(shares[place - 1, ids[place]]) for place in range(2, len(ids))]
    assert header["data"]["losses"] == pytest.approx(expected, rel=1e-5)
    text = Reader("12_training").text()
    assert f"{sum(expected) / len(expected):.2f}" in text
    assert f"即 {math.log(loaded.model.config.vocab_size):.2f}" in text
    assert f"{loaded.model.parameter_count():,}" in text
    assert f"最没料到的是“{LINE[expected.index(max(expected))]}”" in text


def test_the_shares_of_the_temperature_are_the_samplers(loaded: LoadedModel) -> None:
    reader = Reader("10_temperature")
    logits = trace_of(loaded, LINE).logits[0, -1].double()
    controls = [token for token, name in enumerate(loaded.vocabulary.tokens) if len(name) > 1]
    logits[[token for token in controls if token != loaded.vocabulary.eos]] = -math.inf
    for shown, temperature in zip(reader.numbers()[-3:], (1.0, 0.5, 2.0), strict=True):
        share = float(torch.softmax(logits / temperature, -1).max())
        assert float(shown.rstrip("%")) == pytest.approx(100 * share, abs=0.051)


def test_the_quatrain_rhymes_and_its_shares_are_the_models(loaded: LoadedModel) -> None:
    header, _ = Reader("13_rhyme").look()
    poem = header["data"]["quatrain"]
    body = "".join("\n" if token["kind"] == "feed" else token["text"] for token in poem["tokens"])
    assert body.startswith(LINE)
    assert [len(line) for line in re.split(r"[，。\n]+", body) if line] == [5] * 4
    lexicon = strict_lexicon()
    words = [word for word, _, _ in poem["rhymed"]]
    told = [piece[-1] for block in header["blocks"] for piece in block.get("pieces", [])]
    group = next(text for text in told if text in lexicon.groups(words[0]))
    assert all(group in lexicon.groups(word) for word in words)
    shares = torch.softmax(trace_of(loaded, body).logits[0].double(), -1)
    rhyming = [
        t
        for t, name in enumerate(loaded.vocabulary.tokens)
        if len(name) == 1 and group in lexicon.groups(name)
    ]
    for (_, share, left), place in zip(poem["rhymed"], poem["places"], strict=True):
        assert share == pytest.approx(float(shares[2 + place - 1, rhyming].sum()), rel=1e-4)
        assert left is None or 0 < left <= 1 + 1e-9


@pytest.mark.parametrize(("line", "words"), [(LINE, 3), ("白日依山尽，", 2)])
def test_the_first_rhyme_word_is_shown_but_not_averaged(line: str, words: int) -> None:
    """It has nothing to rhyme with yet; the level end of a first line is one."""
    reader = Reader("13_rhyme", line)
    rhymed = reader.look()[0]["data"]["quatrain"]["rhymed"]
    assert len(rhymed) == words
    later = [share for _, share, _ in rhymed[1:]]
    assert f"{sum(later) / len(later):.1%}" in reader.text()


def test_a_line_that_fits_no_form_gives_way_to_one_of_the_models_own() -> None:
    reader = Reader("13_rhyme", "月月月月月，")
    assert "从头到尾是模型写的" in reader.text()
    assert len(reader.look()[0]["data"]["quatrain"]["rhymed"]) >= 2


def test_the_head_that_looks_at_rhymes_is_the_measured_one() -> None:
    told = json.loads((PRETRAINED / "head_scores.json").read_text())
    scores = np.array(told["scores"]["score"])[:, :, told["roles"].index("rhyme")]
    listed = Reader("13_rhyme").look()[0]["data"]["heads"]
    layer, head = np.unravel_index(scores.argmax(), scores.shape)
    assert listed[0] == [layer + 1, head + 1, pytest.approx(scores.max())]


# the tasks: each can be done, and is not done by something else


def last_row(trace: Trace, layer: int, head: int, name: str) -> torch.Tensor:
    return getattr(trace.layers[layer], name)[0, head, -1]


def test_task_tokens() -> None:
    reader = Reader("01_token")
    assert not reader.types("白日依山尽")
    assert reader.types("白日依山尽，黄河")
    assert Reader("01_token", "白日依山尽，黄河").look()[0]["verdict"]["done"] is False


def test_task_embedding() -> None:
    reader = Reader("02_embedding")
    assert not reader.types("白日依山尽")
    assert reader.types("行行重行行")
    assert "相距 0.0000" in reader.look()[0]["verdict"]["words"]


def test_task_query(loaded: LoadedModel) -> None:
    reader, row = Reader("03_query"), last_row(trace_of(loaded, LINE), 2, 5, "scores")
    last, best, worst = len(row) - 1, int(row.argmax()), int(row.argmin())
    assert not reader.does(layer=2, head=5, cell=["scores", last, worst])
    assert not reader.does(cell=["scores", last - 1, 0])
    assert not reader.does(cell=["q", last, best])
    assert reader.does(cell=["scores", last, best])


def test_task_softmax(loaded: LoadedModel) -> None:
    reader, trace = Reader("04_softmax"), trace_of(loaded, LINE)
    share = float(re.findall(r"0\.\d+", json.dumps(reader.look()[0]["task"]))[0])
    done = 0
    for layer, head, row in product(range(6), range(6), range(8)):
        weights = trace.layers[layer].weights[0, head, row]
        column = int(weights.argmax())
        if row % 3 == 0:
            expected = row > 0 and float(weights[column]) > share
            done += expected
            assert reader.does(layer=layer, head=head, cell=["weights", row, column]) == expected
    assert done


def test_task_mask() -> None:
    reader = Reader("05_mask")
    assert not reader.types("床前明月光，疑")
    assert not reader.types("床前明月华，")
    assert reader.types("床前明月光。")
    assert re.search(r"相差至多 (0e\+00|\de-0[4-9])", reader.look()[0]["verdict"]["words"])


def test_task_heads(loaded: LoadedModel) -> None:
    reader, trace = Reader("06_heads"), trace_of(loaded, LINE)
    task = "".join(piece[-1] for piece in reader.look()[0]["task"][0]["pieces"])
    place = int(re.findall(r"第 (\d+) 位", task)[0]) - 1
    found = [reader.does(layer=layer, head=head) for layer, head in product(range(6), range(6))]
    expected = [
        int(last_row(trace, layer, head, "weights").argmax()) == place
        for layer, head in product(range(6), range(6))
    ]
    assert found == expected
    assert any(found)


def test_task_residual(loaded: LoadedModel) -> None:
    reader, trace = Reader("07_residual"), trace_of(loaded, LINE)
    rows = [trace.layers[0].residual_in, *(layer.residual_out for layer in trace.layers)]
    with torch.inference_mode():
        best = [int(loaded.model.lm_head(loaded.model.transformer.ln_f(row[0, -1])).argmax()) for row in rows]
    right = next(stage for stage in range(7) if set(best[stage:]) == {best[-1]})
    assert [reader.does(stage=stage) for stage in range(7)] == [stage == right for stage in range(7)]


def test_task_mlp(loaded: LoadedModel) -> None:
    reader, row = Reader("08_mlp"), trace_of(loaded, LINE).layers[3].mlp_activated[0, -1]
    assert not reader.does(layer=3, neuron=int(row.argmin()))
    assert reader.does(layer=3, neuron=int(row.argmax()))
    wrote = loaded.model.transformer.h[3].mlp.c_proj.weight.detach()[:, int(row.argmax())]  # type: ignore[union-attr]
    scores = (
        loaded.model.lm_head.weight.detach()
        @ ((wrote - wrote.mean()) * loaded.model.transformer.ln_f.weight).detach()
    )
    best = loaded.vocabulary.tokens[160 + int(scores[160:].argmax())]
    assert f"抬得最高的是：{best}" in reader.look()[0]["verdict"]["words"]


def test_task_logits(loaded: LoadedModel) -> None:
    """There is a change of one character that does it, found by trying; and one that does not is not taken for it."""
    reader = Reader("09_logits")
    first, second = reader.look()[0]["data"]["rivals"]
    assert not reader.types("白日依山尽，")
    results = {}
    for place, character in product(range(5), "山水花人鸟"):
        line = LINE[:place] + character + LINE[place + 1 :]
        logits = trace_of(loaded, line).logits[0, -1]
        results[line] = bool(logits[second] > logits[first])
        assert reader.types(line) == results[line]
    assert set(results.values()) == {True, False}


@pytest.mark.parametrize("temperature", [0.0, 0.05, 0.3, 1.0, 1.7])
def test_task_temperature(loaded: LoadedModel, temperature: float) -> None:
    logits = trace_of(loaded, LINE).logits[0, -1].double()
    share = 1.0 if temperature == 0 else float(torch.softmax(logits / temperature, -1).max())
    assert Reader("10_temperature").does(temperature=temperature) == (share > 0.5)


@pytest.mark.parametrize(("top_k", "top_p"), [(0, 1.0), (1, 1.0), (10, 1.0), (50, 1.0), (0, 0.2), (30, 0.3)])
def test_task_dice(loaded: LoadedModel, top_k: int, top_p: float) -> None:
    probabilities = torch.softmax(trace_of(loaded, LINE).logits[:, -1].double(), -1)
    left = int((cut(probabilities, Cuts(top_k=top_k, top_p=top_p)) > 0).sum())
    assert Reader("11_dice").does(top_k=top_k, top_p=top_p) == (2 <= left <= 20)


def test_task_training(loaded: LoadedModel) -> None:
    reader = Reader("12_training")
    for line in ("白日依山尽，", "床，前明月光", "明月锅锅。"):
        ids, shares = ids_of(loaded, line), torch.log_softmax(trace_of(loaded, line).logits[0].double(), -1)
        worst = max(-float(shares[place - 1, ids[place]]) for place in range(2, len(ids)))
        assert reader.types(line) == (worst > math.log(loaded.model.config.vocab_size)), line
    assert reader.types("明月锅锅。")


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("白日依山尽，", False),
        ("举头望明月", False),
        ("低头思故乡。", True),
        ("春风花草香", True),
        ("独自看", False),
    ],
)
def test_task_rhyme(line: str, done: bool) -> None:
    assert Reader("13_rhyme").types(line) == done


def test_task_limits() -> None:
    reader = Reader("14_limits")
    assert not reader.types(LINE * 2)
    assert reader.types(LINE * 45)


# progress


def test_progress_is_kept_and_can_be_taken_back(loaded: LoadedModel) -> None:
    reader = Reader("01_token")
    assert reader.types("白日依山尽，黄河")
    assert not reader.types(LINE)
    header, _ = reader.look()
    assert [lesson["done"] for lesson in header["lessons"]] == [True] + [False] * 13
    tutorial.act(reader.progress, {"at": 5})
    assert reader.look()[0]["name"] == "06_heads"
    assert reader.look()[0]["lessons"][0]["done"]
    tutorial.act(reader.progress, {"at": 0})
    tutorial.act(reader.progress, {"again": True})
    assert not reader.look()[0]["lessons"][0]["done"]
    assert reader.types("白日依山尽，黄河")


def test_what_was_done_on_one_line_does_not_count_on_another(loaded: LoadedModel) -> None:
    reader, row = Reader("07_residual"), 6
    reader.does(stage=row)
    reader.types("白日依山尽，")
    assert reader.progress.evidence == {}
