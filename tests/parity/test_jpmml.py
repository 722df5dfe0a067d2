"""What the JPMML backend refuses to parse, and how it says that a row has no answer."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from bundle.arrays import MISSING_TEXT
from bundle.errors import ConversionError
from bundle.signature import Block, Column, Datatype, Output, Scalar, Signature
from converters import jvm
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


BODY = b'<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"/>'
ENTITY = b'<!DOCTYPE PMML [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LAUGHS = b'<!DOCTYPE PMML [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 1_000 + b'">]>'


def declared(encoding: str) -> bytes:
    return f'<?xml version="1.0" encoding={encoding}?>'.encode()


HOSTILE = {
    "entity": ENTITY + BODY,
    "billion laughs": LAUGHS + BODY,
    "external subset": b'<!DOCTYPE PMML SYSTEM "http://127.0.0.1/a.dtd">' + BODY,
    "parameter entity": b'<!DOCTYPE PMML [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>' + BODY,
    "lower case": ENTITY.lower() + BODY,
    "after the declaration": declared('"UTF-8"') + b"\n" + ENTITY + BODY,
    "after a comment": b"<!-- a --><!---->" + ENTITY + BODY,
    "after a comment that holds a root": b"<!--<PMML-->" + ENTITY + BODY,
    "after a comment that holds an end": b"<!-- <? -->" + ENTITY + b"<!-- ?> -->" + BODY,
    "after an instruction": b"<?php <PMML ?>" + ENTITY + BODY,
    "after an instruction that opens a comment": b"<?a <!-- ?>" + ENTITY + b"<!-- -->" + BODY,
    "after a byte order mark": b"\xef\xbb\xbf" + ENTITY + BODY,
    "after a long comment": b"<!--" + b"a" * 100_000 + b"-->" + ENTITY + BODY,
    "behind many spaces": b" " * 60_000 + ENTITY + BODY,
    "after many comments": b"<!---->" * 9_000 + ENTITY + BODY,
    "comments without an end": b"<!-- " * 13_000,
    "a root in another element": b"<a><PMML/></a>",
    "nothing": b"",
    "spaces": b" " * 100_000,
    **{
        f"in {encoding}": (ENTITY + BODY).decode().encode(encoding)
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037")
    },
    "UTF-8 declared, in UTF-16": declared('"UTF-8"').decode().encode("utf-16") + BODY,
    **{
        f"declared {encoding}": declared(encoding) + BODY
        for encoding in ("'UTF-7'", '"UTF-7"', '"utf-16"', '"UTF-8 "', '"cp037"', '"x-UTF-8"')
    },
    "declared after a mark": b"\xef\xbb\xbf" + declared("'UTF-16'") + BODY,
    "declared with spaces": b"<?xml  version = '1.0'\n encoding\t=\n'UTF-7' ?>" + BODY,
    "declared after a bracket": b'<?xml version="1.0>" encoding="UTF-7"?>' + BODY,
    "declared twice": b'<?xml version="1.0" encoding="UTF-8" encoding="UTF-7"?>' + BODY,
    "declared second": declared('"UTF-8"') + declared('"UTF-7"') + BODY,
    "declared after a space": b" " + declared('"UTF-7"') + BODY,
    "XML 1.1": b'<?xml version="1.1"?>' + BODY,
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbf" + BODY,
    "the mark of UTF-7": b"+/v8-" + BODY,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_parser_sees_a_hostile_document(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused within a tenth of a second of this thread, with what to do."""
    monkeypatch.setattr(jpmml, "_loaded", lambda *_: pytest.fail("it was parsed"))
    jvm.evaluator()
    started = time.thread_time()
    with pytest.raises(ConversionError, match=r"DOCTYPE|UTF-8") as caught:
        pmml_backend(HOSTILE[name], signature("BYTES", "Yes"))
    assert time.thread_time() - started < 0.1
    assert caught.value.mend


def tree() -> bytes:
    return TREE.format(kind="string", low="No", high="Yes").encode()


def headed(header: bytes) -> bytes:
    return tree().replace(b"<Header/>", b"<Header>" + header + b"</Header>")


HARMLESS = {
    "comments and an instruction": tree().replace(b"<PMML", b"<!-- a --> <?a b?>\n<PMML"),
    "a mark, single quotes": b"\xef\xbb\xbf" + tree().replace(b'"1.0" encoding="UTF-8"', b"'1.0'"),
    "a DOCTYPE that is only said": headed(b"<Annotation><![CDATA[<!DOCTYPE a>]]></Annotation>"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_document_is_loaded(name: str) -> None:
    """What may stand before the root, and texts that look like a declaration."""
    predict = pmml_backend(HARMLESS[name], signature("BYTES", "Yes"))
    assert predict({"numbers": np.array([[1.0]])})["label"].tolist() == ["Yes"]


def nested(opening: str, closing: str, times: int) -> bytes:
    return headed((opening * times + closing * times).encode())


DEEP = 100_000
BOMBS = {
    "no end": tree()[:-9],
    "cut short": b"<PMML",
    "no model": BODY,
    "DOCTYPE inside": headed(ENTITY),
    "an entity that is not declared": headed(b"<Annotation>&a;</Annotation>"),
    "a byte that is not UTF-8": headed(b"<Annotation>\xff</Annotation>"),
    "an overlong bracket": headed(b"\xc0\xbc!DOCTYPE>"),
    "a NUL": headed(b"<Annotation>\0</Annotation>"),
    "an element it does not know": headed(b"<q/>"),
    "deep": nested("<Extension>", "</Extension>", DEEP),
    "deep, of another namespace": nested("<z:a xmlns:z='u'>", "</z:a>", DEEP),
    "deep nodes": tree().replace(b"<Node>", b"<Node>" + b"<Node><True/>" * DEEP, 1),
    "less deep than the parser allows": nested("<Extension>", "</Extension>", 9_000),
    "attributes": headed(b"<Extension " + b" ".join(b'a%d="1"' % i for i in range(DEEP)) + b"/>"),
    "namespaces": headed(
        b"<Extension " + b" ".join(b'xmlns:a%d="%d"' % (i, i) for i in range(DEEP)) + b"/>"
    ),
    "one attribute twice": headed(b'<Extension name="a" name="b"/>'),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_errors(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing on the console; the process lives, and loads the next document."""
    started = time.perf_counter()
    with pytest.raises(ConversionError, match="JPMML refuses it"):
        pmml_backend(BOMBS[name], signature("BYTES", "Yes"))
    assert time.perf_counter() - started < 30
    assert capfd.readouterr() == ("", "")
    pmml_backend(tree(), signature("BYTES", "Yes"))


def derived(fields: str) -> bytes:
    """The tree over `d`, which these derived fields define."""
    before = f"<LocalTransformations>{fields}</LocalTransformations><Node>".encode()
    return tree().replace(b'field="x"', b'field="d"').replace(b"<Node>", before, 1)


DEFINED = '<DerivedField name="{}" optype="continuous" dataType="double">{}</DerivedField>'
NESTED = (
    '<Apply function="+"><Constant>1</Constant>' * 5_000
    + '<FieldRef field="x"/>'
    + "</Apply>" * 5_000
)
ENDLESS = {
    "a circle": DEFINED.format("d", '<FieldRef field="e"/>')
    + DEFINED.format("e", '<FieldRef field="d"/>'),
    "an expression": DEFINED.format("d", NESTED),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_evaluation_without_end_is_an_error(name: str) -> None:
    """Java's stack ends; not the process."""
    with pytest.raises(ConversionError, match=r"JPMML (gives up|refuses it): StackOverflowError"):
        pmml_backend(derived(ENDLESS[name]), signature("BYTES", "Yes"))(
            {"numbers": np.ones((1, 1))}
        )


def test_a_class_named_as_a_function_is_not_run() -> None:
    """JPMML takes names with dots for classes, but only those that are its functions."""
    call = '<Apply function="java.lang.Runtime"><FieldRef field="x"/></Apply>'
    predict = pmml_backend(derived(DEFINED.format("d", call)), signature("BYTES", "Yes"))
    assert predict({"numbers": np.ones((1, 1))})["label"].tolist() == [MISSING_TEXT]


def test_a_document_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not parsed."""
    monkeypatch.setattr(jpmml, "MAX_BYTES", 3)
    with pytest.raises(ConversionError, match="over 3 bytes"):
        pmml_backend(b"<PMML/>", signature("BYTES", "Yes"))
