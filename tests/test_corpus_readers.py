"""One reader for each JSON shape of chinese-poetry. Run: pytest tests/test_corpus_readers.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from shici.corpus.catalog import COLLECTIONS, SHELVES, choose_collections
from shici.corpus.collect import collect, files_of, read_file
from shici.corpus.readers import READERS, RawPoem, load_records, read_ci, read_nalan, read_yuanqu
from shici.errors import CorpusError

MINI = Path(__file__).parent / "data" / "chinese-poetry"


def read(pattern: str) -> list[RawPoem]:
    """All poems of the miniature corpus on the shelf with this pattern."""
    index = next(number for number, shelf in enumerate(SHELVES) if shelf.pattern == pattern)
    reader = READERS[SHELVES[index].reader]
    return [poem for path in files_of(MINI, index) for poem in reader(load_records(path))]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("shijing.json", [("关雎", "", "", "", "")]),
        ("chuci.json", [("礼魂", "屈原", "", "", "先秦"), ("逢尤", "王逸", "", "", "汉")]),
        ("caocao.json", [("龟虽寿", "曹操", "", "", "")]),
        ("nantang/poetrys.json", [("", "李煜", "相见欢", "", "")]),
        ("huajianji/huajianji-[1-9x]*-juan.json", [("其一", "温庭筠", "菩萨蛮", "", "")]),
        (
            "ci.song.*.json",
            [
                ("", "李清照", "如梦令", "", ""),
                ("", "晏殊", "浣溪沙", "", ""),
                ("", "无名氏", "失调名", "", ""),
            ],
        ),
        (
            "纳兰性德诗集.json",
            [("", "纳兰性德", "长相思", "", ""), ("秣陵怀古", "纳兰性德", "", "诗", "")],
        ),
        ("tangshisanbaishou.json", [("靜夜思", "李白", "", "", "")]),
        (
            "qianjiashi.json",
            [
                ("題臨安邸", "林升", "", "", "宋"),
                ("雪梅 其一", "盧梅坡", "", "", "宋"),
                ("雪梅 其二", "盧梅坡", "", "", "宋"),
            ],
        ),
        ("shuimotangshi.json", [("鹿柴", "王维", "", "", "")]),
    ],
)
def test_fields(pattern: str, expected: list[tuple[str, ...]]) -> None:
    poems = read(pattern)
    assert [(poem.title, poem.author, poem.tune, poem.kind, poem.dynasty) for poem in poems] == expected
    assert all(poem.text for poem in poems)


def test_a_song_cut_by_its_title_is_joined_again() -> None:
    poem = read("yuanqu.json")[1]
    assert poem.tune == "山坡羊"
    assert poem.text.startswith("峰峦如聚，波涛如怒，山河表里潼关路。望西都，意踌躇。")


def test_plays_keep_their_name_and_their_tunes() -> None:
    poem = read("yuanqu.json")[2]
    assert (poem.title, poem.tune) == ("望江亭", "点绛唇")


def test_a_tune_and_a_title_run_together_are_parted() -> None:
    def song(title: str) -> dict[str, object]:
        return {"author": "甲", "title": title, "paragraphs": ["冷云间。"]}

    alone = [song("双调・殿前欢")] * 5
    poems = list(
        read_yuanqu([*alone, *map(song, ("殿前欢大都西山", "凭阑人湖上", "凭阑人春日怀古", "六国朝"))])
    )
    assert [(poem.tune, poem.title) for poem in poems[5:]] == [
        ("殿前欢", "大都西山"),
        ("凭阑人", "湖上"),
        ("凭阑人", "春日怀古"),
        ("六国朝", ""),
    ]


def test_the_first_words_are_no_title() -> None:
    record = {
        "rhythmic": "河满子",
        "title": "河满子·寂寞芳菲暗度",
        "paragraphs": ["寂寞芳菲暗度，岁华如箭堪惊。"],
    }
    assert next(read_ci([record])).title == ""


def test_prose_before_a_ci_is_left_out() -> None:
    record = {
        "title": "浣溪沙·谁道飘零不可怜",
        "author": "纳兰性德",
        "para": ["西郊冯氏园看海棠，因忆《香严词》有感", "谁道飘零不可怜，旧游时节好花天"],
    }
    assert next(read_nalan([record])).text == "谁道飘零不可怜，旧游时节好花天"


def test_files_come_in_natural_order() -> None:
    tang = next(number for number, shelf in enumerate(SHELVES) if shelf.pattern == "poet.tang.*.json")
    assert [path.name for path in files_of(MINI, tang)] == ["poet.tang.0.json", "poet.tang.1000.json"]


def test_labels_come_from_the_traditional_text() -> None:
    tang = next(number for number, shelf in enumerate(SHELVES) if shelf.pattern == "poet.tang.*.json")
    poems = [poem.document for batch in collect(MINI, [tang], lambda size: None) for poem in batch.poems]
    baidi = next(document for document in poems if document.title == "早发白帝城")
    assert (baidi.form, baidi.regulated, baidi.rhyme) == ("七绝", "合律", "十五删")
    assert (baidi.author, baidi.dynasty) == ("李白", "唐")
    assert baidi.body == "朝辞白帝彩云间，千里江陵一日还。\n两岸猿声啼不尽，轻舟已过万重山。"


def test_ci_and_qu_have_their_tune_and_form() -> None:
    documents = {
        poem.document.tune: poem.document
        for batch in collect(MINI, range(len(SHELVES)), lambda size: None)
        for poem in batch.poems
        if poem.document.tune
    }
    assert (documents["如梦令"].form, documents["如梦令"].rhyme) == ("词", "第四部")
    assert documents["天净沙"].form == "曲"
    assert documents["菩萨蛮"].dynasty == "五代"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "poet.tang.0.json"
    path.write_text('[{"author": "李白", "paragr', encoding="utf-8")
    with pytest.raises(CorpusError, match=r"poet\.tang\.0\.json"):
        read_file((9, path))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["宋词", "tang", "诗经"], None),
        (["宋词", "shijing"], ["shijing", "songci"]),
        (list(COLLECTIONS.values()), list(COLLECTIONS)),
    ],
)
def test_collections_by_either_name(names: list[str], expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(CorpusError, match="quantangshi"):
            choose_collections(names)
    else:
        assert choose_collections(names) == expected


def test_an_unknown_collection_gets_the_nearest_name() -> None:
    with pytest.raises(CorpusError, match="是不是“全唐诗”"):
        choose_collections(["全唐詩"])


@pytest.mark.parametrize(
    "content",
    [
        "3",
        '{"a": 1}',
        '[{"paragraphs": ["无题"]}]',
        '[{"rhythmic": "如梦令", "paragraphs": [1]}]',
        '[{"rhythmic": "如梦令", "author": 1, "paragraphs": ["无题"]}]',
    ],
)
def test_json_of_another_shape_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "ci.song.0.json").write_text(content, encoding="utf-8")
    index = next(number for number, shelf in enumerate(SHELVES) if shelf.collection == "songci")
    with pytest.raises(CorpusError, match=r"ci\.song\.0\.json 不是"):
        read_file((index, tmp_path / "ci.song.0.json"))
