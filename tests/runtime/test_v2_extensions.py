"""The V2 door beside inference: outputs by class, parameters, repository, statistics, the rest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_service import Service, start
from tiny_bundles import PENGUINS, WEIGHTS, write_penguins, write_prices, write_text

from runtime.counts import Counts
from runtime.statistics import MAX_SIZES, Statistics

X = {"name": "X", "shape": [2, 3], "datatype": "FP64", "data": [1, 2, 3, 4, 5, 6]}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Service]:
    """A server of this test's own: it counts from zero, and may be changed."""
    write_penguins(tmp_path, version=1)
    write_penguins(tmp_path, version=2)
    write_prices(tmp_path)
    with start(tmp_path) as running:
        yield running


def infer(service: Service, model: str = "prices", **members: Any) -> Any:
    return service.client.post(f"/v2/models/{model}/infer", json={"inputs": [X], **members})


def asked(service: Service, output: str, parameters: dict[str, Any]) -> Any:
    request = {
        "inputs": [
            {"name": "numbers", "shape": [2, 3], "datatype": "FP64", "data": [0, 0, 1, 5, 3000, 0]},
            {"name": "text", "shape": [2, 2], "datatype": "BYTES", "data": ["", "male"] * 2},
        ],
        "outputs": [{"name": output, "parameters": parameters}],
    }
    return service.client.post("/v2/models/penguins/infer", json=request)


@pytest.mark.parametrize(("most", "width"), [(1, 1), (2, 2), (9, 2)])
def test_classification(service: Service, most: int, width: int) -> None:
    """As C++ prints it: six decimals, the place, the class."""
    plain = asked(service, "probabilities", {}).json()["outputs"][0]["data"]
    answer = asked(service, "probabilities", {"classification": most}).json()["outputs"][0]
    assert (answer["datatype"], answer["shape"]) == ("BYTES", [2, width])
    assert WEIGHTS[2][0] > 0  # so the first row, being tagged, is an Adelie
    first = [f"{plain[0]:.6f}:0:Adelie", f"{plain[1]:.6f}:1:Gentoo"]
    second = [f"{plain[3]:.6f}:1:Gentoo", f"{plain[2]:.6f}:0:Adelie"]
    assert answer["data"] == first[:width] + second[:width]


def test_classes_as_bytes_and_ties(service: Service) -> None:
    answer = asked(service, "probabilities", {"classification": 1, "binary_data": True})
    at = int(answer.headers["Inference-Header-Content-Length"])
    (told,) = json.loads(answer.content[:at])["outputs"]
    assert told["parameters"]["binary_data_size"] == len(answer.content) - at
    assert answer.content[at + 4 :].startswith(b"0.")


def test_a_number_alone_is_its_own_class(service: Service) -> None:
    answer = infer(service, outputs=[{"name": "prediction", "parameters": {"classification": 3}}])
    (told,) = answer.json()["outputs"]
    assert (told["shape"], told["data"]) == ([2, 1], ["17.000000:0", "38.000000:0"])


PARAMETERS = {
    "sequence": ({"sequence_id": 7, "sequence_start": True, "sequence_end": False}, 200),
    "sequence by name": ({"sequence_id": "a"}, 200),
    "priority and timeout": ({"priority": 1, "timeout": 5_000_000}, 200),
    "own": ({"mine": 1.5, "other": "x", "third": False}, 200),
    "binary_data_output false": ({"binary_data_output": False}, 200),
    "binary_data_output text": ({"binary_data_output": "yes"}, 400),
    "sequence_start number": ({"sequence_start": 1}, 400),
    "negative priority": ({"priority": -1}, 400),
    "priority with a fraction": ({"priority": 1.5}, 400),
    "timeout text": ({"timeout": "1"}, 400),
    "reserved prefix": ({"triton_enable_empty_final_response": True}, 400),
    "headers": ({"headers": "a"}, 400),
    "an object": ({"mine": {"a": 1}}, 400),
    "null": ({"mine": None}, 400),
    "not an object": ([1], 400),
}


@pytest.mark.parametrize("case", PARAMETERS)
def test_parameters(service: Service, case: str) -> None:
    parameters, status = PARAMETERS[case]
    answer = infer(service, parameters=parameters)
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["outputs"][0]["data"] == [17, 38]


OUTPUTS = {
    "unknown": ([{"name": "nothing"}], 400),
    "twice": ([{"name": "prediction"}, {"name": "prediction"}], 400),
    "shared memory": ([{"name": "prediction", "parameters": {"shared_memory_region": "a"}}], 501),
    "flag as text": ([{"name": "prediction", "parameters": {"binary_data": "true"}}], 400),
    "classes below zero": ([{"name": "prediction", "parameters": {"classification": -1}}], 400),
    "not a list": ({"name": "prediction"}, 400),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_outputs_refused(service: Service, case: str) -> None:
    outputs, status = OUTPUTS[case]
    answer = infer(service, outputs=outputs)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


def test_a_text_has_no_classes(service: Service) -> None:
    answer = asked(service, "label", {"classification": 1})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("only outputs of numbers can be classified")


@pytest.mark.parametrize(
    "body",
    [
        '{"inputs": [], "id": "a", "id": "b"}',
        '{"inputs": [INPUT], "parameters": {"mine": 1, "mine": 2}}',
        '{"inputs": [INPUT], "id": "\\u0022\\u0022", "parameters": {"a": 1, "a": 2}}',
        '{"inputs": [INPUT], "id": null, "id": "b"}',
    ],
)
def test_repeated_members(service: Service, body: str) -> None:
    """The second hides a repeated name's quotes behind escapes that become quotes."""
    content = body.replace("INPUT", json.dumps(X))
    answer = service.client.post("/v2/models/prices/infer", content=content)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("a member of the request stands twice")


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_is_named(service: Service, token: str) -> None:
    """As tritonclient says a missing value with binary_data=False."""
    content = json.dumps({"inputs": [X]}).replace("[1, 2, ", f"[1, {token}, ")
    answer = service.client.post("/v2/models/prices/infer", content=content)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "NaN and Infinity are not JSON. Send null for a missing value, or binary data"
    }


def test_members_that_clients_add(service: Service) -> None:
    answer = infer(service, model_name="another", id=None, outputs=None, parameters=None)
    assert answer.json()["model_name"] == "prices"
    assert "id" not in answer.json()


def index(service: Service, **content: Any) -> dict[tuple[str, str], str]:
    found = service.client.post("/v2/repository/index", **content).json()
    return {(each["name"], each["version"]): each["state"] for each in found}


def test_repository(own: Service) -> None:
    everything = {("penguins", "1"), ("penguins", "2"), ("prices", "1")}
    assert index(own) == dict.fromkeys(everything, "READY")
    assert own.client.post("/v2/repository/models/prices/unload").status_code == 200
    assert index(own)["prices", "1"] == "UNAVAILABLE"
    assert set(index(own, json={"ready": True})) == everything - {("prices", "1")}
    assert own.client.get("/v2/models/prices/ready").status_code == 503
    refused = infer(own)
    assert (refused.status_code, list(refused.json())) == (503, ["error"])
    assert own.client.get("/v2/models/prices/stats").json() == {"model_stats": []}
    body = {"parameters": {"unload_dependents": True}}
    assert own.client.post("/v2/repository/models/penguins/unload", json=body).status_code == 200
    for model in ("prices", "penguins"):
        loaded = own.client.post(f"/v2/repository/models/{model}/load", content=b" \n")
        assert loaded.status_code == 200
    assert index(own, content=b"{}") == dict.fromkeys(everything, "READY")
    assert infer(own).json()["outputs"][0]["data"] == [17, 38]


CONTROL = {
    "unknown load": ("models/nothing/load", b"", 404),
    "unknown unload": ("models/nothing/unload", b"", 404),
    "config": ("models/prices/load", b'{"parameters":{"config":"{}"}}', 501),
    "file": ("models/prices/load", b'{"parameters":{"file:1/model.onnx":"AA=="}}', 501),
    "not an object": ("models/prices/load", b"[]", 400),
    "not JSON": ("models/prices/unload", b"{", 400),
    "unload_dependents text": (
        "models/prices/unload",
        b'{"parameters":{"unload_dependents":"yes"}}',
        400,
    ),
    "ready text": ("index", b'{"ready":"yes"}', 400),
    "surplus": ("index", b'{"only":true}', 400),
}


@pytest.mark.parametrize("case", CONTROL)
def test_control_refused(service: Service, case: str) -> None:
    path, body, status = CONTROL[case]
    answer = service.client.post(f"/v2/repository/{path}", content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    assert service.client.get("/v2/models/prices/ready").status_code == 200


def test_statistics(own: Service) -> None:
    before = time.time_ns() // 1_000_000
    for _ in range(3):
        assert infer(own).status_code == 200
    assert infer(own, inputs=[X | {"shape": [1, 3], "data": [1, 2, 3]}]).status_code == 200
    assert infer(own, inputs=[X | {"data": [1]}]).status_code == 400
    assert own.client.get("/v2/models/prices").status_code == 200
    (told,) = own.client.get("/v2/models/prices/versions/1/stats").json()["model_stats"]
    assert (told["name"], told["version"]) == ("prices", "1")
    assert (told["inference_count"], told["execution_count"]) == (7, 4)
    assert before <= told["last_inference"] <= time.time_ns() // 1_000_000
    stats = told["inference_stats"]
    counts = {name: each["count"] for name, each in stats.items()}
    assert counts == {
        "success": 4,
        "fail": 1,
        "queue": 4,
        "compute_input": 4,
        "compute_infer": 4,
        "compute_output": 4,
        "cache_hit": 0,
        "cache_miss": 0,
    }
    parts = ("queue", "compute_input", "compute_infer", "compute_output")
    assert stats["success"]["ns"] == sum(stats[part]["ns"] for part in parts)
    assert stats["fail"]["ns"] > 0
    sizes = {each["batch_size"]: each["compute_infer"]["count"] for each in told["batch_stats"]}
    assert sizes == {1: 1, 2: 3}
    for path, versions in (("/v2/models/stats", 3), ("/v2/models/penguins/stats", 2)):
        found = own.client.get(path).json()["model_stats"]
        assert len(found) == versions
    assert [each["inference_count"] for each in found] == [0, 0]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/models/nothing/stats", 404),
        ("/v2/models/penguins/versions/9/stats", 404),
        ("/v2/models/nothing/config", 404),
        ("/v2/models/penguins/versions/9/config", 404),
    ],
)
def test_unknown(service: Service, path: str, status: int) -> None:
    answer = service.client.get(path)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


def test_sizes_are_bounded() -> None:
    """The client chooses the sizes of its batches; what is counted in all stays true."""
    statistics = Statistics()
    for rows in range(1, MAX_SIZES + 51):
        statistics.succeeded(rows, (0, 1, 3, 6, 10))
    told = Counts(statistics.slots).told()
    assert len(told["batch_stats"]) == MAX_SIZES
    assert told["execution_count"] == MAX_SIZES + 50
    assert told["inference_stats"]["compute_infer"] == {
        "count": MAX_SIZES + 50,
        "ns": 3 * (MAX_SIZES + 50),
    }


def test_no_rows_are_no_execution() -> None:
    statistics = Statistics()
    statistics.succeeded(0, (0, 1, 3, 6, 10))
    told = Counts(statistics.slots).told()
    assert (told["execution_count"], told["inference_count"]) == (0, 0)
    assert told["inference_stats"]["success"] == {"count": 1, "ns": 10}


def test_configuration(service: Service) -> None:
    told = service.client.get("/v2/models/penguins/versions/2/config").json()
    assert (told["name"], told["backend"]) == ("penguins", "onnxruntime")
    assert told["input"] == [
        {"name": "numbers", "data_type": "TYPE_FP64", "dims": [3]},
        {"name": "text", "data_type": "TYPE_STRING", "dims": [2]},
    ]
    assert [each["name"] for each in told["output"]] == [each.name for each in PENGUINS.outputs]
    metadata = service.client.get("/v2/models/penguins").json()
    for kind in ("input", "output"):
        shapes = [[-1, *each["dims"]] for each in told[kind]]
        assert shapes == [each["shape"] for each in metadata[f"{kind}s"]]


UNSUPPORTED = [
    ("GET", "/v2/logging"),
    ("POST", "/v2/logging"),
    ("GET", "/v2/trace/setting"),
    ("POST", "/v2/models/prices/trace/setting"),
    ("POST", "/v2/models/prices/generate"),
    ("POST", "/v2/models/prices/versions/1/generate_stream"),
    *(
        (method, f"/v2/{kind}sharedmemory{region}/{action}")
        for kind in ("system", "cuda")
        for region in ("", "/region/mine")
        for method, action in (("GET", "status"), ("POST", "register"), ("POST", "unregister"))
    ),
]


@pytest.mark.parametrize(("method", "path"), UNSUPPORTED)
def test_unsupported(service: Service, method: str, path: str) -> None:
    answer = service.client.request(method, path)
    assert answer.status_code == 501
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"error": "this extension of the protocol is not supported"}


def test_extensions_are_those_that_answer(service: Service) -> None:
    told = service.client.get("/v2").json()["extensions"]
    assert told == [
        "binary_tensor_data",
        "classification",
        "model_configuration",
        "model_repository",
        "model_repository(unload_dependents)",
        "parameters",
        "statistics",
    ]


def test_an_error_is_never_compressed(tmp_path: Path) -> None:
    """Triton's client reads an error without looking at its encoding."""
    write_text(tmp_path, answer="a" * 2000)
    request = {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["x"]}]}
    with start(tmp_path) as service:
        answers = [
            service.client.post(
                "/v2/models/echo/infer",
                json=request | {"outputs": [{"name": name}]},
                headers={"Accept-Encoding": "gzip"},
            )
            for name in ("a" * 2000, "nothing")
        ]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert [answer.headers.get("content-encoding") for answer in answers] == ["gzip", None]
    assert len(answers[1].content) > 2000
