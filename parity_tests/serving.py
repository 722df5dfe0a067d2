"""A real service on a free loopback port, and what it answers compared bit for bit."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

import isomorph
from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays
from bundle.signature import Output
from converters.original import Original
from parity.columns import records, take
from parity.compare import compare, scales
from parity.probes import make_probes
from parity_tests.found import ROOT

ROWS = 500
"""Rows of each kind that go over the wire."""


@contextmanager
def serving(artifacts: Path, *options: str) -> Iterator[str]:
    """The service over `artifacts`, with these options; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "isomorph", "serve", str(artifacts), "--port", str(port)]
    command += options
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _until_live(address, process)
            yield address
        finally:
            process.terminate()


def _until_live(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended before it was live"
        try:
            if httpx.get(f"{address}/v2/health/live").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the service was not live within 30 s")


def same_bits(bundle: isomorph.Bundle, original: Original, sample: Arrays, service: str) -> None:
    """Every kind of row through the native door, against `predict` and against the original."""
    url = f"{service}/models/{bundle.manifest.name}/versions/{bundle.manifest.version}/predict"
    for probe in make_probes(original, sample):
        rows = take(probe.rows, slice(0, ROWS))
        sent = list(records(bundle.signature, rows))
        response = httpx.post(url, content=json.dumps(sent), timeout=30)
        assert response.status_code == 200, response.text
        over_http = {
            output.name: _values(output, response.json()["predictions"])
            for output in bundle.signature.outputs
        }
        here, expected = bundle.predict(sent), original(rows)
        for name, values in here.items():
            np.testing.assert_array_equal(over_http[name], values)
        scale = scales(original.signature, expected)
        compared = compare(original.signature, expected, over_http, scale)
        assert compared.worst.max(initial=0.0) <= 1e-12


def _values(output: Output, answers: list[dict[str, Any]]) -> Array:
    """The answers to one output, as the array that `bundle.predict` gives."""
    found = [answer[output.name] for answer in answers]
    if output.width is not None and output.names is not None:
        found = [[each[str(name)] for name in output.names] for each in found]
    values = np.array(found, dtype=DTYPES[output.datatype])
    if output.datatype == "BYTES":
        values[values == None] = MISSING_TEXT  # noqa: E711 - element by element
    return values
