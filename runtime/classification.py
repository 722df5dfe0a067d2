"""The largest values of each row as text "value:index:label": V2's classification extension.

Source: github.com/triton-inference-server/server, src/classification.cc. A value is what C++'s
std::to_string makes of it, so six decimals for floats; of equal values the first stands first,
where Triton leaves the order open.
"""

from __future__ import annotations

import numpy as np

from bundle.arrays import Array
from bundle.errors import InputError
from bundle.signature import Output


def classified(output: Output, values: Array, most: int) -> tuple[Output, Array]:
    """The output as BYTES [rows, at most `most`], and how it is described. Raises InputError."""
    if values.dtype.kind not in "fi":
        raise InputError(
            "only outputs of numbers can be classified", mend="Ask for this one as it is"
        )
    table = values.reshape(len(values), -1)
    best = np.argsort(-table, axis=1, kind="stable")[:, :most]
    labels = [""] * table.shape[1]
    if output.width is not None and output.names is not None:
        labels = [f":{name}" for name in output.names]
    form = "f" if values.dtype.kind == "f" else "d"
    texts = np.empty(best.shape, dtype=object)
    for row, order in enumerate(best.tolist()):
        texts[row] = [f"{table[row, i]:{form}}:{i}{labels[i]}" for i in order]
    return Output(name=output.name, datatype="BYTES", width=best.shape[1]), texts
