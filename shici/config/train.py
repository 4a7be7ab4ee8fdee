"""Settings of train.py: nanoGPT's names for what nanoGPT has."""

from __future__ import annotations

from dataclasses import dataclass

from shici.config.fields import option


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """All of train.py's settings, with the plain recipe as defaults."""

    # what, from where, to where
    out_dir: str = option("out-poetry", "检查点、日志和曲线图写到这个文件夹")
    dataset: str = option("poetry", "数据在 data/<dataset>，由 prepare.py 准备")
    init_from: str = option(
        "scratch", "scratch 从头；resume 接着 out_dir 里的训练；pretrained 微调随仓库发布的模型",
        choices=("scratch", "resume", "pretrained"),
    )  # fmt: skip
    seed: int = option(1337, "随机种子：同一种子、同一台机器，得到同一个模型", minimum=0, maximum=2**32 - 1)

    # the model
    block_size: int = option(256, "最长的上下文（字）", minimum=2)
    n_layer: int = option(6, "层数", minimum=1)
    n_head: int = option(6, "每层的注意力头数", minimum=1)
    n_embd: int = option(384, "向量维数，须是 n_head 的倍数", minimum=1)
    dropout: float = option(0.0, "训练时丢弃的比例", minimum=0.0, maximum=0.99)
    bias: bool = option(False, "线性层和层归一化是否带偏置")
    zero_init: bool = option(False, "残差支路的出口矩阵从零开始")

    # the batch: a step reads about gradient_accumulation_steps * batch_size * block_size tokens
    batch_size: int = option(
        32, "每步的行数；短诗合用一行的位置，所以一步约 batch_size × block_size 个字", minimum=1
    )
    gradient_accumulation_steps: int = option(
        1,
        "每步的批数：一步分成至少这么多个小批，梯度攒齐才更新（各进程合计）；显存不够时加大它、减小 batch_size",
        minimum=1,
    )
    batch_ramp_iters: int = option(0, "开头多少步由四分之一批量渐增到整批，以小批为级；0 不渐增", minimum=0)
    data_order: str = option(
        "poems",
        "poems：一行一首，每遍重排；windows：nanoGPT 的随机窗口，不管诗的起止",
        choices=("poems", "windows"),
    )
    input_masking: float = option(0.0, "训练时读入的字有多少换成 <mask>", minimum=0.0, maximum=0.9)
    field_dropout: float = option(0.25, "每个字段（题、作者、体裁…）被略去的概率", minimum=0.0, maximum=1.0)
    bare_share: float = option(0.3, "完全不带字段、只有正文的诗的比例", minimum=0.0, maximum=1.0)

    # distillation
    teachers: tuple[str, ...] = option(
        (), "蒸馏：这些模型当教师（文件夹或检查点，逗号隔开；几个则取其分布的平均）"
    )
    distillation: float = option(
        0.5, "有教师时，目标中离教师有多远（KL 散度）占多少；其余是下一个字的交叉熵", minimum=0.0, maximum=1.0
    )

    # the optimizer
    optimizer: str = option(
        "muon", "muon：矩阵用 Muon，其余用 AdamW；adamw：全用 AdamW", choices=("muon", "adamw")
    )
    learning_rate: float = option(3e-3, "AdamW 的学习率", minimum=0.0)
    muon_learning_rate: float = option(0.01, "Muon 的学习率", minimum=0.0)
    weight_decay: float = option(0.1, "权重衰减（AdamW 的矩阵）", minimum=0.0)
    muon_split_qkv: bool = option(False, "Muon 把 Q、K、V 的矩阵分开正交化，而不是合成一块")
    muon_weight_decay: float = option(0.0, "Muon 的权重衰减", minimum=0.0)
    beta1: float = option(0.9, "AdamW 的 β1", minimum=0.0, maximum=0.9999)
    beta2: float = option(0.95, "AdamW 的 β2", minimum=0.0, maximum=0.99999)
    average: float = option(
        0.0, "权重的指数平均（例如 0.99）；评测与存盘都用平均后的权重，0 不用", minimum=0.0, maximum=0.99999
    )
    grad_clip: float = option(1.0, "梯度范数的上限，0 为不限", minimum=0.0)

    # the schedule
    max_iters: int = option(5000, "训练多少步", minimum=1)
    max_minutes: float = option(0.0, "最多训练多少分钟（0 不限）；到时保存并结束", minimum=0.0)
    decay_lr: bool = option(True, "学习率是否下降")
    lr_schedule: str = option("wsd", "wsd：升—平—降；cosine：余弦下降", choices=("wsd", "cosine"))
    warmup_iters: int = option(100, "学习率用多少步升到顶", minimum=0)
    lr_decay_iters: int = option(0, "学习率在第几步降到底（0 即 max_iters）", minimum=0)
    cooldown_iters: int = option(0, "wsd：最后多少步用来下降（0 即一半）", minimum=0)
    min_lr: float = option(0.0, "AdamW 学习率降到多少；Muon 按同一比例", minimum=0.0)

    # looking at it
    eval_interval: int = option(250, "每多少步评一次验证集、写一首诗、存一次", minimum=1)
    eval_iters: int = option(20, "每次评验证集用多少批（每批 4096 字）", minimum=1)
    eval_only: bool = option(False, "只评一次验证集就结束")
    history: bool = option(
        True, "在第 0、1、2、4、8…步和每次评测时记下它写什么（out_dir/history.json，界面的“训练”页用）"
    )
    log_interval: int = option(10, "每多少步记一行", minimum=1)
    always_save_checkpoint: bool = option(True, "每次评测都存 ckpt.pt；False 则只在验证损失变好时存")
    wandb_log: bool = option(False, "记到 Weights & Biases")
    wandb_project: str = option("shici", "wandb 的项目名")
    wandb_run_name: str = option("poetry", "wandb 的运行名")
    tensorboard_log: bool = option(False, "记到 TensorBoard（out_dir/tensorboard）")

    # the machine
    device: str = option("auto", "auto、cpu、cuda、cuda:0、mps")
    dtype: str = option("auto", "auto、float32、bfloat16", choices=("auto", "float32", "bfloat16"))
    compile: str = option(
        "auto",
        "torch.compile：auto 只在 GPU 上用（CPU 上不更快）",
        choices=("auto", "True", "False", "true", "false"),
    )
    backend: str = option("auto", "多进程通信：auto、nccl、gloo", choices=("auto", "nccl", "gloo"))
