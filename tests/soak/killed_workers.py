"""Workers killed 20 times under load: what fails after one retry, and how long capacity is less."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime"))

from live_service import start
from load import load
from tiny_bundles import write_penguins
from workers import within, workers


def main(times: int) -> int:
    """Kill the older of two workers, again and again."""
    back: list[float] = []
    with tempfile.TemporaryDirectory() as root:
        write_penguins(Path(root))
        with start(Path(root), workers=2) as service, load(service.address) as running:
            within(60, service, gone=0)
            for _ in range(times):
                time.sleep(1.2)
                killed = min(workers(service))
                os.kill(killed, signal.SIGKILL)
                back.append(within(60, service, gone=killed))
    print(f"{times:8} kills, two workers answer after {sorted(back)[times // 2]:.2f} s (median)")
    print(f"{max(back):8.2f} s at most; load of the machine {os.getloadavg()[0]:.1f}")
    print(
        f"{running.answered:8} answered, {running.retried} asked again, {len(running.failed)} lost"
    )
    print(f"{running.slowest:8.2f} s the slowest request {running.failed[:3]}")
    return int(bool(running.failed))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
