"""Bulk: a table of any length in, a table of answers out, batch by batch.

An error in the last row must still be a clean answer, so that the answers wait in a file until
every row has its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from typing import IO
from urllib.parse import parse_qs

from bundle.arrays import Arrays, rows_of
from bundle.errors import InputError
from bundle.signature import Output
from runtime.answers import check_finite
from runtime.arrow_answers import ParquetWriter, StreamWriter, Writer
from runtime.columnar import counted_from, read_parquet, read_stream
from runtime.door import Call, Reply
from runtime.errors import MalformedError, NotAcceptableError, TooLargeError
from runtime.laps import Laps
from runtime.repository import Ready

STREAM = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
TYPES = (STREAM, PARQUET)

IN_MEMORY = 2**20  # bytes of answers; the rest of them lies on disk

_READERS = {STREAM: read_stream, PARQUET: read_parquet}
_WRITERS: dict[str, type[StreamWriter | ParquetWriter]] = {
    STREAM: StreamWriter,
    PARQUET: ParquetWriter,
}


def predict(call: Call, file: IO[bytes]) -> Reply:
    """Answers in the format of the rows, or in the other where `Accept` asks for it.

    `?outputs=label,probabilities` selects. Raises InputError, with rows counted over the whole
    table, NotAcceptableError, MediaTypeError.
    """
    found = call.ready()
    sent = call.media_type
    given = acceptable(call.header(b"accept"), sent)
    outputs = found.engine.wanted(_asked(call))
    about = {"model": found.name, "version": str(found.version)}
    answers = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    try:
        writer: Writer = _WRITERS[given](outputs, about, answers)
        batches = _READERS[sent](found.bundle.signature, file)
        with closing(writer):  # in any case: Parquet's would do it when its file is closed already
            laps = Laps()
            for rows in _answers(call, found, batches, outputs, laps):
                writer.write(rows)
                laps.encoded()
                _check_length(answers.tell(), call.settings.max_bulk)
        laps.encoded()
        call.times = laps.times
    except BaseException:
        answers.close()
        raise
    return Reply(answers, media_type=given)


def acceptable(accept: str, sent: str) -> str:
    """The format of the answer: that of the rows where it will do. Raises NotAcceptableError."""
    qualities = dict(_quality(each) for each in accept.split(",") if each.strip())
    if not qualities:
        return sent
    others = qualities.get("application/*", qualities.get("*/*", 0.0))
    best = max((sent, *TYPES), key=lambda name: qualities.get(name, others))
    if qualities.get(best, others) <= 0:
        raise NotAcceptableError(
            "bulk answers are Arrow or Parquet", mend=f"Accept one of: {', '.join(TYPES)}"
        )
    return best


def _answers(
    call: Call, found: Ready, batches: Iterator[Arrays], outputs: list[Output], laps: Laps
) -> Iterator[Arrays]:
    names, start = [output.name for output in outputs], 0
    for rows in batches:
        laps.decoded()
        with counted_from(start):
            answers = found.engine.run(rows, names)
            check_finite(found.bundle.signature, answers)
        laps.ran()
        call.rows = start = start + rows_of(rows)
        _check_going_on(call, start)
        yield answers


def _check_going_on(call: Call, rows: int) -> None:
    if call.gone:
        raise MalformedError("the client hung up")  # for the log: nobody listens
    call.bounds.check_running()
    if rows > call.settings.max_bulk_rows:
        raise TooLargeError(f"there are over {call.settings.max_bulk_rows} rows", mend="Send fewer")


def _check_length(length: int, most: int) -> None:
    if length > most:
        raise TooLargeError(f"the answer is over {most} bytes", mend="Send fewer rows at a time")


def _asked(call: Call) -> list[str] | None:
    """The outputs that the query names; None means all."""
    query = parse_qs(call.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    surplus = [name for name in query if name != "outputs"]
    if surplus or len(query.get("outputs", "1")) > 1:
        raise InputError("the query is not outputs=NAME,NAME", mend="Send it once, or not at all")
    if "outputs" not in query:
        return None
    return list(dict.fromkeys(query["outputs"][0].split(",")))


def _quality(text: str) -> tuple[str, float]:
    name, *parameters = (each.strip().lower() for each in text.split(";"))
    for each in parameters:
        if each.startswith("q="):
            try:
                return name, float(each[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0
