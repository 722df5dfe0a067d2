"""That this process is about to end: readiness says no, each answer is its connection's last."""

from __future__ import annotations


class Leaving:
    """One attribute of a class, since every request asks for it."""

    now = False
