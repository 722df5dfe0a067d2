"""SIGTERM while requests come, bodies are half sent and connections wait to be accepted."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from live_service import start
from tiny_bundles import RECORD

BODY = json.dumps(RECORD).encode()
HEAD = b"POST /models/penguins/predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(
    BODY
)
WHOLE = HEAD + BODY


@dataclass
class Told:
    """What a stop did to the connections."""

    lost: list[str] = field(default_factory=list)
    """Requests that were sent whole before the signal and got no whole answer."""
    refused: int = 0
    """Connections after the signal, refused."""
    reset: int = 0
    """Connections after the signal, accepted by the kernel and then reset."""
    closed: int = 0
    """Kept connections that were closed as a request after the signal was on its way."""
    answered: int = 0
    halves: list[bytes] = field(default_factory=list)
    seconds: float = 0.0
    status: int = 0


def stop_under_load(
    artifacts: Path, workers: int = 1, *, finishing: bool = True, busy: int = 4
) -> Told:
    """Start a server, ask it, send it SIGTERM; `finishing`: half bodies are sent to their end."""
    told = Told()
    with start(artifacts, workers) as service:
        host, _, port = service.address.removeprefix("http://").partition(":")
        place, going = (host, int(port)), threading.Event()
        threads = [
            threading.Thread(target=_ask, args=(place, going, told, bool(i % 2)))
            for i in range(busy)
        ]
        for each in threads:
            each.start()
        halves = [_connected(place, WHOLE[: len(HEAD) + k]) for k in (0, 5, len(BODY) - 1)]
        time.sleep(0.3)
        burst = [_connected(place, WHOLE) for _ in range(20)]
        going.set()
        began = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        for k, each in zip((0, 5, len(BODY) - 1), halves, strict=True):
            if finishing:
                each.sendall(BODY[k:])
        for each in burst:
            answer = _answer(each)
            if not answer.startswith(b"HTTP/1.1 200"):
                told.lost.append(f"burst: {answer[:60]!r}")
        told.halves = [_answer(each) for each in halves]
        told.status = service.process.wait(timeout=40)
        told.seconds = time.monotonic() - began
        for each in threads:
            each.join()
    return told


def _connected(place: tuple[str, int], content: bytes) -> socket.socket:
    connection = socket.create_connection(place, timeout=40)
    connection.sendall(content)
    return connection


def _answer(connection: socket.socket) -> bytes:
    """All until the server closes, or an answer is whole."""
    found = b""
    with connection:
        try:
            while b"}" not in found and (piece := connection.recv(65536)):
                found += piece
        except OSError as error:
            return found + repr(error).encode()
    return found


def _ask(place: tuple[str, int], going: threading.Event, told: Told, keeping: bool) -> None:  # noqa: FBT001
    """Ask until nobody listens."""
    connection: socket.socket | None = None
    while True:
        before = not going.is_set()
        fresh = connection is None
        try:
            connection = connection or socket.create_connection(place, timeout=40)
        except OSError:
            told.refused += 1
            if before:
                told.lost.append("refused before the signal")
            return
        try:
            connection.sendall(WHOLE)
            sent_before = not going.is_set()
            answer = connection.recv(65536)
        except OSError as error:
            answer, sent_before = repr(error).encode(), sent_before if not fresh else before
        if answer.startswith(b"HTTP/1.1 200") and b"}" in answer:
            told.answered += 1
            if b"connection: close" in answer or not keeping:
                connection.close()
                connection = None
            continue
        connection.close()
        connection = None
        if sent_before:
            told.lost.append(f"{'new' if fresh else 'kept'}: {answer[:60]!r}")
        elif fresh:
            told.reset += 1
        else:
            told.closed += 1
