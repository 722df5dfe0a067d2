"""A bundle's directory to a version that answers, or to the reason why it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bundle.errors import BundleError
from bundle.reader import Bundle, open_bundle
from runtime.book import Book
from runtime.engine import Engine
from runtime.forms import Forms
from runtime.golden_rows import first_record
from runtime.models import NotReady, Ready, Version


def opened(
    name: str,
    version: int,
    place: Path,
    *,
    tried: Any,
    shown: Callable[[Exception], str],
    book: Book,
) -> Version:
    """The version in `place`, verified, loaded and replayed; `shown` words what is wrong."""
    try:
        ready = _ready(name, version, open_bundle(place), book)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others serve
        unforeseen = "" if isinstance(error, BundleError) else f"{type(error).__name__}: "
        book.general.loaded(ready=False)
        reason = f"{unforeseen}{shown(error)}"
        return NotReady(name=name, version=version, reason=reason, tried=tried)
    book.general.loaded(ready=True)
    return ready


def _ready(name: str, version: int, bundle: Bundle, book: Book) -> Ready:
    if (bundle.manifest.name, bundle.manifest.version) != (name, version):
        raise BundleError(
            f"the manifest says {bundle.reference}",
            where=f"{name}/{version}",
            mend="Put the bundle in the directory of its own name and version",
        )
    engine = Engine(bundle)
    engine.replay()
    return Ready(
        name=name,
        version=version,
        bundle=bundle,
        engine=engine,
        forms=Forms(bundle.signature),
        example=first_record(bundle),
        statistics=book.page(name, version),
    )
