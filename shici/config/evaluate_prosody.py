"""Settings of `shici evaluate prosody`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shici.config.sample import SampleSettings

PARTS = ("forms", "tunes", "distortion")
SAMPLERS = ("default", "plain")


def _setting(default: Any, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"help": help, **limits})


@dataclass(frozen=True, kw_only=True)
class EvaluateProsodySettings:
    """评测格律：各体、各词牌合律的比例，两个裁判；约束把模型的分布扭曲了多少。"""

    model: str = _setting("", "模型所在的文件夹或文件；不写就用随附的模型")
    data: str = _setting("data/poetry", "prepare.py 准备好的数据所在的文件夹")
    parts: tuple[str, ...] = _setting(("forms", "tunes"), "评哪几项", choices=PARTS)
    out: str = _setting("out-prosody", "prosody.json、prosody.txt 写到这个文件夹")
    seed: int = _setting(1337, "随机种子", minimum=0)
    device: str = _setting("auto", "auto、cpu、cuda、cuda:0、mps")
    engine: str = _setting("auto", "同 sample.py", choices=("auto", "torch", "onnx"))
    batch_size: int = _setting(128, "同时写几首", minimum=1)

    # forms and tunes
    poems: int = _setting(200, "五绝、七绝、五律、七律各写几首", minimum=1)
    tunes: int = _setting(20, "最常见的几个词牌", minimum=1)
    tune_poems: int = _setting(20, "每个词牌写几首", minimum=1)
    sampler: str = _setting(
        "default",
        f"default 同 sample.py（温度 {SampleSettings().temperature}，top_k {SampleSettings().top_k}）；"
        "plain 温度 1，不裁剪",
        choices=SAMPLERS,
    )

    # distortion
    forms: tuple[str, ...] = _setting(
        ("五绝", "七绝", "七律"), "量哪几体的扭曲", choices=("五绝", "七绝", "五律", "七律")
    )
    samples: int = _setting(4096, "不用粒子时每体写几首", minimum=2)
    particles: tuple[int, ...] = _setting((4, 16, 32), "每首用几个粒子，各量一次")
    rows: int = _setting(8192, "每种粒子数共用多少个粒子（除以粒子数即首数）", minimum=2)
    rejected: tuple[str, ...] = _setting(
        ("五绝",), "用舍选法核对的体裁；太难的体裁一首也写不成", choices=("五绝", "七绝", "五律", "七律")
    )
    tries: int = _setting(20000, "舍选法写几首", minimum=1)
