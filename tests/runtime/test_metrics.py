"""What /metrics says is what was sent: through every door, by workers that come and go."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx
import pytest
from exposition import Family, parse, value
from live_service import Service, start
from tiny_bundles import RECORD, write_prices
from workers import workers

from bundle.aliases import set_alias
from bundle.unloaded import add_unloaded, remove_unloaded
from runtime.statistics import STAGES

ROWS = [[1.0, 2.0, 4.0], [2.0, 4.0, 8.0]]
V2 = {"inputs": [{"name": "X", "datatype": "FP64", "shape": [1, 3], "data": [1, 2, 3]}]}
REQUESTS = "isomorph_requests_total"

# Door, model, version, method, path, body, class of status, error.
SENT: list[tuple[str, str, str, str, str, Any, str, str]] = [
    ("native", "penguins", "2", "POST", "/models/penguins/predict", RECORD, "2xx", ""),
    ("native", "penguins", "1", "POST", "/models/penguins/versions/1/predict", [RECORD] * 3, "2xx",
     ""),
    ("native", "penguins", "2", "POST", "/models/penguins/predict", {}, "4xx", "rows-not-accepted"),
    ("native", "", "", "POST", "/models/other/predict", RECORD, "4xx", "unknown-model"),
    ("native", "", "", "DELETE", "/models", None, "4xx", "method-not-allowed"),
    ("v2", "prices", "1", "POST", "/v2/models/prices/infer", V2, "2xx", ""),
    ("v2", "prices", "1", "POST", "/v2/models/prices/infer", "{", "4xx", "malformed-request"),
    ("v2", "", "", "GET", "/v2/models/stats", None, "2xx", ""),
    ("v2", "", "", "GET", "/v2/logging", None, "5xx", "not-supported"),
    ("v1", "prices", "1", "POST", "/v1/models/prices:predict", {"instances": ROWS}, "2xx", ""),
    ("openscoring", "prices", "1", "POST", "/openscoring/model/prices/batch",
     {"requests": [{"arguments": {"x0": 1, "x1": 2, "x2": 3}}] * 2}, "2xx", ""),
    ("none", "", "", "GET", "/nothing/here", None, "4xx", ""),
]  # fmt: skip


@pytest.fixture
def artifacts_of_prices(tmp_path: Path) -> Path:
    for version in (1, 2, 3):
        write_prices(tmp_path, version=version, scale=float(version))
    set_alias(tmp_path / "prices", "champion", 1)
    return tmp_path


@pytest.fixture(scope="module")
def own(artifacts: Path) -> Iterator[Service]:
    with start(artifacts, environment={"ISOMORPH_METRICS_NAMES": "all"}) as running:
        yield running


def scraped(service: Service, *, openmetrics: bool = False) -> dict[str, Family]:
    accept = "application/openmetrics-text; version=1.0.0" if openmetrics else "text/plain"
    answer = service.client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    kind = accept if openmetrics else "text/plain; version=0.0.4"
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    return parse(answer.text, openmetrics=openmetrics)


def send(service: Service, method: str, path: str, body: Any) -> int:
    content = body if isinstance(body, str) or body is None else json.dumps(body)
    headers = {"Content-Type": "application/json"}
    return service.client.request(method, path, content=content, headers=headers).status_code


def test_every_request_is_counted_where_it_belongs(own: Service) -> None:
    before, wanted, errors = scraped(own), Counter[Any](), Counter[Any]()
    for repeat, (door, model, version, method, path, body, status, error) in enumerate(SENT, 1):
        for _ in range(repeat):
            assert f"{send(own, method, path, body) // 100}xx" == status, path
        wanted[door, model, version, status] += repeat
        errors[error, model, version] += repeat if error else 0
    after = scraped(own)

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    for (door, model, version, status), number in wanted.items():
        labels = {"door": door, "model": model, "version": version, "status": status}
        assert grown(REQUESTS, **labels) == number, labels
    assert grown(REQUESTS) == sum(wanted.values()) + 1  # and the first look
    for (kind, model, version), number in errors.items():
        found = grown("isomorph_errors_total", kind=kind, model=model, version=version)
        assert found == number, (kind, model, version)
    assert grown("isomorph_errors_total") == errors.total()
    rows = {("penguins", "2"): 1, ("penguins", "1"): 6, ("prices", "1"): 6 + 10 * 2 + 11 * 2}
    for (model, version), number in rows.items():
        assert grown("isomorph_rows_total", model=model, version=version) == number
    assert value(after, "isomorph_requests_in_flight") == 1


def test_stages_and_batches(own: Service) -> None:
    before = scraped(own)
    began = time.perf_counter()
    for rows in (1, 1, 2, 3, 5):
        assert send(own, "POST", "/models/prices/predict", [ROWS[0]] * rows) == 200
    took = time.perf_counter() - began
    after = scraped(own)
    labels = {"model": "prices", "version": "1"}

    def grown(name: str, suffix: str, **more: str) -> float:
        return value(after, name, suffix, **labels, **more) - value(
            before, name, suffix, **labels, **more
        )

    for stage in STAGES:
        assert grown("isomorph_stage_seconds", "_count", stage=stage) == 5
    sums = {stage: grown("isomorph_stage_seconds", "_sum", stage=stage) for stage in STAGES}
    whole = sums.pop("whole")
    assert 0 < sum(sums.values()) <= whole <= took
    buckets = {le: grown("isomorph_batch_rows", "_bucket", le=le) for le in ("1.0", "2.0", "4.0")}
    assert buckets == {"1.0": 2, "2.0": 3, "4.0": 4}
    assert grown("isomorph_batch_rows", "_sum") == 12


def test_what_is_served(own: Service, artifacts: Path) -> None:
    found = scraped(own)["isomorph_model_info"].samples
    for model, version, default in (("penguins", 1, "false"), ("penguins", 2, "true")):
        manifest = (artifacts / model / str(version) / "manifest.json").read_bytes()
        wanted = {
            "model": model,
            "version": str(version),
            "default": default,
            "bundle": hashlib.sha256(manifest).hexdigest(),
            "task": "classification",
            "verdict": "pass",
        }
        assert found["", tuple(sorted(wanted.items()))] == 1
    assert value(scraped(own), "isomorph_model_state", state="ready") == 3


def test_the_process(own: Service) -> None:
    first = scraped(own)
    time.sleep(1.2)
    second = scraped(own)
    status = Path(f"/proc/{own.process.pid}/status").read_text()
    resident = int(status.partition("VmRSS:")[2].split()[0]) * 1024
    assert abs(value(second, "process_resident_memory_bytes") - resident) < 0.2 * resident
    assert value(second, "process_open_fds") >= 5
    assert 0 < time.time() - value(second, "process_start_time_seconds") < 300
    assert (
        value(second, "process_cpu_seconds_total") > value(first, "process_cpu_seconds_total") > 0
    )
    lag = "isomorph_event_loop_lag_seconds"
    assert value(second, lag, "_count") >= value(first, lag, "_count") + 2
    assert value(second, "isomorph_workers") == 1
    assert value(second, "isomorph_model_loads_total", result="success") == 3


def test_names_of_triton_and_kserve(own: Service) -> None:
    assert send(own, "POST", "/models/prices/predict", ROWS) == 200
    found = scraped(own)
    stats = own.client.get("/v2/models/prices/versions/1/stats").json()["model_stats"][0]
    labels = {"model": "prices", "version": "1"}
    told = stats["inference_stats"]
    for name, wanted in (
        ("request_success", told["success"]["count"]),
        ("request_failure", told["fail"]["count"]),
        ("count", stats["inference_count"]),
        ("exec_count", stats["execution_count"]),
        ("request_duration_us", told["success"]["ns"] // 1000),
        ("queue_duration_us", told["queue"]["ns"] // 1000),
        ("compute_input_duration_us", told["compute_input"]["ns"] // 1000),
        ("compute_infer_duration_us", told["compute_infer"]["ns"] // 1000),
        ("compute_output_duration_us", told["compute_output"]["ns"] // 1000),
    ):
        assert value(found, f"nv_inference_{name}", **labels) == wanted, name
    for name in ("preprocess", "predict", "postprocess"):
        count = value(found, f"request_{name}_seconds", "_count", model_name="prices")
        assert count == told["success"]["count"]


def test_openmetrics(own: Service) -> None:
    """The same families, their counters without `_total`; Triton's names stay what they are."""
    plain, open_ = scraped(own), scraped(own, openmetrics=True)
    kept = {
        name.removesuffix("_total") if family.kind == "counter" else name
        for name, family in plain.items()
    }
    assert open_.keys() == kept
    assert open_["nv_inference_count"].kind == "unknown"
    assert open_["isomorph_requests"].kind == "counter"


def test_nothing_of_a_client_becomes_a_label(own: Service) -> None:
    hostile = "x%22}%201%0Aisomorph_workers%207"
    before = set(scraped(own)[REQUESTS].samples)
    own.client.get("/models/" + hostile)
    own.client.request("BREW", "/models/prices", headers={"X-Request-Id": hostile})
    own.client.post(f"/models/prices/aliases/{hostile}/predict", json=[])
    own.client.get("/models/prices/predict", params={hostile: "1"})
    new = set(scraped(own)[REQUESTS].samples) - before
    words = {text for _, labels in new for _, text in labels}
    assert words <= {"native", "prices", "1", "", "2xx", "4xx", "metrics"}


@dataclass
class Load:
    """Requests from several threads, and what came of them, by version and status."""

    address: str
    sent: int = 0
    answered: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def ask(self) -> None:
        while not self.stop.is_set():
            with closing(HTTPConnection(self.address, timeout=30)) as connection:
                for body in (ROWS, ROWS, "nonsense") * 3:
                    with self.turn:
                        self.sent += 1
                    try:
                        self._once(connection, body)
                    except (OSError, HTTPException):  # its worker was killed
                        break

    def _once(self, connection: HTTPConnection, body: Any) -> None:
        connection.request("POST", "/models/prices/predict", json.dumps(body))
        answer = connection.getresponse()
        version = json.load(answer).get("version", "")
        with self.turn:
            self.answered["native", str(version), answer.status] += 1


def kill_a_worker(service: Service) -> None:
    os.kill(workers(service)[0], signal.SIGKILL)


def settled(service: Service, workers: int) -> dict[str, Family]:
    deadline = time.monotonic() + 20
    while True:
        found = scraped(service)
        quiet = value(found, "isomorph_requests_in_flight") == 1
        if quiet and value(found, "isomorph_workers") == workers:
            return found
        assert time.monotonic() < deadline, "the workers are not there again"
        time.sleep(0.2)


def counters(families: dict[str, Family]) -> dict[Any, float]:
    return {
        (name, *key): found
        for name, family in families.items()
        if family.kind in ("counter", "histogram")
        for key, found in family.samples.items()
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_counts_are_whole_while_versions_swap_and_a_worker_dies(
    artifacts_of_prices: Path, workers: int
) -> None:
    """Exactly what was answered, but for what the dead worker had in hand; nothing goes back."""
    place = artifacts_of_prices / "prices"
    with start(artifacts_of_prices, workers=workers) as service:
        load = Load(service.address.removeprefix("http://"))
        threads = [threading.Thread(target=load.ask) for _ in range(3)]
        for each in threads:
            each.start()
        seen = counters(scraped(service))
        for turn in range(8):
            set_alias(place, "champion", turn % 2 + 1)
            (add_unloaded if turn % 2 else remove_unloaded)(place, {3})
            if turn == 3 and workers > 1:
                kill_a_worker(service)
            time.sleep(0.6)
            now = counters(settled_or_not(service))
            back = {
                key: (seen[key], now.get(key, 0)) for key in seen if now.get(key, 0) < seen[key]
            }
            assert not back
            seen = now
        load.stop.set()
        for each in threads:
            each.join()
        found = settled(service, workers)
    answered = load.answered.total()
    lost = load.sent - answered
    assert answered > 100
    assert lost == 0 if workers == 1 else lost <= 3
    errors = sum(each for (_, _, status), each in load.answered.items() if status >= 400)
    counted = value(found, REQUESTS, door="native", status="4xx")
    assert errors <= counted <= errors + lost
    for version in ("1", "2"):
        wanted = load.answered["native", version, 200]
        counted = value(found, REQUESTS, model="prices", version=version, status="2xx")
        assert 0 < wanted <= counted <= wanted + lost
        rows = value(found, "isomorph_rows_total", model="prices", version=version)
        assert rows == 2 * counted


def settled_or_not(service: Service) -> dict[str, Family]:
    """A look that a dying worker may have cut off is looked again."""
    for _ in range(20):
        try:
            return scraped(service)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("nobody answers")


def test_v2_counts_all_workers(artifacts: Path) -> None:
    with start(artifacts, workers=2) as service:
        for _ in range(40):
            with closing(HTTPConnection(service.address.removeprefix("http://"))) as connection:
                connection.request("POST", "/v2/models/prices/infer", json.dumps(V2))
                assert connection.getresponse().status == 200
        (told,) = service.client.get("/v2/models/prices/stats").json()["model_stats"]
        assert told["inference_count"] == told["inference_stats"]["success"]["count"] == 40


DASHBOARD = Path(__file__).parents[2] / "deploy" / "grafana" / "isomorph.json"


def test_the_dashboard_asks_for_what_is_there(own: Service) -> None:
    """Every metric and every label of its queries."""
    assert send(own, "POST", "/models/prices/predict", ROWS) == 200
    assert send(own, "POST", "/models/prices/predict", "{") == 400
    stream = {"Content-Type": "application/vnd.apache.arrow.stream"}
    own.client.post("/models/prices/predict", content=b"", headers=stream)
    there = {
        name + suffix: {key for key, _ in labels}
        for name, family in scraped(own).items()
        for suffix, labels in family.samples
    }
    dashboard = json.loads(DASHBOARD.read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    asked: set[str] = set()
    for query in queries:
        assert query.count("(") == query.count(")")
        bare = re.sub(r'"[^"]*"', "", query)
        names = re.findall(r"\b(?:isomorph|process)_[a-z_]+", bare)
        assert names, query
        asked |= set(names)
        labels = re.findall(r"([a-z]+)(?:=~|!=|=)", bare)
        labels += [each for by in re.findall(r"by \(([^)]*)\)", bare) for each in by.split(", ")]
        for name in names:
            assert name in there, name
            known = there[name] | ({"le"} if name.endswith("_bucket") else set())
            assert set(labels) <= known, (query, known)
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    assert families == {name for name in scraped(own) if name.startswith(("isomorph_", "process_"))}


def test_the_page_names_every_metric(own: Service) -> None:
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    for name in scraped(own):
        assert name.removeprefix("nv_inference") in page, name
