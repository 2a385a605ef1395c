"""``alatau airtaxi size``: how many aircraft a day needs, and what fewer lose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from router.airtaxi.fleet_size.published import (
    SEATS,
    chosen_days,
    published_network,
    read_schedules,
)
from router.airtaxi.fleet_size.reduced import ChargingPolicy
from router.airtaxi.fleet_size.study import Case, Finding, cases, investigate
from router.airtaxi.scenario import load_scenario
from router.cli.interrupt import interruptible
from router.cli.output import (
    EXIT_INFEASIBLE,
    JsonOption,
    SecondsOption,
    SeedOption,
    console,
    print_json,
    print_violations,
    progress_bar,
    table,
)
from router.errors import InvalidInput, Violation, Violations
from router.formats.files import replacing
from router.solving import SolveOptions

MOST_FLEETS = 200
"""Fleets in one call."""


def size_command(
    scenario: Annotated[
        str,
        typer.Argument(
            help="Scenario file, an embedded one, or a published schedule (.csv, .csv.gz)."
        ),
    ],
    passengers: Annotated[
        int | None, typer.Option("--passengers", help="Passengers to draw; not for schedules.")
    ] = None,
    fleets: Annotated[
        str | None,
        typer.Option("--fleets", help="Fleets to count lost passengers for, e.g. 8-12,16 or none."),
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--change",
            help="A variant to size as well, e.g. chargers=x2, pads=+1, stands@ALA=4; "
            "may be given again.",
        ),
    ] = None,
    policies: Annotated[
        str, typer.Option("--policies", help="Charging policies: partial, to_80, full.")
    ] = "partial",
    step: Annotated[int, typer.Option("--step", help="Length of a step, 60 to 3600 s.")] = 300,
    aircraft_type: Annotated[
        str | None, typer.Option("--type", help="Aircraft type; default: the only one.")
    ] = None,
    limits: Annotated[
        bool, typer.Option(help="Whether pads, stands and the number of chargers bind.")
    ] = True,
    days: Annotated[
        str, typer.Option("--days", help="Days of a schedule, month-day,…; all by default.")
    ] = "",
    seconds: SecondsOption = 10.0,
    seed: SeedOption = 1,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="PNG file to draw the result into.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Size the fleet for all departures, with proof, and count what other fleets lose.

    The limit of time holds for each fleet alone. The model is reduced to steps and
    charge levels: see docs/airtaxi_model.md.
    """
    options = SolveOptions(seconds=seconds, seed=seed)
    chosen = _fleets(fleets)
    ways = _policies(policies)
    if re.search(r"\.csv(\.gz)?$", scenario):
        study = _Study.of_schedule(Path(scenario), days)
    else:
        source = load_scenario(scenario)
        problem = source.problem(passengers=passengers, seed=seed)
        made = cases(
            problem,
            change or (),
            ways,
            step_s=step,
            aircraft_type=aircraft_type,
            limited=limits,
        )
        study = _Study(source.name, problem.currency, made)
    with ExitStack() as stack:
        drawn = stack.enter_context(replacing(picture)) if picture is not None else None
        bar = stack.enter_context(progress_bar(f"Sizing {study.name}", seconds, quiet=json))
        with interruptible(bar) as monitor:
            findings = []
            for case in study.cases:
                findings.append(investigate(case, chosen, options, monitor))
                if monitor.stopped():
                    break
        if drawn is not None:
            from router.plots.fleet_size import draw

            draw(findings, study.name, study.currency, drawn)
    _tell(study, findings, as_json=json)


@dataclass(frozen=True, slots=True)
class _Study:
    name: str
    currency: str
    cases: Iterator[Case]

    @classmethod
    def of_schedule(cls, path: Path, days: str) -> _Study:
        """Return the study of a published schedule, a case a day."""
        if not path.is_file():
            raise InvalidInput([Violation("FILE_NOT_FOUND", str(path), "is no file.")])
        found = read_schedules(path)
        network = published_network("clean")
        made = (
            Case(
                name=f"{month}-{day}",
                network=network,
                flights=found[month, day].flights,
                passengers=found[month, day].passengers,
                seats=SEATS,
            )
            for month, day in chosen_days(days, found)
        )
        return cls(path.name, "", made)


def _fleets(text: str | None) -> list[int] | None:
    """Return the fleets of ``8-12,16``; ``None`` where the study chooses."""
    if text is None:
        return None
    if text.strip() == "none":
        return []
    fleets: set[int] = set()
    found = Violations()
    for word in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,4})(?:-(\d{1,4}))?\s*", word)
        if match is None or (match[2] and int(match[2]) < int(match[1])):
            found.add("FLEETS", "--fleets", f"has {word!r}; give numbers and ranges, e.g. 8-12,16.")
        else:
            fleets.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    if len(fleets) > MOST_FLEETS:
        found.add("FLEETS", "--fleets", f"are {len(fleets)}; give at most {MOST_FLEETS}.")
    found.raise_if_any()
    return sorted(fleets)


def _policies(text: str) -> list[ChargingPolicy]:
    known = {policy.value: policy for policy in ChargingPolicy}
    words = [word.strip() for word in text.split(",")]
    found = Violations()
    for word in words:
        if word not in known:
            found.add("POLICY", "--policies", f"has {word!r}; give of {', '.join(known)}.")
    found.raise_if_any()
    return [known[word] for word in dict.fromkeys(words)]


def _tell(study: _Study, findings: list[Finding], *, as_json: bool) -> None:
    broken = [v for f in findings for v in f.violations]
    broken += [v for f in findings for p in f.points for v in p.violations]
    if as_json:
        print_json({"name": study.name, "cases": [f.to_json() for f in findings]})
    else:
        print_violations(broken)
        _show(study, findings)
    if broken or any(f.size.fleet is None for f in findings):
        raise typer.Exit(EXIT_INFEASIBLE)


def _show(study: _Study, findings: list[Finding]) -> None:
    rows: list[tuple[object, ...]] = [
        (
            f.case.name,
            int(f.case.flights.sum()),
            f.case.asked,
            len(f.case.unflyable),
            f.size.fleet,
            f.size.bound,
            f.size.proven,
            None if f.size.paths is None else f.case.most_charging(f.size.paths),
            round(f.size.seconds, 1),
        )
        for f in findings
    ]
    head = ("", "departures", "passengers", "cannot be flown", "least fleet", "bound", "proven")
    screen = console()
    screen.print(table(study.name, (*head, "most charging at a site", "seconds"), rows))
    points: list[tuple[object, ...]] = [
        (f.case.name, p.fleet, p.spill.lost, p.spill.bound, p.spill.gap, p.cost)
        for f in findings
        for p in f.points
    ]
    if points:
        columns = ("", "fleet", "lost passengers", "bound", "gap", "cost (minor units)")
        screen.print(table("Lost passengers by fleet", columns, points))
