"""Run in an environment that has boto3: invoke_endpoint over the golden rows, as JSON.

Arguments: the server's address, and directories of bundles.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError


def table(path: str) -> tuple[list[str], list[list[Any]]]:
    """The columns' names, and the golden rows in their order."""
    signature = json.loads((Path(path) / "manifest.json").read_text())["signature"]
    golden = json.loads((Path(path) / "golden.json").read_text())
    columns: dict[str, list[Any]] = {}
    for block, tensor in zip(signature["inputs"], golden["inputs"], strict=True):
        width = len(block["columns"])
        columns |= {name: tensor["data"][i::width] for i, name in enumerate(block["columns"])}
    names = [each["name"] for each in signature["columns"]]
    return names, [list(row) for row in zip(*(columns[name] for name in names), strict=True)]


def bodies(names: list[str], rows: list[list[Any]]) -> dict[str, tuple[str, str]]:
    """The same rows in every form: their type and text."""
    lines, headed = io.StringIO(), io.StringIO()
    csv.writer(lines).writerows(rows)
    csv.writer(headed).writerows([names, *rows])
    features = [{"features": row} for row in rows]
    return {
        "csv": ("text/csv", lines.getvalue()),
        "csv with header": ("text/csv", headed.getvalue()),
        "json": ("application/json", json.dumps({"instances": features})),
        "jsonlines": ("application/jsonlines", "\n".join(map(json.dumps, features))),
    }


def main(address: str, *paths: str) -> None:
    """Ask and print."""
    client = boto3.client(
        "sagemaker-runtime",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106 - nothing here reads it
    )
    found: dict[str, Any] = {}
    for path in paths:
        name = Path(path).parent.name
        manifest = json.loads((Path(path) / "manifest.json").read_text())
        every = ",".join(each["name"] for each in manifest["signature"]["outputs"])
        for way, (kind, body) in bodies(*table(path)).items():
            for accept in (None, "text/csv", "application/jsonlines"):
                asked = {} if accept is None else {"Accept": accept}
                asked |= {"EndpointName": name, "ContentType": kind, "Body": body}
                answer = client.invoke_endpoint(**asked, CustomAttributes=f"outputs={every}")
                found[f"{name} {way} {accept}"] = told(answer)
        plain = client.invoke_endpoint(EndpointName=name, ContentType=kind, Body=body)
        found[f"{name} default"] = told(plain)
    target = client.invoke_endpoint(
        EndpointName="any", ContentType=kind, Body=body, TargetModel=f"{name}.tar.gz"
    )
    found["target model"] = told(target)
    for way, wrong in {
        "bad row": {"EndpointName": name, "ContentType": "text/csv", "Body": "1"},
        "bad type": {"EndpointName": name, "ContentType": "text/plain", "Body": "1"},
        "no model": {"EndpointName": "nothing", "ContentType": "text/csv", "Body": "1"},
    }.items():
        try:
            client.invoke_endpoint(**wrong)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            found[way] = [status, error.response["Error"]["Message"]]
    print(json.dumps(found))  # noqa: T201


def told(answer: Any) -> list[str]:
    """Type, variant and text."""
    text = answer["Body"].read().decode()
    return [answer["ContentType"], answer["InvokedProductionVariant"], text]


if __name__ == "__main__":
    main(*sys.argv[1:])
