"""What a door is: the addresses of one contract, what each makes of a request, its errors.

A door translates and does not compute: its handlers turn a Call into an Asked (rows for a model,
and how to say the answers) or straight into a Reply. `runtime.dispatch` does the rest, the same
for every door: reading and bounding the body, running, threads, errors, logs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Literal

from starlette.types import Scope

from bundle.arrays import Array, Arrays
from runtime.bounds import Bounds
from runtime.faults import Fault
from runtime.settings import Settings
from runtime.statistics import Times

if TYPE_CHECKING:
    from runtime.large import Ending
    from runtime.repository import Ready, Repository
    from runtime.settings import Settings


class Call:
    """A request: its ASGI scope, the variables of its path, its whole body, decompressed."""

    model: Ready | None = None
    """What `ready` found; the log names it."""
    key = ""
    """The name of the key that it carries, where keys are asked for; for the log."""
    trace = ""
    """Of an error that nobody foresaw, for the log."""
    route = ""
    """The pattern of the address; empty where no door knows it."""
    trace_id = ""
    """Of the trace that the request belongs to."""
    error = ""
    """The name of what went wrong (`runtime.statistics.ERRORS`)."""
    times: Times | None = None
    """When the stages of answering rows ended; None where no rows were answered."""
    rows = 0
    """How many were answered."""
    bulk = False
    received = 0
    """Bytes of a bulk body, which is a file."""
    gone = False
    """Whether the client hung up; a bulk handler looks between batches."""
    held = 0
    """Bytes of its body that count as held in memory."""
    ending: Ending | None = None
    """What can end the run of its model, where a thread runs it."""

    def __init__(  # noqa: PLR0917 - one for each request, and keywords cost time
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        params: dict[str, str],
        body: bytes,
        repository: Repository,
        settings: Settings,
        bounds: Bounds,
    ) -> None:
        self.scope, self.headers, self.params, self.body = scope, headers, params, body
        self.repository, self.settings, self.bounds = repository, settings, bounds

    def header(self, name: bytes) -> str:
        """A header by its name in lower case; empty where it is absent."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def media_type(self) -> str:
        """The body's, in lower case, without parameters."""
        return media_type_of(self.headers)

    @property
    def address(self) -> str:
        """How the client reached the server: scheme and host."""
        return f"{self.scope['scheme']}://{self.header(b'host')}"

    def ready(self, name: str | None = None) -> Ready:
        """The version that the path names: by `name`, and `version` or `label` if it has them.

        Without a name anywhere, the model that is the only one, or the one set as default.
        Raises UnknownModelError, NotReadyError.
        """
        name = name or self.params.get("name")
        self.model = self.repository.ready(
            self.repository.default_name if name is None else name,
            self.params.get("version"),
            self.params.get("label"),
        )
        return self.model


def media_type_of(headers: Mapping[bytes, bytes]) -> str:
    """Of a body, in lower case, without parameters."""
    return _media_type(headers.get(b"content-type", b""))


@lru_cache(256)
def _media_type(header: bytes) -> str:
    return header.decode("latin-1").partition(";")[0].strip().lower()


@dataclass(slots=True)
class Reply:
    """An answer; `body` is bytes, or a file that is sent from where it stands and then closed."""

    body: bytes | IO[bytes]
    status: int = 200
    media_type: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class Asked:
    """Rows for a model, and how to say its answers; `outputs` None means all."""

    model: Ready
    rows: Arrays
    reply: Callable[[dict[str, Array]], Reply]
    outputs: Sequence[str] | None = None


Handler = Callable[[Call], Reply | Asked]
"""Raises IsomorphError for what the client did wrong."""
Bulk = Callable[[Call, IO[bytes]], Reply]
"""The same for a body of any length, as a file; runs in a thread and keeps memory bounded."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """An address, such as "/models/{name}/predict", and what answers there.

    `scope`: which keys it answers, where keys are asked for; `open` answers without any.
    `bulk`: what answers bodies of the media types in `bulk_types` instead. `threaded`: it takes
    long whatever the body.
    """

    path: str
    handler: Handler
    methods: tuple[str, ...] = ("GET",)
    scope: Literal["open", "predict", "admin"] = "predict"
    bulk: Bulk | None = None
    bulk_types: tuple[str, ...] = ()
    threaded: bool = False


@dataclass(frozen=True, kw_only=True)
class Door:
    """One contract. `prefix`: unknown addresses below it are answered in the door's own shape."""

    name: str
    routes: tuple[Route, ...]
    fault: Callable[[Fault], Reply]
    prefix: str | None = None
