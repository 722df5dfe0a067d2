"""The Go example runs as it stands, and its answers are the engine's, bit for bit."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from parity_tests.found import ROOT, bundles
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

GO = os.environ.get("GO") or shutil.which("go")
if GO is None:
    pytest.skip("no go on the path, and GO names none", allow_module_level=True)

EXAMPLE = CLIENTS / "go" / "predict.go"
HOME = {"GOCACHE": str(ROOT / ".build" / "clients" / "go" / "cache"), "GO111MODULE": "off"}


def test_example(service: str) -> None:
    one, large = (
        "{" + each["label"] + " map[" + _pairs(each["probabilities"]) + "]}" for each in species()
    )
    assert _go("run", EXAMPLE, "-service", service) == [
        f"[{one} {large}] <nil>",
        f"[{one}] <nil>",
        "422 in row 1, year: the number is outside what the model accepts",
    ]


def _pairs(values: dict[str, Any]) -> str:
    return " ".join(f"{name}:{value:g}" for name, value in values.items())


def test_golden(service: str) -> None:
    with workplace("go") as place:
        copied(place, [EXAMPLE, HERE / "golden_test.go"])
        files = ["predict.go", "golden_test.go"]
        check_golden(_go("test", "-v", *files, "-service", service, *bundles(), place=place))


def test_style() -> None:
    _go("vet", EXAMPLE)


def _go(*words: str | Path, place: Path = HERE) -> list[str]:
    assert GO
    return lines(run([GO, *words], place, **HOME))
