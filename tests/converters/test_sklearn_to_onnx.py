"""The .onnx file alone: standard, pinned, described by its own metadata."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from converters.describe import describe
from converters.sklearn_to_onnx import sklearn_to_onnx
from parity_tests.pipelines.datasets import DATASETS

MISSING_TEXT = "\uffff"


@pytest.fixture(scope="module")
def made() -> tuple[Any, Any, onnx.ModelProto]:
    X, y = DATASETS["penguins"]()
    model = make_pipeline(
        ColumnTransformer(
            [
                (
                    "numbers",
                    make_pipeline(SimpleImputer(), StandardScaler()),
                    make_column_selector(dtype_include="number"),
                ),
                (
                    "text",
                    make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()),
                    make_column_selector(dtype_exclude="number"),
                ),
            ]
        ),
        RandomForestClassifier(5, random_state=0),
    ).fit(X, y)
    original, _, _ = describe(model, X)
    return model, X, onnx.load_from_string(sklearn_to_onnx(model, original.signature, name="p"))


def test_opsets_and_ir_version_are_pinned(made: tuple[Any, Any, onnx.ModelProto]) -> None:
    graph = made[2]
    assert {each.domain: each.version for each in graph.opset_import} == {"": 21, "ai.onnx.ml": 5}
    assert graph.ir_version == 10


def test_names_are_readable(made: tuple[Any, Any, onnx.ModelProto]) -> None:
    names = [name for node in made[2].graph.node for name in (*node.input, *node.output) if name]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) for name in names), names
    assert {each.name for each in made[2].graph.input} == {"numbers", "text"}


def test_the_file_alone_can_be_used(made: tuple[Any, Any, onnx.ModelProto]) -> None:
    model, X, graph = made
    told = {p.key.removeprefix("isomorph."): json.loads(p.value) for p in graph.metadata_props}
    feeds = {
        "numbers": X[told["columns"]["numbers"]].to_numpy(dtype=np.float64),
        "text": X[told["columns"]["text"]].fillna(MISSING_TEXT).to_numpy(dtype=object),
    }
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    label, probabilities = session.run(["label", "probabilities"], feeds)

    assert told["order"] == list(X.columns)
    assert told["outputs"]["probabilities"] == list(model.classes_)
    assert told["categories"]["island"] == sorted(X["island"].unique())
    np.testing.assert_array_equal(label, model.predict(X))
    np.testing.assert_array_equal(probabilities, model.predict_proba(X))


def test_constants_are_initializers_and_stand_once(
    made: tuple[Any, Any, onnx.ModelProto],
) -> None:
    graph = made[2].graph
    assert not [node for node in graph.node if node.op_type in ("Constant", "Identity")]
    contents = []
    for tensor in graph.initializer:
        tensor.name = ""
        contents.append(tensor.SerializeToString(deterministic=True))
    assert len(set(contents)) == len(contents)
