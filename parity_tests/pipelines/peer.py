"""skl2onnx, run as its documentation says, on a case of the suite: what it answers wrongly."""

from __future__ import annotations

import multiprocessing
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from bundle.arrays import Array, Arrays
from converters.describe import describe
from converters.original import Original
from parity.probes import make_probes
from parity_tests.pipelines.case import ROWS, Case, fitted

KINDS = ("sample", "uniform", "missing", "categories")
"""Kinds of rows that a peer is asked: ordinary ones, not those made to provoke."""
PATIENCE = 60
"""Seconds until a conversion counts as hanging."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """How far skl2onnx came: `outcome` is `runs`, or what failed; the rest is of `runs` alone.

    `labels_differ` of `rows`; `largest`: the largest difference of a number, relative to
    max(1, |original|).
    """

    outcome: str
    rows: int = 0
    labels_differ: int = 0
    largest: float = 0.0


def measure(case: Case, precision: str) -> Peer:
    """Convert the case with skl2onnx in a process of its own, which may hang or crash."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, case, precision))
    process.start()
    sender.close()
    try:
        found: Peer = receiver.recv() if receiver.poll(PATIENCE) else Peer(outcome="hangs")
    except EOFError:
        found = Peer(outcome="crashes")
    process.kill()
    process.join()
    return found


def _send(sender: Any, case: Case, precision: str) -> None:
    warnings.simplefilter("ignore")
    sender.send(_measured(case, precision))


def _measured(case: Case, precision: str) -> Peer:
    import onnxruntime  # noqa: PLC0415
    import skl2onnx  # noqa: PLC0415

    model, X = fitted(case)
    original, sample, _ = describe(model, X)
    options = {id(model): {"zipmap": False}} if hasattr(model, "predict_proba") else None
    try:
        graph = skl2onnx.to_onnx(
            model, initial_types=initial_types(original, precision), options=options
        )
    except Exception as error:  # noqa: BLE001 - it raises of every kind
        return Peer(outcome=f"does not convert ({type(error).__name__})")
    session_options = onnxruntime.SessionOptions()
    session_options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(graph.SerializeToString(), session_options)
    except Exception:  # noqa: BLE001
        return Peer(outcome="does not load")
    probes = [p for p in make_probes(original, sample, at_least=ROWS) if p.kind in KINDS]
    try:
        found = [_compare(original, session, probe.rows, precision) for probe in probes]
    except Exception as error:  # noqa: BLE001
        return Peer(outcome=f"does not run ({type(error).__name__})")
    return Peer(
        outcome="runs",
        rows=sum(each.rows for each in found),
        labels_differ=sum(each.labels_differ for each in found),
        largest=max(each.largest for each in found),
    )


def initial_types(original: Original, precision: str) -> list[Any]:
    """What skl2onnx is told of the inputs: one tensor, or one for each column of a frame."""
    from skl2onnx.common import data_types  # noqa: PLC0415

    number = {
        "float32": data_types.FloatTensorType,
        "float64": data_types.DoubleTensorType,
    }[precision]
    tensor = {"number": number, "text": data_types.StringTensorType}
    columns = original.signature.columns
    if _one_tensor(original):
        return [("X", tensor[columns[0].kind]([None, len(columns)]))]
    return [(column.name, tensor[column.kind]([None, 1])) for column in columns]


def feeds(original: Original, rows: Arrays, precision: str) -> list[Array]:
    """The rows as `initial_types` says."""
    columns = [_typed(values, precision) for values in original.columns(rows).values()]
    return [np.column_stack(columns)] if _one_tensor(original) else [c[:, None] for c in columns]


def _one_tensor(original: Original) -> bool:
    kinds = {column.kind for column in original.signature.columns}
    by_column = "ColumnTransformer" in repr(original.model)
    return len(kinds) == 1 and not (by_column and original.signature.named)


def _typed(values: Any, precision: str) -> Array:
    array = np.asarray(values)
    return array.astype(precision if array.dtype.kind in "biuf" else object)


def _compare(original: Original, session: Any, rows: Arrays, precision: str) -> Peer:
    given = feeds(original, rows, precision)
    # Names are rewritten ("sepal length (cm)" becomes sepal_length__cm_); the order stays.
    inputs = [each.name for each in session.get_inputs()]
    got = session.run(None, dict(zip(inputs, given, strict=True)))
    expected = list(original(rows).values())
    differ, largest = 0, 0.0
    for want, have in zip(expected, got, strict=False):
        have = np.asarray(have).reshape(want.shape)  # noqa: PLW2901
        if want.dtype.kind != "f":
            differ += int(_any(want != have))
            continue
        largest = max(largest, _largest(want, have.astype(np.float64)))
    return Peer(outcome="runs", rows=len(expected[0]), labels_differ=differ, largest=largest)


def _any(wrong: Array) -> int:
    return int(wrong.reshape(len(wrong), -1).any(axis=1).sum())


def _largest(want: Array, have: Array) -> float:
    with np.errstate(all="ignore"):
        off = np.abs(want - have) / np.maximum(1.0, np.abs(want))
    same = (want == have) | (np.isnan(want) & np.isnan(have))
    off = np.where(same, 0.0, np.where(np.isnan(off), np.inf, off))
    return float(min(off.max(initial=0.0), 1e308))
