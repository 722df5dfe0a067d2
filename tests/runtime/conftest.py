"""Tiny bundles made by hand, and a real server over them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The suite imports in importlib mode, which leaves this folder off the path.
sys.path.insert(0, str(Path(__file__).parent))

from live_service import Service, start
from tiny_bundles import write_penguins, write_prices


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mixed classifier in two versions, and a regression on an array."""
    root = tmp_path_factory.mktemp("artifacts")
    write_penguins(root, version=1)
    write_penguins(root, version=2)
    write_prices(root)
    return root


@pytest.fixture(scope="session")
def service(artifacts: Path) -> Iterator[Service]:
    """`serve` in a process of its own, on a free port."""
    with start(artifacts) as running:
        yield running
