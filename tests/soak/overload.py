"""Ten times more connections than a server needs for its peak, for a minute, each asking at once.

Then: only 200 and 503 with Retry-After, for the same processor time at least 80 percent of the
answers at the peak, memory bounded. `python tests/soak/overload.py [SECONDS]`; exits 1 where one
of these is not so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "runtime"))

from live_service import Service, start
from tiny_bundles import RECORD, write_penguins

PATH = "/models/penguins/predict"
PEAK, TIMES, PROCESSES = 32, 10, 2
ROWS = {"one row": 1, "a hundred rows": 100, "2,000 rows, in threads": 2000}
GOODPUT, GROWTH = 0.8, 400  # of the peak; MiB


def loaded(service: Service, body: Path, connections: int, seconds: float) -> dict[str, Any]:
    """What the clients of all processes were told."""
    port = service.address.rpartition(":")[2]
    each = str(connections // PROCESSES)
    before = processor(service)
    command = [sys.executable, str(HERE / "load.py"), port, each, str(seconds), PATH, str(body)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    told = [json.loads(process.communicate()[0]) for process in running]
    statuses: Counter[str] = Counter()
    for one in told:
        statuses.update(one["statuses"])
    return {
        "statuses": statuses,
        "a second": statuses["200"] / seconds,
        "a processor second": statuses["200"] / (processor(service) - before),
        "lost": sum(one["lost"] for one in told),
        "median": max(one["median"] for one in told),
        "p99": max(one["p99"] for one in told),
    }


def processor(service: Service) -> float:
    """Seconds of processor time that the server took so far."""
    text = Path(f"/proc/{service.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(text[11]) + int(text[12])) / os.sysconf("SC_CLK_TCK")


def memory(service: Service) -> float:
    """MiB of the server."""
    text = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def faults(service: Service, body: Path, seconds: float, name: str) -> list[str]:
    """What was not as it should be under one kind of load."""
    peak = loaded(service, body, PEAK, max(5.0, seconds / 6))
    before, most, over = memory(service), [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            most.append(memory(service))

    watching = threading.Thread(target=watch)
    watching.start()
    found = loaded(service, body, TIMES * PEAK, seconds)
    over.set()
    watching.join()
    # By the server's own processor time: what else the machine does must not count.
    share = found["a processor second"] / peak["a processor second"]
    grown = max(most) - before
    print(
        f"{name}: {found['a second']:.0f} answers a second of {peak['a second']:.0f} at the peak"
        f" (for the same processor time {share:.0%}), {dict(found['statuses'])},"
        f" lost {found['lost']}, median"
        f" {found['median']:.0f} ms, p99 {found['p99']:.0f} ms, memory +{grown:.0f} MiB",
        flush=True,
    )
    wrong = [status for status in found["statuses"] if status not in ("200", "503")]
    return [
        *(f"{name}: status {status}" for status in wrong),
        *([f"{name}: {share:.0%} of the peak"] if share < GOODPUT else []),
        *([f"{name}: memory grew by {grown:.0f} MiB"] if grown > GROWTH else []),
        *([f"{name}: {found['lost']} had no answer"] if found["lost"] > TIMES * PEAK else []),
    ]


def main(seconds: float) -> list[str]:
    """All faults."""
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        write_penguins(Path(folder) / "artifacts")
        for name, rows in ROWS.items():
            body = Path(folder) / "body.json"
            body.write_text(json.dumps([RECORD] * rows))
            with start(Path(folder) / "artifacts") as service:
                found += faults(service, body, seconds, name)
                time.sleep(1.5)
                if service.client.post(PATH, json=RECORD).status_code != 200:
                    found.append(f"{name}: afterwards it did not answer")
    return found


if __name__ == "__main__":
    wrong = main(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
    print(*wrong, sep="\n")
    sys.exit(bool(wrong))
