"""/invocations as MLflow's and SageMaker's clients ask it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import numpy as np

from bundle.arrays import DTYPES, Array, Arrays
from isomorph import Bundle
from parity.columns import records
from parity_tests.asking import Ask, as_array, posted


def mlflow_split(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """A frame as MLflow's client splits it, missing values as the token NaN."""
    names = [column.name for column in bundle.signature.columns]
    data = [[_nan(value) for value in row] for row in _lists(bundle, rows)]
    sent = {"dataframe_split": {"columns": names, "index": list(range(len(data))), "data": data}}
    return _flat_answers(client, bundle, json.dumps(sent | _every_output(bundle)))


def mlflow_records(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Records."""
    sent = {"dataframe_records": list(records(bundle.signature, rows))} | _every_output(bundle)
    return _flat_answers(client, bundle, json.dumps(sent))


def mlflow_instances(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Rows of values."""
    sent = {"instances": _lists(bundle, rows)} | _every_output(bundle)
    return _flat_answers(client, bundle, json.dumps(sent))


def mlflow_inputs(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Columns of values."""
    names = [column.name for column in bundle.signature.columns]
    columns = map(list, zip(*_lists(bundle, rows), strict=True))
    sent = {"inputs": dict(zip(names, columns, strict=True))} | _every_output(bundle)
    return _flat_answers(client, bundle, json.dumps(sent))


def mlflow_csv(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """A frame with its header, answered by what `predict` gives."""
    names = [column.name for column in bundle.signature.columns]
    body = _csv([names, *_lists(bundle, rows)])
    answer = posted(
        client, _invocations(bundle), content=body, headers={"Content-Type": "text/csv"}
    )
    output = bundle.signature.outputs[0]
    return {output.name: as_array(output, answer.json()["predictions"])}


def sagemaker_csv(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Lines of values in and out."""
    body = _csv(_lists(bundle, rows))
    types = {"Content-Type": "text/csv; label_size=0", "Accept": "text/csv"}
    answer = posted(client, _invocations(bundle), content=body, headers=types | _attributes(bundle))
    return _from_flat(bundle, list(csv.reader(io.StringIO(answer.text))))


def sagemaker_json(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Features in JSON."""
    sent = {"instances": [{"data": {"features": {"values": row}}} for row in _lists(bundle, rows)]}
    return _flat_answers(client, bundle, json.dumps(sent))


def sagemaker_jsonlines(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Features in lines, an answer in each."""
    body = "".join(json.dumps({"features": row}) + "\n" for row in _lists(bundle, rows))
    types = {"Content-Type": "application/jsonlines"} | _attributes(bundle)
    answer = posted(client, _invocations(bundle), content=body, headers=types)
    return _from_flat(
        bundle, [list(json.loads(line).values()) for line in answer.text.splitlines()]
    )


def sagemaker_npy(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """A matrix in and out; of text, which holds no numbers, columns of numbers go as JSON."""
    if len(bundle.signature.inputs) > 1:
        return sagemaker_json(client, bundle, rows)
    (block,) = rows.values()
    body = io.BytesIO()
    np.save(body, block.astype(str) if block.dtype == object else block, allow_pickle=False)
    output = bundle.signature.outputs[-1]
    types = {"Content-Type": "application/x-npy", "Accept": "application/x-npy"}
    types["X-Amzn-SageMaker-Custom-Attributes"] = f"outputs={output.name}"
    answer = posted(client, _invocations(bundle), content=body.getvalue(), headers=types)
    found = np.load(io.BytesIO(answer.content), allow_pickle=False)
    return {output.name: found.astype(DTYPES[output.datatype])}


INVOCATIONS: dict[str, Ask] = {
    "mlflow split": mlflow_split,
    "mlflow records": mlflow_records,
    "mlflow instances": mlflow_instances,
    "mlflow inputs": mlflow_inputs,
    "mlflow csv": mlflow_csv,
    "sagemaker csv": sagemaker_csv,
    "sagemaker json": sagemaker_json,
    "sagemaker jsonlines": sagemaker_jsonlines,
    "sagemaker npy": sagemaker_npy,
}


def _invocations(bundle: Bundle) -> str:
    return f"/endpoints/{bundle.manifest.name}/invocations"


def _every_output(bundle: Bundle) -> dict[str, Any]:
    return {"params": {"outputs": [output.name for output in bundle.signature.outputs]}}


def _attributes(bundle: Bundle) -> dict[str, str]:
    names = ",".join(output.name for output in bundle.signature.outputs)
    return {"X-Amzn-SageMaker-Custom-Attributes": f"outputs={names}"}


def _lists(bundle: Bundle, rows: Arrays) -> list[list[Any]]:
    return [list(record.values()) for record in records(bundle.signature, rows)]


def _nan(value: Any) -> Any:
    return float("nan") if value is None else value


def _csv(table: list[list[Any]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(table)
    return written.getvalue().encode()


def _flat_answers(client: httpx.Client, bundle: Bundle, body: str) -> Arrays:
    types = {"Content-Type": "application/json"} | _attributes(bundle)
    answer = posted(client, _invocations(bundle), content=body, headers=types)
    found = answer.json()["predictions"]
    if found and isinstance(found[0], dict):
        found = [list(each.values()) for each in found]
    flat = [each if isinstance(each, list) else [each] for each in found]
    return _from_flat(bundle, flat)


def _from_flat(bundle: Bundle, table: list[list[Any]]) -> Arrays:
    """The outputs from rows of numbers that stand side by side."""
    answers: dict[str, Array] = {}
    place = 0
    for output in bundle.signature.outputs:
        cells = [row[place : place + (output.width or 1)] for row in table]
        place += output.width or 1
        values = cells if output.width is not None else [row[0] for row in cells]
        answers[output.name] = as_array(output, values)
    assert all(len(row) == place for row in table)
    return answers
