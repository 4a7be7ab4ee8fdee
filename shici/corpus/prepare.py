"""The command: from chinese-poetry, or from a text of one's own, to data that training reads.

python data/poetry/prepare.py                       fetch the corpus (npm, else git) and prepare it
python data/poetry/prepare.py --source FOLDER       from a folder, .tgz or .zip
python data/poetry/prepare.py --input mine.txt      from one's own text
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from tqdm import tqdm

from shici.config.parse import called, parse_settings
from shici.config.prepare import PrepareSettings
from shici.corpus.build import READABLE, VOCABULARY_FILE, Built, build, choose
from shici.corpus.catalog import COLLECTIONS, SHELVES, choose_collections
from shici.corpus.collect import Batch, collect, files_of
from shici.corpus.dataset import META_NAMES
from shici.corpus.dedup import deduplicate
from shici.corpus.manifest import hash_inputs, output_hashes, table, tally, write_manifest
from shici.corpus.origins import ORIGIN_FILES, write_origins
from shici.corpus.own_text import Parsed, find_own_text, generated_input, parse_documents, read_own_text
from shici.corpus.publish import CACHE, finish_publishing, publish, staging
from shici.corpus.sources import file_hash, open_source
from shici.corpus.split import FEW_DOCUMENTS, SPLITS, by_cluster, by_rank
from shici.errors import ConfigError, CorpusError
from shici.language import Text

MANIFEST = "manifest.json"
ARCHIVES = (".tgz", ".gz", ".zip")
OUTPUTS = (
    *(f"{name}.bin" for name in SPLITS),
    *META_NAMES,
    VOCABULARY_FILE,
    READABLE,
    *ORIGIN_FILES.values(),
)


def main(argv: list[str]) -> int:
    """Run the command. Returns 0; raises a ShiciError for anything the user has to put right."""
    settings = _settings(argv)
    started = time.monotonic()
    folder = Path(settings.out_dir)
    try:
        if settings.input is None:
            source = None if settings.source is None else Path(settings.source)
            prepare_found(source, _collections(settings), folder, settings.block_size)
        elif settings.source is None and settings.collections is None:
            prepare_text(Path(settings.input), folder, settings.block_size)
        else:
            raise CorpusError(
                "--input 是自己的文本，--source 与 --collections 属于语料库。请只用一样。",
                "--input is a text of your own, --source and --collections belong to the corpus. Use one.",
            )
    except BrokenPipeError:  # who read our output has left: the door knows what to do
        raise
    except OSError as error:  # no permission, a file for a folder, a full disk
        at = error.filename or folder
        raise CorpusError(
            f"读写 {at} 时出错（{error.strerror or error}）。请检查路径、权限与磁盘空间；原有的输出没有改动。",
            f"Cannot read or write {at} ({error.strerror or error}). Check the path, the permissions and the space on "
            "the disk; earlier outputs are as they were.",
        ) from None
    _print_cost(time.monotonic() - started)
    return 0


def _settings(argv: list[str]) -> PrepareSettings:
    """The settings that `argv` asks for; a bare path that is no config file is answered by the option it lacks."""
    try:
        return parse_settings(PrepareSettings, argv, prog=called("prepare.py", "shici prepare"))
    except ConfigError as error:
        path = next(
            (Path(word) for before, word in pairwise(["", *argv]) if _is_bare_path(before, word)), None
        )
        if path is None:
            raise
        corpus = os.path.isdir(path) or path.suffix.lower() in ARCHIVES
        zh, en = ("语料库", "the corpus") if corpus else ("自己的文本", "a text of your own")
        option = f"--{'source' if corpus else 'input'}={path}"
        raise ConfigError(
            f"{path} 不是配置文件。如果是{zh}，请写 {option}。",
            f"{path} is no config file. If it is {en}, write {option}.",
        ) from error


def _is_bare_path(before: str, word: str) -> bool:
    """Whether a word that follows `before` names a file or folder which is neither a config file nor a value."""
    if word.startswith("-") or "=" in word or (before.startswith("--") and "=" not in before):
        return False
    path = Path(word)
    return path.suffix != ".py" and (path.suffix.lower() in (".txt", *ARCHIVES) or os.path.exists(path))


def _collections(settings: PrepareSettings) -> list[str] | None:
    """The names as typed, parted by blanks as well; None for all."""
    if settings.collections is None:
        return None
    return [name for item in settings.collections for name in item.split()]


def prepare_found(source: Path | None, names: list[str] | None, folder: Path, block_size: int) -> None:
    """Prepare the user's own text if one lies in `folder` and nothing of the corpus is named; else the corpus."""
    finish_publishing(
        folder
    )  # else an input.txt of ours, moved before its manifest, would pass for the user's
    own = find_own_text(folder, generated_input(folder / MANIFEST))
    if own is None or source is not None or names is not None:
        prepare_corpus(source, names, folder)
        return
    notice = Text(
        f"！用您放在这里的文本：{own}（要用语料库，请移走它，或加 --source 或 --collections）。",
        f"! Using the text that you put here: {own} (for the corpus move it away, or add --source or --collections).",
    )
    print(notice.both, flush=True)
    prepare_text(own, folder, block_size)


def prepare_corpus(source: Path | None, names: list[str] | None, folder: Path) -> None:
    """Prepare `source` (None: fetched) in `folder`, and print what was done. names: collections; None: all."""
    wanted = choose_collections(COLLECTIONS if names is None else names)
    shelves = [index for index, shelf in enumerate(SHELVES) if shelf.collection in wanted]
    with staging(folder) as stage:
        with open_source(source, folder / CACHE) as (root, name):
            inputs = hash_inputs(root, shelves)
            _print_missing(root, wanted, shelves)
            batches = _collect(root, shelves)
        print(f"去重：{sum(len(batch.poems) for batch in batches):,} 首……", flush=True)
        chosen = choose(deduplicate([poem for batch in batches for poem in batch.poems]))
        if not chosen.documents:
            raise CorpusError(
                "所选的集子里没有留下一首可用的诗。请检查 --source 与 --collections。",
                "No usable poem is left of the chosen collections. Check --source and --collections.",
            )
        with tqdm(total=len(chosen.documents), unit=" 首", desc="编码", disable=None) as bar:
            part = partial(by_cluster, clusters=chosen.clusters)
            built = build(chosen.documents, part, stage, bar.update)
        for split in ORIGIN_FILES:
            shelves_of_split = (SHELVES[chosen.poems[index].shelf] for index in built.order[split])
            write_origins(stage, split, (shelf.collection for shelf in shelves_of_split))
        counts = tally(batches, chosen.dropped, chosen.poems)
        _finish(stage, folder, built, {"source": name, "collections": counts, "inputs": inputs})
    print(table(counts))
    _print_built(built, folder)


def _print_missing(root: Path, wanted: list[str], shelves: list[int]) -> None:
    """Say which of the collections that are `wanted` the source does not have."""
    there = {SHELVES[index].collection for index in shelves if files_of(root, index)}
    missing = [COLLECTIONS[name] for name in wanted if name not in there]
    if missing:
        notice = Text(
            f"！语料里没有：{'、'.join(missing)}。", f"! The corpus does not have: {', '.join(missing)}."
        )
        print(notice.both, flush=True)


def _collect(root: Path, shelves: list[int]) -> list[Batch]:
    size = sum(path.stat().st_size for index in shelves for path in files_of(root, index))
    with tqdm(total=size, unit="B", unit_scale=True, desc="读、洗、标注", disable=None) as bar:
        return collect(root, shelves, bar.update)


def prepare_text(path: Path, folder: Path, block_size: int) -> None:
    """Prepare the user's own text in `folder`, and print what was done. The text itself is only read."""
    parsed = parse_documents(read_own_text(path), block_size)
    documents = parsed.documents
    print(
        f"{path.name}：{len(documents):,} 篇。"
        + (f"已转成简体与通行字形 {parsed.converted:,} 字。" if parsed.converted else "")
    )
    for remark in remarks(parsed, block_size):
        print(remark.both)
    with staging(folder) as stage:
        with tqdm(total=len(documents), unit=" 篇", desc="编码", disable=None) as bar:
            built = build(documents, by_rank, stage, bar.update)
        (stage / READABLE).unlink()  # input.txt is the user's name here
        _finish(
            stage, folder, built, {"source": path.name, "inputs": {path.name: {"sha256": file_hash(path)}}}
        )
    for remark in held_back(built):
        print(remark.both)
    _print_built(built, folder)


def held_back(built: Built) -> Iterator[Text]:
    """What so few texts mean for validation and test."""
    if built.documents["test"]:
        return
    if set(built.order["train"]) & set(built.order["val"]):
        yield Text(
            "！只有一篇：训练与验证用的是同一篇，验证损失只说明记住了多少。",
            "! There is only one text. It is used to train and to validate: the validation loss only tells how much "
            "of it is known by heart.",
        )
        return
    yield Text(
        f"！不到 {FEW_DOCUMENTS} 篇：只有一篇用来验证，验证损失说明不了多少；没有测试集，"
        "shici evaluate 要加 --split=val。",
        f"! Fewer than {FEW_DOCUMENTS} texts: a single one validates, so the validation loss says little. There is no "
        "test set; shici evaluate needs --split=val.",
    )


def remarks(parsed: Parsed, block_size: int) -> Iterator[Text]:
    """What became of texts that are too long, or the same as others."""
    if parsed.long:
        yield Text(
            f"！长过 {block_size} 字、模型一次读不下的 {parsed.long:,} 篇切成了 {parsed.pieces:,} 篇，尽量在行末切。"
            "如果其中不止一首诗，请在诗与诗之间空一行。",
            f"! Longer than the {block_size} characters that the model reads at once: {parsed.long:,}, cut into "
            f"{parsed.pieces:,}, at line ends where possible. If there are several poems in one, put a blank line "
            "between them.",
        )
    if parsed.repeated:
        yield Text(
            f"！重复的 {parsed.repeated:,} 篇略去了，一样的只留一篇。",
            f"! Repeated and left out: {parsed.repeated:,}; of equal ones one is kept.",
        )


def _finish(stage: Path, folder: Path, built: Built, content: dict[str, Any]) -> None:
    """Write the manifest and publish all outputs, sparing an input.txt that the user has put in `folder`."""
    generated = generated_input(folder / MANIFEST)
    theirs = (folder / READABLE).is_file() and file_hash(folder / READABLE) != generated
    if theirs and (stage / READABLE).exists():
        (stage / READABLE).unlink()
        notice = Text(
            f"{folder / READABLE} 是您自己的文件，没有改动；这次不写可读文本。",
            f"{folder / READABLE} is a file of yours and was left alone; no readable text is written this time.",
        )
        print(notice.both)
    if (stage / READABLE).exists():
        generated = file_hash(stage / READABLE)
    manifest = {
        **content,
        "vocabulary": len(built.vocabulary),
        "documents": built.documents,
        "tokens": built.tokens,
        "outputs": output_hashes(stage, OUTPUTS),
        "generated_input": generated,  # so that the next run knows our input.txt from one of the user's
    }
    write_manifest(stage / MANIFEST, manifest)
    publish(stage, folder)


def _print_built(built: Built, folder: Path) -> None:
    for name, zh in zip(SPLITS, ("训练", "验证", "测试"), strict=True):
        print(f"{zh} {name}.bin：{built.documents[name]:,} 篇，{built.tokens[name]:,} 个记号")
    print(f"词表 {len(built.vocabulary):,}。输出在 {folder}/。")


def _print_cost(seconds: float) -> None:
    """Time, and peak memory of this process and of the largest child."""
    unit = 2**30 if sys.platform == "darwin" else 2**20  # ru_maxrss: bytes on macOS, KiB elsewhere
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
    print(f"用时 {seconds:.1f} 秒；内存峰值 {own:.2f} GiB，子进程每个至多 {child:.2f} GiB。")
