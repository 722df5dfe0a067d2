"""What the training sample looked like, column by column; what serving is later compared with."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays, rows_of
from bundle.signature import Signature

BINS = 10
TOP = 50


def baseline(signature: Signature, sample: Arrays) -> bytes:
    """baseline.json: rows, and for each column missing values, then quantiles or counts."""
    columns = {}
    for block in signature.inputs:
        describe = _text if block.datatype == "BYTES" else _numbers
        for position, name in enumerate(block.columns):
            columns[name] = describe(sample[block.name][:, position])
    document = {"rows": rows_of(sample), "columns": columns}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _numbers(values: Array) -> dict[str, Any]:
    """Edges of ten bins that hold equal shares of the sample."""
    present = values[~np.isnan(values)]
    edges = np.quantile(present, np.linspace(0, 1, BINS + 1)).tolist() if len(present) else []
    return {"missing": int(np.isnan(values).sum()), "quantiles": edges}


def _text(values: Array) -> dict[str, Any]:
    """Counts of the most frequent values; `other` is all the rest."""
    counts = Counter(value for value in values.tolist() if value != MISSING_TEXT)
    top = dict(counts.most_common(TOP))
    missing = int((values == MISSING_TEXT).sum())
    return {"missing": missing, "counts": top, "other": counts.total() - sum(top.values())}
