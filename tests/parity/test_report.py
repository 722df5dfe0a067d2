"""Reports say the verdict in full, to programs and to people, and escape what they quote."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from bundle.arrays import MISSING_TEXT
from bundle.manifest import TargetVerdict, Tried, Verdict
from parity.difference import Difference
from parity.report import as_html, as_json, as_junit

HOSTILE = "<script>alert('&')</script>\x00"
SPLITS = Tried(
    kind="splits", rows=9656, labels_differ=3, ties=1, max_absolute=float("inf"), max_relative=0.25
)
ONNX = TargetVerdict(
    target="onnx",
    status="fail",
    tolerance=1e-12,
    reason=f"probabilities differ at {HOSTILE}",
    tried=(Tried(kind="sample", rows=344), SPLITS),
)
PMML = TargetVerdict(target="pmml", status="absent", tolerance=1e-12, reason="not asked for")
PASSED = TargetVerdict(
    target="onnx",
    status="pass",
    tolerance=1e-12,
    tried=(Tried(kind="sample", rows=344, max_relative=2e-16),),
)
FAILED = Verdict(targets=(ONNX, PMML))
WORST = Difference(
    target="onnx",
    kind="splits",
    row={"age": np.float64("nan"), "city": MISSING_TEXT, "job": HOSTILE, "kids": np.int64(2)},
    output="probabilities",
    expected=np.array([0.25, 0.75]),
    got=[0.5, float("inf")],
    absolute=0.25,
    relative=0.25,
)
VERSIONS = {"scikit-learn": "1.9", HOSTILE: "1"}


class Seen(HTMLParser):
    """Collects the tags, and checks that each is closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag."""
        del attrs
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag; it needs no end."""
        del attrs
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that it ends the last that was opened."""
        assert self.open.pop() == tag


def page(verdict: Verdict = FAILED) -> str:
    return as_html(HOSTILE, verdict, [WORST], VERSIONS).decode()


def test_json_holds_everything_and_missing_as_null() -> None:
    document = json.loads(as_json("m/1", FAILED, [WORST], VERSIONS))

    assert document["subject"] == "m/1"
    assert document["passed"] is False
    assert document["verdict"]["targets"][0]["tried"][1]["labels_differ"] == 3
    worst = document["worst"][0]
    assert worst["row"] == {"age": None, "city": None, "job": HOSTILE, "kids": 2}
    assert (worst["expected"], worst["got"]) == ([0.25, 0.75], [0.5, "inf"])
    assert document["versions"] == VERSIONS


def test_junit_has_a_suite_for_each_target_and_a_case_for_each_kind() -> None:
    root = ET.fromstring(as_junit("m/1", FAILED, [WORST], VERSIONS))  # noqa: S314

    onnx, pmml = root.findall("testsuite")
    assert [case.get("name") for case in onnx.findall("testcase")] == ["sample", "splits"]
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("3", "1", "1")
    failure = onnx.find("testcase[@name='splits']/failure")
    assert failure is not None
    assert "3 of 9656 labels differ" in failure.get("message", "")
    assert "probabilities: expected" in (failure.text or "")
    skipped = pmml.find("testcase/skipped")
    assert skipped is not None
    assert skipped.get("message") == "not asked for"


def test_junit_of_a_target_that_failed_as_a_whole_still_fails() -> None:
    broken = TargetVerdict(target="onnx", status="fail", tolerance=1e-12, reason="it does not load")

    root = ET.fromstring(as_junit("m/1", Verdict(targets=(broken,))))  # noqa: S314

    assert root.get("failures") == "1"


def test_junit_of_a_passed_verdict_has_no_failure() -> None:
    root = ET.fromstring(as_junit("m/1", Verdict(targets=(PASSED,))))  # noqa: S314

    assert (root.get("tests"), root.get("failures")) == ("1", "0")


def test_the_page_is_well_formed_and_escapes_what_it_quotes() -> None:
    seen = Seen()
    seen.feed(page())

    assert seen.open == []
    assert "svg" in seen.tags
    assert "script" not in seen.tags


def test_the_page_needs_nothing_from_elsewhere() -> None:
    assert not re.search(r"https?:|src=|href=|url\(|@import", page())


@pytest.mark.parametrize(
    "said",
    ["FAIL", "NOT MADE", "not asked for", "9,656", "splits", "tolerance 1e-12", "age = missing"],
)
def test_the_page_says(said: str) -> None:
    assert said in page()


def test_a_passed_page_shows_no_difference() -> None:
    shown = as_html("m/1", Verdict(targets=(PASSED,))).decode()

    assert "Every target made answered as the original did, on 344 rows tried." in shown
    assert 'class="bad"' not in shown


@pytest.mark.parametrize("relative", [0.0, 5e-324, 1.0, 1e300, float("inf"), float("nan")])
def test_the_plot_holds_any_difference(relative: float) -> None:
    tried = (Tried(kind="sample", rows=0, max_relative=relative),)
    target = TargetVerdict(target="onnx", status="fail", tolerance=1e-12, tried=tried)

    places = re.findall(r'cx="([^"]+)"', page(Verdict(targets=(target,))))

    assert len(places) == 1
    assert 470 <= float(places[0]) <= 840
