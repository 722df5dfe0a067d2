"""V1, Openscoring, Vertex AI and Azure ML as ways to ask, as `parity_tests.doors`."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx

from bundle.arrays import Array, Arrays, plain
from bundle.pmml_fields import field_names
from isomorph import Bundle
from parity.columns import records
from parity_tests.doors import Ask, as_array, posted


def v1_records(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Instances as records of named columns."""
    return _v1(client, bundle, "instances", list(records(bundle.signature, rows)))


def v1_lists(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Instances as lists in the order of the signature."""
    return _v1(client, bundle, "instances", _lists(bundle, rows))


def v1_tensors(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Instances as records of named tensors, one for each block."""
    tensors = [_nested(block) for block in rows.values()]
    sent = [dict(zip(rows, row, strict=True)) for row in zip(*tensors, strict=True)]
    return _v1(client, bundle, "instances", sent)


def v1_inputs(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Inputs as a list for each column, answered with a list for each output."""
    names = list(bundle.signature.by_name)
    columns = map(list, zip(*_lists(bundle, rows), strict=True))
    return _v1(client, bundle, "inputs", dict(zip(names, columns, strict=True)))


def v1_blocks(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Inputs as one tensor for each block."""
    return _v1(client, bundle, "inputs", {name: _nested(block) for name, block in rows.items()})


def v1_each_signature(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Every output by a signature_name of its own, with bare values."""
    found = {}
    for output in bundle.signature.outputs:
        sent = {"signature_name": output.name, "instances": _lists(bundle, rows)}
        answer = posted(client, f"/v1{_model(bundle)}:predict", json=sent).json()
        found[output.name] = as_array(output, answer["predictions"])
    return found


def openscoring(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """One record at a time; text where a number is due, as the client of Java sends it."""
    found = []
    for record in records(bundle.signature, rows):
        spelt = {name: repr(v) if isinstance(v, float) else v for name, v in record.items()}
        answer = posted(client, _openscoring(bundle), json={"id": "a", "arguments": spelt}).json()
        assert answer["id"] == "a"
        found.append(answer["results"])
    return from_fields(bundle, found)


def openscoring_batch(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Many records."""
    sent = [{"arguments": record} for record in records(bundle.signature, rows)]
    answer = posted(client, f"{_openscoring(bundle)}/batch", json={"requests": sent}).json()
    return from_fields(bundle, [each["results"] for each in answer["responses"]])


def openscoring_csv(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """A table with an Id, divided by tabs as the client of Python writes it."""
    sent = io.StringIO()
    writer = csv.writer(sent, delimiter="\t")
    writer.writerow(["Id", *bundle.signature.by_name])
    writer.writerows([f"r{i}", *row] for i, row in enumerate(_lists(bundle, rows)))
    answer = posted(client, f"{_openscoring(bundle)}/csv", content=sent.getvalue().encode()).text
    table = list(csv.DictReader(io.StringIO(answer), delimiter="\t"))
    assert [row["Id"] for row in table] == [f"r{i}" for i in range(len(table))]
    return from_fields(bundle, table)


def vertex(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Instances at the address that Vertex AI has by default."""
    sent = {"instances": _lists(bundle, rows), "parameters": {"outputs": _outputs(bundle)}}
    answer = posted(client, "/v1/endpoints/1/deployedModels/2:predict", json=sent).json()
    return _by_name(bundle, answer["predictions"])


def azure(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Rows as an MLflow model on Azure ML takes them."""
    names = list(bundle.signature.by_name)
    data = _lists(bundle, rows)
    split = {"columns": names, "index": list(range(len(data))), "data": data}
    sent = {"input_data": split, "params": {"outputs": _outputs(bundle)}}
    return _by_name(bundle, posted(client, "/score", json=sent).json())


def azure_inputs(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Rows as AutoML's script takes them, answered by `predict`."""
    sent = {"Inputs": {"data": list(records(bundle.signature, rows))}, "GlobalParameters": 0.0}
    return _first(bundle, posted(client, "/score", json=sent).json()["Results"])


def azure_data(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Rows as the documentation's script takes them, answered by `predict`."""
    return _first(bundle, posted(client, "/score", json={"data": _lists(bundle, rows)}).json())


NAMED: dict[str, Ask] = {
    "v1 records": v1_records,
    "v1 lists": v1_lists,
    "v1 tensors": v1_tensors,
    "v1 inputs": v1_inputs,
    "v1 blocks": v1_blocks,
    "v1 each signature": v1_each_signature,
    "openscoring": openscoring,
    "openscoring batch": openscoring_batch,
    "openscoring csv": openscoring_csv,
}

NAMELESS: dict[str, Ask] = {
    "vertex": vertex,
    "azure": azure,
    "azure inputs": azure_inputs,
    "azure data": azure_data,
}
"""Their addresses name no model: the server's default one answers."""


def _v1(client: httpx.Client, bundle: Bundle, form: str, sent: Any) -> Arrays:
    """Every output asked for: objects by row for instances, an object of columns for inputs."""
    body = {form: sent, "parameters": {"outputs": _outputs(bundle)}}
    answer = posted(client, f"/v1{_model(bundle)}:predict", json=body).json()
    if form == "instances":
        return _by_name(bundle, answer["predictions"])
    columns = answer["outputs"]
    if len(bundle.signature.outputs) == 1:
        return _first(bundle, columns)
    return {
        output.name: as_array(output, columns[output.name]) for output in bundle.signature.outputs
    }


def _by_name(bundle: Bundle, found: list[Any]) -> Arrays:
    if len(bundle.signature.outputs) == 1:
        return _first(bundle, found)
    return {
        output.name: as_array(output, [each[output.name] for each in found])
        for output in bundle.signature.outputs
    }


def _first(bundle: Bundle, found: list[Any]) -> Arrays:
    output = bundle.signature.outputs[0]
    return {output.name: as_array(output, found)}


def from_fields(bundle: Bundle, found: list[dict[str, Any]]) -> Arrays:
    """Answers named as in PMML, where an output of some width has a field for each column."""
    answers = {}
    for output in bundle.signature.outputs:
        names = field_names(output)
        values = [[each[name] for name in names] for each in found]
        flat = values if output.width is not None else [row[0] for row in values]
        answers[output.name] = as_array(output, flat)
    return answers


def _openscoring(bundle: Bundle) -> str:
    return f"/openscoring/model/{bundle.manifest.name}"


def _outputs(bundle: Bundle) -> list[str]:
    return [output.name for output in bundle.signature.outputs]


def _lists(bundle: Bundle, rows: Arrays) -> list[list[Any]]:
    return [list(record.values()) for record in records(bundle.signature, rows)]


def _nested(block: Array) -> list[list[Any]]:
    return [[plain(value) for value in row] for row in block.tolist()]


def _model(bundle: Bundle) -> str:
    return f"/models/{bundle.manifest.name}/versions/{bundle.manifest.version}"
