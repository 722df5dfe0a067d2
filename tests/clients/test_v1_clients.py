"""kserve's client at its defaults, which speak V1, and Openscoring's, against a real server."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

import isomorph
from bundle import golden
from bundle.arrays import Arrays
from isomorph import Bundle
from parity.columns import records
from parity_tests.doors import as_array
from parity_tests.found import ARTIFACTS, bundles
from parity_tests.platform_doors import from_fields
from parity_tests.serving import serving
from tests.clients.environment import environment

HERE = Path(__file__).parent


def opened(path: Path) -> tuple[Bundle, Arrays]:
    """A bundle and its golden rows."""
    rows, _ = golden.decode((path / "golden.json").read_bytes())
    return isomorph.open(path), rows


def session(python: Path, script: str, place: Path, sent: dict[str, Any]) -> Any:
    """What a client got for these rows."""
    (place / "rows.json").write_text(json.dumps(sent))
    with serving(ARTIFACTS) as address:
        asked = [python, HERE / script, address, place / "rows.json"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def same(bundle: Bundle, rows: Arrays, answers: Arrays) -> None:
    expected = bundle.engine.run(rows)
    assert answers
    for name, values in answers.items():
        np.testing.assert_array_equal(values, expected[name])


def test_kserve(tmp_path: Path) -> None:
    python = environment("kserve", ["kserve==0.21.0"])
    sent = {}
    for path in bundles():
        bundle, rows = opened(path)
        outputs = [output.name for output in bundle.signature.outputs]
        instances = [list(record.values()) for record in records(bundle.signature, rows)]
        sent[path.parent.name] = {"instances": instances, "parameters": {"outputs": outputs}}
    got = session(python, "v1_session.py", tmp_path, sent)
    assert got["live"] is True
    assert got["ready"] == dict.fromkeys(sent, True)
    assert "row 0" in got["errors"][0]
    assert "501" in got["errors"][1]
    for path in bundles():
        bundle, rows = opened(path)
        first, *others = bundle.signature.outputs
        bare = got["predict"][path.parent.name]["predictions"]
        same(bundle, rows, {first.name: as_array(first, bare)})
        every = got["all"][path.parent.name]["predictions"]
        for output in others and bundle.signature.outputs:
            values = as_array(output, [row[output.name] for row in every])
            same(bundle, rows, {output.name: values})


def test_openscoring(tmp_path: Path) -> None:
    python = environment("openscoring", ["openscoring==0.8.0.post1", "pandas==2.3.3"])
    sent = {
        path.parent.name: list(records(bundle.signature, rows))
        for path in bundles()
        for bundle, rows in [opened(path)]
    }
    got = session(python, "openscoring_session.py", tmp_path, sent)
    assert got["id"] == "r-1"
    unknown, wrong, deploy, undeploy = got["refused"]
    assert "no model has this name" in unknown
    assert "column" in wrong
    assert (
        deploy
        == undeploy
        == "Models are not deployed or downloaded here. Publish a bundle under artifacts/"
    )
    for path in bundles():
        bundle, rows = opened(path)
        for way in ("one", "batch"):
            same(bundle, rows, from_fields(bundle, got[way][path.parent.name]))
        same(bundle, rows, from_fields(bundle, table(got["file"][path.parent.name])))
        # pandas.read_csv, by which the client reads what it got, rounds the last digits.
        answers = from_fields(bundle, table(got["csv"][path.parent.name]))
        for name, values in bundle.engine.run(rows).items():
            if values.dtype.kind == "f":
                np.testing.assert_allclose(answers[name], values, rtol=1e-12)
            else:
                np.testing.assert_array_equal(answers[name], values)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
