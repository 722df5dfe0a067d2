"""Progression of diabetes from ten measurements: gradient boosted trees, a regression."""

from pathlib import Path

import joblib
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor

MODELS = Path("models")


def main() -> None:
    """Train the model and write it beside its sample."""
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    model = GradientBoostingRegressor(random_state=0).fit(X, y)
    MODELS.mkdir(exist_ok=True)
    joblib.dump(model, MODELS / "diabetes.joblib")
    X.to_parquet(MODELS / "diabetes.sample.parquet", index=False)


if __name__ == "__main__":
    main()
