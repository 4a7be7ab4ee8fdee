"""The vocabulary as a tokenizer of Hugging Face: plain JSON that the `tokenizers` library reads.

One character is one token. A bare text becomes `<bos><body>text`; who writes the fields out
(`<bos><七绝><author>李白<body>`) passes add_special_tokens=False. A character that the model has never seen
becomes `<mask>`; a vocabulary of nanoGPT's has no such token, and there it is an error.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shici.checkpoint import replacing
from shici.corpus.normalize import fold_width
from shici.vocabulary import Vocabulary

HALF_WIDTH = ",.!?;:"
UNKNOWN = "<mask>"
Json = dict[str, Any]


def write_tokenizer(folder: Path, vocabulary: Vocabulary, block_size: int) -> None:
    """Write tokenizer.json and tokenizer_config.json."""
    write_json(folder / "tokenizer.json", tokenizer(vocabulary))
    write_json(folder / "tokenizer_config.json", tokenizer_config(vocabulary, block_size))


def tokenizer(vocabulary: Vocabulary) -> Json:
    """What tokenizer.json holds."""
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": index,
                "content": token,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for index, token in enumerate(vocabulary.tokens[: vocabulary.control_count])
        ],
        "normalizer": _normalizer(vocabulary),
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"Regex": r"[\s\S]"},
            "behavior": "Isolated",
            "invert": False,
        },
        "post_processor": _template(vocabulary) if vocabulary.has_controls else None,
        "decoder": {"type": "Fuse"},
        "model": {"type": "WordLevel", "vocab": vocabulary.ids, "unk_token": UNKNOWN},
    }


def tokenizer_config(vocabulary: Vocabulary, block_size: int) -> Json:
    """What tokenizer_config.json holds."""
    config: Json = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": block_size,
        "padding_side": "left",
        "clean_up_tokenization_spaces": False,
    }
    if vocabulary.has_controls:
        names = {"bos": "<bos>", "eos": "<eos>", "pad": "<pad>", "mask": "<mask>", "unk": UNKNOWN}
        config |= {f"{name}_token": token for name, token in names.items()}
    return config


def write_json(path: Path, content: Json) -> None:
    """Readable and in UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _normalizer(vocabulary: Vocabulary) -> Json | None:
    """Half-width punctuation is read as full-width, where the vocabulary has only that."""
    pairs = [(half, fold_width(half)) for half in HALF_WIDTH if half not in vocabulary]
    replacements = [
        {"type": "Replace", "pattern": {"String": half}, "content": full}
        for half, full in pairs
        if full in vocabulary
    ]
    return {"type": "Sequence", "normalizers": replacements} if replacements else None


def _template(vocabulary: Vocabulary) -> Json:
    """`<bos><body>text`, and the same for the first text of a pair."""

    def piece(kind: str, name: str) -> Json:
        return {kind: {"id": name, "type_id": 0}}

    opening = [piece("SpecialToken", "<bos>"), piece("SpecialToken", "<body>"), piece("Sequence", "A")]
    return {
        "type": "TemplateProcessing",
        "single": opening,
        "pair": [*opening, piece("Sequence", "B")],
        "special_tokens": {
            token: {"id": token, "ids": [vocabulary.ids[token]], "tokens": [token]}
            for token in ("<bos>", "<body>")
        },
    }
