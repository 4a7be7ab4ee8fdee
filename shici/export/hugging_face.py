"""A folder that `AutoModelForCausalLM`, `AutoTokenizer` and `pipeline("text-generation")` of transformers open.

No code of ours is needed there: the model is a GPT-2, the tokenizer is JSON.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from shici.checkpoint import LoadedModel, save_released
from shici.config.sample import SampleSettings
from shici.export.tokenizer import write_json, write_tokenizer
from shici.vocabulary import Vocabulary

CARD, README = "MODEL_CARD.md", "README.md"
FRONT_MATTER = """---
language: zh
license: mit
library_name: transformers
pipeline_tag: text-generation
---

"""


def export_hugging_face(loaded: LoadedModel, out: Path, dtype: torch.dtype) -> None:
    """Write the folder; the model's card, where it has one, becomes the README that the hub shows."""
    notes = {"iter_num": loaded.iter_num, "val_loss": loaded.val_loss}
    save_released(out, loaded.model, loaded.vocabulary, notes=notes, dtype=dtype)
    write_companions(out, loaded.vocabulary, loaded.model.config.block_size)
    card = loaded.origin / CARD
    if card.is_file():
        (out / README).write_text(FRONT_MATTER + card.read_text(encoding="utf-8"), encoding="utf-8")


def write_companions(folder: Path, vocabulary: Vocabulary, block_size: int) -> None:
    """What a released folder needs beside its weights to be used by transformers."""
    write_tokenizer(folder, vocabulary, block_size)
    write_json(folder / "generation_config.json", generation_config(vocabulary, block_size))


def generation_config(vocabulary: Vocabulary, block_size: int) -> dict[str, Any]:
    """Drawn as sample.py draws: its temperature and top_k, no control token, no empty body, up to `<eos>`.

    At most block_size tokens: GPT-2 in transformers has no sliding window.
    """
    defaults = SampleSettings()
    config: dict[str, Any] = {
        "do_sample": True,
        "temperature": defaults.temperature,
        "top_k": defaults.top_k,
        "max_length": block_size,
    }
    if vocabulary.has_controls:
        controls = range(vocabulary.control_count)
        config |= {
            "bos_token_id": vocabulary.bos,
            "eos_token_id": vocabulary.eos,
            "pad_token_id": vocabulary.pad,
            "suppress_tokens": [index for index in controls if index != vocabulary.eos],
            "begin_suppress_tokens": [vocabulary.eos],
        }
    return config
