"""``alatau keys``: make, list and revoke API keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from router.cli.output import console, table
from server.access.keys import KeyFile
from server.configuration import read_settings

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)

FileOption = Annotated[
    Path | None, typer.Option("--file", help="File of keys [default: setting keys_file].")
]


@app.command()
def create(
    workspace: Annotated[str, typer.Argument(help="Workspace that the key belongs to.")],
    file: FileOption = None,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    console().print(_keys(file).create(workspace), soft_wrap=True)


@app.command(name="list")
def list_keys(file: FileOption = None) -> None:
    """List all keys, without their secrets."""
    rows = [(k.id, k.workspace, k.created, k.revoked) for k in _keys(file).keys().values()]
    console().print(table("API keys", ("id", "workspace", "created", "revoked"), rows))


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of the key.")],
    file: FileOption = None,
) -> None:
    """Refuse a key from now on; a running server sees it with the next call."""
    _keys(file).revoke(name)


def _keys(file: Path | None) -> KeyFile:
    return KeyFile(file or read_settings().keys_file or Path("alatau-keys.json"))
