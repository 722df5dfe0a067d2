"""The forms that a native body may have: a row, rows, columns, a table (docs/decisions/0008).

No cell is a list or an object. So an object whose `columns` is one is no row, whatever the
model's columns are called: of an object it holds lists, of a list the names of a table.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bundle.arrays import Arrays
from bundle.signature import Signature
from runtime import strict
from runtime.answers import chosen_outputs
from runtime.errors import MalformedError
from runtime.lists import ColumnLists, Read, RowLists
from runtime.records import Records, quotes
from runtime.rows import from_columns, from_json, from_table

_MEMBERS = ("columns", "rows", "outputs")


Body = tuple[Arrays, bool, list[str] | None]
"""The rows, whether a single row was sent, and the outputs that it asks for (None: all)."""


class _Wrapped(msgspec.Struct, forbid_unknown_fields=True):
    """Columns or a table, whose values stay as they came."""

    columns: msgspec.Raw
    rows: msgspec.Raw = msgspec.Raw()
    outputs: list[str] | msgspec.UnsetType = msgspec.UNSET


_WRAPPED = msgspec.json.Decoder(_Wrapped)
_NAMES = msgspec.json.Decoder(list[str])


class Forms:
    """Bodies for one signature."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self._names = [column.name for column in signature.columns]
        self._records = Records(signature)
        self._columns = ColumnLists(signature)
        self._lists = RowLists(signature)

    def decode(self, body: bytes) -> Body:
        """What was sent. Raises InputError."""
        single = body[:1] == b"{" or body.lstrip(b" \t\r\n")[:1] == b"{"
        rows = self._records.decode(body, single=single)
        if rows is not None:
            return rows, single, None
        found = self._fast_wrapped(body) if single else self._fast_lists(body)
        return self._slow(strict.loads(body)) if found is None else found

    def plain_rows(self, body: bytes) -> Arrays | None:
        """An array of records, or of lists in order; None where the slow road must look."""
        rows = self._records.decode(body, single=False)
        return self.plain_lists(body) if rows is None else rows

    def plain_lists(self, body: bytes) -> Arrays | None:
        """An array of lists in order; None where the slow road must look."""
        return _plain(self._lists.decode(body), body)

    def plain_columns(self, body: bytes) -> Arrays | None:
        """An object of a list for each column; None where the slow road must look."""
        return _plain(self._columns.decode(body), body)

    def _fast_lists(self, body: bytes) -> Body | None:
        read = None if self.signature.named else self._lists.decode(body)
        if read is None or quotes(body) != 2 * read[1]:
            return None
        return read[0], False, None

    def _fast_wrapped(self, body: bytes) -> Body | None:
        try:
            found = _WRAPPED.decode(body)
            columns, rows = bytes(found.columns), bytes(found.rows)
            if rows:
                if _NAMES.decode(columns) != self._names:
                    return None
                read = self._lists.decode(rows)
            else:
                read = self._columns.decode(columns)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if read is None:
            return None
        outputs = None if isinstance(found.outputs, msgspec.UnsetType) else found.outputs
        strings = read[1] + 1 + (1 + len(self._names) if rows else 0)
        strings += 0 if outputs is None else 1 + len(outputs)
        if quotes(body) != 2 * strings:  # as `Records` does: a member stands twice
            return None
        chosen = None if outputs is None else chosen_outputs(self.signature, outputs)
        return read[0], False, chosen

    def _slow(self, value: Any) -> Body:
        if isinstance(value, list):
            return from_json(self.signature, value), False, None
        if not isinstance(value, strict.Record):
            raise MalformedError(
                "the body is neither an object nor an array",
                mend="Send one record, or an array of them",
            )
        if not isinstance(value.get("columns"), dict | list):
            return from_json(self.signature, [value]), True, None
        return self._slow_wrapped(value)

    def _slow_wrapped(self, value: strict.Record) -> Body:
        if value.repeated is not None:
            raise MalformedError("a member of the body stands twice", mend="Send it once")
        columns = value["columns"]
        due = _MEMBERS if isinstance(columns, list) else ("columns", "outputs")
        if not value.keys() <= set(due):
            raise MalformedError(
                "the body has a member that does not belong there",
                mend=f"Beside columns like these send only: {', '.join(due[1:])}",
            )
        if isinstance(columns, list):
            rows = from_table(self.signature, columns, value.get("rows"))
        else:
            rows = from_columns(self.signature, columns)
        chosen = self._chosen(value["outputs"]) if "outputs" in value else None
        return rows, False, chosen

    def _chosen(self, names: Any) -> list[str]:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise MalformedError("the outputs are not names", mend="Send a list of outputs")
        return chosen_outputs(self.signature, names)


def _plain(read: Read | None, body: bytes) -> Arrays | None:
    """What was read, unless a quote more in the body says that something was dropped."""
    return None if read is None or quotes(body) != 2 * read[1] else read[0]
