"""Many connections that ask again as soon as they are answered, in a process of their own.

`python load.py PORT CONNECTIONS SECONDS PATH BODYFILE` prints one JSON object: answers by status,
milliseconds of those that are 200, answers that are neither 200 nor 503 with Retry-After.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

import uvloop


class Told:
    """What all connections were answered."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.statuses: Counter[str] = Counter()
        self.times: list[float] = []
        self.lost = 0
        self.open: set[Asker] = set()


class Asker(asyncio.Protocol):
    """One connection."""

    def __init__(self, told: Told) -> None:
        self.told, self.buffer, self.began = told, b"", 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self.told.open.add(self)
        self.ask()

    def ask(self) -> None:
        self.began, self.buffer = time.perf_counter(), b""
        self.transport.write(self.told.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().split(b"content-length: ")[1].split()[0]):
            return
        status = head[9:12].decode()
        if status == "200":
            self.told.times.append(1000 * (time.perf_counter() - self.began))
        elif status == "503" and b"retry-after" not in head.lower():
            status = "503 without Retry-After"
        self.told.statuses[status] += 1
        self.began = 0.0
        if b"connection: close" not in head.lower():
            self.ask()

    def connection_lost(self, _: Exception | None) -> None:
        self.told.open.discard(self)
        self.told.lost += self.began > 0


async def main(port: int, connections: int, seconds: float, path: str, body: bytes) -> Told:
    """Ask for so many seconds; a connection that was closed comes again after a tenth."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    told = Told(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    loop, end = asyncio.get_running_loop(), time.perf_counter() + seconds
    while time.perf_counter() < end:
        missing = min(connections - len(told.open), 200)
        made = [
            loop.create_connection(lambda: Asker(told), "127.0.0.1", port) for _ in range(missing)
        ]
        await asyncio.gather(*made, return_exceptions=True)
        await asyncio.sleep(0.1)
    return told


if __name__ == "__main__":
    port, connections, seconds, path, body = sys.argv[1:]
    found = uvloop.run(
        main(int(port), int(connections), float(seconds), path, Path(body).read_bytes())
    )
    times = sorted(found.times) or [0.0]
    told = {
        "statuses": found.statuses,
        "lost": found.lost,
        "median": times[len(times) // 2],
        "p99": times[len(times) * 99 // 100],
    }
    print(json.dumps(told))
