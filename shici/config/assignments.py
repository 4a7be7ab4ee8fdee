"""Config files: plain Python assignments, read with `ast` and never executed.

Allowed on the right side: literals, None, tuples and lists, arithmetic (`5 * 8`, `1e-3`, `-1`, `2**10`),
texts joined by `+`, and names given earlier. A name with a leading underscore is a helper of the file.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from shici.errors import ConfigError

Number = int | float

OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
SIGNS: dict[type[ast.unaryop], Callable[[Number], Number]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
# So that 9**9**9 is an error at once, instead of a number that takes all memory.
LARGEST_EXPONENT = 64
LARGEST_BITS = 256


class Assignment(NamedTuple):
    """`name = value` at `where` (`file:line`)."""

    name: str
    value: object
    where: str


def read_assignments(path: Path, known: Mapping[str, object]) -> list[Assignment]:
    """The assignments of a config file in their order; `known` are the values that its names may refer to.

    Errors: ConfigError if the file cannot be read or holds anything else than assignments of plain values.
    """
    names = dict(known)
    assignments = []
    for statement in _parse(path).body:
        where = f"{path}:{statement.lineno}"
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        targets, expression = _assignment(statement, where)
        value = _value(expression, names, where)
        for name in targets:
            names[name] = value
            if not name.startswith("_"):
                assignments.append(Assignment(name, value, where))
    return assignments


def evaluate_number(text: str) -> object:
    """The value of a typed number or arithmetic expression (`5*8`, `1e-3`). Errors: ConfigError."""
    try:
        expression = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _not_plain("--", "?") from None
    return _value(expression, {}, "--")


def _parse(path: Path) -> ast.Module:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            f"找不到配置文件 {path}。请检查路径，或用 --名字=值 直接给出设置。",
            f"No config file {path}. Check the path, or give settings as --name=value.",
        ) from None
    except (OSError, ValueError) as error:  # no file, a folder, no UTF-8, a name that no file can have
        raise ConfigError(
            f"配置文件 {path} 读不出来：应为 UTF-8 文本（{error}）。",
            f"Cannot read the config file {path}: expected UTF-8 text ({error}).",
        ) from None
    try:
        return ast.parse(text, filename=str(path))
    except SyntaxError as error:
        where = f"{path}:{error.lineno or 1}"
        raise ConfigError(
            f"{where}：不是合法的赋值语句。应为 名字 = 值，文字要加引号。",
            f"{where}: not a valid assignment ({error.msg}). Expected name = value, texts in quotes.",
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise _not_plain(str(path), "?") from None


def _assignment(statement: ast.stmt, where: str) -> tuple[list[str], ast.expr]:
    """The names assigned to and the right side. `a = b = 3` and `a: int = 3` are assignments too."""
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets, value = [statement.target], statement.value
    else:
        raise _not_plain(where, ast.unparse(statement).splitlines()[0])
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if len(names) < len(targets):
        raise _not_plain(where, ast.unparse(statement))
    return names, value


def _value(expression: ast.expr, names: Mapping[str, object], where: str) -> object:
    try:
        return _evaluate(expression, names, where)
    except RecursionError:  # a sum of thousands of terms
        raise _not_plain(where, "?") from None


def _evaluate(node: ast.expr, names: Mapping[str, object], where: str) -> object:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as constant):
            return constant
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return tuple(_evaluate(item, names, where) for item in items)
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in SIGNS:
            value = _evaluate(operand, names, where)
            if _is_number(value):
                return SIGNS[type(sign)](value)  # type: ignore[arg-type]
        case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in OPERATORS:
            return _apply(node, _evaluate(left, names, where), _evaluate(right, names, where), where)
    raise _not_plain(where, ast.unparse(node))


def _apply(node: ast.BinOp, left: object, right: object, where: str) -> object:
    symbol = type(node.op)
    if symbol is ast.Add and isinstance(left, str) and isinstance(right, str):
        return left + right
    if not (_is_number(left) and _is_number(right)):
        raise _not_plain(where, ast.unparse(node))
    if symbol is ast.Pow and abs(right) > LARGEST_EXPONENT:  # type: ignore[arg-type]
        raise _not_plain(where, ast.unparse(node))
    try:
        value = OPERATORS[symbol](left, right)  # type: ignore[arg-type]
    except (ZeroDivisionError, OverflowError):
        raise _not_plain(where, ast.unparse(node)) from None
    too_large = isinstance(value, int) and value.bit_length() > LARGEST_BITS
    if too_large or not _is_number(value):  # (-1) ** 0.5 is complex
        raise _not_plain(where, ast.unparse(node))
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _not_plain(where: str, found: str) -> ConfigError:
    return ConfigError(
        f"{where}：应为 名字 = 值，值是数、文字、True、False、None 或算式；得到 {found}。"
        "配置文件只读不执行。",
        f"{where}: expected name = value with a number, text, True, False, None or arithmetic; got {found}. "
        "A config file is read, never executed.",
    )
