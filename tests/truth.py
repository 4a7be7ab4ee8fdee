"""What the model itself says, and how the pages write its numbers: what the screens are compared with."""

from __future__ import annotations

import torch

from shici.checkpoint import LoadedModel
from shici.corpus.document import Document, encode_prompt
from shici.model.trace import Trace


def ids_of(loaded: LoadedModel, body: str) -> list[int]:
    return encode_prompt(Document(body), loaded.vocabulary)


def trace_of(loaded: LoadedModel, body: str) -> Trace:
    with torch.inference_mode():
        return loaded.model(torch.tensor([ids_of(loaded, body)]), return_details=True)[2]


def written(number: float, digits: int = 4) -> str:
    """A number as a page writes it: a real minus sign, and none before zero."""
    if number == -torch.inf:
        return "−∞"
    text = f"{abs(number):.{digits}f}"
    return f"−{text}" if number < 0 and float(text) else text
