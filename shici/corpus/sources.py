"""Where the poems come from: a folder, an archive, the npm client or git; each ends as a folder to read."""

from __future__ import annotations

import hashlib
import lzma
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from shici.corpus.catalog import SHELVES
from shici.corpus.publish import STAGE
from shici.errors import CorpusError
from shici.language import Text

NPM_PACKAGE = "chinese-poetry@2.0.1"
NPM_FILE = "chinese-poetry-2.0.1.tgz"
NPM_SHA512 = "KtYARvV7CWNtax0na9+Jn6PlhGgSoid7PWyDzXI4KsCEm2odZcqEQyval5koaLygZnM/EQ3lfJ//25K8p3uHNg=="
GIT_ADDRESS = "https://github.com/chinese-poetry/chinese-poetry.git"
GIT_REVISION = "99ebbef7e1345c0985c44b9fd96a3f9e776f117b"

_FOLDERS = frozenset(folder for shelf in SHELVES for folder in shelf.folders)
_TIMEOUT = 1800  # seconds for a download
_BROKEN_ARCHIVE = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(RuntimeError, ValueError),  # zipfile's, for a password, an unknown compression, an impossible name
)


@contextmanager
def open_source(source: Path | None, cache: Path) -> Iterator[tuple[Path, str]]:
    """The folder that holds the collections' folders, and a name for the manifest.

    source: a folder, .tgz, .tar.gz or .zip in npm or git layout; None fetches it into `cache` for good.
    An archive is unpacked in `cache`, where the next run clears what a killed one has left.
    Raises CorpusError, with what to do, if no poems can be had.
    """
    if source is None:
        source = fetch(cache)
    if source.is_dir():
        yield find_root(source), source.resolve().name
    elif not source.exists():
        raise CorpusError(
            f"找不到 --source 指定的 {source}。它应是 chinese-poetry 的文件夹，或 .tgz、.zip 压缩包。",
            f"There is no {source}. --source takes a folder of chinese-poetry, or its .tgz or .zip.",
        )
    else:
        with tempfile.TemporaryDirectory(prefix=STAGE, dir=cache) as folder:
            extract(source, Path(folder))
            yield find_root(Path(folder)), f"{source.name} sha512-{file_hash(source, 'sha512')}"


def find_root(folder: Path) -> Path:
    """The folder that holds collections, `folder` or up to three levels below. Raises CorpusError."""
    level = [folder]
    for _ in range(4):
        for candidate in level:
            if any((candidate / name).is_dir() for name in _FOLDERS):
                return candidate
        level = sorted(child for parent in level for child in parent.iterdir() if child.is_dir())
    raise CorpusError(
        f"{folder} 里没有 chinese-poetry 的集子（如 quantangshi 或 全唐诗）。请检查 --source。",
        f"{folder} holds no collection of chinese-poetry (such as quantangshi or 全唐诗). Check --source.",
    )


def extract(archive: Path, folder: Path) -> None:
    """Put the collections' JSON files in a .tgz or .zip below `folder`. Raises CorpusError."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                for name in opened.namelist():
                    if target := _target(name, folder):
                        with opened.open(name) as stream:
                            _write(stream, target)
        else:
            with tarfile.open(archive) as tar:
                for member in tar:
                    if member.isfile() and (target := _target(member.name, folder)):
                        extracted = tar.extractfile(member)
                        assert extracted is not None  # a regular file always opens
                        _write(extracted, target)
                _check_rest(tar)
    except _BROKEN_ARCHIVE as error:
        raise CorpusError(
            f"打不开压缩包 {archive}（{error}）。需要完好的 .tgz 或 .zip。",
            f"Cannot open the archive {archive} ({error}). A sound .tgz or .zip is needed.",
        ) from None


def _check_rest(tar: tarfile.TarFile) -> None:
    """Read on to the checksum: tarfile takes a damaged header for the end of the archive."""
    assert tar.fileobj is not None
    while tar.fileobj.read(2**20):
        pass


def _target(name: str, folder: Path) -> Path | None:
    """Where a member goes: only JSON of a known collection, never outside `folder`."""
    parts = PurePosixPath(name).parts
    if not name.endswith(".json") or ".." in parts or name.startswith("/"):
        return None
    places = [place for place, part in enumerate(parts) if part in _FOLDERS]
    return folder.joinpath(*parts[places[0] :]) if places else None


def _write(stream: IO[bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(stream, out)


def fetch(cache: Path) -> Path:
    """The corpus in `cache`: there already, by the npm client, or by git. Raises CorpusError if all fail."""
    package = cache / NPM_FILE
    if package.exists() and _is_sound(package):
        return package
    clone = cache / f"chinese-poetry-{GIT_REVISION[:12]}"
    if clone.is_dir():
        return clone
    cache.mkdir(parents=True, exist_ok=True)
    failures = []
    for way in (_fetch_npm, _fetch_git):
        try:
            return way(cache)
        except (OSError, subprocess.SubprocessError) as error:
            failures.append(f"{way.__name__.removeprefix('_fetch_')}: {_reason(error)}")
    raise CorpusError(
        f"取不到语料（{'；'.join(failures)}）。请联网并安装 npm 或 git 后再试，"
        f"或自行下载 chinese-poetry，用 --source 指出它的文件夹、.tgz 或 .zip。",
        f"Could not fetch the corpus ({'; '.join(failures)}). Connect to the network, with npm or git "
        f"installed, or download chinese-poetry yourself and name its folder, .tgz or .zip with --source.",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "not installed"
    if isinstance(error, subprocess.CalledProcessError):
        lines = (error.stderr or "").strip().splitlines()
        return lines[-1] if lines else f"exit code {error.returncode}"
    return str(error)


def _command(*words: str | Path) -> None:
    subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True, timeout=_TIMEOUT)


def _fetch_npm(cache: Path) -> Path:
    notice = Text(
        f"下载 {NPM_PACKAGE}（约 85 MB，npm）……", f"Downloading {NPM_PACKAGE} (about 85 MB, npm) ..."
    )
    print(notice.both, flush=True)
    with tempfile.TemporaryDirectory(prefix=".npm-", dir=cache) as folder:
        _command("npm", "pack", NPM_PACKAGE, "--silent", "--pack-destination", folder)
        package = Path(folder) / NPM_FILE
        if not _is_sound(package):
            raise OSError("the package's SHA-512 is not the expected one")
        return package.replace(cache / NPM_FILE)


def _fetch_git(cache: Path) -> Path:
    name = f"chinese-poetry {GIT_REVISION[:12]}"
    print(Text(f"下载 {name}（git）……", f"Downloading {name} (git) ...").both, flush=True)
    clone = cache / f"chinese-poetry-{GIT_REVISION[:12]}"
    with tempfile.TemporaryDirectory(prefix=".git-", dir=cache) as folder:
        _command("git", "init", "--quiet", folder)
        # the revision is a hash of its whole content, so git itself checks what arrives
        _command("git", "-C", folder, "fetch", "--quiet", "--depth=1", GIT_ADDRESS, GIT_REVISION)
        _command("git", "-C", folder, "checkout", "--quiet", "FETCH_HEAD")
        shutil.rmtree(Path(folder) / ".git")
        shutil.copytree(folder, clone.with_suffix(".part"), dirs_exist_ok=True)
    return clone.with_suffix(".part").replace(clone)


def _is_sound(package: Path) -> bool:
    return file_hash(package, "sha512") == b64decode(NPM_SHA512).hex()


def file_hash(path: Path, algorithm: str = "sha256") -> str:
    """Hexadecimal hash of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()
