"""The repository follows its disk while the application runs, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from runtime.logs import LOG
from runtime.repository import Repository

SECONDS = 1.0


@asynccontextmanager
async def followed(repository: Repository) -> AsyncIterator[None]:
    """Look every second; a version that takes long to open keeps the next look not waiting."""
    task = asyncio.create_task(_follow(repository))
    try:
        yield
    finally:
        repository.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _follow(repository: Repository) -> None:
    opening: asyncio.Future[None] | None = None
    while True:
        await asyncio.sleep(SECONDS)
        names = await asyncio.to_thread(_look, repository)
        if names and (opening is None or opening.done()):
            opening = asyncio.ensure_future(asyncio.to_thread(_open, repository, names))


def _look(repository: Repository) -> list[str]:
    try:
        return repository.follow()
    except Exception:  # noqa: BLE001 - the next look may see it mended, if there is one
        LOG.exception("artifacts could not be followed")
        return []


def _open(repository: Repository, names: list[str]) -> None:
    for name in names:
        repository.open(name)
