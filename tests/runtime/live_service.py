"""A real server in a process of its own, on a free loopback port."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import httpx


@dataclass
class Service:
    """A running server: its address, what it printed and what it logged."""

    address: str
    client: httpx.Client
    process: subprocess.Popen[str]
    printed: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)


@contextmanager
def start(
    artifacts: Path,
    workers: int = 1,
    model: str | None = None,
    environment: Mapping[str, str] | None = None,
    within: Sequence[str] = (),
) -> Iterator[Service]:
    """Start a server, wait until it says that it answers, stop it at the end.

    `environment`: variables to add; a port named there is the one that is taken. `within`: a
    command that runs another.
    """
    port = None if environment and {"PORT", "AIP_HTTP_PORT"} & environment.keys() else 0
    options = f"port={port}, workers={workers}, model={model!r}"
    code = f"from runtime.server import serve; serve({str(artifacts)!r}, {options})"
    with (
        subprocess.Popen(
            [*within, sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        ) as process,
        httpx.Client(timeout=30) as client,
    ):
        try:
            yield _ready(process, client)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _ready(process: subprocess.Popen[str], client: httpx.Client) -> Service:
    assert process.stdout is not None
    assert process.stderr is not None
    first = process.stdout.readline()
    assert first.startswith("isomorph serves "), process.stderr.read()
    service = Service(first.split()[-1], client, process)
    client.base_url = httpx.URL(service.address)
    for lines, stream in ((service.logged, process.stderr), (service.printed, process.stdout)):
        threading.Thread(target=_collect, args=(lines, stream), daemon=True).start()
    return service


def _collect(lines: list[str], stream: TextIO) -> None:
    for line in stream:
        lines.append(line)  # noqa: PERF402 - as they come, not at the end
