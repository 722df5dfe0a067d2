"""The looking goes on whatever a look meets, and ends with the application."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tiny_bundles import write_prices

from runtime.following import followed
from runtime.repository import Repository


def test_a_look_that_fails_does_not_end_the_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    repository = Repository(tmp_path)
    follow, looks = repository.follow, 0

    def failing() -> list[str]:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise RuntimeError("planted")
        return follow()

    monkeypatch.setattr(repository, "follow", failing)

    async def run() -> None:
        async with followed(repository, 0.01):
            write_prices(tmp_path)
            async with asyncio.timeout(20):
                while repository.names != ["prices"]:  # noqa: ASYNC110 - it is not our event
                    await asyncio.sleep(0.01)

    asyncio.run(run())
    assert looks > 1
    assert "artifacts could not be followed" in caplog.text
    assert "planted" in caplog.text


def test_nothing_is_opened_after_the_end(tmp_path: Path) -> None:
    repository = Repository(tmp_path)

    async def run() -> None:
        async with followed(repository, 0.01):
            pass

    asyncio.run(run())
    write_prices(tmp_path)
    repository.refresh()
    assert repository.names == []
