"""What the JPMML backend refuses to parse, and how it says that a row has no answer."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bundle.arrays import MISSING_TEXT
from bundle.errors import ConversionError
from bundle.signature import Block, Column, Datatype, Output, Scalar, Signature
from parity import jpmml
from parity.jpmml import pmml_backend

for extra in ("jpype", "sklearn2pmml", "jpmml_evaluator"):
    pytest.importorskip(extra)

TREE = """<?xml version="1.0" encoding="UTF-8"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/>
<DataDictionary>
  <DataField name="y" optype="categorical" dataType="{kind}"/>
  <DataField name="x" optype="continuous" dataType="double">
    <Interval closure="closedClosed" leftMargin="-10" rightMargin="10"/>
  </DataField>
</DataDictionary>
<TreeModel functionName="classification" missingValueStrategy="nullPrediction">
  <MiningSchema><MiningField name="y" usageType="target"/><MiningField name="x"/></MiningSchema>
  <Output><OutputField name="probability({high})" feature="probability" value="{high}"
    optype="continuous" dataType="double"/></Output>
  <Node><True/>
    <Node score="{low}"><SimplePredicate field="x" operator="lessOrEqual" value="0"/>
      <ScoreDistribution value="{low}" recordCount="3"/>
      <ScoreDistribution value="{high}" recordCount="1"/></Node>
    <Node score="{high}"><SimplePredicate field="x" operator="greaterThan" value="0"/>
      <ScoreDistribution value="{low}" recordCount="0"/>
      <ScoreDistribution value="{high}" recordCount="1"/></Node>
  </Node>
</TreeModel></PMML>"""


def signature(datatype: Datatype, high: Scalar) -> Signature:
    """One number in, a label and one probability out."""
    return Signature(
        columns=(Column(name="x", kind="number", dtype="float64"),),
        inputs=(Block(name="numbers", datatype="FP64", columns=("x",)),),
        outputs=(
            Output(name="label", datatype=datatype),
            Output(name="probabilities", datatype="FP64", width=1, names=(high,)),
        ),
    )


@pytest.mark.parametrize(
    ("kind", "datatype", "low", "high", "nothing"),
    [
        ("string", "BYTES", "No", "Yes", MISSING_TEXT),
        ("integer", "INT64", 0, 1, np.iinfo(np.int64).min),
        ("boolean", "BOOL", False, True, np.iinfo(np.int64).min),
    ],
)
def test_a_row_without_an_answer_spoils_no_other(
    kind: str, datatype: Datatype, low: Scalar, high: Scalar, nothing: Scalar
) -> None:
    """Missing: null. Outside the interval: an error. Both are marked; the others are answered."""
    text = TREE.format(kind=kind, low=str(low), high=str(high))
    if kind == "boolean":
        text = text.replace("False", "false").replace("True", "true")
        text = text.replace("<true/>", "<True/>")
    predict = pmml_backend(text.encode(), signature(datatype, high))
    answers = predict({"numbers": np.array([[-1.0], [math.nan], [99.0], [1.0]])})
    assert answers["label"].tolist() == [low, nothing, nothing, high]
    expected = np.array([[0.25], [math.nan], [math.nan], [1.0]])
    np.testing.assert_array_equal(answers["probabilities"], expected)


def test_no_rows() -> None:
    """Zero rows in, zero rows out, in the right shapes."""
    predict = pmml_backend(
        TREE.format(kind="string", low="No", high="Yes").encode(), signature("BYTES", "Yes")
    )
    answers = predict({"numbers": np.empty((0, 1))})
    assert {name: block.shape for name, block in answers.items()} == {
        "label": (0,),
        "probabilities": (0, 1),
    }


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><PMML/>', "DOCTYPE"),
        (b"<!doctype x><PMML/>", "DOCTYPE"),
        ("<!DOCTYPE x><PMML/>".encode("utf-16"), "not UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-7"?><PMML/>', "not UTF-8"),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-16"?><PMML/>', "not UTF-8"),
        (b"<PMML", "JPMML refuses it"),
        (b'<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"/>', "JPMML refuses it"),
    ],
)
def test_documents_that_are_refused(document: bytes, fault: str) -> None:
    """Some before any parser, the rest by JPMML."""
    with pytest.raises(ConversionError, match=fault):
        pmml_backend(document, signature("BYTES", "Yes"))


def test_a_document_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not parsed."""
    monkeypatch.setattr(jpmml, "MAX_BYTES", 3)
    with pytest.raises(ConversionError, match="over 3 bytes"):
        pmml_backend(b"<PMML/>", signature("BYTES", "Yes"))
