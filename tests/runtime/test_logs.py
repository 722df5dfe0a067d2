"""The log: which requests it tells, what of them, and that no input makes a line of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_process import InProcess
from tiny_bundles import write_prices

from runtime.app import Service, create_app
from runtime.logs import JsonLines, RequestLog
from runtime.settings import Settings

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
LINE = {
    "time", "method", "path", "status", "ms", "request_id", "model", "version", "rows",
    "us", "trace_id", "fault", "error",
}  # fmt: skip


class Logged:
    """An application whose log is kept."""

    def __init__(self, artifacts: Path, which: Any = "all") -> None:
        self.app: Service = create_app(Settings(artifacts=artifacts, log_requests=which))
        self.written = b""
        self.app.log = self.app._dispatch.log = RequestLog(self._write, which)

    def _write(self, lines: bytes) -> None:
        self.written += lines

    def lines(self) -> list[dict[str, Any]]:
        """What was written since the last call; every line is one whole object."""
        self.app.log.flush()
        written, self.written = self.written, b""
        assert written.isascii()
        assert written == b"" or written.endswith(b"\n")
        return [json.loads(line) for line in written.splitlines()]


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("artifacts")
    write_prices(root)
    return root


@pytest.fixture(scope="module")
def kept(artifacts: Path) -> Iterator[tuple[InProcess, Logged]]:
    logged = Logged(artifacts)
    with InProcess(logged.app) as client:
        yield client, logged


def test_a_line_tells_where_the_time_went(kept: tuple[InProcess, Logged]) -> None:
    client, logged = kept
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    assert client.post("/models/prices/predict", json=[[1, 2, 3]] * 500, headers=headers).is_success
    (line,) = logged.lines()
    assert (line["model"], line["version"], line["rows"], line["trace_id"]) == (
        "prices", 1, 500, TRACE,
    )  # fmt: skip
    stages = line["us"]
    assert list(stages) == ["queue", "decode", "run", "encode"]
    assert sum(stages.values()) <= line["ms"] * 1000 + 1
    assert min(stages["decode"], stages["encode"]) > 0


@pytest.mark.parametrize(("which", "told"), [("all", [200, 422]), ("errors", [422]), ("none", [])])
def test_which_requests_are_told(artifacts: Path, which: str, told: list[int]) -> None:
    logged = Logged(artifacts, which)
    with InProcess(logged.app) as client:
        client.post("/models/prices/predict", json=[[1, 2, 3]])
        client.post("/models/prices/predict", json=[[1]])
    assert [line["status"] for line in logged.lines()] == told


@pytest.mark.parametrize("which", ["errors", "none"])
def test_what_nobody_foresaw_is_told_in_any_case(
    artifacts: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = Logged(artifacts, which)
    monkeypatch.setattr("runtime.predictions.Rows.__call__", lambda *_: 1 / 0)
    with InProcess(logged.app) as client:
        client.post("/models/prices/predict", json=[[1, 2, 3]])
    (line,) = logged.lines()
    assert "ZeroDivisionError" in line["error"]


FORGING = st.text() | st.sampled_from(
    ['a\n{"time":"x","status":200}', "\u2028{}", "\x85", '"}', "\\", "\x00", "\ud800", "\x1b[2J"]
)


@given(path=FORGING, name=FORGING, identity=st.binary(max_size=80), header=st.binary(max_size=200))
def test_no_input_forges_a_line(
    kept: tuple[InProcess, Logged], path: str, name: str, identity: bytes, header: bytes
) -> None:
    """Whatever stands in a path, a model's name, a body or a header: one request, one line."""
    client, logged = kept
    headers = {
        name: value.translate(None, b"\r\n\0").strip()
        for name, value in (
            (b"x-request-id", identity),
            (b"traceparent", header),
            (b"content-type", header),
            (b"accept", header),
            (b"user-agent", header),
        )
    }
    said = quote(path.encode("utf-8", "surrogatepass"), safe="")
    called = quote(name.encode("utf-8", "surrogatepass"), safe="")
    content = json.dumps([{name: 1, path: name}])
    client.get(f"/{said}", headers=headers)
    client.post(f"/models/{called}/aliases/{said}/predict", content=content, headers=headers)
    client.post("/models/prices/predict", content=content, headers=headers)
    lines = logged.lines()
    assert len(lines) == 3
    for line in lines:
        assert line.keys() <= LINE
        assert len(line["path"]) <= 256
        assert re.fullmatch("[A-Za-z0-9-]{1,64}", line["request_id"])
        assert line.get("trace_id", "") == "" or len(line["trace_id"]) == 32


@given(FORGING)
def test_a_message_is_one_line(said: str) -> None:
    import logging  # noqa: PLC0415

    record = logging.LogRecord("x", logging.WARNING, "x", 1, "%s is not ready", (said,), None)
    line = JsonLines().format(record)
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["message"] == f"{said} is not ready"
