"""FastAPI and pydantic, as its tutorial has it: one row, scikit-learn or onnxruntime behind it.

ISOMORPH_PEER_MODEL is a joblib file or an ONNX graph, ISOMORPH_PEER_COLUMNS a JSON list of names.
"""

import json
import os
from typing import Any

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel, Field, create_model

MODEL = os.environ["ISOMORPH_PEER_MODEL"]
COLUMNS = json.loads(os.environ["ISOMORPH_PEER_COLUMNS"])
FIELDS: dict[str, Any] = {f"x{at}": (float, Field(alias=name)) for at, name in enumerate(COLUMNS)}
Row = create_model("Row", **FIELDS)


class Answer(BaseModel):
    """What is answered."""

    label: int
    probabilities: list[float]


if MODEL.endswith(".onnx"):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(MODEL, options)

    def answers(rows: Any) -> Any:
        """Labels and probabilities."""
        return session.run(["label", "probabilities"], {"numbers": rows})
else:
    import joblib

    model = joblib.load(MODEL)

    def answers(rows: Any) -> Any:
        """Labels and probabilities."""
        return model.predict(rows), model.predict_proba(rows)


app = FastAPI()


@app.get("/")
def ready() -> str:
    """It is there."""
    return "ready"


@app.post("/predict")
def predict(row: Row) -> Answer:  # type: ignore[valid-type]
    """One row."""
    rows = np.array([[getattr(row, name) for name in FIELDS]])
    label, probabilities = answers(rows)
    return Answer(label=label[0], probabilities=probabilities[0].tolist())
