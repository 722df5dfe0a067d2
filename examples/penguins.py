"""Penguin species from measurements, island and sex: mixed types, missing values, a forest."""

from pathlib import Path

import joblib
from palmerpenguins import load_penguins
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

MODELS = Path("models")
NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"]
TEXTS = ["island", "sex"]


def main() -> None:
    """Train the model and write it beside its sample."""
    penguins = load_penguins()
    X, y = penguins[NUMBERS + TEXTS], penguins["species"].to_numpy(dtype=object)
    MODELS.mkdir(exist_ok=True)
    joblib.dump(pipeline().fit(X, y), MODELS / "penguins.joblib")
    X.to_parquet(MODELS / "penguins.sample.parquet", index=False)


def pipeline() -> Pipeline:
    """Impute and scale the numbers, encode the texts (missing is a category), grow a forest."""
    features = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
        (OneHotEncoder(handle_unknown="ignore"), TEXTS),
    )
    return make_pipeline(features, RandomForestClassifier(100, random_state=0))


if __name__ == "__main__":
    main()
