"""The ``alatau`` command: collects its parts and runs one of them.

``routes`` and ``airtaxi`` are modules beside this one. Other distributions and
packages add theirs through entry points of the group ``alatau.commands``,
each a :class:`typer.Typer` (a group of commands) or a function (one command).
Only the part that is called is imported, so that a command starts quickly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Annotated

import typer

from router.cli.output import faults_spoken

ENTRY_POINTS = "alatau.commands"
Part = typer.Typer | Callable[..., object]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; ends with ``SystemExit``.

    Exit codes: 0 done; 1 the plan breaks a rule, or something failed; 2 the
    input or the usage is at fault; 130 interrupted by Ctrl-C.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    with faults_spoken():
        try:
            command_line(given)(args=given, prog_name="alatau")
        except KeyboardInterrupt:
            raise SystemExit(130) from None


def command_line(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the application with the part that ``arguments`` call, else all."""
    app = typer.Typer(
        help="Plan air-taxi days and freight through the hub.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common)
    found = parts()
    called = [name for name in arguments[:1] if name in found]
    for name in called or sorted(found):
        _add(app, name, found[name]())
    return app


def parts() -> Mapping[str, Callable[[], Part]]:
    """Return every part by its name, with what loads it."""
    found: dict[str, Callable[[], Part]] = {
        point.name: point.load for point in metadata.entry_points(group=ENTRY_POINTS)
    }
    for name in ("airtaxi", "routes"):
        if find_spec(f"router.cli.{name}") is not None:
            found[name] = lambda name=name: _beside(name)  # type: ignore[misc]
    return found


def _beside(name: str) -> Part:
    part: Part = import_module(f"router.cli.{name}").app
    return part


def _add(app: typer.Typer, name: str, part: Part) -> None:
    if isinstance(part, typer.Typer):
        app.add_typer(part, name=name)
    else:
        app.command(name)(part)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"alatau {version()}")
        raise typer.Exit


def version() -> str:
    """Return the version of the installed distribution."""
    try:
        return metadata.version("alatau-router")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _common(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Plan air-taxi days and freight through the hub."""
