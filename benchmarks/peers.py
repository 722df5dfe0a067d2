"""How the service stands beside others that serve models: one model, one row, one run.

    python benchmarks/peers.py [--quick] [--only MLflow ...] [--write]

Each peer has an environment of its own under .build/peers, which is made on first use, and its own
contract; each answers with the same trained model, as its documentation has it: scikit-learn
behind all but one. Servers take turns on one processor, the load comes from others. --write puts
the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import Request as Asking
from urllib.request import urlopen

from load import Request, at_rate, closed, scratch
from servers import CHECKOUT, Server, free_port, running
from serving import MODEL, native, records

SOURCE = CHECKOUT / "models" / "breast_cancer.joblib"
SERVICES = CHECKOUT / "benchmarks" / "peer_services"
HOME = scratch() / "peers"
PAGE = CHECKOUT / "docs" / "benchmarks.md"
HEADING = "## Peers"
LEARN = ("scikit-learn==1.9.1", "pandas==3.1.1", "numpy==2.4.6", "joblib>=1.6")
PLAIN = ("fastapi==0.165.0", "uvicorn==0.54.0", "uvloop==0.23.0", "httptools==0.9.0")
SHARE = 0.5  # of what the closed loop reached, for the open one


def make(peer: Peer) -> Path:
    """The Python of the peer's environment. Raises CalledProcessError."""
    home = HOME / peer.environment
    python, stamp, wanted = home / "bin" / "python", home / "packages.txt", "\n".join(peer.packages)
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f"{peer.name}: installing {' '.join(peer.packages)}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        install = [python, "-m", "pip", "install", "-q", *peer.packages]
        subprocess.run(install, check=True, capture_output=True, text=True)
        stamp.write_text(wanted)
    return python


@dataclass(frozen=True)
class Peer:
    """A way to serve the model: how to start it, how to ask it, where the label stands."""

    name: str
    start: Callable[[Path], tuple[list[str], dict[str, str]]]
    """From its Python to the command, where {port} stands for the port, and variables to add."""
    ask: Callable[[dict[str, float]], Request]
    label: Callable[[Any], Any]
    probe: str
    environment: str = ""
    packages: tuple[str, ...] = field(default=())
    shown: str = ""
    """The package whose version is printed."""


def _ours(python: Path) -> tuple[list[str], dict[str, str]]:
    return [str(python), "-m", "isomorph", "serve", "artifacts", "--port", "{port}"], {}


def _mlflow(python: Path) -> tuple[list[str], dict[str, str]]:
    place = HOME / "mlflow-model"
    if not place.is_dir():
        subprocess.run([python, SERVICES / "mlflow_model.py", SOURCE, place], check=True)
    command = [str(python), "-m", "mlflow", "models", "serve", "-m", str(place)]
    options = ["--env-manager", "local", "--host", "127.0.0.1", "--port", "{port}"]
    return [*command, *options, "--workers", "1"], _path(python)


def _mlserver(python: Path) -> tuple[list[str], dict[str, str]]:
    place = HOME / "mlserver-model"
    place.mkdir(exist_ok=True)
    model = {
        "name": "breast_cancer",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": str(SOURCE)},
    }
    (place / "model-settings.json").write_text(json.dumps(model))
    (place / "settings.json").write_text('{"debug": false, "host": "127.0.0.1"}')
    ports = {
        "MLSERVER_GRPC_PORT": str(free_port()),
        "MLSERVER_METRICS_PORT": str(free_port()),
        "MLSERVER_METRICS_DIR": str(place),
    }
    start = [str(python.parent / "mlserver"), "start", str(place)]
    return ["env", "MLSERVER_HTTP_PORT={port}", *start], ports | _path(python)


def _bentoml(python: Path) -> tuple[list[str], dict[str, str]]:
    command = [str(python), "-m", "bentoml", "serve", "bento:Model", "--port", "{port}"]
    variables = {
        "ISOMORPH_PEER_MODEL": str(SOURCE),
        "BENTOML_HOME": str(HOME / "bentoml-home"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    return [*command, "--host", "127.0.0.1", "--working-dir", str(SERVICES)], (
        variables | _path(python)
    )


def _litserve(python: Path) -> tuple[list[str], dict[str, str]]:
    return [str(python), str(SERVICES / "lit.py"), "{port}", str(SOURCE)], _path(python)


def _plain(model: Path) -> Callable[[Path], tuple[list[str], dict[str, str]]]:
    def start(python: Path) -> tuple[list[str], dict[str, str]]:
        command = [str(python), "-m", "uvicorn", "--app-dir", str(SERVICES), "plain:app"]
        variables = {
            "ISOMORPH_PEER_MODEL": str(model),
            "ISOMORPH_PEER_COLUMNS": json.dumps(list(records(1)[0])),
        }
        return [*command, "--port", "{port}", "--no-access-log"], variables | _path(python)

    return start


def _path(python: Path) -> dict[str, str]:
    """Commands of the peer's environment first; nothing of ours, and no reports home."""
    return {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": "",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def _split(row: dict[str, float]) -> Request:
    split = {"columns": list(row), "data": [list(row.values())]}
    return Request("/invocations", json.dumps({"dataframe_split": split}).encode())


def _v2(row: dict[str, float]) -> Request:
    values = list(row.values())
    tensor = {"name": "numbers", "datatype": "FP64", "shape": [1, len(values)], "data": values}
    outputs = [{"name": "predict"}, {"name": "predict_proba"}]
    body = json.dumps({"inputs": [tensor], "outputs": outputs})
    return Request("/v2/models/breast_cancer/infer", body.encode())


def _json(path: str, form: Callable[[list[float]], Any]) -> Callable[[dict[str, float]], Request]:
    return lambda row: Request(path, json.dumps(form(list(row.values()))).encode())


PEERS = (
    Peer("isomorph", _ours, lambda row: native([row]), lambda said: said["label"], "/readyz"),
    Peer(
        "FastAPI, onnxruntime",
        _plain(MODEL / "model.onnx"),
        lambda row: Request("/predict", json.dumps(row).encode()),
        lambda said: said["label"],
        "/",
        "fastapi-onnx",
        (*PLAIN, "onnxruntime==1.31.1", "numpy==2.4.6"),
        "fastapi",
    ),
    Peer(
        "FastAPI, scikit-learn",
        _plain(SOURCE),
        lambda row: Request("/predict", json.dumps(row).encode()),
        lambda said: said["label"],
        "/",
        "fastapi",
        (*PLAIN, *LEARN),
        "fastapi",
    ),
    Peer(
        "LitServe",
        _litserve,
        _json("/predict", lambda values: {"input": values}),
        lambda said: said["label"],
        "/health",
        "litserve",
        ("litserve==0.2.19", *LEARN),
        "litserve",
    ),
    Peer(
        "BentoML",
        _bentoml,
        _json("/predict", lambda values: {"rows": [values]}),
        lambda said: said["label"][0],
        "/readyz",
        "bentoml",
        ("bentoml==1.4.39", *LEARN),
        "bentoml",
    ),
    Peer(
        "MLServer",
        _mlserver,
        _v2,
        lambda said: said["outputs"][0]["data"][0],
        "/v2/models/breast_cancer/ready",
        "mlserver",
        # Its workers end at once with uvloop 0.23, which makes no event loop where there is none.
        ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop==0.21.0", *LEARN),
        "mlserver",
    ),
    Peer(
        "MLflow",
        _mlflow,
        _split,
        lambda said: said["predictions"][0],
        "/ping",
        "mlflow",
        ("mlflow==3.17.2", *LEARN),
        "mlflow",
    ),
)


@dataclass
class Measured:
    """Of one peer: requests a second in each round, and the open loop's quantiles in ms."""

    version: str
    rates: list[float] = field(default_factory=list)
    p50: float = 0.0
    p99: float = 0.0


def main() -> None:
    """Measure, print; write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of one second each")
    parser.add_argument("--only", nargs="*", help="names of peers")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    chosen = [p for p in PEERS if not options.only or p.name in ("isomorph", *options.only)]
    rounds, seconds = (1, 1.0) if options.quick else (5, 3.0)
    HOME.mkdir(parents=True, exist_ok=True)
    absent: dict[str, str] = {}
    found = measure(chosen, rounds, seconds, absent)
    section = table(found, absent, rounds, seconds)
    print(section)
    if options.write:
        write(section)


def measure(
    peers: list[Peer], rounds: int, seconds: float, absent: dict[str, str]
) -> dict[str, Measured]:
    """All of them take turns; `absent` gets the reasons of those that cannot."""
    row = records(1)[0]
    found: dict[str, Measured] = {}
    with ExitStack() as stack:
        started: dict[str, tuple[Peer, Server]] = {}
        for peer in peers:
            try:
                version, server = begin(peer, stack)
                check(peer, server, row)
            except subprocess.CalledProcessError as error:
                lines = str(error.stderr or error).strip().splitlines()
                absent[peer.name] = lines[-1] if lines else "it cannot be installed"
            except (SystemExit, OSError) as error:
                absent[peer.name] = str(error)
            else:
                found[peer.name] = Measured(version)
                started[peer.name] = peer, server
        for peer, server in started.values():
            closed(server.port, peer.ask(row), 1.0, "1-3")  # warm
        for _ in range(rounds):
            for name, (peer, server) in started.items():
                found[name].rates.append(closed(server.port, peer.ask(row), seconds, "1-3"))
        for name, (peer, server) in started.items():
            rate = SHARE * median(found[name].rates)
            latencies = at_rate(server.port, peer.ask(row), rate, seconds)
            found[name].p50, found[name].p99 = (latencies.quantile(q) * 1000 for q in (0.5, 0.99))
    return found


def begin(peer: Peer, stack: ExitStack) -> tuple[str, Server]:
    """Its version and its running server, on processor 0."""
    python = make(peer) if peer.packages else Path(sys.executable)
    command, variables = peer.start(python)
    environment = {**os.environ, **variables}
    server = stack.enter_context(
        running(command, probe=peer.probe, core=0, environment=environment)
    )
    print(f"{peer.name}: ready after {server.ready_seconds:.1f} s, {server.memory_mb():.0f} MB")
    ask = f"from importlib.metadata import version; print(version({peer.shown!r}))"
    said = "this" if not peer.shown else subprocess.check_output([python, "-c", ask], text=True)
    return said.strip(), server


def check(peer: Peer, server: Server, row: dict[str, float]) -> None:
    """Its answer is the model's. Raises SystemExit."""
    asked = peer.ask(row)
    url = f"http://127.0.0.1:{server.port}{asked.path}"
    with urlopen(Asking(url, asked.body, asked.fields), timeout=30) as answer:
        label = peer.label(json.load(answer))
    if label != expected(row):
        raise SystemExit("it answers another label than the model")


def expected(row: dict[str, float]) -> Any:
    """The label, by the original itself."""
    import joblib  # noqa: PLC0415 - with scikit-learn it takes a second
    import pandas as pd  # noqa: PLC0415

    return joblib.load(SOURCE).predict(pd.DataFrame([row]))[0]


def table(found: dict[str, Measured], absent: dict[str, str], rounds: int, seconds: float) -> str:
    """The section, with ratios of ours to each in the same rounds."""
    ours = found["isomorph"]
    lines = [
        HEADING,
        "",
        f"Made by `make bench-peers`; do not edit. {machine()}, {time.strftime('%Y-%m-%d')}. "
        "One row of breast_cancer (30 columns, logistic regression) in each server's own contract, "
        "one worker on one processor, wrk with 16 connections on the others; median of "
        f"{rounds} rounds of {seconds:g} s in turn. Open loop: at half of its own rate.",
        "",
        "| server | version | requests/s | isomorph is faster by | open loop p50, ms | p99, ms |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for name, each in found.items():
        ratio = median(a / b for a, b in zip(ours.rates, each.rates, strict=True))
        lines.append(
            f"| {name} | {each.version} | {median(each.rates):.0f} | {ratio:.1f} | "
            f"{each.p50:.2f} | {each.p99:.2f} |"
        )
    lines += ["", *(f"{name} was not measured: {why}" for name, why in absent.items())]
    return "\n".join(lines).rstrip() + "\n"


def machine() -> str:
    """Processor, how many, Python."""
    cpu = Path("/proc/cpuinfo")
    names = [x for x in cpu.read_text().splitlines() if x.startswith("model name")]
    model = names[0].partition(":")[2].strip() if names else platform.machine()
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}"


def write(section: str) -> None:
    """Replace the page's section of this heading, or add it."""
    page = PAGE.read_text() if PAGE.is_file() else "# Benchmarks\n"
    before, found, after = page.partition(f"\n{HEADING}\n")
    rest = f"\n## {after.partition(chr(10) + '## ')[2]}" if found and "\n## " in after else ""
    PAGE.write_text(f"{before.rstrip()}\n\n{section}{rest}")


if __name__ == "__main__":
    main()
