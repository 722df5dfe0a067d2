"""What a FunctionTransformer does that has no form in the graph is named, with the user's line."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from bundle.errors import ConversionError
from converters.describe import describe
from converters.sklearn_to_onnx import sklearn_to_onnx

X = np.random.default_rng(0).uniform(1, 2, (30, 3))
FRAME = pd.DataFrame(X, columns=["a", "b", "c"])


def refused(function: Any, sample: Any = X) -> str:
    model = make_pipeline(FunctionTransformer(function)).fit(sample)
    original, _, _ = describe(model, sample)
    with pytest.raises(ConversionError) as found:
        sklearn_to_onnx(model, original.signature, name="m")
    return str(found.value)


def ordered(X: Any) -> Any:
    y = np.sort(X, axis=1)
    return y + 1


def prepare(X: Any) -> Any:
    return ordered(X)


def test_the_line_of_the_function_is_said() -> None:
    line = ordered.__code__.co_firstlineno + 1
    assert refused(prepare).startswith(
        "model (Pipeline) > functiontransformer (FunctionTransformer): np.sort has no form in the "
        f"graph, in ordered (test_functions.py, line {line}): y = np.sort(X, axis=1). Write it with"
    )


def loop(X: Any) -> Any:
    return np.array([row / 2 for row in X])


def count(X: Any) -> Any:
    return np.stack([X[i] * 2 for i in range(len(X))])


def number(X: Any) -> Any:
    return X + float(X[:, 0].max())


def centred(X: Any) -> Any:
    return X - X.mean(axis=0)


def noisy(X: Any) -> Any:
    return X + np.random.normal(0, 0, X.shape[1])  # noqa: NPY002 - which users write


def drawn(X: Any) -> Any:
    return X + 0 * random.random()  # noqa: S311 - likewise


def generator(X: Any) -> Any:
    return X + np.random.default_rng().normal(size=3) * 0


def rows(X: Any) -> Any:
    return np.where(X[:, :1] > X[:1, :1], X, X)


def looked_up(X: Any) -> Any:
    return np.apply_along_axis(np.sum, 1, X)


def sorted_rows(X: Any) -> Any:
    X.sort(axis=1)
    return X


def single(X: Any) -> Any:
    return X.astype(np.float16)


def cube(X: Any) -> Any:
    return np.einsum("ij,ij->i", X, X)


def accumulated(X: Any) -> Any:
    return np.maximum.accumulate(X, axis=1)


def partial_ufunc(X: Any) -> Any:
    return np.log(X, out=np.ones_like(X), where=X > 0)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (loop, "a loop over the rows"),
        (count, "the number of rows has no form in the graph, nor has a loop over the rows"),
        (number, "np.max over the rows, which hangs on the other rows of a request (say axis=1)"),
        (centred, "np.mean over the rows, which hangs on the other rows of a request (say axis=1)"),
        (noisy, "np.random.normal, whose answers are random,"),
        (drawn, "random.random, whose answers are random,"),
        (generator, "np.random.default_rng, whose answers are random,"),
        (rows, "choosing some of the rows"),
        (looked_up, "np.apply_along_axis"),
        (sorted_rows, "the method .sort of an array"),
        (single, "the type float16"),
        (cube, "np.einsum"),
        (accumulated, "np.maximum.accumulate"),
        (partial_ufunc, "np.log(where=...)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_refused(function: Any, said: str) -> None:
    message = refused(function)
    assert (
        f": {said} has no form in the graph, in {function.__name__} (test_functions.py" in message
    )


def test_a_branch_on_the_data() -> None:
    """The original asks one row as well as many; a branch needs one value of the whole array."""

    def chosen(X: Any) -> Any:
        low = X.min(axis=1)
        return X if low.tolist()[0] > 0 else -X

    def truth(X: Any) -> Any:
        return X if np.ndim(X) == 2 and not np.isscalar(X) and _one(X) else -X

    def _one(X: Any) -> Any:
        return bool(X[:, 0].tolist)

    assert "the method .tolist of an array" in refused(chosen)
    assert "the method .tolist of an array" in refused(truth)


def test_a_condition_is_no_branch() -> None:
    single = pd.DataFrame({"a": [1.5]})

    def chosen(frame: Any) -> Any:
        return frame if frame["a"].to_numpy() > 0 else -frame

    message = refused(chosen, single)
    assert "a branch on the data (`if`, `while`, `and`, `or`, `not` or bool())" in message
    assert "line" in message


def test_frames() -> None:
    def merged(frame: Any) -> Any:
        return frame.merge(frame)

    def applied(frame: Any) -> Any:
        return frame.apply(lambda row: row["a"], axis=1).to_frame()

    def aligned(frame: Any) -> Any:
        return frame[frame["a"] > 0]

    def built(frame: Any) -> Any:
        return pd.DataFrame({"z": frame["a"] * 2})

    assert "the method .merge of a frame has no form in the graph, in merged" in refused(
        merged, FRAME
    )
    assert "the method .apply of a frame" in refused(applied, FRAME)
    assert "choosing some of the rows (use np.where)" in refused(aligned, FRAME)
    assert "in built (test_functions.py, line " in refused(built, FRAME)


def test_a_function_without_lines_of_its_own() -> None:
    assert "): np.sort has no form in the graph. Write it" in refused(np.sort)


def test_an_error_of_the_function_itself_is_placed() -> None:
    def wrong(X: Any) -> Any:
        return X @ np.ones((3, 2)) + (X[:, [0, 7]] if type(X) is not np.ndarray else 0)

    message = refused(wrong)
    assert "the function cannot be followed (IndexError: index 7 is out of bounds" in message
    assert "in wrong (test_functions.py, line" in message


def test_what_does_not_come_from_the_rows() -> None:
    assert "gives ndarray that does not come from its rows" in refused(lambda _: np.ones((30, 1)))


def test_chance_is_itself_again_afterwards() -> None:
    refused(noisy)
    assert np.random.default_rng(0).normal() == np.random.default_rng(0).normal()
    assert np.asarray([1.0]).tolist() == [1.0]


def test_reading_beyond_a_scaler() -> None:
    model = make_pipeline(StandardScaler(), FunctionTransformer(ordered)).fit(X)
    original, _, _ = describe(model, X)
    with pytest.raises(ConversionError, match=r"functiontransformer .*: np\.sort"):
        sklearn_to_onnx(model, original.signature, name="m")
