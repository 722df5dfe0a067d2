"""What stands around the model in a PMML document: who wrote it, and rows that prove it.

The document of either road is edited where it stands: a forest is too large to be parsed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from xml.etree import ElementTree as ET

import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays, rows_of
from bundle.errors import ConversionError
from bundle.pmml_fields import field_names, spelt
from bundle.signature import Output, Signature

APPLICATION = "isomorph"
PRECISION = 1e-12
CELLS = "http://jpmml.org/jpmml-model/InlineTable"
"""The namespace of JPMML's cells. Any is allowed in a row; this one it reads without a DOM."""
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TABBED = re.compile(rb'="[^"<]*\t[^"<]*"')
"""JPMML writes a tab in an attribute as it is, which a parser reads as a space."""
_BESIDE = re.compile(rb"\s*(<Output>.*?</Output>)", re.DOTALL)
_SEGMENTATION = re.compile(rb'<Segmentation multipleModelMethod="(\w+)"')
_CLOSING = re.compile(rb"</\w+>\s*</PMML>\s*\Z")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Rows and the original's answers; `zero`: by output, below which a number counts as 0.

    Numbers are proven relative to the scale of their column, a document compares them relative
    to themselves: what rounding leaves of a zero is one to the proof, and has to be to it.
    """

    rows: Arrays
    answers: Arrays
    zero: Mapping[str, Array]

    def __getitem__(self, kept: Array) -> Recorded:
        """Some of the rows."""
        rows = {name: block[kept] for name, block in self.rows.items()}
        answers = {name: block[kept] for name, block in self.answers.items()}
        return Recorded(rows=rows, answers=answers, zero=self.zero)

    def repeated(self, got: Arrays) -> Recorded:
        """The rows for which `got` is within what a document may be off by."""
        kept = np.ones(rows_of(self.rows), dtype=bool)
        for name, expected in self.answers.items():
            kept &= _all(_within(expected, got[name], self.zero.get(name, np.zeros(1))))
        return self[kept]


def self_proving(pmml: bytes, signature: Signature, recorded: Recorded) -> bytes:
    """The document, as ours, with the recorded rows that XML can hold as its ModelVerification.

    Where the target has OutputFields beside it, one more repeats it: a consumer then verifies the
    OutputFields alone, and some answer nothing else. The same document gives the same bytes.
    """
    pmml = _with_target(_with_output(_ours(pmml)))
    chosen = _distinct(recorded[_writable(recorded)])
    if not rows_of(chosen.rows):
        return pmml
    content = _verification(_Fields.of(pmml), signature, chosen)
    end = _CLOSING.search(pmml)
    if end is None:
        raise ConversionError("its last element is not a model", where="PMML")
    return pmml[: end.start()] + b"\t" + content + b"\n\t" + pmml[end.start() :]


@dataclass(frozen=True, kw_only=True)
class _Fields:
    """The fields of a document: its DataFields, and the names of those its model uses."""

    described: Mapping[str, Mapping[str, str]]
    active: Collection[str]
    targets: Sequence[str]
    outputs: Sequence[str]
    predicted: str | None
    chained: Sequence[str]

    @classmethod
    def of(cls, pmml: bytes) -> _Fields:
        """Read them from the head of the document; the first MiningSchema is the outermost."""
        dictionary, schema = _element(pmml, "DataDictionary"), _element(pmml, "MiningSchema")
        output, inside = _output(pmml), _chained(pmml)
        usage = {each.get("name", ""): each.get("usageType", "active") for each in schema}
        named = [] if output is None else [(o.get("name", ""), o.get("feature")) for o in output]
        return cls(
            described={each.get("name", ""): each.attrib for each in dictionary},
            active=[name for name, use in usage.items() if use == "active"],
            targets=[name for name, use in usage.items() if use in ("target", "predicted")],
            outputs=[name for name, _ in named],
            chained=[each.get("name", "") for each in ET.fromstring(inside[1])] if inside else [],  # noqa: S314
            predicted=next((name for name, feature in named if feature == "predictedValue"), None),
        )


def _ours(pmml: bytes) -> bytes:
    """The document with us as its Application; another one stays in an Extension."""
    found = _found(pmml, "Header")
    header = ET.fromstring(found.group())  # noqa: S314 - from our own converters
    for stamp in header.findall("Timestamp"):
        header.remove(stamp)  # When it was made is in the manifest; the bytes of a model repeat.
    application = header.find("Application")
    if application is None:
        application = ET.SubElement(header, "Application")
    elif application.get("name") != APPLICATION:
        before = f"{application.get('name')} {application.get('version', '')}".strip()
        origin = {"extender": APPLICATION, "name": "converter", "value": before}
        header.insert(0, ET.Element("Extension", origin))
    application.attrib.update(name=APPLICATION, version=_version())
    model = _TABBED.sub(lambda tabbed: tabbed[0].replace(b"\t", b"&#9;"), pmml[found.end() :])
    return pmml[: found.start()] + _written(header, level=1) + model


def _with_output(pmml: bytes) -> bytes:
    """The document with the Output of a chain's last model as its own; some see no other.

    Where classes are no text it stays inside: JPMML looks for them as text in a chain.
    """
    inside, fields = _chained(pmml), _Fields.of(pmml)
    if inside is None or any(fields.described[t]["dataType"] != "string" for t in fields.targets):
        return pmml
    place = _found(pmml, "MiningSchema").end()
    return pmml[:place] + inside[0] + pmml[place : inside.start()] + pmml[inside.end() :]


def _chained(pmml: bytes) -> re.Match[bytes] | None:
    """The probabilities that the last model of a chain answers for it, which has no Output."""
    outermost = _SEGMENTATION.search(pmml, _found(pmml, "MiningSchema").end())
    if _output(pmml) is not None or outermost is None or outermost[1] != b"modelChain":
        return None
    last = pmml.rindex(b"<Segment ")
    beside = _BESIDE.search(pmml, last)
    # The last segment by position may stand in a model inside, which ends before the chain does.
    if beside is None or pmml.count(b"</Segmentation>", last) > 1:
        return None
    features = {each.get("feature") for each in ET.fromstring(beside[1])}  # noqa: S314 - as above
    return beside if features == {"probability"} else None


def _with_target(pmml: bytes) -> bytes:
    """The document with an OutputField for its target, where it has others and none for it."""
    fields = _Fields.of(pmml)
    if not fields.outputs or fields.predicted or len(fields.targets) != 1:
        return pmml
    target = fields.targets[0]
    name = f"predicted({target})"
    while name in fields.described or name in fields.outputs:
        name += "_"
    kinds = {kind: fields.described[target][kind] for kind in ("optype", "dataType")}
    field = ET.Element("OutputField", {"name": name, **kinds, "feature": "predictedValue"})
    place = pmml.index(b"<Output>") + len(b"<Output>")
    return pmml[:place] + b"\n\t\t\t" + _written(field, level=3) + pmml[place:]


def _verification(fields: _Fields, signature: Signature, recorded: Recorded) -> bytes:
    columns = [*_inputs(fields, signature, recorded), *_answers(fields, signature, recorded)]
    count = rows_of(recorded.rows)
    sizes = {"recordCount": str(count), "fieldCount": str(len(columns))}
    verification = ET.Element("ModelVerification", sizes)
    described = ET.SubElement(verification, "VerificationFields")
    table = ET.SubElement(verification, "InlineTable", {"xmlns:data": CELLS})
    rows = [ET.SubElement(table, "row") for _ in range(count)]
    for place, (attributes, cells) in enumerate(columns):
        # Names may hold what no tag can; a column is called by its place.
        tag = f"data:c{place}"
        name, *others = attributes.items()
        ET.SubElement(described, "VerificationField", dict([name, ("column", tag), *others]))
        for row, text in zip(rows, cells, strict=True):
            if text is not None:
                ET.SubElement(row, tag).text = text
    return _written(verification, level=2)


_Column = tuple[dict[str, str], list[str | None]]
"""The attributes of a VerificationField, and its cells; None is missing."""


def _inputs(fields: _Fields, signature: Signature, recorded: Recorded) -> Iterator[_Column]:
    for block in signature.inputs:
        for place, name in enumerate(block.columns):
            if name in fields.active:
                values = recorded.rows[block.name][:, place]
                kind = fields.described[name]["dataType"]
                yield {"field": name}, [_cell(each, kind) for each in values.tolist()]


def _answers(fields: _Fields, signature: Signature, recorded: Recorded) -> Iterator[_Column]:
    answered = [*fields.outputs, *fields.targets, *fields.chained]
    for output in signature.outputs:
        values, names = recorded.answers[output.name], field_names(output)
        if output.width is None and names[0] not in fields.outputs:
            names = [fields.predicted or next(iter(fields.targets), names[0])]
        zero = np.broadcast_to(recorded.zero.get(output.name, np.zeros(1)), (len(names),))
        for place, name in enumerate(names):
            if name in answered:
                column = values.reshape(len(values), -1)[:, place].tolist()
                yield _compared(name, output, float(zero[place])), [spelt(v) for v in column]


def _compared(name: str, output: Output, zero: float) -> dict[str, str]:
    if not output.datatype.startswith("FP"):
        return {"field": name}
    return {"field": name, "precision": repr(PRECISION), "zeroThreshold": repr(zero)}


def _cell(value: float | str, datatype: str) -> str | None:
    if isinstance(value, str):
        return None if value == MISSING_TEXT else value
    if np.isnan(value):
        return None
    if datatype == "boolean" and value in (0.0, 1.0):
        return spelt(bool(value))
    return spelt(int(value) if datatype == "integer" and value.is_integer() else value)


def _within(expected: Array, got: Array, zero: Array) -> Array:
    """What a consumer of the document will find; labels are equal or not."""
    if expected.dtype.kind != "f":
        return np.asarray(expected == got)
    # Half of it: which way its boundaries round decides nothing.
    near = np.abs(got - expected) <= PRECISION / 2 * np.abs(expected)
    return np.asarray(near | ((np.abs(expected) <= zero) & (np.abs(got) <= zero)))


def _writable(recorded: Recorded) -> Array:
    """[rows] whether no answer is missing or infinite and every value has a place in XML."""
    kept = np.ones(rows_of(recorded.rows), dtype=bool)
    for block in recorded.answers.values():
        if block.dtype.kind == "f":
            kept &= _all(np.isfinite(block))
        if block.dtype == object:
            kept &= _all(_speakable(block) & (block != MISSING_TEXT))
    for block in recorded.rows.values():
        kept &= _all(_speakable(block) if block.dtype == object else ~np.isinf(block))
    return kept


def _speakable(texts: Array) -> Array:
    said = [value == MISSING_TEXT or not _UNSPEAKABLE.search(value) for value in texts.ravel()]
    return np.array(said, dtype=bool).reshape(texts.shape)


def _distinct(recorded: Recorded) -> Recorded:
    """The rows, each once."""
    listed = zip(*(block.tolist() for block in recorded.rows.values()), strict=True)
    first = {repr(row): place for place, row in reversed(list(enumerate(listed)))}
    return recorded[np.array(sorted(first.values()), dtype=int)]


def _all(kept: Array) -> Array:
    return np.asarray(kept.all(axis=tuple(range(1, kept.ndim))))


def _found(pmml: bytes, tag: str) -> re.Match[bytes]:
    """Where the first element of that tag stands; in what is written here, none holds itself."""
    name = tag.encode()
    found = re.search(rb"<%b(?:\s[^>]*)?(?:/>|>.*?</%b>)" % (name, name), pmml, re.DOTALL)
    if found is None:
        raise ConversionError(f"it has no {tag}", where="PMML")
    return found


def _element(pmml: bytes, tag: str) -> ET.Element:
    return ET.fromstring(_found(pmml, tag).group())  # noqa: S314 - from our own converters


def _output(pmml: bytes) -> ET.Element | None:
    """The Output of the outermost model, which follows its MiningSchema."""
    beside = _BESIDE.match(pmml, _found(pmml, "MiningSchema").end())
    return ET.fromstring(beside[1]) if beside else None  # noqa: S314 - as above


def _written(element: ET.Element, *, level: int) -> bytes:
    ET.indent(element, "\t", level=level)
    # A parser reads a bare carriage return as a line feed.
    return ET.tostring(element, encoding="unicode").encode().replace(b"\r", b"&#13;")


def _version() -> str:
    try:
        return version(APPLICATION)
    except PackageNotFoundError:
        return "unknown"
