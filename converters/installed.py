"""Which scikit-learn is installed: its code answers for the original, so its formula is the one."""

from __future__ import annotations

import sklearn
from sklearn.utils.fixes import parse_version


def scikit_learn_since(version: str) -> bool:
    """Whether the installed scikit-learn is of this version or newer."""
    return bool(parse_version(sklearn.__version__) >= parse_version(version))
