"""A server over the converted examples."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parity_tests.found import ARTIFACTS
from parity_tests.serving import serving


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The service over artifacts/; yields its address."""
    with serving(ARTIFACTS) as address:
        yield address
