"""The terms of the lessons: in both languages, one sentence each, and on which page to see it."""

from __future__ import annotations

from dataclasses import dataclass

from shici.app.language import Text


@dataclass(frozen=True, slots=True)
class Term:
    """page: the module of shici.app.pages where it is seen best. where: what to look at there."""

    name: Text
    said: Text
    page: str
    where: Text


def term(zh: str, en: str, said_zh: str, said_en: str, page: str, where_zh: str, where_en: str) -> Term:
    return Term(Text(zh, en), Text(said_zh, said_en), page, Text(where_zh, where_en))


TERMS = {
    "token": term(
        "词元", "token",
        "模型一次读写的一小片文字；在这里一个字、一个标点、一个换行、一个记号各是一个。",
        "The smallest piece of text that the model reads and writes: here a character, a mark, a line feed or a sign.",
        "writing", "诗里的每一格", "every cell of the verse",
    ),
    "vocabulary": term(
        "词表", "vocabulary", "全部词元排成的一张表，次序就是编号。",
        "The list of all tokens; a token's place in it is its number.",
        "writing", "掷骰子的长条，按词表次序排", "the bar of the dice, in the vocabulary's order",
    ),
    "control": term(
        "记号", "control token", "不是字的词元，告诉模型诗从哪里开始、是什么体裁、谁写的。",
        "A token that is no character: where the poem begins, its form, its author.",
        "writing", "诗前面的小字", "the small words before the verse",
    ),
    "embedding": term(
        "嵌入", "embedding", "每个词元在表里对应的一行数，模型读到的不是字，是这行数。",
        "The row of numbers that a table keeps for each token; this, not the character, is what the model reads.",
        "walk", "最前面的一段", "the first block",
    ),
    "position": term(
        "位置向量", "position vector", "每个位置也有一行数，加到嵌入上，模型才分得清先后。",
        "Each place has a row of numbers too; added to the embedding it tells the model what comes first.",
        "walk", "最前面的一段", "the first block",
    ),
    "vector": term(
        "向量", "vector", "排成一列的一串数。", "A list of numbers in a fixed order.",
        "walk", "任何一条色带", "any coloured strip",
    ),
    "attention": term(
        "注意力", "attention", "每个词元按轻重去取前面各词元的信息。",
        "The way each token takes something from the tokens before it, more from some than from others.",
        "attention", "整页", "the whole page",
    ),
    "query": term(
        "Q 问", "Q, query", "一个词元发出的“我在找什么”。", "What a token is looking for.",
        "attention", "一头之内，第一张表", "inside one head, the first table",
    ),
    "key": term(
        "K 答", "K, key", "一个词元挂出的“我这里有什么”，与 Q 相配。", "What a token offers to be found by.",
        "attention", "一头之内，第二张表", "inside one head, the second table",
    ),
    "value": term(
        "V 值", "V, value", "一个词元被看中时真正交出去的东西。", "What a token hands over when it is looked at.",
        "attention", "一头之内，第三张表", "inside one head, the third table",
    ),
    "score": term(
        "分数", "score", "Q 与 K 逐个相乘、相加，再除以宽度的平方根。",
        "Q and K multiplied number by number, added up, and divided by the root of their width.",
        "attention", "一头之内的分数表", "the table of scores inside one head",
    ),
    "softmax": term(
        "softmax", "softmax", "把一串分数变成合起来是 1 的份额：先取 e 的多少次方，再除以总和。",
        "Turns scores into shares that add up to 1: e to the power of each, divided by their sum.",
        "attention", "权重表，指着一格看算式", "the table of weights; point at a cell for its formula",
    ),
    "weight": term(
        "权重", "attention weight", "softmax 之后的份额：这个词元把几分心思放在那个词元上。",
        "The share after softmax: how much of a token's attention goes to another.",
        "attention", "诗中每字旁的小数", "the small numbers in the verse",
    ),
    "mask": term(
        "遮罩", "causal mask", "还没写到的字不许看：分数改成 −∞，权重就是 0。",
        "What is not written yet may not be seen: its score becomes −∞, its weight 0.",
        "attention", "遮去后文的那张表", "the table with the future masked",
    ),
    "head": term(
        "注意力头", "attention head", "一套自己的 Q、K、V，一种看法；每层有好几个，各看各的。",
        "One set of Q, K and V, one way of looking; a layer has several, each with its own.",
        "attention", "左边的小格", "the small squares",
    ),
    "layer": term(
        "层", "layer", "一次注意力加一次 MLP；几层叠起来，一层读上一层留下的数。",
        "One attention and one MLP; layers are stacked, each reading what the one before left.",
        "walk", "从上到下的大块", "the large blocks",
    ),
    "residual": term(
        "残差流", "residual stream", "一个词元从头到尾携带的那串数，每一层只往上加，不换掉。",
        "The vector that a token carries all the way through; every layer adds to it and none replaces it.",
        "walk", "贯穿各层的主干", "the trunk through all layers",
    ),
    "norm": term(
        "层归一", "LayerNorm", "先把一串数减去平均、除以标准差，再乘上学来的系数，免得忽大忽小。",
        "A vector minus its mean, divided by its standard deviation, times learned factors: it keeps sizes in hand.",
        "walk", "每层开头", "at the start of every layer",
    ),
    "mlp": term(
        "MLP", "MLP", "每个词元自己想一想：放宽、过弯、再收回来，不看别的词元。",
        "Each token thinks for itself: widened, bent, and narrowed again, without looking at others.",
        "walk", "每层的后半", "the second half of every layer",
    ),
    "gelu": term(
        "GELU", "GELU", "一道弯：大的正数几乎原样通过，大的负数几乎变成 0。",
        "A bend: large positive numbers pass almost unchanged, large negative ones become almost 0.",
        "walk", "MLP 中间", "in the middle of the MLP",
    ),
    "neuron": term(
        "神经元", "neuron", "MLP 放宽之后的一个数；它亮起来时，就把自己的一行数加进残差流。",
        "One number of the widened MLP; when it fires it adds its own vector to the residual stream.",
        "walk", "MLP 的一格", "one cell of the MLP",
    ),
    "lens": term(
        "逐层读数", "logit lens", "把每一层留下的数当作最后一层来读，看它“此刻会写什么”。",
        "Reading what each layer leaves as if it were the last: what would it write now?",
        "interpret", "逐层的候选", "the candidates of each layer",
    ),
    "logit": term(
        "logit", "logit", "模型给每个候选打的原始分，可正可负，差一分就是 e 倍。",
        "The raw score of each candidate, positive or negative; one more means e times as likely.",
        "writing", "候选表的第一列", "the first column of the candidates",
    ),
    "temperature": term(
        "温度", "temperature", "logit 先除以它：低了偏向第一名，高了人人有份。",
        "Logits are divided by it first: low favours the first, high gives everyone a chance.",
        "writing", "温度滑块", "the slider",
    ),
    "probability": term(
        "概率", "probability", "softmax 之后的份额，全部候选合起来是 1。",
        "The share after softmax; all candidates together make 1.",
        "writing", "候选表的第三列", "the third column of the candidates",
    ),
    "top_k": term(
        "top-k", "top-k", "只留前 k 名。", "Keeps the k likeliest.", "writing", "top-k 滑块", "the slider",
    ),
    "top_p": term(
        "top-p", "top-p", "从第一名起往下数，概率合到 p 为止，其余不要。",
        "Keeps the likeliest until their probabilities reach p.", "writing", "top-p 滑块", "the slider",
    ),
    "dice": term(
        "骰子", "dice", "0 到 1 之间的一个随机数，落在谁的一段上就写谁。",
        "A random number between 0 and 1; whose segment it falls on is written.",
        "writing", "掷骰的长条", "the bar of the throw",
    ),
    "seed": term(
        "种子", "seed", "定下骰子全部点数的一个整数；种子相同，诗就相同。",
        "A whole number that fixes all throws: the same seed, the same poem.",
        "writing", "种子一栏", "the field of the seed",
    ),
    "loss": term(
        "损失", "loss", "真正的下一字得到的概率取对数再变号；越意外越大，训练就是把它往小里推。",
        "Minus the log of the probability that the true next token got; surprise. Training makes it small.",
        "training", "损失曲线", "the curve",
    ),
    "training": term(
        "训练", "training", "读一行真诗，算损失，把每个参数朝损失变小的方向挪一点点，如此反复。",
        "Read real verse, compute the loss, move every parameter a little the way that lowers it; repeat.",
        "training", "整页", "the whole page",
    ),
    "parameter": term(
        "参数", "parameter", "训练出来的数；写诗时它们不动。",
        "A number that training set; while writing they stand still.",
        "walk", "每一块的权重", "the weights of each block",
    ),
    "tone": term(
        "平仄", "level and oblique", "古音的声调分两类：平声为平，上去入为仄。",
        "The old tones in two classes: 平 is level; rising, departing and entering are oblique, 仄.",
        "writing", "字旁的 ○ 与 ●", "○ and ● beside each character",
    ),
    "rhyme": term(
        "韵部", "rhyme group", "古人认作同韵的字归成的一部，平水韵共 106 部。",
        "Characters that the rhyme book counts as rhyming; 平水韵 has 106 groups.",
        "writing", "字旁的小字", "the small words beside each character",
    ),
    "constraint": term(
        "约束", "constraint", "不合格律的候选先划去，剩下的再掷骰子。",
        "What the form forbids is struck out before the dice are thrown.",
        "compose", "整页", "the whole page",
    ),
    "context": term(
        "视野", "context window", "模型一次能看到的词元数，更早的看不见。",
        "How many tokens the model sees at once; what is earlier it does not see.",
        "attention", "很长的诗", "with a very long poem",
    ),
}  # fmt: skip
