"""The page at `/`: what is served, whether it was proven, and a command to try it.

Others ask for `/` too. KServe's client reads `status` and accepts anything; Azure ML's probe wants
a 200, and its own server says Healthy: one answer for both, and a page for who accepts HTML.
"""

from __future__ import annotations

from html import escape

from runtime.curl import curl
from runtime.door import Call, Door, Reply, Route
from runtime.doors.native import problem
from runtime.repository import NotReady, Ready

# Nothing is loaded from anywhere and no script runs, whatever a model is called; no frame, no form.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
pre { background: #f3f3f3; padding: .8rem; overflow-x: auto } .not { color: #a40000 }
"""
_LOCKED = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>isomorph</title>'
    b"<p>isomorph is here, and asks for a key: Authorization: Bearer KEY</p></html>"
)


def root(call: Call) -> Reply:
    """The page where HTML is accepted, else that the process lives."""
    accept = call.header(b"accept").lower()
    if "text/html" in accept:
        return page(call)
    if "text/plain" in accept:
        return Reply(b"Healthy", media_type="text/plain; charset=utf-8")
    return Reply(b'{"status":"alive","health":"Healthy"}')


def page(call: Call) -> Reply:
    """Every version, in plain HTML; where keys are asked for, none: a browser has no key."""
    if call.settings.keys is not None:
        return Reply(_LOCKED, media_type="text/html; charset=utf-8", headers=_HEADERS)
    versions = call.repository.all()
    shown = "".join(_version(each, call.address) for each in versions) or "<p>No models here.</p>"
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>isomorph</title>'
        f"<style>{_STYLE}</style><h1>isomorph</h1>{shown}"
        '<p><a href="/models">/models</a> · <a href="/openapi.json">/openapi.json</a></p></html>'
    )
    return Reply(html.encode(), media_type="text/html; charset=utf-8", headers=_HEADERS)


def _version(found: Ready | NotReady, address: str) -> str:
    head = f"<h2>{escape(found.name)} / {found.version}</h2>"
    if isinstance(found, NotReady):
        return f'{head}<p class="not">Not ready: {escape(found.reason)}</p>'
    command = curl(address, found.name, found.version, found.example)
    verdicts = ", ".join(
        f"{each.target}: {each.status} ({each.rows} rows)"
        for each in found.bundle.manifest.verdict.targets
    )
    task = escape(found.bundle.manifest.task)
    return f"{head}<p>Ready. {task}. {escape(verdicts)}</p><pre>{escape(command)}</pre>"


DOOR = Door(name="page", routes=(Route(path="/", handler=root, scope="open"),), fault=problem)
