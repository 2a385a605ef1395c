"""``alatau serve``: the gRPC server as a command."""

from __future__ import annotations

import asyncio
import os
import sys
import tomllib
from typing import Annotated

import pydantic
import typer

from router.errors import InvalidInput, Violation
from server.app import App, Ports
from server.settings import CONFIG_FILE, CONFIG_VARIABLE, Settings
from server.telemetry import logs
from server.workers.forge import WorkerDied


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on [default: 127.0.0.1].")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; 0 takes a free one [default: 50051].")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Solves that run at once [default: one a core].")
    ] = None,
) -> None:
    """Serve the gRPC API until SIGTERM or Ctrl-C.

    Prints one line once it is ready. Everything else is set by environment
    variables ALATAU_… or by alatau.toml, see docs/serving.md.
    """
    flags = {"host": host, "port": port, "workers": workers}
    settings = read_settings(**{name: value for name, value in flags.items() if value is not None})
    logs.configure(settings.log_format, settings.log_level)
    try:
        asyncio.run(_serve(settings))
    except (OSError, WorkerDied) as fault:
        sys.stderr.write(f"serve: {fault}\n")
        raise SystemExit(1) from None


async def _serve(settings: Settings) -> None:
    await App(settings).run(lambda ports: _ready(settings.host, ports))


def read_settings(**flags: object) -> Settings:
    """Return the settings, flags before environment before file.

    Raises
    ------
    InvalidInput
        With every setting that is wrong.
    """
    try:
        return Settings(**flags)  # type: ignore[arg-type]
    except pydantic.ValidationError as refused:
        raise InvalidInput(
            Violation("SETTING", f"settings.{_name(fault['loc'])}", fault["msg"] + ".")
            for fault in refused.errors()
        ) from None
    except tomllib.TOMLDecodeError as fault:
        file = os.environ.get(CONFIG_VARIABLE, CONFIG_FILE)
        raise InvalidInput([Violation("SYNTAX", file, f"is not TOML: {fault}.")]) from None


def _name(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location))


def _ready(host: str, ports: Ports) -> None:
    sys.stdout.write(f"alatau: serving gRPC on {host}:{ports.grpc}\n")
    if ports.http is not None:
        sys.stdout.write(f"alatau: serving HTTP on {host}:{ports.http}\n")
    sys.stdout.flush()
