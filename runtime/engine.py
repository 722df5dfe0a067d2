"""A bundle, run by onnxruntime: what serves, what `Bundle.predict` calls and what is proven."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import onnxruntime

from bundle.arrays import DTYPES, Array, Arrays, rows_of
from bundle.domain import Domain
from bundle.errors import BundleError, InputError
from bundle.golden import decode
from bundle.onnx_rules import check_onnx
from bundle.reader import Bundle
from bundle.signature import Block, Output
from runtime.deciding import Decided, decide, measured, same_bits
from runtime.differences import differences
from runtime.gathering import Runs
from runtime.operators import graph_width, not_row_wise
from runtime.processors import processors

MAX_THREADS = 4  # beyond it a model of a few milliseconds gains nothing, and neighbours lose
SPLIT_ROWS = 256
"""From here on a run of a row-wise graph is split among threads, in parts of at least half."""
AT_ONCE = 2**24
"""Numbers that the rows of one run become, about (`graph_width`): 128 MiB for each operator."""
LEAST_ROWS = 64
TEXT_AT_ONCE = 2**18
"""Characters that one run of a graph splits, about: each takes 250 bytes meanwhile."""

_ORT_TYPES = {
    "FP64": "tensor(double)",
    "FP32": "tensor(float)",
    "INT64": "tensor(int64)",
    "BOOL": "tensor(bool)",
    "BYTES": "tensor(string)",
}


class Engine:
    """One onnxruntime session, and the checks before it; knows nothing of HTTP."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.signature = bundle.signature
        self._domain = Domain(bundle.signature)
        # What the checks ask for; a block of float32 is checked as float64 and then made narrower.
        self._blocks = [
            (block, DTYPES["BYTES" if block.datatype == "BYTES" else "FP64"], len(block.columns))
            for block in bundle.signature.inputs
        ]
        self._narrow = [block for block in bundle.signature.inputs if block.datatype == "FP32"]
        self._every = [output.name for output in bundle.signature.outputs]
        _check_rules(bundle)
        graph = bundle.files["model.onnx"]
        self._mixing = not_row_wise(graph)
        self._widths = {each.name: each.width or 1 for each in bundle.signature.outputs}
        wide = graph_width(graph) + len(bundle.signature.columns) + self.numbers()
        self._most_rows = max(LEAST_ROWS, AT_ONCE // wide)
        self._texts = [
            block.name
            for block in bundle.signature.inputs
            if block.datatype == "BYTES" and "StringSplit" in self._mixing
        ]
        self._threads = min(MAX_THREADS, processors())
        self._few = 1 if self._texts else min(self._most_rows, SPLIT_ROWS - 1)
        """Rows that are always run at once."""
        # Threads of onnxruntime's own sum the trees of some batches in another order.
        self._session = _session(bundle, self._threads if self._mixing else 1)
        _check_graph(self._session, bundle)
        # Below its Python wrapper, whose checks `prepared` and `_check_graph` make needless.
        self._run = getattr(self._session, "_sess", self._session).run
        self.plan = Decided(threads=self._threads)
        self.runs: Runs | None = None
        """How it is run from the event loop; None where it is run there at once."""

    def run(
        self, arrays: Arrays, outputs: Sequence[str] | None = None, options: Any = None
    ) -> dict[str, Array]:
        """The model's answers to blocks of rows; `outputs` selects, None means all.

        `options`: onnxruntime's RunOptions, by which another thread may end it.
        Raises InputError, with row and column, where the signature or the domain says no. No
        rows give no answers: some operators refuse an empty matrix, so the graph is not asked.
        """
        return self.answer(*self.prepared(arrays, outputs), options)

    def prepared(
        self, arrays: Arrays, outputs: Sequence[str] | None = None
    ) -> tuple[list[str], dict[str, Array], int]:
        """What `answer` takes: outputs, blocks as the graph takes them, rows. Raises InputError."""
        names = self._every if outputs is None else [each.name for each in self.wanted(outputs)]
        feeds: dict[str, Array] = {}
        rows = -1
        for block, due, width in self._blocks:
            array = arrays.get(block.name)
            if not (
                isinstance(array, np.ndarray)
                and array.dtype == due
                and array.ndim == 2
                and array.shape[1] == width
            ):
                array = _given(block, arrays)
            if rows not in (-1, len(array)):
                raise _lengths(rows, len(array))
            rows = len(array)
            feeds[block.name] = array
        self._domain.check(feeds)
        for block in self._narrow:
            feeds[block.name] = _cast(block, feeds[block.name])
        return names, feeds, rows

    def answer(
        self, names: list[str], feeds: dict[str, Array], rows: int, options: Any = None
    ) -> dict[str, Array]:
        """The answers to what is `prepared`; any thread may ask.

        `options`: onnxruntime's RunOptions, with which another thread can end the run.
        """
        if 0 < rows <= self._few:
            return dict(zip(names, self._run(names, feeds, options), strict=True))
        if rows == 0:
            return {name: _empty(self.signature.output(name)) for name in names}
        parts = _parts(feeds, self._bounds(feeds, rows))
        found = _rejoined(rows, (self._at_once(names, each, options) for each in parts))
        return dict(zip(names, found, strict=True))

    def numbers(self, outputs: Sequence[str] | None = None) -> int:
        """How many a row is answered with, in these outputs that it has, or in all."""
        if outputs is None:
            return sum(self._widths.values())
        return sum(self._widths.get(name, 0) for name in outputs)

    def _bounds(self, feeds: dict[str, Array], rows: int) -> list[int]:
        """Where to part rows, so that a run takes a bounded memory, as far as that can be."""
        bounds = {*range(0, rows, self._most_rows), rows}
        if self._texts:
            bounds |= {*_by_text([feeds[name] for name in self._texts])}
        return sorted(bounds)

    def _at_once(self, names: list[str], feeds: dict[str, Array], options: Any) -> Sequence[Array]:
        """In one run, or by several threads, each with rows of its own: the bits stay the same."""
        rows = rows_of(feeds)
        count = 1 if self._mixing else max(1, min(self._threads, 2 * rows // SPLIT_ROWS))
        parts = _parts(feeds, [rows * each // count for each in range(count + 1)])
        others = [_BESIDE.submit(self._run, names, each, options) for each in parts[1:]]
        first = self._run(names, parts[0], options)
        return _rejoined(rows, (first, *(each.result() for each in others)))

    def decide(self, *, gather: bool = True) -> None:
        """Measure what it costs on this machine, and decide how it is run from the event loop."""
        golden, _ = decode(self.bundle.files["golden.json"])
        _, golden, rows = self.prepared(golden)
        costs = measured(self._alone, golden) if rows else {}
        self.plan = replace(
            decide(costs, self._doubt(costs, golden, gather=gather)), threads=self._threads
        )
        self.runs = None if self.plan.inline is None else Runs(self.answer, self.plan)

    @property
    def splits_text(self) -> bool:
        """Whether time and memory grow with the characters, not the rows."""
        return bool(self._texts)

    @property
    def decided(self) -> dict[str, Any]:
        """What was measured and decided, for people and JSON."""
        return self.plan.told()

    def _alone(self, feeds: Arrays) -> dict[str, Array]:
        return self.answer(self._every, dict(feeds), rows_of(feeds))

    def _doubt(self, costs: dict[int, float], golden: Arrays, *, gather: bool) -> str:
        """Why rows of several requests must not share a run; empty if they may."""
        if not gather:
            return "the setting gather says never"
        if self._mixing:
            return f"beside other rows these may round otherwise: {', '.join(self._mixing)}"
        if decide(costs).gather and not same_bits(self._alone, golden):
            return "measured here, rows beside others were rounded otherwise"
        return ""

    def replay(self) -> None:
        """Run the golden rows; raise BundleError naming the first row and output that differ.

        A bundle proves itself on the machine and the onnxruntime that will answer, because
        the proof in it was made on another.
        """
        where = str(self.bundle.path / "golden.json")
        rows, expected = decode(self.bundle.files["golden.json"])
        try:
            got = self.run(rows, list(expected))
        except InputError as error:
            raise BundleError(f"the golden rows are refused: {error}", where=where) from error
        found = differences(expected, got, tolerance=_tolerance(self.bundle))
        if found is not None:
            raise BundleError(
                f"this machine does not repeat the original: {found}",
                where=where,
                mend="Run `isomorph check` here, and compare the versions of onnxruntime",
            )

    def wanted(self, outputs: Sequence[str] | None) -> list[Output]:
        """The outputs of these names; None means all. Raises InputError."""
        if outputs is None:
            return list(self.signature.outputs)
        try:
            return [self.signature.output(name) for name in outputs]
        except KeyError:
            known = ", ".join(output.name for output in self.signature.outputs)
            raise InputError(
                "the model has no such output", mend=f"Ask for some of: {known}"
            ) from None


def _tolerance(bundle: Bundle) -> float:
    try:
        return bundle.manifest.verdict.target("onnx").tolerance
    except KeyError:
        raise BundleError(
            "the manifest has no verdict on ONNX", where=str(bundle.path), mend="Convert it again"
        ) from None


def _check_rules(bundle: Bundle) -> None:
    try:
        check_onnx(bundle.files["model.onnx"])
    except BundleError as error:
        raise BundleError(
            f"the graph is not given to onnxruntime: {error.fault}",
            where=str(bundle.path / "model.onnx"),
            mend="Convert it again: what the converters write is self-contained",
        ) from None


def _session(bundle: Bundle, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # one huge batch must not keep its memory for ever
    options.log_severity_level = 4  # what is wrong is raised, and said once
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        return onnxruntime.InferenceSession(
            bundle.files["model.onnx"], options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's own exceptions share no class but this
        raise BundleError(
            f"onnxruntime {onnxruntime.__version__} cannot load it: {error}",
            where=str(bundle.path / "model.onnx"),
        ) from error


def _check_graph(session: Any, bundle: Bundle) -> None:
    """What the graph takes and gives must be what the signature says, before any row comes."""
    for described, found in (
        (bundle.signature.inputs, session.get_inputs()),
        (bundle.signature.outputs, session.get_outputs()),
    ):
        types = {each.name: each.type for each in found}
        for each in described:
            if types.get(each.name) != _ORT_TYPES[each.datatype]:
                raise BundleError(
                    f"the graph's {each.name!r} is not the signature's {each.datatype}",
                    where=str(bundle.path / "model.onnx"),
                )
    extra = {each.name for each in session.get_inputs()} - {b.name for b in bundle.signature.inputs}
    if extra:
        raise BundleError(
            f"the graph takes inputs that the signature lacks: {sorted(extra)}",
            where=str(bundle.path / "model.onnx"),
        )


def _given(block: Block, arrays: Arrays) -> Array:
    if block.name not in arrays:
        raise InputError(f"the block {block.name!r} is missing", mend="Send every block")
    array = np.asarray(arrays[block.name])
    if array.ndim != 2 or array.shape[1] != len(block.columns):
        raise InputError(
            f"the block {block.name!r} has shape {list(array.shape)}",
            mend=f"Send shape [rows, {len(block.columns)}]",
        )
    return array.astype(object if block.datatype == "BYTES" else np.float64, copy=False)


def _lengths(rows: int, others: int) -> InputError:
    return InputError(
        f"the blocks have different numbers of rows: {rows} and {others}",
        mend="Send as many rows in every block",
    )


def _cast(block: Block, array: Array) -> Array:
    """The block in float32; what that cannot hold is refused, not made infinite."""
    with np.errstate(over="ignore"):
        cast = array.astype(np.float32)
    for row, position in np.argwhere(np.isinf(cast)):
        raise InputError(
            "the number is beyond float32",
            row=int(row),
            column=block.columns[position],
            mend=f"Send a number of at most {np.finfo(np.float32).max:.8g}",
        )
    return cast


def _by_text(blocks: list[Array]) -> list[int]:
    """Where parts begin: each has at most TEXT_AT_ONCE characters, but for its last row."""
    sizes = np.sum([_LENGTHS(block).sum(axis=1).astype(np.int64) for block in blocks], axis=0)
    before = np.cumsum(sizes) - sizes
    starts: list[int] = np.flatnonzero(np.diff(before // TEXT_AT_ONCE, prepend=-1)).tolist()
    return starts


def _parts(feeds: dict[str, Array], bounds: Sequence[int]) -> list[dict[str, Array]]:
    return [
        {name: block[start:stop] for name, block in feeds.items()}
        for start, stop in pairwise(bounds)
    ]


def _rejoined(rows: int, parts: Iterable[Sequence[Array]]) -> Sequence[Array]:
    """The answers to all rows. None of a part is kept: they would lie between what runs free."""
    whole: Sequence[Array] = ()
    start = 0
    for part in parts:
        stop = start + len(part[0])
        if stop - start == rows:
            return part
        whole = whole or [np.empty((rows, *each.shape[1:]), each.dtype) for each in part]
        for into, each in zip(whole, part, strict=True):
            into[start:stop] = each
        start = stop
    return whole


def _empty(output: Output) -> Array:
    shape = (0,) if output.width is None else (0, output.width)
    return np.empty(shape, DTYPES[output.datatype])


_LENGTHS: Any = np.frompyfunc(len, 1, 1)
_BESIDE = ThreadPoolExecutor(MAX_THREADS, "beside")  # parts of split runs; they wait for nothing
