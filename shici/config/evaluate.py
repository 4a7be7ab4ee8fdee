"""Settings of `shici evaluate`."""

from __future__ import annotations

from dataclasses import dataclass

from shici.config.fields import option

PARTS = ("loss", "samples", "calibration")


@dataclass(frozen=True, kw_only=True)
class EvaluateSettings:
    """评测一个模型：损失、样诗、校准，写成一份报告；格律另用 shici evaluate prosody。
    Measure a model: loss, samples and calibration, in one report; for prosody see shici evaluate prosody.
    """

    model: str = option(
        "",
        "模型所在的文件夹或文件；不写就用随附的模型",
        "the model's folder or file; default: the bundled model",
    )
    data: str = option(
        "data/poetry", "prepare.py 准备好的数据所在的文件夹", "folder of the data that prepare.py made"
    )
    split: str = option("test", "在哪一份上评", "which split is scored", choices=("test", "val"))
    parts: tuple[str, ...] = option(PARTS, "评哪几项", "which parts of the report to make", choices=PARTS)
    out: str = option(
        "out-evaluation",
        "report.json、report.txt 和图写到这个文件夹",
        "folder for report.json, report.txt and the figures",
    )
    samples: int = option(1000, "每一种要求写几首", "poems written for each kind of request", minimum=1)
    ccpc: str = option(
        "",
        "THU-CCPC 的测试文件（JSON 行），另评它每字的损失",
        "a THU-CCPC test file (JSON lines); its loss per character is reported as well",
    )
    stream: str = option(
        "blocks",
        "没有控制记号的模型（nanoGPT 的）读的文本：blocks 诗间空一行；lines 一诗一行",
        "text for a model without control tokens (nanoGPT's): blocks puts a blank line between poems, "
        "lines a poem on each line",
        choices=("blocks", "lines"),
    )
    limit: int = option(
        0,
        "只评前多少首（0 为全部）；各首次序是随机的",
        "score only the first so many poems (0: all); their order is random",
        minimum=0,
    )
    seed: int = option(
        1337,
        "随机种子：同一种子、同一台机器，得到同一份报告",
        "random seed: the same seed on the same machine gives the same report",
        minimum=0,
    )
    device: str = option("auto", "设备：auto、cpu、cuda、cuda:0、mps", "device: auto, cpu, cuda, cuda:0, mps")
