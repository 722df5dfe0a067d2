"""A scikit-learn model as a PMML 4.4 document, by way of JPMML's converter."""

from __future__ import annotations

import copy
import pickle
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import Any

from bundle.errors import ConversionError
from bundle.signature import Signature
from converters import jvm

_VERSION = threading.Lock()
_REFUSED_VERSION = re.compile(r"Scikit-Learn version '[\w.]+' is not supported", re.IGNORECASE)


def sklearn_to_pmml(model: Any, signature: Signature) -> bytes:
    """UTF-8 XML of `model`, with the columns of `signature` as its fields.

    The same model gives the same bytes. Raises ConversionError where the converter is absent,
    has expired or has no PMML for a step; `where` names the step.
    """
    java = jvm.converter()
    application = _checked_application(java)
    pipeline = _prepared(model, signature)
    try:
        with java.current():
            return _encoded(java, application, pipeline)
    except jvm.java_error() as error:
        raise _refusal(model, jvm.message(error)) from error


def _prepared(model: Any, signature: Signature) -> Any:
    """A copy of the model in the wrapping that the converter reads; the original stays as it is."""
    from sklearn2pmml import _escape, make_pmml_pipeline  # noqa: PLC0415

    fields = [column.name for column in signature.columns]
    target = signature.outputs[0].name
    while target in fields:
        target += "_"
    pipeline = make_pmml_pipeline(copy.deepcopy(model), fields, [target])
    for _, step in _steps(pipeline):
        _accept_missing(step)
    return _escape(pipeline, _escape)


def _accept_missing(step: Any) -> None:
    """Trees send a missing value where training learnt to; without the option they answer null."""
    trees = getattr(step, "estimators_", [step])
    first = trees[0] if isinstance(trees, list) else None
    learnt = getattr(first, "_support_missing_values", None)
    if hasattr(first, "tree_") and learnt is not None:
        step.pmml_options_ = {"allow_missing": True}


def _encoded(java: jvm.Jars, application: Any, pipeline: Any) -> bytes:
    try:
        return _translated(java, application, pipeline)
    except jvm.java_error() as error:
        if not _REFUSED_VERSION.search(jvm.message(error)):
            raise
    # The converter lists exact versions, and a patch release outruns its list. A patch release
    # keeps the fitted attributes, and the proof that follows every conversion decides.
    with declared_as_first_of_its_series():
        return _translated(java, application, pipeline)


def _translated(java: jvm.Jars, application: Any, pipeline: Any) -> bytes:
    # Plain pickle: a forest that joblib wrote takes the Java side a hundred times longer to read.
    document = _document(java, application, pickle.dumps(pipeline, protocol=4))
    _widen_integers(java, document)
    # When it was written is in the manifest; here it would change the bytes of every run.
    document.getHeader().setTimestamp(None)
    stream = java("java.io.ByteArrayOutputStream")()
    java("org.jpmml.model.metro.MetroJAXBSerializer")().serializePretty(document, stream)
    return bytes(stream.toByteArray())


def _widen_integers(java: jvm.Jars, document: Any) -> None:
    """Read integer inputs as doubles, so that 2.5 and 3e9 are unknown values, not errors."""
    types = java("org.dmg.pmml.DataType")
    for field in list(document.getDataDictionary().getDataFields())[1:]:
        if field.getDataType() == types.INTEGER:
            field.setDataType(types.DOUBLE)


def _document(java: jvm.Jars, application: Any, pickled: bytes) -> Any:
    stream = java("java.io.ByteArrayInputStream")(pickled)
    storage = java("org.jpmml.python.StorageUtil").createStorage(stream)
    try:
        loaded = java("org.jpmml.sklearn.SkLearnUnpickler")().load(storage)
    finally:
        storage.close()
    encodable = java("org.jpmml.sklearn.EncodableUtil")
    applications = java("org.jpmml.converter.Application")
    applications.setInstance(application)
    try:
        return encodable.encodePMML(encodable.toEncodable(loaded))
    finally:
        applications.setInstance(None)


@cache
def _checked_application(java: jvm.Jars) -> Any:
    """The converter's own program object, which knows its version and when it expires.

    Its `main` is never called: that is what would exit the process and report failures.
    """
    with java.current():
        program = java("com.sklearn2pmml.Main")
        application = program()
        # Loading the program attaches a console handler; what Java says goes into our errors.
        java("java.util.logging.LogManager").getLogManager().reset()
        validate = program.class_.getDeclaredMethod("validate")
        validate.setAccessible(True)
        try:
            validate.invoke(application)
        except jvm.java_error() as error:
            raise ConversionError(
                f"the converter refuses to run: {jvm.message(error)}",
                where="sklearn2pmml",
                mend=_newer(),
            ) from error
    return application


@contextmanager
def declared_as_first_of_its_series() -> Iterator[None]:
    """Let pickles written inside carry `X.Y.0` as scikit-learn's version."""
    import sklearn.base  # noqa: PLC0415

    with _VERSION:
        actual = sklearn.base.__version__
        sklearn.base.__version__ = ".".join([*actual.split(".")[:2], "0"])
        try:
            yield
        finally:
            sklearn.base.__version__ = actual


def _newer() -> str:
    return f"Install a newer one: pip install --upgrade 'sklearn2pmml>{version('sklearn2pmml')}'"


def _refusal(model: Any, text: str) -> ConversionError:
    if _REFUSED_VERSION.search(text):
        return ConversionError(
            f"sklearn2pmml {version('sklearn2pmml')} does not read models of scikit-learn "
            f"{version('scikit-learn')}: {text}",
            where="scikit-learn",
            mend=_newer(),
        )
    return ConversionError(
        f"the PMML converter refused it: {text}",
        where=_named_in(model, text),
        mend="Replace the step, or convert to ONNX alone",
    )


def _named_in(model: Any, text: str) -> str:
    """The innermost step whose class the message names, as `path (Class)`; else the model."""
    named = [
        f"{path} ({type(step).__name__})"
        for path, step in _steps(model)
        if re.search(rf"\b{re.escape(type(step).__name__)}\b", text)
    ]
    return named[-1] if named else type(model).__name__


def _steps(model: Any) -> Iterator[tuple[str, Any]]:
    """The model and every estimator inside it, fitted ones where they are kept apart."""
    seen: set[int] = set()
    waiting = [("", model)]
    while waiting:
        path, step = waiting.pop(0)
        if id(step) in seen:
            continue
        seen.add(id(step))
        if hasattr(step, "get_params"):
            yield path or "model", step
            waiting += [(f"{path}.{name}".strip("."), part) for name, part in _parts(step)]


def _parts(step: Any) -> Iterator[tuple[str, Any]]:
    """What a step holds by name: the pairs and triples of its lists, and its fitted inner model."""
    for attribute in ("steps", "transformers_", "transformer_list", "estimators"):
        for entry in getattr(step, attribute, None) or ():
            if isinstance(entry, tuple) and len(entry) > 1:
                yield str(entry[0]), entry[1]
    for attribute in ("estimator_", "best_estimator_", "regressor_"):
        if hasattr(step, attribute):
            yield attribute.rstrip("_"), getattr(step, attribute)
    fitted = getattr(step, "estimators_", None)
    if isinstance(fitted, list) and not hasattr(step, "pmml_options_"):
        yield from ((f"estimators[{place}]", each) for place, each in enumerate(fitted))
