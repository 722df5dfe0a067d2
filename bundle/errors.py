"""Every error a user can meet, in one tree.

IsomorphError
├── BundleError        a directory that is not a valid bundle, or no longer the one that was written
├── InputError         rows that the signature does not accept
├── SourceError        a trained model or a sample that cannot be read or described
├── ConversionError    a pipeline step that has no exact form in the target
└── NotEqualError      a target that was made but is not the same function

Each carries the fault, where it is, and the mend; `str()` joins the three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class IsomorphError(Exception):
    """A fault, where it is, and how to mend it."""

    def __init__(self, fault: str, *, where: str = "", mend: str = "") -> None:
        self.fault, self.where, self.mend = fault, where, mend
        head = f"{where}: {fault}" if where else fault
        super().__init__(f"{head}. {mend}" if mend else head)


class BundleError(IsomorphError):
    """A directory that is not a valid bundle, or no longer the one that was written."""


class InputError(IsomorphError):
    """Rows that the signature does not accept; `row` counts from 0, `column` is the name."""

    def __init__(
        self, fault: str, *, row: int | None = None, column: str | None = None, mend: str = ""
    ) -> None:
        self.row, self.column = row, column
        places = [f"row {row}"] if row is not None else []
        places += [f"column {column!r}"] if column is not None else []
        super().__init__(fault, where=", ".join(places), mend=mend)


class SourceError(IsomorphError):
    """A trained model or a sample that cannot be read or described."""


class ConversionError(IsomorphError):
    """A pipeline step that has no exact form in the target; `where` names the step."""


class NotEqualError(IsomorphError):
    """A target that was made but is not the same function; nothing was published.

    `verdict` (a `bundle.manifest.Verdict`) says what was tried, `worst` which rows differ most.
    """

    def __init__(
        self,
        fault: str,
        *,
        where: str = "",
        mend: str = "",
        verdict: Any = None,
        worst: Sequence[Any] = (),
    ) -> None:
        self.verdict, self.worst = verdict, tuple(worst)
        super().__init__(fault, where=where, mend=mend)
