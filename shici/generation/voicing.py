"""By which readings a form is written: those in use, and for what is pinned those of the books where it must be.

What the model writes has to be 合律 as people read it. A pinned character is the writer's choice: it may be read in any
way that the rhyme books know, but only where it fits in no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from shici.config.sample import SampleSettings
from shici.generation.alphabet import Alphabet
from shici.generation.automaton import Automaton
from shici.generation.grid import Place
from shici.language import Text
from shici.prosody.modern import modern_lexicon, strict_modern_lexicon
from shici.prosody.readings import Lexicon, simplified_lexicon, strict_lexicon
from shici.prosody.template import Template
from shici.vocabulary import Vocabulary


def reading_of(
    settings: SampleSettings,
    vocabulary: Vocabulary,
    size: int,
    template: Template,
    pins: Mapping[Place, str],
    rhyme: str,
) -> Alphabet:
    """By which readings the pins are taken: those in use, or all that the books know where they fit in no other way.

    So a pinned 光 at the end of the first line rhymes, though the books read it in an oblique tone as well.
    """
    usual = alphabet_of(settings, vocabulary, size)
    if not pins or Automaton(template, usual, pins, rhyme).possible:
        return usual
    return alphabet_of(settings, vocabulary, size, usual=False)


def read_by_the_books(
    template: Template, alphabet: Alphabet, usual: Alphabet, pins: Mapping[Place, str], rhyme: str
) -> list[Text]:
    """A remark on the pins that `alphabet` reads otherwise than `usual`, one where one of them alone is to blame."""
    if alphabet is usual:
        return []
    book, used = alphabet.lenient.lexicon, usual.lenient.lexicon
    odd = [place for place, one in pins.items() if book.readings(one) != used.readings(one)]
    for place in odd:
        rest = {other: one for other, one in pins.items() if other != place}
        if Automaton(template, usual, rest, rhyme).possible:
            odd = [place]
            break
    named = "".join(dict.fromkeys(pins[place] for place in odd))
    return [
        Text(
            f"“{named}”按韵书里少用的读音才合律。",
            f"The form is kept only by readings of {named} that the rhyme books alone know.",
        )
    ]


def alphabet_of(
    settings: SampleSettings, vocabulary: Vocabulary, size: int, *, usual: bool = True
) -> Alphabet:
    """The readings by the law and the strictness asked for. usual: of what is pinned, those in use alone."""
    return make_alphabet(vocabulary, size, settings.law, settings.polyphones == "strict", usual)


@lru_cache(maxsize=4)
def make_alphabet(vocabulary: Vocabulary, size: int, law: str, strict: bool, usual: bool = False) -> Alphabet:
    """Kept, for its masks take a third of a second to make. usual: leave out the readings that the books alone know."""
    book, used = lexicons(law)
    return Alphabet(vocabulary, size, used, strict=strict, lenient=used if usual else book)


def lexicons(law: str) -> tuple[Lexicon, Lexicon]:
    """All readings that the books know, and those in use."""
    if law == "平水韵":
        return simplified_lexicon(), strict_lexicon()
    return modern_lexicon(), strict_modern_lexicon()
