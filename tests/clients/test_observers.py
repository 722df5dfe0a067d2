"""What collects from a service: Prometheus's own reader, OpenTelemetry's own exporter."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from parity_tests.found import ARTIFACTS
from parity_tests.serving import serving
from tests.clients.environment import environment

PACKAGES = [
    "opentelemetry-sdk==1.45.2",
    "opentelemetry-exporter-otlp-proto-http==1.45.2",
    "prometheus_client==0.23.1",
]
READ = """
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as of_openmetrics
from prometheus_client.parser import text_string_to_metric_families as of_text
read = of_openmetrics if sys.argv[1] == "openmetrics-text" else of_text
print(len(list(read(sys.stdin.read()))))
"""
DECODE = """
import sys
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
for body in map(bytes.fromhex, sys.stdin.read().split()):
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        names = {each.key: each.value.string_value for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                print(names["service.name"], span.trace_id.hex(), span.name)
"""
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def python() -> Path:
    return environment("observers", PACKAGES)


def run(python: Path, code: str, said: str, *arguments: str) -> list[str]:
    command = [python, "-c", code, *arguments]
    done = subprocess.run(command, input=said, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("form", ["plain", "openmetrics-text"])
def test_prometheus_reads_the_metrics(
    python: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISOMORPH_METRICS_NAMES", "all")
    with serving(ARTIFACTS) as address:
        assert httpx.get(f"{address}/models/penguins").is_success
        text = httpx.get(f"{address}/metrics", headers={"Accept": f"application/{form}"}).text
    assert int(run(python, READ, text, form)[0]) > 10


def test_a_collector_gets_the_traces(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (packages,) = (python.parents[1] / "lib").glob("python*/site-packages")
    monkeypatch.setenv("PYTHONPATH", f"{packages}:{os.environ.get('PYTHONPATH', '')}")
    with collector() as (endpoint, bodies):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        with serving(ARTIFACTS) as address:
            headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
            assert httpx.get(f"{address}/models/penguins", headers=headers).is_success
    spans = run(python, DECODE, "\n".join(body.hex() for body in bodies))
    assert f"isomorph {TRACE} GET /models/{{name}}" in spans


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()
