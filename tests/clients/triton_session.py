"""Run in an environment that has tritonclient[http]: everything that client can ask, as JSON.

Arguments: the server's address, and directories of bundles. Prints
{"answers": {way: {model: {output: [shape, dtype, values]}}}, "told": {method: what it returned}}.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import InferenceServerException

MISSING = "\uffff"
Answers = dict[str, Any]


class Model:
    """The golden rows of a bundle, as arrays."""

    def __init__(self, path: str) -> None:
        manifest = json.loads((Path(path) / "manifest.json").read_text())
        self.name, self.version = manifest["name"], str(manifest["version"])
        self.signature = manifest["signature"]
        golden = json.loads((Path(path) / "golden.json").read_text())
        self.blocks = {each["name"]: array(each) for each in golden["inputs"]}
        whole = [complete(values) for values in self.blocks.values()]
        self.whole = np.logical_and.reduce(whole)

    def inputs(self, *, binary: bool = True, rows: Any = slice(None)) -> list[Any]:
        """A tensor for each block."""
        return [given(name, values[rows], binary) for name, values in self.blocks.items()]

    def columns(self) -> list[Any]:
        """A tensor for each column."""
        return [
            given(name, self.blocks[block["name"]][:, position], binary=True)
            for block in self.signature["inputs"]
            for position, name in enumerate(block["columns"])
        ]

    def outputs(self, **form: Any) -> list[Any]:
        """Each output by name."""
        return [
            triton.InferRequestedOutput(each["name"], **form) for each in self.signature["outputs"]
        ]


def array(tensor: Any) -> Any:
    text = tensor["datatype"] == "BYTES"
    missing = MISSING if text else float("nan")
    data = [missing if value is None else value for value in tensor["data"]]
    return np.array(data, dtype=object if text else np.float64).reshape(tensor["shape"])


def complete(values: Any) -> Any:
    missing = values == MISSING if values.dtype == object else np.isnan(values)
    return ~missing.any(axis=1)


def given(name: str, values: Any, binary: bool) -> Any:  # noqa: FBT001
    values = np.ascontiguousarray(values)
    datatype = "BYTES" if values.dtype == object else "FP64"
    tensor = triton.InferInput(name, list(values.shape), datatype)
    return tensor.set_data_from_numpy(values, binary_data=binary)


def told(model: Model, result: Any) -> Answers:
    """Every output of a result, its shape and its values."""
    found = {}
    for output in model.signature["outputs"]:
        values = result.as_numpy(output["name"])
        flat = [
            each.decode() if isinstance(each, bytes) else each for each in values.ravel().tolist()
        ]
        found[output["name"]] = [list(values.shape), str(values.dtype), flat]
    return found


def body(client: Any, model: Model, _: str) -> Any:
    """The request's body made by one method, posted by another client, read by a third."""
    import urllib.request  # noqa: PLC0415

    content, length = client.generate_request_body(model.inputs())
    request = urllib.request.Request(  # noqa: S310
        f"{sys.argv[1]}/v2/models/{model.name}/infer",
        data=content,
        headers={"Inference-Header-Content-Length": str(length)},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        length = answer.headers["Inference-Header-Content-Length"]
        return client.parse_response_body(answer.read(), header_length=int(length))


def at_once(client: Any, model: Model, name: str) -> Any:
    """Eight requests under way together, all with the same answer."""
    asked = [client.async_infer(name, model.inputs()) for _ in range(8)]
    results = [each.get_result() for each in asked]
    assert all(told(model, each) == told(model, results[0]) for each in results)
    return results[0]


WAYS: dict[str, Callable[[Any, Model, str], Any]] = {
    "defaults": lambda c, m, n: c.infer(n, m.inputs()),
    "version and id": lambda c, m, n: c.infer(
        n, m.inputs(), model_version=m.version, request_id="7", priority=1, timeout=10**6,
        sequence_id=3, sequence_start=True, sequence_end=True, parameters={"mine": 1.5},
    ),
    "outputs": lambda c, m, n: c.infer(n, m.inputs(), outputs=m.outputs()),
    "outputs in JSON": lambda c, m, n: c.infer(n, m.inputs(), outputs=m.outputs(binary_data=False)),
    "columns": lambda c, m, n: c.infer(n, m.columns()),
    "gzip": lambda c, m, n: c.infer(
        n, m.inputs(), request_compression_algorithm="gzip", response_compression_algorithm="gzip"
    ),
    "deflate": lambda c, m, n: c.infer(
        n, m.inputs(), request_compression_algorithm="deflate",
        response_compression_algorithm="deflate",
    ),
    "gzip in JSON": lambda c, m, n: c.infer(
        n, m.inputs(), outputs=m.outputs(binary_data=False), response_compression_algorithm="gzip"
    ),
    "async_infer": at_once,
    "bodies": body,
}  # fmt: skip


def in_json(client: Any, model: Model) -> Any:
    """JSON both ways. This client cannot say null, so only rows without a missing value."""
    inputs = model.inputs(binary=False, rows=model.whole)
    return client.infer(model.name, inputs, outputs=model.outputs(binary_data=False))


def alone(client: Any, model: Model) -> Answers:
    """Row by row."""
    rows = len(next(iter(model.blocks.values())))
    each = [told(model, client.infer(model.name, model.inputs(rows=[row]))) for row in range(rows)]
    return {
        name: [[rows, *shape[1:]], dtype, [v for one in each for v in one[name][2]]]
        for name, (shape, dtype, _) in each[0].items()
    }


def refused(ask: Callable[[], Any]) -> list[str | None]:
    """The status and message of what must fail."""
    try:
        got = ask()
    except InferenceServerException as error:
        return [error.status(), error.message()]
    return ["200", repr(got)]


def everything(client: Any, model: Model) -> dict[str, Any]:
    """Every other method of the client."""
    name = model.name
    tensor = triton.InferInput("numbers", [1, 2], "FP64").set_shared_memory("here", 16)
    found = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model ready": client.is_model_ready(name),
        "version ready": client.is_model_ready(name, model.version),
        "nothing ready": client.is_model_ready("nothing"),
        "server": client.get_server_metadata(),
        "metadata": client.get_model_metadata(name),
        "config": client.get_model_config(name, model.version),
        "index": client.get_model_repository_index(),
        "statistics": client.get_inference_statistics(name, model.version),
        "all statistics": client.get_inference_statistics(),
    }
    client.unload_model(name)
    found["unloaded"] = client.is_model_ready(name)
    found["unloaded index"] = client.get_model_repository_index()
    client.load_model(name)
    found["loaded"] = client.is_model_ready(name)
    found["refused"] = {
        "no model": refused(lambda: client.infer("nothing", model.inputs())),
        "no metadata": refused(lambda: client.get_model_metadata("nothing")),
        "no load": refused(lambda: client.load_model("nothing")),
        "load config": refused(lambda: client.load_model(name, config="{}")),
        "trace": refused(client.get_trace_settings),
        "trace of a model": refused(lambda: client.get_trace_settings(name)),
        "set trace": refused(lambda: client.update_trace_settings(settings={"trace_rate": "1"})),
        "log": refused(client.get_log_settings),
        "set log": refused(lambda: client.update_log_settings({"log_info": True})),
        "memory": refused(client.get_system_shared_memory_status),
        "region": refused(lambda: client.get_system_shared_memory_status("here")),
        "register": refused(lambda: client.register_system_shared_memory("here", "/k", 8)),
        "unregister": refused(client.unregister_system_shared_memory),
        "cuda": refused(client.get_cuda_shared_memory_status),
        "cuda register": refused(lambda: client.register_cuda_shared_memory("a", b"x", 0, 8)),
        "cuda unregister": refused(lambda: client.unregister_cuda_shared_memory("a")),
        "shared input": refused(lambda: client.infer(name, [tensor])),
    }
    return found


class Blocking:
    """The asyncio client, each of its methods waited for."""

    def __init__(self, client: Any, runner: asyncio.Runner) -> None:
        self._client, self._runner = client, runner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def ask(*arguments: Any, **named: Any) -> Any:
            found = method(*arguments, **named)
            return self._runner.run(found) if inspect.iscoroutine(found) else found

        return ask


async def made(host: str) -> Any:
    """The asyncio client; it is made inside a loop."""
    return triton_aio.InferenceServerClient(host)


def every_way(client: Any, models: list[Model], ways: Any) -> dict[str, Answers]:
    """The golden rows of every model, in every way."""
    answers = {way: {m.name: told(m, WAYS[way](client, m, m.name)) for m in models} for way in ways}
    return answers | {"row by row": {m.name: alone(client, m) for m in models}}


def main(address: str, *paths: str) -> None:
    """Ask everything and print it."""
    host = address.removeprefix("http://")
    models = [Model(path) for path in paths]
    with triton.InferenceServerClient(host, concurrency=4) as client:
        answers = every_way(client, models, WAYS)
        whole = {m.name: told(m, in_json(client, m)) for m in models}
        rest = everything(client, models[0])
        classes = client.infer(
            models[-1].name,
            models[-1].inputs(),
            outputs=[triton.InferRequestedOutput("probabilities", class_count=2)],
        ).as_numpy("probabilities")
    with asyncio.Runner() as runner:
        blocking = Blocking(runner.run(made(host)), runner)
        found = every_way(blocking, models, WAYS.keys() - {"async_infer"})
        answers |= {f"aio: {way}": each for way, each in found.items()}
        whole_aio = {m.name: told(m, in_json(blocking, m)) for m in models}
        assert whole_aio == whole
        rest["aio"] = everything(blocking, models[0])
        blocking.close()
    rest["classes"] = [[each.decode() for each in row] for row in classes.tolist()]
    kept = {model.name: model.whole.tolist() for model in models}
    print(json.dumps({"answers": answers, "whole": whole, "kept": kept, "told": rest}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
