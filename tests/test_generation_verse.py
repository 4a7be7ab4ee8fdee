"""What a user may ask of a form, through sample.py's own door, with the model that ships.

Run: pytest tests/test_generation_verse.py
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from shici.checkpoint import LoadedModel
from shici.config.parse import parse_settings
from shici.config.sample import SampleSettings
from shici.errors import ShiciError
from shici.generation.couplet import main as couplet
from shici.generation.explain_main import main as explain
from shici.generation.main import SEPARATOR
from shici.generation.main import main as sample
from shici.generation.verse import plan_verse
from shici.prosody.judge import REGULAR, label
from shici.prosody.patterns import schemes
from shici.prosody.readings import EITHER, UNKNOWN, simplified_lexicon, strict_lexicon
from shici.prosody.shape_verdict import judge_shape
from shici.prosody.template import verse_template
from shici.prosody.tune_verdict import judge_tune
from shici.prosody.verdict import judge

BREAKS = re.compile(r"[，。！？；、：\n]+")
TOWER = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"


def written(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[list[str], str]]:
    """Each poem's lines and its verdict."""
    assert sample([*arguments, "--engine=torch"]) == 0
    found = []
    for poem in capsys.readouterr().out.split(f"{SEPARATOR}\n")[:-1]:
        *body, verdict = poem.strip().split("\n")
        found.append(([line for line in BREAKS.split("\n".join(body)) if line], verdict))
    return found


@pytest.mark.parametrize(
    ("form", "particles"), [("五绝", 1), ("七绝", 4), ("五律", 4), ("七律", 1), ("五排", 1)]
)
def test_regulated_verse_keeps_its_form(
    form: str, particles: int, capsys: pytest.CaptureFixture[str]
) -> None:
    poems = written(capsys, f"--form={form}", "--num_samples=2", f"--particles={particles}")
    assert len(poems) == 2
    for lines, verdict in poems:
        assert label(lines).regulated == REGULAR
        assert label(lines).form == form
        assert verdict.startswith(f"〔{form}　合律　押")


@pytest.mark.parametrize("tune", ["菩萨蛮", "如梦令", "忆秦娥", "大江东去", "宫中调笑", "钗头凤"])
def test_a_tune_is_kept(tune: str, capsys: pytest.CaptureFixture[str]) -> None:
    for lines, verdict in written(capsys, f"--tune={tune}", "--num_samples=2"):
        assert judge_tune(lines, tune).regulated == REGULAR
        assert "合律" in verdict


def test_all_the_wishes_of_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    poems = written(
        capsys, "--form=七律", "--rhyme=一东", "--acrostic=春江花月", "--pin=3,3=月", "--author=杜甫", "--title=秋兴",
        "--num_samples=2", "--particles=4",
    )  # fmt: skip
    for lines, verdict in poems:
        assert [line[0] for line in lines[:4]] == list("春江花月")
        assert lines[2][2] == "月"
        assert judge(lines).rhyme == "一东"
        assert verdict == "〔七律　合律　押一东〕"


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        (["--form=七绝", "--acrostic=春江花月", "--acrostic_place=3"], "..春....|..江....|..花....|..月...."),
        (["--form=五绝", "--acrostic=楼頭", "--acrostic_place=-1"], "....楼|....头|.....|....."),
        (["--form=五绝", "--start=白日依山盡，黃河"], "白日依山尽|黄河...|.....|....."),
        (["--form=五绝", "--start=白日依山尽黄河入"], "白日依山尽|黄河入..|.....|....."),
        (
            ["--template=白日依山尽，黄河入海流。□□□□□，更上一层楼。"],
            "白日依山尽|黄河入海流|.....|更上一层楼",
        ),
        (["--form=五绝", "--acrostic=□江□月"], ".....|江....|.....|月...."),
        (["--form=五绝", "--start=白日□山尽"], "白日.山尽|.....|.....|....."),
        (["--form=五绝", "--template=白日依山尽□□□□流欲□□□□□□□□楼"], "白日依山尽|....流|欲....|....楼"),
        (["--form=五绝", "--pin=４,1=更上"], ".....|.....|.....|更上..."),
        (["--form=五绝", "--pin=4,1=更上一层楼"], ".....|.....|.....|更上一层楼"),
        (["--form=五绝", "--pin= 2，5 ＝ 流 ；4,5=楼"], ".....|....流|.....|....楼"),
        (["--tune=如梦令", "--pin=5,1=知否"], "......|......|.....|......|知否|知否|......"),
    ],
)
def test_pins_come_out_as_they_were_asked_for(
    arguments: list[str], pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lines, verdict in written(capsys, *arguments, "--num_samples=2"):
        assert re.fullmatch(pattern.replace("|", r"\|"), "|".join(lines))
        assert "　合律" in verdict


def test_embedded_characters_are_used_wherever_they_fit(capsys: pytest.CaptureFixture[str]) -> None:
    poems = written(capsys, "--form=七绝", "--embed=梅雪月", "--num_samples=6")
    assert all({*"梅雪月"} <= {*"".join(lines)} for lines, _ in poems)
    assert len({"".join(lines).index("梅") for lines, _ in poems}) > 1, "not always in the same place"


def test_characters_find_their_places_even_where_there_is_one_way_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    template = "--template=白日依山尽，黄河入海流。欲穷千里目，□上□层楼。"
    for seed in range(3):
        ((lines, _),) = written(capsys, template, "--embed=月春", "--num_samples=1", f"--seed={seed}")
        assert lines[3] == "春上月层楼"


def test_each_poem_has_its_own_rhyme_whatever_is_embedded(capsys: pytest.CaptureFixture[str]) -> None:
    poems = written(capsys, "--form=五绝", "--embed=江花月夜风", "--num_samples=6", "--seed=1")
    assert len({verdict for _, verdict in poems}) > 1
    assert all({*"江花月夜风"} <= {*"".join(lines)} for lines, _ in poems)


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (
            ["--tune=无谱之调"],
            "《无谱之调》没有谱，只当提示，不守格律。",
            "No pattern is known for the tune 无谱之调: it is only a hint to the model",
        ),
        (["--tune=人月圆", "--form=曲"], "曲没有定式", "曲 has no fixed form"),
        (["--form=杂言"], "杂言没有定式", "杂言 has no fixed form"),
        (["--form=词"], "要给出词牌", "A 词 has a form only with its tune (--tune): it is only a hint"),
    ],
)
def test_what_is_only_a_hint_is_said_to_be_one(
    arguments: list[str], zh: str, en: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sample([*arguments, "--num_samples=1", "--max_new_tokens=9", "--engine=torch"])
    said = capsys.readouterr().err
    assert zh in said
    assert en in said


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (
            ["--form=五古", "--regulated=True", "--num_samples=1"],
            "--regulated=True 用不上：五古不论平仄",
            "--regulated=True is not used: 五古 has no rules of tone",
        ),
        (["--tune=菩萨蛮", "--regulated=False"], "--regulated=False 用不上", "is said by --constrain"),
        (
            ["--tune=菩萨蛮", "--lines=4"],
            "--lines=4 用不上：菩萨蛮的句数是定的",
            "the tune 菩萨蛮 has a fixed number of lines",
        ),
        (["--form=七绝", "--variant=3"], "--variant=3 用不上：只有词牌分体", "only tunes have variants"),
        (
            ["--form=七绝", "--max_new_tokens=3"],
            "--max_new_tokens=3 用不上：格律定了多少字",
            "is not used: the form",
        ),
        (
            ["--form=七绝", "--acrostic_place=3"],
            "--acrostic_place=3 用不上：没有 --acrostic",
            "is no --acrostic",
        ),
        (["--form=五绝", "--start=，"], "--start=， 用不上：标点由体裁定", "the marks follow from the form"),
        (["--form=五绝", "--embed=梅梅雪"], "嵌字里重复的“梅”只放一处", "梅 comes more than once"),
        (["--tune=如梦令·春晚"], "题目取自 --tune：春晚", "The title is taken from --tune: 春晚"),
        (["--tune=如梦令（春晚）", "--title=月"], "--tune 里的“春晚”用不上", "the title is --title=月"),
        (["--tune=李清照《如梦令》"], "作者取自 --tune：李清照", "The author is taken from --tune: 李清照"),
        (
            ["--tune=李清照《如梦令》", "--author=秦观"],
            "--tune 里的“李清照”用不上",
            "the author is --author=秦观",
        ),
        (
            ["--lines=4"],
            "--lines=4 用不上：这里没有要守的格律",
            "--lines=4 is not used: no form is kept here",
        ),
        (["--law=新韵"], "--law=新韵 用不上", "--law=新韵 is not used"),
        (["--polyphones=loose"], "--polyphones=loose 用不上", "is not used"),
        (["--acrostic_place=3"], "--acrostic_place=3 用不上", "is not used"),
        (
            ["--init_from=pretrained", "--out_dir=/nonexist"],
            "--out_dir=/nonexist 用不上",
            "takes the bundled model",
        ),
        (
            ["--form=七绝", "--start=兩個"],
            "开头已换成模型的写法：兩→两 個→个",
            "The opening was put into the model's spelling: 兩→两 個→个",
        ),
    ],
)
@pytest.mark.parametrize("write", [sample, explain])
def test_what_is_left_out_or_changed_is_said(
    arguments: list[str],
    zh: str,
    en: str,
    write: Callable[[list[str]], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = [] if any("max_new_tokens" in one for one in arguments) else ["--max_new_tokens=40"]
    write([*arguments, *more, "--num_samples=1", "--particles=1", "--engine=torch"])
    said = capsys.readouterr().err
    assert f"［{zh}" in said
    assert en in said


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (
            ["--form=七绝", f"--title={'春' * 220}"],
            "七绝 33 个，模型一次只看得到 256 个",
            "with a shorter title",
        ),
        (["--form=四言", "--lines=54"], "四言 296 个，模型一次只看得到 256 个", "It fits with fewer --lines"),
    ],
)
@pytest.mark.parametrize("particles", [1, 2])
def test_what_outgrows_the_window_is_said_before_it_is_written(
    arguments: list[str],
    zh: str,
    en: str,
    particles: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for write in ("poems", "poems_of_particles"):
        monkeypatch.setattr(f"shici.generation.main.{write}", lambda *_: [])
    sample([*arguments, f"--particles={particles}", "--engine=torch"])
    said = capsys.readouterr().err
    assert zh in said
    assert en in said


@pytest.mark.parametrize("tune", ["《水调歌头》", "念奴娇·赤壁怀古", "大江东去"])
def test_a_tune_is_read_as_it_stands_in_a_heading(tune: str, capsys: pytest.CaptureFixture[str]) -> None:
    poems = written(capsys, f"--tune={tune}", "--num_samples=1", "--particles=1")
    assert all("合律" in verdict for _, verdict in poems)


def test_verse_without_its_rules_is_judged_by_its_shape(capsys: pytest.CaptureFixture[str]) -> None:
    for lines, verdict in written(capsys, "--form=七绝", "--regulated=False", "--num_samples=2"):
        assert [len(line) for line in lines] == [7] * 4
        assert verdict.startswith("〔七绝　合式　押")


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        ("白日依山 黄河入海流 欲穷千里目 更上一层楼", ["字数"]),
        ("白日依山尽 黄河入海流", ["句数"]),
        ("白日依山尽 黄河入海流 欲穷千里目 更上一层天", ["落韵"]),
        ("白日依山尽 黄河入海流 欲穷千里目 更上一层流", ["重韵"]),
        ("白日依山尽 黄河入海流 欲穷千里目 更上一□楼", ["缺字"]),
        ("白日依山尽 黄河入海流 欲穷千里目 更上一层楼", []),
    ],
)
def test_the_shape_alone_can_be_broken(lines: str, faults: list[str]) -> None:
    template = verse_template("五绝", regulated=False)
    found = judge_shape(lines.split(), template, simplified_lexicon())
    assert [one.kind for one in found.faults] == faults


def test_a_couplet_takes_no_option_that_it_does_not_use() -> None:
    with pytest.raises(ShiciError, match="没有名为 'form'"):
        couplet(["白日依山尽", "--form=七绝"])


def test_old_style_verse_keeps_its_length_and_one_rhyme(capsys: pytest.CaptureFixture[str]) -> None:
    for lines, _ in written(capsys, "--form=五古", "--lines=6", "--rhyme=一屋", "--num_samples=2"):
        assert [len(line) for line in lines] == [5] * 6
        assert label(lines).rhyme == "一屋"


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ("--form=七绝 --start=百岁老翁不种田", "不"),  # 高适, the line that 王力 gives for 孤平
        ("--form=七绝 --start=桃红李白旧时风， --rhyme=十一尤", "风"),  # level, and no rhyme
        ("--form=五绝 --pin=4,1=更上空山楼", "空"),  # 三平尾
        ("--form=七绝 --start=百岁老翁空种田", ""),
        ("--form=五绝 --start=床前明月光，", ""),
    ],
)
def test_a_reading_that_only_the_books_know_is_said(loaded: LoadedModel, wishes: str, said: str) -> None:
    asked = parse_settings(SampleSettings, wishes.split(), prog="sample.py")
    verse = plan_verse(asked, loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None
    zh = [one.zh for one in verse.remarks if "少用的读音" in one.zh]
    assert zh == ([f"“{said}”按韵书里少用的读音才合律。"] if said else [])


def test_strict_verse_uses_no_character_of_two_tones_where_one_is_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for lines, _ in written(capsys, "--form=七律", "--num_samples=4"):
        tones = [strict_lexicon().tones(line).replace(EITHER, UNKNOWN) for line in lines]
        found = schemes(tones)
        assert found.rhymed_certain or found.unrhymed_certain, "whatever a doubtful character may be"


def test_the_modern_law_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    for _, verdict in written(capsys, "--form=七绝", "--law=新韵", "--num_samples=2", "--rhyme=十唐平"):
        assert verdict == "〔七绝　合律　押十唐平〕"


def test_without_the_constraint_a_form_is_only_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert sample(["--form=七绝", "--constrain=False", "--num_samples=1", "--engine=torch"]) == 0
    assert "〔" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--form=五律", "--rhyme=一屋"], "一屋.*可押：一东"),
        (["--form=七绝", "--rhyme=一冬"], "二冬|一东"),
        (["--form=七绝", "--pin=5,1=月"], "没有第5句第1字：只有 4 句"),
        (["--form=七绝", "--pin=1,8=月"], "没有第1句第8字：第 1 句只有 7 字"),
        (["--form=七绝", "--pin=1=月"], "看不懂 --pin"),
        (["--form=七绝", "--pin=0,1=月"], "看不懂 --pin"),
        (["--pin=1,1=月"], "要有固定的格式"),
        (["--form=杂言", "--acrostic=月"], "要有固定的格式"),
        (["--form=七绝", "--acrostic=春江花月夜"], "5 字，七绝只有 4 句"),
        (["--form=七绝", "--acrostic=春", "--acrostic_place=8"], "1 到 7 之间"),
        (["--form=七绝", "--pin=1,1=月;1,1=花"], "第1句第1字要“花”，又要“月”"),
        (["--form=七绝", "--pin=2,7=月"], "第2句第7字“月”（仄.*放不下"),
        (["--form=七绝", "--pin=2,7=风;4,7=风"], "第2句第7字“风”.*第4句第7字“风”.*放不到一起"),
        (["--form=七绝", "--pin=1,2=月;2,2=雪"], "第1句第2字“月”.*第2句第2字“雪”.*放不到一起"),
        (["--form=七绝", "--start=白日依山尽，黄河"], "第 1 句“白日依山尽”有 5 字，七绝第 1 句是 7 字"),
        (["--form=七绝", "--template=白日，"], "1 句，七绝是 4 句"),
        (["--form=七律", "--lines=4"], "七律应是8句"),
        (["--form=七排", "--lines=9"], "偶数句"),
        (["--form=七绝", "--pin=1,1=😀"], "不认识"),
        (["--tune=菩萨曼", "--pin=1,1=月"], "菩萨蛮"),
        (["--tune=菩萨蛮", "--variant=99"], "没有第 99 体"),
        (["--tune=浣溪沙", "--form=七绝"], "七绝没有词牌"),
        (["--form=七绝", "--pin=1,1=，"], "只能钉汉字"),
        (["--template=□□□，□□□。"], "看不出 --template 是什么体裁（2 句，各句字数 3、3）"),
        (["--tune=水调歌头", "--rhyme=第十七部"], "合平仄的韵字太少。可押：第一部"),
        (["--form=七排", "--lines=100", "--rhyme=三江"], "可押：一东 二冬 四支"),
        (["--tune=菩薩滿"], "相近的有：菩萨蛮"),
        (["--tune=菩萨曼"], "相近的有：菩萨蛮.*若真是它，加 --constrain=False"),
        (["--tune=菩萨蛮", "--pin=1,7=天"], "请改字、换位置。"),
        (["--tune=念奴娇", "--pin=1,4=天"], "换一体（--variant）"),
        (["--form=七绝", "--pin=2,7=月"], "或用 --regulated=False"),
        (["--form=五绝", "--pin=2,5=楼;4,5=楼"], "请改字、换位置。"),
        (["--law=新韵", "--form=七绝", "--rhyme=七阳"], "新韵不能押“七阳”"),
        (["--law=新韵", "--form=七绝", "--rhyme=麻"], "是不是 --rhyme=一麻？"),
        (["--law=新韵", "--form=七绝", "--rhyme=xyz"], "可押：一麻 二波"),
        (["--tune=菩萨蛮", "--rhyme=一东"], "菩萨蛮按词林正韵不能押“一东”。可押：第一部"),
        (["--form=七古", "--template=春□□□□□□"], "得到 1 句。请改句数（--lines 或 --template）"),
        (["--form=七绝", "--particles=4096"], "particles 至多为 512"),
        (["--form=五绝", "--embed=月花雪风云雨山水天日年人春秋冬夏江河湖海草"], "要放 21 个字，五绝只有 20 处"),
        (["--form=五绝", f"--template={TOWER[:-2]}□。", "--embed=月"], "嵌字“月”在五绝里没有找到"),
        (["--form=七绝", "--temperature=1e300"], "温度应在"),
        (["--tune=菩萨蛮", "--variant=99"], "from 1 to"),
        (["--form=五绝", f"--start={TOWER}白日依山尽"], "五绝只有 4 句"),
        (["--form=七绝", f"--title={'春' * 250}"], "没有给诗留下地方。请缩短 --title"),
        ([f"--author={'李' * 240}", "--title=春"], "没有给诗留下地方。请缩短 --author"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused_before_anything_is_drawn(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ShiciError, match=said):
        sample([*arguments, "--engine=torch"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("upper", ["白日依山盡", "春风得意马蹄疾", "书山有路"])
def test_a_couplet_is_answered_in_opposite_tones(upper: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert couplet([upper, "--num_samples=3", "--particles=4", "--engine=torch"]) == 0
    tones = strict_lexicon().tones
    answers = [line for line in capsys.readouterr().out.split("\n") if line.endswith("。")]
    assert len(answers) == 3
    for line in answers:
        first, second = BREAKS.split(line)[:2]
        assert len(first) == len(second)
        assert not {*first} & {*second}
        places = [*range(1, len(first) - 1, 2), len(first) - 1]
        pairs = {tones(first)[place] + tones(second)[place] for place in places}
        assert pairs <= {"平仄", "仄平", "通平", "通仄"}


@pytest.mark.parametrize(
    "words", [[], ["白日依山尽", "黄河入海流"], ["白日依山尽，黄河入海流"], ["白"], ["hello"], ["白日□山尽"]]
)
def test_a_line_that_cannot_be_answered_is_refused(words: list[str]) -> None:
    with pytest.raises(ShiciError):
        couplet(words)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "得到 0 个词"),
        (["白日依山尽", "黄河"], "得到 2 个词"),
        (["白日依山尽", "-n=3"], "是不是 --n=3"),
        (["白日依山尽，黄河入海流"], "请只给一句"),
        (["白"], "2 到 30 个汉字"),
        (["hello"], "不认识“h”"),
        (["白日依山尽", "--pin=2,1=月"], "只有 1 句"),
        (["白日依山尽", "--form=七绝"], "没有名为 'form' 的设置"),
    ],
)
def test_what_is_no_line_to_answer_is_refused(arguments: list[str], said: str) -> None:
    with pytest.raises(ShiciError, match=said):
        couplet([*arguments, "--engine=torch"])


def test_a_setting_of_the_couplet_may_be_two_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert couplet(["--num_samples", "1", "书山有路", "--particles", "2", "--engine", "torch"]) == 0
    assert capsys.readouterr().out.startswith("书山有路，")


def test_the_tune_is_named_as_the_model_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert sample(["--tune=如夢令", "--num_samples=1", "--particles=1", "--engine=torch"]) == 0
    assert "〔如梦令　合律" in capsys.readouterr().out


def test_a_title_that_stands_with_the_tune_is_told_to_the_model(loaded: LoadedModel) -> None:
    asked = SampleSettings(tune="念奴娇·赤壁怀古")
    verse = plan_verse(asked, loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None
    assert (verse.settings.tune, verse.settings.title) == ("念奴娇", "赤壁怀古")


def test_many_particles_are_said_to_cost(capsys: pytest.CaptureFixture[str]) -> None:
    template = "--template=白日依山尽，黄河入海流。欲穷千里目，更上一层□。"
    assert sample([template, "--num_samples=1", "--particles=4", "--batch_size=3", "--engine=torch"]) == 0
    said = capsys.readouterr().err
    assert "一首的 4 个粒子不能分开写，多于 --batch_size=3" in said
    assert "The 4 particles of a poem cannot be parted" in said


@pytest.mark.parametrize("door", [sample, explain])
def test_a_temperature_out_of_bounds_is_said_before_the_model_is_read(
    door: Callable[[list[str]], int],
) -> None:
    with pytest.raises(ShiciError, match="温度应在") as caught:
        door(["--temperature=1e-9", "--out_dir=nowhere"])
    assert "top_k" not in str(caught.value)
