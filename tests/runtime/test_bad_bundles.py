"""Bad bundles are offered while requests come: each is refused with its reason, the old answers."""

from __future__ import annotations

from pathlib import Path

from offering import offer


def test_bad_bundles_never_answer(tmp_path: Path) -> None:
    told = offer(tmp_path, 60, trial_seconds=1)
    assert told.wrong == []
    assert told.ready == [1]
    assert told.unexplained == []
    assert told.asked > 50
    assert told.tellings == 60
