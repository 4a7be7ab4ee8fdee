"""The whole command on a miniature corpus: outputs, determinism, safety. Run: pytest tests/test_corpus_prepare.py"""

from __future__ import annotations

import errno
import json
import os
import pickle
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shici.corpus import build, prepare
from shici.corpus.catalog import SHELVES
from shici.corpus.characters import han_only
from shici.corpus.dataset import read_meta
from shici.corpus.document import Document, decode_document, document_starts
from shici.corpus.prepare import OUTPUTS, main
from shici.corpus.publish import publish, staging
from shici.corpus.split import split_of, text_hash
from shici.errors import ConfigError, CorpusError, TextInputError

MINI = Path(__file__).parent / "data" / "chinese-poetry"
OWN = """静夜思
李白
床前明月光，疑是地上霜。
举头望明月，低头思故乡。

白日依山尽，黄河入海流。
欲穷千里目，更上一层楼。
"""


def run(folder: Path, *words: str) -> None:
    assert main([*words, "--out-dir", str(folder)]) == 0


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    run(folder, "--source", str(MINI))
    return folder


def manifest(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return content


def documents(folder: Path, split: str) -> list[Document]:
    vocabulary = read_meta(folder / "meta.pkl")
    tokens = np.fromfile(folder / f"{split}.bin", dtype=np.uint16)
    starts = document_starts(tokens, vocabulary.bos)
    return [decode_document(tokens[start:end].tolist(), vocabulary) for start, end in pairwise(starts)]


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_outputs(prepared: Path) -> None:
    assert {*OUTPUTS, "manifest.json"} == set(state(prepared))
    assert (prepared / "meta.pkl").read_bytes() == (prepared / "poetry_meta.pkl").read_bytes()
    counts = manifest(prepared)["documents"]
    assert len(documents(prepared, "train")) == counts["train"] > 20
    assert len(documents(prepared, "val")) == counts["val"] > 0


def test_every_poem_is_accounted_for(prepared: Path) -> None:
    for name, entry in manifest(prepared)["collections"].items():
        dropped = sum(count["poems"] for count in entry["dropped"].values())
        assert entry["read"]["poems"] == entry["kept"]["poems"] + dropped, name
    tang = manifest(prepared)["collections"]["quantangshi"]["dropped"]
    reasons = {reason: count["poems"] for reason, count in tang.items()}
    assert reasons == {
        "fragment": 1,
        "lacuna": 1,
        "brackets": 1,
        "prose": 1,
        "duplicate": 1,
        "near_duplicate": 1,
        "held_out": 1,
    }


def test_the_better_metadata_and_the_known_wording_stay(prepared: Path) -> None:
    kept = {
        document.body[:5]: document for split in ("train", "val") for document in documents(prepared, split)
    }
    assert kept["床前明月光"].title == "静夜思"
    assert "床前看月光" not in kept
    assert (kept["小山重叠金"].tune, kept["小山重叠金"].dynasty) == ("菩萨蛮", "五代")
    assert "千山鸟飞绝" not in kept


def test_the_readable_text_holds_all_of_them(prepared: Path) -> None:
    blocks = (prepared / "input.txt").read_text(encoding="utf-8").strip().split("\n\n")
    kept = sum(entry["kept"]["poems"] for entry in manifest(prepared)["collections"].values())
    assert len(blocks) == kept
    assert "相见欢\n李煜\n无言独上西楼，月如钩。" in (prepared / "input.txt").read_text(encoding="utf-8")


def test_nanogpt_reads_it(prepared: Path) -> None:
    """nanoGPT's train.py: np.memmap of uint16 and meta["vocab_size"]; every id is in range."""
    meta = pickle.loads((prepared / "meta.pkl").read_bytes())
    data = np.memmap(prepared / "train.bin", dtype=np.uint16, mode="r")
    assert int(data.max()) < meta["vocab_size"]


def test_the_same_bytes_under_any_hash_seed_and_layout(prepared: Path, tmp_path: Path, root: Path) -> None:
    git = tmp_path / MINI.name
    for shelf in SHELVES:
        shutil.copytree(MINI / shelf.folders[0], git / shelf.folders[1], dirs_exist_ok=True)
    command = [
        sys.executable,
        "data/poetry/prepare.py",
        "--source",
        str(git),
        "--out-dir",
        str(tmp_path / "out"),
    ]
    subprocess.run(
        command, cwd=root, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "12345"}
    )
    assert state(tmp_path / "out") == state(prepared)


def test_collections_can_be_chosen(tmp_path: Path) -> None:
    run(tmp_path, "--source", str(MINI), "--collections", "宋词，shijing")
    assert list(manifest(tmp_path)["collections"]) == ["shijing", "songci"]
    with pytest.raises(CorpusError, match="没有叫“宋詞”的集子。是不是“宋词”"):
        run(tmp_path, "--source", str(MINI), "--collections", "宋詞")


@pytest.mark.parametrize("typed", ["宋词,诗经", "宋词、诗经", "songci 诗经", "宋词，，shijing，"])
def test_collections_are_parted_as_one_likes(tmp_path: Path, typed: str) -> None:
    run(tmp_path, "--source", str(MINI), "--collections", typed)
    assert list(manifest(tmp_path)["collections"]) == ["shijing", "songci"]


def test_no_collection_is_an_error_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="没有集子"):
        run(tmp_path, "--collections", "，")
    assert not list(tmp_path.iterdir())


def test_a_collection_that_the_source_lacks_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(MINI / "songci", tmp_path / "source" / "songci")
    run(tmp_path / "out", "--source", str(tmp_path / "source"), "--collections", "宋词,元曲")
    assert "语料里没有：元曲。" in capsys.readouterr().out


def test_nothing_left_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "songci").mkdir()
    with pytest.raises(CorpusError, match="没有留下一首"):
        run(tmp_path / "out", "--source", str(tmp_path))


KILLED = """
import os, signal, sys
from shici.corpus import build, prepare
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
setattr({module}, {name!r}, die)
prepare.main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("module", "name"), [("build", "write_meta"), ("prepare", "write_manifest"), ("prepare", "publish")]
)
def test_a_killed_run_leaves_the_earlier_outputs(
    prepared: Path, tmp_path: Path, root: Path, module: str, name: str
) -> None:
    folder = Path(shutil.copytree(prepared, tmp_path / "out"))
    before = state(folder)
    script = KILLED.format(module=module, name=name)
    command = [sys.executable, "-c", script, "--source", str(MINI), "--collections", "全宋诗"]
    killed = subprocess.run([*command, "--out-dir", str(folder)], cwd=root, capture_output=True, check=False)
    assert killed.returncode == -9
    assert state(folder) == before
    run(folder, "--source", str(MINI))  # clears what the killed run has left
    assert state(folder) == before
    assert [path.name for path in (folder / ".cache").iterdir()] == ["lock"]


def test_a_run_killed_among_its_last_moves_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    kept = tmp_path / "kept"
    with staging(tmp_path) as stage:
        for name in ("a", "b"):
            (stage / name).write_text("new", encoding="utf-8")
        moves: list[Path] = []

        def stop_after_one(path: Path, target: Path) -> None:
            if moves:
                raise KeyboardInterrupt
            moves.append(path)
            os.rename(path, target)

        monkeypatch.setattr(Path, "replace", stop_after_one)
        with pytest.raises(KeyboardInterrupt):
            publish(stage, tmp_path)
        shutil.copytree(stage, kept)  # what the disk holds at the moment of the kill
        monkeypatch.undo()
    assert not stage.exists()
    assert [(tmp_path / name).read_text(encoding="utf-8") for name in ("a", "b")] == ["new", "new"]  # Ctrl-C
    (tmp_path / "b").write_text("old", encoding="utf-8")
    shutil.copytree(kept, stage)
    with staging(tmp_path):
        assert [(tmp_path / name).read_text(encoding="utf-8") for name in ("a", "b")] == ["new", "new"]


def test_an_input_txt_that_a_kill_left_without_its_manifest_is_not_the_users(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(prepared, tmp_path / "out"))
    before, taken = state(folder), []
    monkeypatch.setattr(prepare, "prepare_corpus", lambda *_: taken.append("corpus"))
    monkeypatch.setattr(prepare, "prepare_text", lambda *_: taken.append("text"))
    stage = folder / ".cache" / "stage-killed"  # input.txt was moved, what sorts behind it was not yet
    stage.mkdir(parents=True)
    (stage / "complete").touch()
    for name in ("manifest.json", "meta.pkl", "train.bin"):
        (folder / name).replace(stage / name)
    (folder / "manifest.json").write_text('{"generated_input": "another"}', encoding="utf-8")
    prepare.prepare_found(None, None, folder, 256)
    assert taken == ["corpus"]
    assert state(folder) == before


def test_a_folder_in_the_way_of_an_output_leaves_all_outputs(prepared: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(prepared, tmp_path / "out"))
    (folder / "val.bin").unlink()
    (folder / "val.bin").mkdir()
    before = state(folder)
    with pytest.raises(CorpusError, match=r"val\.bin 是文件夹"):
        run(folder, "--source", str(MINI), "--collections", "全宋诗")
    assert state(folder) == before


def test_a_full_disk_leaves_all_outputs(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(prepared, tmp_path / "out"))
    before = state(folder)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(build, "write_meta", full)
    with pytest.raises(CorpusError, match="No space left"):
        run(folder, "--source", str(MINI), "--collections", "全宋诗")
    assert state(folder) == before
    assert [path.name for path in (folder / ".cache").iterdir()] == ["lock"]


@pytest.mark.parametrize(
    ("source", "folder"), [(str(MINI), "mine.txt"), (str(MINI), "mine.txt/out"), ("x" * 300, "out")]
)
def test_a_path_that_cannot_be(tmp_path: Path, source: str, folder: str) -> None:
    (tmp_path / "mine.txt").write_text(OWN, encoding="utf-8")
    with pytest.raises(CorpusError, match="读写"):
        run(tmp_path / folder, "--source", source)


def test_two_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    with staging(tmp_path), pytest.raises(CorpusError, match="另一个"), staging(tmp_path):
        pass


def test_own_text_by_option(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text(OWN, encoding="gb18030")
    run(tmp_path / "out", "--input", str(tmp_path / "mine.txt"))
    kept = documents(tmp_path / "out", "train") + documents(tmp_path / "out", "val")
    assert sorted(document.title for document in kept) == ["", "静夜思"]
    assert all(document.form == document.rhyme == "" for document in kept)
    assert not (tmp_path / "out" / "input.txt").exists()


@pytest.mark.parametrize(
    ("word", "option"),
    [("mine.txt", "--input=mine.txt"), ("none.txt", "--input=none.txt"), ("诗", "--input=诗"),
     ("chinese-poetry", "--source=chinese-poetry"), ("none.tgz", "--source=none.tgz")],
)  # fmt: skip
def test_a_bare_path_is_answered_by_the_option_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("mine.txt", "诗"):
        Path(name).write_bytes(OWN.encode("gb18030"))
    Path("chinese-poetry").mkdir()
    with pytest.raises(ConfigError, match=f"不是配置文件.*{option}。"):
        run(tmp_path / "out", word)
    with pytest.raises(ConfigError, match=f"write {option}"):
        run(tmp_path / "out", "--block_size=64", word)


@pytest.mark.parametrize(
    ("words", "message"),
    [(["none.py"], "找不到配置文件 none.py"), (["--input", "mine.txt", "--imput=x"], "没有名为 'imput'"),
     (["input=mine.txt"], "是不是 --input=mine.txt"), (["mine.py"], "mine.py:3")],
)  # fmt: skip
def test_other_mistakes_are_answered_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("mine.txt", "mine.py"):
        Path(name).write_text(OWN, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        run(tmp_path / "out", *words)


@pytest.mark.parametrize("name", ["input.txt", "combined_poetry.txt"])
def test_own_text_put_in_the_folder_is_used_and_never_touched(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, "--source", str(MINI))  # leaves an input.txt of ours
    (tmp_path / name).write_text(OWN, encoding="utf-8")
    run(tmp_path)
    assert name in capsys.readouterr().out
    assert (tmp_path / name).read_text(encoding="utf-8") == OWN
    assert manifest(tmp_path)["source"] == name
    run(tmp_path, "--source", str(MINI))  # the corpus again: the user's file is spared
    assert (tmp_path / name).read_text(encoding="utf-8") == OWN
    assert "quantangshi" in manifest(tmp_path)["collections"]


@pytest.mark.parametrize("words", [("--source", str(MINI)), ("--collections", "宋词")])
def test_a_text_and_the_corpus_at_once_is_an_error(tmp_path: Path, words: tuple[str, str]) -> None:
    (tmp_path / "mine.txt").write_text(OWN, encoding="utf-8")
    with pytest.raises(CorpusError, match="只用一样"):
        run(tmp_path, "--input", str(tmp_path / "mine.txt"), *words)


def test_who_names_collections_means_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "input.txt").write_text(OWN, encoding="utf-8")
    monkeypatch.setattr(prepare, "prepare_text", lambda *_: pytest.fail("left the corpus aside"))
    asked: list[list[str]] = []
    monkeypatch.setattr(prepare, "prepare_corpus", lambda source, names, folder: asked.append(names))
    run(tmp_path, "--collections", "宋词")
    assert asked == [["宋词"]]


def test_our_own_input_is_not_taken_for_the_users(tmp_path: Path) -> None:
    run(tmp_path, "--source", str(MINI))
    (tmp_path / "mine.txt").write_text(OWN, encoding="utf-8")
    run(tmp_path, "--input", str(tmp_path / "mine.txt"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepare, "prepare_text", lambda *_: pytest.fail("took our input.txt for the user's"))
        patch.setattr(prepare, "prepare_corpus", lambda *_: None)
        run(tmp_path)


def test_a_bad_text_leaves_the_outputs(prepared: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(prepared, tmp_path / "out"))
    before = state(folder)
    (tmp_path / "mine.txt").write_text("三个字", encoding="utf-8")
    with pytest.raises(TextInputError, match="只有 3 个字"):
        run(folder, "--input", str(tmp_path / "mine.txt"))
    assert state(folder) == before


def test_a_single_poem_trains_and_validates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text(OWN.split("\n\n")[0], encoding="utf-8")
    run(tmp_path / "out", "--input", str(tmp_path / "mine.txt"))
    assert documents(tmp_path / "out", "train") == documents(tmp_path / "out", "val")
    assert "只有一篇" in capsys.readouterr().out


def poems(count: int) -> str:
    """So many different poems of one's own, a blank line between them."""
    numbers = "一二三四五六七八九十"
    return "\n\n".join(
        f"{numbers[n % 10]}月{numbers[n // 10 % 10]}日{numbers[n // 100]}，黄河入海流。\n欲穷千里目，更上一层楼。"
        for n in range(count)
    )


@pytest.mark.parametrize(("count", "held", "testing"), [(12, 1, 0), (30, 3, 3), (400, 40, 40)])
def test_own_text_is_validated_and_tested_on_a_tenth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int, held: int, testing: int
) -> None:
    (tmp_path / "mine.txt").write_text(poems(count), encoding="utf-8")
    run(tmp_path / "out", "--input", str(tmp_path / "mine.txt"))
    assert manifest(tmp_path / "out")["documents"] == {
        "train": count - held - testing,
        "val": held,
        "test": testing,
    }
    said = capsys.readouterr().out
    assert ("验证损失说明不了多少" in said) == (testing == 0)
    assert ("the validation loss says little" in said) == (testing == 0)


def test_a_part_of_the_readable_text_mostly_trains(tmp_path: Path) -> None:
    """It is in the order of the hashes by which the corpus is parted: its beginning is the corpus's test set."""
    ordered = sorted(poems(1000).split("\n\n"), key=lambda body: text_hash(han_only(body)))[:60]
    assert {split_of(text_hash(han_only(body))) for body in ordered[:5]} == {"test"}
    (tmp_path / "mine.txt").write_text("\n\n".join(ordered), encoding="utf-8")
    run(tmp_path / "out", "--input", str(tmp_path / "mine.txt"))
    assert manifest(tmp_path / "out")["documents"] == {"train": 48, "val": 6, "test": 6}


def test_what_is_too_long_or_repeated_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poem = OWN.split("\n\n")[1].strip()
    longer = "\n".join(poem.replace("白", colour) for colour in "红黄蓝绿青")
    (tmp_path / "mine.txt").write_text(f"{longer}\n\n{poem}\n\n{poem}", encoding="utf-8")
    run(tmp_path / "out", "--input", str(tmp_path / "mine.txt"), "--block_size=64")
    kept = [one for split in ("train", "val", "test") for one in documents(tmp_path / "out", split)]
    assert sum(one.body.count("日依山尽") for one in kept) == 6
    said = capsys.readouterr().out
    assert "长过 64 字、模型一次读不下的 1 篇" in said
    assert "cut into 3" in said
    assert "重复的 1 篇" in said
    assert "left out: 1;" in said


def test_the_door_shows_errors_without_a_traceback(tmp_path: Path, root: Path) -> None:
    command = [
        sys.executable,
        "data/poetry/prepare.py",
        "--source",
        str(tmp_path / "none"),
        "--out-dir",
        str(tmp_path),
    ]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "错误：找不到" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_door_writes_beside_itself_wherever_it_is_run_from(root: Path, tmp_path: Path) -> None:
    """As nanoGPT's prepare.py does. In a copy: the real folder may hold the user's data."""
    door = tmp_path / "data" / "poetry" / "prepare.py"
    door.parent.mkdir(parents=True)
    shutil.copy(root / "data" / "poetry" / "prepare.py", door)
    (tmp_path / "shici").symlink_to(root / "shici")
    command = [sys.executable, "prepare.py", "--source", str(MINI), "--collections", "宋词"]
    subprocess.run(command, cwd=door.parent, capture_output=True, check=True)
    assert {*OUTPUTS, "prepare.py"} <= set(state(door.parent))


INTERRUPTED = """
import os, signal, time
from shici.corpus import collect, prepare
from shici.errors import run_door
def interrupt(job):
    os.killpg(0, signal.SIGINT)
    time.sleep(20)  # longer than the main process takes to hear it, however busy the machine
collect._WORTH_WORKERS, collect.read_file = 0, interrupt
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_door(prepare.main)
"""


def test_ctrl_c_ends_the_workers_without_a_word(root: Path, tmp_path: Path) -> None:
    """Sent to the whole group, as a terminal does, when a worker has begun.

    A terminal also starts a command with open ears: where the tests themselves run in the background of a shell that
    has no job control (`make test &` in a script), Ctrl-C is ignored, and so it would be in all that they start.
    """
    (tmp_path / "run.py").write_text(INTERRUPTED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "run.py"), "--source", str(MINI), "--out-dir", str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": str(root)},
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
