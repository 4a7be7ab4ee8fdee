"""逐字生成: how the next character is chosen, one at a time. All stages are the sampler's, the logits the model's."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from shici.app.components import component
from shici.app.forms import choices, pattern, reason, sizes
from shici.app.language import Language, Text, in_language
from shici.app.masthead import show
from shici.app.payload import pack
from shici.app.reading import Next, next_of, sounds
from shici.app.state import Session, Writing
from shici.app.tokens import NO_CHARACTER, is_control, places, shown
from shici.app.writer import coming, draw_one, ended, following, take
from shici.checkpoint import LoadedModel
from shici.generation.sampler import Step
from shici.vocabulary import Vocabulary

MESSAGES = {
    "poem": Text("诗", "The poem"),
    "poem_note": Text(
        "黑字是你写的，红字是模型写的；○ 平 ● 仄 ◐ 两读，旁边是韵部（{book}）。点一个字，回到那里。",
        "Ink is yours, vermilion the model's; ○ level, ● oblique, ◐ either, and the rhyme group beside it "
        "({book}). "
        "Click a character to go back there.",
    ),
    "copy": Text("复制诗文", "Copy the poem"),
    "copied": Text("已复制。", "Copied."),
    "not_copied": Text("浏览器不让复制。", "The browser does not allow it."),
    "draw": Text("落笔", "Write it"),
    "play": Text("连写", "Play"),
    "pause": Text("停", "Pause"),
    "undo": Text("退一字", "Undo"),
    "speed": Text("快慢", "Speed"),
    "slow": Text("慢", "slow"),
    "middle": Text("中", "medium"),
    "fast": Text("快", "fast"),
    "temperature": Text("温度", "Temperature"),
    "top_k": Text("top-k 只留前几名", "top-k, the k likeliest"),
    "top_p": Text("top-p 只留合计", "top-p, together this share"),
    "no_limit": Text("不限", "no limit"),
    "seed": Text("种子", "Seed"),
    "again": Text("换一把骰子", "Other dice"),
    "again_note": Text(
        "同一个种子的下一首：sample.py 用同样的种子也这样写",
        "The next poem of this seed, as sample.py writes it",
    ),
    "keys": Text(
        "键盘：→ 落笔，← 退一字，p 连写，1–9 选第几个候选。",
        "Keys: → write, ← undo, p play, 1–9 take that candidate.",
    ),
    "next": Text("下一个字", "The next character"),
    "next_note": Text(
        "logit 除以温度，过 softmax 成概率，裁去不留的，余下的重新合成 1。点任一个字，改写成它。",
        "The logit is divided by the temperature, softmax makes it a probability, the cuts take some away and the "
        "rest adds up to 1 again. Click any character to write that one instead.",
    ),
    "verdict": Text(
        "骰子掷出 {u}，落在 {c}：第 {r} 名，裁后概率 {p}。",
        "The dice throw {u} and fall on {c}: number {r}, probability {p} after the cuts.",
    ),
    "ended": Text(
        "诗写完了（模型写出了“诗终”）。退一字，或点一个字回到那里，另写一枝。",
        "The poem is finished (the model wrote its end). Undo, or click a character to branch off there.",
    ),
    "column_logit": Text("logit", "logit"),
    "column_scaled": Text("÷ 温度 {t}", "÷ temper\u00adature {t}"),
    "column_probability": Text("概率", "probability"),
    "column_kept": Text("裁剪后", "after the cuts"),
    "take": Text("改写成“{c}”", "write “{c}” instead"),
    "facts": Text(
        "熵 {a} 奈特，裁剪后 {b}；{v} 个候选余 {n} 个。",
        "Entropy {a} nats, {b} after the cuts; {n} of {v} candidates are left.",
    ),
    "constraint": Text(
        "约束：{n} 个记号此处不得写（起止与字段的记号），模型原给它们的概率共 {p}。",
        "Constraint: {n} tokens may not come here (marks of fields and ends); the model gave them {p} together.",
    ),
    "seek": Text("表里没有的字：", "One that is not in the table:"),
    "seek_missing": Text("词表里没有“{c}”。", "“{c}” is not in the vocabulary."),
    "control_token": NO_CHARACTER,
    "not_here": Text("格律不许", "the form forbids it here"),
    "keep": Text("格律", "Keep the form"),
    "keep_none": Text("不守", "none"),
    "keep_verse": Text("诗", "Verse"),
    "keep_tunes": Text("词", "Tunes"),
    "keep_variant": Text("体", "Variant"),
    "keep_variant_name": Text("第 {n} 体，{c} 字", "{n}, {c} characters"),
    "keep_rhyme": Text("韵", "Rhyme"),
    "keep_model": Text("由模型定", "the model's choice"),
    "keep_note": Text(
        "○ 平　● 仄　⊙ 平仄都还可以　△ 押韵　▵ 或押韵；写过的已填上。",
        "○ level, ● oblique, ⊙ either is still open, △ rhyme, ▵ perhaps a rhyme; what was written is filled in.",
    ),
    "keep_constraint": Text(
        "格律：此处 {n} 个字不得写，模型在这个温度下原给它们的概率共 {p}，都去掉了。表里划去的是其中最可能的。",
        "Form: {n} tokens may not come here; at this temperature the model gave them {p} together, all removed. "
        "Struck out in the table are the likeliest of them.",
    ),
    "keep_refused": Text("不能写“{c}”：{why}。", "“{c}” is refused: {why}."),
    "check": Text(
        "这些数在浏览器里随滑块重算；与服务器的 sampler.py 逐字相比，{v} 个概率相差至多 {d}。",
        "Reckoned in the browser as the sliders move; against sampler.py on the server all {v} probabilities "
        "differ by at most {d}.",
    ),
    "dice": Text("掷骰", "The throw"),
    "dice_note": Text(
        "留下的字按词表次序排成一条，各占概率那么宽；骰子的数落在谁身上就写谁。下面一条放大二十倍。点一段，改写成它。",
        "What was kept lies side by side in the vocabulary's order, each as wide as its probability; the one under the "
        "throw is written. Below, twenty times larger. Click a segment to take it.",
    ),
    "thrown": Text("骰 {u}", "throw {u}"),
    "segment": Text("{c}：{a} – {b}，概率 {p}", "{c}: {a} – {b}, probability {p}"),
    "branches": Text("枝叶", "Branches"),
    "branches_note": Text(
        "写过的都在（换一句、换体裁，回来还在）；点一个字，回到那一枝。有红线的是你选的。",
        "All that was written stays, also when you try another line or form and return; click a character to go to its "
        "branch. Underlined ones you chose.",
    ),
    "root": Text("起", "line"),
    "clear": Text("清空", "Clear"),
    "restore": Text("撤销清空", "Undo clear"),
}
TITLE = Text("逐字生成", "Step by step")
ABOUT = Text(
    "模型每次只写一个字：给每个字打分，再掷骰子。",
    "The model writes one character at a time: it scores every one, then throws dice.",
)
REFUSED = 8  # of the characters that a form refuses, so many are shown struck out
SOUNDED = 400  # of so many candidates the tone and the rhyme group are sent along
LARGEST_SEED = 2**32 - 1

_writing = component("writing")


def page() -> None:
    """Draw the page."""
    show(_writing, "writing", TITLE, ABOUT, packed, act)


def packed(loaded: LoadedModel, session: Session, writing: Writing) -> bytes:
    """The next character's logits, the sampler's stages of them, and the tree.

    Tensors, V vocabulary: logits (V) float32, allowed (V) uint8, probabilities and kept (V) float64.
    """
    vocabulary, language, settings = loaded.vocabulary, session.language, session.settings
    ahead = following(loaded, writing)
    stages, throw = coming(loaded, session, writing)
    path, drawn = writing.path(), int(stages.drawn[0])
    likeliest = stages.masked[0].topk(min(SOUNDED, int(ahead.allowed.sum()))).indices.tolist()
    header = {
        "words": in_language(MESSAGES, language),
        "language": language,
        "tokens": places(vocabulary, writing.tokens(), len(writing.prompt.ids), language, settings.law),
        "typed": len(writing.prompt.ids),
        "text": plain(vocabulary, writing),
        "nodes": [
            {
                "parent": node.parent,
                "text": shown(vocabulary, node.token, language),
                "taken": node.taken,
                "control": is_control(vocabulary, node.token),
            }
            for node in writing.nodes
        ],
        "path": path,
        "current": writing.current,
        "cleared": writing.cleared is not None,
        "ended": ended(loaded, writing),
        "settings": {
            "temperature": settings.temperature,
            "top_k": settings.top_k or 0,
            "top_p": settings.top_p,
            "min_p": settings.min_p,
            "seed": settings.seed,
        },
        "book": settings.law,
        "version": session.version,
        "throw": throw,
        "drawn": drawn,
        "names": names(vocabulary, loaded.model.config.vocab_size, language),
        "controls": vocabulary.control_count,
        "sounds": {
            token: found
            for token in (*likeliest, drawn)
            if token >= vocabulary.control_count
            and (found := sounds(shown(vocabulary, token, language), settings.law))
        },
        "forbidden": int((~ahead.allowed).sum()),
        "forbidden_mass": ahead.forbidden_mass,
        "forms": choices(),
        "form": session.form,
        "variant": session.variant,
        "sizes": sizes(session.form),
        "rhyme": session.rhyme,
        "refusal": session.refusal.said(language) if session.refusal else "",
        "kept": form_at(loaded, session, writing, ahead, stages),
    }
    return pack(
        header,
        {
            "logits": ahead.logits[0],
            "allowed": ahead.allowed[0].byte(),
            "probabilities": stages.probabilities[0],
            "kept": stages.kept[0],
        },
    )


def plain(vocabulary: Vocabulary, writing: Writing) -> str:
    """The poem as people write it down: author and title, where there are any, above the lines."""
    document = writing.prompt.document
    above = "　".join(part for part in (document.title and f"《{document.title}》", document.author) if part)
    body = f"{document.body}{vocabulary.decode(writing.written())}"
    return "\n".join(part for part in (above, body.strip("\n")) if part)


def form_at(
    loaded: LoadedModel, session: Session, writing: Writing, ahead: Next, stages: Step
) -> dict[str, Any] | None:
    """The form that is kept: its pattern, the likeliest characters that it refuses and why, the share it removed."""
    kept, state = writing.kept, writing.state()
    if kept is None or state is None:
        return None
    refused: list[int] = []
    if not ended(loaded, writing):
        free = next_of(loaded, writing.prompt.ids, writing.written()).allowed
        only_form = free & ~ahead.allowed
        likeliest = ahead.logits.masked_fill(~only_form, -math.inf)[0].topk(REFUSED).indices.tolist()
        refused = [token for token in likeliest if only_form[0, token]]
    return {
        "name": kept.name,
        "rhyme": kept.rhyme,
        "rhymes": kept.rhymes,
        "pattern": pattern(kept.automaton, state),
        "refused": {token: reason(kept.automaton, state, token).said(session.language) for token in refused},
        "removed": -math.expm1(min(0.0, float(stages.log_allowed()[0]))),
    }


@lru_cache(maxsize=4)
def names(vocabulary: Vocabulary, size: int, language: Language) -> str:
    """Every token as it is shown, with tabs between."""
    return "\t".join(shown(vocabulary, token, language) for token in range(size))


def act(loaded: LoadedModel, session: Session, writing: Writing, event: dict[str, Any]) -> None:
    """What was done: settings come with everything; besides one of draw, take, undo, goto, again, clear, restore,
    form, variant, rhyme.
    """
    adopt(session, event.get("settings") or {})
    if "draw" in event:
        draw_one(loaded, session, writing)
    elif "take" in event:
        take(loaded, session, writing, int(event["take"]))
    elif "undo" in event:
        writing.undo()
    elif "goto" in event:
        writing.goto(event["goto"])
    elif "again" in event:
        session.number += 1
    elif "clear" in event:
        writing.clear()
    elif "restore" in event:
        writing.restore()
    elif "form" in event:
        name = str(event["form"])
        session.form, session.rhyme = name if any(name in known for known in choices()) else "", ""
        session.variant = 1
    elif "variant" in event:
        session.variant = max(1, min(len(sizes(session.form)), int(event["variant"])))
        session.rhyme = ""
    elif "rhyme" in event:
        session.rhyme = str(event["rhyme"])


def adopt(session: Session, sent: dict[str, Any]) -> None:
    """Take over the settings of the sliders, each within its limits; what is not a number is left as it was."""
    limits = {"temperature": (0.0, 5.0), "top_p": (0.0, 1.0), "top_k": (0, 10**6), "seed": (0, LARGEST_SEED)}
    if isinstance(sent.get("version"), int):
        session.version = sent["version"]
    for name, (least, most) in limits.items():
        value = sent.get(name)
        if isinstance(value, int | float) and math.isfinite(value):
            inside = max(least, min(most, value))
            session.set(**{name: int(inside) if name in ("top_k", "seed") else float(inside)})
    if session.settings.temperature and session.settings.temperature < 0.01:
        session.set(temperature=0.0)
