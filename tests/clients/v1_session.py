"""Run in an environment that has kserve: its client at its defaults (V1) over the golden rows.

Arguments: the server's address, and a file of rows by model. Prints what it got as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx
from kserve.inference_client import InferenceRESTClient


async def main(address: str, asked: dict[str, Any]) -> None:
    """Ask and print."""
    client = InferenceRESTClient()
    found: dict[str, Any] = {"live": await client.is_server_live(address), "ready": {}}
    found["predict"], found["all"] = {}, {}
    for name, body in asked.items():
        found["ready"][name] = await client.is_model_ready(address, name)
        found["predict"][name] = await client.infer(
            address, {"instances": body["instances"]}, model_name=name
        )
        found["all"][name] = await client.infer(address, body, model_name=name)
    for call in (
        client.infer(address, {"instances": [7]}, model_name=next(iter(asked))),
        client.explain(address, next(iter(asked)), {"instances": []}),
    ):
        try:
            await call
        except httpx.HTTPStatusError as error:
            found.setdefault("errors", []).append(str(error))
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text())))
