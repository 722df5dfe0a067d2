"""Nodes as the XML of PMML: what is used twice, or too deep, becomes a derived field."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from bundle.arrays import is_missing
from converters.pmml.expressions import Node, Value, kind_of
from converters.pmml.text import COUNT, counting

DEEPEST = 24
"""Functions within functions; parsers and engines recurse."""
_TYPES = {
    "number": ('optype="continuous"', "double"),
    "text": ('optype="categorical"', "string"),
    "truth": ('optype="categorical"', "boolean"),
}

_FREE = ("field", "if")
"""They compute nothing: an engine evaluates one branch alone."""
_ROUNDING = ("float", "double")
"""No functions, but the types of fields, which round what they hold."""


class Writer:
    """The derived fields of a document, and expressions that refer to them."""

    def __init__(self, roots: Sequence[Value], taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._fields: dict[int, str] = {}
        self.derived: list[str] = []
        """A DerivedField element each, those that others refer to first."""
        self._names: dict[int, str] = {}
        self.functions: list[str] = []
        """A DefineFunction element each."""
        nodes = _in_order(roots)
        self.computed = sum(node.kind == "number" and node.function not in _FREE for node in nodes)
        uses = Counter(id(arg) for node in nodes for arg in node.args if isinstance(arg, Node))
        asked = {id(node) for node in roots} | {
            id(node.args[0] if node.function == "map" else node)
            for node in nodes
            if node.function in ("map", *_ROUNDING)
        }
        height: dict[int, int] = {}
        for node in nodes:
            if node.function == "field":
                self._fields[id(node)] = node.args[0]
                continue
            own = 1 + max((height.get(id(arg), 0) for arg in node.args), default=0)
            shared = uses[id(node)] > 1 and not _cheap(node)
            if id(node) in asked or shared or own >= DEEPEST:
                self._derive(node)
                own = 0
            height[id(node)] = own

    def expression(self, value: Value) -> str:
        """The XML of a value."""
        if not isinstance(value, Node):
            return _constant(value)
        if id(value) in self._fields:
            return f"<FieldRef field={quoteattr(self._fields[id(value)])}/>"
        return self._written(value)

    def reference(self, value: Node) -> str:
        """The name of the field that holds a root."""
        return self._fields[id(value)]

    def name(self, wanted: str) -> str:
        """A field name that nothing else has."""
        found, count = wanted, 1
        while found in self._taken:
            count += 1
            found = f"{wanted}_{count}"
        self._taken.add(found)
        return found

    def _derive(self, node: Node) -> None:
        optype, datatype = _TYPES[node.kind]
        datatype = node.function if node.function in _ROUNDING else datatype
        name = self.name(node.name or "value")
        self.derived.append(
            f'<DerivedField name={quoteattr(name)} {optype} dataType="{datatype}">'
            f"{self._written(node)}</DerivedField>"
        )
        self._fields[id(node)] = name

    def _written(self, node: Node) -> str:
        if node.function == "map":
            return self._map(node)
        if node.function == COUNT:
            return self._count(node)
        if node.function in _ROUNDING:
            return self.expression(node.args[0])
        args = "".join(self.expression(arg) for arg in node.args)
        return f'<Apply function="{node.function}">{args}</Apply>'

    def _count(self, node: Node) -> str:
        text, replacements, term = node.args
        if id(replacements) not in self._names:
            name = f"{COUNT}{len(self._names) + 1}"
            self._names[id(replacements)] = name
            self.functions.append(counting(name, replacements))
        function = self._names[id(replacements)]
        args = self.expression(text) + self.expression(term)
        return f'<Apply function="{function}">{args}</Apply>'

    def _map(self, node: Node) -> str:
        of, pairs, default = node.args
        datatype = _TYPES[node.kind][1]
        rows = "".join(
            f"<row><key>{escape(key)}</key><value>{_text(value)}</value></row>"
            for key, value in pairs
            if not is_missing(value)
        )
        otherwise = "" if is_missing(default) else f" defaultValue={quoteattr(_text(default))}"
        return (
            f'<MapValues outputColumn="value" dataType="{datatype}"{otherwise}>'
            f'<FieldColumnPair field={quoteattr(self._fields[id(of)])} column="key"/>'
            f"<InlineTable>{rows}</InlineTable></MapValues>"
        )


def _in_order(roots: Sequence[Value]) -> list[Node]:
    """Every node below the roots, once, after all that it refers to."""
    found: list[Node] = []
    seen: set[int] = set()
    waiting: list[tuple[Any, bool]] = [(root, False) for root in reversed(roots)]
    while waiting:
        node, below_done = waiting.pop()
        if not isinstance(node, Node):
            continue
        if below_done:
            found.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            waiting.append((node, True))
            waiting += [(arg, False) for arg in reversed(node.args)]
    return found


def _cheap(node: Node) -> bool:
    """Whether it costs no more than to refer to a field that holds it."""
    return node.kind == "truth" and all(
        not isinstance(arg, Node) or arg.function == "field" for arg in node.args
    )


def _constant(value: Value) -> str:
    datatype = _TYPES[kind_of(value)][1]
    if is_missing(value):
        return f'<Constant dataType="{datatype}" missing="true"/>'
    return f'<Constant dataType="{datatype}">{escape(_text(value))}</Constant>'


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return value if isinstance(value, str) else repr(float(value))  # type: ignore[arg-type]
