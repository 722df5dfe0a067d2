"""A logistic regression on ten yes/no columns, saved as an MLflow model.

    python examples/logit_games.py [GAMES.csv]

GAMES.csv has the columns G1 ... G10 (0 or 1) and label (0 or 1). Without it, a sample is
generated from a known rule.
"""

import logging
import shutil
import sys
from pathlib import Path

import mlflow.sklearn
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

MODELS = Path("models")
GAMES = [f"G{number}" for number in range(1, 11)]


def main(table: str | None = None) -> None:
    """Train the model on `table` (or on a generated sample) and write it beside its sample."""
    games = pd.read_csv(table) if table else generated()
    model = LogisticRegression(random_state=0).fit(games[GAMES], games["label"])
    MODELS.mkdir(exist_ok=True)
    save(model, MODELS / "logit_games")
    games[GAMES].drop_duplicates().to_parquet(MODELS / "logit_games.sample.parquet", index=False)


def generated(rows: int = 2000) -> pd.DataFrame:
    """Random games, each won with a chance that its columns set; says that it is made up."""
    print("logit_games: no table was given, so the sample is generated")
    random = np.random.default_rng(0)
    games = pd.DataFrame(random.integers(0, 2, (rows, len(GAMES))), columns=GAMES)
    logit = games.to_numpy() @ np.linspace(-2, 2, len(GAMES)) - 0.5
    games["label"] = (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(int)
    return games


def save(model: LogisticRegression, place: Path) -> None:
    """Write an MLflow model directory in place of an older one."""
    shutil.rmtree(place, ignore_errors=True)
    # MLflow warns of signatures and input examples, which this model does without.
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    # Named requirements spare MLflow a subprocess that guesses them.
    mlflow.sklearn.save_model(model, str(place), pip_requirements=["scikit-learn"])


if __name__ == "__main__":
    main(*sys.argv[1:2])
