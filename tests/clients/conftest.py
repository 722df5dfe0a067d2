"""A server over the converted examples, and what its callers are to say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity_tests.found import ARTIFACTS
from parity_tests.serving import serving

# The suite imports in importlib mode, which leaves this folder off the path.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The service over artifacts/; yields its address."""
    with serving(ARTIFACTS) as address:
        yield address
