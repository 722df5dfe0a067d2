"""/invocations: MLflow's and SageMaker's, who share the address.

The media types tell what a body is (`READERS`) and how an answer is said (`WRITERS`). Where both
contracts know a type, one reading serves both: JSON has MLflow's forms, and SageMaker's rows
inside `instances`; CSV may have a header, which MLflow's has and SageMaker's has not.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import IO

import msgspec
import numpy as np

from bundle.arrays import Array, Arrays, rows_of
from bundle.signature import Signature
from runtime import media_types
from runtime.answers import check_finite, flat_rows, listed
from runtime.columnar import counted_from, read_parquet
from runtime.csv_rows import header_of, read_csv, write_csv
from runtime.door import Asked, Call, Door, Reply, Route
from runtime.doors import mlflow, sagemaker, sagemaker_triton
from runtime.errors import MediaTypeError, NotAcceptableError, TooLargeError, UnknownModelError
from runtime.laps import Laps
from runtime.repository import Ready, Repository

JSON, CSV = "application/json", "text/csv"
PARQUET = "application/vnd.apache.parquet"
MAX_ANSWERS = 2**21  # values of a Parquet table's answers, which lie in memory as JSON
Answers = dict[str, Array]


@dataclass(frozen=True)
class Reader:
    """How bodies of a type are read, and the type of the answer where the client names none."""

    read: Callable[[Call, Ready], tuple[Arrays, Sequence[str] | None]]
    answer: str = JSON
    parameters: tuple[str, ...] = ("charset",)


def _json(call: Call, found: Ready) -> tuple[Arrays, Sequence[str] | None]:
    return mlflow.read_json(found, call.body)


def _csv(call: Call, found: Ready) -> tuple[Arrays, None]:
    header = header_of(call.header(b"content-type"))
    return read_csv(found.bundle.signature, call.body, header, surplus=True), None


def _lines(call: Call, found: Ready) -> tuple[Arrays, None]:
    return sagemaker.read_lines(found.bundle.signature, call.body), None


def _npy(call: Call, found: Ready) -> tuple[Arrays, None]:
    return sagemaker.read_npy(found.bundle.signature, call.body), None


def _never(_: Call, __: Ready) -> tuple[Arrays, None]:
    raise AssertionError  # `parquet` reads these as they come


READERS = {
    JSON: Reader(_json),
    CSV: Reader(_csv, parameters=("charset", "header", "label_size")),
    sagemaker.LINES: Reader(_lines, answer=sagemaker.LINES),
    sagemaker.NPY: Reader(_npy),
    PARQUET: Reader(_never),
}


def _say_json(signature: Signature, answers: Answers, _: dict[str, str]) -> bytes:
    """One output as a list, as the array that `predict` gives; several as records."""
    if len(answers) > 1:
        return msgspec.json.encode({"predictions": _records(signature, answers)})
    ((name, values),) = answers.items()
    return msgspec.json.encode({"predictions": listed(signature.output(name), values)})


def _say_csv(signature: Signature, answers: Answers, parameters: dict[str, str]) -> bytes:
    return write_csv(signature, answers, header=parameters.get("header") == "present")


def _say_lines(signature: Signature, answers: Answers, _: dict[str, str]) -> bytes:
    lines = map(msgspec.json.encode, _records(signature, answers))
    return b"".join(line + b"\n" for line in lines)


def _say_npy(_: Signature, answers: Answers, __: dict[str, str]) -> bytes:
    if len(answers) > 1:
        raise NotAcceptableError("an array holds one output", mend="Ask for one output, or JSON")
    (values,) = answers.values()
    written = io.BytesIO()
    plain = values.astype(str) if values.dtype == object else values
    np.save(written, plain, allow_pickle=False)
    return written.getvalue()


WRITERS = {
    JSON: _say_json,
    CSV: _say_csv,
    sagemaker.LINES: _say_lines,
    sagemaker.NPY: _say_npy,
}


def invocations(call: Call) -> Asked:
    """Rows in, what `predict` gives out, or what the request asks for."""
    if call.media_type == sagemaker_triton.TYPE:
        return sagemaker_triton.invoke(call)
    reader, (media_type, parameters) = _types(call)
    found = sagemaker.target(call)
    rows, asked = reader.read(call, found)
    outputs = asked or sagemaker.asked_outputs(call) or found.by_default
    return Asked(found, rows, partial(_said, found, media_type, parameters), outputs)


def parquet(call: Call, file: IO[bytes]) -> Reply:
    """A table in Parquet, batch by batch, answered as the other bodies are."""
    _, (media_type, parameters) = _types(call)
    found = sagemaker.target(call)
    outputs = sagemaker.asked_outputs(call) or found.by_default
    parts, start, size = [_no_answers(found, outputs)], 0, 0
    laps = Laps()
    for rows in read_parquet(found.bundle.signature, file):
        laps.decoded()
        with counted_from(start):
            parts.append(found.engine.run(rows, outputs))
            check_finite(found.bundle.signature, parts[-1])
        laps.ran()
        call.rows = start = start + rows_of(rows)
        size += sum(values.size for values in parts[-1].values())
        if size > MAX_ANSWERS:
            raise TooLargeError(
                f"there are over {MAX_ANSWERS} values to answer", mend="Send fewer rows at a time"
            )
    answers = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    reply = _said(found, media_type, parameters, answers)
    laps.encoded()
    call.times = laps.times
    return reply


def _no_answers(found: Ready, outputs: Sequence[str]) -> Answers:
    """The answers to no rows: a table may have none."""
    blocks = found.bundle.signature.inputs
    empty = {block.name: np.empty((0, len(block.columns)), object) for block in blocks}
    return found.engine.run(empty, outputs)


def _said(found: Ready, media_type: str, parameters: dict[str, str], answers: Answers) -> Reply:
    check_finite(found.bundle.signature, answers)
    body = WRITERS[media_type](found.bundle.signature, answers, parameters)
    return Reply(body, media_type=media_type, headers=sagemaker.headers(found))


def _types(call: Call) -> tuple[Reader, tuple[str, dict[str, str]]]:
    """How the body is read, and the answer said. Raises MediaTypeError, NotAcceptableError."""
    headers = call.headers
    return _types_of(headers.get(b"content-type", b""), headers.get(b"accept", b""))


@lru_cache(128)
def _types_of(given: bytes, accept: bytes) -> tuple[Reader, tuple[str, dict[str, str]]]:
    reader = _reader(given.decode("latin-1"))
    return reader, _answer_type(accept.decode("latin-1"), reader)


def _reader(given: str) -> Reader:
    """By Content-Type; a body without one is JSON. Raises MediaTypeError."""
    media_type, parameters = media_types.parsed(given or JSON)
    reader = READERS.get(media_type)
    if reader is None:
        raise MediaTypeError(
            "bodies of this type are not read here", mend=f"Send one of: {', '.join(READERS)}"
        )
    if not parameters.keys() <= set(reader.parameters):
        raise MediaTypeError(
            "the type of the body has a parameter that is not known",
            mend=f"Known: {', '.join(reader.parameters)}",
        )
    if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise MediaTypeError("the body is not in UTF-8", mend="Send UTF-8")
    if parameters.get("label_size", "0") != "0":
        raise MediaTypeError("the rows have labels", mend="Send rows to answer: label_size=0")
    return reader


def _answer_type(accept: str, reader: Reader) -> tuple[str, dict[str, str]]:
    """By Accept; whoever takes anything gets the reader's own. Raises NotAcceptableError."""
    found = media_types.accepted(accept, (reader.answer, *WRITERS))
    if found is None:
        raise NotAcceptableError(
            "answers of this type are not written here", mend=f"Accept: {', '.join(WRITERS)}"
        )
    return found


def _records(signature: Signature, answers: Answers) -> list[dict[str, object]]:
    names = [name for each in answers for name in signature.output(each).flat_names]
    return [dict(zip(names, row, strict=True)) for row in flat_rows(signature, answers)]


def ping(call: Call) -> Reply:
    """200 where the models answer that this address means; 404 without any, 503 until then.

    The body is MLflow's; SageMaker reads the status alone.
    """
    for name in _meant(call.repository):
        call.repository.ready(name)
    return Reply(b"\n")


def _meant(repository: Repository) -> list[str]:
    """The default model, or all where none is: Target-Model then names it. Raises as `ready`."""
    try:
        return [repository.default_name]
    except UnknownModelError:
        if not repository.names:
            raise
        return repository.names


DOOR = Door(
    name="invocations",
    routes=(
        Route(path="/ping", handler=ping, scope="open"),
        Route(path="/health", handler=ping, scope="open"),
        Route(path="/version", handler=mlflow.version),
        Route(path="/execution-parameters", handler=sagemaker.execution_parameters),
        *(
            Route(
                path=path,
                handler=invocations,
                methods=("POST",),
                bulk=parquet,
                bulk_types=(PARQUET,),
            )
            for path in (
                "/invocations",
                # As mlflow.deployments and the AWS SDKs write it; below as Databricks does.
                "/endpoints/{name}/invocations",
                "/serving-endpoints/{name}/invocations",
            )
        ),
    ),
    fault=mlflow.error,
)
