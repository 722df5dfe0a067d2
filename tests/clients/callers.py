"""Callers in other languages as processes, and what they are to print."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import isomorph
from bundle import golden
from bundle.arrays import Arrays, plain
from bundle.signature import Output
from parity_tests.found import ROOT, bundles

CLIENTS = ROOT / "examples" / "clients"
HERE = Path(__file__).parent
ADELIE = {
    "bill_length_mm": 39.1,
    "bill_depth_mm": 18.7,
    "flipper_length_mm": 181,
    "body_mass_g": 3750,
    "year": 2007,
    "island": "Torgersen",
    "sex": "male",
}
LARGE = {**ADELIE, "flipper_length_mm": 230, "sex": None}
"""The two penguins of every example."""


@contextmanager
def workplace(name: str) -> Iterator[Path]:
    """A folder under .build/ that outlives the run; one process at a time is in it."""
    place = ROOT / ".build" / "clients" / name
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def copied(place: Path, sources: Iterable[Path]) -> None:
    """Put the newest text of these files there."""
    for source in sources:
        shutil.copy(source, place)


def run(
    command: list[str | Path], place: Path, service: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command there; ISOMORPH names the service."""
    return subprocess.run(
        command,
        cwd=place,
        env={**os.environ, "ISOMORPH": service, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What a process printed that ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def species() -> list[dict[str, Any]]:
    """What the bundle itself says of the two penguins."""
    bundle = isomorph.open(ROOT / "artifacts" / "penguins" / "1")
    answers = bundle.predict([ADELIE, LARGE])
    names = bundle.signature.output("probabilities").names
    assert names is not None
    return [
        {"label": str(label), "probabilities": dict(zip(names, values, strict=True))}
        for label, values in zip(answers["label"], answers["probabilities"].tolist(), strict=True)
    ]


def check_golden(printed: list[str]) -> None:
    """The lines of a golden program say, of every bundle, what the engine says, bit for bit."""
    found = sorted(line for line in printed if line.count("\t") > 1 and not line.startswith("ok"))
    due: list[str] = []
    for path in bundles():
        bundle = isomorph.open(path)
        rows, recorded = golden.decode((path / "golden.json").read_bytes())
        answers = bundle.engine.run(rows)
        _check_recorded(answers, recorded)
        for output in bundle.signature.outputs:
            due += _lines(bundle.manifest.name, output, answers[output.name].tolist())
    assert due
    assert found == sorted(due)


def _check_recorded(answers: Arrays, recorded: Arrays) -> None:
    for name, values in recorded.items():
        if values.dtype == np.float64:
            np.testing.assert_allclose(answers[name], values, rtol=1e-12, atol=1e-12)
        else:
            np.testing.assert_array_equal(answers[name], values)


def _lines(model: str, output: Output, values: list[Any]) -> Iterator[str]:
    for row, value in enumerate(values):
        place = f"{model}\t{row}\t{output.name}"
        if output.width is None:
            yield f"{place}\t{_cell(value)}"
            continue
        for name, each in zip(output.names or range(output.width), value, strict=True):
            yield f"{place}\t{name}\t{_cell(each)}"


def _cell(value: Any) -> str:
    """A text as it is, a number by its bits."""
    value = plain(value)
    return struct.pack(">d", value).hex() if isinstance(value, int | float) else str(value)
