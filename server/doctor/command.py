"""``alatau doctor``: whether a server could serve here, before it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict

from rich.text import Text

from router.cli.output import JsonOption, console, print_json
from server.configuration import read_settings
from server.doctor import entrance, machine, storage
from server.doctor.finding import Finding, Level
from server.doctor.workers import workers
from server.settings import Settings
from server.telemetry.logs import redacted

Check = Callable[[Settings], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    machine.core,
    machine.clock,
    machine.disk,
    machine.memory,
    entrance.ports,
    entrance.keys,
    entrance.tokens,
    entrance.certificates,
    storage.store,
    workers,
)
"""Every check, in the order of its findings."""
_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


def doctor(json: JsonOption = False) -> None:
    """Tell whether a server with these settings could serve here.

    One sentence a finding. Exit codes: 0 it could; 1 something fails; 2 a
    setting is wrong.
    """
    settings = read_settings()
    found = [finding for check in CHECKS for finding in check(settings)]
    if json:
        print_json({"findings": [asdict(finding) for finding in found]})
    else:
        for finding in found:
            mark = Text(f"{finding.level:<5}", _STYLES[finding.level])
            line = mark + Text(f"{finding.about:<9}{redacted(finding.sentence)}")
            console().print(line, soft_wrap=True)
    if any(finding.level is Level.FAIL for finding in found):
        raise SystemExit(1)
