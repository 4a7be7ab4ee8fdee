"""Settings of train.py: nanoGPT's names for what nanoGPT has."""

from __future__ import annotations

from dataclasses import dataclass

from shici.config.fields import option


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """训练一个模型，或接着训练、微调。
    Train a model, resume its training, or fine-tune one.
    """

    # what, from where, to where
    out_dir: str = option(
        "out-poetry",
        "检查点、日志和曲线图写到这个文件夹",
        "folder for the checkpoints, the log and the loss curve",
    )
    dataset: str = option(
        "poetry",
        "数据在 data/<dataset>，由 prepare.py 准备",
        "the data are in data/<dataset>, made by prepare.py",
    )
    init_from: str = option(
        "scratch",
        "scratch 从头；resume 接着 out_dir 里的训练；pretrained 微调随仓库发布的模型",
        "scratch: from the beginning; resume: go on with the run in out_dir; pretrained: fine-tune the bundled model",
        choices=("scratch", "resume", "pretrained"),
    )
    overwrite: bool = option(
        False,
        "out_dir 里已有一次训练时，从头练并盖过它",
        "begin anew in an out_dir that holds a run, and write over it",
    )
    seed: int = option(
        1337,
        "随机种子：同一种子、同一台机器，得到同一个模型",
        "random seed: the same seed on the same machine gives the same model",
        minimum=0,
        maximum=2**32 - 1,
    )

    # the model
    block_size: int = option(256, "最长的上下文（字）", "maximum context length (tokens)", minimum=2)
    n_layer: int = option(6, "层数", "number of layers", minimum=1)
    n_head: int = option(6, "每层的注意力头数", "attention heads per layer", minimum=1)
    n_embd: int = option(
        384, "向量维数，须是 n_head 的倍数", "embedding dimension, a multiple of n_head", minimum=1
    )
    dropout: float = option(0.0, "训练时丢弃的比例", "dropout rate in training", minimum=0.0, maximum=0.99)
    bias: bool = option(False, "线性层和层归一化是否带偏置", "biases in the linear layers and layer norms")
    zero_init: bool = option(
        False,
        "残差支路的出口矩阵从零开始",
        "initialise the output projections of the residual branches to zero",
    )

    # the batch: a step reads about gradient_accumulation_steps * batch_size * block_size tokens
    batch_size: int = option(
        32,
        "每步的行数；短诗合用一行的位置，所以一步约 batch_size × block_size 个字",
        "rows per step; short poems share the places of a row, so a step reads about batch_size × block_size tokens",
        minimum=1,
    )
    gradient_accumulation_steps: int = option(
        1,
        "每步的批数：一步分成至少这么多个小批，梯度攒齐才更新（各进程合计）；显存不够时加大它、减小 batch_size",
        "batches per step: a step is split into at least so many micro-batches (over all processes) before the update; "
        "if memory runs out, raise it and lower batch_size",
        minimum=1,
    )
    batch_ramp_iters: int = option(
        0,
        "开头多少步由四分之一批量渐增到整批，以小批为级；0 不渐增",
        "steps at the beginning over which the batch grows from a quarter to the whole, by micro-batches; 0: no ramp",
        minimum=0,
    )
    data_order: str = option(
        "poems",
        "poems：一行一首，每遍重排；windows：nanoGPT 的随机窗口，不管诗的起止",
        "poems: each poem by itself, reshuffled every epoch; windows: nanoGPT's random windows across poems",
        choices=("poems", "windows"),
    )
    input_masking: float = option(
        0.0,
        "训练时读入的字有多少换成 <mask>",
        "share of the input tokens replaced by <mask> in training",
        minimum=0.0,
        maximum=0.9,
    )
    field_dropout: float = option(
        0.25,
        "每个字段（题、作者、体裁…）被略去的概率",
        "probability that a field (title, author, form ...) is left out",
        minimum=0.0,
        maximum=1.0,
    )
    bare_share: float = option(
        0.3,
        "完全不带字段、只有正文的诗的比例",
        "share of the poems shown without any field, as verse alone",
        minimum=0.0,
        maximum=1.0,
    )

    # distillation
    teachers: tuple[str, ...] = option(
        (),
        "蒸馏：这些模型当教师（文件夹或检查点，逗号隔开；几个则取其分布的平均）",
        "distillation: the teacher models (folders or checkpoints, with commas between; the distributions of several "
        "are averaged)",
    )
    distillation: float = option(
        0.5,
        "有教师时，目标中离教师有多远（KL 散度）占多少；其余是下一个字的交叉熵",
        "with teachers: weight of the KL divergence from them in the loss; the rest is next-token cross-entropy",
        minimum=0.0,
        maximum=1.0,
    )

    # the optimizer
    optimizer: str = option(
        "muon",
        "muon：矩阵用 Muon，其余用 AdamW；adamw：全用 AdamW",
        "muon: Muon for the matrices, AdamW for the rest; adamw: AdamW for all",
        choices=("muon", "adamw"),
    )
    learning_rate: float = option(3e-3, "AdamW 的学习率", "AdamW's learning rate", minimum=0.0)
    muon_learning_rate: float = option(0.01, "Muon 的学习率", "Muon's learning rate", minimum=0.0)
    weight_decay: float = option(
        0.1, "权重衰减（AdamW 的矩阵）", "weight decay (of AdamW's matrices)", minimum=0.0
    )
    muon_split_qkv: bool = option(
        False,
        "Muon 把 Q、K、V 的矩阵分开正交化，而不是合成一块",
        "Muon orthogonalises the Q, K and V matrices apart, not as one block",
    )
    muon_weight_decay: float = option(0.0, "Muon 的权重衰减", "Muon's weight decay", minimum=0.0)
    beta1: float = option(0.9, "AdamW 的 β1", "AdamW's β1", minimum=0.0, maximum=0.9999)
    beta2: float = option(0.95, "AdamW 的 β2", "AdamW's β2", minimum=0.0, maximum=0.99999)
    average: float = option(
        0.0,
        "权重的指数平均（例如 0.99）；评测与存盘都用平均后的权重，0 不用",
        "exponential moving average of the weights (e.g. 0.99), which are then evaluated and saved; 0: none",
        minimum=0.0,
        maximum=0.99999,
    )
    grad_clip: float = option(
        1.0, "梯度范数的上限，0 为不限", "gradient clipping by norm; 0: none", minimum=0.0
    )

    # the schedule
    max_iters: int = option(5000, "训练多少步", "training steps", minimum=1)
    max_minutes: float = option(
        0.0,
        "最多训练多少分钟（0 不限）；到时保存并结束",
        "at most so many minutes (0: no limit), then save and stop",
        minimum=0.0,
    )
    decay_lr: bool = option(True, "学习率是否下降", "whether the learning rate decays")
    lr_schedule: str = option(
        "wsd",
        "wsd：升—平—降；cosine：余弦下降",
        "wsd: warm-up, stable, decay; cosine: cosine decay",
        choices=("wsd", "cosine"),
    )
    warmup_iters: int = option(
        100, "学习率用多少步升到顶", "warm-up steps until the learning rate is at its peak", minimum=0
    )
    lr_decay_iters: int = option(
        0,
        "学习率在第几步降到底（0 即 max_iters）",
        "step at which the learning rate reaches its minimum (0: max_iters)",
        minimum=0,
    )
    cooldown_iters: int = option(
        0,
        "wsd：最后多少步用来下降（0 即一半）",
        "wsd: length of the decay at the end, in steps (0: half of the run)",
        minimum=0,
    )
    min_lr: float = option(
        0.0,
        "AdamW 学习率降到多少；Muon 按同一比例",
        "AdamW's final learning rate; Muon's falls in the same proportion",
        minimum=0.0,
    )

    # looking at it
    eval_interval: int = option(
        250,
        "每多少步评一次验证集、写一首诗、存一次",
        "steps between evaluations; each scores the validation set, writes a poem and saves",
        minimum=1,
    )
    eval_iters: int = option(
        20,
        "每次评验证集用多少批（每批 4096 字）",
        "batches of the validation set per evaluation (4096 tokens each)",
        minimum=1,
    )
    eval_only: bool = option(False, "只评一次验证集就结束", "score the whole validation set once and stop")
    history: bool = option(
        True,
        "在第 0、1、2、4、8…步和每次评测时记下它写什么（out_dir/history.json，界面的“训练”页用）",
        "record what it writes at steps 0, 1, 2, 4, 8 ... and at every evaluation (out_dir/history.json, for the "
        "interface's page Training)",
    )
    log_interval: int = option(10, "每多少步记一行", "steps between rows of the log", minimum=1)
    always_save_checkpoint: bool = option(
        True,
        "每次评测都存 ckpt.pt；False 则只在验证损失变好时存",
        "save ckpt.pt at every evaluation; False: only when the validation loss improves",
    )
    wandb_log: bool = option(False, "记到 Weights & Biases", "log to Weights & Biases")
    wandb_project: str = option("shici", "wandb 的项目名", "wandb project")
    wandb_run_name: str = option("poetry", "wandb 的运行名", "wandb run name")
    tensorboard_log: bool = option(
        False, "记到 TensorBoard（out_dir/tensorboard）", "log to TensorBoard (out_dir/tensorboard)"
    )

    # the machine
    device: str = option("auto", "设备：auto、cpu、cuda、cuda:0、mps", "device: auto, cpu, cuda, cuda:0, mps")
    dtype: str = option(
        "auto", "计算精度：auto、float32、bfloat16", "precision: auto, float32, bfloat16",
        choices=("auto", "float32", "bfloat16"),
    )  # fmt: skip
    compile: str = option(
        "auto",
        "torch.compile：auto 只在 GPU 上用（CPU 上不更快）",
        "torch.compile: auto uses it on a GPU only (it is no faster on a CPU)",
        choices=("auto", "True", "False", "true", "false"),
    )
    backend: str = option(
        "auto",
        "多进程通信：auto、nccl、gloo",
        "communication between processes: auto, nccl, gloo",
        choices=("auto", "nccl", "gloo"),
    )
