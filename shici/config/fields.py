"""What a settings class allows: each field's kind, default, help and limits, and the conversion of values.

A settings class is a frozen dataclass. A field's annotation is int, float, bool or str, one of these
`| None`, or `tuple[one of these, ...]`; its metadata may hold "help" (a Text, shown by --help), "choices",
"minimum" and "maximum": see `option`.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import unicodedata
from collections.abc import Iterable
from typing import Any, Union, get_args, get_origin, get_type_hints

from shici.config.assignments import evaluate_number
from shici.errors import ConfigError
from shici.language import Text

Scalar = bool | int | float | str | None
Value = Scalar | tuple[Scalar, ...]

KINDS = {
    int: ("整数", "an integer"),
    float: ("数", "a number"),
    bool: (" True 或 False", "True or False"),
    str: ("文字", "a text"),
}
BOOLEANS = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False)


class _Mismatch(Exception):
    """A value is not of the wanted kind; `Setting` turns it into a ConfigError that says where."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """One field of a settings class. `many` marks a tuple, `optional` one that may be None."""

    name: str
    kind: type
    optional: bool
    many: bool
    required: bool
    default: Value
    help: Text
    choices: tuple[Scalar, ...]
    minimum: float | None
    maximum: float | None

    @property
    def is_flag(self) -> bool:
        """Whether a bare `--name` means True; so it does for a choice of auto, True and False."""
        return not self.many and (self.kind is bool or "True" in self.choices)

    def from_text(self, text: str, where: str) -> Value:
        """The value of what was typed after `--name=`. Errors: ConfigError."""
        if self.optional and text.strip().lower() == "none":
            return None
        if self.many:
            items = (item.strip() for item in text.replace("，", ",").replace("、", ",").split(","))
            return tuple(self._checked(item, where, typed=True) for item in items if item)
        return self._checked(text, where, typed=True)

    def from_literal(self, value: object, where: str) -> Value:
        """The value of a literal in a config file. Errors: ConfigError."""
        if self.many and isinstance(value, str):
            return self.from_text(value, where)
        if self.optional and value is None:
            return None
        if self.many:
            if not isinstance(value, tuple | list):
                raise self._unfit(value, where)
            return tuple(self._checked(item, where, typed=False) for item in value)
        return self._checked(value, where, typed=False)

    def _checked(self, value: object, where: str, *, typed: bool) -> Scalar:
        try:
            if typed and self.kind is not str:
                value = _read(self.kind, str(value))
            elif self.kind is str and str(value) in self.choices:
                value = str(value)  # `compile = False` in a file, where the choices are texts
            result = _convert(self.kind, value)
        except _Mismatch:
            raise self._unfit(value, where) from None
        self._check_limits(result, where)
        return result

    def _check_limits(self, value: Scalar, where: str) -> None:
        if self.choices and value not in self.choices:
            listed = ", ".join(map(str, self.choices))
            raise ConfigError(
                f"{where}：{self.name} 应为其中之一：{listed}；得到 {value!r}。",
                f"{where}: {self.name} expects one of: {listed}; got {value!r}.",
            )
        if not isinstance(value, int | float):
            return
        if self.minimum is not None and value < self.minimum:
            raise ConfigError(
                f"{where}：{self.name} 至少为 {self.minimum}，得到 {value}。",
                f"{where}: {self.name} must be at least {self.minimum}, got {value}.",
            )
        if self.maximum is not None and value > self.maximum:
            raise ConfigError(
                f"{where}：{self.name} 至多为 {self.maximum}，得到 {value}。",
                f"{where}: {self.name} must be at most {self.maximum}, got {value}.",
            )

    def _unfit(self, value: object, where: str) -> ConfigError:
        zh, en = KINDS[self.kind]
        if self.many:
            zh, en = f"若干{zh}，以逗号隔开", f"a list, {en} each, separated by commas"
        if self.optional:
            zh, en = f"{zh}，或 None", f"{en}, or None"
        if self.required or self.default in (None, "", ()):
            example_zh = example_en = ""
        else:
            example_zh = f"例如 {self.name}={show(self.default)}。"
            example_en = f" Example: {self.name}={show(self.default)}."
        return ConfigError(
            f"{where}：{self.name} 应为{zh}，得到 {value!r}。{example_zh}",
            f"{where}: {self.name} expects {en}, got {value!r}.{example_en}",
        )


def option(default: Any, zh: str, en: str, **limits: Any) -> Any:
    """A field of a settings class. zh, en: shown by --help. limits: choices, minimum, maximum."""
    return dataclasses.field(default=default, metadata={"help": Text(zh, en), **limits})


def show(value: Value) -> str:
    """A value as it is typed on the command line."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def settings_of(cls: type) -> dict[str, Setting]:
    """Name -> Setting, in the order of the class. Errors: TypeError for an annotation that is not allowed."""
    hints = get_type_hints(cls)
    return {field.name: _setting(field, hints[field.name]) for field in dataclasses.fields(cls) if field.init}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was most likely meant to be, or None if none is near."""
    matches = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def _setting(field: dataclasses.Field[object], annotation: object) -> Setting:
    kind, optional, many = _shape(field.name, annotation)
    default = field.default
    if default is dataclasses.MISSING and field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    required = default is dataclasses.MISSING
    metadata = field.metadata
    return Setting(
        name=field.name,
        kind=kind,
        optional=optional,
        many=many,
        required=required,
        default=None if required else default,  # type: ignore[arg-type]  # the annotation was checked by _shape
        help=metadata.get("help", Text("", "")),
        choices=tuple(metadata.get("choices", ())),
        minimum=metadata.get("minimum"),
        maximum=metadata.get("maximum"),
    )


def _shape(name: str, annotation: object) -> tuple[type, bool, bool]:
    """(kind, optional, many) of an annotation: `tuple[str, ...] | None` -> (str, True, True)."""
    optional = many = False
    if get_origin(annotation) in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        optional = len(members) < len(get_args(annotation))
        annotation = members[0] if len(members) == 1 else None
    if get_origin(annotation) is tuple and get_args(annotation)[1:] == (Ellipsis,):
        many, annotation = True, get_args(annotation)[0]
    if isinstance(annotation, type) and annotation in KINDS:
        return annotation, optional, many
    raise TypeError(
        f"field {name}: a setting is int, float, bool, str, one of them | None, or a tuple of them"
    )


def _read(kind: type, text: str) -> object:
    """A typed number or truth value; full-width digits are read as well."""
    text = unicodedata.normalize("NFKC", text).strip()
    if kind is bool:
        return BOOLEANS.get(text.lower(), text)
    try:
        return evaluate_number(text)
    except ConfigError:
        raise _Mismatch from None


def _convert(kind: type, value: object) -> Scalar:
    """`value` as `kind` where nothing is lost by it (32.0 -> 32, 1 -> 1.0, 0 -> False), else _Mismatch."""
    if kind is str and isinstance(value, str):
        return value
    if kind is bool and (isinstance(value, bool) or (isinstance(value, int) and value in (0, 1))):
        return bool(value)
    if kind in (int, float) and isinstance(value, int | float) and not isinstance(value, bool):
        return _number(kind, value)
    raise _Mismatch


def _number(kind: type, value: int | float) -> int | float:
    try:
        if not math.isfinite(value):
            raise _Mismatch
        if kind is float:
            return float(value)
    except OverflowError:
        raise _Mismatch from None
    if value != int(value):
        raise _Mismatch
    return int(value)
