"""A real server in a process of its own, on a free loopback port."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx


@dataclass
class Service:
    """A running server: its address, what it printed and what it logged."""

    address: str
    printed: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    client: httpx.Client = field(default_factory=httpx.Client)


def start(artifacts: Path, workers: int = 1) -> Iterator[Service]:
    """Start a server, wait until it says that it answers, stop it at the end."""
    code = f"from runtime.server import serve; serve({str(artifacts)!r}, port=0, workers={workers})"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    first = process.stdout.readline()
    assert first.startswith("isomorph serves "), process.stderr.read()
    service = Service(first.split()[-1])
    service.client = httpx.Client(base_url=service.address, timeout=30)
    readers = [
        threading.Thread(target=service.logged.extend, args=(process.stderr,), daemon=True),
        threading.Thread(target=service.printed.extend, args=(process.stdout,), daemon=True),
    ]
    for reader in readers:
        reader.start()
    yield service
    service.client.close()
    process.terminate()
    process.wait(timeout=30)
    for reader in readers:
        reader.join(5)
    process.stdout.close()
    process.stderr.close()
