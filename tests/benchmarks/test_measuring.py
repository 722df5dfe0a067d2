"""What the benchmarks measure with tells what is so: a server whose times are known beforehand."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import charts
import page
from closed_loop import Request
from open_loop import at_rate
from servers import others, running

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def answering(answer: Callable[[int], bytes]) -> Iterator[int]:
    """One at a time, `answer(number)` says what; its port."""
    turn, count = threading.Lock(), iter(range(10**6))

    def serve(connection: socket.socket) -> None:
        with connection:
            while connection.recv(65536):
                with turn:
                    connection.sendall(answer(next(count)))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]


def _slowly(_: int) -> bytes:
    time.sleep(0.02)
    return WHOLE


def test_time_counts_from_when_a_request_was_due() -> None:
    """20 ms of work every 10 ms: the n-th waits for those before it, 20 + 10 n ms."""
    with answering(_slowly) as port:
        found = at_rate(port, Request("/"), rate=100, seconds=0.4)
    assert found.complete
    assert found.due == 40
    # A busy machine only adds; who counted from when it was sent would find 20 ms for each.
    assert found.quantile(0.5) > 0.9 * (0.020 + 0.010 * 19)
    assert found.quantile(1.0) > 0.9 * (0.020 + 0.010 * 39)


def test_what_is_refused_or_lost_is_not_complete() -> None:
    with answering(lambda number: REFUSED if number == 3 else CHUNKED) as port:
        found = at_rate(port, Request("/"), rate=200, seconds=0.1)
    assert found.statuses == {200: 19, 503: 1}
    assert not found.complete
    with answering(lambda number: b"" if number == 3 else WHOLE) as port:
        found = at_rate(port, Request("/"), rate=200, seconds=0.1)
    assert not found.complete
    assert found.quantile(1.0) == float("inf")


def test_load_and_server_share_no_processor() -> None:
    if len(os.sched_getaffinity(0)) > 1:
        assert 0 not in others()


def test_a_server_that_does_not_start_says_why() -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no model is here')"]
    with pytest.raises(SystemExit, match="no model is here"), running(command, probe="/"):
        pass


def test_a_section_replaces_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(page, "PLOTS", tmp_path / "plots")
    page.write("Peers", "one\n\n### Part\n\nof it")
    page.write("Scaling", "two")
    page.write("Peers", "three")
    expected = f"{page.TITLE}\n## Scaling\n\ntwo\n\n## Peers\n\nthree\n"
    assert (tmp_path / "page.md").read_text() == expected


def test_a_plot_is_written_with_its_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(page, "PLOTS", tmp_path / "plots")
    line = page.plot("some", "<svg/>", "Some")
    assert list(tmp_path.iterdir()) == []
    page.write("Peers", line)
    assert (tmp_path / "plots" / "some.svg").read_text() == "<svg/>"


def test_bars_and_lines_stand_where_their_values_are() -> None:
    bars = ET.fromstring(charts.bars("x", {"panel": {"a": 4.0, "b": 1.0}}, ["a"]))  # noqa: S314
    widths = [float(each.get("width", "")) for each in bars.iter() if each.tag.endswith("rect")]
    assert widths[0] == pytest.approx(4 * widths[1])
    series = {"a": charts.Series(points=[(1, 1), (10, 10), (100, 100)])}
    svg = charts.lines("x", "y", series, log_x=True, proportion=True)
    circles = [each for each in ET.fromstring(svg).iter() if each.tag.endswith("circle")]  # noqa: S314
    x, y = ([float(each.get(axis, "")) for each in circles] for axis in ("cx", "cy"))
    assert x[1] - x[0] == pytest.approx(x[2] - x[1], abs=0.2)
    assert y[0] - y[1] == pytest.approx(y[1] - y[2], abs=0.2)
