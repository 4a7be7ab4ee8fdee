"""The command: from chinese-poetry, or from a text of one's own, to data that training reads.

    python data/poetry/prepare.py                       fetch the corpus (npm, else git) and prepare it
    python data/poetry/prepare.py --source FOLDER       from a folder, .tgz or .zip
    python data/poetry/prepare.py --input mine.txt      from one's own text
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

from tqdm import tqdm

from shici.corpus.build import MANIFEST, READABLE, build, common_characters, restrict
from shici.corpus.catalog import COLLECTIONS, SHELVES, choose_collections
from shici.corpus.collect import collect, files_of
from shici.corpus.dedup import deduplicate
from shici.corpus.manifest import output_hashes, table, tally, write_manifest
from shici.corpus.publish import publish, staging
from shici.corpus.sources import file_hash, open_source

OUTPUTS = ("train.bin", "val.bin", "test.bin", "meta.pkl", "poetry_meta.pkl", "vocabulary.txt", READABLE)


def main(argv: list[str]) -> int:
    """Run the command. Returns 0; raises a ShiciError for anything the user has to put right."""
    options = _parse(argv)
    started = time.monotonic()
    prepare_corpus(options.source, options.collections, options.out_dir)
    _print_cost(time.monotonic() - started)
    return 0


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="prepare.py", description="准备训练数据：下载、清洗、简化、去重、切分古诗词。Prepare the poems for training."
    )
    parser.add_argument("--source", type=Path, help="chinese-poetry 的文件夹、.tgz 或 .zip（缺省：npm 或 git 下载）")
    parser.add_argument("--collections", type=lambda text: text.replace("，", ",").split(","), default=list(COLLECTIONS))
    parser.add_argument("--input", type=Path, help="自己的文本（UTF-8 或 GB18030；诗间空一行）")
    parser.add_argument("--out-dir", type=Path, default=Path("data/poetry"), help="输出文件夹（缺省 data/poetry）")
    return parser.parse_args(argv)


def prepare_corpus(source: Path | None, names: list[str], folder: Path) -> None:
    """Prepare the collections `names` of `source` in `folder` and print what was done."""
    chosen = choose_collections(names)
    shelves = [index for index, shelf in enumerate(SHELVES) if shelf.collection in chosen]
    with staging(folder) as stage:
        with open_source(source, folder / ".cache") as (root, source_name):
            files = [path for index in shelves for path in files_of(root, index)]
            inputs = {str(path.relative_to(root)): file_hash(path) for path in files}
            with tqdm(total=sum(path.stat().st_size for path in files), unit="B", unit_scale=True, desc="读 · 洗 · 标", disable=None) as bar:
                batches = collect(root, shelves, bar.update)
        poems = [poem for batch in batches for poem in batch.poems]
        print(f"去重：{len(poems):,} 首……", flush=True)
        distinct = deduplicate(poems)
        allowed = [index for index, poem in enumerate(distinct.poems) if not poem.held_out]
        dropped = distinct.dropped + [(poem, "held_out") for poem in distinct.poems if poem.held_out]
        characters = common_characters([distinct.poems[index].document for index in allowed])
        kept, documents, clusters = [], [], []
        for index in allowed:
            poem = distinct.poems[index]
            document = restrict(poem.document, characters)
            if document is None:
                dropped.append((poem, "rare_character"))
            else:
                kept.append(poem); documents.append(document); clusters.append(int(distinct.clusters[index]))
        position = {}
        clusters = [position.setdefault(c, i) for i, c in enumerate(clusters)]
        with tqdm(total=len(documents), unit="首", desc="编码", disable=None) as bar:
            built = build(documents, clusters, stage, bar.update)
        counts = tally(batches, dropped, kept)
        write_manifest(stage / MANIFEST, {"source": source_name, "collections": counts,
            "documents": built.documents, "tokens": built.tokens, "vocabulary": len(built.vocabulary),
            "outputs": output_hashes(stage, OUTPUTS), "inputs": inputs})
        publish(stage, folder)
    print(table(counts))
    print(built.documents, built.tokens, len(built.vocabulary))


def _print_cost(seconds: float) -> None:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"用时 {seconds:.1f} 秒；内存峰值 {own:.2f} GB，另两个子进程各至多 {child:.2f} GB。")
