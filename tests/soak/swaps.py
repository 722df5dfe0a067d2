"""100 swaps by file and 100 by the admin route under load, with one worker and with two."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime"))

from test_live_swaps import swapped


def main(swaps: int) -> int:
    """Swap, and print what came of the requests."""
    bad = 0
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as root:
            told = swapped(Path(root), workers, swaps)
        bad += len(told.wrong)
        print(f"{2 * swaps:8} swaps, {workers} workers: {len(told.answered)} answered", flush=True)
        print(f"{len(told.wrong):8} failed or mixed {told.wrong[:3]}", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
