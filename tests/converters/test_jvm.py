"""Java is found or missed clearly; the converter reports nothing and expires clearly."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor

import isomorph
from bundle.errors import ConversionError
from bundle.signature import Block, Column, Output, Signature
from converters import jvm
from converters.sklearn_to_pmml import sklearn_to_pmml

for extra in ("jpype", "sklearn2pmml", "jpmml_evaluator"):
    pytest.importorskip(extra)

SIGNATURE = Signature(
    columns=(Column(name="x", kind="number", dtype="float64"),),
    inputs=(Block(name="numbers", datatype="FP64", columns=("x",)),),
    outputs=(Output(name="prediction", datatype="FP64"),),
)


class Sink:
    """A listening port that stands in for the way out; it forwards nothing."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.heard.append(connection.recv(4096))

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A fresh sink."""
    listening = Sink()
    yield listening
    listening.close()


def through(sink: Sink, folder: Path) -> list[str]:
    """Java options: every connection goes to the sink, and the reporting host is this one.

    HTTP and HTTPS go by their proxies, other sockets by the SOCKS proxy.
    """
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 telemetry.jpmml.org localhost\n", encoding="ascii")
    proxies = [
        f"-D{scheme}{part}"
        for scheme in ("http.proxy", "https.proxy", "socksProxy")
        for part in ("Host=127.0.0.1", f"Port={sink.port}")
    ]
    return [f"-Djdk.net.hosts.file={hosts}", *proxies]


def test_the_sink_hears_the_converters_own_program(sink: Sink, tmp_path: Path) -> None:
    """The control: run as its authors run it, a failed conversion does try to report."""
    from sklearn2pmml.resources import _package_classpath  # noqa: PLC0415

    java = next(home for home in jvm.homes() if jvm.release(home) >= jvm.OLDEST) / "bin" / "java"
    broken = tmp_path / "broken.pkl"
    broken.write_bytes(b"\x80\x04N.")
    jars = ["-cp", ":".join(_package_classpath()), "com.sklearn2pmml.Main"]
    files = ["--pkl-input", str(broken), "--pmml-output", str(tmp_path / "out.pmml")]
    command = [str(java), *through(sink, tmp_path), *jars, *files]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode != 0
    assert any(b"telemetry.jpmml.org" in said for said in sink.heard)


FAILING = """
import sys, jpype
def report(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        print("python:", event, arguments[-1] if event == "socket.connect" else arguments)
sys.addaudithook(report)
import isomorph
from bundle.errors import ConversionError
from converters import jvm
home, library = jvm._chosen()
jpype.startJVM(*sys.argv[3:], *jvm._options(jvm.release(home)), jvmpath=str(library))
import numpy as np
from sklearn.neighbors import LocalOutlierFactor
rows = np.random.default_rng(0).normal(size=(30, 2))
model = LocalOutlierFactor(5, novelty=True).fit(rows)
from converters import sklearn_to_pmml
from converters.describe import describe
try:
    sklearn_to_pmml.sklearn_to_pmml(model, describe(model, rows)[0].signature)
except ConversionError as error:
    print("refused:", error)
bundle = isomorph.convert(model, rows, name="silent", artifacts=sys.argv[1])
print([target.status for target in bundle.verdict.targets])
exec(sys.argv[2])
"""
PLANT = """
for plant in (
    lambda: jpype.java.net.URL("http://example.org/a").openStream(),
    lambda: jvm.converter()("java.net.URL")("https://telemetry.jpmml.org/v1").openStream(),
    lambda: jpype.java.net.Socket("example.org", 4711),
):
    try:
        plant()
    except jpype.JException:
        pass  # the sink answers nothing
import socket
socket.create_connection(("127.0.0.1", int(sys.argv[-1].rpartition("=")[2]))).close()
"""


def failing(sink: Sink, folder: Path, plant: str = "") -> str:
    """What a fresh process prints that converts in vain, then does what is planted."""
    command = [sys.executable, "-W", "ignore", "-c", FAILING, str(folder), plant]
    path = {"PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        [*command, *through(sink, folder)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, **path},
    )
    assert ended.stdout.startswith("refused: "), ended.stderr
    assert "['pass', 'absent']" in ended.stdout, ended.stdout + ended.stderr
    return ended.stdout


def test_a_failed_conversion_sends_nothing(sink: Sink, tmp_path: Path) -> None:
    """The same way out, the same kind of failure, through this project: silence."""
    assert "python:" not in failing(sink, tmp_path)
    assert sink.heard == []


def test_the_sink_hears_connections_made_on_purpose(sink: Sink, tmp_path: Path) -> None:
    """So that silence means something: in that very process, each kind of connection is heard."""
    assert "python: socket.connect" in failing(sink, tmp_path, PLANT)
    said = b"|".join(sink.heard)
    assert b"GET http://example.org/a" in said
    assert b"CONNECT telemetry.jpmml.org:443" in said
    assert b"|\x05" in said  # a greeting of SOCKS 5


def test_the_reporting_code_is_not_there() -> None:
    """What is not loaded cannot run."""
    with pytest.raises(jvm.java_error(), match="TelemetryClient"):
        jvm.converter()("org.jpmml.telemetry.TelemetryClient")


@pytest.fixture
def _dated_2020(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The converter with a date of another millennium in its manifest, which is what it reads."""
    from sklearn2pmml.resources import _package_classpath  # noqa: PLC0415

    first, *others = _package_classpath()
    older = tmp_path / Path(first).name
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(older, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "META-INF/MANIFEST.MF":
                content = content.replace(b"Build-Timestamp: 2", b"Build-Timestamp: 1")
            target.writestr(name, content)
    jars = jvm.Jars([str(older), *(jar for jar in others if "telemetry" not in jar)])
    monkeypatch.setattr(jvm, "converter", lambda: jars)


@pytest.mark.usefixtures("_dated_2020")
def test_an_expired_converter() -> None:
    """It says what happened and what to do."""
    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    with pytest.raises(ConversionError, match=r"sklearn2pmml: .*has expired.* pip install"):
        sklearn_to_pmml(model, SIGNATURE)


@pytest.mark.usefixtures("_dated_2020")
def test_the_expansion_of_the_graph_does_not_age(tmp_path: Path) -> None:
    """Where the converter has expired, the document is made the other way."""
    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    bundle = isomorph.convert(model, [[0.0], [1.0]], name="m", artifacts=tmp_path / "artifacts")
    assert [target.status for target in bundle.verdict.targets] == ["pass", "pass"]
    assert b"SkLearn2PMML" not in (bundle.path / "model.pmml").read_bytes()


@pytest.mark.usefixtures("_dated_2020")
def test_a_bundle_is_written_all_the_same(tmp_path: Path) -> None:
    """With ONNX, where no way to PMML is left; the verdict says what to install."""
    rows = np.random.default_rng(0).normal(size=(30, 2))
    model = KNeighborsRegressor(2).fit(rows, rows[:, 0])
    bundle = isomorph.convert(model, rows, name="m", artifacts=tmp_path / "artifacts")
    assert {path.name for path in bundle.path.iterdir()} >= {"model.onnx", "golden.json"}
    assert not (bundle.path / "model.pmml").exists()
    passed, absent = bundle.verdict.targets
    assert (passed.status, absent.status) == ("pass", "absent")
    assert re.search(r"has expired.*'sklearn2pmml>\d+[\d.]+'", absent.reason or "")


def test_a_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the extra."""
    monkeypatch.setitem(sys.modules, "sklearn2pmml.resources", None)
    with pytest.raises(ConversionError, match=r"pip install 'isomorph\[pmml\]'"):
        jvm.converter.__wrapped__()


def test_no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It says where it looked."""
    monkeypatch.setattr(jvm, "homes", lambda: [tmp_path])
    with pytest.raises(ConversionError, match=f"no Java 11 or newer.*{tmp_path.name}.*JAVA_HOME"):
        jvm._chosen()


@pytest.mark.parametrize(
    ("line", "version"),
    [('JAVA_VERSION="17.0.15"', 17), ('JAVA_VERSION="1.8.0_402"', 1), ("", 0)],
)
def test_release(tmp_path: Path, line: str, version: int) -> None:
    """Java 8 calls itself 1.8, which is older than 11 either way."""
    (tmp_path / "release").write_text(f"{line}\n", encoding="utf-8")
    assert jvm.release(tmp_path) == version


def test_release_of_what_is_no_java(tmp_path: Path) -> None:
    """Zero is older than any."""
    assert jvm.release(tmp_path) == 0
