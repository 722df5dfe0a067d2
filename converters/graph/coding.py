"""Sparse coding of rows by the atoms of a dictionary, as `_dict_learning.sparse_encode`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.least_angle import least_angle, sweep
from converters.graph.table import Table, constant

LEAST = float(np.finfo(np.float64).eps)
"""What `_omp._gram_omp` takes for nothing."""


def sparse_coding(model: Any, table: Table) -> Answers:
    """SparseCoder, DictionaryLearning, MiniBatchDictionaryLearning."""
    atoms = getattr(model, "components_", None)  # SparseCoder is given its dictionary
    atoms = np.asarray(model.dictionary if atoms is None else atoms, dtype=np.float64)
    found = CODINGS.get(model.transform_algorithm)
    if found is None:
        # Coordinate descent: each version of scikit-learn stops elsewhere, within 1e-8.
        raise NotImplementedError(
            f"{type(model).__name__}(transform_algorithm={model.transform_algorithm!r}), which "
            "stops near the solution; 'lasso_lars' comes to it"
        )
    code = found(model, atoms, op.matmul(table.matrix(), constant(atoms.T)))
    width = len(atoms)
    if model.split_sign:
        zero, width = constant(0.0), 2 * width
        code = op.concat([op.max([code, zero]), op.neg(op.min([code, zero]))], axis=1)
    return Answers(transform=Table.of(code, width))


def _threshold(model: Any, _: Array, product: Var) -> Var:
    """Each product with an atom, drawn towards 0 by alpha."""
    shrunk = op.max([op.sub(op.abs(product), constant(_alpha(model))), constant(0.0)])
    code = op.mul(op.sign(product), shrunk)
    return op.max([code, constant(0.0)]) if model.positive_code else code


def _alpha(model: Any) -> float:
    alpha = model.transform_alpha
    if alpha is None:
        alpha = getattr(model, "alpha", None)
    return 1.0 if alpha is None else float(alpha)


def _most(model: Any, atoms: Array) -> int:
    """How many atoms a code has at most."""
    most = model.transform_n_nonzero_coefs
    return int(min(max(atoms.shape[1] / 10, 1), len(atoms)) if most is None else most)


def _orthogonal_matching_pursuit(model: Any, atoms: Array, product: Var) -> Var:
    """`_omp._gram_omp`: again and again the atom nearest to what is left, then all anew.

    Where scikit-learn solves by a growing Cholesky factor, the Gram matrix is swept by the atoms
    that are in: its part for them is then their inverse.
    """
    gram = atoms @ atoms.T
    many = len(atoms)
    axis = constant([1], np.int64)
    identity, floor = constant(np.eye(many)), constant(LEAST)
    left_out = op.mul(product, constant(0.0))

    def step(at: Var, going: Var, swept: Var, inside: Var, code: Var) -> tuple[Var, ...]:
        rest = op.sub(product, op.matmul(code, constant(gram)))
        best = op.arg_max(op.abs(rest), axis=1, keepdims=0)
        chosen = op.gather(identity, best, axis=0)
        size = op.reduce_sum(op.mul(chosen, rest), axis, keepdims=1)
        pivot, new = sweep(swept, chosen)
        stops = op.less(op.mul(size, size), floor)
        again = op.reduce_sum(op.mul(chosen, inside), axis, keepdims=1)
        stops = op.or_(stops, op.greater(again, constant(0.5)))
        dependent = op.and_(op.less_or_equal(pivot, floor), op.greater(at, constant(0, np.int64)))
        goes = op.not_(op.or_(stops, dependent))
        inside = op.where(goes, op.add(inside, chosen), inside)
        swept = op.where(op.unsqueeze(goes, axis), new, swept)
        solved = op.matmul(op.unsqueeze(op.mul(product, inside), axis), swept)
        return op.identity(going), swept, inside, op.mul(op.squeeze(solved, axis), inside)

    rows = op.shape(product, end=1)
    shape = op.concat([rows, constant([many, many], np.int64)], axis=0)
    _, _, code = op.loop(
        constant(_most(model, atoms), np.int64),
        constant([True], np.bool_),
        v_initial=[op.expand(constant(gram), shape), left_out, left_out],
        body=step,
    )
    return op.reshape(code, constant([-1, many], np.int64))


def _lars(model: Any, atoms: Array, product: Var) -> Var:
    """`Lars(n_nonzero_coefs=...)`: as many steps of least angle regression."""
    many = _most(model, atoms)
    return least_angle(atoms, product, end=0.0, steps=many, lasso=False, positive=False)


def _lasso_lars(model: Any, atoms: Array, product: Var) -> Var:
    """`LassoLars(alpha / n_features)`: the lasso's path, with atoms that leave again."""
    return least_angle(
        atoms,
        product,
        end=_alpha(model) / atoms.shape[1],
        steps=model.transform_max_iter,
        lasso=True,
        positive=model.positive_code,
    )


CODINGS: dict[str, Callable[[Any, Array, Var], Var]] = {
    "lars": _lars,
    "lasso_lars": _lasso_lars,
    "omp": _orthogonal_matching_pursuit,
    "threshold": _threshold,
}
"""By `transform_algorithm`: (model, atoms, X @ atoms.T) -> code."""
