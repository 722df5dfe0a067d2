"""Requests that share a run against requests that do not; a small model beside a busy big one.

    python benchmarks/gathering.py [--seconds 5] [--rounds 3]

A forest of 500 trees, made and kept under .build/. 32 clients send one row each, as fast as they
are answered; both servers are up at once and take turns, since the machine may be busy otherwise.
Then a small model is asked at a fixed rate, alone and while eight clients keep the forest busy.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from load import Request, _lua, at_rate, scratch
from servers import CHECKOUT, Server, running

sys.path.insert(0, str(CHECKOUT))

TREES, ROWS = 500, 2000
CLIENTS = 32
SERVE = "from runtime.server import serve; serve({place!r}, port={{port}})"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    place = scratch() / "gathering"
    forest, small = models(place)
    with ExitStack() as stack:
        command = [sys.executable, "-c", SERVE.format(place=str(place))]
        servers = {
            gather: stack.enter_context(
                running(command, probe="/readyz", environment=_with(gather))
            )
            for gather in ("never", "auto")
        }
        for gather, server in servers.items():
            print(f"gather={gather}: {json.dumps(_shown(server.port)['decided'])}")
        together(servers, forest, options.seconds, options.rounds)
        beside(servers["auto"].port, forest, small, options.seconds, options.rounds)


def together(servers: dict[str, Server], request: Request, seconds: float, rounds: int) -> None:
    """The first table: medians over the rounds."""
    found: dict[str, list[tuple[float, ...]]] = {gather: [] for gather in servers}
    for _ in range(rounds):
        for gather, server in servers.items():
            before = server.cpu_seconds()
            rate, half, worst = wrk(server.port, request, seconds)
            spent = (server.cpu_seconds() - before) / (rate * seconds) * 1e6
            found[gather].append((rate, half, worst, spent))
    print(f"\n{CLIENTS} clients, one row each, {TREES} trees")
    print(f"{'gather':10}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}{'CPU us':>10}")
    for gather, each in found.items():
        rate, *times = (statistics.median(column) for column in zip(*each, strict=True))
        print(f"{gather:10}{rate:12.0f}{''.join(f'{time:10.2f}' for time in times)}")
    ratios = [a[0] / n[0] for a, n in zip(found["auto"], found["never"], strict=True)]
    print(f"{statistics.median(ratios):.2f} times the requests (rounds: {_few(ratios)})")


def beside(port: int, forest: Request, small: Request, seconds: float, rounds: int) -> None:
    """The second table: a small model, 100 requests a second."""
    alone, busy = [], []
    for _ in range(rounds):
        alone.append(at_rate(port, small, 100, seconds))
        with Busy(port, forest):
            busy.append(at_rate(port, small, 100, seconds))
    print("\na small model, 100 requests a second")
    print(f"{'the forest':14}{'p50 ms':>10}{'p99 ms':>10}")
    for name, each in (("idle", alone), ("8 clients", busy)):
        half, worst = (_median_ms(each, share) for share in (0.5, 0.99))
        print(f"{name:14}{half:10.2f}{worst:10.2f}")


def _median_ms(found: list[Any], share: float) -> float:
    return statistics.median(each.quantile(share) * 1e3 for each in found)


class Busy:
    """Clients of the forest, each sending its rows again and again."""

    def __init__(self, port: int, request: Request, clients: int = 8) -> None:
        self.stop = threading.Event()
        self.port, self.request, self.clients = port, request, clients

    def __enter__(self) -> None:
        self.process = subprocess.Popen(
            _wrk(self.port, self.request, 3600, self.clients), stdout=subprocess.DEVNULL
        )
        time.sleep(0.3)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


def _wrk(port: int, request: Request, seconds: float, clients: int) -> list[str]:
    fields = "".join(f"wrk.headers[{_lua(k)}] = {_lua(v)}\n" for k, v in request.fields.items())
    script = f"wrk.method = 'POST'\nwrk.body = {_lua(request.body)}\n{fields}"
    file = scratch() / f"gathering-{abs(hash((request.path, request.body)))}.lua"
    file.write_text(script)
    url = f"http://127.0.0.1:{port}{request.path}"
    return ["wrk", "-t1", f"-c{clients}", f"-d{seconds:g}s", "--latency", "-s", str(file), url]


def wrk(port: int, request: Request, seconds: float) -> tuple[float, float, float]:
    """Requests answered with 200 a second, p50 and p99 in milliseconds."""
    command = _wrk(port, request, seconds, CLIENTS)
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Socket errors" in said:
        raise SystemExit(said)
    refused = re.findall(r"Non-2xx or 3xx responses: (\d+)", said)  # 503: a stall of the machine
    words = {line.split()[0]: line.split()[1] for line in said.splitlines() if line.split()[1:]}
    rate = float(words["Requests/sec:"]) - sum(map(int, refused)) / seconds
    return rate, _ms(words["50%"]), _ms(words["99%"])


def _ms(text: str) -> float:
    for unit, factor in (("us", 1e-3), ("ms", 1.0), ("s", 1e3)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    return math.nan


def _few(values: list[float]) -> str:
    return ", ".join(f"{each:.2f}" for each in values)


def _with(gather: str) -> dict[str, str]:
    return {**os.environ, "ISOMORPH_GATHER": gather, "PYTHONPATH": str(CHECKOUT)}


def _shown(port: int) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/models/forest")
    found: dict[str, Any] = json.load(connection.getresponse())
    connection.close()
    return found


def models(place: Path) -> tuple[Request, Request]:
    """Convert the forest and the small model, unless they are there; a request to each."""
    from sklearn.datasets import make_classification  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    columns, labels = make_classification(ROWS, 20, n_informative=10, flip_y=0.1, random_state=0)
    made = {
        "forest": RandomForestClassifier(TREES, random_state=0),
        "small": LogisticRegression(),
    }
    for name, model in made.items():
        if not (place / name).is_dir():
            write(place, name, model.fit(columns, labels), columns[:200])
    row = json.dumps([columns[0].tolist()]).encode()
    return Request("/models/forest/predict", row), Request("/models/small/predict", row)


def write(place: Path, name: str, model: Any, sample: Any) -> None:
    """A bundle without its proof, which takes longer than all that is measured here."""
    from bundle import golden  # noqa: PLC0415
    from bundle.manifest import Manifest, Source, TargetVerdict, Verdict  # noqa: PLC0415
    from bundle.writer import write_bundle  # noqa: PLC0415
    from converters.describe import describe  # noqa: PLC0415
    from converters.sklearn_to_onnx import sklearn_to_onnx  # noqa: PLC0415

    original, rows, task = describe(model, sample)
    few = {block: values[:8] for block, values in rows.items()}
    manifest = Manifest(
        name=name,
        version=1,
        task=task,
        created="2026-01-01T00:00:00Z",
        signature=original.signature,
        verdict=Verdict(targets=(TargetVerdict(target="onnx", status="pass", tolerance=1e-9),)),
        source=Source(estimator=type(model).__name__, format="memory"),
        versions={},
        files={},
    )
    files = {
        "model.onnx": sklearn_to_onnx(model, original.signature, name=name),
        "golden.json": golden.encode(original.signature, few, original(few)),
        "parity.json": b"{}",
    }
    write_bundle(place, manifest, files)


if __name__ == "__main__":
    main()
