"""The settings of the service as options of `isomorph serve` and as docs/settings.md.

`python -m isomorph.serve_options > docs/settings.md` writes the page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from runtime.settings import Row, table

_HEAD = """\
# Settings

Generated from `runtime/settings.py` by `python -m isomorph.serve_options`. Each setting is an
option of `isomorph serve` and a variable of the environment; the option counts before the variable,
the variable before the default. A value that cannot be is said at the start, and the exit status
is 2. Each worker has each limit for itself. `--host`, `--port` and `--workers` are options alone;
`ISOMORPH_ARTIFACTS` is the argument `ARTIFACTS`.

| option | variable | default | what it is |
|---|---|---|---|
"""


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for every setting; their values are text, which the settings check."""
    for row in reversed(table()):
        command = click.option(row.option, metavar=_metavar(row), help=_help(row))(command)
    return command


def page() -> str:
    """docs/settings.md."""
    return _HEAD + "".join(
        f"| `{row.option}` | `{row.variable}` | {row.default or 'none'} | {row.said} |\n"
        for row in table()
    )


def _metavar(row: Row) -> str:
    return "N" if row.default else "TEXT"


def _help(row: Row) -> str:
    shown = f" Default: {row.default}." if row.default else ""
    return f"{row.said}{shown} [{row.variable}]"


if __name__ == "__main__":
    sys.stdout.write(page())
