"""What the native door pays to read rows, by form: microseconds, the best of several runs.

`python benchmarks/native_forms.py [model]`; the model's example row, once and a hundred times.
"""

from __future__ import annotations

import json
import sys
import timeit
from pathlib import Path

from runtime.repository import Repository

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
MANY = 100


def bodies(row: dict[str, object]) -> dict[str, object]:
    """The same rows in every form."""
    many = [row] * MANY
    return {
        "a row": row,
        f"{MANY} rows": many,
        f"{MANY} rows as columns": {"columns": {name: [v] * MANY for name, v in row.items()}},
        f"{MANY} rows as a table": {
            "columns": list(row),
            "rows": [list(each.values()) for each in many],
        },
    }


def microseconds(name: str) -> dict[str, float]:
    """By form."""
    found = Repository(ARTIFACTS).ready(name)
    best = {}
    for form, body in bodies(found.example).items():
        content = json.dumps(body).encode()
        number = 20_000 if form == "a row" else 500
        times = timeit.repeat(lambda c=content: found.forms.decode(c), number=number, repeat=7)
        best[form] = min(times) / number * 1e6
    return best


if __name__ == "__main__":
    for form, took in microseconds(*(sys.argv[1:] or ["breast_cancer"])).items():
        print(f"{took:8.1f} us  {form}")
