"""Token files and meta.pkl: ours, nanoGPT's, damaged and hostile ones. Run: pytest tests/test_corpus_dataset.py"""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.corpus.dataset import read_meta, write_meta
from shici.errors import VocabularyError
from shici.vocabulary import Vocabulary

VOCABULARY = Vocabulary.of_characters("春江潮水连海平\n，。")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_meta(tmp_path / "meta.pkl", VOCABULARY)
    assert read_meta(tmp_path / "meta.pkl") == VOCABULARY


def test_nanogpt_can_read_it(tmp_path: Path) -> None:
    """As nanoGPT's sample.py does: pickle.load, then stoi and itos."""
    write_meta(tmp_path / "meta.pkl", VOCABULARY)
    meta = pickle.loads((tmp_path / "meta.pkl").read_bytes())
    ids = [meta["stoi"][character] for character in "春江潮水"]
    assert "".join(meta["itos"][index] for index in ids) == "春江潮水"
    assert meta["vocab_size"] == len(VOCABULARY)


def test_nanogpts_own_file_is_read(tmp_path: Path) -> None:
    characters = sorted(set("hello world\n"))
    meta = {
        "vocab_size": len(characters),
        "itos": dict(enumerate(characters)),
        "stoi": {character: index for index, character in enumerate(characters)},
    }
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(meta))
    vocabulary = read_meta(tmp_path / "meta.pkl")
    assert vocabulary.tokens == tuple(characters)
    assert not vocabulary.has_controls


class Hostile:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch pwned",)


def test_no_code_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("meta.pkl").write_bytes(pickle.dumps({"vocabulary": ["a"], "itos": Hostile()}))
    with pytest.raises(VocabularyError, match="system"):
        read_meta(Path("meta.pkl"))
    assert not Path("pwned").exists()


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"stoi": {}},
        {"itos": {}},
        {"itos": {1: "a"}},
        {"itos": {0: "a", 1: ["b"]}},
        {"vocabulary": ["a", ""]},
        {"vocabulary": ["a", "a"]},
        {"vocabulary": "abc"},
    ],
)
def test_an_unsound_vocabulary_is_refused(tmp_path: Path, content: object) -> None:
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(VocabularyError):
        read_meta(tmp_path / "meta.pkl")


def test_a_missing_file_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"prepare\.py"):
        read_meta(tmp_path / "meta.pkl")


@given(st.data())
def test_damage_of_any_kind_is_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("meta") / "meta.pkl"
    write_meta(path, Vocabulary("abc"))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        vocabulary = read_meta(path)
    except VocabularyError:
        return
    assert len(vocabulary) > 0  # damage can leave a sound file, with another letter in it
