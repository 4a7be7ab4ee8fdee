"""shici evaluate prosody from its command line, and the two judges. Run: pytest tests/test_evaluation_prosody.py"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from shici.checkpoint import PRETRAINED, load_model, save_released
from shici.errors import ConfigError
from shici.evaluation.main import main
from shici.evaluation.prosody import publish
from shici.evaluation.prosody_forms import commonest_tunes, real_ci, verse_shares
from shici.evaluation.prosody_judges import (
    in_its_glyphs,
    its_glyph,
    keeps_tune,
    keeps_verse,
    other_checker,
    other_opinion,
    resource_filename,
    stand_in,
)
from shici.prosody.readings import strict_lexicon
from shici.prosody.rhymes import LEVEL, OBLIQUE
from shici.prosody.second_opinion import CONTRARY, MISSING, TWOFOLD, second_opinion
from shici.prosody.tunes import find_tune
from tests.tiny import tiny_dataset
from tests.tiny_writer import PLAIN_VOCABULARY, tiny_model

STORKS = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
BROKEN = "白日依山尽，黄河入海天。\n欲穷千里目，更上一层楼。"
DREAM = "昨夜雨疏风骤。\n浓睡不消残酒。\n试问卷帘人，却道海棠依旧。\n知否。\n知否。\n应是绿肥红瘦。"


def test_both_judges_on_a_poem_that_keeps_the_form_and_on_one_that_does_not() -> None:
    good, bad = other_opinion(STORKS), other_opinion(BROKEN)
    assert good is not None
    assert bad is not None
    assert keeps_verse(STORKS, "五绝")
    assert good.accepts
    assert not keeps_verse(BROKEN, "五绝")
    assert not bad.rhymes
    assert "rhyme" in bad.why
    report = verse_shares([STORKS, STORKS, BROKEN], "五绝")
    assert report["both"]["value"] == pytest.approx(2 / 3)
    assert len(report["refused"]) == 1


def test_our_judge_of_tunes() -> None:
    variant = find_tune("如梦令")[0]
    assert keeps_tune(DREAM, variant)
    assert not keeps_tune(DREAM.replace("红瘦", "红天"), variant)
    assert not keeps_tune(DREAM.replace("知否。\n知否", "知否。\n知酒"), variant)


def test_the_other_judge_reads_the_glyphs_of_its_own_table() -> None:
    """OpenCC's s2t gives 峯 牀 羣, which the table lacks."""
    assert in_its_glyphs("孤峰一床群") == "孤峰一床群"
    assert in_its_glyphs("黄云万里") == "黃雲萬里"
    assert its_glyph("里", "哩") == "里"
    assert its_glyph("么", "☃") == "么"
    peaks = "孤舟经暮雨，半月照寒峰。\n欲问山中客，何时过竹松。"
    plain, respelt = other_opinion(peaks, respelt=False), other_opinion(peaks)
    assert plain is not None
    assert respelt is not None
    assert respelt.rhymes
    assert not plain.rhymes


def test_what_stands_in_for_pkg_resources_goes_again() -> None:
    had = "pkg_resources" in sys.modules
    with stand_in():
        import pkg_resources  # type: ignore[import-untyped, unused-ignore]

        assert pkg_resources.resource_filename("json", "x").endswith("json/x")
    assert ("pkg_resources" in sys.modules) == had
    assert Path(resource_filename("shici", "errors.py")).is_file()


def test_what_is_written_strictly_has_the_same_tone_in_the_other_table() -> None:
    """Every character of the shipped model that may stand at a fixed place, as the other judge reads it."""
    names = {"ping": LEVEL, "ze": OBLIQUE}
    table = other_checker().rhyme_checker.rhyme_dict
    lexicon, doubts, checked = strict_lexicon(), second_opinion(), 0
    for character in load_model(PRETRAINED).vocabulary.tokens:
        if len(character) > 1 or character not in lexicon.rows:
            continue
        ours, doubt = lexicon.tones(character), doubts.get(character)
        if ours not in (LEVEL, OBLIQUE) or doubt in (MISSING, CONTRARY):
            continue
        theirs = {names[tone] for tone, _, _ in table.get(in_its_glyphs(character), ())}
        assert ours in theirs, character
        assert doubt == TWOFOLD or theirs == {ours}, character
        checked += 1
    assert checked > 5000


def test_the_commonest_tunes_and_real_ci(tmp_path: Path) -> None:
    found = commonest_tunes(20)
    assert len({variant.tune for variant in found}) == 20
    assert found[0].tune == "浣溪沙"
    tiny_dataset(tmp_path / "data")
    for split in ("test",):
        (tmp_path / "data" / f"{split}.bin").write_bytes((tmp_path / "data" / "val.bin").read_bytes())
    assert real_ci(tmp_path / "data", {"浣溪沙"}) == {"浣溪沙": []}


def test_the_whole_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the shipped model; numbers are small, but every part runs."""
    data, out = tmp_path / "data", tmp_path / "out"
    tiny_dataset(data)
    (data / "test.bin").write_bytes((data / "val.bin").read_bytes())
    arguments = [f"--data={data}", f"--out={out}", "--parts=forms,tunes,distortion", "--poems=2", "--tunes=2"]
    arguments += ["--tune_poems=1", "--forms=五绝", "--samples=6", "--rows=8", "--particles=2", "--tries=8"]
    assert main(["prosody", *arguments]) == 0
    printed = capsys.readouterr().out
    report = json.loads((out / "prosody.json").read_text(encoding="utf-8"))
    assert printed == (out / "prosody.txt").read_text(encoding="utf-8")
    for form in ("五绝", "七绝", "五律", "七律"):
        assert report["forms"][form]["constrained"]["both"]["value"] == 1
        assert form in printed
    assert report["tunes"]["all"]["constrained"]["ours"]["value"] == 1
    ways = report["distortion"]["五绝"]["ways"]
    assert set(ways) >= {"mask", "bare mask", "particles 2"}
    assert ways["mask"]["time"] == 1
    assert not ways["mask"]["is_bound"]
    assert ways["particles 2"]["is_bound"]
    assert "扭曲" in printed


SMALL = ["--poems=1", "--tunes=1", "--tune_poems=1", "--samples=4", "--rows=8", "--particles=2", "--tries=4"]


def test_data_without_a_test_split_have_no_human_poems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a text of one's own with few poems leaves them."""
    data, out = tmp_path / "data", tmp_path / "out"
    tiny_dataset(data)
    (data / "test.bin").touch()
    arguments = [f"--data={data}", f"--out={out}", "--parts=forms,tunes,distortion", "--forms=五绝", *SMALL]
    assert main(["prosody", *arguments]) == 0
    printed = capsys.readouterr()
    report = json.loads((out / "prosody.json").read_text(encoding="utf-8"))
    assert report["forms"]["五绝"]["human"]["ours"]["value"] is None
    assert report["tunes"]["all"]["human"]["poems"] == 0
    assert "human" not in report["distortion"]["五绝"]["ways"]
    assert "古人" in printed.out
    for words in ("test.bin 是空的", "test.bin is empty"):
        assert words in printed.err
    assert "--split" not in printed.err


def test_a_report_that_cannot_be_written_is_printed_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prosody.json").mkdir()
    with pytest.raises(ConfigError, match="--out"):
        publish({"model": {"name": "x", "parameters": 1_000_000, "iterations": 3}}, tmp_path)
    assert "模型 x" in capsys.readouterr().out


def test_a_model_that_knows_no_forms_is_refused(tmp_path: Path) -> None:
    save_released(tmp_path / "model", tiny_model(PLAIN_VOCABULARY), PLAIN_VOCABULARY, notes={})
    with pytest.raises(ConfigError, match="体裁"):
        main(["prosody", f"--model={tmp_path / 'model'}", f"--out={tmp_path / 'out'}"])
    with pytest.raises(ConfigError, match="--parts"):
        main(["prosody", "--parts="])
