"""Which processes of a server are its workers, and which of them answer."""

from __future__ import annotations

import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from live_service import Service
from load import post
from tiny_bundles import RECORD


def workers(service: Service) -> list[int]:
    """The processes that serve: forks of the server; those that try bundles run other code."""
    server = service.process.pid
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return [each for each in map(int, children) if command(each) == command(server)]


def command(process: int) -> bytes:
    """What it runs; empty once it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def within(seconds: float, service: Service, gone: int) -> float:
    """How long until two others have answered."""
    began, seen = time.monotonic(), set[int]()
    while True:
        seen.add(answered_by(service))
        now = workers(service)
        if len(now) == 2 and gone not in now and seen.issuperset(now):
            return time.monotonic() - began
        assert time.monotonic() - began < seconds, "its capacity is not back"
        time.sleep(0.005)


def answered_by(service: Service) -> int:
    """The worker that answered a request on a new connection, which it still holds; 0: none did."""
    host = service.address.removeprefix("http://")
    with suppress(OSError, HTTPException), closing(HTTPConnection(host, timeout=5)) as connection:
        if post(connection, "/models/penguins/predict", RECORD)[0] == 200:
            socket = f"socket:[{_inode(*connection.sock.getsockname())}]"
            return next((each for each in workers(service) if socket in _open(each)), 0)
    return 0


def _inode(host: str, port: int) -> str:
    """Of the server's end of a connection from here."""
    wanted = f"{int.from_bytes(bytes(map(int, host.split('.'))), 'little'):08X}:{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return next((each[9] for each in map(str.split, lines) if each[2] == wanted), "")


def _open(process: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for each in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                found.add(str(each.readlink()))
    return found
