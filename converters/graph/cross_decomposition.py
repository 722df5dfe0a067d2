"""Partial least squares: directions shared by rows and targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.answers import Answers, flat
from converters.graph.table import Table, constant


def _projected(model: Any, table: Table, directions: Any) -> Table:
    """(X - mean) / std @ directions."""
    scaled = op.div(_centred(model, table), constant(model._x_std))  # noqa: SLF001 - no public name holds it
    return Table.of(op.matmul(scaled, constant(directions)), np.shape(directions)[1])


def _centred(model: Any, table: Table) -> Var:
    return op.sub(table.matrix(), constant(model._x_mean))  # noqa: SLF001 - no public name holds it


def pls(model: Any, table: Table) -> Answers:
    """PLSRegression, PLSCanonical, CCA: the targets, and the rows turned."""
    product = op.matmul(_centred(model, table), constant(np.asarray(model.coef_).T))
    predicted = op.add(product, constant(model.intercept_))
    return Answers(
        predict=flat(predicted) if model._predict_1d else predicted,  # noqa: SLF001 - no public name holds it
        transform=_projected(model, table, model.x_rotations_),
    )


def pls_svd(model: Any, table: Table) -> Answers:
    """PLSSVD: the rows turned."""
    return Answers(transform=_projected(model, table, model.x_weights_))
