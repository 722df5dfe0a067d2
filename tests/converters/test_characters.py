"""Text as code points: every character, whatever is in the batch, in memory that is bounded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.graph.characters import FEW, SHORT, _splitter

END = 0xFFFF
SCALARS = [*range(0xD800), *range(0xE000, END), *range(END + 1, 0x110000)]

BOUNDED = """
import resource, sys
import numpy as np, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
text = np.array({text}, dtype=object)
session.run(None, {{"text": np.array(["a", "b " * {short}], dtype=object)}})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
(points,) = session.run(None, {{"text": text}})
assert points.tolist() == [ord(each) for each in chr(0xFFFF).join([*text, ""])]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("splitter") / "splitter.onnx"
    path.write_bytes(_splitter().SerializeToString())
    return path


@pytest.fixture(scope="module")
def session(file: Path) -> Any:
    return onnxruntime.InferenceSession(file)


def points(session: Any, rows: list[str]) -> list[int]:
    (found,) = session.run(None, {"text": np.array(rows, dtype=object)})
    assert found.dtype == np.int64
    return list(found.tolist())


def expected(rows: list[str]) -> list[int]:
    return [point for row in rows for point in [*map(ord, row), END]]


def test_every_character(session: Any) -> None:
    whole = "".join(map(chr, SCALARS))
    assert points(session, [whole]) == expected([whole])


def test_every_character_in_short_rows(session: Any) -> None:
    """Up to FEW rows of up to SHORT characters nothing is joined; some of each kind of byte."""
    for start in range(0, 0x3000, SHORT * FEW):
        some = "".join(map(chr, SCALARS[start : start + SHORT * FEW]))
        rows = [some[at : at + SHORT] for at in range(0, len(some), SHORT)]
        assert points(session, rows) == expected(rows)
    far = [chr(point) for point in SCALARS[0x3000 :: len(SCALARS) // 3000]]
    rows = ["".join(far[at : at + SHORT]) for at in range(0, len(far), SHORT)]
    assert points(session, rows) == expected(rows)


near = st.sampled_from("aeQZ 01\x00\x01\x7f.é\u07ff\u0800ア\ufffe😀")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text(near | st.characters(codec="utf-8", exclude_characters=chr(END)), max_size=40))
)
def test_rows(session: Any, rows: list[str]) -> None:
    """As they are, and so many and so long that they are joined."""
    for some in (rows, rows * (FEW + 1), [*rows, "a" * (SHORT + 1)]):
        if some:
            assert points(session, some) == expected(some)


@pytest.mark.parametrize(
    "text",
    [
        "['Q' * 20000 + 'Z' * 20000]",
        "['a b'] * 4000 + ['e ' * 10000]",
        "['Q' * 128 + 'Z' * 127] * 2000",
    ],
    ids=["one letter and then another", "one long row among short ones", "many rows"],
)
def test_memory_grows_with_the_text_alone(file: Path, text: str) -> None:
    """Padded to the most pieces of any, each of these took gigabytes."""
    code = BOUNDED.format(text=text, short=SHORT)
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout) < 100 * 1024, "KiB"
