"""The Java example runs as it stands, and its answers are the engine's, bit for bit."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest

from parity_tests.found import bundles
from tests.clients.callers import CLIENTS, HERE, check_golden, lines, run, species, workplace

EXAMPLE = CLIENTS / "java" / "Predict.java"
COMPILER = "jdk.compiler/com.sun.tools.javac.Main"


def _compiles() -> bool:
    if shutil.which("java") is None:
        return False
    modules = subprocess.run(["java", "--list-modules"], capture_output=True, text=True, check=True)
    return "jdk.compiler@" in modules.stdout


if not _compiles():
    pytest.skip("no java with the module jdk.compiler", allow_module_level=True)


def test_example(service: str) -> None:
    one, large = species()
    assert lines(run(["java", EXAMPLE], HERE, service)) == [
        f"{one['label']} {_map(one['probabilities'])}",
        _map(one),
        _map(large),
        "422 a number is due here",
    ]


def _map(value: Any) -> str:
    """A value as Java prints it."""
    if not isinstance(value, dict):
        return str(value)
    return "{" + ", ".join(f"{name}={_map(each)}" for name, each in value.items()) + "}"


def test_golden(service: str) -> None:
    with workplace("java") as place:
        lines(run(["java", "-m", COMPILER, "-d", place, EXAMPLE, HERE / "Golden.java"], place))
        check_golden(lines(run(["java", "-cp", place, "Golden", *bundles()], place, service)))


ODD = r'{"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00": ["\\u0041", "{[]}", "", {}, []], "n": [true, null]}'


def test_its_reader_reads_all_of_json(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("java")
    program = (
        "class Odd { public static void main(String[] text) {"
        " var read = Json.object(text[0]).toString();"
        " for (char each : read.toCharArray()) System.out.println((int) each); } }"
    )
    (place / "Odd.java").write_text(program)
    lines(run(["java", "-m", COMPILER, "-d", ".", EXAMPLE, "Odd.java"], place))
    codes = [int(line) for line in lines(run(["java", "-cp", ".", "Odd", ODD], place))]
    due = '{a"\\/\b\f\n\r\té\U0001f600=[\\u0041, {[]}, , {}, []], n=[true, null]}'
    assert codes == memoryview(due.encode("utf-16-le")).cast("H").tolist()
