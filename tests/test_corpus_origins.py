"""Which collection each held-out poem came from. Run: pytest tests/test_corpus_origins.py"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shici.corpus.origins import ORIGIN_FILES, read_origins
from shici.corpus.prepare import main
from shici.corpus.split import SPLITS
from tests.test_corpus_prepare import MINI, documents


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature corpus with a third of its poems in each split."""
    folder = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "shici.corpus.split.assign", lambda hashes, clusters: [SPLITS[i % 3] for i in range(len(hashes))]
        )
        assert main(["--source", str(MINI), "--out-dir", str(folder)]) == 0
    return folder


def test_a_poem_is_of_its_own_collection(prepared: Path) -> None:
    """What a poem is (先秦 in fours, a 曲, a Song 诗) tells where it must have come from."""
    seen: set[str] = set()
    for split in ORIGIN_FILES:
        poems = documents(prepared, split)
        names = read_origins(prepared, split, len(poems))
        assert names is not None
        for poem, name in zip(poems, names, strict=True):
            seen.add(name)
            assert (name == "诗经") == (poem.dynasty == "先秦" and poem.form == "四言")
            assert (poem.form == "曲") == (name == "元曲")
            assert name != "全宋诗" or poem.dynasty == "宋"
    assert len(seen) > 5


def test_what_is_not_known_is_none(prepared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    count = len(documents(folder, "val"))
    assert read_origins(folder, "val", count) is not None
    assert read_origins(folder, "val", count + 1) is None  # of another .bin
    assert read_origins(folder, "train", count) is None  # not kept
    (folder / ORIGIN_FILES["val"]).write_text("shijing\n" * count)  # not what the manifest names
    assert read_origins(folder, "val", count) is None
    (folder / "manifest.json").unlink()
    assert read_origins(folder, "test", count) is None


def test_a_text_of_ones_own_has_no_collections(tmp_path: Path) -> None:
    """Even where the files of an earlier preparation still lie there."""
    assert main(["--source", str(MINI), "--out-dir", str(tmp_path)]) == 0
    own = tmp_path / "mine.txt"
    own.write_text("床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n\n白日依山尽，黄河入海流。\n")
    assert main(["--input", str(own), "--out-dir", str(tmp_path)]) == 0
    assert (tmp_path / ORIGIN_FILES["val"]).exists()
    assert read_origins(tmp_path, "val", len(documents(tmp_path, "val"))) is None
