"""Memory after 100,000 requests and 1,000 swaps of version; a planted leak must be found."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime"))

from growth import PLANTED, growth_by_requests, growth_by_swaps

MOST_BY_REQUESTS, MOST_BY_SWAPS = 5.0, 20.0  # MB


def main(requests: int, swaps: int) -> int:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as root:
        by_requests = growth_by_requests(Path(root) / "requests", requests)
        print(f"{by_requests:8.1f} MB more after {requests} requests", flush=True)
        planted = growth_by_requests(Path(root) / "planted", requests // 10, PLANTED)
        print(f"{planted:8.1f} MB more after {requests // 10} with a planted leak", flush=True)
        by_swaps = growth_by_swaps(Path(root) / "swaps", swaps)
        print(f"{by_swaps:8.1f} MB more after {swaps} swaps", flush=True)
    found = planted > MOST_BY_REQUESTS
    return int(by_requests > MOST_BY_REQUESTS or by_swaps > MOST_BY_SWAPS or not found)


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    sys.exit(main(*(given or [100_000, 1_000])))
