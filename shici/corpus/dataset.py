"""nanoGPT's meta.pkl: the vocabulary, written and read; no code in the pickle."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from struct import error as struct_error
from typing import Any, NoReturn

from shici.errors import VocabularyError
from shici.vocabulary import Vocabulary

META_NAMES = ("meta.pkl", "poetry_meta.pkl")
_PROTOCOL = 4  # fixed, so that the file is the same under every Python


class _PlainUnpickler(pickle.Unpickler):
    """Numbers, strings, lists, dicts; whatever names a class or function is refused before it is imported."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> NoReturn:
        raise pickle.UnpicklingError("persistent id")


def find_meta(folder: Path) -> Path | None:
    """The vocabulary file of a folder, by either name."""
    return next((folder / name for name in META_NAMES if (folder / name).is_file()), None)


def write_meta(path: Path, vocabulary: Vocabulary) -> None:
    """meta.pkl as nanoGPT's sample.py reads it (vocab_size, stoi, itos), and the tokens in a list."""
    meta = {
        "vocab_size": len(vocabulary),
        "stoi": dict(vocabulary.ids),
        "itos": dict(enumerate(vocabulary.tokens)),
        "vocabulary": list(vocabulary.tokens),
    }
    path.write_bytes(pickle.dumps(meta, protocol=_PROTOCOL))


def read_meta(path: Path) -> Vocabulary:
    """The vocabulary in a meta.pkl of ours or of nanoGPT's.

    Raises VocabularyError if it is missing, damaged or unsafe.
    """
    try:
        meta = _PlainUnpickler(io.BytesIO(path.read_bytes())).load()
    except FileNotFoundError:
        raise VocabularyError(
            f"找不到 {path}。请先运行 python data/poetry/prepare.py。",
            f"No {path}. Run python data/poetry/prepare.py first.",
        ) from None
    # a damaged pickle can raise nearly anything: no other way to name them all
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
    ) as error:
        raise _damaged(path, str(error)) from None
    except (MemoryError, OverflowError, OSError, struct_error) as error:
        raise _damaged(path, type(error).__name__) from None
    tokens = _tokens(meta)
    if tokens is None:
        raise _damaged(path, "no vocabulary / itos")
    return Vocabulary(tokens)


def _tokens(meta: Any) -> list[str] | None:
    """The tokens in order, from "vocabulary" or from nanoGPT's "itos"; None if neither is sound."""
    if not isinstance(meta, dict):
        return None
    tokens = meta.get("vocabulary")
    if tokens is None and isinstance(meta.get("itos"), dict):
        itos = meta["itos"]
        tokens = [itos.get(index) for index in range(len(itos))]
    if not isinstance(tokens, list) or not all(isinstance(token, str) and token for token in tokens):
        return None
    return tokens


def _damaged(path: Path, reason: str) -> VocabularyError:
    return VocabularyError(
        f"{path} 已损坏，或含有不该有的内容（{reason}）。请用 python data/poetry/prepare.py 重新生成。",
        f"{path} is damaged or holds what it should not ({reason}). Run python data/poetry/prepare.py again.",
    )
