"""Numbers, texts and truths of one row, as the expressions of PMML 4.4.

A value is a constant (float, int, bool, str) or a Node. What ONNX calls NaN and a missing text,
PMML calls missing: it spreads through arithmetic, and a comparison with it is missing, too. A
truth made here is never missing: it asks first, because in ONNX such a comparison is false.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from bundle.arrays import MISSING_TEXT, is_missing

Kind = Literal["number", "text", "truth"]


@dataclass(eq=False, slots=True)
class Node:
    """A PMML function and its arguments; "field": the input or derived field that args[0] names.

    `missing`: whether it may be missing. `known`: an `if` that ends in constants everywhere.
    `name`: what to call it, where it becomes a field.
    """

    function: str
    args: tuple[Any, ...]
    kind: Kind
    missing: bool = False
    known: bool = False
    name: str = ""


Value = Node | float | int | bool | str


def field(name: str, kind: Kind) -> Node:
    """An input field, which may be missing."""
    return Node("field", (name,), kind, missing=True)


def kind_of(value: Value) -> Kind:
    """The kind of a value."""
    if isinstance(value, Node):
        return value.kind
    return "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def may_be_missing(value: Value) -> bool:
    """Whether a value may be missing for some row."""
    return value.missing if isinstance(value, Node) else is_missing(value)


def present(value: Value) -> Value:
    """Whether a value is not missing."""
    if not isinstance(value, Node):
        return not is_missing(value)
    return Node("isNotMissing", (value,), "truth") if value.missing else True


def arithmetic(function: str, known: Callable[..., Any]) -> Callable[..., Value]:
    """A PMML function of numbers; `known` computes it for constants."""

    def apply(*args: Value) -> Value:
        if not any(isinstance(arg, Node) for arg in args):
            with np.errstate(all="ignore"):
                return _plain(known(*args))
        if any(not isinstance(arg, Node) and is_missing(arg) for arg in args):
            return math.nan
        missing = any(map(may_be_missing, args))
        found: Value = Node(function, args, "number", missing=missing and function in _SPREADING)
        # Other functions refuse a missing argument, and with it the whole row.
        for arg in args if function not in _SPREADING else ():
            found = choose(present(arg), found, math.nan)
        return found

    return apply


_SPREADING = ("+", "-", "*", "/")
"""Functions whose result is missing where an argument is."""


def _plain(value: Any) -> Value:
    found: Value = value.item() if hasattr(value, "item") else value
    return found


_add, _subtract = arithmetic("+", np.add), arithmetic("-", np.subtract)
_multiply, quotient = arithmetic("*", np.multiply), arithmetic("/", np.divide)


def add(a: Value, b: Value) -> Value:
    """Give a + b."""
    return b if _is(a, 0) else a if _is(b, 0) else _add(a, b)


def subtract(a: Value, b: Value) -> Value:
    """Give a - b."""
    return a if _is(b, 0) else _subtract(a, b)


def multiply(a: Value, b: Value) -> Value:
    """Give a * b; 0 times what is never missing is 0."""
    for one, other in ((a, b), (b, a)):
        if _is(one, 1):
            return other
        if _is(one, 0) and not may_be_missing(other):
            return 0.0
    return _multiply(a, b)


def divide(a: Value, b: Value) -> Value:
    """Give a / b; 0 / 0 is missing, where `quotient` has an engine refuse the row."""
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    if _is(b, 1):
        return a
    found = quotient(a, b)
    if not isinstance(b, Node) or not (isinstance(a, Node) or _is(a, 0)):
        return found
    return choose(both(equal(a, 0.0), equal(b, 0.0)), math.nan, found)


def _is(value: Value, number: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == number


def comparison(function: str, known: Callable[[Any, Any], Any]) -> Callable[[Value, Value], Value]:
    """A PMML comparison; false where one of the two is missing, unless that is what is asked."""

    def compare(a: Value, b: Value) -> Value:
        if not isinstance(a, Node) and not isinstance(b, Node):
            return bool(known(a, b))
        for one, other in ((a, b), (b, a)):
            if not isinstance(one, Node) and is_missing(one):
                absent = negate(present(other))
                return absent if function == "equal" and one == MISSING_TEXT else False
        if isinstance(a, Node) and a.known and not isinstance(b, Node):
            return mapped(lambda leaf: bool(known(leaf, b)) and not is_missing(leaf), a)
        if isinstance(b, Node) and b.known and not isinstance(a, Node):
            return mapped(lambda leaf: bool(known(a, leaf)) and not is_missing(leaf), b)
        found: Value = Node(function, (a, b), "truth")
        for each in (a, b):
            found = choose(present(each), found, otherwise=False)
        return found

    return compare


equal = comparison("equal", lambda a, b: a == b)
less = comparison("lessThan", lambda a, b: a < b)
less_or_equal = comparison("lessOrEqual", lambda a, b: a <= b)


def greater(a: Value, b: Value) -> Value:
    """Whether a > b."""
    return less(b, a)


def greater_or_equal(a: Value, b: Value) -> Value:
    """Whether a >= b."""
    return less_or_equal(b, a)


def negate(a: Value) -> Value:
    """Not a."""
    if not isinstance(a, Node):
        return not a
    if a.function == "isNotMissing":
        return replace(a, function="isMissing")
    return a.args[0] if a.function == "not" else Node("not", (a,), "truth")


def both(a: Value, b: Value) -> Value:
    """Whether both hold."""
    return choose(a, b, otherwise=False)


def either(a: Value, b: Value) -> Value:
    """Whether one of the two holds."""
    return choose(a, then=True, otherwise=b)


def choose(condition: Value, then: Value, otherwise: Value) -> Value:
    """`then` where the condition holds, `otherwise` elsewhere; the other one is not computed."""
    if not isinstance(condition, Node):
        return then if condition else otherwise
    if then is otherwise or (_constants(then, otherwise) and _same(then, otherwise)):
        return then
    if then is True and otherwise is False:
        return condition
    return Node(
        "if",
        (condition, then, otherwise),
        kind_of(then),
        missing=may_be_missing(then) or may_be_missing(otherwise),
        known=_ends(then) and _ends(otherwise),
    )


def _constants(a: Value, b: Value) -> bool:
    return not isinstance(a, Node) and not isinstance(b, Node)


def _same(a: Value, b: Value) -> bool:
    return type(a) is type(b) and (a == b or (is_missing(a) and is_missing(b)))


def _ends(value: Value) -> bool:
    # A truth may stand for itself; only one that is an `if` ends in constants.
    return not isinstance(value, Node) or value.known


def mapped(function: Callable[[Any], Value], node: Node) -> Value:
    """The same choice between what `function` makes of the constants at its ends."""
    found: dict[int, Value] = {}

    def visit(value: Value) -> Value:
        if not isinstance(value, Node):
            return function(value)
        if id(value) not in found:
            condition, then, otherwise = value.args
            found[id(value)] = choose(condition, visit(then), visit(otherwise))
        return found[id(value)]

    return visit(node)


def selected(index: Value, count: int, pick: Callable[[int], Value]) -> Value:
    """Give pick(index), for an index from 0 to `count` - 1, or from the end where below 0."""
    if not isinstance(index, Node):
        return pick(int(index))
    if index.known:
        return mapped(lambda leaf: pick(int(leaf)), index)
    found = pick(count - 1)
    for place in range(count - 1):
        found = choose(equal(index, place), pick(place), found)
    return found


def joined(a: Value, b: Value) -> Value:
    """Text a, then b."""
    if not isinstance(a, Node) and not isinstance(b, Node):
        return str(a) + str(b)
    return Node("concat", (a, b), "text")


def lookup(value: Value, keys: list[Any], values: list[Any], default: Any) -> Value:
    """What stands for `value`; `default` where it is not among the keys."""
    known = dict(zip(keys, values, strict=True))
    if isinstance(value, Node) and value.function == "concat" and isinstance(value.args[0], str):
        # Whether a + x is among the keys: whether x is among those that begin with a.
        prefix, value = value.args
        known = {key.removeprefix(prefix): v for key, v in known.items() if key.startswith(prefix)}
    if not isinstance(value, Node):
        return known.get(value, default)  # type: ignore[no-any-return]
    if value.known:
        return mapped(lambda leaf: known.get(leaf, default), value)
    absent = known.pop(MISSING_TEXT, default)
    if value.kind == "text" and len(known) > 1:
        pairs = tuple(known.items())
        kind = kind_of(default)
        found: Value = Node(
            "map", (value, pairs, default), kind, missing=any(map(is_missing, known.values()))
        )
    else:
        found = default
        for key, each in reversed(known.items()):
            found = choose(equal(value, key), each, found)
    return choose(present(value), found, absent)
