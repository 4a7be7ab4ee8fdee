"""Which rhyme group a poem is written in where the user leaves it open: drawn from the model's own prediction.

The model was trained with the rhyme as a field of the document, between the form and the dynasty. Naming it before
the first character lets every line prepare for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from shici.checkpoint import LoadedModel
from shici.corpus.document import Document, encode_prompt
from shici.generation.verse import Verse
from shici.vocabulary import control

RHYME_STREAM = 3  # of a poem's random streams, the one that draws its rhyme


def choose_rhymes(loaded: LoadedModel, document: Document, verse: Verse, numbers: Sequence[int]) -> list[str]:
    """The rhyme group of each poem; "" where the form has several rhymes, or a book that the model has not read."""
    names = [name for name in verse.rhymes if control(name) in loaded.vocabulary]
    if verse.rhyme or not verse.names_rhyme or not names:
        return [verse.rhyme] * len(numbers)
    shares = rhyme_shares(loaded, document, names)
    if verse.settings.temperature == 0:
        return [names[int(shares.argmax())]] * len(numbers)
    return [
        str(np.random.default_rng((verse.settings.seed, number, RHYME_STREAM)).choice(names, p=shares))
        for number in numbers
    ]


@torch.inference_mode()
def rhyme_shares(loaded: LoadedModel, document: Document, names: Sequence[str]) -> np.ndarray:
    """The model's probabilities of the groups `names` after the form, among themselves: (len(names),) float64."""
    opening = replace(Document(""), form=document.form, regulated=document.regulated)
    ids = encode_prompt(opening, loaded.vocabulary)[:-1]  # up to where the rhyme stands, without <body>
    weight = loaded.model.lm_head.weight
    logits = loaded.model(torch.tensor([ids], device=weight.device))[0][0, -1].cpu().double()  # (V,)
    chosen = logits[[loaded.vocabulary.ids[control(name)] for name in names]]
    shares = torch.softmax(chosen, -1).numpy()
    normalised: np.ndarray = shares / shares.sum()
    return normalised
