"""Guidance against its formula, at its fixed points, and whether it does what it is for.

Run: pytest tests/test_generation_guidance.py
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from shici.app.composer import draw, plan
from shici.checkpoint import PRETRAINED, LoadedModel
from shici.config.parse import parse_settings
from shici.config.sample import ExplainSettings, SampleSettings
from shici.corpus.document import encode_prompt
from shici.errors import ConfigError
from shici.generation.backend import reader_maker
from shici.generation.couplet import main as couplet
from shici.generation.decoder import Decoder
from shici.generation.guidance import GuidedReader, guides, unguided, unguiding
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems, poems_of_particles
from shici.generation.verse import plan_verse
from shici.language import Text
from tests.tiny_writer import SELECTIONS, VOCABULARY, tiny_model
from tests.verdicts import keeps_form

ASKED = SampleSettings(form="五绝", title="月夜", author="李白", num_samples=3, particles=4, seed=5)
TITLES = (
    "登山",
    "落花",
    "寒食",
    "春雪",
    "古寺",
    "听琴",
    "闻雁",
    "采莲",
)  # of which a poem does not speak anyhow


def written(loaded: LoadedModel, settings: SampleSettings) -> list[str]:
    """The poems that sample.py would write, in form or, without one, freely."""
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    settings = settings if verse is None else verse.settings
    prompt = build_prompt(settings, loaded.vocabulary, loaded.model.config.block_size)
    if verse is not None and settings.particles > 1:
        drafts = poems_of_particles(loaded, prompt, settings, verse)
        return [loaded.vocabulary.decode(draft.tokens) for draft in drafts]
    texts = dict.fromkeys(range(settings.num_samples), "")
    for event in poems(loaded, prompt, settings, verse=verse):
        for number, token in zip(event.numbers, event.step.drawn.tolist(), strict=True):
            texts[number] += loaded.vocabulary.tokens[token]
    return list(texts.values())


@pytest.mark.parametrize("selections", SELECTIONS)
@pytest.mark.parametrize("scale", [0.0, 1.0, 2.5])
def test_the_logits_are_those_of_the_formula(scale: float, selections: list[list[int]]) -> None:
    """Prompts of other lengths, rows that go and double, lines that outgrow the window."""
    model, ids = tiny_model(), VOCABULARY.ids
    long, short = [VOCABULARY.bos, *VOCABULARY.encode("白日依山尽")], [VOCABULARY.bos, ids["月"]]
    reader = GuidedReader(Decoder(model, long, 20), Decoder(model, short, 20), scale)
    drawn: list[list[int]] = [[] for _ in range(20)]
    dice = torch.Generator().manual_seed(1)
    for step in range(3 * model.config.block_size // 2):
        if step % 5 == 4 and selections:
            rows, *selections = selections
            reader.select(torch.tensor(rows))
            drawn = [list(drawn[row]) for row in rows]
        block = model.config.block_size
        expected = []
        for line in drawn:
            with torch.inference_mode():
                asked, plain = (
                    model(torch.tensor([[*prompt, *line][-block:]]))[0][0, -1] for prompt in (long, short)
                )
            expected.append((1 - scale) * plain + scale * asked)
        torch.testing.assert_close(reader.logits(), torch.stack(expected), rtol=0, atol=1e-4)
        tokens = torch.randint(len(VOCABULARY), (len(drawn),), generator=dice)
        reader.append(tokens)
        for line, token in zip(drawn, tokens.tolist(), strict=True):
            line.append(token)
        assert reader.tokens.tolist() == [[*long, *line] for line in drawn]


def test_transformers_guides_to_the_same_poem(loaded: LoadedModel) -> None:
    """Its own classifier-free guidance, greedily, on the folder that ships."""
    from transformers import AutoModelForCausalLM, GenerationConfig

    document = build_prompt(ASKED, loaded.vocabulary, 256).document
    asked, plain = (
        torch.tensor([encode_prompt(one, loaded.vocabulary)]) for one in (document, unguided(document))
    )
    model = AutoModelForCausalLM.from_pretrained(PRETRAINED)
    special = {name: getattr(model.generation_config, f"{name}_token_id") for name in ("bos", "eos", "pad")}
    config = GenerationConfig(
        do_sample=False,
        guidance_scale=3.0,
        max_new_tokens=60,
        suppress_tokens=model.generation_config.suppress_tokens,
        **{f"{name}_token_id": token for name, token in special.items()},
    )
    found = model.generate(
        asked,
        attention_mask=torch.ones_like(asked),
        negative_prompt_ids=plain,
        negative_prompt_attention_mask=torch.ones_like(plain),
        generation_config=config,
    )
    text = "".join(loaded.vocabulary.tokens[token] for token in found[0, asked.size(1) :].tolist())
    greedy = replace(ASKED, guidance_scale=3.0, temperature=0.0, constrain=False, num_samples=1)
    assert written(loaded, greedy) == [text]
    assert written(loaded, replace(greedy, guidance_scale=1.0)) != [text]


def test_scale_0_writes_as_without_title_and_author(loaded: LoadedModel) -> None:
    free = replace(ASKED, form="", guidance_scale=0.0)
    assert written(loaded, free) == written(loaded, replace(free, title="", author=""))
    assert written(loaded, free) != written(loaded, replace(free, guidance_scale=1.0))


def test_scale_1_reads_each_poem_once(loaded: LoadedModel) -> None:
    document = build_prompt(ASKED, loaded.vocabulary, 256).document
    assert not guides(1.0, document)
    assert guides(1.5, document)
    assert not guides(1.5, replace(document, title="", author=""))


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_guided_poems_keep_their_form_and_are_the_same_in_any_batch(loaded: LoadedModel, engine: str) -> None:
    settings = replace(ASKED, guidance_scale=3.0, engine=engine)
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None
    found = written(loaded, settings)
    assert all(keeps_form(body.removesuffix("<eos>"), verse) for body in found)
    assert found == written(loaded, replace(settings, batch_size=4))
    assert found == written(loaded, replace(ASKED, guidance_scale=3.0, engine="auto"))


def test_the_page_writes_what_sample_writes(loaded: LoadedModel) -> None:
    settings = replace(ASKED, guidance_scale=2.0)
    drawn = draw(plan(loaded, settings), range(3), reader_maker(loaded.model, settings), lambda *_: None)
    assert [poem.body for poem in drawn] == written(loaded, settings)


def test_the_answer_of_a_couplet_is_guided_by_its_author(capsys: pytest.CaptureFixture[str]) -> None:
    def answers(*words: str) -> str:
        couplet(["海内存知己", "--num_samples=4", "--particles=4", *words])
        return capsys.readouterr().out

    assert answers("--author=李白") != answers("--author=李白", "--guidance_scale=1")
    assert answers("--author=李白", "--guidance_scale=0") == answers()
    assert answers() == answers("--guidance_scale=1")


def test_a_guided_poem_has_more_of_its_title(loaded: LoadedModel) -> None:
    def found(scale: float) -> int:
        """How many of the titles' characters stand in poems on them."""
        asked = SampleSettings(form="七绝", num_samples=16, particles=1, guidance_scale=scale)
        return sum(
            len(set(title) & set(body))
            for title in TITLES
            for body in written(loaded, replace(asked, title=title))
        )

    assert found(3.0) > 1.5 * found(1.0)


def test_a_scale_without_a_title_is_said(loaded: LoadedModel) -> None:
    nothing = build_prompt(SampleSettings(form="五绝"), loaded.vocabulary, 256).document
    (said,) = unguiding(3.0, nothing, Text("没有题目", "there is no title"))
    assert said.zh == "--guidance_scale=3 用不上：没有题目。"
    assert unguiding(SampleSettings().guidance_scale, nothing, said) == []
    assert unguiding(3.0, replace(nothing, title="月夜"), said) == []


def test_a_scale_without_an_author_is_said_of_a_couplet(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["海内存知己", "--num_samples=1", "--particles=1", "--guidance_scale=3"]
    couplet(words)
    assert "--guidance_scale=3 用不上：没有 --author" in capsys.readouterr().err
    couplet([*words, "--author=李白"])
    assert "用不上" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        (SampleSettings, "--guidance_scale=-1"),
        (SampleSettings, "--guidance_scale=99"),
        (ExplainSettings, "--guidance_scale=2"),
    ],
)
def test_a_scale_out_of_bounds_is_refused(settings: type, word: str) -> None:
    with pytest.raises(ConfigError, match="guidance_scale"):
        parse_settings(settings, [word], prog="sample.py")
