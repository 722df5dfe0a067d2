"""BentoML around scikit-learn; ISOMORPH_PEER_MODEL is the joblib file."""

import os

import bentoml
import joblib
import numpy as np


@bentoml.service(workers=1)
class Model:
    """One service, one worker."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["ISOMORPH_PEER_MODEL"])

    @bentoml.api  # type: ignore[untyped-decorator]
    def predict(self, rows: list[list[float]]) -> dict[str, list]:  # type: ignore[type-arg]
        """Labels and probabilities."""
        asked = np.array(rows)
        labels, probabilities = self.model.predict(asked), self.model.predict_proba(asked)
        return {"label": labels.tolist(), "probabilities": probabilities.tolist()}
