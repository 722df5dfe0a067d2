"""`open_bundle` opens what was written and names every fault of anything else."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bundle.errors import BundleError
from bundle.reader import Bundle, open_bundle


def test_what_was_written_opens(write: Callable[[], Bundle]) -> None:
    written = write()

    opened = open_bundle(written.path)

    assert opened.manifest == written.manifest
    assert opened.files["model.onnx"] == b"graph"
    assert opened.reference == "churn/1"


def flip(place: Path) -> None:
    (place / "model.onnx").write_bytes(b"Graph")


def lengthen(place: Path) -> None:
    (place / "model.onnx").write_bytes(b"graph!")


def remove(place: Path) -> None:
    (place / "golden.json").unlink()


def add(place: Path) -> None:
    (place / "notes.txt").write_text("mine")


def nest(place: Path) -> None:
    (place / "more").mkdir()


def link(place: Path) -> None:
    (place / "model.onnx").rename(place.parent / "elsewhere")
    (place / "model.onnx").symlink_to(place.parent / "elsewhere")


def hard_link(place: Path) -> None:
    os.link(place / "model.onnx", place.parent / "second")


def no_manifest(place: Path) -> None:
    (place / "manifest.json").unlink()


def linked_manifest(place: Path) -> None:
    (place / "manifest.json").rename(place.parent / "elsewhere")
    (place / "manifest.json").symlink_to(place.parent / "elsewhere")


def not_json(place: Path) -> None:
    (place / "manifest.json").write_text("{")


def not_unicode(place: Path) -> None:
    (place / "manifest.json").write_bytes(b'{"format": "\xff"}')


def edit(place: Path, **members: object) -> None:
    where = place / "manifest.json"
    where.write_text(json.dumps(json.loads(where.read_text()) | members))


def unknown_field(place: Path) -> None:
    edit(place, colour="red")


def other_format(place: Path) -> None:
    edit(place, format="isomorph-bundle/2")


def bad_name(place: Path) -> None:
    edit(place, name="../churn")


def unlisted(place: Path) -> None:
    edit(place, files={})


def outside(place: Path) -> None:
    files = json.loads((place / "manifest.json").read_text())["files"]
    edit(place, files=files | {"../model.onnx": files["model.onnx"]})


FAULTS = [
    (flip, r"model\.onnx: the file is not the one that was written"),
    (lengthen, r"model\.onnx: the file is not the one that was written"),
    (remove, r"golden\.json: the file is missing"),
    (add, r"notes\.txt: the file is not in the manifest\. Remove it"),
    (nest, "more: a bundle holds plain files only"),
    (link, r"model\.onnx: a bundle holds plain files only"),
    (hard_link, r"model\.onnx: a bundle holds plain files only"),
    (no_manifest, "this is not a bundle: it has no manifest"),
    (linked_manifest, "this is not a bundle: it has no manifest"),
    (not_json, r"manifest\.json: not a manifest of format isomorph-bundle/1"),
    (not_unicode, r"manifest\.json: not a manifest of format isomorph-bundle/1"),
    (unknown_field, "unknown field `colour`"),
    (other_format, "Invalid enum value 'isomorph-bundle/2'"),
    (bad_name, r"matching regex .* at `\$\.name`"),
    (unlisted, r"the manifest does not list model\.onnx"),
    (outside, "the manifest lists a file outside the bundle"),
]


@pytest.mark.parametrize(
    ("spoil", "message"), FAULTS, ids=lambda case: getattr(case, "__name__", "")
)
def test_each_fault_is_named(
    write: Callable[[], Bundle], spoil: Callable[[Path], None], message: str
) -> None:
    place = write().path
    spoil(place)

    with pytest.raises(BundleError, match=message):
        open_bundle(place)


def test_a_directory_that_is_not_there_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="Name a directory like artifacts"):
        open_bundle(tmp_path / "nothing")
