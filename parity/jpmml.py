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
_DECLARES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']+)""")
_NO_INT = np.iinfo(np.int64).min
_LIST = list[Any]


def pmml_backend(pmml: bytes, signature: Signature) -> Predict:
    """A Predict that evaluates `pmml` in JPMML, answering the outputs of `signature`.

    A row that JPMML does not answer is NaN (numbers), MISSING_TEXT (text labels) or the least
    int64 (integer and bool labels), which no model's label is. Raises ConversionError where the
    document is not safe to parse or not valid PMML, or the extra is absent.
    """
    _check(pmml)
    java = jvm.evaluator()
    try:
        with java.current():
            evaluator = _loaded(java, pmml)
    except jvm.java_error() as error:
        raise ConversionError(f"JPMML refuses it: {jvm.message(error)}", where="PMML") from error
    return partial(_predict, java, evaluator, signature)


def _check(pmml: bytes) -> None:
    """Refuse, before any parser, what could make a parser read files or grow without end."""
    if len(pmml) > MAX_BYTES:
        raise ConversionError(f"the document is over {MAX_BYTES} bytes", where="PMML")
    encoding = _ENCODING.match(pmml.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in pmml or (encoding and encoding[1].upper() != b"UTF-8"):
        raise ConversionError("the document is not UTF-8", where="PMML", mend="Save it as UTF-8")
    if _DECLARES.search(pmml):
        raise ConversionError(
            "the document declares a DOCTYPE or an ENTITY", where="PMML", mend="Remove it"
        )


def _loaded(java: jvm.Jars, pmml: bytes) -> Any:
    builder = java("org.jpmml.evaluator.LoadingModelEvaluatorBuilder")()
    builder.load(java("java.io.ByteArrayInputStream")(pmml))
    return builder.build()


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
    with java.current():
        sent = pickle.dumps(table, protocol=2)
        answers = pickle.loads(bytes(entry.evaluateAll(evaluator, sent, None, -1)))
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
