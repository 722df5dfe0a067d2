"""Which step of a pipeline is the first whose answers are not the original's.

Every step of the graph is made an output, every step of the original is recorded as the model
answers; the first that differs, inner ones before those around them, is the one to mend.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
from scipy import sparse

from bundle.arrays import MISSING_TEXT, Array, Arrays
from bundle.signature import Signature
from converters.original import Original, ask
from converters.steps_to_onnx import METHODS, Tap, steps_to_onnx
from parity.columns import stack


@dataclass(frozen=True, kw_only=True)
class Blame:
    """The first step that differs, on the first row: by which method, in which column."""

    where: str
    method: str
    column: int | None
    expected: Any
    got: Any

    def __str__(self) -> str:
        place = "" if self.column is None else f", column {self.column}"
        return (
            f"the first step that differs is {self.where}: its {self.method}{place} is "
            f"{self.got!r} where the original says {self.expected!r}"
        )


def blame(
    original: Original, signature: Signature, row: Arrays, sample: Arrays, *, tolerance: float
) -> Blame | None:
    """The step at fault for `row`; None where none alone exceeds the tolerance, or none can say.

    `sample`: rows whose answers give the size of each column.
    """
    rows = stack([row, sample])
    try:
        content, taps = steps_to_onnx(original.model, signature)
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        got = dict(zip(taps, session.run(list(taps), _feeds(signature, rows)), strict=True))
        expected = _recorded(original, rows, taps)
    except Exception:  # noqa: BLE001 - a search for the cause must not hide the verdict
        return None
    for name, tap in taps.items():
        found = _first(tap, expected.get((id(tap.built.model), tap.method)), got[name], tolerance)
        if found is not None:
            return found
    return None


def _feeds(signature: Signature, rows: Arrays) -> dict[str, Array]:
    kinds = {"FP64": np.float64, "FP32": np.float32, "BYTES": object}
    return {
        block.name: rows[block.name].astype(kinds[block.datatype]) for block in signature.inputs
    }


def _recorded(
    original: Original, rows: Arrays, taps: Mapping[str, Tap]
) -> dict[tuple[int, str], Any]:
    """What each step of a copy of the original answers while the whole is asked."""
    memo: dict[int, Any] = {}
    model = copy.deepcopy(original.model, memo)
    seen: dict[tuple[int, str], Any] = {}
    for step in {id(tap.built.model): tap.built.model for tap in taps.values()}.values():
        twin = memo.get(id(step))
        if twin is None:
            continue
        if getattr(twin, "n_jobs", None) is not None:
            twin.n_jobs = None  # what other processes answer cannot be recorded
        for method in METHODS:
            if hasattr(twin, method):
                setattr(twin, method, _recording(getattr(twin, method), seen, (id(step), method)))
    given = original.rows(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for output in original.signature.outputs:
            ask(model, given, output.name)
    return seen


def _recording(method: Callable[..., Any], seen: dict[Any, Any], key: Any) -> Callable[..., Any]:
    def record(*args: Any, **options: Any) -> Any:
        answer = method(*args, **options)
        seen.setdefault(key, answer)
        return answer

    return record


def _first(tap: Tap, expected: Any, got: Array, tolerance: float) -> Blame | None:
    """The largest difference on the first row, where it exceeds the tolerance."""
    if expected is None:
        return None
    want = _dense(expected)
    if tap.columns is not None:
        want = want[:, list(tap.columns)] if want.ndim > 1 else want.reshape(-1, 1)
    if (
        len(want) != len(got)
        or want.reshape(len(want), -1).shape != got.reshape(len(got), -1).shape
    ):
        return None
    off = _off(want.reshape(len(want), -1), got.reshape(len(got), -1), text=tap.text)
    column = int(np.argmax(off))
    if off[column] <= tolerance:
        return None
    place = column if tap.columns is None else tap.columns[column]
    return Blame(
        where=tap.built.where,
        method=tap.method,
        column=place if want.ndim > 1 else None,
        expected=want.reshape(len(want), -1)[0].tolist()[column],
        got=got.reshape(len(got), -1)[0].tolist()[column],
    )


def _off(want: Array, got: Array, *, text: bool) -> Array:
    """[columns] how far the first row is off, relative to the size of each column."""
    if text or want.dtype.kind in "OUT":
        known = np.where(pd.isna(want[0]), MISSING_TEXT, want[0])
        return np.where(known == got[0], 0.0, np.inf)
    numbers, have = want.astype(np.float64), got[0].astype(np.float64)
    sizes = np.median(np.abs(np.nan_to_num(numbers[1:])), axis=0)
    largest = np.max(np.abs(np.nan_to_num(numbers[1:])), axis=0, initial=0.0)
    sizes = np.where(sizes > 0, sizes, np.where(largest > 0, largest, 1.0))
    with np.errstate(all="ignore"):
        off = np.abs(numbers[0] - have) / np.maximum(np.abs(np.nan_to_num(numbers[0])), sizes)
    same = (numbers[0] == have) | (np.isnan(numbers[0]) & np.isnan(have))
    return np.where(same, 0.0, np.where(np.isnan(off), np.inf, off))


def _dense(answer: Any) -> Array:
    if sparse.issparse(answer):
        answer = answer.toarray()
    return np.asarray(answer.to_numpy() if hasattr(answer, "to_numpy") else answer)
