"""Malignant or benign from thirty measurements: a scaler and a logistic regression."""

from pathlib import Path

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MODELS = Path("models")


def main() -> None:
    """Train the model and write it beside its sample."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    model = make_pipeline(StandardScaler(), LogisticRegression(random_state=0)).fit(X, y)
    MODELS.mkdir(exist_ok=True)
    joblib.dump(model, MODELS / "breast_cancer.joblib")
    X.to_parquet(MODELS / "breast_cancer.sample.parquet", index=False)


if __name__ == "__main__":
    main()
