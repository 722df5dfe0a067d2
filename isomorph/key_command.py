"""`isomorph key`: make, list and revoke the keys that a service asks for."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

_FILE = click.option(
    "--keys",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="ISOMORPH_KEYS",
    default="keys.json",
    show_default=True,
    help="The file of keys; also the environment's ISOMORPH_KEYS.",
)


@click.group()
def key() -> None:
    """Make, list and revoke the keys that `serve` asks for when ISOMORPH_KEYS names their file."""


@key.command()
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(["predict", "admin"]),
    default="predict",
    show_default=True,
    help="admin: may set aliases, load and unload, too.",
)
@_FILE
def make(*, name: str, scope: str, path: Path) -> None:
    """Make a key called NAME and print it, this once: the file keeps only its SHA-256."""
    from runtime import keys  # noqa: PLC0415

    click.echo(keys.make(path, name, "admin" if scope == "admin" else "predict"))
    click.echo(f"note: it is shown this once; {path} keeps only its SHA-256", err=True)


@key.command("list")
@_FILE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_(*, path: Path, as_json: bool) -> None:
    """Every key: its name, its scope, when it was made."""
    from runtime import keys  # noqa: PLC0415

    found = keys.read(path)
    if as_json:
        click.echo(json.dumps({"keys": msgspec.to_builtins(found)}))
        return
    for name, each in found.items():
        click.echo(f"{name} {each.scope} {each.created.isoformat()}")
    if not found:
        click.echo(f"{path} has no key", err=True)


@key.command()
@click.argument("name")
@_FILE
def revoke(*, name: str, path: Path) -> None:
    """Forget the key called NAME. A running service follows in a second."""
    from runtime import keys  # noqa: PLC0415

    keys.revoke(path, name)
