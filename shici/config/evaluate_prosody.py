"""Settings of `shici evaluate prosody`."""

from __future__ import annotations

from dataclasses import dataclass

from shici.config.fields import option
from shici.config.sample import SampleSettings

PARTS = ("forms", "tunes", "distortion")
SAMPLERS = ("default", "plain")
_DRAW = f"{SampleSettings().temperature}, top_k {SampleSettings().top_k}"


@dataclass(frozen=True, kw_only=True)
class EvaluateProsodySettings:
    """评测格律：各体、各词牌合律的比例，两个裁判；约束把模型的分布扭曲了多少。
    Measure prosody: how many poems of each form and tune keep its rules, by two judges, and how far the
    constraint distorts the model's distribution.
    """

    model: str = option(
        "",
        "模型所在的文件夹或文件；不写就用随附的模型",
        "the model's folder or file; default: the bundled model",
    )
    data: str = option(
        "data/poetry", "prepare.py 准备好的数据所在的文件夹", "folder of the data that prepare.py made"
    )
    parts: tuple[str, ...] = option(
        ("forms", "tunes"), "评哪几项", "which parts of the report to make", choices=PARTS
    )
    out: str = option(
        "out-prosody", "prosody.json、prosody.txt 写到这个文件夹", "folder for prosody.json and prosody.txt"
    )
    seed: int = option(1337, "随机种子", "random seed", minimum=0)
    device: str = option("auto", "设备：auto、cpu、cuda、cuda:0、mps", "device: auto, cpu, cuda, cuda:0, mps")
    engine: str = option("auto", "同 sample.py", "as for sample.py", choices=("auto", "torch", "onnx"))
    batch_size: int = option(128, "同时写几首", "poems written at once", minimum=1)

    # forms and tunes
    poems: int = option(
        200, "五绝、七绝、五律、七律各写几首", "poems of each of 五绝, 七绝, 五律, 七律", minimum=1
    )
    tunes: int = option(20, "最常见的几个词牌", "how many of the commonest tunes (词牌)", minimum=1)
    tune_poems: int = option(20, "每个词牌写几首", "poems of each tune", minimum=1)
    sampler: str = option(
        "default",
        f"default 同 sample.py（温度 {_DRAW}）；plain 温度 1，不裁剪",
        f"default: as sample.py (temperature {_DRAW}); plain: temperature 1, no truncation",
        choices=SAMPLERS,
    )

    # distortion
    forms: tuple[str, ...] = option(
        ("五绝", "七绝", "七律"),
        "量哪几体的扭曲",
        "forms whose distortion is measured",
        choices=("五绝", "七绝", "五律", "七律"),
    )
    samples: int = option(
        4096, "不用粒子时每体写几首", "poems of each form drawn without particles", minimum=2
    )
    particles: tuple[int, ...] = option(
        (4, 16, 32), "每首用几个粒子，各量一次", "particles per poem; each number is measured", minimum=1
    )
    rows: int = option(
        8192,
        "每种粒子数共用多少个粒子（除以粒子数即首数）",
        "particles in all at each number per poem (rows / particles = poems)",
        minimum=2,
    )
    rejected: tuple[str, ...] = option(
        ("五绝",),
        "用舍选法核对的体裁；太难的体裁一首也写不成",
        "forms checked by rejection sampling; of a form too hard not one poem would be accepted",
        choices=("五绝", "七绝", "五律", "七律"),
    )
    tries: int = option(20000, "舍选法写几首", "poems drawn for rejection sampling", minimum=1)
