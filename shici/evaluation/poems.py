"""The poems that are scored: a prepared split, or a THU-CCPC file that the user has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from shici.corpus.characters import han_only
from shici.corpus.clean import clean_name, clean_title
from shici.corpus.dataset import find_meta, read_meta
from shici.corpus.document import Document, decode_document
from shici.corpus.normalize import normalize
from shici.corpus.origins import read_origins
from shici.errors import CorpusError, TextInputError
from shici.prosody.patterns import form_by_shape
from shici.text_file import read_text_file
from shici.training.documents import Documents, read_documents
from shici.vocabulary import DYNASTIES, Vocabulary

# THU-CCPC names dynasties in English.
DYNASTY_NAMES = {
    "Han": "汉", "Jin": "魏晋", "WeiJin": "魏晋", "NanBei": "南北朝", "Sui": "隋", "Tang": "唐", "Song": "宋",
    "Liao": "宋", "Yuan": "元", "Ming": "明", "Qing": "清",
}  # fmt: skip
UNNAMED = "未标"  # of a poem whose form, dynasty or collection is not known


@dataclass(frozen=True, slots=True)
class Split:
    """Poems in file order (that of a hash, so any first few are a random choice).

    collections: where each came from, "" where that is not known.
    """

    poems: tuple[Document, ...]
    collections: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.poems)

    def first(self, limit: int) -> Split:
        """The first `limit` poems, or all for 0."""
        return Split(self.poems[: limit or None], self.collections[: limit or None])


@dataclass(frozen=True, slots=True)
class Training:
    """The poems that the model may have read."""

    documents: Documents
    vocabulary: Vocabulary


def read_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of prepared data. Raises CorpusError where there is none, VocabularyError if it is damaged."""
    meta = find_meta(folder)
    if meta is None:
        raise CorpusError(
            f"{folder} 里没有准备好的数据（缺 meta.pkl）。请先运行 python data/poetry/prepare.py，或用 --data 指明。",
            f"No prepared data in {folder} (no meta.pkl). Run python data/poetry/prepare.py first, or name the "
            "folder with --data.",
        )
    return read_meta(meta)


def is_empty(folder: Path, split: str) -> bool:
    """Whether a split is there and holds nothing, as of a text of few poems."""
    path = folder / f"{split}.bin"
    return path.is_file() and path.stat().st_size == 0


def human_poems(folder: Path) -> tuple[Document, ...]:
    """The poems of the test split, none if it is empty. Raises as `read_split`."""
    return () if is_empty(folder, "test") else read_split(folder, "test").poems


def read_split(folder: Path, split: str, limit: int = 0) -> Split:
    """The first `limit` poems of a split, or all for 0. Raises CorpusError, VocabularyError, TrainingError."""
    vocabulary = read_vocabulary(folder)
    path = folder / f"{split}.bin"
    if is_empty(folder, split):
        raise CorpusError(
            f"{path} 是空的：诗太少，没有分到这一份。请用 --split=val，或准备更多的诗。",
            f"{path} is empty: there were too few poems for this split. Use --split=val, or prepare more poems.",
        )
    documents = read_documents(path, vocabulary)
    origins = read_origins(folder, split, len(documents)) or [""] * len(documents)
    count = min(limit or len(documents), len(documents))
    poems = tuple(decode_document(tokens_of(documents, i), vocabulary) for i in range(count))
    return Split(poems, tuple(origins[:count]))


def read_training(folder: Path) -> Training:
    """train.bin. Raises CorpusError, VocabularyError, TrainingError."""
    vocabulary = read_vocabulary(folder)
    return Training(read_documents(folder / "train.bin", vocabulary), vocabulary)


def tokens_of(documents: Documents, number: int) -> list[int]:
    """All tokens of one document, `<bos>` to `<eos>`."""
    first, last = documents.first[number], documents.first[number + 1] - 1
    tokens = documents.tokens[documents.starts[first] : documents.starts[last] + documents.lengths[last]]
    return [int(token) for token in tokens]


def read_ccpc(path: Path) -> Split:
    """The quatrains of a THU-CCPC file: JSON lines with "content" (a|b|c|d), "dynasty", "author", "title".

    The file has no punctuation; the poems get what nearly all of their shape have: a，b。⏎c，d。
    Raises TextInputError, naming the line.
    """
    poems = []
    for number, line in enumerate(read_text_file(path).split("\n"), 1):
        if line.strip():
            poems.append(_quatrain(line, f"{path}:{number}"))
    if not poems:
        raise TextInputError(f"{path} 里没有一首诗。", f"There is no poem in {path}.")
    return Split(tuple(poems), ("",) * len(poems))


def _quatrain(line: str, where: str) -> Document:
    try:
        entry = json.loads(line)
        content = entry["content"]
        lines = [han_only(normalize(part)) for part in content.split("|")]
        names = {key: str(entry.get(key) or "") for key in ("dynasty", "author", "title")}
    except (ValueError, KeyError, TypeError, AttributeError):
        lines = []
    if len(lines) < 2 or len(lines) % 2 or not all(lines):
        raise TextInputError(
            f"{where} 不是 THU-CCPC 的一行：应为 JSON，其中 content 是用 | 隔开的诗句（偶数句）。",
            f"{where} is no line of THU-CCPC: expected JSON whose content holds an even number of verses "
            "separated by |.",
        )
    couplets = [f"{a}，{b}。" for a, b in zip(lines[::2], lines[1::2], strict=True)]
    dynasty = DYNASTY_NAMES.get(names["dynasty"], normalize(names["dynasty"]))
    return Document(
        "\n".join(couplets),
        form=form_by_shape(lines),
        dynasty=dynasty if dynasty in DYNASTIES else "",
        author=normalize(clean_name(names["author"])),
        title=normalize(clean_title(names["title"])),
    )
