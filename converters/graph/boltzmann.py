"""Restricted Boltzmann machines."""

from __future__ import annotations

from typing import Any

import spox.opset.ai.onnx.v21 as op

from converters.graph.answers import Answers
from converters.graph.linear import expit
from converters.graph.table import Table, constant


def bernoulli_rbm(model: Any, table: Table) -> Answers:
    """BernoulliRBM: expit(v @ components.T + intercept_hidden).

    Not score_samples, which flips a random bit of each row.
    """
    product = op.matmul(table.matrix(), constant(model.components_.T))
    hidden = expit(op.add(product, constant(model.intercept_hidden_)))
    return Answers(transform=Table.of(hidden, len(model.components_)))
