"""What the page 全过程 says: the names of the tensors, the sentences of the guided walk, the words of the formulas."""

from __future__ import annotations

from shici.app.language import Text
from shici.app.tokens import NO_CHARACTER

TENSORS = {
    "token_embedding": Text("词嵌入", "Token embedding"),
    "position_embedding": Text("位置嵌入", "Position embedding"),
    "embedding": Text("两者之和：主干的起点", "Their sum: the residual stream begins"),
    "through": Text("出第 {n} 层的主干", "Residual stream after layer {n}"),
    "residual_out": Text("加回主干：出第 {n} 层", "Added to the stream: after layer {n}"),
    "ln_1": Text("层归一", "LayerNorm"),
    "w_q": Text("问的权重", "query weights"),
    "w_k": Text("答的权重", "key weights"),
    "w_v": Text("值的权重", "value weights"),
    "q": Text("问", "query"),
    "k": Text("答", "key"),
    "v": Text("值", "value"),
    "scores": Text("分数", "scores"),
    "masked": Text("遮去后文", "the future masked"),
    "weights": Text("权重", "weights"),
    "out": Text("加权的值", "weighted values"),
    "concat": Text("各头首尾相接", "heads side by side"),
    "w_o": Text("混合的权重", "mixing weights"),
    "attention": Text("注意力所得", "what attention adds"),
    "residual_mid": Text("加回主干", "Added to the stream"),
    "ln_2": Text("再归一", "LayerNorm again"),
    "w_fc": Text("展开的权重", "widening weights"),
    "mlp_hidden": Text("展开", "widened"),
    "mlp_activated": Text("过 GELU", "after GELU"),
    "w_down": Text("收回的权重", "narrowing weights"),
    "mlp": Text("前馈所得", "what the MLP adds"),
    "ln_f": Text("末了的归一", "Final LayerNorm"),
    "logits": Text("打分", "logit"),
    "scaled": Text("÷ 温度 {t}", "÷ temper\u00adature {t}"),
    "probabilities": Text("概率", "probability"),
    "kept": Text("裁剪后", "after the cuts"),
}

STAGES = {
    "stage_tokens": Text(
        "模型只认数。字典里 {v} 个词元各有一号，“{last}”是 {id} 号。一字一词元，这里共 {n} 个。",
        "The model knows only numbers. Each of the {v} tokens of its dictionary has one: “{last}” is {id}. One "
        "character is one token; here are {n}.",
    ),
    "stage_token_embedding": Text(
        "拿这个号到一张大表里取出一行：{c} 个数。同一个字到哪里都取同一行。",
        "The number picks one row of a large table: {c} numbers. The same character picks the same row everywhere.",
    ),
    "stage_position_embedding": Text(
        "再按位置取一行：站在第几位，就取第几行。这样模型才分得清先后。",
        "Its place picks another row, so that the model can tell what comes first.",
    ),
    "stage_embedding": Text(
        "两行相加，便是主干的起点。往下 {l} 层都只往主干上添东西，从不改写。",
        "The two rows are added: the residual stream begins. All {l} layers below only add to it, none overwrites it.",
    ),
    "stage_ln_1": Text(
        "进层先归一：每字的 {c} 个数减去平均，除以标准差，再逐个乘以学来的系数。",
        "A layer first normalises: from a character's {c} numbers take their mean, divide by their standard deviation, "
        "multiply each by a learned gain.",
    ),
    "stage_q": Text(
        "第 {h} 头用自己的权重，把归一的数变成 {s} 个数的“问”：我在找怎样的字？",
        "Head {h} has weights of its own; they turn the normalised numbers into a query of {s} numbers: what am I "
        "looking for?",
    ),
    "stage_k": Text("同样算出“答”：我是怎样的字？", "In the same way the key: what kind of character am I?"),
    "stage_v": Text(
        "还有“值”：谁若看我，我就交出什么。", "And the value: what do I hand over to those who look at me?"
    ),
    "stage_scores": Text(
        "“{last}”的问与各字的答逐项相乘再加，除以 √{s}，就是分数：越大越合。",
        "The query of “{last}” times each character's key, term by term, added up and divided by √{s}: the score. The "
        "larger, the better they match.",
    ),
    "stage_masked": Text(
        "后面的字还没写，不许看：那里的分数改为 −∞。",
        "What comes later is not written yet and may not be seen: its score becomes −∞.",
    ),
    "stage_weights": Text(
        "softmax 把一行分数变成合计为 1 的权重。最红的那一格，就是“{last}”看得最重的字。",
        "Softmax turns a row of scores into weights that add up to 1. The reddest cell is what “{last}” looks at most.",
    ),
    "stage_out": Text(
        "按权重把各字的值相加：看谁重，就多取谁的。",
        "The values are added up by weight: who is looked at most gives most.",
    ),
    "stage_concat": Text(
        "{heads} 个头各看各的，把 {heads} 段 {s} 个数首尾相接，又是 {c} 个。",
        "{heads} heads looked on their own; their {heads} pieces of {s} numbers, side by side, are {c} again.",
    ),
    "stage_attention": Text(
        "再乘一张权重，把各头所得混在一处：这是注意力要交给主干的。",
        "One more matrix of weights mixes what the heads found: this is what attention hands to the stream.",
    ),
    "stage_residual_mid": Text(
        "加回主干：原来的数都在，只添了从别的字那里看来的。",
        "Added to the stream: all that was there remains, with what was seen in other characters on top.",
    ),
    "stage_ln_2": Text("再归一次，备下一步之用。", "Normalised again, for the next part."),
    "stage_mlp_hidden": Text(
        "前馈只顾自己这一字：{c} 个数展成 {m} 个，每个都在主干里认一种花样。",
        "The MLP looks at one character alone: {c} numbers become {m}, each watching for one pattern in the stream.",
    ),
    "stage_mlp_activated": Text(
        "GELU：正的大致照旧，负的压到近零。少了这一弯，前后两张权重就并成了一张。",
        "GELU: positive numbers mostly stay, negative ones shrink towards zero. Without this bend the two matrices "
        "around it would be one.",
    ),
    "stage_mlp": Text("{m} 个数再收回 {c} 个。", "The {m} numbers are narrowed to {c} again."),
    "stage_residual_out": Text(
        "又加回主干。第 {layer} 层到此为止。", "Added to the stream once more. Layer {layer} is done."
    ),
    "stage_layers": Text(
        "{l} 层做的都是这几件事，权重各不相同。点任一层，就地展开。",
        "All {l} layers do the same, each with weights of its own. Click any of them to unfold it in place.",
    ),
    "stage_ln_f": Text(
        "末了再归一。要猜下一个字，只用最后一字“{last}”的这一行。",
        "Normalised one last time. To guess what comes next only the last character's row is needed, that of “{last}”.",
    ),
    "stage_logits": Text(
        "拿这一行与字典里每个词元的那一行逐项相乘再加，得 {v} 个分数。打分用的表，正是开头查字用的那张。",
        "This row times the row of each token in the dictionary, term by term, added up: {v} scores. It is the same "
        "table that the characters were looked up in.",
    ),
    "stage_probabilities": Text(
        "除以温度 {t}，过 softmax，便是概率。",
        "Divided by the temperature {t}, then softmax: probabilities.",
    ),
    "stage_kept": Text(
        "按 top-k、top-p 裁去尾巴，余下的重新合成 1。这几样在“逐字生成”一页可调。",
        "Top-k and top-p cut off the tail, the rest adds up to 1 again. The page Step by step has their sliders.",
    ),
    "stage_drawn": Text(
        "掷骰得 {u}，落在“{drawn}”上。写下它，连同它再走一遍，就有了下一个字。",
        "The dice say {u} and fall on “{drawn}”. Write it, walk through all this once more, and the next one comes.",
    ),
}

OTHER = {
    "legend": Text(
        "每行一字，每格一数：朱色为正，字色为负，离底色越远越大（比常见大小大出三倍的，颜色不再变）。指着任一格，它从哪里来就"
        "亮起来，算式里写出真数；点一下定住。",
        "A row is a character, a cell is a number: vermilion positive, the colour of the text negative; the farther "
        "from the ground, the larger (up to three times the typical size). Point at any cell: where it comes from "
        "lights up and its formula is written out with the real numbers. Click to hold it.",
    ),
    "keys": Text(
        "键盘：n 下一步，b 上一步，p 播放，w 落笔，u 退一字；在图上用方向键走格，Esc 放开。",
        "Keys: n next, b back, p play, w write a character, u undo; arrows walk a picture's cells, Esc lets go.",
    ),
    "tokens": Text("字与号", "Characters and their numbers"),
    "token": Text("{c}：{id} 号，第 {i} 位", "{c}: number {id}, place {i}"),
    "layer": Text("第 {n} 层", "Layer {n}"),
    "head": Text("第 {n} 头", "Head {n}"),
    "heads": Text("注意力：{n} 个头", "Attention: {n} heads"),
    "mlp_block": Text("前馈", "MLP"),
    "beginning": Text("嵌入", "Embedding"),
    "output": Text("打分、概率、掷骰", "Scores, probabilities, dice"),
    "whole": Text("字典里全部 {v} 个词元的分数", "The scores of all {v} tokens"),
    "waiting": Text("取数……", "fetching…"),
    "unfold_first": Text(
        "这一层添了 {d}。展开这一层，看它怎样算来。", "This layer added {d}. Unfold it to see how."
    ),
    "unfold_output": Text(
        "展开“打分”，取来整张表，就能看这一项。", "Unfold the scores to fetch the whole table and see this."
    ),
    "other_head": Text("在第 {n} 头那里", "in head {n}"),
    "looked_up": Text(
        "学来的表，第 {id} 行（“{c}”）第 {j} 个数。", "A learned table: row {id} (“{c}”), number {j}."
    ),
    "placed": Text(
        "学来的表，第 {i} 行（第 {i} 位）第 {j} 个数。", "A learned table: row {i} (place {i}), number {j}."
    ),
    "learned": Text("训练中学来的数。", "Learned in training."),
    "masked_yes": Text(
        "“{s}”在“{t}”之后，看不见：分数改为 −∞。", "“{s}” comes after “{t}”, unseen: the score becomes −∞."
    ),
    "masked_no": Text(
        "“{s}”不在“{t}”之后，看得见：分数不变。", "“{s}” does not come after “{t}”: the score stays."
    ),
    "future": Text("后面的字：e 的 −∞ 次方是 0。", "A later character: e to the power of −∞ is 0."),
    "forbidden": Text("此处不得写（起止与字段的记号）。", "May not come here (a mark of fields or ends)."),
    "cut_off": Text("裁去了。", "Cut off."),
    "mean": Text("平均", "mean"),
    "deviation": Text("标准差", "standard deviation"),
    "terms": Text("共 {n} 项", "{n} terms"),
    "largest": Text("最大的几项", "The largest terms"),
    "trace": Text("模型算得", "the model's own"),
    "apart": Text("相差 {n}", "apart by {n}"),
    "next": Text("下一步", "Next"),
    "previous": Text("上一步", "Back"),
    "formula": Text("算式 ▴", "Formula ▴"),
    "play": Text("播放", "Play"),
    "pause": Text("停", "Pause"),
    "write": Text("落笔", "Write it"),
    "undo": Text("退一字", "Undo"),
    "back": Text("回到原句", "Back to the line"),
    "will_write": Text(
        "骰 {u} → “{c}”（第 {r} 名，{p}）", "throw {u} → “{c}” (number {r}, {p})"
    ),
    "ended": Text("诗写完了。", "The poem is finished."),
    "added": Text(
        "新添“{c}”一行；前面 {n} 行与刚才相差至多 {d}：因为只看前文，写过的不必重算。",
        "“{c}” is new; the {n} rows before it differ from before by {d} at most: each looks back only, so what was "
        "computed stays.",
    ),
    "window": Text(
        "前面 {n} 个词元已在模型的视野之外。", "The first {n} tokens are outside what the model sees."
    ),
    "number": Text("第 {n} 名", "number {n}"),
}  # fmt: skip

MESSAGES = {**TENSORS, **STAGES, **OTHER, "control_token": NO_CHARACTER}
