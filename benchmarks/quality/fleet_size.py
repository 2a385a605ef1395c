"""Fleet size and spill on the published Los Angeles days, against Gurobi's values.

Model of the reference (arXiv 2407.00947): two vertiports, steps of five
minutes, a flight lasts two steps and burns four of the 33 charge levels
between 20 % and 100 %. ``parity`` repeats the reference code's rule that a
charge ends no earlier in the day than its minutes counted as steps; ``clean``
drops it. A departure at minute 1440 lies outside the day and is not flown in
either.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from router.airtaxi.fleet_size.check import check_fleet
from router.airtaxi.fleet_size.network import ChargeArc, Ints, Leg, Network, charge_arcs
from router.airtaxi.fleet_size.size import size_fleet
from router.airtaxi.fleet_size.spill import least_spill
from router.errors import InvalidInput, Violation
from router.solving import SolveOptions

STEP_MINUTES = 5
LAST_STEP = 290
FLIGHT_STEPS, FLIGHT_LEVELS = 2, 4
SEATS = 4
LEVEL_HOURS = (
    *(0.0129, 0.0133, 0.0137, 0.0142, 0.0147, 0.0153, 0.0158, 0.0166, 0.0172, 0.018, 0.0188),
    *(0.0197, 0.0207, 0.0219, 0.0231, 0.0245, 0.026, 0.0278, 0.03, 0.0323, 0.0351, 0.0384),
    *(0.0423, 0.0472, 0.0536, 0.0617, 0.0726, 0.0887, 0.1136, 0.1582, 0.2622, 0.9278),
)
DIRECTIONS = ("LAX_DTLA", "DTLA_LAX")
Day = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """One published day: flights and passengers by (direction, step of departure)."""

    flights: Ints
    passengers: Ints


def published_network(mode: str) -> Network:
    """Return the reference's network; ``mode`` is ``clean`` or ``parity``."""
    minutes = [hours * 60 for hours in LEVEL_HOURS]
    arcs = charge_arcs(minutes, STEP_MINUTES) if mode == "clean" else _parity_arcs(minutes)
    steps = np.full(LAST_STEP + 1, FLIGHT_STEPS, np.int32)
    steps[0] = 0
    burn = np.full(LAST_STEP + 1, FLIGHT_LEVELS, np.int32)
    legs = [Leg(0, 1, steps, burn), Leg(1, 0, steps, burn)]
    return Network(last_step=LAST_STEP, levels=len(minutes) + 1, legs=legs, charges=(arcs, arcs))


def _parity_arcs(minutes: list[float]) -> tuple[ChargeArc, ...]:
    total = np.concatenate(([0.0], np.cumsum(minutes)))
    return tuple(
        ChargeArc(x, math.ceil(needed / STEP_MINUTES - 1e-9), y, math.ceil(needed - 1e-9))
        for x in range(len(total))
        for y in range(x + 1, len(total))
        for needed in [float(total[y] - total[x])]
    )


def read_schedules(path: Path) -> dict[Day, Schedule]:
    """Read ``schedule_alpha_A_demand_D.csv[.gz]``: one schedule a (month, day)."""
    flights: dict[Day, Ints] = defaultdict(_empty)
    passengers: dict[Day, Ints] = defaultdict(_empty)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as rows:
        for row in csv.DictReader(rows):
            if not row["depart_min"] or not float(row["depart_min"]) < 24 * 60:
                continue
            day = int(row["month"]), int(row["day"])
            at = DIRECTIONS.index(row["od"]), int(float(row["depart_min"]) // STEP_MINUTES) + 1
            flights[day][at] += 1
            passengers[day][at] += int(float(row["num_pax"]))
    return {day: Schedule(flights[day], passengers[day]) for day in flights}


def read_published(path: Path, dataset: str) -> Iterator[tuple[Day, tuple[int, ...]]]:
    """Yield (day, the remaining columns) of a result file's rows of one dataset."""
    with path.open() as rows:
        for row in csv.DictReader(rows):
            name, month, day, *values = row.values()
            if name == dataset:
                yield (int(month), int(day)), tuple(int(float(v)) for v in values)


def _empty() -> Ints:
    return np.zeros((len(DIRECTIONS), LAST_STEP + 1), np.int32)


def command(
    schedules: Annotated[Path, typer.Option(help="Folder of schedule_alpha_A_demand_D.csv[.gz].")],
    demand: Annotated[int, typer.Option(help="Passengers a direction: the file's D.")] = 500,
    alpha: Annotated[float, typer.Option(help="Share of the file's A, e.g. 0.7.")] = 0.7,
    days: Annotated[str, typer.Option(help="month-day,month-day,…; all by default.")] = "",
    mode: Annotated[str, typer.Option(help="clean or parity.")] = "clean",
    seconds: Annotated[float, typer.Option(help="Time limit a day.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Seed of the search.")] = 1,
    spill: Annotated[bool, typer.Option(help="Lost passengers of the published fleets.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Least fleets, or least spills, of the published Los Angeles days, with proof."""
    name = f"alpha_{_tenths(alpha)}_demand_{demand}"
    found = read_schedules(_schedule_file(schedules, name))
    wanted = _chosen(days, found)
    if mode not in ("clean", "parity"):
        raise InvalidInput([Violation("MODE", "--mode", f"is {mode!r}; give clean or parity.")])
    network = published_network(mode)
    options = SolveOptions(seconds=seconds, seed=seed)
    results = schedules / ("spill_results.csv" if spill else "fleetsize_results.csv")
    published = list(read_published(results, name)) if results.exists() else []
    for day in wanted:
        values = [v for d, v in published if d == day]
        if spill:
            for fleet, lost in values:
                _say(_spill_day(network, found[day], day, fleet, lost, options, mode), as_json)
        else:
            value = values[0][0] if values else None
            _say(_fleet_day(network, found[day], day, value, options, mode), as_json)


def _fleet_day(
    network: Network,
    schedule: Schedule,
    day: Day,
    published: int | None,
    options: SolveOptions,
    mode: str,
) -> dict[str, object]:
    size = size_fleet(network, schedule.flights, options)
    violations = check_fleet(network, size.paths, schedule.flights)
    if violations:
        raise InvalidInput(violations)
    return {
        "month": day[0],
        "day": day[1],
        "fleet": size.fleet,
        "bound": size.bound,
        "proven": size.proven,
        "seconds": round(size.seconds, 3),
        "mode": mode,
        "published": published,
        "flights": int(schedule.flights.sum()),
    }


def _spill_day(
    network: Network,
    schedule: Schedule,
    day: Day,
    fleet: int,
    published: int,
    options: SolveOptions,
    mode: str,
) -> dict[str, object]:
    spill = least_spill(network, schedule.passengers, SEATS, fleet, options)
    violations = check_fleet(network, spill.paths)
    if violations:
        raise InvalidInput(violations)
    return {
        "month": day[0],
        "day": day[1],
        "fleet": fleet,
        "lost": spill.lost,
        "bound": spill.bound,
        "gap": spill.gap,
        "seconds": round(spill.seconds, 3),
        "mode": mode,
        "published": published,
    }


def _say(row: dict[str, object], as_json: bool) -> None:
    typer.echo(json.dumps(row) if as_json else "  ".join(f"{k} {v}" for k, v in row.items()))


def _tenths(alpha: float) -> int:
    """Return how the files write ``alpha``: 7 for 0.7, 0 for 0."""
    return round(alpha * 10)


def _schedule_file(folder: Path, name: str) -> Path:
    for ending in (".csv.gz", ".csv"):
        path = folder / f"schedule_{name}{ending}"
        if path.is_file():
            return path
    sentence = f"holds no schedule_{name}.csv[.gz]; choose another demand or alpha."
    raise InvalidInput([Violation("FILE_NOT_FOUND", str(folder), sentence)])


def _chosen(days: str, found: dict[Day, Schedule]) -> list[Day]:
    """Return the days named ``month-day,…``, or all."""
    if not days:
        return sorted(found)
    chosen, faults = [], []
    for word in days.split(","):
        match = re.fullmatch(r"\s*(\d+)-(\d+)\s*", word)
        day = (int(match[1]), int(match[2])) if match else None
        if day is None or day not in found:
            sentence = f"{word!r} is no month-day of the schedule; give e.g. 1-4."
            faults.append(Violation("DAY", "--days", sentence))
        else:
            chosen.append(day)
    if faults:
        raise InvalidInput(faults)
    return chosen
