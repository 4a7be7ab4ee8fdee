"""The words of the tutorial's frame and views; the lessons' own are in shici/app/lessons/texts."""

from __future__ import annotations

from shici.app.language import Text

MESSAGES = {
    "contents": Text("目录", "Contents"),
    "progress": Text("做完 {n} / {m} 课", "{n} of {m} done"),
    "lesson": Text("第{n}课", "Lesson {n}"),
    "previous_lesson": Text("上一课", "Previous"),
    "next_lesson": Text("下一课", "Next"),
    "task": Text("小题", "A small task"),
    "task_done": Text("做到了", "Done"),
    "done_before": Text("这一题你做到过了。", "You have done this task."),
    "done_mark": Text("已做", "done"),
    "try_again": Text("再做一次", "Do it again"),
    "hint_title": Text("提示", "Hint"),
    "finished": Text(
        "{m} 课都做完了。现在去“逐字生成”写一首完整的诗，每一个数你都认得了。",
        "All {m} lessons are done. Now write a whole poem in “Step by step”: you know every number there.",
    ),
    "glossary_title": Text("词汇", "Glossary"),
    "glossary_note": Text(
        "课文里有虚线的词都在这里；点一下看解释。", "Dotted words in the lessons are explained here."
    ),
    "glossary_find": Text("找一个词", "Find a term"),
    "see": Text("看：{page} · {where}", "See: {page}, {where}"),
    "see_later": Text("看：{where}", "See: {where}"),
    "marks_note": Text("上面是字，下面是它的编号。", "The token above, its number below."),
    "vector_token": Text("“{c}”的嵌入", "embedding of “{c}”"),
    "vector_place": Text("第 {n} 位的位置向量", "vector of place {n}"),
    "vector_sum": Text("相加：模型读到的", "their sum: what the model reads"),
    "vector_note": Text(
        "每小格一个数，按行排开；朱为正，墨为负。点诗里的字换一个，指着格子看加法。",
        "A number in each cell, row after row; vermilion is positive, ink negative. Click a character to change it, "
        "point at a cell to see the sum.",
    ),
    "vector_near": Text("嵌入最相近的字：{near}", "Nearest embeddings: {near}"),
    "vector_cell": Text("第 {n} 个数", "number {n}"),
    "choose_layer": Text("层", "Layer"),
    "choose_head": Text("头", "Head"),
    "head_note": Text(
        "换层换头都行；指着一格看算式，点一下选定它。",
        "Any layer and head will do; point at a cell for its formula, click to choose it.",
    ),
    "heads_pick": Text(
        "点一个头，看它从最后一个词元看向哪里。", "Click a head to see where it looks from the last token."
    ),
    "stage_start": Text("嵌入", "embedding"),
    "stage_after": Text("第 {n} 层后", "after layer {n}"),
    "stage_length": Text("长短", "length"),
    "stage_added": Text("本层加上：注意力 · MLP", "added: attention · MLP"),
    "stage_writes": Text("此刻会写", "would write now"),
    "stage_pick": Text("选第 {n} 行", "choose row {n}"),
    "mlp_before": Text("GELU 之前", "before GELU"),
    "mlp_after": Text("GELU 之后", "after GELU"),
    "mlp_cell": Text("神经元 {n}", "neuron {n}"),
    "logit_rank": Text("名次", "rank"),
    "logit_formula": Text("“{c}”的 logit", "logit of “{c}”"),
    "logit_note": Text(
        "点一行看它怎样算出来：最后一个词元的 {n} 个数，与那个字的一行数，逐个相乘，加起来。",
        "Click a row to see how it comes about: the {n} numbers of the last token times those of that character, "
        "added up.",
    ),
    "loss_note": Text(
        "柱越高，模型越没料到；横线是瞎猜的高度。指着一柱看数。",
        "The taller, the less expected; the line is blind guessing. Point at a bar for its numbers.",
    ),
    "loss_bar": Text("“{c}”：损失 {x}，概率 {p}，第 {r} 名", "“{c}”: loss {x}, probability {p}, number {r}"),
    "loss_blind": Text("瞎猜 {x}", "guessing {x}"),
    "rhyme_word": Text("韵脚", "rhyme word"),
    "rhyme_first": Text("还无韵可押", "nothing to rhyme with yet"),
    "rhyme_bare": Text("模型自己放在这一韵上的概率", "the model's own probability of this rhyme"),
    "rhyme_legal": Text("格律留下的", "left by the form"),
    "rhyme_typed": Text("你写的", "typed"),
    "rhyme_elsewhere": Text("其余各字处平均", "elsewhere, on average"),
    "rhyme_heads": Text("看前面韵脚最多的头", "heads that look the most at earlier rhymes"),
    "rhyme_even": Text("平均看", "evenly spread"),
}
