"""Every error that a user can cause, and the way a door shows it.

ShiciError
├── ConfigError               a setting is unknown, misspelt or has a bad value
├── CorpusError               the poems cannot be found, fetched or read
│   └── TextInputError        the user's own text is empty, binary or too short
├── VocabularyError           a vocabulary file is damaged or does not fit the model
│   └── UnknownCharacterError a character that the model has never seen
├── CheckpointError           a model file is missing, truncated, foreign or mismatched
├── TrainingError             training cannot start or go on
├── GenerationError           a poem cannot be asked for in this way
└── ProsodyError              an unknown form, rhyme group or tune

Every message says what was expected, what was found and what to do; Chinese first, English below.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable


class ShiciError(Exception):
    """Base of all errors shown to the user without a traceback.

    `zh` and `en` say the same thing in Chinese and English: expected, got, remedy.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}"


class ConfigError(ShiciError):
    """A setting is unknown, misspelt or has a value of the wrong kind."""


class CorpusError(ShiciError):
    """The poems cannot be found, fetched or read."""


class TextInputError(CorpusError):
    """The user's own text is empty, binary or too short to learn from."""


class VocabularyError(ShiciError):
    """A vocabulary file is damaged, or does not fit the model beside it."""


class UnknownCharacterError(VocabularyError):
    """A character that the model has never seen; `character` names it."""

    def __init__(self, character: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.character = character


class CheckpointError(ShiciError):
    """A model file is missing, truncated, foreign or mismatched."""


class TrainingError(ShiciError):
    """Training cannot start or go on."""


class GenerationError(ShiciError):
    """A poem cannot be asked for in this way."""


class ProsodyError(ShiciError):
    """An unknown form, rhyme group or tune."""


def run_door(main: Callable[[list[str]], int | None]) -> None:
    """Run `main(sys.argv[1:])` and exit: 0 or its code, 2 after a ShiciError (message on stderr), 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # ? for a character that the terminal's encoding lacks
            stream.reconfigure(errors="replace")
    try:
        code = main(sys.argv[1:])
    except ShiciError as error:
        print(f"错误：{error.zh}\nError: {error.en}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `sample.py | head` closes the pipe: nothing went wrong
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:  # a full disk, a folder that may not be written to
        named, reason = error.filename or "", error.strerror or error
        print(
            f"错误：读写 {named} 出错（{reason}）。请看磁盘是否已满、有没有权限。\n"
            f"Error: cannot read or write {named} ({reason}). Is the disk full, or is there no permission?",
            file=sys.stderr,
        )
        sys.exit(2)
    sys.exit(code or 0)
