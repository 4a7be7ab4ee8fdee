"""The logit lens, silenced heads and swapped characters, against the trace and against numbers worked out by hand.

Run: pytest tests/test_explanation_model.py
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from shici.corpus.document import Document, encode_prompt
from shici.explanation.ablation import (
    head_means,
    losses_without_each_head,
    token_losses,
    twin_of,
    without_heads,
)
from shici.explanation.classes import CLASSES, class_masks, rhyme_group, tone_of
from shici.explanation.lens import logit_lens, settled, stage_logits
from shici.explanation.swap import swap
from shici.explanation.verse import lay_out
from shici.model.gpt import GPT, GPTConfig
from shici.model.trace import Trace
from shici.vocabulary import Vocabulary
from tests.tiny_writer import POEMS, VOCABULARY, tiny_model

IDS = encode_prompt(Document("白日依山尽，黄河"), VOCABULARY)


def traced(model: GPT, ids: list[int] = IDS) -> Trace:
    with torch.inference_mode():
        return model(torch.tensor([ids]), return_details=True)[2]


@pytest.fixture(scope="module")
def model() -> GPT:
    return tiny_model()


# the lens


def test_the_last_stage_is_the_model_itself(model: GPT) -> None:
    trace = traced(model)
    assert torch.equal(stage_logits(model, trace, 2), trace.logits[0])
    lens = logit_lens(model, trace, class_masks(VOCABULARY, len(VOCABULARY)))
    torch.testing.assert_close(lens.top_probability[-1, -1, 0].float(), trace.probabilities[0].max())
    assert lens.top[-1, :, 0].tolist() == trace.logits[0].argmax(-1).tolist()
    assert lens.chosen.tolist() == [*IDS[1:], int(trace.logits[0, -1].argmax())]


def test_every_stage_is_norm_and_output_weights_on_its_residual(model: GPT) -> None:
    trace = traced(model)
    weight = model.transformer.ln_f.weight
    for stage, residual in enumerate((trace.embedding, trace.layers[0].residual_out)):
        x = residual[0] - residual[0].mean(-1, keepdim=True)
        x = x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5) * weight
        torch.testing.assert_close(stage_logits(model, trace, stage), x @ model.lm_head.weight.T)


def test_ranks_shares_and_masses_count_the_distribution(model: GPT) -> None:
    trace = traced(model)
    masks = class_masks(VOCABULARY, len(VOCABULARY), "十一尤")
    lens = logit_lens(model, trace, masks, candidates=3)
    for stage in range(3):
        distribution = torch.softmax(stage_logits(model, trace, stage).double(), -1)
        for t, token in enumerate(lens.chosen.tolist()):
            row = distribution[t]
            assert int(lens.chosen_rank[stage, t]) == 1 + int((row > row[token]).sum())
            assert float(lens.chosen_probability[stage, t]) == pytest.approx(float(row[token]))
            assert lens.top_probability[stage, t].tolist() == pytest.approx(row.topk(3).values.tolist())
            expected = [float(row[torch.from_numpy(mask)].sum()) for mask in masks]
            assert lens.masses[stage, t].tolist() == pytest.approx(expected)


def two_tokens() -> GPT:
    """wte = [[1, -1], [-1, 1]] and layers that write nothing: the norm of a row is itself."""
    model = GPT(GPTConfig(block_size=4, vocab_size=2, n_layer=1, n_head=1, n_embd=2)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.transformer.wte.weight.copy_(torch.tensor([[1.0, -1.0], [-1.0, 1.0]]))
        model.transformer.ln_f.weight.fill_(1.0)
    return model


def test_a_model_of_two_tokens_by_hand() -> None:
    """The logits are 2 and -2."""
    model = two_tokens()
    lens = logit_lens(model, traced(model, [0, 1]), np.array([[True, False]]), candidates=2)
    likely = 1 / (1 + math.exp(-4))
    assert lens.chosen.tolist() == [1, 1]
    for stage in (0, 1):
        assert lens.top[stage].tolist() == [[0, 1], [1, 0]]
        assert lens.top_probability[stage, 0].tolist() == pytest.approx([likely, 1 - likely], rel=1e-4)
        assert lens.chosen_rank[stage].tolist() == [2, 1]
        assert lens.masses[stage, :, 0].tolist() == pytest.approx([likely, 1 - likely], rel=1e-4)
    assert settled(lens).tolist() == [2, 0]  # never; from the start


# classes


def test_classes_by_their_sound() -> None:
    masks = dict(zip(CLASSES, class_masks(VOCABULARY, len(VOCABULARY) + 3, "十一尤"), strict=True))
    members = {name: {VOCABULARY.tokens[i] for i in np.flatnonzero(mask)} for name, mask in masks.items()}
    assert members["marks"] == set("，。！？；、：\n") | {"<eos>"}
    assert {"流", "楼", "头"} == members["rhyme"]
    assert {"流", "山", "明", "乡"} <= members["level"]
    assert {"白", "日", "月", "欲"} <= members["oblique"]
    assert not {"流", "山"} & members["oblique"]
    assert masks["level"].shape == (len(VOCABULARY) + 3,)
    assert [tone_of(one) for one in ("山", "月", "，", "<body>")] == ["平", "仄", "", ""]


@pytest.mark.parametrize(
    ("document", "rhyme"),
    [
        (Document(POEMS[0]), "十一尤"),
        (Document(POEMS[1]), "七阳"),
        (Document("白日依山尽，", rhyme="一东"), "一东"),
        (Document("白日依山尽，", rhyme="第一部"), "第一部"),
        (Document("白日依山尽，"), ""),
    ],
)
def test_the_rhyme_of_a_poem(document: Document, rhyme: str) -> None:
    ids = encode_prompt(document, VOCABULARY)
    assert rhyme_group(ids, lay_out(ids, VOCABULARY), VOCABULARY) == rhyme


@pytest.mark.parametrize(
    ("body", "rhyme"),
    [
        ("床前明月光，窗下落花香。夜久风不动，无人昼掩关。", "七阳"),  # the end of the first line rhymes too
        ("夜久风不动，窗下落花香。床前看明月，无人昼掩关。举头天外看，不见一人还。", "十五删"),
        ("夜久不见月，窗下落花香。夜久风不动，无人昼掩关。", "七阳"),  # as many of each: the one met first
        ("窗下落花香，无人昼掩关。", "十五删"),  # an end that rhymes with nothing
        ("无人昼掩关，", ""),
    ],
)
def test_of_rhymes_with_as_many_words_the_first_one_counts(body: str, rhyme: str) -> None:
    vocabulary = Vocabulary.of_characters("，。" + "".join(sorted(set(body) - {"，", "。"})))
    ids = encode_prompt(Document(body), vocabulary)
    assert rhyme_group(ids, lay_out(ids, vocabulary), vocabulary) == rhyme


# silenced heads


def test_silencing_a_head_takes_its_share_out_of_the_projection(model: GPT) -> None:
    whole, silent = traced(model), traced(without_heads(model, [(0, 1)]))
    weight = model.transformer.h[0].attn.c_proj.weight.detach()  # (C, C); columns 8 .. 15 read head 1
    share = whole.layers[0].heads[0, 1] @ weight[:, 8:].T
    torch.testing.assert_close(silent.layers[0].attention[0], whole.layers[0].attention[0] - share)
    assert torch.equal(silent.layers[0].heads, whole.layers[0].heads)
    assert not torch.allclose(silent.logits, whole.logits)


def test_the_mean_stands_in_for_the_head(model: GPT) -> None:
    means = head_means(model, [IDS, IDS[:6]])
    heads = [traced(model, ids).layers[1].heads[0, 0, 1:] for ids in (IDS, IDS[:6])]
    torch.testing.assert_close(means[1, 0], torch.cat(heads).mean(0))
    whole, silent = traced(model), traced(without_heads(model, [(1, 0)], means))
    weight = model.transformer.h[1].attn.c_proj.weight.detach()
    change = (means[1, 0] - whole.layers[1].heads[0, 0]) @ weight[:, :8].T
    torch.testing.assert_close(silent.layers[1].attention[0], whole.layers[1].attention[0] + change)


def test_the_model_itself_is_not_touched(model: GPT) -> None:
    before = traced(model).logits.clone()
    twin = without_heads(model, [(0, 0), (0, 1), (1, 0), (1, 1)])
    assert torch.equal(traced(model).logits, before)
    assert not model.transformer.h[0].attn.c_proj._forward_pre_hooks
    shared = dict(model.named_parameters())
    assert all(parameter is shared[name] for name, parameter in twin.named_parameters())
    assert torch.count_nonzero(traced(twin).layers[0].attention) == 0


def test_a_twin_writes_with_a_cache_as_it_reads_without(model: GPT) -> None:
    twin = without_heads(model, [(0, 1), (1, 0)])
    cache = twin.empty_cache(1)
    with torch.inference_mode():
        for token in IDS:
            logits, _ = twin(torch.tensor([[token]]), cache=cache)
    torch.testing.assert_close(logits[0, -1], traced(twin).logits[0, -1])


@pytest.mark.parametrize("head", [(2, 0), (0, 2), (-1, 0)])
def test_a_head_that_is_not_there(model: GPT, head: tuple[int, int]) -> None:
    with pytest.raises(IndexError):
        without_heads(model, [head])


@pytest.mark.parametrize("by_mean", [False, True])
def test_all_heads_at_once_are_each_alone(model: GPT, by_mean: bool) -> None:
    means = head_means(model, [IDS]) if by_mean else None
    together = losses_without_each_head(model, IDS, means)
    assert together.shape == (2, 2, len(IDS) - 1)
    for layer in range(2):
        for head in range(2):
            alone = token_losses(without_heads(model, [(layer, head)], means), IDS)
            torch.testing.assert_close(together[layer, head], alone)


def test_losses_are_the_models(model: GPT) -> None:
    distribution = torch.softmax(traced(model).logits[0].double(), -1)
    expected = [-math.log(float(distribution[t, token])) for t, token in enumerate(IDS[1:])]
    assert token_losses(model, IDS).tolist() == pytest.approx(expected, rel=1e-5)


def test_a_head_that_says_nothing_costs_nothing(model: GPT) -> None:
    mute = twin_of(model)
    for name, parameter in model.named_parameters():
        mute.get_submodule(name.rpartition(".")[0]).weight = torch.nn.Parameter(parameter.detach().clone())
    with torch.no_grad():
        mute.transformer.h[1].attn.c_proj.weight[:, :8] = 0.0
    changes = losses_without_each_head(mute, IDS) - token_losses(mute, IDS)
    assert changes[1, 0].abs().max() < 1e-5
    assert changes[1, 1].abs().max() > 1e-3


# swapped characters


def test_a_swap_moves_only_what_comes_after(model: GPT) -> None:
    place, token = 4, VOCABULARY.ids["月"]
    found = swap(model, IDS, place, token)
    swapped = [*IDS[:place], token, *IDS[place + 1 :]]
    p, q = (torch.softmax(traced(model, ids).logits[0].double(), -1) for ids in (IDS, swapped))
    expected = (p * (p.log() - q.log())).sum(-1)
    assert found.divergence[:place].tolist() == [0.0] * place
    assert found.divergence[place:].tolist() == pytest.approx(expected[place:].tolist(), rel=1e-4)
    assert float(found.divergence[place:].min()) > 0
    assert found.likeliest.tolist() == p.argmax(-1).tolist()
    assert found.likeliest_after.tolist() == q.argmax(-1).tolist()
    assert found.surprise == pytest.approx(-math.log(float(p[place - 1, IDS[place]])), rel=1e-5)
    assert found.surprise_after == pytest.approx(-math.log(float(p[place - 1, token])), rel=1e-5)


def test_a_character_swapped_for_itself_moves_nothing(model: GPT) -> None:
    found = swap(model, IDS, 3, IDS[3])
    assert found.divergence.max() < 1e-12
    assert found.surprise == found.surprise_after


def test_a_divergence_by_hand() -> None:
    """p = (s, 1 - s) where token 0 was read, q the other way round."""
    model = two_tokens()
    s = 1 / (1 + math.exp(-4))
    by_hand = s * math.log(s / (1 - s)) + (1 - s) * math.log((1 - s) / s)
    assert swap(model, [1, 0, 1], 1, 1).divergence.tolist() == pytest.approx([0, by_hand, 0], abs=1e-3)


@pytest.mark.parametrize("place", [-1, len(IDS)])
def test_a_place_outside(model: GPT, place: int) -> None:
    with pytest.raises(ValueError, match="place"):
        swap(model, IDS, place, 0)
