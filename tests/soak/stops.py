"""SIGTERM 100 times under load: what became of every connection."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime"))

from stops import stop_under_load
from tiny_bundles import write_penguins

MINUTES = 15


def main(times: int) -> int:
    """Every third with two workers, every twentieth with bodies that never end."""
    found: Counter[str] = Counter()
    worst = {True: 0.0, False: 0.0}
    until, lost = time.monotonic() + 60 * MINUTES, list[str]()
    with tempfile.TemporaryDirectory() as place:
        write_penguins(Path(place))
        for i in range(times):
            finishing = i % 20 != 19
            told = stop_under_load(Path(place), 2 if i % 3 == 2 else 1, finishing=finishing)
            lost += told.lost
            wanted = b"HTTP/1.1 200" if finishing else b"HTTP/1.1 408"
            lost += [f"half: {each[:60]!r}" for each in told.halves if not each.startswith(wanted)]
            found["stops"] += 1
            found["answered"] += told.answered + 20 + len(told.halves)
            found["refused after"] += told.refused
            found["reset in the queue after"] += told.reset
            found["kept connections closed after"] += told.closed
            found["wrong exit status"] += told.status not in (0, -15)
            worst[finishing] = max(worst[finishing], told.seconds)
            if time.monotonic() > until:
                break
    for name, count in found.items():
        print(f"{count:8} {name}")
    print(f"{len(lost):8} lost of those sent before the signal {lost[:5]}")
    print(f"{worst[True]:8.1f} s the slowest stop, and {worst[False]:.1f} s where bodies never end")
    return int(bool(lost) or max(worst.values()) > 28 or found["wrong exit status"] > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
