"""The parser of all doors: what it accepts, what it refuses, and what it says then.

Run: pytest tests/test_config_parse.py
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import MISSING, dataclass, field, is_dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shici.config
from shici.config.fields import option, settings_of
from shici.config.help import CHINESE, ENGLISH, WIDTH, display_width, wrap
from shici.config.inspect import InspectSettings
from shici.config.parse import describe, parse_settings, parse_words
from shici.config.sample import CoupletSettings, SampleSettings, WritingSettings
from shici.config.train import TrainSettings
from shici.errors import ConfigError
from shici.language import Text


@dataclass(frozen=True)
class Example:
    """训练一个例子。
    Train an example,
    and say so.
    """

    batch_size: int = option(64, "每步几首诗", "poems per step", minimum=1)
    block_size: int = 256
    max_iters: int = 5000
    lr_decay_iters: int = 5000
    learning_rate: float = 1e-3
    dropout: float = field(default=0.0, metadata={"minimum": 0, "maximum": 1})
    compile: bool = False
    wandb_log: bool = True
    start: str = ""
    device: str = option("auto", "设备", "device", choices=("auto", "cpu", "cuda"))
    fuse: str = field(default="auto", metadata={"choices": ("auto", "True", "False")})
    seed: int | None = None
    out_dir: str | None = None
    collections: tuple[str, ...] = ()
    sizes: tuple[int, ...] = (1, 2)


@dataclass(frozen=True)
class Needy:
    """一个必填的设置。"""

    source: str = option(MISSING, "语料在哪里", "where the corpus is")


def parse(*argv: str) -> Example:
    return parse_settings(Example, argv, prog="example.py")


def refusal(*argv: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse(*argv)
    return caught.value


@pytest.fixture
def config(tmp_path: Path):
    """Writes a config file and gives its path."""

    def write(text: str, name: str = "settings.py") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


ACCEPTED = [
    # argument, setting, value
    ("--batch_size=32", "batch_size", 32),
    ("--batch_size=32.0", "batch_size", 32),
    ("--batch_size=1e3", "batch_size", 1000),
    ("--batch_size=5*8", "batch_size", 40),
    ("--batch_size=1_000", "batch_size", 1000),
    ("--batch_size=３２", "batch_size", 32),
    ("--batch-size=32", "batch_size", 32),
    ("--learning_rate=1e-3", "learning_rate", 0.001),
    ("--learning_rate=-1", "learning_rate", -1.0),
    ("--learning_rate=1/3", "learning_rate", 1 / 3),
    ("--compile", "compile", True),
    ("--compile=True", "compile", True),
    ("--compile=1", "compile", True),
    ("--wandb_log=false", "wandb_log", False),
    ("--wandb_log=0", "wandb_log", False),
    ("--start=a=b", "start", "a=b"),
    ("--start=--a", "start", "--a"),
    ("--start=", "start", ""),
    ("--start=5*8", "start", "5*8"),
    ("--start=白玉为堂金作马", "start", "白玉为堂金作马"),
    ("--start=FILE:prompt.txt", "start", "FILE:prompt.txt"),
    ("--start=None", "start", "None"),
    ("--fuse", "fuse", "True"),
    ("--fuse=False", "fuse", "False"),
    ("--fuse=auto", "fuse", "auto"),
    ("--seed=7", "seed", 7),
    ("--seed=None", "seed", None),
    ("--out_dir=none", "out_dir", None),
    ("--device=cpu", "device", "cpu"),
    ("--collections=宋词,元曲", "collections", ("宋词", "元曲")),
    ("--collections=宋词，元曲、诗经 ", "collections", ("宋词", "元曲", "诗经")),
    ("--collections=", "collections", ()),
    ("--sizes=3,2**2", "sizes", (3, 4)),
]


@pytest.mark.parametrize(("argument", "name", "value"), ACCEPTED)
def test_accepted(argument: str, name: str, value: object) -> None:
    got = getattr(parse(argument), name)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(("argument", "name", "value"), [row for row in ACCEPTED if "=" in row[0]])
def test_the_value_may_be_the_next_word(argument: str, name: str, value: object) -> None:
    key, _, text = argument.partition("=")
    if text.startswith("--"):
        assert f"{key}=" in refusal(key, text).en  # could be another option: say how to write it
    else:
        assert getattr(parse(key, text, "--block_size=9"), name) == value


def test_nothing_said_is_the_defaults() -> None:
    assert parse() == Example()


def test_a_bare_flag_leaves_the_next_word_alone(config) -> None:
    settings = parse("--compile", config("batch_size = 3"), "--wandb_log", "off", "--fuse", "--seed", "1")
    assert settings == Example(compile=True, batch_size=3, wandb_log=False, fuse="True", seed=1)


def test_later_wins(config) -> None:
    first, second = config("batch_size = 1\nseed = 1", "a.py"), config("batch_size = 2", "b.py")
    assert parse(first, second).batch_size == 2
    assert parse(second, first).batch_size == 1
    assert parse(first, "--batch_size=3", "--batch_size=4") == Example(batch_size=4, seed=1)
    assert parse("--batch_size=3", first).batch_size == 1


CONFIG_VALUES = [
    # text of a config file, setting, value
    ("batch_size = 5 * 8", "batch_size", 40),
    ("batch_size = 1e3", "batch_size", 1000),
    ("learning_rate = 1e-3", "learning_rate", 0.001),
    ("learning_rate = 1", "learning_rate", 1.0),
    ("learning_rate = -(1 + 2) / 4", "learning_rate", -0.75),
    ("seed = -1", "seed", -1),
    ("seed = None", "seed", None),
    ("compile = True", "compile", True),
    ("fuse = False", "fuse", "False"),
    ("fuse = 'auto'", "fuse", "auto"),
    ("start = '春' + \"江\"", "start", "春江"),
    ("collections = ['宋词', '元曲']", "collections", ("宋词", "元曲")),
    ("collections = '宋词,元曲'", "collections", ("宋词", "元曲")),
    ("max_iters = 2000\nlr_decay_iters = max_iters  # as nanoGPT's files do", "lr_decay_iters", 2000),
    ("lr_decay_iters = max_iters", "lr_decay_iters", 5000),
    ("_poems = 100\nmax_iters = 3 * _poems", "max_iters", 300),
    ("max_iters = lr_decay_iters = 7", "lr_decay_iters", 7),
    ("batch_size: int = 5", "batch_size", 5),
    ('"""A docstring."""\n\n# a comment\nbatch_size = 5', "batch_size", 5),
    ("\ufeffbatch_size = 5", "batch_size", 5),
    ("", "batch_size", 64),
]


@pytest.mark.parametrize(("text", "name", "value"), CONFIG_VALUES)
def test_config_file(config, text: str, name: str, value: object) -> None:
    got = getattr(parse(config(text)), name)
    assert got == value
    assert type(got) is type(value)


REFUSED = [
    # argument, what the message must contain
    ("--batchsize=3", "Did you mean batch_size?"),
    ("--learning-rat=3", "Did you mean learning_rate?"),
    ("--zzz=3", "See --help"),
    ("--=3", "no setting is named ''"),
    ("--", "no setting is named ''"),
    ("--batch_size", "Write --batch_size=value"),
    ("--batch_size=", "expects an integer, got ''"),
    ("--batch_size=abc", "expects an integer, got 'abc'. Example: batch_size=64."),
    ("--batch_size=3.5", "expects an integer, got 3.5"),
    ("--batch_size=block_size", "expects an integer, got 'block_size'"),
    ("--batch_size=0", "at least 1, got 0"),
    ("--dropout=2", "at most 1, got 2"),
    ("--learning_rate=nan", "expects a number, got 'nan'"),
    ("--learning_rate=1e999", "expects a number, got inf"),
    ("--learning_rate=True", "expects a number, got True"),
    ("--compile=maybe", "expects True or False, got 'maybe'"),
    ("--seed=x", "expects an integer, or None, got 'x'"),
    ("--sizes=1,x", "a list, an integer each, separated by commas, got 'x'"),
    ("--device=gpu", "expects one of: auto, cpu, cuda; got 'gpu'"),
    ("--seed=9**9**9", "expects an integer, or None"),
    ("--seed=(9**64)**64", "expects an integer, or None"),
    ("--seed=1/0", "expects an integer, or None"),
    ("--seed=" + "1+" * 5000 + "1", "expects an integer, or None"),
    ("--seed=__import__('os').getcwd()", "expects an integer, or None"),
    ("batch_size=3", "did you mean --batch_size=3?"),
    ("-batch_size=3", "did you mean --batch_size=3?"),
    ("missing.py", "No config file missing.py"),
]


@pytest.mark.parametrize(("argument", "message"), REFUSED)
def test_refused(argument: str, message: str) -> None:
    error = refusal(argument)
    assert message in error.en
    assert any("\u4e00" <= character <= "\u9fff" for character in error.zh)


REFUSED_IN_FILES = [
    # text of a config file, the line that is at fault, what the message must contain
    ("seed = 1\nbatchsize = 3", 2, "Did you mean batch_size?"),
    ("\n\nbatch_size = 'three'", 3, "expects an integer, got 'three'"),
    ("batch_size = True", 1, "expects an integer, got True"),
    ("start = 5", 1, "expects a text, got 5"),
    ("collections = 5", 1, "expects a list, a text each"),
    ("batch_size = 0", 1, "at least 1"),
    ("import time", 1, "got import time"),
    ("batch_size = int('5')", 1, "got int('5')"),
    ("print('hello')", 1, "got print('hello')"),
    ("start = 'a' * 5", 1, "got 'a' * 5"),
    ("seed = unknown + 1", 1, "got unknown"),
    ("seed, batch_size = 1, 2", 1, "expected name = value"),
    ("seed += 1", 1, "expected name = value"),
    ("if True:\n    seed = 1", 1, "got if True:"),
    ("seed = 1\nseed = = 2", 2, "not a valid assignment"),
    ("start = '没有结束", 1, "not a valid assignment"),
    ("seed = -'a'", 1, "got -'a'"),
    ("seed = (-1) ** 0.5", 1, "got (-1) ** 0.5"),
]


@pytest.mark.parametrize(("text", "line", "message"), REFUSED_IN_FILES)
def test_refused_in_a_file(config, text: str, line: int, message: str) -> None:
    path = config(text)
    error = refusal(path)
    assert error.en.startswith(f"{path}:{line}:")
    assert error.zh.startswith(f"{path}:{line}：")
    assert message in error.en


def test_a_config_file_is_never_executed(config, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    refusal(config(f"seed = open({str(witness)!r}, 'w')"))
    assert not witness.exists()


@pytest.mark.parametrize("content", ["start = '床前明月光'".encode("gb18030"), b"\x00\x01\x02\xff"])
def test_a_file_that_is_no_text(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.py"
    path.write_bytes(content)
    assert "expected UTF-8 text" in refusal(str(path)).en


def test_a_folder_is_no_config_file(tmp_path: Path) -> None:
    assert "Cannot read the config file" in refusal(str(tmp_path)).en


def test_a_required_setting() -> None:
    with pytest.raises(ConfigError, match="source is missing"):
        parse_settings(Needy, [], prog="needy.py")
    assert parse_settings(Needy, ["--source=a"], prog="needy.py").source == "a"


def shown_help(capsys: pytest.CaptureFixture[str], cls: type, usage: str) -> str:
    with pytest.raises(SystemExit) as caught:
        parse_settings(cls, ["--seed=3", "--help", "--unknown"], prog=usage)
    assert caught.value.code == 0
    return capsys.readouterr().out


def test_help_lists_every_setting_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    shown = shown_help(capsys, Example, "example.py")
    assert shown.startswith("用法：example.py [配置文件.py …] [--名字=值 …]\nUsage: example.py [CONFIG.py …]")
    assert "\n训练一个例子。\nTrain an example, and say so.\n" in shown
    for name in describe(Example()):
        assert f"  --{name}=" in shown
    rows = shown.splitlines()
    at = next(at for at, row in enumerate(rows) if row.startswith("  --batch_size=64 "))
    assert rows[at].endswith("  每步几首诗")
    assert rows[at + 1].startswith("    整数 integer, ≥ 1  ")
    assert rows[at + 1].endswith("  poems per step")
    before = rows[at].removesuffix("每步几首诗"), rows[at + 1].removesuffix("poems per step")
    assert display_width(before[0]) == display_width(before[1])


def test_help_marks_what_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    assert "  --source=（必填 required）  语料在哪里\n" in shown_help(capsys, Needy, "needy.py")


def settings_classes() -> list[type]:
    """Of every module of shici.config."""
    modules = [import_module(f"shici.config.{one.name}") for one in iter_modules(shici.config.__path__)]
    return [
        cls
        for module in modules
        for name, cls in vars(module).items()
        if name.endswith("Settings") and is_dataclass(cls) and cls.__module__ == module.__name__
    ]


def test_all_settings_are_found() -> None:
    assert {TrainSettings, SampleSettings, CoupletSettings, InspectSettings} <= set(settings_classes())


@pytest.mark.parametrize("cls", settings_classes())
def test_every_setting_is_explained_in_both_languages(cls: type) -> None:
    for setting in settings_of(cls).values():
        assert re.search(r"[\u4e00-\u9fff]", setting.help.zh), setting.name
        assert re.search(r"[a-z]{2}", setting.help.en), setting.name
        assert not re.search(r"[，。；：、（）]", setting.help.en), setting.name


@pytest.mark.parametrize("cls", [cls for cls in settings_classes() if cls is not WritingSettings])
def test_every_door_is_introduced_in_both_languages(cls: type) -> None:
    zh, _, en = (cls.__doc__ or "").partition("\n")
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert re.match(r" +[A-Z][a-z]+ ", en)


@pytest.mark.parametrize("cls", settings_classes())
def test_help_fits_a_terminal(cls: type, capsys: pytest.CaptureFixture[str]) -> None:
    for row in shown_help(capsys, cls, "door.py").splitlines():
        assert display_width(row) <= WIDTH, row
        assert row.lstrip()[:1] not in [*"，。；：、）》”"], row


@given(st.text(st.sampled_from(" ab“”（）《》，。…七绝×")), st.integers(min_value=8, max_value=30))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    for pieces in (CHINESE, ENGLISH):
        rows = wrap(text, width, pieces)
        assert "".join(rows).replace(" ", "") == text.replace(" ", "")
        assert all(display_width(row) <= width or len(pieces.findall(row)) == 1 for row in rows)


def test_describe_survives_json() -> None:
    settings = Example(collections=("宋词",), seed=None, learning_rate=0.1)
    described = describe(settings)
    assert json.loads(json.dumps(described)) == described
    assert described["collections"] == ["宋词"]
    assert list(described)[:2] == ["batch_size", "block_size"]


def test_an_annotation_that_no_door_can_read_is_a_mistake_of_the_programmer() -> None:
    @dataclass(frozen=True)
    class Odd:
        table: dict[str, int] = field(default_factory=dict)

    with pytest.raises(TypeError, match="table"):
        parse_settings(Odd, [], prog="odd.py")


@given(st.text())
def test_any_text_can_be_a_start(text: str) -> None:
    assert parse(f"--start={text}").start == text


@given(st.integers(min_value=1), st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_as_they_were_written(integer: int, number: float) -> None:
    settings = parse(f"--batch_size={integer}", f"--learning_rate={number!r}")
    assert settings.learning_rate == number
    assert settings.batch_size == integer


@given(st.lists(st.text(alphabet="-=abc*()'\"\\\n\0 1９床batch_size"), max_size=4))
def test_whatever_is_typed_ends_in_settings_or_in_a_config_error(argv: list[str]) -> None:
    argv = [word for word in argv if word not in ("-h", "--help")]
    with contextlib.suppress(ConfigError):
        parse(*argv)


def test_words_of_the_door_s_own() -> None:
    argv = ["白日依山尽", "--batch_size", "3", "--compile", "-", "--start=月"]
    settings, words = parse_words(Example, argv, usage=Text("example 句", "example LINE"))
    assert words == ["白日依山尽", "-"]
    assert (settings.batch_size, settings.compile, settings.start) == (3, True, "月")


def test_a_word_with_one_dash_is_a_misspelt_setting() -> None:
    with pytest.raises(ConfigError, match="did you mean --start=月"):
        parse_words(Example, ["-start=月"], usage=Text("example 句", "example LINE"))


def test_the_help_of_a_door_with_words_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_words(Example, ["--help"], usage=Text("example 句", "example LINE"))
    assert capsys.readouterr().out.startswith(
        "用法：example 句 [--名字=值 …]\nUsage: example LINE [--name=value …]\n"
    )
