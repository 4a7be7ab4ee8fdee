"""The command line as a stranger types it: every mistake ends in an error that says, in two languages, what to do.

Run: pytest tests/test_cli.py
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shici import cli
from shici.checkpoint import PRETRAINED
from shici.errors import ShiciError, run_door

TOWER = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。\n"
CHINESE = range(0x4E00, 0xA000)


def refusal(*argv: str) -> ShiciError:
    with pytest.raises(ShiciError) as caught:
        cli.main(list(argv))
    return caught.value


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("inspect", "得到 0 个"),
        ("inspect one.txt two.txt", "得到 2 个"),
        ("inspect --law=唐韵 poem.txt", "平水韵, 新韵"),
        ("inspect --nope poem.txt", "没有名为 'nope' 的设置"),
        ("inspect --form=七绝 --tune=菩萨蛮 poem.txt", "只能要一个"),
        ("inspect --tune 菩萨曼 poem.txt", "菩萨蛮"),
        ("inspect --form 七决 poem.txt", "七绝"),
        ("inspect -form=七绝 poem.txt", "--form=七绝"),
        ("inspect nowhere.txt", "读不了 nowhere.txt"),
        ("couplet", "得到 0 个词"),
        ("couplet 白日依山尽 --out_dir=nowhere", "找不到模型文件 nowhere"),
        ("sample --out_dir=nowhere", "用 --out_dir 指到有 ckpt.pt 的文件夹"),
        ("evaluate --model=nowhere", "用 --model 指到有 ckpt.pt 的文件夹"),
        ("export --to=hf --out=out --model=nowhere", "用 --model 指到有 ckpt.pt 的文件夹"),
        ("export --to=hf --out=out --model=.", "或换 --model"),
        ("explain --engine=onnx", "torch"),
        ("explain --start=🌸", "不认识“🌸”"),
        ("explian", "shici explain"),
        ("sample --form=五绝 --start=hello", "不认识“h”"),
        ("sample --seed=-1", "至少为 0"),
        ("sample --temperature=nan", "应为数"),
        ("sample --num_samples=", "应为整数"),
        ("sample --top_p=1.5", "至多为 1.0"),
        ("sample poem.txt", "poem.txt"),
        ("prepare --nope", "没有名为 'nope' 的设置"),
        ("prepare --input=poem.txt --source=.", "请只用一样"),
        ("evaluate prosody --data=nowhere", "nowhere/test.bin"),
        ("evaluate prosdy", "shici evaluate prosody"),
        ("export --to=gguf", "hf, nanogpt, onnx"),
    ],
)
def test_a_mistake_is_said_in_both_languages(
    argv: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("poem.txt").write_text(TOWER, encoding="utf-8")
    error = refusal(*argv.split(" "))
    assert said in error.zh
    assert any(ord(character) in CHINESE for character in error.zh)
    assert any("a" <= character <= "z" for character in error.en)


def test_a_refused_poem_has_not_begun_to_be_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "poem.txt").write_text(f"登鹳雀楼\n{TOWER}", encoding="utf-8")
    refusal("inspect", "--tune=菩萨曼", str(tmp_path / "poem.txt"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("model.safetensors", b"", "重新下载"),
        ("model.safetensors", (PRETRAINED / "model.safetensors").read_bytes()[:100_000], "重新下载"),
        ("vocabulary.txt", None, "找不到词表"),
        ("vocabulary.txt", b"a\nb\n", "换上它自己的词表"),
        ("vocabulary.txt", b"\xff\xfe\n", "重新生成或下载"),
        ("config.json", None, "换一个完整的模型"),
        ("config.json", b'{"n_layer": "six"', "换一个完整的模型"),
        ("config.json", b'{"n_layer": "six"}', "换一个完整的模型"),
    ],
)
def test_a_damaged_model_is_said(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    for path in ("model.safetensors", "vocabulary.txt", "config.json"):
        (tmp_path / path).symlink_to(PRETRAINED / path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    error = refusal("sample", f"--out_dir={tmp_path}")
    assert said in error.zh


def test_sizes_that_the_weights_do_not_have_fit_on_a_screen(tmp_path: Path) -> None:
    for path in ("model.safetensors", "vocabulary.txt"):
        (tmp_path / path).symlink_to(PRETRAINED / path)
    sizes = json.loads((PRETRAINED / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**sizes, "n_layer": 30}), encoding="utf-8")
    error = refusal("sample", f"--out_dir={tmp_path}")
    assert "尺寸不符" in error.zh
    assert len(str(error)) < 1000


def test_explain_shows_more_candidates_than_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--start=月", "--max_new_tokens=1", "--candidates=999999"]) == 0
    assert "第 1 字" in capsys.readouterr().out


def test_what_the_machine_refuses_is_said_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def full(argv: list[str]) -> int:
        raise OSError(28, "No space left on device", "log.csv")

    with pytest.raises(SystemExit) as left:
        run_door(full)
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert "读写 log.csv 出错（No space left on device）" in said
    assert "cannot read or write log.csv" in said


@pytest.mark.parametrize(("started", "usage"), [("sample.py", "sample.py"), ("bin/shici", "shici sample")])
def test_the_help_names_what_was_typed(
    started: str, usage: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [started])
    with pytest.raises(SystemExit):
        cli.main(["sample", "--help"])
    assert f"Usage: {usage} [CONFIG.py" in capsys.readouterr().out


def test_what_is_odd_about_a_first_line_is_said_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["couplet", "兩岸看山", "--num_samples=1", "--particles=1"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert "［上联已换成模型的写法：兩→两］" in said
    assert "[The first line was put into the model's spelling: 兩→两]" in said
    assert any(one.startswith("［上联以平声收") for one in said)
    assert any(one.startswith("[The first line ends in a level tone") for one in said)
    assert any(one.startswith("［“看”平仄两读") for one in said)
    assert any(one.startswith("[看: level or oblique") for one in said)
