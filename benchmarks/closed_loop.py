"""Load on loopback, as fast as it goes: a closed loop, by wrk."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from servers import CHECKOUT, others, pinned

CONNECTIONS = 16


@dataclass(frozen=True)
class Request:
    """What is sent again and again."""

    path: str
    body: bytes = b""
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    others: tuple[bytes, ...] = ()
    """More bodies, which take turns with the first in a closed loop."""

    @property
    def fields(self) -> dict[str, str]:
        """Every header."""
        return {"Content-Type": self.media_type, **self.headers}

    def raw(self, host: str) -> bytes:
        """As it goes over the wire."""
        lines = [f"POST {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.fields.items()]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body


@dataclass(frozen=True)
class Closed:
    """What a closed loop found: requests answered with 200, a second and in all; milliseconds."""

    rate: float
    answered: int
    p50: float
    p99: float


def closed(
    port: int,
    request: Request,
    seconds: int,
    *,
    connections: int = CONNECTIONS,
    refusals: bool = False,
) -> Closed:
    """Connections that each wait for their answer, from the processors that are not the server's.

    Raises SystemExit where a connection breaks, or one is refused and `refusals` says no.
    """
    with sending(port, request, seconds, connections) as process:
        said, _ = process.communicate()
    found = json.loads(said.splitlines()[-1])
    if found["broken"] or (found["refused"] and not refusals) or process.returncode:
        raise SystemExit(f"{request.path}: {found}")
    answered = found["requests"] - found["refused"]
    return Closed(answered / found["seconds"], answered, found["p50"], found["p99"])


@contextmanager
def sending(
    port: int, request: Request, seconds: int, connections: int
) -> Iterator[subprocess.Popen[str]]:
    """wrk, ended when the block ends; its last line is what it found."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not here: install Debian's package `wrk`")
    url = f"http://127.0.0.1:{port}{request.path}"
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(_script(request))
        file.flush()
        command = [*pinned(others()), "wrk", *options, "-s", file.name, url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.terminate()


_DONE = """
function done(summary, latency)
  local errors = summary.errors
  local form = '{"requests": %d, "seconds": %f, "refused": %d, "broken": %d, '
    .. '"p50": %f, "p99": %f}\\n'
  io.write(string.format(form, summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


_TURNS = """
local formatted, turn = {}, 0
function init()
  for place, body in ipairs(bodies) do formatted[place] = wrk.format(nil, nil, nil, body) end
end
function request()
  turn = turn % #formatted + 1
  return formatted[turn]
end
"""


def _script(request: Request) -> str:
    """The request, and the figures in JSON, in wrk's Lua."""
    fields = "".join(f"wrk.headers[{_lua(k)}] = {_lua(v)}\n" for k, v in request.fields.items())
    bodies = ", ".join(map(_lua, (request.body, *request.others)))
    turns = f"local bodies = {{{bodies}}}{_TURNS}" if request.others else ""
    return f"wrk.method = 'POST'\nwrk.body = {_lua(request.body)}\n{fields}{turns}{_DONE}"


def _lua(text: str | bytes) -> str:
    """A Lua string, byte for byte."""
    content = text.encode() if isinstance(text, str) else text
    plain = set(range(32, 127)) - {ord('"'), ord("\\")}
    return '"' + "".join(chr(b) if b in plain else f"\\{b:03d}" for b in content) + '"'


def scratch() -> Path:
    """Where models and environments of peers are kept between runs."""
    return CHECKOUT / ".build"
