"""Load on loopback: as fast as it goes (closed loop, wrk), or at a fixed rate (open loop)."""

from __future__ import annotations

import asyncio
import math
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS = 16


@dataclass(frozen=True)
class Request:
    """What is sent again and again."""

    path: str
    body: bytes = b""
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

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


def closed(port: int, request: Request, seconds: float, cores: str = "") -> float:
    """Requests per second of CONNECTIONS that each wait for their answer."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not here: install Debian's package `wrk`")
    fields = "".join(f"wrk.headers[{_lua(k)}] = {_lua(v)}\n" for k, v in request.fields.items())
    script = f"wrk.method = 'POST'\nwrk.body = {_lua(request.body)}\n{fields}"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        url = f"http://127.0.0.1:{port}{request.path}"
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", file.name, url]
        said = subprocess.run(
            [*_pinned(cores), *command], capture_output=True, text=True, check=True
        ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{request.path}: {said}")
    return float(re.findall(r"Requests/sec:\s+([0-9.]+)", said)[0])


def _pinned(cores: str) -> list[str]:
    return ["taskset", "-c", cores] if cores and shutil.which("taskset") else []


def _lua(text: str | bytes) -> str:
    """A Lua string, byte for byte."""
    content = text.encode() if isinstance(text, str) else text
    plain = set(range(32, 127)) - {ord('"'), ord("\\")}
    return '"' + "".join(chr(b) if b in plain else f"\\{b:03d}" for b in content) + '"'


@dataclass
class Latencies:
    """Seconds from when each request was due, not from when a connection was free for it."""

    due: int
    seconds: list[float]
    statuses: dict[int, int]

    def quantile(self, share: float) -> float:
        """Nearest rank; infinite if that many were never answered."""
        rank = math.ceil(share * self.due)
        ordered = sorted(self.seconds)
        return ordered[rank - 1] if rank <= len(ordered) else math.inf


def at_rate(port: int, request: Request, rate: float, seconds: float) -> Latencies:
    """Send `rate` requests a second, whether answers come or not; over up to 512 connections."""
    return asyncio.run(_at_rate(port, request, rate, seconds))


async def _at_rate(port: int, request: Request, rate: float, seconds: float) -> Latencies:
    sender = _Sender(port, request.raw(f"127.0.0.1:{port}"))
    started, due = time.perf_counter(), int(rate * seconds)
    tasks = []
    for number in range(due):
        at = started + number / rate
        wait = at - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(sender.send(at)))
    await asyncio.wait(tasks, timeout=10)
    for task in tasks:
        task.cancel()
    sender.close()
    return Latencies(due, sender.seconds, sender.statuses)


class _Sender:
    """Keeps connections; each carries one request at a time."""

    def __init__(self, port: int, content: bytes) -> None:
        self.port, self.content = port, content
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.room = asyncio.Semaphore(512)
        self.seconds: list[float] = []
        self.statuses: dict[int, int] = {}

    async def send(self, due: float) -> None:
        """One request and its answer."""
        async with self.room:
            reader, writer = (
                self.free.pop()
                if self.free
                else await asyncio.open_connection("127.0.0.1", self.port)
            )
            writer.write(self.content)
            status = await _answer(reader)
            self.seconds.append(time.perf_counter() - due)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.free.append((reader, writer))

    def close(self) -> None:
        """Let the connections go."""
        for _, writer in self.free:
            writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    if length:
        await reader.readexactly(int(length[1]))
    else:
        while True:
            size = int((await reader.readline()).strip(), 16)
            await reader.readexactly(size + 2)
            if size == 0:
                break
    return int(head[9:12])


def scratch() -> Path:
    """Where environments of peers are kept between runs."""
    return Path(__file__).resolve().parent.parent / ".build"
