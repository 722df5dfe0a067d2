"""Memory does not grow with what was answered, and the test would see it if it did."""

from __future__ import annotations

from pathlib import Path

from growth import PLANTED, growth_by_requests, growth_by_swaps


def test_requests(tmp_path: Path) -> None:
    assert growth_by_requests(tmp_path, 4_000) < 5


def test_a_planted_leak_is_found(tmp_path: Path) -> None:
    assert growth_by_requests(tmp_path, 4_000, PLANTED) > 5


def test_swaps(tmp_path: Path) -> None:
    assert growth_by_swaps(tmp_path, 30) < 20
