"""Settings of sample.py and test_sample.py: nanoGPT's names for what nanoGPT has."""

from __future__ import annotations

from dataclasses import dataclass

from shici.config.fields import option

LAWS = ("平水韵", "新韵")
MOST_PARTICLES = 512  # of one poem, which are never parted: 20 seconds of a CPU and 2 GB for a 七绝


GUIDANCE_SCALE = 2.0


@dataclass(frozen=True, kw_only=True)
class WritingSettings:
    """Which model writes, by which law, how characters are drawn, and on what machine: what all that write share."""

    # which model
    init_from: str = option(
        "resume",
        "resume 用 out_dir 里的模型；pretrained 用随附的模型",
        "resume: the model in out_dir; pretrained: the bundled model",
        choices=("resume", "pretrained"),
    )
    out_dir: str = option(
        "",
        "模型所在的文件夹或文件；不写就用随附的模型",
        "the model's folder or file; default: the bundled model",
    )

    # by which law
    law: str = option(
        "平水韵",
        "按哪部韵书：平水韵（词用词林正韵）或 新韵",
        "rhyme book: 平水韵, the classical rhymes (词: 词林正韵), or 新韵, modern Mandarin",
        choices=LAWS,
    )
    polyphones: str = option(
        "strict",
        "多音字：strict 不用在定平仄处与韵脚，也不用拗救、借韵；loose 凡有一个常用的读音合用即可",
        "characters of several readings. strict: none where a tone is fixed or a line rhymes, and no tone rescue "
        "(拗救) or neighbouring rhyme (借韵); loose: allowed if any reading in use fits",
        choices=("strict", "loose"),
    )

    # how characters are drawn
    temperature: float = option(
        0.8,
        "温度：小则稳，大则奇；0 总取最可能的字",
        "softmax temperature: low is safe, high is surprising; 0 always takes the likeliest",
        minimum=0.0,
    )
    top_k: int | None = option(
        200,
        "只在最可能的 k 个字里选；0 或 None 不限",
        "sample from the k likeliest characters; 0 or None: no limit",
        minimum=0,
    )
    top_p: float = option(
        1.0,
        "只在概率合计刚达 p 的最可能的字里选；1 不限",
        "nucleus sampling: from the fewest likeliest characters whose probability reaches p; 1: no limit",
        minimum=0.0,
        maximum=1.0,
    )
    min_p: float = option(
        0.0,
        "去掉概率不到最大者 min_p 倍的字；0 不限",
        "drop characters less likely than min_p times the likeliest; 0: no limit",
        minimum=0.0,
        maximum=1.0,
    )
    seed: int = option(
        1337,
        "随机种子：同一种子写出同样的诗，与一次写几首无关",
        "random seed: the same seed writes the same poems, however many at once",
        minimum=0,
    )

    # the machine
    batch_size: int = option(
        64,
        "同时写几行：每首一行，守格律时每首 particles 行；一首的粒子不分开，再多也同时写",
        "rows in a batch: one per poem, or `particles` per poem where a form is kept; those of one poem are never "
        "parted, however many",
        minimum=1,
    )
    device: str = option("auto", "设备：auto、cpu、cuda、cuda:0、mps", "device: auto, cpu, cuda, cuda:0, mps")
    engine: str = option(
        "auto",
        "auto 在 CPU 上用 onnx，别处用 torch；两者写出的诗几乎总是一样；int8 快几倍，分布略有出入",
        "auto: onnx on a CPU, torch elsewhere, both nearly always write the same poems; int8 is several times as fast, "
        "its distribution slightly different",
        choices=("auto", "torch", "onnx", "int8"),
    )
    dtype: str = option(
        "float32",
        "计算精度；新的 CPU 上 bfloat16 快一倍，数值较粗",
        "precision of the computation; bfloat16 is twice as fast on recent CPUs, and coarser",
        choices=("float32", "bfloat16", "float16"),
    )
    compile: bool = option(
        False,
        "torch.compile：先花时间编译，写得多才合算",
        "torch.compile: takes time first, pays off only for many poems",
    )


@dataclass(frozen=True, kw_only=True)
class SampleSettings(WritingSettings):
    """写诗：给出开头或体裁、题目、作者，由模型续写。
    Write poems: give an opening, or a form, a title, an author, and the model goes on.
    """

    # what to write
    start: str = option(
        "",
        "开头；FILE:路径 从文件读（UTF-8、GB18030 或 Big5）",
        "the opening; FILE:PATH reads it from a file (UTF-8, GB18030 or Big5)",
    )
    form: str = option("", "体裁，例如 七绝、五律、词", "the form, e.g. 七绝, 五律, 词")
    regulated: bool | None = option(
        None,
        "True 合律，False 不合律；不写则律诗、绝句合律（--constrain=False 时不指定）",
        "True: regulated verse (合律), False: not; default: 律诗 and 绝句 are regulated (unspecified with "
        "--constrain=False)",
    )
    rhyme: str = option(
        "",
        "韵部：平水韵（例如 七阳）或词林正韵（例如 第一部）",
        "the rhyme group: of 平水韵 (e.g. 七阳) or of 词林正韵 (e.g. 第一部)",
    )
    dynasty: str = option("", "朝代，例如 唐、宋", "the dynasty, e.g. 唐, 宋")
    tune: str = option("", "词牌或曲牌，例如 菩萨蛮", "the tune of a 词 or 曲, e.g. 菩萨蛮")
    author: str = option("", "作者，例如 李白", "the author, e.g. 李白")
    title: str = option("", "题目，例如 早发白帝城", "the title, e.g. 早发白帝城")
    guidance_scale: float = option(
        GUIDANCE_SCALE,
        "题目与作者的分量（无分类器引导）：1 是模型自己的分布；大则更切题、更像那位作者，太大则生硬",
        "how much the title and the author weigh (classifier-free guidance): 1 is the model's own distribution, more "
        "is closer to them, too much is stiff",
        minimum=0.0,
        maximum=20.0,
    )
    num_samples: int = option(5, "写几首", "how many poems", minimum=1)

    # the form, kept without fail
    constrain: bool = option(
        True,
        "给了体裁或词牌就严守格律；False 只把它们当提示",
        "keep the rules of a given form or tune without fail; False: they only condition the model",
    )
    lines: int = option(
        0,
        "排律、古体、四言、六言写几句；0 用常见的句数",
        "lines of a 排律, 古体, 四言 or 六言; 0: the usual number",
        minimum=0,
        maximum=200,
    )
    variant: int = option(
        1, "词牌的第几体，最常见的是 1", "which variant of the tune; 1 is the commonest", minimum=1
    )
    pin: str = option(
        "",
        "钉住的字，例如 3,1=月 或 3,1=明月;4,5=乡（句,字=连着的字）",
        "characters fixed in place, e.g. 3,1=月 or 3,1=明月;4,5=乡 (line,place=characters from there on)",
    )
    acrostic: str = option(
        "",
        "藏头：各句第一字依次是这些字",
        "acrostic: the lines begin with these characters, one each",
    )
    acrostic_place: int = option(
        1,
        "藏字在每句第几字；-1 是最后一字（藏尾）",
        "the acrostic's place in its line; -1 is the last",
    )
    embed: str = option(
        "",
        "嵌字：这些字都要用上，放在哪里由种子定",
        "characters that must be used; the seed decides where",
    )
    template: str = option(
        "",
        "写了一部分的诗，空着的字用 □；FILE:路径 从文件读",
        "a poem written in part, with □ for each blank; FILE:PATH reads it from a file",
    )
    particles: int = option(
        8,
        "守格律时每首用几个粒子（序贯蒙特卡罗），多则更自然，也更慢；1 逐字显示",
        "particles per poem where a form is kept (sequential Monte Carlo): more are more natural and slower; 1 shows "
        "each character as it is drawn",
        minimum=1,
        maximum=MOST_PARTICLES,
    )

    max_new_tokens: int = option(
        500,
        "每首至多续写多少字；写完的诗会自己停下",
        "at most so many new characters per poem; a finished poem stops by itself",
        minimum=1,
    )


@dataclass(frozen=True, kw_only=True)
class ExplainSettings(SampleSettings):
    """写一首诗，把每一步摊开：候选字、logit、概率、熵、名次、各层注意到的字。
    Write a poem with every step laid open: candidates, logits, probabilities, entropy, rank, attention by layer.
    """

    num_samples: int = option(1, "写几首", "how many poems", minimum=1)
    particles: int = option(
        1, "一步一步看的时候只有一个粒子", "step by step there is only one particle", minimum=1, maximum=1
    )
    guidance_scale: float = option(
        1.0,
        "一步一步看的是模型自己的分布",
        "step by step it is the model's own distribution",
        minimum=1,
        maximum=1,
    )
    engine: str = option(
        "torch",
        "要看中间的每一个数，只能用 torch",
        "only torch shows every number in between",
        choices=("torch",),
    )
    candidates: int = option(5, "每一步列出几个候选字", "candidates listed at each step", minimum=1)
    attended: int = option(
        3,
        "每一层列出几个最受注意的字；0 不列",
        "characters most attended to, listed for each layer; 0: none",
        minimum=0,
    )


@dataclass(frozen=True, kw_only=True)
class CoupletSettings(WritingSettings):
    """对对子：给出上联，写几句平仄相对的下联，例如 shici couplet 白日依山尽
    Answer the first line of a couplet with lines of opposite tones, e.g. shici couplet 白日依山尽
    """

    num_samples: int = option(5, "写几句下联", "how many answers", minimum=1)
    particles: int = option(
        32,
        "每句从几个粒子里选",
        "particles from which each answer is chosen",
        minimum=1,
        maximum=MOST_PARTICLES,
    )
    pin: str = option(
        "",
        "下联里钉住的字，例如 1,1=黄（句总是 1）",
        "characters fixed in the answer, e.g. 1,1=黄 (the line is always 1)",
    )
    author: str = option("", "学谁的口气，例如 李白", "whose manner, e.g. 李白")
    guidance_scale: float = option(
        GUIDANCE_SCALE,
        "作者的分量，1 是模型自己的分布",
        "how much the author weighs; 1 is the model's own distribution",
        minimum=0.0,
        maximum=20.0,
    )
