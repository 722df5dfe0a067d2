"""Where the bundles, the originals and the real data are."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
ARTIFACTS = ROOT / "artifacts"
DATA = Path(os.environ.get("ISOMORPH_DATA", ROOT.parent / "shared" / "data"))
"""Where the real CSV files are, for the tests that want them; they skip where it is absent."""

Rewrite = Callable[[Path, str, bytes], None]


def bundles() -> list[Path]:
    """Every bundle under artifacts/."""
    return sorted(path.parent for path in ARTIFACTS.glob("*/*/manifest.json"))
