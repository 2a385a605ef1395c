"""``python -m server`` is ``alatau serve``."""

from __future__ import annotations

import typer

from router.cli.output import faults_spoken
from server.command import serve

if __name__ == "__main__":
    with faults_spoken():
        typer.run(serve)
