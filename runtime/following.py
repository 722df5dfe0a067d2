"""The repository follows its disk while the application runs, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from runtime.logs import LOG
from runtime.repository import Repository
from runtime.trial import Trial


@asynccontextmanager
async def followed(
    repository: Repository, seconds: float, trial: Trial | None = None
) -> AsyncIterator[None]:
    """Look every so often; a version that takes long to open keeps the next look not waiting."""
    task = asyncio.create_task(_follow(repository, seconds, trial))
    try:
        yield
    finally:
        repository.close()
        if trial is not None:
            trial.close()  # or what is being tried would keep its thread, and so the end, waiting
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _follow(repository: Repository, seconds: float, trial: Trial | None) -> None:
    opening: asyncio.Future[None] | None = None
    while True:
        await asyncio.sleep(seconds)
        names = await asyncio.to_thread(_look, repository)
        if names and (opening is None or opening.done()):
            opening = asyncio.ensure_future(asyncio.to_thread(_open, repository, names))
        elif trial is not None:
            await asyncio.to_thread(trial.rest)


def _look(repository: Repository) -> list[str]:
    try:
        return repository.follow()
    except Exception:  # noqa: BLE001 - the next look may see it mended, if there is one
        LOG.exception("artifacts could not be followed")
        return []


def _open(repository: Repository, names: list[str]) -> None:
    for name in names:
        repository.open(name)
