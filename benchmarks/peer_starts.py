"""Other servers of models: the environment of each, how it is started, how it is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from closed_loop import Request, scratch
from door_requests import MODEL, native, records
from servers import CHECKOUT, free_port

SOURCE = CHECKOUT / "models" / "breast_cancer.joblib"
SERVICES = CHECKOUT / "benchmarks" / "peer_services"
HOME = scratch() / "peers"
LEARN = ("scikit-learn==1.9.1", "pandas==3.1.1", "numpy==2.4.6", "joblib>=1.6")
PLAIN = ("fastapi==0.165.0", "uvicorn==0.54.0", "uvloop==0.23.0", "httptools==0.9.0")


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
