"""Run in an environment that has openscoring: its client over the golden rows.

Arguments: the server's address, and a file of rows by model. Prints what it got as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from openscoring import EvaluationRequest, Openscoring


def main(address: str, rows: str) -> None:
    """Ask and print."""
    client = Openscoring(f"{address}/openscoring")
    asked: dict[str, Any] = json.loads(Path(rows).read_text())
    found: dict[str, Any] = {"one": {}, "batch": {}, "csv": {}, "file": {}, "refused": []}
    for name, records in asked.items():
        found["one"][name] = [client.evaluate(name, record) for record in records]
        found["batch"][name] = client.evaluateBatch(name, records)
        table = pd.DataFrame(records)
        found["csv"][name] = client.evaluateCsv(name, table).to_csv(index=False)
        with tempfile.TemporaryDirectory() as place:
            given, taken = Path(place) / "in.csv", Path(place) / "out.csv"
            table.to_csv(given, index=False)
            client.evaluateCsvFile(name, given, taken)
            found["file"][name] = taken.read_text()
        answer = client.evaluate(name, EvaluationRequest("r-1", records[0]))
        found["id"] = answer.id
    for call in (
        lambda: client.evaluate("nothing", {}),
        lambda: client.evaluate(name, {"hunter2": "x"}),
        lambda: client.deploy(name, b"<PMML/>"),
        lambda: client.undeploy(name),
    ):
        try:
            call()
        except ValueError as error:
            found["refused"].append(str(error))
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
