"""The judge of 词: famous poems that keep their tune, the same ones broken on purpose, and laws that hold for any.

pytest tests/test_prosody_tune_verdict.py
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.errors import ProsodyError
from shici.prosody.readings import simplified_lexicon
from shici.prosody.tune_alignment import align_tune
from shici.prosody.tune_fit import keeps_tune, lay
from shici.prosody.tune_verdict import TUNE_FAULTS, TUNE_NOTES, TuneVerdict, judge_tune, judge_variant
from shici.prosody.tunes import Variant, find_tune, parse_score
from shici.prosody.verdict import FAULTS, NOTES

# By 苏轼, 温庭筠, 辛弃疾, 欧阳修, 李清照, 李清照, 辛弃疾, 晏几道, 李煜, 辛弃疾, 陆游, 秦观, 苏轼, 辛弃疾, 范仲淹, 苏轼,
# 杨慎, 辛弃疾, 白居易, 白居易, 张志和, 李煜, 李白, 李清照, 陆游, 张孝祥, 姜夔, 韦应物, 王建, 苏轼.
KEEPS = [
    (
        "水调歌头",
        "明月几时有，把酒问青天。不知天上宫阙，今夕是何年。我欲乘风归去，又恐琼楼玉宇，高处不胜寒。起舞弄清影，何似在人间。"
        "转朱阁，低绮户，照无眠。不应有恨，何事长向别时圆。人有悲欢离合，月有阴晴圆缺，此事古难全。但愿人长久，千里共婵娟。",
    ),
    (
        "菩萨蛮",
        "小山重叠金明灭。鬓云欲度香腮雪。懒起画蛾眉。弄妆梳洗迟。照花前后镜。花面交相映。新帖绣罗襦。双双金鹧鸪。",
    ),
    (
        "菩萨蛮",
        "郁孤台下清江水。中间多少行人泪。西北望长安。可怜无数山。青山遮不住。毕竟东流去。江晚正愁余。山深闻鹧鸪。",
    ),
    (
        "蝶恋花",
        "庭院深深深几许。杨柳堆烟，帘幕无重数。玉勒雕鞍游冶处。楼高不见章台路。"
        "雨横风狂三月暮。门掩黄昏，无计留春住。泪眼问花花不语。乱红飞过秋千去。",
    ),
    ("如梦令", "昨夜雨疏风骤。浓睡不消残酒。试问卷帘人，却道海棠依旧。知否。知否。应是绿肥红瘦。"),
    ("如梦令", "常记溪亭日暮。沉醉不知归路。兴尽晚回舟，误入藕花深处。争渡。争渡。惊起一滩鸥鹭。"),
    (
        "西江月",
        "明月别枝惊鹊，清风半夜鸣蝉。稻花香里说丰年。听取蛙声一片。七八个星天外，两三点雨山前。旧时茅店社林边。路转溪桥忽见。",
    ),
    (
        "鹧鸪天",
        "彩袖殷勤捧玉钟。当年拚却醉颜红。舞低杨柳楼心月，歌尽桃花扇影风。从别后，忆相逢。几回魂梦与君同。今宵剩把银釭照，犹恐相逢是梦中。",
    ),
    (
        "虞美人",
        "春花秋月何时了。往事知多少。小楼昨夜又东风。故国不堪回首、月明中。雕阑玉砌应犹在。只是朱颜改。问君能有几多愁。恰似一江春水、向东流。",
    ),
    (
        "沁园春",
        "叠嶂西驰，万马回旋，众山欲东。正惊湍直下，跳珠倒溅，小桥横截，缺月初弓。老合投闲，天教多事，检校长身十万松。吾庐小，在龙蛇影外，风雨声中。"
        "争先见面重重。看爽气朝来三数峰。似谢家子弟，衣冠磊落，相如庭户，车骑雍容。我觉其间，雄深雅健，如对文章太史公。新堤路，问偃湖何日，烟水濛濛。",
    ),
    (
        "卜算子",
        "驿外断桥边，寂寞开无主。已是黄昏独自愁，更著风和雨。无意苦争春，一任群芳妒。零落成泥碾作尘，只有香如故。",
    ),
    (
        "鹊桥仙",
        "纤云弄巧，飞星传恨，银汉迢迢暗度。金风玉露一相逢，便胜却、人间无数。"
        "柔情似水，佳期如梦，忍顾鹊桥归路。两情若是久长时，又岂在、朝朝暮暮。",
    ),
    (
        "江城子",
        "十年生死两茫茫。不思量。自难忘。千里孤坟，无处话凄凉。纵使相逢应不识，尘满面，鬓如霜。"
        "夜来幽梦忽还乡。小轩窗。正梳妆。相顾无言，惟有泪千行。料得年年肠断处，明月夜，短松冈。",
    ),
    (
        "青玉案",
        "东风夜放花千树。更吹落、星如雨。宝马雕车香满路。凤箫声动，玉壶光转，一夜鱼龙舞。"
        "蛾儿雪柳黄金缕。笑语盈盈暗香去。众里寻他千百度。蓦然回首，那人却在，灯火阑珊处。",
    ),
    (
        "渔家傲",
        "塞下秋来风景异。衡阳雁去无留意。四面边声连角起。千嶂里。长烟落日孤城闭。"
        "浊酒一杯家万里。燕然未勒归无计。羌管悠悠霜满地。人不寐。将军白发征夫泪。",
    ),
    (
        "定风波",
        "莫听穿林打叶声。何妨吟啸且徐行。竹杖芒鞋轻胜马。谁怕。一蓑烟雨任平生。"
        "料峭春风吹酒醒。微冷。山头斜照却相迎。回首向来萧瑟处。归去。也无风雨也无晴。",
    ),
    (
        "临江仙",
        "滚滚长江东逝水，浪花淘尽英雄。是非成败转头空。青山依旧在，几度夕阳红。白发渔樵江渚上，惯看秋月春风。一壶浊酒喜相逢。古今多少事，都付笑谈中。",
    ),
    (
        "清平乐",
        "茅檐低小。溪上青青草。醉里吴音相媚好。白发谁家翁媪。大儿锄豆溪东。中儿正织鸡笼。最喜小儿亡赖，溪头卧剥莲蓬。",
    ),
    ("长相思", "汴水流。泗水流。流到瓜洲古渡头。吴山点点愁。思悠悠。恨悠悠。恨到归时方始休。月明人倚楼。"),
    ("忆江南", "江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江南。"),
    ("渔歌子", "西塞山前白鹭飞。桃花流水鳜鱼肥。青箬笠，绿蓑衣。斜风细雨不须归。"),
    ("相见欢", "无言独上西楼。月如钩。寂寞梧桐深院、锁清秋。剪不断。理还乱。是离愁。别是一般滋味、在心头。"),
    (
        "忆秦娥",
        "箫声咽。秦娥梦断秦楼月。秦楼月。年年柳色，灞陵伤别。乐游原上清秋节。咸阳古道音尘绝。音尘绝。西风残照，汉家陵阙。",
    ),
    (
        "声声慢",
        "寻寻觅觅。冷冷清清，凄凄惨惨戚戚。乍暖还寒时候，最难将息。三杯两盏淡酒，怎敌他、晚来风急。雁过也，正伤心、却是旧时相识。"
        "满地黄花堆积。憔悴损、如今有谁堪摘。守著窗儿，独自怎生得黑。梧桐更兼细雨，到黄昏、点点滴滴。这次第，怎一个愁字了得。",
    ),
    (
        "钗头凤",
        "红酥手。黄縢酒。满城春色宫墙柳。东风恶。欢情薄。一怀愁绪，几年离索。错错错。春如旧。人空瘦。泪痕红浥鲛绡透。桃花落。闲池阁。山盟虽在，锦书难托。莫莫莫。",
    ),
    (
        "六州歌头",
        "长淮望断，关塞莽然平。征尘暗，霜风劲，悄边声。黯销凝。追想当年事，殆天数，非人力，洙泗上，弦歌地，亦膻腥。隔水毡乡，落日牛羊下，区脱纵横。"
        "看名王宵猎，骑火一川明。笳鼓悲鸣。遣人惊。念腰间箭，匣中剑，空埃蠹，竟何成。时易失，心徒壮，岁将零。渺神京。干羽方怀远，静烽燧，且休兵。"
        "冠盖使，纷驰骛，若为情。闻道中原遗老，常南望、翠葆霓旌。使行人到此，忠愤气填膺。有泪如倾。",
    ),
    (
        "扬州慢",
        "淮左名都，竹西佳处，解鞍少驻初程。过春风十里，尽荠麦青青。自胡马、窥江去后，废池乔木，犹厌言兵。渐黄昏、清角吹寒，都在空城。"
        "杜郎俊赏，算而今、重到须惊。纵豆蔻词工，青楼梦好，难赋深情。二十四桥仍在，波心荡、冷月无声。念桥边红药，年年知为谁生。",
    ),
    ("转应曲", "胡马，胡马，远放燕支山下。跑沙跑雪独嘶，东望西望路迷。迷路，迷路，边草无穷日暮。"),
    ("宫中调笑", "团扇，团扇，美人病来遮面。玉颜憔悴三年，谁复商量管弦。弦管，弦管，春草昭阳路断。"),
    ("调笑令", "渔父。渔父。江上微风细雨。青蓑黄箬裳衣。红酒白鱼暮归。归暮。归暮。长笛一声何处。"),
]

DREAM = "昨夜雨疏风骤。浓睡不消残酒。试问卷帘人，却道海棠依旧。知否。知否。应是绿肥红瘦。"
SAMAN = (
    "郁孤台下清江水。中间多少行人泪。西北望长安。可怜无数山。青山遮不住。毕竟东流去。江晚正愁余。山深闻鹧鸪。"
)
QIN = "箫声咽。秦娥梦断秦楼月。秦楼月。年年柳色，灞陵伤别。乐游原上清秋节。咸阳古道音尘绝。音尘绝。西风残照，汉家陵阙。"

FAN = "团扇。团扇。美人病来遮面。玉颜憔悴三年。谁复商量管弦。弦管。弦管。春草昭阳路断。"

# (tune, text, what to replace, by what, the faults that follow: kind, line, place)
BREAKS = [
    ("如梦令", DREAM, "浓睡", "浓眠", [("出律", 1, 1)]),
    ("如梦令", DREAM, "绿肥红瘦", "绿肥红绽", [("落韵", 6, 5)]),
    ("如梦令", DREAM, "残酒", "残杯", [("出律", 1, 5)]),
    ("如梦令", DREAM, "知否。知否", "知否。谁否", [("叠句", 5, None)]),
    ("如梦令", DREAM, "浓睡不消残酒", "浓睡还不消残酒", [("字数", 1, None)]),
    ("如梦令", DREAM, "试问卷帘人，", "", [("句数", 1, None)]),
    ("如梦令", DREAM, "应是绿肥", "江上数峰青。应是绿肥", [("句数", 6, None)]),
    ("如梦令", DREAM, "雨疏", "雨□", [("缺字", 0, 3)]),
    ("菩萨蛮", SAMAN, "闻鹧鸪", "闻子规", [("落韵", 7, 4)]),
    ("菩萨蛮", SAMAN, "无数山", "无数峰", [("落韵", 3, 4)]),
    ("菩萨蛮", SAMAN, "东流去", "东流西", [("出律", 5, 4)]),
    ("忆秦娥", QIN, "秦楼月。年年", "秦城月。年年", [("叠句", 2, None)]),
    ("忆秦娥", QIN, "音尘绝。西风", "音书绝。西风", [("叠句", 7, None)]),
    ("宫中调笑", FAN, "团扇。团扇", "团扇。纨扇", [("叠句", 1, None)]),
    ("宫中调笑", FAN, "弦管。弦管", "弦断。弦断", [("叠句", 5, None)]),
    ("宫中调笑", FAN, "管。弦管。春", "管。丝管。春", [("叠句", 6, None)]),
    ("宫中调笑", FAN, "三年", "三秋", [("落韵", 4, 5)]),
]

TALES = dict(reversed(KEEPS))


def cut(text: str) -> list[str]:
    return [line for line in re.split("[，。、]", text) if line]


@pytest.mark.parametrize(("tune", "text"), KEEPS, ids=[f"{tune}-{text[:4]}" for tune, text in KEEPS])
def test_famous_poems_keep_their_tune(tune: str, text: str) -> None:
    lines = cut(text)
    verdict = judge_tune(lines, tune)
    assert (verdict.form, verdict.regulated, verdict.faults) == ("词", "合律", ())
    assert keeps_tune(lines, verdict.variant)
    assert "".join(verdict.lines) == "".join(lines)


@pytest.mark.parametrize(
    ("tune", "text", "old", "new", "faults"), BREAKS, ids=[f"{row[0]}-{row[3] or '无'}" for row in BREAKS]
)
def test_one_break_is_one_fault(
    tune: str, text: str, old: str, new: str, faults: list[tuple[str, int, int | None]]
) -> None:
    assert text.count(old) == 1
    lines = cut(text.replace(old, new))
    verdict = judge_tune(lines, tune)
    assert [(one.kind, one.line, one.place) for one in verdict.faults] == faults
    assert verdict.regulated == ("" if faults[0][0] == "缺字" else "不合律")
    assert not any(keeps_tune(lines, variant) for variant in find_tune(tune))


def test_what_the_famous_break() -> None:
    """念奴娇·赤壁怀古 rhymes 壁 (第十七部) with 第十八部, and uses 发 twice; 晏殊 rhymes 来 with 杯."""
    cliff = (
        "大江东去，浪淘尽、千古风流人物。故垒西边，人道是、三国周郎赤壁。乱石穿空，惊涛拍岸，卷起千堆雪。江山如画，一时多少豪杰。"
        "遥想公瑾当年，小乔初嫁了，雄姿英发。羽扇纶巾，谈笑间、樯橹灰飞烟灭。故国神游，多情应笑我，早生华发。人间如梦，一尊还酹江月。"
    )
    verdict = judge_tune(cut(cliff), "大江东去")
    assert [one.reason for one in verdict.faults] == ["“壁”属第十七部，此处押第十八部"]
    assert [(one.kind, one.reason) for one in verdict.notes] == [("重韵", "“发”字重押")]
    cup = "一曲新词酒一杯。去年天气旧亭台。夕阳西下几时回。无可奈何花落去，似曾相识燕归来。小园香径独徘徊。"
    assert [one.reason for one in judge_tune(cut(cup), "浣溪沙").faults] == ["“来”属第五部，此处押第三部"]


UGLY = (
    "少年不识愁滋味，爱上层楼。爱上层楼。为赋新词强说愁。而今识尽愁滋味，欲说还休。欲说还休。却道天凉好个秋。"
)
LEAGUE = "山一程。水一程。身向榆关那畔行。夜深千帐灯。风一更。雪一更。聒碎乡心梦不成。故园无此声。"
RIVER = "汴水流。泗水流。流到瓜洲古渡头。吴山点点愁。思悠悠。恨悠悠。恨到归时方始休。月明人倚楼。"


@pytest.mark.parametrize(("tune", "text"), [("采桑子", UGLY), ("长相思", LEAGUE), ("长相思", RIVER)])
def test_doubling_on_purpose_is_no_rhyme_used_twice(tune: str, text: str) -> None:
    verdict = judge_tune(cut(text), tune)
    assert (verdict.regulated, verdict.notes) == ("合律", ())


def test_the_parts_of_several_rhymes() -> None:
    verdict = judge_tune(cut(SAMAN), "菩萨蛮")
    assert (verdict.rhyme, verdict.parts) == ("", ("第三部", "第七部", "第四部", "第四部"))
    assert judge_tune(cut(DREAM), "如梦令").rhyme == "第十二部"


# 钗头凤 of 陆游, its second rhyme (第十六部) put into the part of the first
UNCHANGED = (
    "红酥手。黄縢酒。满城春色宫墙柳。东风后。欢情右。一怀愁绪，几年离久。首首首。"
    "春如旧。人空瘦。泪痕红浥鲛绡透。桃花皱。闲池就。山盟虽在，锦书难售。受受受。"
)


def test_a_rhyme_that_should_change() -> None:
    verdict = judge_tune(cut(UNCHANGED), "钗头凤")
    assert verdict.regulated == "不合律"
    assert verdict.parts == ("第十二部", "第十二部")
    assert [(one.kind, one.line, one.place, one.reason) for one in verdict.faults] == [
        ("换韵", 3, 2, "第4、5、7、8、9、10句与第1、2、3句同押第十二部，此处当换韵"),
        ("换韵", 13, 2, "第14、15、17、18、19、20句与第11、12、13句同押第十二部，此处当换韵"),
    ]
    assert not keeps_tune(cut(UNCHANGED), verdict.variant)


@pytest.mark.parametrize(
    ("words", "parts", "regulated"),
    [
        ("手酒恶薄", ("第十二部", "第十六部"), "合律"),
        ("手酒母妇", ("第十二部", "第四部"), "合律"),  # 母 and 妇 are of both parts
        ("母妇手酒", ("第四部", "第十二部"), "合律"),
        ("母妇负富", ("第四部", "第十二部"), "合律"),
        ("手酒后母", ("第十二部", "第十二部"), "不合律"),
        ("手酒后㐀", ("第十二部", "第十二部"), "不合律"),  # whatever 㐀 is, 后 does not leave the part
        ("手酒母㐀", ("第十二部", "第四部"), ""),
        ("手酒㐀㐀", ("第十二部", ""), ""),
    ],
)
def test_a_word_of_two_parts_may_change_the_rhyme(words: str, parts: tuple[str, str], regulated: str) -> None:
    variant = Variant("某调", 1, parse_score("平仄甲。平仄甲。平仄换乙。平仄乙。"), 0)
    lines = [f"天{word}" for word in words]
    verdict = judge_variant(lines, variant, align_tune(lines, variant), simplified_lexicon())
    assert (verdict.parts, verdict.regulated) == (parts, regulated)
    assert [one.kind for one in verdict.faults] == ["换韵"] * (regulated == "不合律")
    assert keeps_tune(lines, variant) == (regulated == "合律")


def test_stanzas_that_only_may_change_their_rhyme() -> None:
    """导引 of 100 characters is two songs in one: seven of its twelve poems rhyme in one part throughout."""
    assert find_tune("导引")[1].changes == ()


def test_the_variant_that_fits_best() -> None:
    """The standard 水调歌头 in two ways to cut its third line, and the level 满江红 of 姜夔."""
    moon = cut(TALES["水调歌头"])
    assert judge_tune(moon, "水调歌头").variant.lines[2].pattern == "中平中中中仄"
    other = [*moon[:2], "不知天上", "宫阙今夕是何年", *moon[4:]]
    assert judge_tune(other, "水调歌头").regulated == "合律"
    assert judge_tune(other, "水调歌头").variant != judge_tune(moon, "水调歌头").variant
    level = (
        "仙姥来时，正一望、千顷翠澜。旌旗共、乱云俱下，依约前山。命驾群龙金作轭，相从诸娣玉为冠。向夜深、风定悄无人，闻佩环。"
        "神奇处，君试看。奠淮右，阻江南。遣六丁雷电，别守东关。却笑英雄无好手，一篙春水走曹瞒。又怎知、人在小红楼，帘影间。"
    )
    verdict = judge_tune(cut(level), "满江红")
    assert verdict.variant.lines[-1].pattern[-1] == "平"
    assert [one.reason for one in verdict.faults] == ["“南”属第十四部，此处押第七部"]


@pytest.mark.parametrize(
    ("old", "new", "notes"),
    [
        ("更吹落、星如雨", "更吹落星如雨", []),
        ("凤箫声动，玉壶光转，一夜鱼龙舞", "凤箫声动玉壶，光转一夜鱼龙舞", [("句读", 4)]),
        ("凤箫声动，玉壶光转，一夜鱼龙舞", "凤箫声动玉壶光转一夜鱼龙舞", [("句读", 4)]),
        ("笑语盈盈暗香去", "笑语盈盈、暗香去", [("句读", 8)]),
    ],
)
def test_pauses_may_move(old: str, new: str, notes: list[tuple[str, int]]) -> None:
    verdict = judge_tune(cut(TALES["青玉案"].replace(old, new)), "青玉案")
    assert verdict.regulated == "合律"
    assert [(one.kind, one.line) for one in verdict.notes] == notes
    assert verdict.lines == tuple(cut(TALES["青玉案"]))


def test_a_rhyme_must_end_a_line() -> None:
    joined = cut(TALES["青玉案"].replace("花千树。更吹落、", "花千树更吹落。"))
    assert lay(joined, find_tune("青玉案")[0]) is None
    assert judge_tune(joined, "青玉案").regulated == "不合律"


def test_a_word_must_rhyme_in_the_tone_of_its_place() -> None:
    """看 is 平 (寒) and 仄 (翰), 中 is 平 (东) and 仄 (送): parts count only with the tone of the place."""
    (level,) = [Variant("某调", 1, parse_score("平平甲。仄平平甲。"), 0)]
    (oblique,) = [Variant("某调", 1, parse_score("平仄甲。仄平仄甲。"), 0)]
    for word in "看中":
        lines = [f"山{word}", f"月人{word}"]
        assert keeps_tune(lines, level)
        assert keeps_tune(lines, oblique)
    assert not keeps_tune(["山中", "月人送"], level)
    assert keeps_tune(["山中", "月人送"], oblique)


@pytest.mark.parametrize(
    ("old", "new", "regulated"),
    [
        ("绿肥红瘦", "绿㐀红瘦", ""),  # unknown where a level tone is due
        ("应是绿肥", "㐀是绿肥", "合律"),  # unknown where any tone will do
        ("绿肥红瘦", "绿肥红㐀", ""),  # an unknown rhyme
        ("应是绿肥", "□是绿肥", "合律"),
    ],
)
def test_unknown_readings(old: str, new: str, regulated: str) -> None:
    assert simplified_lexicon().tones("㐀") == "？"
    verdict = judge_tune(cut(DREAM.replace(old, new)), "如梦令")
    assert verdict.regulated == regulated
    assert [one.kind for one in (*verdict.faults, *verdict.notes)] == (["缺字"] if "□" in new else ["未知"])


@pytest.mark.parametrize(
    ("lines", "tune", "message"),
    [([], "如梦令", "没有诗句"), (["", ""], "如梦令", "没有诗句"), (["知否"], "如梦", "如梦令")],
)
def test_clear_errors(lines: list[str], tune: str, message: str) -> None:
    with pytest.raises(ProsodyError, match=message):
        judge_tune(lines, tune)


def test_what_has_nothing_of_the_tune() -> None:
    verdict = judge_tune(["床前明月光", "疑是地上霜"], "沁园春")
    assert verdict.regulated == "不合律"
    assert verdict.lines == ("床前明月光", "疑是地上霜")
    assert {one.kind for one in verdict.faults} >= {"句数"}


TUNES = sorted(TALES)
CHARACTERS = st.sampled_from("人山花天秋月水夜雪绿看中重□㐀")


@st.composite
def broken_poems(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A famous poem with up to three changes: a character, a line taken out or doubled, lines joined or cut."""
    tune = draw(st.sampled_from(TUNES))
    lines = cut(TALES[tune])
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["character", "character", "less", "more", "join", "cut"]))
        if change == "character":
            place = draw(st.integers(0, len(lines[at]) - 1))
            lines[at] = lines[at][:place] + draw(CHARACTERS) + lines[at][place + 1 :]
        elif change == "less" and len(lines) > 1:
            del lines[at]
        elif change == "more":
            lines.insert(at, lines[at])
        elif change == "join" and at:
            lines[at - 1 : at + 1] = ["".join(lines[at - 1 : at + 1])]
        elif change == "cut" and len(lines[at]) > 1:
            place = draw(st.integers(1, len(lines[at]) - 1))
            lines[at : at + 1] = [lines[at][:place], lines[at][place:]]
    return tune, lines


@given(broken_poems())
def test_both_judges_agree(drawn: tuple[str, list[str]]) -> None:
    tune, lines = drawn
    verdict = judge_tune(lines, tune)
    assert (verdict.regulated == "合律") == any(keeps_tune(lines, one) for one in find_tune(tune))
    if verdict.regulated == "合律":
        assert {one.kind for one in verdict.faults} <= {"缺字"}
    if not verdict.faults and not any(one.kind == "未知" for one in verdict.notes):
        assert verdict.regulated == "合律"
    check_shape(verdict, lines)


def check_shape(verdict: TuneVerdict, lines: list[str]) -> None:
    """The parts of a verdict belong together."""
    assert "".join(verdict.lines) == "".join(lines)
    assert [len(one) for one in verdict.tones] == [len(one) for one in verdict.lines]
    for text, pattern, place in zip(verdict.lines, verdict.patterns, verdict.places, strict=True):
        asked = "" if place is None else verdict.variant.lines[place].pattern
        assert pattern == (asked if len(asked) == len(text) else "")
    for remark in (*verdict.faults, *verdict.notes):
        assert remark.kind in {**FAULTS, **TUNE_FAULTS, **NOTES, **TUNE_NOTES}
        assert remark.place is None or 0 <= remark.place < len(verdict.lines[remark.line])


@given(broken_poems())
def test_alignments_lose_nothing(drawn: tuple[str, list[str]]) -> None:
    tune, lines = drawn
    for variant in find_tune(tune):
        alignment = align_tune(lines, variant)
        assert "".join(one.text for one in alignment.lines) == "".join(lines)
        used = [one.at for one in alignment.lines if one.at is not None]
        assert used == sorted(set(used))
        assert sorted([*used, *alignment.missing]) == list(range(len(variant.lines)))
        assert alignment.fits == (lay(lines, variant) is not None)
