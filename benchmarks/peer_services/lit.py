"""LitServe around scikit-learn: port and model on the command line."""

import sys
from typing import Any

import joblib
import litserve
import numpy as np


class Api(litserve.LitAPI):  # type: ignore[misc]
    """One row of numbers."""

    def setup(self, device: str) -> None:
        """Load the model."""
        del device
        self.model = joblib.load(sys.argv[2])

    def decode_request(self, request) -> Any:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """JSON to a row; a type at `request` would be read as a query's."""
        return np.array([request["input"]])

    def predict(self, x: Any) -> Any:
        """Label and probabilities."""
        return self.model.predict(x), self.model.predict_proba(x)

    def encode_response(self, output: Any) -> Any:
        """To JSON."""
        label, probabilities = output
        return {"label": int(label[0]), "probabilities": probabilities[0].tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Api(), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False)
