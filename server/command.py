"""``alatau serve``: the gRPC server as a command."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from server.app import App, Ports
from server.configuration import effective, read_settings
from server.settings import Settings
from server.telemetry import logs
from server.workers.forge import WorkerDied

DESCRIPTORS = 65_536
"""Files and sockets at once; systems often give 1,024 unless asked for more."""


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on [default: 127.0.0.1].")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; 0 takes a free one [default: 50051].")
    ] = None,
    http_port: Annotated[
        int | None, typer.Option(help="Port of HTTP, see docs/serving.md [default: none].")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Solves that run at once [default: one a core].")
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print the settings that hold, and end.")
    ] = False,
) -> None:
    """Serve the gRPC API until SIGTERM or Ctrl-C.

    Prints one line once it is ready. Everything else is set by environment
    variables ALATAU_… or by alatau.toml, see docs/serving.md.
    """
    given = {"host": host, "port": port, "http_port": http_port, "workers": workers}
    flags = {name: value for name, value in given.items() if value is not None}
    settings = read_settings(**flags)
    if print_config:
        sys.stdout.write(effective(settings, flags))
        return
    logs.configure(settings.log_format, settings.log_level)
    _raise_limit()
    try:
        asyncio.run(_serve(settings))
    except (OSError, WorkerDied) as fault:
        sys.stderr.write(f"serve: {_sentence(fault)}\n")
        raise SystemExit(1) from None


def _raise_limit() -> None:
    """Let the server hold as many connections as the system lets it ask for."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _sentence(fault: Exception) -> str:
    """Return what is wrong; of a file, which one."""
    if isinstance(fault, OSError) and fault.filename is not None:
        return f"{fault.filename} cannot be used: {fault.strerror}."
    return str(fault)


async def _serve(settings: Settings) -> None:
    await App(settings).run(lambda ports: _ready(settings.host, ports))


def _ready(host: str, ports: Ports) -> None:
    sys.stdout.write(f"alatau: serving gRPC on {host}:{ports.grpc}\n")
    if ports.http is not None:
        sys.stdout.write(f"alatau: serving HTTP on {host}:{ports.http}\n")
    sys.stdout.flush()
