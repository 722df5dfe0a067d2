"""The `isomorph` command. Exit status: 0 done, 1 not proven equal, 2 bad input or usage.

Imports of weight stand inside the commands, so that `isomorph --help` is fast and every
command needs only what it uses.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bundle.errors import BundleError, IsomorphError, NotEqualError
from bundle.manifest import Verdict
from isomorph.key_command import key
from isomorph.serve_options import settings_options

NOT_EQUAL, BAD_INPUT = 1, 2

# Which extra brings a module that a command may find missing.
EXTRAS = {
    "onnxruntime": "runtime",
    "fastapi": "runtime",
    "uvicorn": "runtime",
    "sklearn": "convert",
    "pandas": "convert",
    "pyarrow": "convert",
    "joblib": "convert",
    "skops": "convert",
    "yaml": "convert",
    "onnx": "convert",
    "spox": "convert",
    "scipy": "convert",
    "sklearn2pmml": "pmml",
    "jpmml_evaluator": "pmml",
}

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
_ANY = click.Path(exists=True, path_type=Path)
_USING = click.option(
    "--using",
    multiple=True,
    type=_FILE,
    metavar="FILE.py",
    help="Import this first: your own classes and their converters.",
)


class Commands(click.Group):
    """Turns the errors a user can meet into a line on stderr and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except IsomorphError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(_status(error, ctx.invoked_subcommand))
        except ModuleNotFoundError as error:
            extra = EXTRAS.get((error.name or "").partition(".")[0])
            if extra is None:
                raise
            mend = f"Run pip install 'isomorph[{extra}]'"
            click.echo(f"error: {error.name} is not installed. {mend}", err=True)
            ctx.exit(BAD_INPUT)


def _status(error: IsomorphError, command: str | None) -> int:
    # A bundle that does not open is a bundle that is not proven equal, where proof was asked for.
    proven_wrong = NotEqualError if command != "check" else (NotEqualError, BundleError)
    return NOT_EQUAL if isinstance(error, proven_wrong) else BAD_INPUT


def _formats(_ctx: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(each.strip() for each in value.split(",")))
    for each in formats:
        if each not in ("onnx", "pmml"):
            raise click.BadParameter(f"{each!r} is not a format; give onnx, pmml or onnx,pmml")
    return formats


def _methods(_ctx: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in value.split(",") if each.strip()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="isomorph")
def main() -> None:
    """A trained model in; the same function out, proven equal, served over HTTP."""


@main.command()
@click.argument("source", type=_ANY)
@click.option("--sample", type=_FILE, required=True, help="Rows of training (.csv, .parquet).")
@click.option("--name", required=True, help="The bundle's name.")
@click.option("--version", type=click.IntRange(min=1), help="Default: the next one.")
@click.option("--artifacts", default="artifacts", show_default=True, help="Where bundles are.")
@click.option("--formats", default="onnx,pmml", show_default=True, callback=_formats)
@click.option(
    "--methods",
    default="",
    callback=_methods,
    help="The model's methods to answer: predict,decision_function,... Default: those of its task.",
)
@click.option(
    "--precision",
    type=click.Choice(["float64", "float32"]),
    default="float64",
    show_default=True,
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    help=".html, .json or .xml (JUnit); kept also where the conversion is refused.",
)
@_USING
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def convert(
    *, source: Path, sample: Path, using: tuple[Path, ...], as_json: bool, **options: Any
) -> None:
    """Convert the trained model SOURCE, prove the result equal, and write a bundle."""
    import isomorph  # noqa: PLC0415

    _use(using)
    _note(source)
    try:
        made = isomorph.convert(source, sample, progress=_progress(), **options)
    except NotEqualError as error:
        _print_verdict(getattr(error, "verdict", None), None, as_json=as_json)
        raise
    _print_verdict(made.verdict, made.path, as_json=as_json)


@main.command()
@click.argument("bundle", type=_DIRECTORY)
@click.option("--against", type=_ANY, metavar="SOURCE", help="The original to compare with.")
@click.option("--sample", type=_FILE, help="Rows of training (.csv, .parquet).")
@click.option("--report", type=click.Path(path_type=Path), help=".html, .json or .xml (JUnit).")
@_USING
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def check(
    ctx: click.Context,
    *,
    bundle: Path,
    against: Path | None,
    sample: Path | None,
    report: Path | None,
    using: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Prove BUNDLE again: against an original, or by replaying its golden rows."""
    import isomorph  # noqa: PLC0415
    from isomorph.reports import report_writer, write_report  # noqa: PLC0415

    if report is not None:
        report_writer(report)  # a wrong suffix is said before the proof, not after it
    _use(using)
    if against is not None:
        _note(against)
    checked = isomorph.check(bundle, against=against, sample=sample, progress=_progress())
    if report is not None:
        write_report(report, bundle, checked)
    _print_verdict(checked.verdict, bundle, as_json=as_json)
    ctx.exit(0 if checked.verdict.passed else NOT_EQUAL)


@main.command()
@click.argument("bundle", type=_DIRECTORY)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest.")
def inspect(*, bundle: Path, as_json: bool) -> None:
    """Say what BUNDLE is: signature, source, verdict. Its files are verified first."""
    from bundle.manifest import encode  # noqa: PLC0415
    from bundle.reader import open_bundle  # noqa: PLC0415
    from isomorph.description import decided, describe  # noqa: PLC0415
    from isomorph.verdict_table import show  # noqa: PLC0415

    opened = open_bundle(bundle)
    if as_json:
        click.echo(encode(opened.manifest), nl=False)
        return
    click.echo(describe(opened.manifest))
    click.echo(decided(opened), nl=False)
    show(opened.manifest.verdict)


@main.command()
@click.argument("bundle", type=_DIRECTORY)
@click.argument("input_", metavar="INPUT", type=_FILE)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: CSV on stdout.")
def predict(*, bundle: Path, input_: Path, output: Path | None) -> None:
    """Answer the rows of INPUT (.csv, .json, .parquet) with BUNDLE."""
    import isomorph  # noqa: PLC0415
    from isomorph.tables import read_rows, write_answers  # noqa: PLC0415

    opened = isomorph.open(bundle)
    rows = read_rows(input_, opened.signature)
    write_answers(output, opened.predict(rows), opened.signature)


@main.command()
@click.argument("name")
@click.argument("alias_", metavar="[ALIAS]", required=False)
@click.argument("version", required=False, type=click.IntRange(min=1))
@click.option("--artifacts", default="artifacts", show_default=True, type=_DIRECTORY)
@click.option("--delete", "deleting", is_flag=True, help="Forget ALIAS.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def alias(
    *,
    name: str,
    alias_: str | None,
    version: int | None,
    artifacts: Path,
    deleting: bool,
    as_json: bool,
) -> None:
    """Point ALIAS of model NAME at VERSION; without one, list the aliases.

    Requests that name no version get the alias `champion`. A running service follows in a second.
    """
    from isomorph import aliasing  # noqa: PLC0415

    if deleting and (alias_ is None or version is not None):
        raise click.UsageError("--delete takes NAME and ALIAS")
    if deleting and alias_ is not None:
        found = aliasing.delete(artifacts, name, alias_)
    elif alias_ is not None and version is not None:
        found = aliasing.assign(artifacts, name, alias_, version)
    else:
        found = aliasing.aliases(artifacts, name, alias_)
    _print_aliases(name, found, as_json=as_json)


@main.command()
@click.argument("artifacts", type=_DIRECTORY, required=False)
@click.option("--host", help="Default: 127.0.0.1; 0.0.0.0 where a platform names the port.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Default: AIP_HTTP_PORT, else PORT, of the environment, else 8080.",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True)
@settings_options
def serve(
    *, artifacts: Path | None, host: str | None, port: int | None, workers: int, **settings: Any
) -> None:
    """Serve every bundle under ARTIFACTS (default: artifacts; in SageMaker /opt/ml/model).

    What follows --workers is explained in docs/settings.md.
    """
    from runtime import server  # noqa: PLC0415

    server.serve(artifacts, host=host, port=port, workers=workers, **settings)


main.add_command(key)


def _use(files: tuple[Path, ...]) -> None:
    from isomorph.own import use  # noqa: PLC0415

    for path in files:
        use(path)


def _note(source: Path) -> None:
    click.echo(
        f"note: loading {source} runs code it contains; convert only models you trust", err=True
    )


def _progress() -> Callable[[str], None] | None:
    if not sys.stderr.isatty():
        return None
    return lambda step: click.secho(f"… {step}", dim=True, err=True)


def _print_aliases(name: str, found: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        import json  # noqa: PLC0415

        click.echo(json.dumps({"model": name, "aliases": found}))
        return
    for alias_, version in found.items():
        click.echo(f"{alias_} {version}")
    if not found:
        click.echo(f"{name} has no alias", err=True)


def _print_verdict(verdict: Verdict | None, path: Path | None, *, as_json: bool) -> None:
    if as_json:
        import msgspec  # noqa: PLC0415

        passed = verdict is not None and verdict.passed
        document = {"passed": passed, "bundle": path and str(path), "verdict": verdict}
        click.echo(msgspec.json.encode(document))
        return
    from isomorph.verdict_table import show  # noqa: PLC0415

    if verdict is not None:
        show(verdict)
    if path is not None:
        click.echo(f"bundle: {path}")
