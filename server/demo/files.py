"""Every file that the demo writes, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from router.cli.main import version
from router.errors import InvalidInput, Violation
from router.formats.files import write_json, write_text
from server.demo.part import Outcome
from server.demo.report import About, Assumption, render


def prepare(out: Path) -> None:
    """Make the folder, before any work is done.

    Raises
    ------
    InvalidInput
        With code OUTPUT_UNWRITABLE if it cannot be made or written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as reason:
        message = f"cannot be written: {(reason.strerror or str(reason)).lower()}."
        raise InvalidInput([Violation("OUTPUT_UNWRITABLE", f"--out {out}", message)]) from None


def write_outcome(outcome: Outcome, out: Path) -> None:
    """Write a part's plan, its map data and its pictures."""
    part = outcome.part
    write_json(out / f"{part.name}_plan.json", part.file(outcome.message, outcome.plan))
    if part.geojson is not None:
        write_json(out / f"{part.name}.geojson", part.geojson(part.problem, outcome.plan))
    for picture in part.pictures:
        picture.draw(part.problem, outcome.plan, out / picture.file)


def write_report(
    outcomes: Sequence[Outcome],
    out: Path,
    *,
    assumptions: Mapping[str, Sequence[Assumption]],
    command: str,
    seconds: float,
    seed: int,
    wall_seconds: float,
) -> None:
    """Write the page that shows all parts."""
    about = About(
        title="One day of Alatau",
        version=version(),
        command=command,
        seconds=seconds,
        seed=seed,
        wall_seconds=wall_seconds,
    )
    write_text(out / "report.html", render(outcomes, out, assumptions, about))
