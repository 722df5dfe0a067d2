"""What the operator decides: an option of `isomorph serve`, else a variable of the environment.

Workers are processes of their own, and read the environment. A field here is all that a setting
needs: its option, its variable, its line of docs/settings.md and the check of its value are made
of its name, its type and the docstring below it.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from bundle.errors import IsomorphError

Count = Annotated[int, msgspec.Meta(ge=1)]
Extra = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every limit has a unit and a reason. Each worker has them for itself."""

    artifacts: Path
    """The directory of bundles."""
    model: str | None = None
    """What addresses without a model's name mean, such as /invocations."""

    max_body: Count = 16 * 2**20
    """Bytes of a request's body, after decompression too: some 50,000 rows of 30 numbers."""
    max_rows: Count = 2**20
    """Rows of such a request: more of them hold a thread for seconds; bulk formats take more."""
    max_numbers: Count = 2**24
    """Numbers of such a request's answers, rows times what is asked of each: JSON takes 20 bytes
    for one, and several times that while it is written; bulk formats take more."""
    max_depth: Annotated[int, msgspec.Meta(ge=4, le=200)] = 64
    """Levels of JSON in each other; rows have at most 5, and Python's stack ends near 1,000."""
    max_held: Count = 2**28
    """Bytes of bodies that came in parts, or compressed, that may be in memory at a time; the next
    is told to come later."""
    max_bulk: Count = 2**30
    """Bytes of a body that is read in batches (Arrow, Parquet), or of its answer; both lie on disk,
    in TMPDIR."""
    max_bulk_rows: Count = 2**26
    """Rows of such a body: a few bytes of it can stand for any number of rows."""
    bulk_jobs: Count = 2
    """How many such bodies are answered at a time."""
    bulk_waiting: Extra = 6
    """How many more may be on their way in or out; the next is told to come later."""
    keys: Path | None = None
    """The file of keys (`isomorph key`). Without one whoever reaches the port is answered: the port
    is on loopback alone unless the operator says otherwise."""
    tls_cert: Path | None = None
    """The certificate and those between it and the authority (PEM); with `tls_key`, HTTPS only."""
    tls_key: Path | None = None
    """The certificate's private key (PEM), not encrypted: nobody is there to type a password."""
    gather: Literal["auto", "never"] = "auto"
    """Whether rows of several requests share a run: auto, where a model was measured to gain by it
    and its answers keep their bits; never keeps every request to itself."""
    look_seconds: Seconds = 1.0
    """Seconds between two looks at `artifacts`: soon enough for people, and a look at 1,000 models
    takes milliseconds."""
    drain_seconds: Annotated[float, msgspec.Meta(ge=0, le=20)] = 0.0
    """Seconds from SIGTERM, in which readiness says no and all else is answered, until connections
    are refused: as long as a load balancer needs to notice (Kubernetes: 5). At most 20."""
    stop_seconds: Annotated[float, msgspec.Meta(ge=3, le=3600)] = 27.0
    """Seconds from SIGTERM until the process ends, whatever is in the way; what still runs is
    cancelled 2 seconds before. Container platforms wait 30 before they kill."""
    trial_seconds: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 60.0
    """Seconds in which a new bundle must load and replay its golden rows, in a process of its own;
    0 tries it in the process that serves, which a bad graph can then end."""
    trial_memory: Count = 2**30
    """Bytes of address space that this process may take beside eight times the bundle's size."""
    hung_seconds: Seconds = 30.0
    """Seconds in which a worker's event loop must move, else it is replaced; no small request
    takes nearly as long."""

    max_url: Annotated[int, msgspec.Meta(ge=64, le=60_000)] = 2**15
    """Bytes of an address with its query, else 414; a row of 1,000 columns fits."""
    max_headers: Count = 100
    """Headers of a request, else 431, as Envoy has it."""
    max_header_bytes: Annotated[int, msgspec.Meta(ge=256)] = 2**15
    """Bytes of their names and values, else 431; long tokens are 8 KiB."""
    receive_seconds: Seconds = 9.0
    """From a connection, or from a request's first byte, to the end of its headers and body."""
    receive_rate: Count = 2**16
    """Bytes a second that a large body must come with at least; each of them earns it time."""
    keep_alive: Count = 5
    """Seconds that a connection may stay without a request."""
    max_connections: Count = 2000
    """Connections open at a time; what comes beyond is told to come later."""

    request_seconds: Seconds = 60.0
    """From a request to its answer; a client may ask for less (X-Request-Timeout). Bulk
    bodies have only the time that the client gives."""
    concurrency: Count = 4
    """Large bodies (JSON and tensors over 256 KiB, others over 32) that are worked on at a time,
    each in a thread; small ones run at once."""
    queue: Extra = 32
    """How many more of them may wait for a thread; the next is told to come later."""
    queue_seconds: Seconds = 0.5
    """How long a request may have waited when it is looked at: beyond it there are more than can
    be answered, and it is told to come later, so that the others are answered in time."""

    metrics_names: Literal["ours", "triton", "kserve", "all"] = "ours"
    """The names of metrics: ours, those that dashboards of Triton or KServe ask for, or all three;
    ours alone say everything, and three times the lines cost three times the scrape."""
    log_requests: Literal["none", "errors", "all"] = "all"
    """Which requests have a line in the log: errors are those with a status from 400 on. All,
    because a service that is not behind a gateway has no other record."""


class Row(NamedTuple):
    """A setting as an operator meets it; `default` is shown, and empty for none."""

    name: str
    option: str
    variable: str
    default: str
    said: str


_PREFIX = "ISOMORPH_"
_ARGUMENT = "artifacts"
_MEND = "See docs/settings.md, or isomorph serve --help"


def table() -> list[Row]:
    """Every setting, but for the directory, which is the command's argument."""
    said = _docstrings()
    fields = [each for each in msgspec.structs.fields(Settings) if each.name != _ARGUMENT]
    return [
        Row(each.name, _option(each.name), _variable(each.name), _shown(each), said[each.name])
        for each in fields
    ]


def from_environment(
    environment: Mapping[str, str] = os.environ, given: Mapping[str, Any] | None = None
) -> Settings:
    """What is given (as text, or None), else ISOMORPH_ARTIFACTS, ..., else the defaults.

    Raises IsomorphError that names the option or the variable.
    """
    kinds = get_type_hints(Settings, include_extras=True)
    found: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        option = None if given is None else given.get(name)
        where = _variable(name) if option is None else _option(name)
        text = environment.get(_variable(name)) if option is None else option
        if text is not None:
            found[name] = _value(where, str(text), kinds[name])
    try:
        return Settings(**found)
    except TypeError as error:  # without the one that has no default
        raise IsomorphError(f"{_variable(_ARGUMENT)} is not set", mend=_MEND) from error


def to_environment(settings: Settings) -> dict[str, str]:
    """What `from_environment` reads back."""
    return {
        _variable(name): str(value)
        for name, value in msgspec.structs.asdict(settings).items()
        if value is not None
    }


def _value(where: str, text: str, kind: Any) -> Any:
    try:
        return msgspec.convert(text, kind, strict=False, dec_hook=lambda kind, text: kind(text))
    except msgspec.ValidationError as error:
        due = _due(kind, str(error))
        raise IsomorphError(f"{where} is not what it should be: {due} is due", mend=_MEND) from None


def _due(kind: Any, said: str) -> str:
    """What a value must be, without what it is."""
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    return said.partition(", got")[0].replace("`", "").replace("Expected ", "")


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _variable(name: str) -> str:
    return _PREFIX + name.upper()


def _shown(field: msgspec.structs.FieldInfo) -> str:
    default = field.default
    if default is None:
        return ""
    return f"{default:g}" if isinstance(default, float) else str(default)


def _docstrings() -> dict[str, str]:
    """What stands below each field."""
    (tree,) = ast.parse(inspect.getsource(Settings)).body
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, below in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            said = below.value if isinstance(below, ast.Expr) else None
            text = said.value if isinstance(said, ast.Constant) else ""
            found[field.target.id] = " ".join(str(text).split())
    return found
