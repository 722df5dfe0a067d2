"""Several workers behind one address, and a stop that finishes what runs."""

from __future__ import annotations

import signal
from pathlib import Path

from live_service import start
from tiny_bundles import RECORD


def test_two_workers_answer(artifacts: Path) -> None:
    with start(artifacts, workers=2) as service:
        for _ in range(20):
            answer = service.client.post("/models/penguins/predict", json=RECORD)
            assert answer.status_code == 200
    assert service.process.returncode in (0, -signal.SIGTERM)


def test_a_stop_is_orderly(artifacts: Path) -> None:
    with start(artifacts) as service:
        assert service.client.get("/v2/health/live").status_code == 200
    assert service.process.returncode in (0, -signal.SIGTERM)
    assert not any("Traceback" in line for line in service.logged)
