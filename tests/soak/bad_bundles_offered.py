"""1,000 bad bundles offered while requests come."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime"))

from offering import offer


def main(count: int) -> int:
    """Offer, and print what came of it."""
    with tempfile.TemporaryDirectory() as root:
        told = offer(Path(root), count, trial_seconds=1, patience=900)
    print(f"{count:8} offered in {told.seconds:.0f} s, {len(told.ready) - 1} of them answer")
    print(f"{len(told.unexplained):8} without their reason {told.unexplained[:3]}")
    print(f"{told.asked:8} requests meanwhile, {len(told.wrong)} wrong {told.wrong[:3]}")
    return int(told.ready != [1] or bool(told.unexplained) or bool(told.wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
