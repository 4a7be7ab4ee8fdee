"""Which rhyme group a poem is written in where the user leaves it open: drawn from the model's own prediction.

The model was trained with the rhyme as a field of the document, between the form and the dynasty. Naming it before
the first character lets every line prepare for it. What is known of the poem has its say (Bayes): the probability of a
group after the form, times those of the dynasty, author, title and opening after that group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np
import torch
from torch.nn import functional as F

from shici.checkpoint import LoadedModel
from shici.corpus.document import Document, encode_prompt
from shici.generation.verse import Verse
from shici.model.losses import IGNORED
from shici.vocabulary import control

OPENERS = ("<tune>", "<author>", "<title>", "<body>")
RHYME_STREAM = 3  # of a poem's random streams, the one that draws its rhyme


def choose_rhymes(loaded: LoadedModel, document: Document, verse: Verse, numbers: Sequence[int]) -> list[str]:
    """The rhyme group of each poem; "" where the form has several rhymes, or a book that the model has not read."""
    names = [name for name in verse.rhymes if control(name) in loaded.vocabulary]
    if verse.rhyme or not verse.names_rhyme or not names:
        return [verse.rhyme] * len(numbers)
    known = replace(document, body=verse.opening)
    shares = rhyme_shares(loaded, known, names)
    if verse.settings.temperature == 0:
        return [names[int(shares.argmax())]] * len(numbers)
    asked = crc32(repr(known).encode())  # or one seed would write all forms and titles in one rhyme
    return [
        str(np.random.default_rng((verse.settings.seed, number, RHYME_STREAM, asked)).choice(names, p=shares))
        for number in numbers
    ]


@torch.inference_mode()
def rhyme_shares(loaded: LoadedModel, document: Document, names: Sequence[str]) -> np.ndarray:
    """The model's probabilities of the groups `names`, given the rest of the document: (R,) float64, which sum to 1.

    Which fields are given is the user's choice and says nothing of the rhyme: `<title>` and its like do not count.
    """
    vocabulary, model = loaded.vocabulary, loaded.model
    prompts = [encode_prompt(replace(document, rhyme=name), vocabulary) for name in names]
    ids = torch.tensor(prompts)[:, : model.config.block_size + 1].to(
        model.lm_head.weight.device
    )  # (R, T + 1)
    openers = torch.tensor([vocabulary.ids[name] for name in OPENERS], device=ids.device)
    targets = ids[:, 1:].masked_fill(torch.isin(ids[:, 1:], openers), IGNORED)  # (R, T)
    nats = [
        F.cross_entropy(model.lm_head(x).double(), wanted, reduction="sum", ignore_index=IGNORED)
        for x, wanted in zip(model.features(ids[:, :-1]), targets, strict=True)  # row by row, for V is large
    ]
    shares = torch.softmax(-torch.stack(nats), -1).cpu().numpy()  # what precedes the rhyme is equal for all
    normalised: np.ndarray = shares / shares.sum()
    return normalised
