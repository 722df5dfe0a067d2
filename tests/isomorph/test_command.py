"""The command: what it prints, and where; 0 done, 1 not proven equal, 2 bad input or usage."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click.testing
import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import isomorph
from bundle.errors import NotEqualError
from bundle.manifest import TargetVerdict, Tried, Verdict
from isomorph.checking import Checked
from isomorph.command import main
from runtime import server

FAILED = Verdict(
    targets=(
        TargetVerdict(
            target="onnx",
            status="fail",
            tolerance=1e-12,
            reason="label differs",
            tried=(Tried(kind="sample", rows=10, labels_differ=2),),
        ),
    )
)
ROW = "a,b,member,city\n0,1,true,Rome\n"


def run(*arguments: Any) -> click.testing.Result:
    return click.testing.CliRunner().invoke(main, [str(each) for each in arguments])


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model and its sample, on disk."""
    folder = tmp_path_factory.mktemp("trained")
    random = np.random.default_rng(0)
    sample = pd.DataFrame(random.normal(size=(50, 2)), columns=["a", "b"])
    model = LogisticRegression().fit(sample, sample["a"] > sample["b"])
    joblib.dump(model, folder / "model.joblib")
    sample.to_parquet(folder / "sample.parquet")
    return folder / "model.joblib", folder / "sample.parquet"


@pytest.fixture
def options(trained: tuple[Path, Path], tmp_path: Path) -> list[Any]:
    """What `convert` needs beside the model."""
    return ["--sample", trained[1], "--name", "m", "--artifacts", tmp_path, "--formats", "onnx"]


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys; from isomorph.command import main; main(['--help'], standalone_mode=False); "
        "print('heavy:', *{'pandas', 'sklearn', 'onnxruntime', 'rich', 'onnx'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    *shown, heavy = done.stdout.splitlines()
    assert heavy == "heavy:"
    for command in ("convert", "check", "inspect", "predict", "alias", "serve"):
        assert any(line.split()[:1] == [command] for line in shown)


def test_convert_prints_the_verdict_and_warns_of_the_source(
    trained: tuple[Path, Path], options: list[Any], tmp_path: Path
) -> None:
    done = run("convert", trained[0], *options)

    assert done.exit_code == 0, done.output
    assert "onnx: PASS" in done.stdout
    assert f"bundle: {tmp_path / 'm' / '1'}" in done.stdout
    assert f"note: loading {trained[0]} runs code it contains" in done.stderr


def test_convert_as_json_prints_one_document(
    trained: tuple[Path, Path], options: list[Any], tmp_path: Path
) -> None:
    document = json.loads(run("convert", trained[0], *options, "--json").stdout)

    assert document["passed"] is True
    assert document["bundle"] == str(tmp_path / "m" / "1")
    assert document["verdict"]["targets"][0]["target"] == "onnx"


def test_convert_refuses_a_version_that_is_there(
    trained: tuple[Path, Path], options: list[Any], tmp_path: Path
) -> None:
    (tmp_path / "m" / "1").mkdir(parents=True)

    done = run("convert", trained[0], *options, "--version", 1)

    assert done.exit_code == 2
    assert "error: " in done.stderr
    assert "this version is there already. Choose another --version" in done.stderr


def test_convert_of_an_unequal_model_exits_1_with_the_verdict(
    trained: tuple[Path, Path], options: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise NotEqualError("the ONNX is not the original's function", verdict=FAILED)

    monkeypatch.setattr(isomorph, "convert", refuse)

    done = run("convert", trained[0], *options)

    assert done.exit_code == 1
    assert "onnx: FAIL (label differs)" in done.stdout
    assert "error: the ONNX is not the original's function" in done.stderr


@pytest.mark.parametrize("formats", ["", "onnx,tensorrt"])
def test_convert_refuses_formats_that_it_does_not_know(
    trained: tuple[Path, Path], options: list[Any], formats: str
) -> None:
    done = run("convert", trained[0], *options, "--formats", formats)

    assert done.exit_code == 2
    assert "is not a format" in done.stderr


def test_check_replays_the_golden_rows(bundle: Path) -> None:
    done = run("check", bundle)

    assert done.exit_code == 0, done.output
    assert "onnx: PASS" in done.stdout


def test_check_writes_the_report_that_the_suffix_names(bundle: Path, tmp_path: Path) -> None:
    for name in ("report.html", "report.json", "report.xml"):
        assert run("check", bundle, "--report", tmp_path / name).exit_code == 0

    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "report.json").read_text())["passed"] is True
    assert ET.parse(tmp_path / "report.xml").getroot().get("failures") == "0"  # noqa: S314


def test_check_refuses_another_report_before_it_starts(bundle: Path, tmp_path: Path) -> None:
    done = run("check", bundle, "--report", tmp_path / "report.pdf")

    assert done.exit_code == 2
    assert "no report is written as '.pdf'. Name a .html, .json or .xml file" in done.stderr


def test_check_exits_1_where_the_bundle_is_not_equal(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Checked(verdict=FAILED, worst=())
    monkeypatch.setattr(isomorph, "check", lambda *_, **__: failed)

    done = run("check", bundle, "--json")

    assert done.exit_code == 1
    assert json.loads(done.stdout)["passed"] is False


def test_check_exits_1_where_the_bundle_was_changed(bundle: Path) -> None:
    (bundle / "model.onnx").write_bytes(b"other")

    done = run("check", bundle)

    assert done.exit_code == 1
    assert "model.onnx: the file is not the one that was written" in done.stderr


def test_inspect_describes_the_bundle(bundle: Path) -> None:
    done = run("inspect", bundle)

    assert done.exit_code == 0
    assert "tiny/1: classification, float64" in done.stdout
    assert "city: text (str), may be missing" in done.stdout
    assert "probabilities FP64[2]: 'no', 'yes'" in done.stdout
    assert "pmml: NOT MADE (not asked)" in done.stdout


def test_inspect_as_json_prints_the_manifest(bundle: Path) -> None:
    done = run("inspect", bundle, "--json")

    assert done.stdout_bytes == (bundle / "manifest.json").read_bytes()


def test_inspect_of_what_is_no_bundle_exits_2(tmp_path: Path) -> None:
    done = run("inspect", tmp_path)

    assert done.exit_code == 2
    assert "this is not a bundle: it has no manifest.json" in done.stderr


def test_predict_prints_csv(bundle: Path, tmp_path: Path) -> None:
    done = run("predict", bundle, write(tmp_path / "rows.csv", ROW))

    assert done.exit_code == 0, done.output
    head, answer = done.stdout.splitlines()
    assert head == "label,probabilities.no,probabilities.yes"
    assert answer.startswith("yes,0.268941421369995")


def test_predict_writes_a_file(bundle: Path, tmp_path: Path) -> None:
    rows = write(tmp_path / "rows.csv", ROW)

    done = run("predict", bundle, rows, "-o", tmp_path / "answers.json")

    assert (done.exit_code, done.stdout) == (0, "")
    assert json.loads((tmp_path / "answers.json").read_text())[0]["label"] == "yes"


def test_predict_names_row_and_column_of_a_bad_value(bundle: Path, tmp_path: Path) -> None:
    done = run("predict", bundle, write(tmp_path / "rows.csv", ROW.replace("0,1", "0,x")))

    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: row 0, column 'b': a number is due here, not 'x'. Write")


def test_predict_refuses_what_the_model_does_not_accept(bundle: Path, tmp_path: Path) -> None:
    done = run("predict", bundle, write(tmp_path / "rows.csv", ROW.replace("0,1", "0,")))

    assert done.exit_code == 2
    assert "row 0, column 'b': the value is missing" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("predict",), ("inspect", "nowhere"), ("train",)])
def test_wrong_usage_exits_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_serve_passes_its_options_on(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setattr(server, "serve", lambda place, **options: seen.update(options, at=place))
    artifacts = bundle.parent.parent

    done = run("serve", artifacts, "--port", 9000, "--workers", 2, "--queue", 7)

    assert done.exit_code == 0, done.output
    given = {name: value for name, value in seen.items() if value is not None}
    assert given == {"at": artifacts, "port": 9000, "workers": 2, "queue": "7"}


def test_a_missing_extra_is_named(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise ModuleNotFoundError("No module named 'spox'", name="spox")

    monkeypatch.setattr(isomorph, "check", missing)

    done = run("check", bundle)

    assert done.exit_code == 2
    assert "error: spox is not installed. Run pip install 'isomorph[convert]'" in done.stderr
