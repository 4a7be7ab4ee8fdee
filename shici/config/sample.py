"""Settings of sample.py and test_sample.py: nanoGPT's names for what nanoGPT has."""

from __future__ import annotations

from dataclasses import dataclass

from shici.config.fields import option

LAWS = ("平水韵", "新韵")


@dataclass(frozen=True, kw_only=True)
class WritingSettings:
    """Which model writes, by which law, how characters are drawn, and on what machine: what all that write share."""

    # which model
    init_from: str = option(
        "resume", "resume 用 out_dir 里的模型；pretrained 用随附的模型", choices=("resume", "pretrained")
    )
    out_dir: str = option("", "模型所在的文件夹或文件；不写就用随附的模型")

    # by which law
    law: str = option("平水韵", "按哪部韵书：平水韵（词用词林正韵）或 新韵", choices=LAWS)
    polyphones: str = option(
        "strict",
        "多音字：strict 不用在定平仄处与韵脚，也不用拗救、借韵；loose 凡有一读合用即可",
        choices=("strict", "loose"),
    )

    # how characters are drawn
    temperature: float = option(0.8, "温度：小则稳，大则奇；0 总取最可能的字", minimum=0.0)
    top_k: int | None = option(200, "只在最可能的 k 个字里选；0 或 None 不限", minimum=0)
    top_p: float = option(1.0, "只在概率合计刚达 p 的最可能的字里选；1 不限", minimum=0.0, maximum=1.0)
    min_p: float = option(0.0, "去掉概率不到最大者 min_p 倍的字；0 不限", minimum=0.0, maximum=1.0)
    seed: int = option(1337, "随机种子：同一种子写出同样的诗，与一次写几首无关", minimum=0)

    # the machine
    batch_size: int = option(64, "同时写几行：每首一行，守格律时每首 particles 行", minimum=1)
    device: str = option("auto", "auto、cpu、cuda、cuda:0、mps")
    engine: str = option(
        "auto",
        "auto 在 CPU 上用 onnx，别处用 torch；两者写出同样的诗；int8 快几倍，分布略有出入",
        choices=("auto", "torch", "onnx", "int8"),
    )
    dtype: str = option(
        "float32",
        "计算精度；新的 CPU 上 bfloat16 快一倍，数值较粗",
        choices=("float32", "bfloat16", "float16"),
    )
    compile: bool = option(False, "torch.compile：先花时间编译，写得多才合算")


@dataclass(frozen=True, kw_only=True)
class SampleSettings(WritingSettings):
    """写诗：给出开头或体裁、题目、作者，由模型续写。"""

    # what to write
    start: str = option("", "开头；FILE:路径 从文件读（UTF-8 或 GB18030）")
    form: str = option("", "体裁，例如 七绝、五律、词")
    regulated: bool | None = option(
        None, "True 合律，False 不合律；不写则律诗、绝句合律（--constrain=False 时不指定）"
    )
    rhyme: str = option("", "韵部：平水韵（例如 七阳）或词林正韵（例如 第一部）")
    dynasty: str = option("", "朝代，例如 唐、宋")
    tune: str = option("", "词牌或曲牌，例如 菩萨蛮")
    author: str = option("", "作者，例如 李白")
    title: str = option("", "题目，例如 早发白帝城")
    num_samples: int = option(5, "写几首", minimum=1)

    # the form, kept without fail
    constrain: bool = option(True, "给了体裁或词牌就严守格律；False 只把它们当提示")
    lines: int = option(0, "排律、古体、四言、六言写几句；0 用常见的句数", minimum=0, maximum=200)
    variant: int = option(1, "词牌的第几体，最常见的是 1", minimum=1)
    pin: str = option("", "钉住的字，例如 3,1=月 或 3,1=明月;4,5=乡（句,字=连着的字）")
    acrostic: str = option("", "藏头：各句第一字依次是这些字")
    acrostic_place: int = option(1, "藏字在每句第几字；-1 是最后一字（藏尾）")
    embed: str = option("", "嵌字：这些字都要用上，放在哪里由种子定")
    template: str = option("", "写了一部分的诗，空着的字用 □；FILE:路径 从文件读")
    particles: int = option(
        8, "守格律时每首用几个粒子（序贯蒙特卡罗），多则更自然，也更慢；1 逐字显示", minimum=1, maximum=4096
    )

    max_new_tokens: int = option(500, "每首至多续写多少字；写完的诗会自己停下", minimum=1)


@dataclass(frozen=True, kw_only=True)
class ExplainSettings(SampleSettings):
    """写一首诗，把每一步摊开：候选字、logit、概率、熵、名次、各层注意到的字。"""

    num_samples: int = option(1, "写几首", minimum=1)
    particles: int = option(1, "一步一步看的时候只有一个粒子", minimum=1, maximum=1)
    engine: str = option("torch", "要看中间的每一个数，只能用 torch", choices=("torch",))
    candidates: int = option(5, "每一步列出几个候选字", minimum=1)
    attended: int = option(3, "每一层列出几个最受注意的字；0 不列", minimum=0)


@dataclass(frozen=True, kw_only=True)
class CoupletSettings(WritingSettings):
    """对对子：给出上联，写几句平仄相对的下联，例如 shici couplet 白日依山尽"""

    num_samples: int = option(5, "写几句下联", minimum=1)
    particles: int = option(32, "每句从几个粒子里选", minimum=1, maximum=4096)
    pin: str = option("", "下联里钉住的字，例如 1,1=黄（句总是 1）")
    author: str = option("", "学谁的口气，例如 李白")
