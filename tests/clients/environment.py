"""Environments of their own for real clients, which are no part of any extra."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENABLED = "ISOMORPH_CLIENTS"


def environment(name: str, packages: list[str]) -> Path:
    """The Python of .build/clients/<name>, made on first use; skips unless ISOMORPH_CLIENTS=1."""
    if os.environ.get(ENABLED) != "1":
        pytest.skip(f"{ENABLED}=1 installs {' '.join(packages)} into .build/ and runs this")
    home = ROOT / ".build" / "clients" / name
    python, wanted = home / "bin" / "python", "\n".join(packages)
    stamp = home / "packages.txt"
    if not stamp.is_file() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
        stamp.write_text(wanted)
    return python
