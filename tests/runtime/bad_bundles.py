"""Bundles that must never answer, each bad in its own way, and what their reason must say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hostile
from hostile import GRAPHS
from tiny_bundles import rehash, write_prices

FILES = ("model.onnx", "golden.json", "manifest.json", "parity.json")

# Those that use up their seconds are few of each hundred.
_QUICK = [name for name, (_, reason) in GRAPHS.items() if "without an end" not in reason]
_SLOW = [name for name in GRAPHS if name not in _QUICK]


def bad_bundles(elsewhere: Path, count: int, first: int) -> Iterator[tuple[Path, str]]:
    """`count` directories, the versions from `first`, and a part of the reason of each."""
    for i in range(count):
        place = write_prices(elsewhere, version=first + i, scale=2.0).path
        yield place, _spoil(place, i)


def _spoil(place: Path, i: int) -> str:
    turn, each = divmod(i, len(_WAYS))
    return _WAYS[each](place, turn)


def _cut(place: Path, turn: int) -> str:
    file = place / FILES[turn % 4]
    content = file.read_bytes()
    file.write_bytes(content[: (turn * 37) % len(content)])
    return "not a manifest" if file.name == "manifest.json" else "is not the one that was written"


def _flip(place: Path, turn: int) -> str:
    file = place / ("model.onnx", "golden.json", "parity.json")[turn % 3]
    content = bytearray(file.read_bytes())
    content[(turn * 31) % len(content)] ^= 1 << turn % 8
    file.write_bytes(content)
    return "is not the one that was written"


def _cut_and_forged(place: Path, turn: int) -> str:
    """A half graph whose hash is right."""
    file = place / "model.onnx"
    content = file.read_bytes()
    file.write_bytes(content[: turn * 13 % len(content)])
    rehash(place)
    return ""


def _golden(place: Path, turn: int) -> str:
    golden = json.loads((place / "golden.json").read_bytes())
    golden["expected"]["outputs"][0]["data"][turn % 2] += 10.0 ** (-turn % 9 - 3)
    (place / "golden.json").write_text(json.dumps(golden))
    rehash(place)
    return "does not repeat the original"


def _no_golden(place: Path, turn: int) -> str:
    golden: Any = (b"{}", b"[" * 100_000, b"\xff", b'{"inputs":[],"expected":{"outputs":[]}}')
    (place / "golden.json").write_bytes(golden[turn % 4])
    rehash(place)
    return ""


def _graph(place: Path, turn: int) -> str:
    name = _SLOW[turn % len(_SLOW)] if turn % 20 == 19 else _QUICK[turn % len(_QUICK)]
    made, reason = GRAPHS[name]
    (place / "model.onnx").write_bytes(made())
    rehash(place)
    return reason


def _strange(place: Path, turn: int) -> str:
    spoil = (hostile.linked, hostile.hard_linked, hostile.pipe, _more, _fewer, _elsewhere)[turn % 6]
    return spoil(place) or "plain files only"


def _more(place: Path) -> str:
    (place / "more").write_text("x")
    return "not in the manifest"


def _fewer(place: Path) -> str:
    (place / "golden.json").unlink()
    return "missing"


def _elsewhere(place: Path) -> str:
    manifest = (place / "manifest.json").read_bytes()
    changed = manifest.replace(b'"name": "prices"', b'"name": "others"')
    (place / "manifest.json").write_bytes(changed)
    return "the manifest says others/"


_WAYS: tuple[Callable[[Path, int], str], ...] = (
    _cut,
    _flip,
    _cut_and_forged,
    _golden,
    _no_golden,
    _graph,
    _strange,
)


def offered(place: Path, artifacts: Path) -> None:
    """Put it where it is found, all at once."""
    place.rename(artifacts / "prices" / place.name)
