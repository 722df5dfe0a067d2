"""Run in an environment that has kserve: its InferenceRESTClient over the golden rows, as JSON.

Arguments: the server's address, and directories of bundles.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from kserve import InferInput, InferRequest
from kserve.inference_client import InferenceRESTClient, RESTConfig
from kserve.protocol.infer_type import RequestedOutput


def request(name: str, golden: Any, *, binary: bool) -> InferRequest:
    """The golden rows as kserve sends them."""
    inputs = []
    for each in golden["inputs"]:
        text = each["datatype"] == "BYTES"
        tensor = InferInput(each["name"], each["shape"], each["datatype"])
        if binary:
            missing = "\uffff" if text else float("nan")
            data = [missing if value is None else value for value in each["data"]]
            array = np.array(data, dtype=object if text else np.float64).reshape(each["shape"])
            tensor.set_data_from_numpy(array, binary_data=True)
        else:
            tensor.data = each["data"]
        inputs.append(tensor)
    return InferRequest(model_name=name, infer_inputs=inputs, request_id="a-1")


def told(result: Any) -> dict[str, Any]:
    """Every output, its shape and its values."""
    found = {}
    for output in result.outputs:
        values = output.as_numpy()
        flat = [v.decode() if isinstance(v, bytes) else v for v in values.ravel().tolist()]
        found[output.name] = [list(values.shape), flat]
    return {"id": result.id, "outputs": found}


async def main(address: str, *paths: str) -> None:
    """Ask and print."""
    found: dict[str, Any] = {"json": {}, "binary": {}, "binary outputs": {}}
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        found["live"] = await client.is_server_live(address)
        found["ready"] = await client.is_server_ready(address)
        for path in paths:
            name = json.loads((Path(path) / "manifest.json").read_text())["name"]
            golden = json.loads((Path(path) / "golden.json").read_text())
            found["model ready"] = await client.is_model_ready(address, name)
            for way, binary in (("json", False), ("binary", True)):
                asked = request(name, golden, binary=binary)
                found[way][name] = told(await client.infer(address, asked, model_name=name))
            asked = request(name, golden, binary=True)
            asked.request_outputs = [
                RequestedOutput(each["name"], {"binary_data": True})
                for each in golden["expected"]["outputs"]
            ]
            answer = await client.infer(address, asked, model_name=name)
            found["binary outputs"][name] = told(answer)
        found["nothing ready"] = await client.is_model_ready(address, "nothing")
        try:
            await client.infer(address, {"inputs": []}, model_name=name)
        except httpx.HTTPStatusError as error:
            found["error"] = str(error)
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
