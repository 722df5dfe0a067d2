"""Run in an environment that has mlflow: its clients over the golden rows, as JSON.

Arguments: the server's address, and the directory of the only bundle there.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from mlflow.deployments import get_deploy_client
from mlflow.pyfunc.scoring_server.client import ScoringServerClient


def frame(signature: Any, golden: Any) -> pd.DataFrame:
    """The golden rows as whoever trained the model holds them."""
    columns: dict[str, Any] = {}
    for block, tensor in zip(signature["inputs"], golden["inputs"], strict=True):
        values = np.array(tensor["data"], dtype=object).reshape(tensor["shape"])
        columns |= {name: values[:, i] for i, name in enumerate(block["columns"])}
    return pd.DataFrame({c["name"]: typed(columns[c["name"]], c) for c in signature["columns"]})


def typed(values: Any, column: Any) -> pd.Series:
    if column["kind"] == "text":
        return pd.Series(values.tolist())
    missing = any(value is None for value in values)
    numbers = pd.Series([np.nan if value is None else value for value in values], dtype="float64")
    whole = not missing and column["dtype"] == "int64" and (numbers % 1 == 0).all()
    return numbers.astype("int64") if whole else numbers


def main(address: str, path: str) -> None:
    """Ask and print."""
    signature = json.loads((Path(path) / "manifest.json").read_text())["signature"]
    name = Path(path).parent.name
    rows = frame(signature, json.loads((Path(path) / "golden.json").read_text()))
    every = {"outputs": [each["name"] for each in signature["outputs"]]}
    server = urlsplit(address)
    client = ScoringServerClient(server.hostname, server.port)
    client.wait_server_ready(timeout=10)
    found: dict[str, Any] = {"version": client.get_version()}
    found["frame"] = client.invoke(rows)["predictions"]
    found["every output"] = client.invoke(rows, params=every)["predictions"]
    answer = client.invoke(rows, params=every).get_predictions()
    found["as a frame"] = [list(answer.columns), len(answer)]
    if all(block["datatype"] != "BYTES" for block in signature["inputs"]):
        found["array"] = client.invoke(rows.to_numpy())["predictions"]
    found["wider frame"] = client.invoke(rows.assign(target=1))["predictions"]
    try:
        client.invoke(rows.drop(columns=rows.columns[0]))
    except Exception as error:  # noqa: BLE001 - the client raises nothing narrower
        found["error"] = str(error)

    os.environ |= {"DATABRICKS_HOST": address, "DATABRICKS_TOKEN": "none"}
    split = rows.astype(object).where(rows.notna(), None).to_dict(orient="split")
    sent = {"dataframe_split": split}
    for target in (address, "databricks"):
        way = "databricks" if target == "databricks" else "deployments"
        answer = get_deploy_client(target).predict(endpoint=name, inputs=sent)
        found[way] = answer["predictions"]
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
