"""The repository as a whole: doors, commands, links, config files, the size of files, what the README names.

Run: pytest tests/test_repository.py
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import shici
from shici import cli
from shici.config.parse import parse_settings
from shici.config.train import TrainSettings
from shici.corpus.clean import REASONS
from shici.errors import ConfigError, ShiciError
from shici.evaluation.prosody_table import KINDS
from shici.evaluation.table import SETS

LONGEST_FILE = 500  # lines

# door, a name that its help must show
DOORS = [
    ("train.py", "--batch_size"),
    ("sample.py", "--num_samples"),
    ("test_sample.py", "--start"),
    ("data/poetry/prepare.py", "--source"),
]

LINKS = [
    ("config/train_shakespeare_char.py", "train_poetry.py"),
    ("data/shakespeare_char", "poetry"),
    ("out-shakespeare-char", "shici/pretrained"),
]


def tracked(root: Path) -> list[Path]:
    """Every file of the repository: what git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout
    paths = [root / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


@pytest.mark.parametrize(("door", "option"), DOORS)
def test_a_door_opens(root: Path, tmp_path: Path, door: str, option: str) -> None:
    done = subprocess.run(
        [sys.executable, root / door, "--help"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert option in done.stdout
    assert done.stderr == ""


def test_a_mistyped_setting_is_answered_without_a_traceback(root: Path) -> None:
    typed = [sys.executable, "train.py", "config/train_poetry.py", "--batchsize=3"]
    done = subprocess.run(typed, cwd=root, capture_output=True, text=True)
    assert done.returncode == 2
    assert "batch_size" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_that_lacks_chinese_gets_question_marks(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "train.py", "--help"],
        cwd=root,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        encoding="latin-1",
        check=False,
    )
    assert done.returncode == 0
    assert "--batch_size=32" in done.stdout


@pytest.mark.parametrize(("link", "target"), LINKS)
def test_the_names_of_the_original_project_are_links(root: Path, link: str, target: str) -> None:
    assert (root / link).is_symlink()
    assert (root / link).readlink() == Path(target)
    assert (root / link).exists()


@pytest.mark.parametrize(
    "path", sorted(Path(__file__).parent.parent.glob("config/train_*.py")), ids=lambda p: p.name
)
def test_a_training_config_fits_the_settings(path: Path) -> None:
    names = {target.id for node in ast.parse(path.read_text()).body for target in node.targets}
    settings = parse_settings(TrainSettings, [str(path)], prog="train.py")
    assert names
    assert all(hasattr(settings, name) for name in names)


def test_a_seed_that_does_not_fit_the_generators_is_refused() -> None:
    """Each step's seed is the run's, shifted by 32 bits: a date and time as digits is too long."""
    assert parse_settings(TrainSettings, ["--seed=4294967295"], prog="train.py").seed == 2**32 - 1
    with pytest.raises(ConfigError, match="至多为"):
        parse_settings(TrainSettings, ["--seed=20261124074300"], prog="train.py")


def test_every_config_file_belongs_to_a_door(root: Path) -> None:
    assert [path.name for path in (root / "config").iterdir() if not path.match("train_*.py")] == []


def test_no_file_is_too_long_to_read(root: Path) -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in tracked(root) if path.suffix == ".py"}
    assert len(lengths) > 10
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("readme", ["README.md", "README.en.md"])
def test_the_readme_names_what_can_be_typed(root: Path, readme: str) -> None:
    text = (root / readme).read_text()
    for typed in ("make show", "make test", *(door for door, _ in DOORS)):
        assert typed in text


@pytest.mark.parametrize("command", sorted(cli.COMMANDS))
def test_every_command_has_its_main(command: str) -> None:
    assert callable(cli.load_main(cli.COMMANDS[command].module))


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in ([], ["--help"]):
        assert cli.main(argv) == 0
        shown = capsys.readouterr().out
        assert all(name in shown for name in cli.COMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"shici {shici.__version__}\n"


@pytest.mark.parametrize(
    ("typed", "meant"), [("trian", "train"), ("Sample", "sample"), ("zzz", "prepare | train")]
)
def test_an_unknown_command(typed: str, meant: str) -> None:
    with pytest.raises(ConfigError) as caught:
        cli.main([typed])
    assert f"shici {meant}" in caught.value.en


def test_a_command_gets_the_rest_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(cli, "load_main", lambda module: lambda argv: calls.append((module, argv)))
    assert cli.main(["train", "config/train_poetry.py", "--batch_size=3"]) == 0
    assert calls == [("shici.training.main", ["config/train_poetry.py", "--batch_size=3"])]


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(module: str) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch.nn")

    monkeypatch.setattr(cli.importlib, "import_module", fail)
    with pytest.raises(ShiciError, match="torch is not installed"):
        cli.load_main("shici.training.main")


def test_the_words_of_the_tables_are_explained_in_english(root: Path) -> None:
    text = (root / "README.en.md").read_text(encoding="utf-8").replace("\n  ", " ")
    words = [zh for zh, _ in REASONS.values()] + [*SETS.values(), *KINDS.values()]
    assert [word for word in words if not re.search(rf"{word} [a-z]", text)] == []


def test_the_source_archive_holds_what_the_tests_run(root: Path) -> None:
    built = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    included = {name.lstrip("/").split("/")[0] for name in built["targets"]["sdist"]["include"]}
    assert {"bench", "config", "data", "runs", "scripts", "shici", "tests"} <= included
    assert (root / "shici" / "py.typed").is_file()
