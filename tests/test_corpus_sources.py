"""Folders, archives, npm and git as sources. No network: the clients are stand-ins.

Run: pytest tests/test_corpus_sources.py
"""

from __future__ import annotations

import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shici.corpus import sources
from shici.corpus.catalog import SHELVES
from shici.corpus.collect import files_of
from shici.corpus.sources import NPM_FILE, extract, fetch, find_root, open_source
from shici.errors import CorpusError

MINI = Path(__file__).parent / "data" / "chinese-poetry"
EVERY_SHELF = range(len(SHELVES))


def names(root: Path) -> list[str]:
    return [path.name for index in EVERY_SHELF for path in files_of(root, index)]


def git_layout(folder: Path) -> Path:
    """The miniature corpus under the folder names of the git repository."""
    for shelf in SHELVES:
        npm, git = shelf.folders
        shutil.copytree(MINI / npm, folder / git, dirs_exist_ok=True)
    return folder


@pytest.mark.parametrize("depth", ["", "dist", "package/dist"])
def test_a_folder_in_either_layout_at_any_depth(tmp_path: Path, depth: str) -> None:
    npm = shutil.copytree(MINI, tmp_path / "npm" / depth, dirs_exist_ok=True)
    git = git_layout(tmp_path / "git" / depth)
    assert find_root(tmp_path / "npm") == npm
    assert names(find_root(tmp_path / "git")) == names(MINI) == names(git)


def archives(folder: Path) -> Iterator[Path]:
    with tarfile.open(folder / "a.tgz", "w:gz") as tar:
        tar.add(MINI, "package/dist")
    yield folder / "a.tgz"
    with zipfile.ZipFile(folder / "a.zip", "w") as opened:
        for path in MINI.rglob("*.json"):
            opened.write(path, Path("chinese-poetry-master") / path.relative_to(MINI))
    yield folder / "a.zip"


def test_archives(tmp_path: Path) -> None:
    for path in archives(tmp_path):
        with open_source(path, tmp_path) as (root, name):
            assert names(root) == names(MINI)
            assert name.startswith(f"{path.name} sha512-")
        assert not root.exists()


def test_members_outside_the_collections_are_left_in_the_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for name in (
            "../songci/evil.json",
            "/songci/evil.json",
            "rank/x.json",
            "songci/run.sh",
            "songci/ci.json",
        ):
            opened.writestr(name, "[]")
    extract(tmp_path / "a.zip", tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*.json")] == ["ci.json"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"\x1f\x8b\x08 cut", b"plain text"])
def test_a_damaged_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tgz").write_bytes(content)
    with pytest.raises(CorpusError, match="打不开压缩包"), open_source(tmp_path / "a.tgz", tmp_path):
        pass


def changed(content: bytes, place: int) -> bytes:
    """`content` with another byte at `place`."""
    return content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]


def test_an_archive_damaged_anywhere(tmp_path: Path) -> None:
    """Whether the damage meets deflate, a header or the checksum: never fewer poems without a word."""
    for path in archives(tmp_path):
        content = path.read_bytes()
        for tenth in range(1, 10):
            path.write_bytes(changed(content, tenth * len(content) // 10))
            with pytest.raises(CorpusError, match="打不开压缩包"), open_source(path, tmp_path):
                pass


@pytest.mark.parametrize(("place", "value"), [(8, 1), (10, 99)], ids=["a password", "an unknown compression"])
def test_a_zip_that_needs_more_than_we_have(tmp_path: Path, place: int, value: int) -> None:
    """place: of the flags, and of the method of compression, in the entry of the central directory."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr("songci/ci.song.0.json", "[]")
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[content.index(b"PK\x01\x02") + place] = value
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(CorpusError, match="打不开压缩包"):
        extract(tmp_path / "a.zip", tmp_path)


def test_a_folder_without_poems_and_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="--source"), open_source(tmp_path, tmp_path):
        pass
    with pytest.raises(CorpusError, match="找不到"), open_source(tmp_path / "none", tmp_path):
        pass


def client(folder: Path, name: str, script: str) -> None:
    """A stand-in for npm or git."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with the shell's tools, but neither npm nor git."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "cp", "mkdir"):
        found = shutil.which(tool)
        assert found is not None
        (tools / tool).symlink_to(found)
    monkeypatch.setenv("PATH", os.fspath(tools))
    return tools


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of the miniature corpus that passes for the real one."""
    made = next(archives(tmp_path))
    monkeypatch.setattr(sources, "_is_sound", lambda path: path.read_bytes() == made.read_bytes())
    return made


def test_npm_comes_first_and_the_package_stays(path: Path, package: Path, tmp_path: Path) -> None:
    client(path, "npm", f'for last; do :; done; cp {package} "$last/{NPM_FILE}"')
    with open_source(None, tmp_path / "cache") as (root, _):
        assert names(root) == names(MINI)
    (path / "npm").unlink()
    assert fetch(tmp_path / "cache") == tmp_path / "cache" / NPM_FILE


def test_a_package_that_is_not_the_expected_one_is_refused(path: Path, tmp_path: Path) -> None:
    client(path, "npm", f'for last; do :; done; echo other > "$last/{NPM_FILE}"')
    with pytest.raises(CorpusError, match="SHA-512"):
        fetch(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_git_comes_second(path: Path, tmp_path: Path) -> None:
    """`git init FOLDER`, then `git -C FOLDER fetch …`, then `git -C FOLDER checkout …`: the stand-in fills FOLDER."""
    client(path, "npm", "echo no network >&2; exit 1")
    client(path, "git", f'if [ "$1" = init ]; then mkdir "$3/.git"; else cp -r {MINI}/. "$2"; fi')
    clone = fetch(tmp_path / "cache")
    assert names(clone) == names(MINI)
    assert not (clone / ".git").exists()
    assert fetch(tmp_path / "cache") == clone


def test_without_either_it_says_what_to_do(path: Path, tmp_path: Path) -> None:
    client(path, "npm", "echo ENOTFOUND >&2; exit 1")
    with pytest.raises(CorpusError) as error:
        fetch(tmp_path / "cache")
    assert "npm: ENOTFOUND" in str(error.value)
    assert "git: not installed" in str(error.value)
    assert "--source" in str(error.value)
