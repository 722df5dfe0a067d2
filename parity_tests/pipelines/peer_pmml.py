"""sklearn2pmml's converter, without what this project adds, on a case of the suite.

One thing is done for it: pickles say `X.Y.0` for scikit-learn's version, because it refuses the
patch releases that are newer than itself, and would convert nothing.
"""

from __future__ import annotations

import pickle
import warnings

import numpy as np

from bundle.errors import ConversionError
from converters import jvm
from converters.describe import describe
from converters.sklearn_to_pmml import (
    _checked_application,
    _document,
    declared_as_first_of_its_series,
)
from parity.compare import compare, scales
from parity.jpmml import pmml_backend
from parity.probes import make_probes
from parity_tests.pipelines.case import ROWS, Case, fitted
from parity_tests.pipelines.peer import KINDS, Peer


def measure(case: Case) -> Peer:
    """What JPMML answers from the converter's own document, on the usual methods."""
    from sklearn2pmml import _escape, make_pmml_pipeline  # noqa: PLC0415

    model, X = fitted(case)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        original, sample, _ = describe(model, X)
        signature = original.signature
        fields = [column.name for column in signature.columns]
        try:
            pipeline = make_pmml_pipeline(model, fields, [signature.outputs[0].name])
            with declared_as_first_of_its_series():
                pickled = pickle.dumps(_escape(pipeline, _escape), protocol=4)
            run = pmml_backend(_converted(pickled), signature)
        except (ConversionError, ValueError, TypeError, AttributeError, jvm.java_error()):
            return Peer(outcome="does not convert")
        probes = [p for p in make_probes(original, sample, at_least=ROWS) if p.kind in KINDS]
        scale = scales(signature, original(sample))
        try:
            found = [
                compare(signature, original(probe.rows), run(probe.rows), scale) for probe in probes
            ]
        except Exception as error:  # noqa: BLE001 - it raises of every kind
            return Peer(outcome=f"does not run ({type(error).__name__})")
    worst = np.concatenate([np.where(each.labels_differ, 0.0, each.worst) for each in found])
    return Peer(
        outcome="runs",
        rows=len(worst),
        labels_differ=int(sum(each.labels_differ.sum() for each in found)),
        largest=float(worst.max(initial=0.0)),
    )


def _converted(pickled: bytes) -> bytes:
    java = jvm.converter()
    with java.current():
        document = _document(java, _checked_application(java), pickled)
        stream = java("java.io.ByteArrayOutputStream")()
        java("org.jpmml.model.metro.MetroJAXBSerializer")().serializePretty(document, stream)
        return bytes(stream.toByteArray())
