"""What one reader's session holds, typed: the line, the tree of what was written after it, the settings.

session = session_of()      the same object until the browser tab closes
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import streamlit as st

from shici.app.forms import Kept
from shici.app.language import Language, Text
from shici.app.memory import first_language
from shici.config.sample import SampleSettings
from shici.generation.automaton import State
from shici.generation.prompts import Prompt

KEY = "shici_session"
OPENING = "床前明月光，"
LARGEST_TREE = 2000  # characters; of a tree that is larger only the branch one stands on stays
MOST_TREES = 32  # those stood on longest ago go first


@dataclass(frozen=True, slots=True)
class Node:
    """One character of the tree. parent: its place in Writing.nodes, None for the first ones after the line.

    rank: its place among the candidates. share: its probability after the cuts when it was written.
    taken: by hand, not by the dice.
    """

    token: int
    parent: int | None
    rank: int
    share: float
    taken: bool


@dataclass(slots=True)
class Writing:
    """All branches that were written after one prompt, and where in them one stands.

    kept: the form that they keep, None for free ones. states: where the form stands behind a node, once asked for.
    cleared: the nodes that were cleared away last, and where in them one stood.
    """

    prompt: Prompt
    nodes: list[Node] = field(default_factory=list)
    current: int | None = None
    kept: Kept | None = None
    states: dict[int, State] = field(default_factory=dict)
    cleared: tuple[list[Node], int | None] | None = None

    def path(self) -> list[int]:
        """The nodes from the prompt to where one stands."""
        found, at = [], self.current
        while at is not None:
            found.append(at)
            at = self.nodes[at].parent
        return found[::-1]

    def written(self) -> tuple[int, ...]:
        """The ids of the path."""
        return tuple(self.nodes[at].token for at in self.path())

    def tokens(self) -> tuple[int, ...]:
        """The prompt's ids and those of the path: what the model reads next."""
        return self.prompt.ids + self.written()

    def state(self) -> State | None:
        """Where the form stands; None without one."""
        if self.kept is None:
            return None
        state: State | None = self.kept.state
        for at in self.path():
            if at not in self.states:
                assert state is not None
                state = self.kept.automaton.advance(state, self.nodes[at].token)
                assert state is not None  # only what was allowed is ever added
                self.states[at] = state
            state = self.states[at]
        return state

    def add(self, node: Node) -> None:
        """Go on to `node`; a branch that begins with the same character is entered, not doubled."""
        for at, other in enumerate(self.nodes):
            if other.parent == node.parent and other.token == node.token:
                self.current = at
                return
        self.nodes.append(node)
        self.current = len(self.nodes) - 1

    def undo(self) -> None:
        """One step back; the branch stays."""
        if self.current is not None:
            self.current = self.nodes[self.current].parent

    def goto(self, at: int | None) -> None:
        """Stand at another node; None is the end of the line as typed. What is not a node is ignored."""
        if at is None or 0 <= at < len(self.nodes):
            self.current = at

    def clear(self) -> None:
        """Begin anew; `restore` takes it back."""
        if self.nodes:
            self.cleared = self.nodes, self.current
        self.nodes, self.current = [], None
        self.states.clear()

    def restore(self) -> None:
        """Bring back what was cleared away last, beside what was written since, and stand where one stood."""
        if self.cleared is None:
            return
        (nodes, current), self.cleared = self.cleared, None
        known = {(node.parent, node.token): at for at, node in enumerate(self.nodes)}
        places: dict[int | None, int | None] = {None: None}
        for at, node in enumerate(nodes):
            moved = replace(node, parent=places[node.parent])
            found = known.setdefault((moved.parent, moved.token), len(self.nodes))
            if found == len(self.nodes):
                self.nodes.append(moved)
            places[at] = found
        self.current = places[current]

    def prune(self) -> None:
        """Keep the branch one stands on alone; nothing, where that is too long itself."""
        path = self.path()
        branch = [self.nodes[at] for at in path] if len(path) < LARGEST_TREE else []
        self.nodes = [replace(node, parent=at - 1 if at else None) for at, node in enumerate(branch)]
        self.current = len(branch) - 1 if branch else None
        self.states.clear()


@dataclass(frozen=True, slots=True)
class Unread:
    """What is typed in the head and cannot be read. fields: of the settings. why: the error. wrong: in which field."""

    fields: dict[str, str]
    why: Text
    wrong: str


TYPED = ("start", "form", "author", "title")  # the settings that are typed in the head
Place = tuple[tuple[int, ...], str]  # the ids of a prompt, and the form kept after it


@dataclass(slots=True)
class Session:
    """settings: the line and how characters are drawn. number: which poem of the seed's is written.

    layer: the one looked at, where not all are sent at once. version: of the settings, counted by the browser, so that
    it knows an answer that came too late. run: the training that is looked at, None until one is chosen.
    form, variant, rhyme: of the form kept step by step, "" for none and for the model's own rhyme. refusal: why it was
    not kept. writing: the tree one stands in. trees: it and those left behind, the last one used at the end.
    readable: what was typed last and could be read, which stands in for what is `unread`.
    """

    settings: SampleSettings
    language: Language = "zh"
    number: int = 0
    layer: int = 0
    version: int = 0
    run: str | None = None
    form: str = ""
    variant: int = 1
    rhyme: str = ""
    refusal: Text | None = None
    writing: Writing | None = None
    trees: dict[Place, Writing] = field(default_factory=dict)
    readable: dict[str, str] | None = None
    unread: Unread | None = None

    def set(self, **changes: object) -> None:
        """Change settings by name."""
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]

    def typed(self) -> dict[str, str]:
        """The fields of the head, as the settings have them."""
        return {name: getattr(self.settings, name) for name in TYPED}

    def write_after(self, prompt: Prompt, kept: Kept | None = None) -> Writing:
        """The tree after `prompt` in this form, as it was left; an empty one where nothing was written yet."""
        place = prompt.ids, name_of(kept)
        writing = self.trees.pop(place, None) or Writing(prompt, kept=kept)
        if len(writing.nodes) >= LARGEST_TREE:
            writing.prune()
        written = {at: tree for at, tree in self.trees.items() if tree.nodes or tree.cleared}
        latest = list(written.items())[-(MOST_TREES - 1) :]
        self.trees, self.writing = {**dict(latest), place: writing}, writing
        return writing


def name_of(kept: Kept | None) -> str:
    """The form in one word; with the prompt it says all."""
    return f"{kept.name} {kept.variant} {kept.rhyme}" if kept else ""


def session_of(settings: SampleSettings | None = None) -> Session:
    """This session's state; made from the command line's `settings` at the first run."""
    if KEY not in st.session_state:
        start = settings or SampleSettings()
        st.session_state[KEY] = Session(
            start if start.start else replace(start, start=OPENING), first_language()
        )
    session: Session = st.session_state[KEY]
    return session
