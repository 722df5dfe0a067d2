"""uvicorn around the application, in one process or several."""

from __future__ import annotations

import functools
import json
import os
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from bundle.errors import IsomorphError
from runtime import keys, tls
from runtime.book import DIRECTORY, shared_directory
from runtime.curl import curl
from runtime.logs import UVICORN
from runtime.platforms import is_local, place
from runtime.protocol import Protocol
from runtime.settings import Settings, from_environment, to_environment
from runtime.stopping import Server
from runtime.supervising import supervise
from runtime.trial import PASSED, POSSIBLE, Trial

if TYPE_CHECKING:
    from fastapi import FastAPI

ACCEPTORS = 8
"""Connections accepted between two slices of work: libuv takes one for each listener."""
OPEN = (
    "WARNING: {host}:{port} is open to whoever reaches it: no key is asked for. "
    "Make one (isomorph key make, docs/security.md), stay behind a gateway, or use "
    "--host 127.0.0.1\n"
)
LOCKED = 'isomorph serves {0}\ncurl -H "Authorization: Bearer $KEY" {0}/models'


def serve(
    artifacts: Path | str | None = None,
    *,
    host: str | None = None,
    port: int | None = None,
    workers: int = 1,
    **given: Any,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what runs. Port 0 takes a free one.

    `given`: settings by name; what is None, the environment says (`runtime.settings`). The
    directory, host and port that are not given, the platform says (`runtime.platforms`), else
    artifacts, 127.0.0.1 and 8080. Raises IsomorphError.

    Several workers are forked from this process, which has imported what they need, and open the
    bundles themselves: a session does not survive a fork.
    """
    artifacts, host, port = place(artifacts or os.environ.get("ISOMORPH_ARTIFACTS"), host, port)
    settings = from_environment(os.environ, given | {"artifacts": Path(artifacts).resolve()})
    _check(settings)
    if settings.keys is None and not is_local(host):
        sys.stderr.write(OPEN.format(host=host, port=port))
    os.environ.update(to_environment(settings))
    config = uvicorn.Config(
        "runtime.server:worker",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,  # runtime.logs writes its own line
        log_config=UVICORN,
        http=Protocol,
        server_header=False,
        proxy_headers=False,  # nobody's word is taken for where a request came from
        timeout_keep_alive=settings.keep_alive,
        **tls.options(settings),
    )
    listening = config.bind_socket()
    address = _address(host, listening.getsockname()[1], settings)
    announce = functools.partial(_announce, address, settings)
    sockets = [listening, *(listening.dup() for _ in range(ACCEPTORS - 1))]
    with shared_directory(workers) as shared:
        if shared is None:
            threading.Thread(target=announce, daemon=True).start()
            server = Server(config)
            server.drain_seconds = settings.drain_seconds
            server.stop_seconds = settings.stop_seconds
            server.run(sockets=sockets)
        else:
            os.environ[DIRECTORY] = str(shared)
            supervise(config, sockets, settings, announce)


def _check(settings: Settings) -> None:
    """Raise IsomorphError for files that nobody should find wrong later, in a worker."""
    if not os.path.isdir(settings.artifacts):  # noqa: PTH112 - false too where it may not be seen
        raise IsomorphError(
            "there is no such directory",
            where=str(settings.artifacts),
            mend="Name the one that holds the models, as `isomorph convert` writes it, or make it",
        )
    tls.check(settings)
    if settings.keys is None:
        return
    keys.read(settings.keys)
    if settings.keys.resolve().is_relative_to(settings.artifacts.resolve()):
        raise IsomorphError(
            "the file of keys lies among the models",
            where=str(settings.keys),
            mend="Move it out of there: what is there is copied and handed on",
        )


def worker() -> FastAPI:
    """The application, as a worker process makes it."""
    settings = from_environment()
    trial = Trial(settings) if POSSIBLE and settings.trial_seconds > 0 else None
    if trial is not None and not PASSED:
        trial.start()  # it has as much to import as this process has
    from runtime.app import create_app  # noqa: PLC0415 - meanwhile

    return create_app(settings, trial)


def welcome(address: str, listing: dict[str, Any]) -> str:
    """What the terminal shows: a line to paste for each ready model, a reason for each other."""
    lines = [f"isomorph serves {address}"]
    for each in listing["models"]:
        if each["state"] == "ready":
            lines.append(curl(address, each["name"], each["version"], each["example"]))
        else:
            lines.append(f"{each['name']}/{each['version']} is not ready: {each['reason']}")
    return "\n".join(lines)


def _address(host: str, port: int, settings: Settings) -> str:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    shown = f"[{reachable}]" if ":" in reachable and "[" not in reachable else reachable
    return f"{'https' if settings.tls_cert else 'http'}://{shown}:{port}"


def _announce(address: str, settings: Settings) -> None:
    """Wait until a worker answers, then say so: with its own words, where no key is asked for."""
    path = "/models" if settings.keys is None else "/livez"
    context = tls.unverified() if settings.tls_cert else None
    while True:
        try:
            with urllib.request.urlopen(  # noqa: S310
                f"{address}{path}", timeout=5, context=context
            ) as answer:
                said = json.load(answer)
        except OSError:
            time.sleep(0.1)
            continue
        shown = welcome(address, said) if settings.keys is None else LOCKED.format(address)
        sys.stdout.write(shown + "\n")
        sys.stdout.flush()
        return
