"""A verified bundle that answers rows."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundle.arrays import Array
from bundle.manifest import Manifest, Verdict
from bundle.reader import Bundle as Stored
from bundle.reader import open_bundle
from bundle.rows import to_arrays
from bundle.signature import Signature

if TYPE_CHECKING:
    from runtime.engine import Engine


class Bundle:
    """A bundle on disk, opened and verified; `predict` runs its ONNX."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored

    def __repr__(self) -> str:
        return f"<isomorph.Bundle {self.stored.reference} at {self.path}>"

    @property
    def path(self) -> Path:
        """The directory."""
        return self.stored.path

    @property
    def manifest(self) -> Manifest:
        """What the bundle is."""
        return self.stored.manifest

    @property
    def signature(self) -> Signature:
        """Columns, blocks and outputs."""
        return self.stored.signature

    @property
    def verdict(self) -> Verdict:
        """The proof in short, as it was written."""
        return self.manifest.verdict

    def predict(self, data: Any) -> dict[str, Array]:
        """Answer rows: a DataFrame, a 2-D array, a list of records or a mapping of columns.

        Returns each output by name, [rows] or [rows, width]. Raises InputError with row and
        column where the model would not accept a value.
        """
        return self.engine.run(to_arrays(self.signature, data))

    @cached_property
    def engine(self) -> Engine:
        """The onnxruntime session and the checks before it, as in the service."""
        from runtime.engine import Engine  # noqa: PLC0415 - onnxruntime is slow to import

        return Engine(self.stored)


def open(path: Path | str) -> Bundle:  # noqa: A001 - `isomorph.open` reads as gzip.open does
    """Open and verify the bundle in directory `path`. Raises BundleError."""
    return Bundle(open_bundle(path))
