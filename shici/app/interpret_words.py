"""The words of the page 解读, in both languages."""

from __future__ import annotations

from shici.app.language import Text
from shici.app.tokens import NO_CHARACTER

MESSAGES = {
    "control_token": NO_CHARACTER,
    "write": Text("续写", "Write on"),
    "characters": Text("字", "characters"),
    "back": Text("回到原句", "Back to the line"),
    "contents": Text("四种问法", "Four ways of asking"),
    # the lens
    "lens": Text("逐层读出", "Layer by layer"),
    "lens_short": Text("每一层，它想写什么？", "What would each layer write?"),
    "lens_note": Text(
        "把每一层之后的残差直接接到末尾的归一与输出权重上，看那一层“想写什么”（logit lens，nostalgebraist "
        "2020）。"
        "一列是一个位置，从上往下一层深一层；离底色越远，概率越大；红框是后来写下的那个字。"
        "温度 1，不裁剪；“逐字生成”的概率已除以温度。",
        "The residual after each layer, put straight through the final norm and the output weights: what "
        "that layer would "
        "write (the logit lens, nostalgebraist 2020). A column is a place, deeper layers are lower; the "
        "farther from the ground, "
        "the likelier; a red frame is the character that was written in the end. At temperature 1, without cuts; "
        "the probabilities of “Step by step” are after the division by its temperature.",
    ),
    "lens_limits": Text(
        "能看出：答案从哪一层起成形。看不出：前几层“心里”真正存着什么。归一与输出权重只为末层而学，"
        "拿去读前几层会走样"
        "（Belrose 等 2023）；又因输入输出共用一套字表，第一行多半只是把刚读的字念一遍。",
        "It shows from which layer on an answer takes shape. It does not show what early layers really "
        "hold: the norm and "
        "the output weights were learned for the last layer and distort earlier ones (Belrose et al. "
        "2023). As reading and "
        "writing share one table, the first row mostly repeats the character just read.",
    ),
    "mode_top": Text("最可能的字", "likeliest"),
    "mode_chosen": Text("写下的字第几名", "rank of the written"),
    "mode_rhyme": Text("押韵的字合计", "rhyming, together"),
    "mode_tone": Text("同声的字合计", "right tone, together"),
    "mode_marks": Text("标点合计", "punctuation, together"),
    "mode": Text("格子里看什么", "What the cells show"),
    "stage_0": Text("读入", "input"),
    "stage_n": Text("层 {n}", "L{n}"),
    "stage_said": Text("第 {n} 层", "layer {n}"),
    "stage_input": Text("读入时", "the input"),
    "read_row": Text("读", "read"),
    "written_row": Text("写", "wrote"),
    "at": Text("读到“{c}”之后，", "After “{c}”, "),
    "next_is": Text("写下“{c}”", "“{c}” was written"),
    "next_likeliest": Text("最可能写“{c}”", "“{c}” is likeliest"),
    "settled": Text("从{stage}起就是第一名。", "first from {stage} on."),
    "never_settled": Text(
        "到末层也不是第一名（骰子选了它）。", "not first even at the end (the dice chose it)."
    ),
    "candidates": Text("最可能的五个", "five likeliest"),
    "rank": Text("“{c}”的名次", "rank of “{c}”"),
    "no_rhyme": Text("还没有韵脚，也没有指定韵部。", "No rhyme word yet, and no rhyme was named."),
    "rhyme_is": Text("韵部：{r}。", "Rhyme: {r}."),
    "curves": Text("概率在哪一层挪过去？", "In which layer does the mass move?"),
    "curves_note": Text(
        "实线：轮到写韵脚（或平声字、仄声字、标点）时，这一类字合计的概率，逐层平均；虚线："
        "不该写它们的地方，作对照。头一个韵脚还无韵可押，不算（指定了韵部则算）。",
        "Solid: the probability of the whole class where a rhyme word (a level, an oblique character, a "
        "mark) comes next, "
        "averaged at each layer; dashed: at the other places, for comparison. "
        "The first rhyme word has nothing to rhyme with and is left out, unless a rhyme was named.",
    ),
    "curve_rhyme": Text("押韵", "rhyme"),
    "curve_level": Text("平声", "level"),
    "curve_oblique": Text("仄声", "oblique"),
    "curve_marks": Text("标点", "marks"),
    "elsewhere": Text("别处", "elsewhere"),
    "rhyme_from": Text(
        "韵脚“{c}”：押{r}的字从{stage}起合计过半。", "Rhyme word “{c}”: {r} holds over half from {stage} on."
    ),
    "rhyme_never": Text("韵脚“{c}”：押{r}的字到末层也不过半。", "Rhyme word “{c}”: {r} never holds half."),
    # heads
    "heads": Text("{n} 个头各管什么", "What the {n} heads do"),
    "heads_short": Text("去掉一个头，诗会怎样？", "What if a head falls silent?"),
    "heads_note": Text(
        "格中的字是这个头最突出的习惯（看前一字、对句、韵脚……，在 {n} 首名诗上量得；· 是没有突出的）。"
        "底色是让它沉默之后，你这几句的损失每字变了多少：朱色升，字色降，离底色越远越多。点一格细看，也可用方向键。",
        "The word in a cell is the head's most marked habit (it looks at the character before, the partner "
        "line, the rhyme "
        "...; measured on {n} famous poems; · means none stands out). The ground is what the loss of your "
        "own line does "
        "when the head falls silent: vermilion it rises, the colour of the text it falls, the farther from the ground "
        "the more. Click one, or use the arrow keys.",
    ),
    "heads_limits": Text(
        "注意力只说它从哪里取，不说取了什么、派何用场（Jain 与 Wallace 2019）。让一个头沉默，"
        "别的头可能补上，所以“不变”不等于“没用”；"
        "置零还会让后面的层遇到从没见过的数，改用平均值较为温和，两种都给你看。一句的变化有偶然，右边有 "
        "{n} 首诗上的平均作对照。",
        "Attention says where a head takes from, not what it takes or what becomes of it (Jain and Wallace "
        "2019). When one "
        "falls silent others may make up for it, so no change does not mean no use; zero also gives later "
        "layers numbers "
        "they never met, the mean is gentler, so both are here. One line is a matter of chance: beside it "
        "stands the average over {n} poems.",
    ),
    "way": Text("怎样沉默", "Silenced by"),
    "way_zero": Text("置零", "zero"),
    "way_mean": Text("换成平均值", "its mean"),
    "head_name": Text("第 {l} 层第 {h} 头", "Layer {l}, head {h}"),
    "layer_short": Text("层 {n}", "L{n}"),
    "head_short": Text("头 {n}", "H{n}"),
    "self": Text("己", "self"),
    "previous": Text("前", "prev"),
    "partner": Text("对", "pair"),
    "partner_next": Text("偶", "pair+"),
    "rhyme": Text("韵", "rhyme"),
    "line_start": Text("首", "start"),
    "marks": Text("点", "marks"),
    "front": Text("起", "front"),
    "fields": Text("题", "fields"),
    "self_long": Text("自己", "itself"),
    "previous_long": Text("前一字", "the one before"),
    "partner_long": Text("上句对位的字", "the one opposite in the couplet"),
    "partner_next_long": Text("上句中与将写之字对位的字", "the one opposite the next"),
    "rhyme_long": Text("将写韵脚时，前面的韵脚", "earlier rhyme words, before a rhyme"),
    "line_start_long": Text("本句第一字", "first of its line"),
    "marks_long": Text("前面的标点", "earlier marks"),
    "front_long": Text("起始与正文记号", "<bos> and <body>"),
    "fields_long": Text("体裁、作者、题目", "form, author, title"),
    "card_note": Text(
        "朱条：注意力落在那里的份额，{n} 首诗的平均；细线：各诗之间的标准差；墨竖线："
        "平均分给所有看得见的字时会有多少。各诗之前都没有指明韵部：指明了，管韵的头就去看它。",
        "Red bar: the share of attention that goes there, mean of {n} poems; thin line: standard deviation "
        "between poems; "
        "ink tick: what attention spread evenly over all visible tokens would give. No rhyme was named "
        "before these poems: where it is, "
        "rhyme heads look there instead.",
    ),
    "cost_here": Text("让它沉默，你这几句的损失每字", "Silenced, the loss of your line changes by"),
    "cost_poems": Text("{n} 首名诗上", "on {n} famous poems"),
    "nats": Text("奈特", "nats a character"),
    "cost_unmeasured": Text(
        "名诗上的代价还没有为这个模型量过：python scripts/score_heads.py",
        "Not measured on the poems for this model: python scripts/score_heads.py",
    ),
    "too_short": Text("再写几个字，才量得出损失。", "Write a little more for a loss to be measured."),
    "too_long": Text(
        "超过 128 个词元：逐头量损失太久，这里不量。",
        "More than 128 tokens: silencing each head in turn would take too long here.",
    ),
    "cost_each": Text(
        "哪些字受影响：条越高，沉默之后越难猜到（红），或反而更好猜（墨）。",
        "Which characters feel it: the higher, the harder to guess once silenced (red), or the easier (ink).",
    ),
    "rewrite": Text("没有它，同一把骰子再写", "Write again without it, same dice"),
    "rewrite_note": Text("各写 8 首，要几秒。", "Eight poems of each kind; takes a few seconds."),
    "with_all": Text("原样", "All heads"),
    "without": Text("去 {l}.{h}", "Without {l}.{h}"),
    "control": Text("对照：去 {l}.{h}（骰子选的）", "Control: without {l}.{h} (by the dice)"),
    "control_short": Text("对照", "Control"),
    "trial_title": Text("去掉第 {l} 层第 {h} 头（{way}）之后", "After silencing layer {l}, head {h} ({way})"),
    "free_form": Text("不成体", "no set form"),
    "rhymes_in": Text("押{r}", "rhymes in {r}"),
    "no_one_rhyme": Text("不押一韵", "no one rhyme"),
    "unfinished": Text("未写完", "unfinished"),
    "row_even": Text("句长一律", "lines of one length"),
    "row_rhyme": Text("押一韵", "one rhyme"),
    "row_regulated": Text("合律", "regulated"),
    "row_loss": Text("原句的损失（奈特/字）", "loss of the line, nats a character"),
    "row_ended": Text("自己写完", "came to an end"),
    "of_eight": Text("{n} 首中", "of {n} poems"),
    "trial_note": Text(
        "上面是同一把骰子的第一首，只是一例；下表各 {n} 首，仍嫌少，差一两首多半是偶然。"
        "先看去掉对照头有多大变化，再看这个头。",
        "Above is one poem of the same dice, an example; the table counts {n} of each, still few: a "
        "difference of one or two is "
        "mostly chance. Look first at what silencing the control does.",
    ),
    # swap
    "swap": Text("换一个字", "Swap a character"),
    "swap_short": Text("一字之差，后面差多少？", "One character apart, how far apart?"),
    "swap_note": Text(
        "点一个字，换成别的：每个字下的条是此处“下一个字”的分布因此动了多少（KL 散度，奈特）。"
        "前面的字看不见它，恒为 0。",
        "Click a character and put another there: the bar under each is how far the distribution of the "
        "next character "
        "moves (KL divergence, nats). What stands before cannot see it and stays at 0.",
    ),
    "swap_limits": Text(
        "能看出：后文的预期有多少系于这一字。看不出：换得好不好；换成谁也不会写的字，模型只因意外就大动，"
        "所以意外程度也写在旁边。",
        "It shows how much of what follows hangs on this character, not whether the swap is a good one: a "
        "character that nobody would "
        "write moves the model by surprise alone, so the surprise is given too.",
    ),
    "swap_for": Text("把“{c}”换成", "Put in place of “{c}”"),
    "swap_do": Text("换", "Swap"),
    "swap_try": Text("此处模型自己的候选：", "The model's own candidates here: "),
    "swap_done": Text(
        "“{a}”换成“{b}”：此处的意外 {x} → {y} 奈特。", "“{a}” → “{b}”: surprise here {x} → {y} nats."
    ),
    "swap_cell": Text(
        "“{c}”之后：KL {k}；最可能的下一字 {a} → {b}", "after “{c}”: KL {k}; likeliest next {a} → {b}"
    ),
    "swap_pick": Text("先点一个字。", "Click a character first."),
    # recall
    "recall": Text("记得，还是自作", "Recall or invention"),
    "recall_short": Text("这几个字，训练的诗里有过吗？", "Did it read these very words?"),
    "recall_note": Text(
        "每个字下的数：以它收尾、在训练文本里原样出现过的最长一串有几个字；{n} 个字以上的串画了红线，"
        "线越粗串越长。"
        "指着一个字，看那串字和它的一处出处。",
        "The number under a character: how long the longest run is that ends with it and stands in the "
        "training text word for "
        "word; runs of {n} and more are underlined, the thicker the longer. Point at one for the run and a "
        "poem it stands in.",
    ),
    "recall_limits": Text(
        "逐字精确查找，不是估计。串长只说这几个字曾这样连着出现，不说模型是“背”出来的；串短也不等于写得好。"
        "人名、成语、套话本来就常重复，所以附上真人之作的平常数。",
        "Exact look-up, no estimate. A long run says that the characters stood together before, not that "
        "the model looked "
        "them up; a short one does not make a good line. Names and set phrases recur by themselves, hence "
        "the usual figures of people's poems.",
    ),
    "usual": Text(
        "留作检验的 {p} 首真人之诗（模型没有读过）：平均串长 {m} 字，每首最长的串平均 {l} 字，最多 {x} 字。",
        "{p} held-out poems by people (never read by the model): runs of {m} on average, the longest of a "
        "poem {l} on average, {x} at most.",
    ),
    "here": Text("这里：平均 {m} 字，最长 {x} 字。", "Here: {m} on average, {x} at the longest."),
    "here_written": Text(
        "模型写的：平均 {m} 字，最长 {x} 字。", "By the model: {m} on average, {x} at the longest."
    ),
    "recall_cell": Text("“{run}”在训练文本里有 {n} 处", "“{run}” stands in the training text {n} times"),
    "recall_source": Text("，例如 {author}《{title}》", ", for instance {title} by {author}"),
    "recall_context": Text(
        "前文“{run}”有 {n} 处，其中 {m} 处接着写“{c}”。",
        "What comes before, “{run}”, stands there {n} times, {m} of them go on with “{c}”.",
    ),
    "recall_none": Text("“{c}”在训练文本里没有。", "“{c}” is not in the training text."),
    "nameless": Text("无题", "untitled"),
    "anonymous": Text("佚名", "anonymous"),
    "recall_bare": Text(
        "训练文本在（{n} 个词元），还没有索引。建一次约二十秒（机器忙则更久），占 {mb} MB，以后即查即得。",
        "The training text is here ({n} tokens), without an index. Building it takes about twenty seconds "
        "once (longer on a busy machine) and {mb} MB.",
    ),
    "recall_build": Text("建索引", "Build the index"),
    "limits": Text("这个方法看不出什么", "What this cannot show"),
}

ONE_ONLY = Text("请只写一个字。", "One character, please.")
