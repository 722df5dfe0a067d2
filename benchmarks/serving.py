"""How near the service comes to a bare server: the same model, rows and machine, in one run.

    python benchmarks/serving.py [--quick] [--write]

Servers take turns on one processor, the load comes from others. Ratios of medians; --write puts
the tables into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import struct
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from load import Latencies, Request, at_rate, closed
from servers import CHECKOUT, Server, running

MODEL = CHECKOUT / "artifacts" / "breast_cancer" / "1"
ROWS = (1, 100, 1000)
RATES = (0.25, 0.5, 0.75, 0.9)


def manifest() -> Any:
    """The model's, which must have been converted."""
    return json.loads((MODEL / "manifest.json").read_bytes())


def records(count: int) -> list[dict[str, float]]:
    """Rows like those of training: uniform over each column's range."""
    generator = random.Random(0)  # noqa: S311 - no secrets
    columns = manifest()["signature"]["columns"]
    return [
        {each["name"]: generator.uniform(each["minimum"], each["maximum"]) for each in columns}
        for _ in range(count)
    ]


def native(rows: list[dict[str, float]]) -> Request:
    """Named records."""
    content: Any = rows if len(rows) > 1 else rows[0]
    return Request("/models/breast_cancer/predict", json.dumps(content).encode())


def v2_json(rows: list[dict[str, float]]) -> Request:
    """A tensor of numbers in JSON."""
    data = [value for row in rows for value in row.values()]
    tensor = {"name": "numbers", "datatype": "FP64", "shape": [len(rows), 30], "data": data}
    return Request("/v2/models/breast_cancer/infer", json.dumps({"inputs": [tensor]}).encode())


def v2_binary(rows: list[dict[str, float]]) -> Request:
    """The same tensor as bytes, the answers as bytes."""
    data = [value for row in rows for value in row.values()]
    blob = struct.pack(f"<{len(data)}d", *data)
    tensor = {"name": "numbers", "datatype": "FP64", "shape": [len(rows), 30]}
    tensor["parameters"] = {"binary_data_size": len(blob)}
    head = {"inputs": [tensor], "parameters": {"binary_data_output": True}}
    content = json.dumps(head).encode()
    return Request(
        "/v2/models/breast_cancer/infer",
        content + blob,
        "application/octet-stream",
        {"Inference-Header-Content-Length": str(len(content))},
    )


def mlflow(rows: list[dict[str, float]]) -> Request:
    """MLflow's dataframe_split."""
    split = {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}
    content = json.dumps({"dataframe_split": split}).encode()
    return Request("/endpoints/breast_cancer/invocations", content)


def arrow(rows: list[dict[str, float]]) -> Request:
    """An Arrow stream."""
    import pyarrow as pa  # noqa: PLC0415 - only this door needs it

    table = pa.Table.from_pylist(rows)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    media_type = "application/vnd.apache.arrow.stream"
    return Request("/models/breast_cancer/predict", sink.getvalue().to_pybytes(), media_type)


DOORS: dict[str, Callable[[list[dict[str, float]]], Request]] = {
    "native": native,
    "V2 JSON": v2_json,
    "V2 binary": v2_binary,
    "MLflow": mlflow,
    "Arrow": arrow,
}


def main() -> None:
    """Measure, print; write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of one second each")
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--doors", nargs="*", default=list(DOORS))
    options = parser.parse_args()
    rounds, seconds = (1, 1.0) if options.quick else (5, 2.0)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(start) for name, start in starts().items()}
        for name, server in servers.items():
            print(f"{name}: ready after {server.ready_seconds:.2f} s, {server.memory_mb():.0f} MB")
        for count in options.rows:
            print(throughput(servers, count, options.doors, rounds, seconds))
        if not options.quick:
            print(latency(servers))


def starts() -> dict[str, Any]:
    """The servers, each on processor 0."""
    quiet = ["--no-access-log", "--log-level", "warning", "--no-server-header"]
    bare = [sys.executable, "-m", "uvicorn", "--app-dir", "benchmarks", "--port", "{port}", *quiet]
    knows = {**os.environ, "ISOMORPH_BARE": str(MODEL)}
    waits = {**os.environ, "ISOMORPH_BULK_WAITING": "64"}  # more clients than tables at a time
    ours = [sys.executable, "-m", "isomorph", "serve", "artifacts", "--port", "{port}"]
    return {
        "empty": running([*bare, "bare:empty"], probe="/", core=0),
        "bare": running([*bare, "bare:bare"], probe="/ready", core=0, environment=knows),
        "ours": running(ours, probe="/v2/health/ready", core=0, environment=waits),
    }


def throughput(
    servers: dict[str, Server], count: int, doors: list[str], rounds: int, seconds: float
) -> str:
    """Closed loop: requests a second, beside the bare server, and processor time."""
    rows = records(count)
    asked = {"empty": ("empty", native(rows)), "bare": ("bare", native(rows))}
    asked |= {name: ("ours", DOORS[name](rows)) for name in doors}
    rates: dict[str, list[float]] = {name: [] for name in asked}
    costs: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, (server, request) in asked.items():
            before = servers[server].cpu_seconds()
            rate = closed(servers[server].port, request, seconds, "1-3")
            spent = servers[server].cpu_seconds() - before
            rates[name].append(rate)
            costs[name].append(1000 * spent / (rate * seconds))
    lines = [f"\n{count} rows" if count > 1 else "\n1 row"]
    lines.append(f"{'':12}{'requests/s':>12}{'to bare':>10}{'CPU s per 1,000':>17}")
    for name in asked:
        ratio = median(a / b for a, b in zip(rates[name], rates["bare"], strict=True))
        lines.append(
            f"{name:12}{median(rates[name]):>12.0f}{ratio:>10.2f}{median(costs[name]):>17.3f}"
        )
    return "\n".join(lines)


def latency(servers: dict[str, Server]) -> str:
    """Open loop, one row: at shares of what the closed loop reached."""
    lines = [f"\n{'open loop':12}{'share':>7}{'rate':>8}{'p50 ms':>9}{'p99 ms':>9}"]
    request = native(records(1))
    for name in ("bare", "ours"):
        port = servers[name].port
        most = closed(port, request, 2.0, "1-3")
        for share in RATES:
            found: Latencies = at_rate(port, request, share * most, 5.0)
            p50, p99 = (found.quantile(q) * 1000 for q in (0.5, 0.99))
            lines.append(f"{name:12}{share:>7.2f}{share * most:>8.0f}{p50:>9.2f}{p99:>9.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
