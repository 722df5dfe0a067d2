"""Functions of numbers that take more than one PMML function, one value at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from converters.pmml.expressions import (
    Node,
    Value,
    add,
    arithmetic,
    both,
    choose,
    either,
    equal,
    less,
    may_be_missing,
    negate,
    present,
    quotient,
    subtract,
)

IN_ORDER = 128
"""Terms added one after the other; longer sums are halved first, as NumPy does."""

absolute = arithmetic("abs", np.abs)
exponential = arithmetic("exp", np.exp)
logarithm = arithmetic("ln", np.log)
square_root = arithmetic("sqrt", np.sqrt)
_power = arithmetic("pow", np.power)
sine, cosine = arithmetic("sin", np.sin), arithmetic("cos", np.cos)
_tanh = arithmetic("tanh", np.tanh)
_rint = arithmetic("rint", np.rint)


def of_not_negative(function: Callable[[Value], Value]) -> Callable[[Value], Value]:
    """The function, missing below 0, where its result is no number; engines refuse such a row."""

    def apply(value: Value) -> Value:
        if not isinstance(value, Node):
            return function(value)
        return choose(negate(less(value, 0.0)), function(value), math.nan)

    return apply


log, sqrt = of_not_negative(logarithm), of_not_negative(square_root)


def tanh(x: Value) -> Value:
    """The hyperbolic tangent; beyond 20 it is 1, and engines that divide exponentials overflow."""
    if not isinstance(x, Node):
        return _tanh(x)
    return choose(less(20.0, x), 1.0, choose(less(x, -20.0), -1.0, _tanh(x)))


def power(x: Value, y: Value) -> Value:
    """Give x ** y; missing where x is below 0 and y is not whole."""
    fraction = negate(equal(rint(y), y))
    return choose(both(less(x, 0.0), fraction), math.nan, _power(x, y))


def negative(x: Value) -> Value:
    """-x."""
    return -x if not isinstance(x, Node) else subtract(0.0, x)  # type: ignore[operator]


def single(x: Value) -> Value:
    """The nearest float32."""
    if not isinstance(x, Node):
        return float(np.float32(x))
    # A field of that type rounds; what refers to it counts in double again.
    return Node("double", (Node("float", (x,), "number", x.missing),), "number", x.missing)


def sign(x: Value) -> Value:
    """-1, 0 or 1."""
    return choose(less(x, 0.0), -1.0, choose(less(0.0, x), 1.0, x))


def rint(x: Value) -> Value:
    """The nearest whole number, halves to the even one."""
    return x if isinstance(x, int) else _rint(x)


def floor(x: Value) -> Value:
    """The next whole number below; PMML's own `floor` ends where 32 or 64 bits do."""
    near = rint(x)
    return choose(less(x, near), subtract(near, 1.0), near)


def ceil(x: Value) -> Value:
    """The next whole number above."""
    near = rint(x)
    return choose(less(near, x), add(near, 1.0), near)


def truncate(x: Value) -> Value:
    """The whole part."""
    return choose(less(x, 0.0), ceil(x), floor(x))


def remainder(a: Value, b: Value) -> Value:
    """C's fmod."""
    if not isinstance(a, Node) and not isinstance(b, Node):
        return math.fmod(a, b) if b else math.nan  # type: ignore[arg-type]
    raise NotImplementedError("the remainder of a division")


def sigmoid(x: Value) -> Value:
    """1 / (1 + exp(-x))."""
    return quotient(1.0, add(1.0, exponential(negative(x))))


def infinite(x: Value) -> Value:
    """Whether x is infinite."""
    return either(equal(x, math.inf), equal(x, -math.inf))


def larger(a: Value, b: Value) -> Value:
    """The larger of two; missing where one is."""
    return _spread(a, b, choose(less(a, b), b, a))


def smaller(a: Value, b: Value) -> Value:
    """The smaller of two; missing where one is."""
    return _spread(a, b, choose(less(b, a), b, a))


def _spread(a: Value, b: Value, found: Value) -> Value:
    for each in (a, b):
        if may_be_missing(each):
            found = choose(present(each), found, math.nan)
    return found


def total(terms: Sequence[Value]) -> Value:
    """The sum, in order."""
    if len(terms) > IN_ORDER:
        half = len(terms) // 2
        return add(total(terms[:half]), total(terms[half:]))
    found: Value = 0.0
    for term in terms:
        found = add(found, term)
    return found


def first_largest(values: Sequence[Value]) -> tuple[Value, Value]:
    """The place of the largest value, the first of equals, and the value."""
    return _first(list(zip(range(len(values)), values, strict=True)), less)


def smallest(values: Sequence[Value], k: int) -> tuple[list[Value], list[Value]]:
    """The k smallest values in order, equal ones as they came, and their places."""
    left = list(values)
    found: list[tuple[Value, Value]] = []
    for _ in range(k):
        pairs = list(zip(range(len(left)), left, strict=True))
        place, value = _first(pairs, lambda a, b: less(b, a))
        found.append((place, value))
        left = [choose(equal(place, at), math.inf, each) for at, each in enumerate(left)]
    return [value for _, value in found], [place for place, _ in found]


def _first(
    pairs: Sequence[tuple[Value, Value]], beaten: Callable[[Value, Value], Value]
) -> tuple[Value, Value]:
    """The pair of place and value that no later one beats; halves, so that it is not deep."""
    if len(pairs) == 1:
        return pairs[0]
    half = len(pairs) // 2
    (i, a), (j, b) = _first(pairs[:half], beaten), _first(pairs[half:], beaten)
    later = beaten(a, b)
    return choose(later, j, i), choose(later, b, a)


def softmax(values: Sequence[Value]) -> list[Value]:
    """exp(x - max) over the sum of it."""
    _, best = first_largest(values)
    raised = [exponential(subtract(value, best)) for value in values]
    whole = total(raised)
    return [quotient(each, whole) for each in raised]


def log_sum_exp(values: Sequence[Value]) -> Value:
    """log(sum(exp(x))), by way of the largest."""
    _, best = first_largest(values)
    raised = [exponential(subtract(value, best)) for value in values]
    finite = add(best, logarithm(total(raised)))
    return choose(infinite(best), best, finite)


def as_whole(x: Any) -> Value:
    """A number as an integer, a truth as 0 or 1."""
    return choose(x, 1, 0) if isinstance(x, Node) else int(x)
