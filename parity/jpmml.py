"""PMML answered by JPMML, the evaluator that most Java services run."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays, Predict, rows_of
from bundle.errors import ConversionError
from bundle.pmml_fields import field_names
from bundle.signature import Output, Scalar, Signature
from converters import jvm

MAX_BYTES = 256 * 2**20
_PROLOG = 2**16
_DECLARES = re.compile(rb"<!(?!--)")
"""Before its root, a document declares nothing but a DOCTYPE; entities are declared inside it."""
_BEGINS = re.compile(
    rb"""(?:\xef\xbb\xbf)?
    (?:<\?xml \s+ version \s*=\s* (?:"1\.0"|'1\.0')
       (?:\s+ encoding \s*=\s* (?:"utf-8"|'utf-8'))?
       (?:\s+ standalone \s*=\s* (?:"(?:yes|no)"|'(?:yes|no)'))? \s*\?>)?
    (?:\s++ | <!--.*?--> | <\?(?!xml\s).*?\?>)*+ <(?:\w+:)?PMML\b""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
"""All that may stand before the root: a parser reads it in UTF-8, and meets no DOCTYPE."""
_HANDLER = "jakarta.xml.bind.ValidationEventHandler"
_NO_INT = np.iinfo(np.int64).min
_LIST = list[Any]


def pmml_backend(pmml: bytes, signature: Signature) -> Predict:
    """A Predict that evaluates `pmml` in JPMML, answering the outputs of `signature`.

    A row that JPMML does not answer is NaN (numbers), MISSING_TEXT (text labels) or the least
    int64 (integer and bool labels), which no model's label is. Raises ConversionError where the
    document is not safe to parse, not valid PMML or does not answer the rows of its own
    ModelVerification, or the extra is absent.
    """
    _check(pmml)
    java = jvm.evaluator()
    try:
        with java.current():
            evaluator = _loaded(java, pmml)
    except jvm.java_error() as error:
        raise ConversionError(f"JPMML refuses it: {jvm.message(error)}", where="PMML") from error
    try:
        with java.current():
            evaluator.verify()
    except jvm.java_error() as error:
        raise ConversionError(
            f"it does not answer its own verification rows: {jvm.message(error)}", where="PMML"
        ) from error
    return partial(_predict, java, evaluator, signature)


def _check(pmml: bytes) -> None:
    """Refuse, before any parser, what could make one read files or grow without end.

    What may stand before the root is listed, not what may not; behind it a parser takes nothing
    for a DOCTYPE or another encoding. The JVM is started with limits for depth and attributes.
    """
    if len(pmml) > MAX_BYTES:
        raise ConversionError(f"the document is over {MAX_BYTES} bytes", where="PMML")
    begins = _BEGINS.match(pmml, 0, _PROLOG)
    if begins:
        return
    if _DECLARES.search(pmml, 0, _PROLOG):
        raise ConversionError("the document declares a DOCTYPE", where="PMML", mend="Remove it")
    raise ConversionError(
        "the document does not begin as PMML in UTF-8", where="PMML", mend="Save it as UTF-8"
    )


def _loaded(java: jvm.Jars, pmml: bytes) -> Any:
    builder = java("org.jpmml.evaluator.LoadingModelEvaluatorBuilder")()
    builder.setValidationEventHandler(java.handler(_HANDLER, handleEvent=_is_warning))
    builder.load(java("java.io.ByteArrayInputStream")(pmml))
    return builder.build()


def _is_warning(event: Any) -> bool:
    """Whether to go on; the default handler prints to the console besides."""
    return int(event.getSeverity()) == 0


def _predict(java: jvm.Jars, evaluator: Any, signature: Signature, rows: Arrays) -> Arrays:
    """The outputs for every row of the blocks, [n] or [n, width]."""
    fields = _evaluated(java, evaluator, _columns(evaluator, signature, rows), rows_of(rows))
    target = [str(field.getName()) for field in evaluator.getTargetFields()]
    return {
        output.name: _answer(output, fields, target, rows_of(rows)) for output in signature.outputs
    }


def _columns(evaluator: Any, signature: Signature, rows: Arrays) -> dict[str, _LIST]:
    """The columns as lists of plain values, None where missing.

    All of them, though a document may read none: the lists say how many rows there are.
    """
    types = {
        str(field.getName()): str(field.getDataType().value())
        for field in evaluator.getInputFields()
    }
    columns: dict[str, _LIST] = {}
    for block in signature.inputs:
        for place, name in enumerate(block.columns):
            columns[name] = _plain(rows[block.name][:, place], types.get(name, "double"))
    return columns


def _plain(column: Array, datatype: str) -> _LIST:
    if column.dtype == object:
        return [None if value == MISSING_TEXT else value for value in column]
    cast: Callable[[float], Scalar] = {"integer": _whole, "boolean": _truth}.get(datatype, float)
    return [None if value != value else cast(value) for value in column.tolist()]  # noqa: PLR0124


def _whole(value: float) -> Scalar:
    # What is not whole stays a float: JPMML then refuses the row, and it shows as NaN.
    return int(value) if value.is_integer() else value


def _truth(value: float) -> Scalar:
    return bool(value) if value in (0.0, 1.0) else value


def _evaluated(
    java: jvm.Jars, evaluator: Any, columns: dict[str, _LIST], count: int
) -> dict[str, _LIST]:
    """The answer fields by name, one value a row; None where JPMML has no answer."""
    if count == 0:
        return {}
    table = {"columns": list(columns), "data": list(columns.values())}
    entry = java("org.jpmml.evaluator.python.PythonEvaluatorUtil")
    sent = pickle.dumps(table, protocol=2)
    try:
        with java.current():
            answers = pickle.loads(bytes(entry.evaluateAll(evaluator, sent, None, -1)))
    except jvm.java_error() as error:
        # Not of one row, which would be a null: a stack or memory that is not enough.
        raise ConversionError(f"JPMML gives up: {jvm.message(error)}", where="PMML") from error
    return dict(zip(answers["columns"], answers["data"], strict=True))


def _answer(output: Output, fields: dict[str, _LIST], target: list[str], count: int) -> Array:
    nothing = [None] * count
    names = field_names(output)
    if output.width is None:
        names = [next((name for name in (*names, *target) if name in fields), names[0])]
    read = _numbers if output.datatype == "FP64" else partial(_label, output=output)
    columns = [read(fields.get(name, nothing)) for name in names]
    return columns[0] if output.width is None else np.column_stack(columns)


def _numbers(values: _LIST) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _label(values: _LIST, output: Output) -> Array:
    if output.datatype == "BYTES":
        return np.array([MISSING_TEXT if v is None else str(v) for v in values], dtype=object)
    if None in values or output.datatype == "INT64":
        # A missing bool label has no bool: the array says so by being int64.
        return np.array([_NO_INT if v is None else int(v) for v in values], dtype=np.int64)
    return np.array(values, dtype=DTYPES[output.datatype])
