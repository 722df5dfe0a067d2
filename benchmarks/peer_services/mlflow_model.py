"""Write the joblib file as a model of MLflow: its path, where to."""

import sys

import joblib
import mlflow.sklearn

if __name__ == "__main__":
    model, place = sys.argv[1:]
    mlflow.sklearn.save_model(joblib.load(model), place, serialization_format="cloudpickle")
