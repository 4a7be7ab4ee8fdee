"""Laws that every constraint must satisfy, whatever it asks for, and what follows from them for poems.

The idea of one algebra for all constraints is that of genlm-control. Run: pytest tests/test_generation_laws.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from shici.config.sample import SampleSettings
from shici.generation.automaton import Automaton
from shici.generation.constraints import Constraint, Structure
from shici.generation.couplet import Answer
from shici.generation.form import FormConstraint
from shici.generation.verse import Verse, plan_verse
from shici.generation.voicing import alphabet_of
from shici.prosody.readings import simplified_lexicon
from shici.prosody.template import answer_template
from shici.vocabulary import Vocabulary

# A tenth of all characters whose sound is known, and some that are needed for pins.
KNOWN = sorted(one for one in simplified_lexicon().rows if "一" <= one <= "龥")
VOCABULARY = Vocabulary.of_characters([*KNOWN[::10], *"，。、\n春夏秋冬风花雪月看过先天年山白日依尽黄河龘"])
SIZE = len(VOCABULARY) + 3  # as a padded model has it


@dataclass(frozen=True, slots=True)
class Case:
    """A constraint to try. make: a new one for so many rows. steps: at most so many tokens are written."""

    name: str
    make: Callable[[int], Constraint]
    steps: int

    def __str__(self) -> str:
        return self.name


def verse(**asked: object) -> Verse:
    found = plan_verse(replace(SampleSettings(), **asked), VOCABULARY, SIZE)
    assert found is not None
    return found


ASKED: dict[str, dict[str, object]] = {
    "五绝": {"form": "五绝"},
    "七律": {"form": "七律"},
    "五绝，宽": {"form": "五绝", "polyphones": "loose"},
    "七绝，宽，钉字": {"form": "七绝", "polyphones": "loose", "pin": "1,2=看;2,7=天"},
    "五律，一东": {"form": "五律", "rhyme": "一东"},
    "七绝，藏头": {"form": "七绝", "acrostic": "春夏秋冬"},
    "五绝，藏尾": {"form": "五绝", "acrostic": "月年", "acrostic_place": -1},
    "七绝，嵌字": {"form": "七绝", "embed": "风花雪月"},
    "五绝，新韵": {"form": "五绝", "law": "新韵"},
    "七绝，新韵，宽": {"form": "七绝", "law": "新韵", "polyphones": "loose"},
    "五绝，不合律": {"form": "五绝", "regulated": False},
    "五古": {"form": "五古", "lines": 6},
    "四言": {"form": "四言", "lines": 4},
    "五排": {"form": "五排", "lines": 10},
    "如梦令": {"tune": "如梦令"},
    "忆秦娥": {"tune": "忆秦娥"},
    "宫中调笑，钉字": {"tune": "宫中调笑", "pin": "7,2=月"},
    "钗头凤，钉字": {"tune": "钗头凤", "pin": "1,3=夏"},
    "菩萨蛮，钉字": {"tune": "菩萨蛮", "pin": "2,1=风"},
    "西江月，宽": {"tune": "西江月", "polyphones": "loose"},
    "沁园春，新韵": {"tune": "沁园春", "law": "新韵"},
}


def form_case(name: str, number: int = 0) -> Case:
    """The form for poem `number`."""
    automaton = verse(**ASKED[name]).automaton(number)
    return Case(name, lambda rows: FormConstraint([automaton] * rows), len(automaton))


def answer_automaton() -> Automaton:
    alphabet = alphabet_of(SampleSettings(), VOCABULARY, SIZE)
    return Automaton(answer_template("仄仄平平仄"), alphabet, {(0, 1): "河"})


def answer_case() -> Case:
    used = torch.zeros(SIZE, dtype=torch.bool)
    used[VOCABULARY.encode("白日依山尽")] = True
    return Case("对联", lambda rows: Answer([answer_automaton()] * rows, used), len(answer_automaton()))


CASES = [
    Case("空", lambda rows: Structure(VOCABULARY, SIZE, begins=True), 8),
    Case("续", lambda rows: Structure(VOCABULARY, SIZE, begins=False), 8),
    answer_case(),
    *map(form_case, ASKED),
]


def masks(constraint: Constraint, rows: int) -> torch.Tensor:
    """(rows, V) bool."""
    return constraint.allowed().expand(rows, -1)


def walk(case: Case, seed: int) -> list[int]:
    """The tokens of one poem that the constraint allows."""
    dice, constraint = np.random.default_rng(seed), case.make(1)
    tokens: list[int] = []
    for _ in range(case.steps):
        choices = masks(constraint, 1)[0].nonzero()[:, 0].tolist()
        assert choices, "nothing may come next"
        tokens.append(int(dice.choice(choices)))
        if tokens[-1] == VOCABULARY.eos:
            break
        constraint.append(torch.tensor(tokens[-1:]))
    return tokens


def score(case: Case, tokens: Sequence[int]) -> float:
    """0 if the constraint allows the whole prefix, else -inf: by a constraint that starts anew."""
    constraint = case.make(1)
    for token in tokens:
        if not masks(constraint, 1)[0, token]:
            return -math.inf
        constraint.append(torch.tensor([token]))
    return 0.0


@pytest.mark.parametrize("case", CASES, ids=str)
class TestLaws:
    """Each of these holds for every constraint."""

    def test_there_is_always_a_next_token_until_the_end(self, case: Case) -> None:
        for seed in range(3):
            tokens = walk(case, seed)
            assert tokens[-1] == VOCABULARY.eos or len(tokens) == case.steps
            assert VOCABULARY.eos not in tokens[:-1]

    def test_extended_score_less_prefix_score_is_the_next_tokens_weight(self, case: Case) -> None:
        tokens, dice = walk(case, 3), np.random.default_rng(0)
        constraint = case.make(1)
        for at, token in enumerate(tokens):
            weights = masks(constraint, 1)[0].log()  # 0 or -inf
            if at % 5 == 0:
                allowed = weights.isfinite().nonzero()[:, 0].numpy()
                others = dice.choice(SIZE, 3)
                for trial in [*dice.choice(allowed, 2), *others]:
                    difference = score(case, [*tokens[:at], int(trial)]) - score(case, tokens[:at])
                    assert difference == weights[trial]
            constraint.append(torch.tensor([token]))

    def test_a_batch_is_its_poems_one_by_one(self, case: Case) -> None:
        lines = [walk(case, seed) for seed in (0, 4)]
        both, alone = case.make(2), [case.make(1), case.make(1)]
        for drawn in zip(*lines, strict=False):
            together = masks(both, 2)
            for row, one in enumerate(alone):
                assert torch.equal(together[row], masks(one, 1)[0])
                one.append(torch.tensor([drawn[row]]))
            both.append(torch.tensor(drawn))

    def test_a_row_that_is_taken_twice_goes_on_as_two_poems(self, case: Case) -> None:
        line, other = walk(case, 5), walk(case, 6)
        half = max(1, min(len(line), len(other)) // 2)
        constraint = case.make(2)
        for at in range(half):
            constraint.append(torch.tensor([line[at], other[at]]))
        constraint.select(torch.tensor([1, 0, 0]))
        for at in range(half, min(len(line), len(other))):
            found = masks(constraint, 3)
            assert torch.equal(found[1], found[2])
            assert found[0, other[at]]
            assert found[1, line[at]]
            constraint.append(torch.tensor([other[at], line[at], line[at]]))

    def test_looking_does_not_change_anything(self, case: Case) -> None:
        constraint = case.make(1)
        for token in walk(case, 7)[:12]:
            before = masks(constraint, 1).clone()
            assert torch.equal(masks(constraint, 1), before)
            constraint.append(torch.tensor([token]))


@pytest.mark.parametrize("name", ["五绝", "如梦令"])
def test_rows_that_were_one_poem_are_independent_afterwards(name: str) -> None:
    case = form_case(name)
    constraint = case.make(1)
    constraint.select(torch.tensor([0, 0]))
    first, second = masks(constraint, 2)[0].nonzero()[:2, 0].tolist()
    constraint.append(torch.tensor([first, second]))
    for row, token in enumerate((first, second)):
        alone = case.make(1)
        alone.append(torch.tensor([token]))
        assert torch.equal(masks(constraint, 2)[row], masks(alone, 1)[0])


def test_rows_may_follow_different_automata() -> None:
    """Poems of one form with characters embedded in different places, in different rhymes."""
    planned = verse(**ASKED["七绝，嵌字"])
    automata = [planned.automaton(0, "一东"), planned.automaton(1, "七阳")]
    assert automata[0].pins != automata[1].pins
    lines = [
        walk(Case("", lambda rows, one=one: FormConstraint([one] * rows), len(one)), 0) for one in automata
    ]
    both, alone = FormConstraint(automata), [FormConstraint([one]) for one in automata]
    for drawn in zip(*lines, strict=True):
        for row, one in enumerate(alone):
            assert torch.equal(both.allowed()[row], one.allowed()[0])
            one.append(torch.tensor([drawn[row]]))
        both.append(torch.tensor(drawn))
    both.select(torch.tensor([1, 1, 0]))
    assert [state.text for state in both.states] == [
        alone[1].states[0].text,
        alone[1].states[0].text,
        alone[0].states[0].text,
    ]


@pytest.mark.parametrize("name", ASKED)
def test_what_is_allowed_is_what_can_be_followed(name: str) -> None:
    """`allowed` and `advance` are two computations of the same thing, limits aside."""
    for number in range(2):
        automaton = verse(**ASKED[name]).automaton(number)
        automaton.repetition = None
        dice, state = np.random.default_rng(number), automaton.start()
        while state.cell < len(automaton):
            allowed = automaton.allowed(state).nonzero()[0].tolist()
            if dice.random() < 0.2 or automaton.grid.cells[state.cell].place is None:
                followed = [token for token in range(SIZE) if automaton.advance(state, token) is not None]
                assert allowed == followed
            following = automaton.advance(state, int(dice.choice(allowed)))
            assert following is not None
            state = following


@pytest.mark.parametrize("name", ASKED)
def test_limits_only_take_away(name: str) -> None:
    limited = verse(**ASKED[name]).automaton(0)
    free = verse(**ASKED[name]).automaton(0)
    free.repetition = None
    dice, state = np.random.default_rng(1), limited.start()
    while state.cell < len(limited):
        allowed = limited.allowed(state)
        assert not (allowed & ~free.allowed(state)).any()
        following = limited.advance(state, int(dice.choice(allowed.nonzero()[0])))
        assert following is not None
        state = following
