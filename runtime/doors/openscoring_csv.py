"""Openscoring's tables: a header, a delimiter that is found or said, an Id that is kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs

from bundle.arrays import Arrays
from bundle.errors import InputError
from bundle.signature import Signature
from runtime.csv_rows import read_csv
from runtime.errors import MalformedError

DELIMITERS = ",;\t"
PROBED = 11  # rows, the header among them
_SPELT = {"\\t": "\t", "\\'": "'", '\\"': '"'}


@dataclass(frozen=True, kw_only=True)
class Table:
    """Cells by column, the identities in front of them, and how it was written."""

    header: list[str]
    lines: list[list[str]]
    identity: str | None
    identities: list[str]
    delimiter: str
    quote: str

    @classmethod
    def read(cls, body: bytes, query: bytes) -> Self:
        """The table in `body`; `delimiterChar` and `quoteChar` stand in the query.

        Raises MalformedError.
        """
        given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
        quote = _character(given, "quoteChar") or '"'
        delimiter = _character(given, "delimiterChar")
        text = _text(body)
        if delimiter is None:
            delimiter, quote = _probed(text), '"'
        header, *lines = _rows(text, delimiter, quote)
        keeps = header[0].lower() == "id"
        return cls(
            header=header[keeps:],
            lines=[cells[keeps:] for cells in lines],
            identity=header[0] if keeps else None,
            identities=[cells[0] for cells in lines] if keeps else [],
            delimiter=delimiter,
            quote=quote,
        )

    def rows(self, signature: Signature) -> Arrays:
        """Blocks. A column that is absent is missing, one that the model lacks not looked at.

        Raises InputError; where both happen too: that is a name misspelt, not a value missing.
        """
        for name in self.header:
            if self.header.count(name) > 1:
                raise InputError("the column stands twice", column=name, mend="Send it once")
        names = list(signature.by_name)
        slip = not set(names) <= set(self.header) and not set(self.header) <= set(names)
        return read_csv(signature, self._plain(self.header if slip else names), header=True)

    def _plain(self, names: Sequence[str]) -> bytes:
        """These columns, in the dialect that every door reads."""
        places = [self.header.index(name) if name in self.header else None for name in names]
        written = io.StringIO(newline="")
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(names)
        for cells in self.lines:
            writer.writerow(["" if place is None else cells[place] for place in places])
        return written.getvalue().encode()

    def write(self, names: Sequence[str], rows: Sequence[Iterable[Any]]) -> bytes:
        """A table of answers in the same dialect."""
        written = io.StringIO(newline="")
        writer = csv.writer(
            written, delimiter=self.delimiter, quotechar=self.quote, lineterminator="\n"
        )
        head = [] if self.identity is None else [self.identity]
        writer.writerow([*head, *names])
        for place, row in enumerate(rows):
            writer.writerow([*self.identities[place : place + 1], *map(_cell, row)])
        return written.getvalue().encode()


def _text(body: bytes) -> str:
    try:
        return body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise MalformedError(
            f"the body is not UTF-8 (byte {error.start})", mend="Send CSV in UTF-8"
        ) from error


def _character(given: dict[str, list[str]], name: str) -> str | None:
    if name not in given:
        return None
    value = _SPELT.get(given[name][0], given[name][0])
    if len(value) != 1 or value in "\r\n\0":
        raise MalformedError(f"{name} is not one character", mend="Send , or ; or a tab")
    return value


def _rows(text: str, delimiter: str, quote: str) -> list[list[str]]:
    """Every row, of as many cells as the header. Raises MalformedError."""
    try:
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote, strict=True
        )
        rows = [row for row in reader if row]
    except (csv.Error, ValueError, TypeError) as error:
        raise MalformedError("the body is not CSV", mend="Quote as RFC 4180 says") from error
    if not rows:
        raise MalformedError("the table has no header", mend="Name the columns in the first row")
    for row, cells in enumerate(rows[1:]):
        if len(cells) != len(rows[0]):
            raise MalformedError(
                f"row {row} has {len(cells)} cells", mend=f"Send {len(rows[0])} in each row"
            )
    return rows


def _probed(text: str) -> str:
    """The first delimiter by which the first rows have the same number of cells, over one.

    A table of one column has no delimiter to find, and needs none.
    """
    for delimiter in DELIMITERS:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            widths = {len(row) for row, _ in zip(lines, range(PROBED), strict=False) if row}
        except csv.Error:
            continue
        if len(widths) == 1 and widths != {1}:
            return delimiter
    return DELIMITERS[0]


def _cell(value: Any) -> Any:
    """As Java writes it: true, and not True."""
    return str(value).lower() if isinstance(value, bool) else value
