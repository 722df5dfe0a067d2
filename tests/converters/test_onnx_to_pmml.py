"""Each operator expanded into PMML: JPMML answers what onnxruntime does, also where values miss."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pytest
import spox
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import MISSING_TEXT
from bundle.errors import ConversionError
from bundle.signature import Block, Column, Output, Signature
from converters.graph.compact import compact
from converters.onnx_to_pmml import onnx_to_pmml
from converters.pmml.operators import OPERATORS
from parity.jpmml import pmml_backend

for extra in ("jpype", "jpmml_evaluator"):
    pytest.importorskip(extra)

VALUES = (-3.0, -0.5, 0.0, 0.5, 1.0, 2.0, 1e9)
GRID = np.array(list(itertools.product(VALUES, repeat=2)))
WITH_MISSING = np.vstack([GRID, [[math.nan, 1.0], [1.0, math.nan], [math.nan, math.nan]]])


def c(values: Any, dtype: Any = np.float64) -> Var:
    return op.const(np.asarray(values, dtype=dtype))


def ints(*values: int) -> Var:
    return c(values, np.int64)


def column(x: Var, place: int) -> Var:
    return op.gather(x, ints(place), axis=1)


def both(function: Callable[[Var, Var], Var]) -> Callable[[Var], Var]:
    """Of the first and the second column."""
    return lambda x: function(column(x, 0), column(x, 1))


def as_number(truth: Var) -> Var:
    return op.cast(truth, to=np.float64)


def index_of(x: Var) -> Var:
    """[rows, 1]: 1 where the first column is above 0.4, else 0."""
    return op.cast(op.greater(column(x, 0), c(0.4)), to=np.int64)


def trees(x: Var, **attributes: Any) -> Var:
    """Two trees of one split each, at 0.5 of the first column and another of the second."""
    return ml.tree_ensemble(
        x,
        post_transform=0,
        leaf_weights=np.array([1.0, 2.0, 10.0, 20.0]),
        nodes_featureids=[0, 1],
        nodes_modes=np.array([0, 0], dtype=np.uint8),
        nodes_truenodeids=[0, 2],
        nodes_trueleafs=[1, 1],
        nodes_falsenodeids=[1, 3],
        nodes_falseleafs=[1, 1],
        tree_roots=[0, 1],
        **attributes,
    )


def tree(x: Var) -> Var:
    """Two targets; missing goes left at 0.5; the other split parts missing from present."""
    return trees(
        x,
        aggregate_function=1,
        n_targets=2,
        leaf_targetids=[0, 0, 1, 1],
        nodes_splits=np.array([0.5, math.inf]),
        nodes_missing_value_tracks_true=[1, 0],
    )


def mean_of_trees(x: Var) -> Var:
    """The mean of two trees of one target."""
    return trees(
        x,
        aggregate_function=0,
        n_targets=1,
        leaf_targetids=[0, 0, 0, 0],
        nodes_splits=np.array([0.5, 0.0]),
    )


def coded(x: Var) -> Var:
    """The code of 0.5 and 2; else the default."""
    return ml.label_encoder(
        x,
        keys_tensor=np.array([0.5, 2.0]),
        values_tensor=np.array([7.0, 9.0]),
        default_tensor=np.array([-1.0]),
    )


NUMBERS: dict[str, Callable[[Var], Var]] = {
    "Abs": op.abs,
    "Add": both(op.add),
    "And": both(lambda a, b: as_number(op.and_(op.less(a, c(0.5)), op.less(b, c(0.5))))),
    "Ceil": op.ceil,
    "Clip": lambda x: op.clip(x, c(-1.0), c(1.5)),
    "Concat": lambda x: op.concat([x, op.neg(x)], axis=1),
    "ConstantOfShape": lambda x: op.add(x, op.constant_of_shape(ints(1, 2), value=np.array([2.0]))),
    "Cos": lambda x: op.cos(op.min([x, c(5.0)])),
    "CumSum": lambda x: op.cumsum(op.concat([x, x], axis=1), c(1, np.int64)),
    "Div": both(lambda a, b: op.div(a, op.add(op.abs(b), c(0.25)))),
    "Einsum": lambda x: op.transpose(op.einsum([x], equation="ij->ji"), perm=[1, 0]),
    "Equal": both(lambda a, b: as_number(op.equal(a, b))),
    "Exp": lambda x: op.exp(op.min([x, c(3.0)])),
    "Expand": lambda x: op.expand(column(x, 0), ints(1, 3)),
    "Flatten": lambda x: op.flatten(op.unsqueeze(x, ints(2)), axis=1),
    "Floor": op.floor,
    "Gather": lambda x: op.gather(c([10.0, 20.0]), op.reshape(index_of(x), ints(-1, 1)), axis=0),
    "GatherElements": lambda x: op.gather_elements(x, index_of(x), axis=1),
    "GatherND": lambda x: op.gather_nd(c([[1.0, 2.0], [3.0, 4.0]]), index_of(x)),
    "Gemm": lambda x: op.gemm(x, c([[1.0, 2.0], [3.0, 4.0]]), c([5.0, 6.0]), alpha=0.5, transB=1),
    "Greater": both(lambda a, b: as_number(op.greater(a, b))),
    "GreaterOrEqual": both(lambda a, b: as_number(op.greater_or_equal(a, b))),
    "Identity": op.identity,
    "IsInf": lambda x: as_number(op.isinf(op.div(op.add(op.abs(x), c(1.0)), c(0.0)))),
    "IsNaN": lambda x: as_number(op.isnan(x)),
    "LabelEncoder": coded,
    "Less": both(lambda a, b: as_number(op.less(a, b))),
    "LessOrEqual": both(lambda a, b: as_number(op.less_or_equal(a, b))),
    "Log": lambda x: op.where(op.greater(x, c(0.0)), op.log(x), x),
    "MatMul": lambda x: op.matmul(x, c([[1.0], [3.0]])),
    "Max": both(lambda a, b: op.max([a, b])),
    "Min": both(lambda a, b: op.min([a, b])),
    "Mul": both(op.mul),
    "Neg": op.neg,
    "Not": both(lambda a, b: as_number(op.not_(op.less(a, b)))),
    "Or": both(lambda a, b: as_number(op.or_(op.less(a, c(0.5)), op.less(b, c(0.5))))),
    "Pad": lambda x: op.pad(x, ints(0, 1, 0, 2), c(4.0)),
    "Pow": lambda x: op.pow(op.abs(x), c(1.5)),
    "Reciprocal": lambda x: op.reciprocal(op.add(op.abs(x), c(0.25))),
    "ReduceL1": lambda x: op.reduce_l1(x, ints(1)),
    "ReduceL2": lambda x: op.reduce_l2(x, ints(1)),
    "ReduceLogSum": lambda x: op.reduce_log_sum(op.abs(op.add(x, c(0.25))), ints(1)),
    "ReduceMean": lambda x: op.reduce_mean(x, ints(1)),
    "ReduceMax": lambda x: op.reduce_max(x, ints(1)),
    "ReduceMin": lambda x: op.reduce_min(x, ints(1)),
    "ReduceSum": lambda x: op.reduce_sum(x, ints(1), keepdims=0),
    "ReduceSumSquare": lambda x: op.reduce_sum_square(x, ints(1)),
    "Relu": op.relu,
    "Reshape": lambda x: op.reshape(op.concat([x, x], axis=1), ints(-1, 4)),
    "Round": op.round,
    "Shape": lambda x: op.add(x, as_number(op.shape(x, start=1))),
    "Sigmoid": op.sigmoid,
    "Sign": op.sign,
    "Sin": lambda x: op.sin(op.min([x, c(5.0)])),
    "Slice": lambda x: op.slice(x, ints(1), ints(2), ints(1)),
    "Split": lambda x: op.split(x, num_outputs=2, axis=1)[1],
    "Sqrt": lambda x: op.sqrt(op.abs(x)),
    "Squeeze": lambda x: op.squeeze(op.unsqueeze(x, ints(0)), ints(0)),
    "Sub": both(op.sub),
    "Sum": lambda x: op.sum([x, x, c([[1.0, 2.0]])]),
    "Tanh": op.tanh,
    "Tile": lambda x: op.tile(x, ints(1, 2)),
    "Transpose": lambda x: op.transpose(op.unsqueeze(x, ints(1)), perm=[0, 2, 1]),
    "TreeEnsemble": lambda x: op.concat([tree(x), mean_of_trees(x)], axis=1),
    "Unsqueeze": lambda x: op.unsqueeze(x, ints(2)),
    "Where": lambda x: op.where(op.less(x, c(0.5)), op.neg(x), c(8.0)),
    "Xor": both(lambda a, b: as_number(op.xor(op.less(a, c(0.5)), op.less(b, c(0.5))))),
}
"""Operators that answer for missing values, too, what onnxruntime does: missing for missing."""
PRESENT: dict[str, Callable[[Var], Var]] = {
    "ArgMax": lambda x: as_number(op.arg_max(op.concat([x, op.neg(x)], axis=1), axis=1)),
    "ArgMin": lambda x: as_number(op.arg_min(op.concat([x, op.neg(x)], axis=1), axis=1)),
    "Cast": lambda x: as_number(op.cast(op.min([op.abs(x), c(100.0)]), to=np.int64)),
    "ReduceLogSumExp": lambda x: op.reduce_log_sum_exp(op.concat([x, op.neg(x)], axis=1), ints(1)),
    "Softmax": lambda x: op.softmax(op.concat([x, op.neg(x)], axis=1), axis=1),
    "TopK": lambda x: op.top_k(op.concat([x, op.neg(x), x], axis=1), ints(4), largest=0)[0],
}
"""Operators to which no converter gives a missing value."""


def two_numbers() -> Signature:
    """Two numbers in, two out."""
    return Signature(
        columns=tuple(Column(name=n, kind="number", dtype="float64") for n in "ab"),
        inputs=(Block(name="x", datatype="FP64", columns=("a", "b")),),
        outputs=(Output(name="features", datatype="FP64", width=2),),
    )


def built(x: Var, features: Var) -> bytes:
    """The graph, its constants as initializers."""
    graph = spox.build({"x": x}, {"features": features})
    compact(graph)
    return bytes(graph.SerializeToString())


def described(content: bytes) -> tuple[Signature, onnxruntime.InferenceSession]:
    """The signature of a graph from the number block `x` to `features`."""
    session = onnxruntime.InferenceSession(content)
    width = int(np.prod(session.run(None, {"x": np.ones((1, 2))})[0].shape))
    columns = ("a", 'b "<&> ü')
    return (
        Signature(
            columns=tuple(Column(name=name, kind="number", dtype="float64") for name in columns),
            inputs=(Block(name="x", datatype="FP64", columns=columns),),
            outputs=(Output(name="features", datatype="FP64", width=width),),
        ),
        session,
    )


def assert_same(build: Callable[[Var], Var], rows: Any) -> None:
    """JPMML and onnxruntime answer the same numbers, but for the last bits of sin and its kin."""
    x = spox.argument(spox.Tensor(np.float64, ("rows", 2)))
    content = built(x, op.identity(build(x)))
    signature, session = described(content)
    expected = np.vstack([session.run(None, {"x": row[None]})[0].reshape(1, -1) for row in rows])
    got = pmml_backend(onnx_to_pmml(content, signature), signature)({"x": rows})["features"]
    np.testing.assert_allclose(got, expected, rtol=4e-15, atol=0)


@pytest.mark.parametrize("name", NUMBERS)
def test_operator(name: str) -> None:
    assert_same(NUMBERS[name], WITH_MISSING)


@pytest.mark.parametrize("name", PRESENT)
def test_operator_of_present_values(name: str) -> None:
    assert_same(PRESENT[name], GRID)


def test_rounding_to_float32() -> None:
    """A third, 1e9 + 1 and missing values."""
    rows = np.array([[1 / 3, 1e9 + 1], [math.nan, 0.1]])
    assert_same(lambda x: op.cast(op.cast(x, to=np.float32), to=np.float64), rows)


def test_float32_arithmetic_is_refused() -> None:
    x = spox.argument(spox.Tensor(np.float64, ("rows", 2)))
    single = op.cast(x, to=np.float32)
    content = built(x, op.cast(op.add(single, single), to=np.float64))
    with pytest.raises(ConversionError, match="float32 arithmetic"):
        onnx_to_pmml(content, two_numbers())


def test_every_operator_is_tried() -> None:
    elsewhere = {"Mod", "StringConcat", "TermCounts"}
    assert set(OPERATORS) == {*NUMBERS, *PRESENT, *elsewhere}


def test_texts() -> None:
    """A known text, an unknown one, one that XML must escape, and a missing one."""
    x = spox.argument(spox.Tensor(np.str_, ("rows", 1)))
    prefixed = op.string_concat(c(["0|"], np.str_), x)
    code = ml.label_encoder(
        prefixed,
        keys_strings=["0|a <b>", "0|ü", f"0|{MISSING_TEXT}"],
        values_int64s=[3, 4, 5],
        default_int64=-1,
    )
    is_a = op.equal(x, c(["ü"], np.str_))
    features = op.concat([as_number(code), as_number(is_a)], axis=1)
    content = built(x, features)
    signature = Signature(
        columns=(Column(name="text", kind="text", dtype="str"),),
        inputs=(Block(name="x", datatype="BYTES", columns=("text",)),),
        outputs=(Output(name="features", datatype="FP64", width=2),),
    )
    rows = np.array([["a <b>"], ["ü"], ["other"], [MISSING_TEXT], [""]], dtype=object)
    got = pmml_backend(onnx_to_pmml(content, signature), signature)({"x": rows})["features"]
    assert got.tolist() == [[3, 0], [4, 1], [-1, 0], [5, 0], [-1, 0]]


def test_what_has_no_form_is_named() -> None:
    """The operator, and where it stands."""
    x = spox.argument(spox.Tensor(np.float64, ("rows", 2)))
    content = built(x, op.erf(x))
    with pytest.raises(ConversionError, match="the operator Erf"):
        onnx_to_pmml(content, two_numbers())


def test_a_sum_of_many_terms_is_not_deep() -> None:
    """5,000 terms: neither the writer nor JPMML recurses so far."""
    weights = np.random.default_rng(0).normal(size=(2, 2_500))
    assert_same(lambda x: op.reduce_sum(op.abs(op.matmul(x, c(weights))), ints(1)), GRID[:3])
