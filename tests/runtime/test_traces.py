"""A request as a span with its stages, below the caller's where there is one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from in_process import InProcess
from tiny_bundles import write_prices

from runtime import traces
from runtime.app import create_app
from runtime.traces import from_environment, trace_id

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="the extra otel is not installed")

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{PARENT}-01"
COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    provider, exporter = sdk.TracerProvider(), memory.InMemorySpanExporter()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    monkeypatch.setattr(traces, "_provider", lambda: provider)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    yield exporter
    provider.shutdown()


@pytest.fixture
def client(tmp_path: Path, exported: Any) -> Iterator[InProcess]:  # noqa: ARG001 - set up first
    write_prices(tmp_path)
    with InProcess(create_app(tmp_path)) as running:
        yield running


def test_a_request_and_its_stages(client: InProcess, exported: Any) -> None:
    before = time.time_ns()
    answer = client.post(
        "/models/prices/predict", json=[[1, 2, 3]] * 4, headers={"traceparent": GIVEN}
    )
    after = time.time_ns()
    assert answer.status_code == 200
    spans = {each.name: each for each in exported.get_finished_spans()}
    whole = spans.pop("POST /models/{name}/predict")
    assert whole.parent.span_id == int(PARENT, 16)
    assert whole.kind.name == "SERVER"
    assert dict(whole.attributes) == {
        "http.request.method": "POST",
        "http.route": "/models/{name}/predict",
        "http.response.status_code": 200,
        "isomorph.model": "prices",
        "isomorph.version": 1,
        "isomorph.rows": 4,
    }
    assert list(spans) == ["queue", "decode", "run", "encode"]
    times = [whole.start_time]
    for each in spans.values():
        assert each.parent.span_id == whole.context.span_id
        times += [each.start_time, each.end_time]
    assert times == sorted(times)
    assert times[-1] <= whole.end_time
    slack = 20_000_000  # two clocks
    assert before - slack <= whole.start_time
    assert whole.end_time <= after + slack
    assert {each.context.trace_id for each in (whole, *spans.values())} == {int(TRACE, 16)}


def test_errors_and_addresses_that_nobody_knows(client: InProcess, exported: Any) -> None:
    assert client.post("/models/prices/predict", json=[[1]]).status_code == 422
    assert client.get("/hunter2").status_code == 404
    wrong, unknown = exported.get_finished_spans()
    assert wrong.attributes["error.type"] == "rows-not-accepted"
    assert (unknown.name, dict(unknown.attributes)) == ("HTTP", {"http.response.status_code": 404})
    assert wrong.parent is None
    assert "hunter2" not in unknown.to_json()


def test_what_the_caller_does_not_sample_is_not_sent(client: InProcess, exported: Any) -> None:
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
    assert client.post("/models/prices/predict", json=[[1, 2, 3]], headers=headers).is_success
    assert exported.get_finished_spans() == ()


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (GIVEN, TRACE),
        (GIVEN.upper(), ""),
        (GIVEN + "-00", ""),
        (f"00-{'0' * 32}-{PARENT}-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        (f"ff-{TRACE}-{PARENT}-01", ""),
        ('00-"}\n{"time":1}', ""),
        ("", ""),
    ],
)
def test_which_traceparent_counts(given: str, known: str) -> None:
    assert trace_id(given.encode()) == known


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {**COLLECTOR, "OTEL_SDK_DISABLED": "true"},
        {**COLLECTOR, "OTEL_TRACES_EXPORTER": "none"},
        {**COLLECTOR, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    ],
)
def test_off(environment: dict[str, str]) -> None:
    assert from_environment(environment) is None


def test_without_the_extra_it_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def absent() -> None:
        raise ImportError

    monkeypatch.setattr(traces, "_provider", absent)
    assert from_environment(COLLECTOR) is None
    assert "install isomorph[otel]" in caplog.text
