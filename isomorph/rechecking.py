"""The ways to prove a bundle that is already written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from bundle.arrays import DTYPES, Array, Arrays, Predict
from bundle.errors import BundleError, ConversionError, SourceError
from bundle.manifest import TargetVerdict
from bundle.rows import to_arrays
from bundle.signature import Output, Signature
from isomorph.bundles import Bundle
from parity.compare import Scales, scales
from parity.probes import Probe
from parity.proof import Answered, Proof, ask_original, prove

Expected = tuple[list[Answered], Scales]
"""What the original answered, and the scale of each output."""


def against_original(bundle: Bundle, source: Any, sample: Any, golden: Arrays) -> Expected:
    """Ask the original again, on fresh probes. Raises SourceError where it is another model's."""
    from converters.describe import describe  # noqa: PLC0415 - scikit-learn is slow to import
    from converters.load import load  # noqa: PLC0415
    from converters.original import Original, method_of  # noqa: PLC0415
    from parity.probes import make_probes  # noqa: PLC0415

    model = load(source).model
    if sample is None:
        original, rows = (
            Original(model=model, signature=_wide(bundle.signature), missing={}),
            golden,
        )
    else:
        methods = [method_of(output.name)[0] for output in bundle.signature.outputs]
        original, rows, _ = describe(model, _table(sample), methods=methods)
    _same_shape(bundle.signature, original.signature)
    return ask_original(original, make_probes(original, rows)), scales(
        original.signature, original(rows)
    )


def against_table(bundle: Bundle, sample: Any) -> Expected:
    """Take the expected outputs from columns of the table that are named as the outputs."""
    from isomorph.tables import read_sample  # noqa: PLC0415 - needs the extra `convert`

    frame = read_sample(Path(sample)) if isinstance(sample, str | Path) else sample
    signature = bundle.signature
    expected = {out.name: _expected(out, frame) for out in signature.outputs}
    rows = to_arrays(signature, frame[[column.name for column in signature.columns]])
    return against_rows(bundle, rows, expected, "table")


def against_rows(bundle: Bundle, rows: Arrays, expected: Arrays, kind: str) -> Expected:
    """Take rows and answers as they are."""
    probe = Probe(kind=kind, rows=rows)
    return [Answered(probe=probe, expected=expected)], scales(bundle.signature, expected)


def prove_target(
    bundle: Bundle, target: TargetVerdict, answered: list[Answered], scale: Scales
) -> Proof:
    """Prove one target of the bundle; one that cannot be run here is `absent`, with the reason."""
    try:
        predict = _backend(bundle, target)
    except (ConversionError, ModuleNotFoundError) as error:
        verdict = msgspec.structs.replace(
            target, status="absent", reason=f"it cannot be run here: {error}", tried=()
        )
        return Proof(verdict=verdict, worst=())
    from isomorph.proving import allowed  # noqa: PLC0415 - which is heavy

    return prove(
        bundle.signature,
        target.target,
        predict,
        answered,
        scale,
        tolerance=target.tolerance,
        share=allowed(bundle.manifest.precision, target.target)[1],
    )


def _backend(bundle: Bundle, target: TargetVerdict) -> Predict:
    name = f"model.{target.target}"
    if name not in bundle.stored.files:
        raise BundleError("the verdict speaks of a file that is not there", where=name)
    if target.target == "onnx":
        return bundle.engine.run
    from parity.jpmml import pmml_backend  # noqa: PLC0415 - needs the extra `pmml`

    return pmml_backend(bundle.stored.files[name], bundle.signature)


def _table(sample: Any) -> Any:
    from isomorph.tables import read_sample  # noqa: PLC0415

    return read_sample(Path(sample)) if isinstance(sample, str | Path) else sample


def _wide(signature: Signature) -> Signature:
    """The signature with float64 blocks: the original is asked in what a client sends."""
    inputs = tuple(
        msgspec.structs.replace(block, datatype="FP64") if block.datatype == "FP32" else block
        for block in signature.inputs
    )
    return msgspec.structs.replace(signature, inputs=inputs)


def _same_shape(bundle: Signature, original: Signature) -> None:
    def shape(signature: Signature) -> Any:
        columns = [(column.name, column.kind) for column in signature.columns]
        return columns, [(out.name, out.names) for out in signature.outputs]

    if shape(bundle) != shape(original):
        raise SourceError(
            "the original has other columns or classes than the bundle",
            mend="Name the model that the bundle was made from",
        )


def _expected(output: Output, frame: Any) -> Array:
    names = [output.name]
    if output.width is not None:
        names = [f"{output.name}.{name}" for name in output.names or range(output.width)]
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise SourceError(
            f"the table lacks the expected {', '.join(absent)}",
            mend="Add the columns, or name the original with --against",
        )
    values: Array = frame[names].to_numpy(dtype=DTYPES[output.datatype])
    return values[:, 0] if output.width is None else values
