"""The extra `runtime` alone, in a fresh environment, serves the examples."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_runtime_alone() -> None:
    """No training library comes along, and every example becomes ready."""
    script = ROOT / "benchmarks" / "runtime_footprint.py"
    done = subprocess.run(
        [sys.executable, str(script), "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert 0 < figures["installed (MB)"] < 250
    assert 0 < figures["memory when ready (MB)"] < 150
