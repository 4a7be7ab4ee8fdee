"""Lessons on verse: why it rhymes, and what the model cannot do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
import torch

from shici.app.language import Text
from shici.app.lessons.depth import lens_of
from shici.app.lessons.situation import WAITING, Shown, Situation, Verdict, is_character
from shici.app.reading import sounds
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.corpus.characters import verse_lines
from shici.corpus.document import Document, encode_prompt
from shici.errors import ShiciError
from shici.explanation.cards import cards_for, rows_for
from shici.explanation.classes import rhymes_of
from shici.explanation.heads import ROLES
from shici.explanation.verse import Layout, lay_out
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems
from shici.generation.verse import plan_verse
from shici.prosody.readings import strict_lexicon
from shici.prosody.rhymes import LEVEL

QUATRAINS = {5: "五绝", 7: "七绝"}
HEADS = 3  # that look at the rhyme the most


# rhyme


@dataclass(frozen=True, slots=True)
class Quatrain:
    """A poem in a form and what the model thought of it.

    opening: whether it begins with the reader's line. rhyme: the group it keeps. rhymed: for each rhyme word [word,
    what share of the bare model's probability lay on that group at its place, how much the form left of the told
    model's, None where the reader's own line stands]; the first has nothing to rhyme with yet. elsewhere: the first
    share, averaged over the other characters. places: of the rhyme words in the body.
    """

    form: str
    opening: bool
    body: str
    rhyme: str
    rhymed: tuple[tuple[str, float, float | None], ...]
    elsewhere: float
    places: tuple[int, ...]

    @property
    def bare(self) -> float:
        """The bare model's share of the group at the rhyme words that have one before them, averaged."""
        return mean([share for _, share, _ in self.rhymed[1:]])


def show_rhyme(seen: Situation) -> Shown:
    settings = seen.session.settings
    quatrain = write_quatrain(seen.loaded, str(seen.loaded.origin), settings.start, settings.seed)
    places = seen.characters()
    end = seen.at(places[-1]) if places else ""
    looking = looking_heads(seen.loaded, str(seen.loaded.origin))
    facts = {
        "ends": bool(places),
        "end": end,
        "level": tone(end) == LEVEL,
        "groups": "、".join(dict.fromkeys(group for _, group in sounds(end))) or "—",
        "poems": looking.poems,
        "looks": looking.looks,
        "controls": seen.loaded.vocabulary.has_controls,
        "baseline": looking.baseline,
        "written": quatrain is not None,
        "temperature": SampleSettings().temperature,
        "layer": looking.heads[0][0] if looking.heads else 0,
        "head": looking.heads[0][1] if looking.heads else 0,
        "best_score": looking.heads[0][2] if looking.heads else 0.0,
        "form": quatrain.form if quatrain else "",
        "own": bool(quatrain and not quatrain.opening),
        "rhyme": quatrain.rhyme if quatrain else "",
        "bare": quatrain.bare if quatrain else 0.0,
        "elsewhere": quatrain.elsewhere if quatrain else 0.0,
        "seeks": bool(quatrain and quatrain.bare > quatrain.elsewhere),
    }
    data: dict[str, Any] = {"heads": looking.heads, "baseline": looking.baseline}
    if quatrain:
        data["quatrain"] = {
            "tokens": [
                {
                    "text": "↵" if one == "\n" else one,
                    "kind": "feed" if one == "\n" else "char",
                    "written": False,
                }
                for one in quatrain.body
            ],
            "places": quatrain.places,
            "rhymed": quatrain.rhymed,
            "elsewhere": quatrain.elsewhere,
        }
    return Shown(facts, data)


def mean(shares: Sequence[float]) -> float:
    return sum(shares) / max(1, len(shares))


def tone(character: str) -> str:
    return strict_lexicon().tones(character) if is_character(character) else ""


@dataclass(frozen=True, slots=True)
class Looking:
    """The heads that look at earlier rhymes the most: [layer, head] from 1 and their score, the highest first.

    baseline: what evenly spread attention would give. poems: on how many. looks: whether this is what the first head
    does above all. Without poems that the model can read there are no heads.
    """

    heads: tuple[tuple[int, int, float], ...] = ()
    baseline: float = 0.0
    poems: int = 0
    looks: bool = False


@st.cache_resource(show_spinner=False, max_entries=4)
def looking_heads(_loaded: LoadedModel, origin: str) -> Looking:
    """From the scores beside the model, or measured now."""
    if not rows_for(_loaded):
        return Looking()
    cards = cards_for(_loaded).scores
    role = tuple(ROLES).index("rhyme")
    scores = cards.score[:, :, role]
    best = [divmod(int(at), scores.shape[1]) for at in scores.ravel().argsort()[::-1][:HEADS]]
    return Looking(
        tuple((layer + 1, head + 1, float(scores[layer, head])) for layer, head in best),
        float(cards.baseline[role]),
        int(cards.poems[role]),
        cards.main_role(*best[0]) == "rhyme",
    )


@st.cache_data(show_spinner=False, max_entries=64)
def write_quatrain(_loaded: LoadedModel, origin: str, start: str, seed: int) -> Quatrain | None:
    """A 五绝 or 七绝 that goes on with the line if it can, else one of the model's own; None without forms."""
    lengths = [*map(len, verse_lines(start))]
    form = QUATRAINS.get(lengths[0], "") if lengths else ""
    for opening in [start] * bool(form) + [""]:
        plain = SampleSettings(start=opening, form=form or QUATRAINS[7], seed=seed, num_samples=1)
        try:
            return quatrain_of(_loaded, replace(plain, engine="torch"))
        except ShiciError:
            continue
    return None


def quatrain_of(loaded: LoadedModel, settings: SampleSettings) -> Quatrain | None:
    """Raises GenerationError where the line contradicts the form."""
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    if verse is None:
        return None
    prompt = build_prompt(verse.settings, loaded.vocabulary, loaded.model.config.block_size)
    body, legal = "", list[float]()
    for event in poems(loaded, prompt, verse.settings, verse=verse):
        if not bool(event.ended[0]):
            body += loaded.vocabulary.tokens[int(event.step.drawn[0])]
            legal.append(float(event.step.log_allowed().exp()[0]))
    ids = encode_prompt(Document(body), loaded.vocabulary)
    layout = lay_out(ids, loaded.vocabulary)
    tokens = [loaded.vocabulary.tokens[token] for token in ids]
    rhyme = shared_rhyme([tokens[place] for place in layout.rhymes])
    with torch.inference_mode():
        trace = loaded.model(torch.tensor([ids]), return_details=True)[2]
    masses = lens_of(loaded, trace, rhyme).masses[-1, :, -1].tolist()  # of the group, after each token
    pinned = {layout.lines[line][place] for line, place in verse.pins}
    rhymes = rhyming_places(tokens, layout, rhyme)
    rest = [at for line in layout.lines for at in line if at not in rhymes]
    return Quatrain(
        settings.form,
        bool(settings.start),
        body,
        rhyme,
        tuple(
            (tokens[at], masses[at - 1], None if at in pinned else legal[at - layout.body]) for at in rhymes
        ),
        mean([masses[at - 1] for at in rest]),
        tuple(at - layout.body for at in rhymes),
    )


def rhyming_places(tokens: Sequence[str], layout: Layout, rhyme: str) -> tuple[int, ...]:
    """The places of the rhyme words; the end of the first line is one if it is of the group."""
    first = layout.lines[0][-1]
    joins = first not in layout.rhymes and rhyme in strict_lexicon().groups(tokens[first])
    return (*[first] * joins, *layout.rhymes)


def shared_rhyme(words: Sequence[str]) -> str:
    """A group of 平水韵 that all rhyme words have, "" if there is none."""
    lexicon = strict_lexicon()
    shared = [lexicon.groups(word) & rhymes_of(word, lexicon) for word in words]
    return min(frozenset.intersection(*shared), default="") if shared else ""


def judge_rhyme(seen: Situation) -> Verdict:
    """Done when the last character of a new line is read in the level tone alone."""
    places = seen.characters()
    if not seen.changed or not places:
        return WAITING
    end = seen.at(places[-1])
    read = "、".join(f"{tone}声 {group}" for tone, group in sounds(end)) or "读音不详"
    en = ", ".join(f"{tone} {group}" for tone, group in sounds(end)) or "reading unknown"
    return Verdict(tone(end) == LEVEL, Text(f"末字“{end}”：{read}。", f"The last character “{end}”: {en}."))


# limits


def show_limits(seen: Situation) -> Shown:
    vocabulary, config = seen.loaded.vocabulary, seen.loaded.model.config
    following = seen.following
    shares = torch.softmax(following.logits[0].double(), -1)
    best = int(following.logits[0].argmax())
    facts = {
        "block": config.block_size,
        "characters": sum(map(is_character, vocabulary.tokens)),
        "count": len(seen.prompt.ids),
        "dropped": seen.trace.window_start,
        "lost": seen.trace.window_start > 0,
        "controls": vocabulary.has_controls,
        "best": seen.name(best),
        "share": float(shares[best]),
    }
    return Shown(facts, {"marks": {"ids": [str(token) for token in seen.tokens]}})


def judge_limits(seen: Situation) -> Verdict:
    """Done when the line is longer than what the model sees."""
    count, block = len(seen.prompt.ids), seen.loaded.model.config.block_size
    if not seen.changed:
        return WAITING
    zh = f"最早的 {count - block} 个它已看不见。" if count > block else f"还要多过 {block} 个。"
    en = f"the first {count - block} are out of sight." if count > block else f"it must be more than {block}."
    return Verdict(count > block, Text(f"现在是 {count} 个词元：{zh}", f"Now {count} tokens: {en}"))
