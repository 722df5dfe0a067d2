"""PMML of many models: one process with a warm JVM, beside one `sklearn2pmml` command for each.

Both read the same pickles and write a document for each; wall time of the whole, the start of
Python and Java and the description of the model included. Neither proves anything: the command
cannot. The commands run half before and half after the process, so that a noisy machine slows
both. Prints both and the ratio; exits 1 where the process takes more than half of the time.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import compose, ensemble, linear_model, neural_network, pipeline, preprocessing, tree

from converters import jvm
from converters.describe import describe
from converters.sklearn_to_pmml import declared_as_first_of_its_series, sklearn_to_pmml

MODELS = 50
TARGET = 0.5
NUMBERS = [f"n{place}" for place in range(10)]
KINDS: list[Any] = [
    linear_model.LogisticRegression,
    linear_model.Ridge,
    linear_model.PoissonRegressor,
    lambda: tree.DecisionTreeClassifier(max_depth=8),
    lambda: tree.DecisionTreeRegressor(max_depth=8),
    lambda: ensemble.RandomForestClassifier(30, max_depth=8),
    lambda: ensemble.RandomForestRegressor(30, max_depth=8),
    lambda: ensemble.GradientBoostingClassifier(n_estimators=30),
    lambda: ensemble.HistGradientBoostingRegressor(max_iter=30),
    lambda: neural_network.MLPClassifier((20,), max_iter=30),
]
CLASSIFIERS = {0, 3, 5, 7, 9}


def rows(seed: int) -> pd.DataFrame:
    """Ten numbers and a text."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(random.normal(size=(500, len(NUMBERS))), columns=NUMBERS)
    return frame.assign(city=random.choice(["Bern", "Oslo", "Rome"], 500))


def trained(number: int) -> Any:
    """One of the models: its kind, on rows of its own."""
    frame, kind = rows(number), number % len(KINDS)
    sums = frame[NUMBERS[:3]].sum(axis=1)
    before = compose.ColumnTransformer(
        [
            ("numbers", preprocessing.StandardScaler(), NUMBERS),
            ("text", preprocessing.OneHotEncoder(sparse_output=False), ["city"]),
        ]
    )
    target = (sums > 0).map({True: "yes", False: "no"}) if kind in CLASSIFIERS else sums.abs()
    return pipeline.make_pipeline(before, KINDS[kind]()).fit(frame, target)


def batch(folder: Path) -> None:
    """Convert every pickle of the folder, in this process."""
    for number in range(MODELS):
        model = pickle.loads((folder / f"{number}.pkl").read_bytes())
        original, _, _ = describe(model, rows(number))
        (folder / f"{number}.ours.pmml").write_bytes(sklearn_to_pmml(model, original.signature))


def commands(folder: Path, numbers: Sequence[int]) -> None:
    """Run `sklearn2pmml` once for each pickle."""
    home = next(home for home in jvm.homes() if jvm.release(home) >= jvm.OLDEST)
    environment = {
        **os.environ,
        "JAVA_HOME": str(home),
        # A failure would be reported by its authors' client; here it has no way out.
        "JAVA_TOOL_OPTIONS": "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=9",
    }
    program = str(Path(sys.executable).parent / "sklearn2pmml")
    for number in numbers:
        files = ["-i", str(folder / f"{number}.pkl"), "-o", str(folder / f"{number}.pmml")]
        # Java reads the pickle, as it does with us; unpickling it first would be slower.
        subprocess.run(
            [program, "--no-unpickle", *files], env=environment, check=True, capture_output=True
        )


def seconds(action: Any) -> float:
    """How long it takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def measured(folder: Path) -> tuple[float, float]:
    """Seconds of the process and of all commands."""
    half = MODELS // 2
    here = [sys.executable, __file__, "--batch", str(folder)]
    separate = seconds(lambda: commands(folder, range(half)))
    together = seconds(lambda: subprocess.run(here, check=True))
    return together, separate + seconds(lambda: commands(folder, range(half, MODELS)))


def main() -> int:
    """Train, convert both ways, print; 0 if the process takes at most half of the time."""
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["--batch"]:
        batch(Path(sys.argv[2]))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(MODELS):
            # The command reads no patch release that it does not list; ours gets around that.
            with declared_as_first_of_its_series():
                (folder / f"{number}.pkl").write_bytes(pickle.dumps(trained(number), protocol=4))
        together, separate = measured(folder)
        if len(list(folder.glob("*.pmml"))) != 2 * MODELS:
            print("documents are missing")
            return 1
    print(f"{MODELS} models in one process: {together:6.1f} s, {together / MODELS:.2f} s each")
    print(f"{MODELS} runs of sklearn2pmml:  {separate:6.1f} s, {separate / MODELS:.2f} s each")
    print(f"ratio {together / separate:.2f}, target at most {TARGET}")
    return 0 if together <= TARGET * separate else 1


if __name__ == "__main__":
    raise SystemExit(main())
