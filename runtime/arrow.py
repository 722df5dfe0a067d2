"""pyarrow, imported when the first bulk body comes: nothing else here needs it."""

from __future__ import annotations

from typing import Any

from runtime.errors import MediaTypeError

OLDEST = 26
"""The first release that bounds how deep a Parquet schema nests; before, one request ended us."""


def pyarrow() -> Any:
    """The package. Raises MediaTypeError, with the mend, where it is absent or too old."""
    try:
        import pyarrow  # noqa: ICN001, PLC0415 - 30 MB that a server without bulk should not hold
        import pyarrow.parquet  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise _absent("is not installed") from error
    if int(pyarrow.__version__.partition(".")[0]) < OLDEST:
        raise _absent(f"is older than {OLDEST}")
    return pyarrow


def _absent(how: str) -> MediaTypeError:
    return MediaTypeError(
        f"this server does not read Arrow and Parquet: pyarrow {how}",
        mend="Install it on the server: pip install 'isomorph[arrow]'",
    )
