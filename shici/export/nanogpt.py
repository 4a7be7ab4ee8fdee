"""A checkpoint and a meta.pkl that nanoGPT's own sample.py runs.

nanoGPT reads a prompt character by character and knows no control tokens. So in this meta.pkl each control token
has a second name of one character, from the private use area: U+E000 + its id. start.txt holds `<bos><body>` in
these names; what it is followed by is continued. Of a vocabulary without control tokens it holds what nanoGPT starts
with, a line feed, or what else the model knows.
"""

from __future__ import annotations

import pickle
from pathlib import Path

from shici.checkpoint import LAST, LoadedModel, model_arguments, save_checkpoint
from shici.vocabulary import Vocabulary

FAMOUS = "床前明月光，"
DATASET = "poetry"  # nanoGPT looks for data/<dataset>/meta.pkl
PRIVATE_USE = 0xE000
PROTOCOL = 4  # fixed, so that the file is the same under every Python


def export_nanogpt(loaded: LoadedModel, out: Path) -> None:
    """Write ckpt.pt, meta.pkl and start.txt."""
    out.mkdir(parents=True, exist_ok=True)
    vocabulary = loaded.vocabulary
    save_checkpoint(
        out / LAST,
        {
            "model": {name: tensor.float() for name, tensor in loaded.model.state_dict().items()},
            "model_args": model_arguments(loaded.model.config),
            "iter_num": loaded.iter_num,
            "best_val_loss": loaded.val_loss,
            "config": {"dataset": DATASET},
            "vocabulary": list(vocabulary.tokens),
        },
    )
    meta = {
        "vocab_size": len(vocabulary),
        "stoi": dict(vocabulary.ids) | aliases(vocabulary),
        "itos": dict(enumerate(vocabulary.tokens)),
        "vocabulary": list(vocabulary.tokens),
    }
    (out / "meta.pkl").write_bytes(pickle.dumps(meta, protocol=PROTOCOL))
    (out / "start.txt").write_text(beginning(vocabulary), encoding="utf-8", newline="\n")


def beginning(vocabulary: Vocabulary) -> str:
    """What start.txt holds."""
    if vocabulary.has_controls:
        return "".join(chr(PRIVATE_USE + index) for index in (vocabulary.bos, vocabulary.body))
    return "\n" if "\n" in vocabulary else known_opening(vocabulary)


def known_opening(vocabulary: Vocabulary) -> str:
    """What the vocabulary has of a famous opening; else its first letters, or whatever it begins with."""
    known = "".join(one for one in FAMOUS if one in vocabulary)
    if known.strip("，"):
        return known
    characters = vocabulary.tokens[vocabulary.control_count :]
    letters = [one for one in characters if one.isalpha()]
    return "".join(letters[: len(FAMOUS)] or characters[:1])


def aliases(vocabulary: Vocabulary) -> dict[str, int]:
    """One character -> id, for each control token."""
    return {chr(PRIVATE_USE + index): index for index in range(vocabulary.control_count)}
