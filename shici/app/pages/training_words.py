"""What the page 训练 says, in both languages."""

from __future__ import annotations

from shici.app.language import Text
from shici.app.tokens import CONTROLS, NO_CHARACTER

TITLE = Text("训练", "Training")
ABOUT = Text(
    "从胡写到成诗：同一个开头、同一把骰子，看模型一步步学会什么。",
    "From scribble to verse: the same prompt and the same dice, and what the model learns step by step.",
)
MESSAGES = {
    "run": Text("看哪一次训练", "Which run"),
    "shipped": Text("随附的模型", "the model that ships"),
    "live": Text("正在训练", "training now"),
    "time": Text("学诗的过程", "Learning to write"),
    "time_note": Text(
        "拖动滑块，或按“放”：开头和骰子不变，变的只有模型。看标点、句长、押韵各在什么时候学会。",
        "Drag the slider, or press Play: prompt and dice stay, only the model changes. See when punctuation, "
        "the length of the lines and rhyme are learned.",
    ),
    "play": Text("放", "Play"),
    "pause": Text("停", "Pause"),
    "slider": Text("训练到第几步", "Step of the training"),
    "step": Text("第 {n} 步", "step {n}"),
    "read": Text("读过 {n} 个字与记号", "{n} tokens read"),
    "loss": Text("验证损失 {n}", "validation loss {n}"),
    "of_run": Text("取自“{name}”", "from “{name}”"),
    "prompts": Text("开头", "Prompt"),
    "bare": Text("什么也不说", "nothing given"),
    "ended": CONTROLS["<eos>"],
    "control_token": NO_CHARACTER,
    "cut": Text(
        "写了 {n} 个字和标点还没有写完，截在这里。",
        "Not finished after {n} characters and marks; cut off here.",
    ),
    "following": Text("接下来的一个字", "The next character"),
    "following_note": Text(
        "开头之后，模型给各字的概率：前 {n} 名；横条的长短各步可比。其余的字合计 {p}。",
        "What the model gives each character right after the prompt: the first {n}, bars to the same scale at all "
        "steps. All others together: {p}.",
    ),
    "shares": Text("学会了几成", "How much it has learned"),
    "shares_note": Text(
        "每一步让它按“{asked}”写 {n} 首，数有几首做到。横轴按步数的对数；点图可到那一步。",
        "At each step it writes {n} poems for “{asked}”; the share that has each virtue. Steps on a logarithmic axis; "
        "click to go there.",
    ),
    "punctuation": Text("标点", "punctuation"),
    "length": Text("句长", "line length"),
    "rhyme": Text("押韵", "rhyme"),
    "tone": Text("平仄", "tones"),
    "punctuation_is": Text(
        "字与标点相间，一句至多十一字，换行只在标点之后",
        "characters and marks by turns, at most eleven characters in a row, line feeds behind marks only",
    ),
    "length_is": Text("写完了，句数、字数都合体裁", "finished, with the lines of the form"),
    "rhyme_is": Text("句长合，且一韵到底、不重韵字", "of that length, one level rhyme, no rhyme word twice"),
    "tone_is": Text("句长合，且无一字出律", "of that length, and no character out of place"),
    "order": Text("记下的各步里，过半的先后：", "Above one half at the recorded steps, in order: "),
    "first": Text("{name}（第 {n} 步）", "{name} at step {n}"),
    "never": Text("；还没有过半：{names}。", "; not yet: {names}."),
    "always": Text("。", "."),
    "list": Text("、", ", "),
    "of_several": Text(
        "这些记录由几次训练拼成，虚线处换了一次：",
        "Put together from several runs; where the line is dotted, another begins:",
    ),
    "of_one": Text("记录取自：", "Recorded by:"),
    "strip": Text("历次所写", "All that it wrote"),
    "strip_note": Text(
        "同一个开头，自右向左是先后；点一首，到那一步。",
        "The same prompt, from right to left in time; click one to go there.",
    ),
    "curves": Text("损失曲线", "Loss curves"),
    "train_loss": Text("训练，每个记号", "training, a token"),
    "val_loss": Text("验证，只有正文，每字", "validation, verse alone, a character"),
    "val_fields_loss": Text("验证，带字段，每字", "validation, with fields, a character"),
    "lr": Text("学习率", "learning rate"),
    "tokens_per_second": Text("每秒读的字", "tokens a second"),
    "losses": Text("损失（奈特）", "loss (nats)"),
    "at": Text("指着图，读出那一步的数。", "Point at the chart to read that step."),
    "now": Text(
        "到第 {n} 步：全部数据读了 {epoch} 遍，用了 {minutes} 分钟。",
        "At step {n}: {epoch} times through the data, {minutes} minutes.",
    ),
    "waiting": Text("还没有一行记录：训练刚刚开始。", "Not a row yet: the training has only begun."),
    "how": Text("自己训练一次", "Train one yourself"),
    "how_note": Text(
        "在仓库的文件夹里开一个终端，运行下面几行；这一页开着，就能看着它学。",
        "Open a terminal in the repository's folder and run these lines; keep this page open to watch it learn.",
    ),
    "how_prepare": Text("准备数据（一次）", "prepare the data, once"),
    "how_try": Text("先试 200 步", "try 200 steps"),
    "how_whole": Text(
        "一次完整的训练：{recipe} 步，会算 bf16 的双核约一小时（随附的模型用同一配方练得更久：{shipped} 步）",
        "a whole run: {recipe} steps, about an hour on two cores with bf16 (the model that ships had more of the same "
        "recipe: {shipped} steps)",
    ),
    "how_own": Text("用你自己的诗", "on poems of your own"),
}
CARD = Text("随附的模型：参数、数据、许可、成绩", "The model that ships: parameters, data, licence, results")
LICENCE = Text("代码与模型的许可：{name}。", "Licence of the code and the model: {name}.")
WHOLE_CARD = Text("整张模型卡（含评测与样诗）", "The whole model card, with evaluation and samples")
COMMANDS = (
    ("how_prepare", "python data/poetry/prepare.py"),
    (
        "how_try",
        "python train.py config/train_poetry.py --max_iters=200 --eval_interval=50 --out_dir=out-try",
    ),
    ("how_whole", "python train.py config/train_poetry.py"),
    (
        "how_own",
        "python data/poetry/prepare.py --input 我的诗.txt --out-dir data/mine\n"
        "python train.py config/train_finetune.py",
    ),
)
