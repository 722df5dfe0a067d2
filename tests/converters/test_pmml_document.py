"""A document says whose it is and carries rows that prove it; JPMML verifies them itself."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bundle.arrays import MISSING_TEXT, Arrays
from bundle.errors import ConversionError
from bundle.pmml_fields import spelt
from bundle.signature import Signature
from converters.describe import describe
from converters.pmml_document import Recorded, self_proving
from converters.sklearn_to_pmml import sklearn_to_pmml
from parity.jpmml import pmml_backend

for extra in ("jpype", "sklearn2pmml", "jpmml_evaluator"):
    pytest.importorskip(extra)

NUMBERS = ["a b", "x<y", "t[0].β", "日本"]
TEXT = ['say "it\'s" & go', "label"]
SAID = ["", " padded ", "<&>", "line\nfeed", "carriage\rreturn", "tab\t", "é😀", "]]>"]
NS = "{http://www.dmg.org/PMML-4_4}"


def rows(count: int = 80) -> pd.DataFrame:
    """Names and values that XML has to escape; missing in both kinds."""
    rng = np.random.default_rng(0)
    numbers = {name: rng.normal(size=count) for name in NUMBERS}
    text = {name: rng.choice(np.array(SAID, dtype=object), count) for name in TEXT}
    frame = pd.DataFrame({**numbers, **text})
    frame.loc[::9, TEXT[0]] = None
    return frame


def fitted(last: Any, target: Any) -> tuple[Any, pd.DataFrame]:
    """Scaled numbers and one-hot text before `last`."""
    before = ColumnTransformer(
        [
            ("numbers", StandardScaler(), NUMBERS),
            ("text", OneHotEncoder(handle_unknown="ignore"), TEXT),
        ]
    )
    frame = rows()
    return make_pipeline(before, last).fit(frame, target(frame)), frame


MODELS = {
    "text labels": (LogisticRegression(), lambda f: np.where(f["a b"] > 0, "Yes & so", 'No "<"')),
    "bool labels": (RandomForestClassifier(5, random_state=0), lambda f: f["x<y"] > 0),
    "three ints": (LogisticRegression(), lambda f: pd.cut(f["a b"], 3, labels=False) - 1),
    "numbers": (LinearRegression(), lambda f: f["a b"] - f["日本"] * 3),
    "a chain of text labels": (
        GradientBoostingClassifier(n_estimators=3, random_state=0),
        lambda f: np.where(f["a b"] > 0, "Yes", "No"),
    ),
    "a chain of three ints": (
        GradientBoostingClassifier(n_estimators=3, max_depth=1, random_state=0),
        lambda f: pd.cut(f["a b"], 3, labels=False) + 1,
    ),
    "a chain of trees": (
        GradientBoostingRegressor(n_estimators=5, random_state=0),
        lambda f: f["x<y"],
    ),
}


@pytest.fixture(params=MODELS, scope="module")
def proven(request: pytest.FixtureRequest) -> tuple[bytes, Signature, Recorded]:
    """A document, its signature and what it should carry."""
    model, frame = fitted(*MODELS[request.param])
    original, given, _ = describe(model, frame)
    recorded = Recorded(rows=given, answers=original(given), zero={})
    made = sklearn_to_pmml(model, original.signature)
    return self_proving(made, original.signature, recorded), original.signature, recorded


def cells(document: bytes) -> list[re.Match[bytes]]:
    """Where the cells of the first row stand."""
    row = re.search(rb"<row>.*?</row>", document, re.DOTALL)
    assert row
    return list(re.compile(rb"<(data:c\d+)>([^<]*)</\1>").finditer(document, *row.span()))


def verified(document: bytes) -> dict[str, dict[str, str]]:
    """The VerificationFields by column."""
    found = ET.fromstring(document).iter(f"{NS}VerificationField")  # noqa: S314 - our own
    return {each.attrib["column"]: each.attrib for each in found}


def test_the_evaluator_verifies_every_row(
    proven: tuple[bytes, Signature, Recorded],
) -> None:
    """It has all rows and all fields, and answers after as it did before."""
    document, signature, recorded = proven
    answers = pmml_backend(document, signature)(recorded.rows)
    for name, expected in recorded.answers.items():
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(answers[name], expected, rtol=1e-12, atol=1e-300)
        else:
            assert answers[name].tolist() == expected.tolist()
    root = ET.fromstring(document)  # noqa: S314 - our own
    assert len(list(root.iter(f"{NS}row"))) == 80
    active = [
        field.attrib["name"]
        for field in next(root.iter(f"{NS}MiningSchema"))
        if field.get("usageType") != "target"
    ]
    assert len(verified(document)) == len(active) + 1 + (signature.outputs[-1].width or 0)
    assert {f["field"] for f in verified(document).values()} >= set(active)
    assert set(active) <= {*NUMBERS, *TEXT}


def test_a_wrong_value_is_found_in_any_answer(
    proven: tuple[bytes, Signature, Recorded],
) -> None:
    """A label of another class; a number off by 1e-11."""
    document, signature, _ = proven
    described = verified(document)
    # Beside OutputFields a target is not verified; one repeats it, but not inside a chain.
    outputs = [field for field in described.values() if "(" in field["field"]]
    ignored = ["label_"] if len(outputs) > 2 else []
    for cell in cells(document):
        field = described[cell[1].decode()]
        if field["field"] in (*NUMBERS, *TEXT, *ignored):
            continue
        if "precision" in field:
            wrong = repr(float(cell[2]) * (1 + 1e-11) or 1e-300).encode()
        else:
            classes = [escape(spelt(name)).encode() for name in signature.outputs[0].names or ()]
            wrong = next(name for name in classes if name != cell[2])
        planted = document[: cell.start(2)] + wrong + document[cell.end(2) :]
        with pytest.raises(
            ConversionError, match=r"not answer its own verification rows: .* match"
        ):
            pmml_backend(planted, signature)


def missing_and_unspeakable() -> tuple[bytes, Signature, Arrays, Recorded]:
    """A document over one number and one text; rows that are missing, or that XML cannot hold."""
    frame = pd.DataFrame({"n": [0.0, 1.0, 2.0, 3.0], "t": ["u", "v", "u", None]})
    columns = [("n", "passthrough", ["n"]), ("t", OneHotEncoder(handle_unknown="ignore"), ["t"])]
    model = make_pipeline(ColumnTransformer(columns), LinearRegression()).fit(frame, [1, 3, 3, 9])
    original, _, _ = describe(model, frame)
    given = {
        "numbers": np.array([[1.0], [1.0], [2.0], [np.inf], [3.0], [4.0]]),
        "text": np.array([["u"], ["u"], ["\x01"], ["v"], [MISSING_TEXT], ["\ud800"]], dtype=object),
    }
    answers = original({name: block[[0, 1, 0, 0, 4, 0]] for name, block in given.items()})
    recorded = Recorded(rows=given, answers=answers, zero={})
    return sklearn_to_pmml(model, original.signature), original.signature, given, recorded


def test_what_xml_cannot_hold_is_left_out_and_missing_is_an_absent_cell() -> None:
    """Infinite, a control character, half a character: no row. A row twice: once."""
    made, signature, _, recorded = missing_and_unspeakable()
    document = self_proving(made, signature, recorded)
    kept = list(ET.fromstring(document).iter(f"{NS}row"))  # noqa: S314 - our own
    assert [len(row) for row in kept] == [3, 2]
    pmml_backend(document, signature)


def test_a_document_without_rows_is_ours_all_the_same() -> None:
    """An empty table is not valid PMML."""
    made, signature, _, recorded = missing_and_unspeakable()
    document = self_proving(made, signature, recorded[np.zeros(6, dtype=bool)])
    assert b"ModelVerification" not in document
    assert b'<Application name="isomorph"' in document


def test_only_rows_that_the_document_repeats_are_kept() -> None:
    """Near zero as the proof measures it, or within 1e-12 of the value itself."""
    expected = np.array([[1.0, 0.0], [1.0, 1e-13], [1.0, 1e-9], [1.0, 0.5], [np.nan, 1.0]])
    got = expected + np.array([[1e-13, 1e-13], [0, 1e-13], [0, 1e-13], [3e-12, 0], [0, 0]])
    zero = {"features": np.array([1e-12, 1e-12])}
    recorded = Recorded(rows={"X": np.arange(5.0)}, answers={"features": expected}, zero=zero)
    assert recorded.repeated({"features": got}).rows["X"].tolist() == [0.0, 1.0]


HEADER = (
    b'<Header copyright="c"><Application name="other" version="2"/>'
    b"<Timestamp>now</Timestamp></Header>"
)
PLAIN = (
    b'<?xml version="1.0"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">'
    + HEADER
    + b'<DataDictionary><DataField name="y" optype="continuous" dataType="double"/>'
    b'<DataField name="n" optype="continuous" dataType="integer"/></DataDictionary>'
    b'<RegressionModel functionName="regression"><MiningSchema>'
    b'<MiningField name="y" usageType="target"/><MiningField name="n"/></MiningSchema>'
    b'<RegressionTable intercept="1"><NumericPredictor name="n" coefficient="2"/></RegressionTable>'
    b"</RegressionModel></PMML>"
)


def plain(document: bytes) -> bytes:
    """`document`, 2 n + 1, as ours."""
    signature = describe(LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0]), [[0.0], [1.0]])[0]
    named = Signature(
        columns=(msgspec.structs.replace(signature.signature.columns[0], name="n"),),
        inputs=(msgspec.structs.replace(signature.signature.inputs[0], columns=("n",)),),
        outputs=signature.signature.outputs,
    )
    block = named.inputs[0].name
    rows = {block: np.array([[3.0], [-1.0]])}
    recorded = Recorded(rows=rows, answers={"prediction": np.array([7.0, -1.0])}, zero={})
    made = self_proving(document, named, recorded)
    pmml_backend(made, named)
    return made


def test_who_wrote_it() -> None:
    """We did, by way of another; not when. Nothing else of the document changes."""
    made = plain(PLAIN)
    header = ET.fromstring(made).find(f"{NS}Header")  # noqa: S314 - our own
    assert header is not None
    assert [each.attrib for each in header] == [
        {"extender": "isomorph", "name": "converter", "value": "other 2"},
        {"name": "isomorph", "version": version("isomorph")},
    ]
    assert header.attrib == {"copyright": "c"}
    without = re.sub(rb"\s*<ModelVerification.*</ModelVerification>\s*", b"", made, flags=re.DOTALL)
    before, after = (
        re.split(rb"<Header.*</Header>", each, flags=re.DOTALL) for each in (PLAIN, without)
    )
    assert before == after


def test_a_header_without_an_application_or_of_our_own() -> None:
    """No extension then."""
    for header in (b"<Header/>", b'<Header><Application name="isomorph" version="0"/></Header>'):
        assert b"Extension" not in plain(PLAIN.replace(HEADER, header))


def test_the_bytes_repeat() -> None:
    """The same document, the same rows."""
    assert plain(PLAIN) == plain(PLAIN)


@pytest.mark.parametrize("tag", [b"Header", b"DataDictionary", b"MiningSchema"])
def test_what_is_no_whole_document(tag: bytes) -> None:
    """It says what is not there."""
    with pytest.raises(ConversionError, match=f"it has no {tag.decode()}"):
        plain(PLAIN.replace(b"<" + tag, b"<Other"))


def test_a_document_that_does_not_end_with_a_model() -> None:
    """The rows would have no place."""
    with pytest.raises(ConversionError, match="not a model"):
        plain(PLAIN.replace(b"</PMML>", b"<Extension/></PMML>"))
