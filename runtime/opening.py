"""A bundle's directory to a version that answers, or to the reason why it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bundle.errors import BundleError
from bundle.reader import open_bundle
from runtime.book import Book
from runtime.engine import Engine
from runtime.errors import UntriedError
from runtime.forms import Forms
from runtime.golden_rows import first_record
from runtime.models import NotReady, Ready, Version
from runtime.predictions import Predictions


def opened(
    name: str,
    version: int,
    place: Path,
    *,
    tried: Any,
    shown: Callable[[Exception], str],
    book: Book,
    gather: bool,
    trial: Callable[[str, int, Path], str] | None = None,
) -> Version:
    """The version in `place`, verified, loaded, replayed and measured; `shown` words faults.

    `gather`: whether requests may share a run, where that pays and changes no bit. `trial` does
    the same before, elsewhere, and says the digest of what it found good.
    """
    try:
        digest = trial(name, version, place) if trial is not None else None
        ready = made(name, version, place, book, digest, gather=gather)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others serve
        unforeseen = "" if isinstance(error, BundleError) else f"{type(error).__name__}: "
        book.general.loaded(ready=False)
        reason = f"{unforeseen}{shown(error)}"
        tried = None if isinstance(error, UntriedError) else tried
        return NotReady(name=name, version=version, reason=reason, tried=tried)
    book.general.loaded(ready=True)
    return ready


def made(
    name: str,
    version: int,
    place: Path,
    book: Book,
    digest: str | None = None,
    *,
    gather: bool = True,
) -> Ready:
    """The version in `place`, which must be the one of this digest. Raises BundleError."""
    bundle = open_bundle(place)
    if digest not in (None, bundle.digest):
        raise BundleError("the bundle changed while it was tried", where=f"{name}/{version}")
    if (bundle.manifest.name, bundle.manifest.version) != (name, version):
        raise BundleError(
            f"the manifest says {bundle.reference}",
            where=f"{name}/{version}",
            mend="Put the bundle in the directory of its own name and version",
        )
    engine = Engine(bundle)
    engine.replay()
    engine.decide(gather=gather)
    return Ready(
        name=name,
        version=version,
        bundle=bundle,
        engine=engine,
        forms=Forms(bundle.signature),
        predictions=Predictions(bundle.signature, name, version),
        example=first_record(bundle),
        statistics=book.page(name, version),
    )
