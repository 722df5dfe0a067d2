"""Whether a customer of a telephone company leaves: text and numbers, some missing.

    python examples/churn.py TELCO.csv

TELCO.csv is IBM's Telco Customer Churn table, which is public and is not part of this project.
"""

import sys
from pathlib import Path

import joblib
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

MODELS = Path("models")


def main(table: str) -> None:
    """Train the model on `table` and write it beside its sample."""
    X, y = read(table)
    MODELS.mkdir(exist_ok=True)
    joblib.dump(pipeline().fit(X, y), MODELS / "churn.joblib")
    X.to_parquet(MODELS / "churn.sample.parquet", index=False)


def read(table: str) -> tuple[pd.DataFrame, pd.Series]:
    """The features and the labels; a new customer's TotalCharges is blank, which is missing."""
    customers = pd.read_csv(table).drop(columns="customerID")
    customers["TotalCharges"] = pd.to_numeric(customers["TotalCharges"], errors="coerce")
    return customers.drop(columns="Churn"), customers["Churn"].to_numpy(dtype=object)


def pipeline() -> Pipeline:
    """Impute and scale the numbers, encode the texts, boost trees."""
    features = make_column_transformer(
        (
            make_pipeline(SimpleImputer(), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(features, GradientBoostingClassifier(random_state=0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/churn.py TELCO.csv")
    main(sys.argv[1])
