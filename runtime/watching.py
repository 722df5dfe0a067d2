"""What a process notes about itself twice a second: how late its event loop is, processor time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runtime.statistics import CPU_NS, LAG, LAG_LAST, LAG_NS, STARTED, Statistics

SECONDS = 0.5


@asynccontextmanager
async def watched(general: Statistics) -> AsyncIterator[None]:
    """Note while this lasts."""
    general.slots[STARTED] = time.time_ns()
    task = asyncio.create_task(_watch(general.slots))
    try:
        yield
    finally:
        task.cancel()


async def _watch(slots: memoryview) -> None:
    while True:
        slots[CPU_NS] = time.process_time_ns()
        due = time.perf_counter_ns() + int(SECONDS * 1e9)
        await asyncio.sleep(SECONDS)
        late = max(0, time.perf_counter_ns() - due)
        slots[LAG + late.bit_length()] += 1
        slots[LAG_NS] += late
        slots[LAG_LAST] = late
