"""Which poems a step reads, and how they stand in its rows. Run: pytest tests/test_training_batches.py"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from shici.corpus.document import Document, encode_document
from shici.errors import TrainingError
from shici.model.losses import IGNORED
from shici.training.batches import Batch, BatchPlan, PoemSource, Step, build, padding_share, steps
from shici.training.documents import Documents, choose_fields, split_documents
from shici.vocabulary import Vocabulary
from tests.tiny import tiny_documents

PLAN = BatchPlan(step_tokens=512, block_size=64, micro_tokens=256, field_dropout=0.25, bare_share=0.3, seed=7)


def corpus(count: int = 400) -> tuple[Documents, Vocabulary]:
    documents = tiny_documents(count)
    vocabulary = Vocabulary.of_characters("".join(d.body + d.author for d in documents))
    ids = [index for document in documents for index in encode_document(document, vocabulary)]
    return split_documents(np.array(ids, dtype=np.uint16), vocabulary), vocabulary


def batches(step: Step, plan: BatchPlan) -> list[Batch]:
    return [build(step.epoch, rows, plan) for rows in step.micro]


def texts(batch: Batch) -> list[tuple[int, ...]]:
    """The documents of a batch as token ids, from its rows (split where the document number changes)."""
    found = []
    numbers = batch.documents if batch.documents is not None else torch.zeros_like(batch.idx)
    for idx, targets, number in zip(batch.idx, batch.targets, numbers, strict=True):
        for n in number.unique().tolist():
            seen = (number == n) & (targets != IGNORED)
            if seen.any():
                found.append((*idx[seen].tolist(), int(targets[seen][-1])))
    return found


def test_segments_put_together_are_the_file() -> None:
    documents, vocabulary = corpus(20)
    epoch = choose_fields(documents, field_dropout=0.0, bare_share=0.0, generator=np.random.default_rng(0))
    whole = np.concatenate([epoch.tokens_of(d) for d in range(len(documents))])
    assert np.array_equal(whole, documents.tokens)
    assert len(documents) == 20
    assert epoch.lengths.sum() == documents.totals().sum() == len(documents.tokens)
    assert [int(epoch.tokens_of(d)[0]) for d in range(20)] == [vocabulary.bos] * 20


@pytest.mark.parametrize(("field_dropout", "bare_share"), [(1.0, 0.0), (0.0, 1.0)])
def test_without_fields_only_the_verse_is_left(field_dropout: float, bare_share: float) -> None:
    documents, vocabulary = corpus(20)
    epoch = choose_fields(
        documents, field_dropout=field_dropout, bare_share=bare_share, generator=np.random.default_rng(0)
    )
    for number, document in enumerate(tiny_documents(20)):
        assert epoch.tokens_of(number).tolist() == encode_document(Document(document.body), vocabulary)
        assert len(epoch.tokens_of(number)) == epoch.lengths[number]


def test_fields_are_dropped_as_often_as_asked() -> None:
    documents, _ = corpus(3000)
    epoch = choose_fields(documents, field_dropout=0.25, bare_share=0.2, generator=np.random.default_rng(0))
    assert epoch.kept[documents.fixed].all()
    assert epoch.kept[~documents.fixed].mean() == pytest.approx(0.75 * 0.8, abs=0.03)


@pytest.mark.parametrize("packed", [False, True])
def test_rows_hold_whole_documents_from_bos_to_eos(packed: bool) -> None:
    documents, vocabulary = corpus()
    plan = replace(PLAN, packed=packed)
    count = 0
    for step in steps(documents, plan, 0):
        for batch in batches(step, plan):
            for text in texts(batch):
                assert text[0] == vocabulary.bos
                assert text[-1] == vocabulary.eos
                assert text.count(vocabulary.bos) == text.count(vocabulary.eos) == 1
                count += 1
    assert count > 0.9 * len(documents)


def test_an_epoch_reads_no_document_twice() -> None:
    documents, _ = corpus()
    read = [d for step in steps(documents, PLAN, 0) for rows in step.micro for row in rows for d in row]
    assert len(read) == len(set(read)) > 0.9 * len(documents)


@pytest.mark.parametrize("packed", [False, True])
def test_an_epoch_leaves_out_less_than_a_step(packed: bool) -> None:
    """Steps of five micro-batches: what a pool has left over goes into the next one's."""
    documents, _ = corpus(3000)
    plan = replace(PLAN, step_tokens=640, micro_steps=5, packed=packed)
    read = [d for step in steps(documents, plan, 0) for rows in step.micro for row in rows for d in row]
    places = np.minimum(documents.totals() - 1, plan.block_size)
    assert len(read) == len(set(read))
    assert int(places.sum() - places[read].sum()) < plan.step_tokens


def test_packed_rows_hold_the_same_documents_as_single_ones() -> None:
    documents, _ = corpus()
    plan = replace(PLAN, packed=True)
    for step in steps(documents, plan, 1):
        for rows in step.micro:
            packed = build(step.epoch, rows, plan)
            alone = build(step.epoch, [[d] for row in rows for d in row], PLAN)
            assert sorted(texts(packed)) == sorted(texts(alone))
            assert packed.positions is not None
            assert packed.documents is not None
            starts = packed.idx == 1  # <bos>
            assert (packed.positions[starts] == 0).all()


def test_long_documents_are_cut_at_the_end_of_the_block() -> None:
    documents, vocabulary = corpus(40)
    plan = replace(PLAN, block_size=20)
    for step in steps(documents, plan, 0):
        for batch in batches(step, plan):
            assert batch.idx.size(1) <= 20
            assert (batch.idx[:, 0] == vocabulary.bos).all()


def test_target_count_is_the_number_of_targets() -> None:
    documents, _ = corpus()
    for step in steps(documents, PLAN, 0):
        counted = sum(int((batch.targets != IGNORED).sum()) for batch in batches(step, PLAN))
        assert step.target_count == counted


@pytest.mark.parametrize("world", [2, 3])
def test_processes_share_the_rows_of_every_micro_batch(world: int) -> None:
    documents, _ = corpus()
    for step in steps(documents, PLAN, 0):
        for rows in step.micro:
            whole = build(step.epoch, rows, PLAN)
            parts = [build(step.epoch, rows, PLAN, rank, world) for rank in range(world)]
            assert sorted(texts(whole)) == sorted(text for part in parts for text in texts(part))


def test_more_processes_than_rows_learn_nothing_twice() -> None:
    documents, _ = corpus(40)
    step = next(steps(documents, PLAN, 0))
    rows = step.micro[0][:1]
    parts = [build(step.epoch, rows, PLAN, rank, 3) for rank in range(3)]
    assert sum(len(texts(part)) for part in parts) == 1


def read(documents: Documents, plan: BatchPlan, epoch: int, start: int = 0) -> list[list[list[list[int]]]]:
    return [step.micro for step in steps(documents, plan, epoch, start)]


def test_the_order_follows_from_seed_and_epoch() -> None:
    documents, _ = corpus()
    first = read(documents, PLAN, 0)
    assert first == read(documents, PLAN, 0)
    assert first[3:] == read(documents, PLAN, 0, start=3)
    assert first != read(documents, PLAN, 1)
    assert first != read(documents, replace(PLAN, seed=8), 0)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("step_tokens", [700, 1024, 1300, 2048, 2500])
def test_a_step_is_as_large_as_asked(step_tokens: int, packed: bool) -> None:
    """Whether or not micro-batches of 1,024 places go into it; packed ones have whole rows of 64."""
    documents, _ = corpus(6000)
    plan = replace(PLAN, step_tokens=step_tokens, micro_tokens=1024, packed=packed)
    taken = list(steps(documents, plan, 0))
    assert np.mean([step.target_count for step in taken]) == pytest.approx(
        step_tokens, rel=0.2 if packed else 0.12
    )
    assert max(step.target_count for step in taken) <= step_tokens + plan.micro_count


def test_more_accumulation_makes_smaller_micro_batches() -> None:
    documents, _ = corpus(2000)
    plan = replace(PLAN, step_tokens=2048, micro_tokens=1024, micro_steps=8)
    step = next(steps(documents, plan, 0))
    assert len(step.micro) == 8
    assert max(build(step.epoch, rows, plan).idx.numel() for rows in step.micro) <= 256


@pytest.mark.parametrize("world", [1, 3])
def test_packed_batches_have_one_shape(world: int) -> None:
    documents, _ = corpus(2000)
    plan = replace(PLAN, step_tokens=1024, micro_tokens=512, packed=True)
    source = PoemSource(documents, plan)
    found = [
        (batch.idx.shape, int((batch.targets != IGNORED).sum()))
        for step in source.steps(0)
        for rank in range(world)
        for batch in source.batches(step, rank, world)
    ]
    assert {shape for shape, _ in found} == {(-(-8 // world), 64)}
    assert sum(count for _, count in found) == sum(step.target_count for step in source.steps(0))


def test_padding_is_small_where_lengths_are_a_poems() -> None:
    documents, _ = corpus(3000)
    plan = BatchPlan(step_tokens=8192, block_size=64, field_dropout=0.25, bare_share=0.3)
    assert padding_share(documents, plan) < 0.08
    assert padding_share(documents, replace(plan, packed=True, block_size=256)) < 0.08


@pytest.mark.parametrize("tokens", [[], [5, 6, 7]])
def test_a_file_without_documents_is_refused(tokens: list[int]) -> None:
    with pytest.raises(TrainingError, match="no document that starts with <bos>"):
        split_documents(np.array(tokens, dtype=np.uint16), Vocabulary.of_characters("诗"))
