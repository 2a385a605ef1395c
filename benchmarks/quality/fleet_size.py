"""Fleet size and spill on the published Los Angeles days, against Gurobi's values.

Their model is told in :mod:`router.airtaxi.fleet_size.published`.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from router.airtaxi.fleet_size.check import check_fleet
from router.airtaxi.fleet_size.network import Network
from router.airtaxi.fleet_size.published import (
    SEATS,
    Day,
    Schedule,
    chosen_days,
    published_network,
    read_schedules,
)
from router.airtaxi.fleet_size.size import size_fleet
from router.airtaxi.fleet_size.spill import least_spill
from router.errors import InvalidInput, Violation
from router.solving import SolveOptions


def read_published(path: Path, dataset: str) -> Iterator[tuple[Day, tuple[int, ...]]]:
    """Yield (day, the remaining columns) of a result file's rows of one dataset."""
    with path.open() as rows:
        for row in csv.DictReader(rows):
            name, month, day, *values = row.values()
            if name == dataset:
                yield (int(month), int(day)), tuple(int(float(v)) for v in values)


def command(
    schedules: Annotated[Path, typer.Option(help="Folder of schedule_alpha_A_demand_D.csv[.gz].")],
    demand: Annotated[int, typer.Option(help="Passengers a direction: the file's D.")] = 500,
    alpha: Annotated[float, typer.Option(help="Share of the file's A, e.g. 0.7.")] = 0.7,
    days: Annotated[str, typer.Option(help="month-day,month-day,…; all by default.")] = "",
    mode: Annotated[str, typer.Option(help="clean or parity.")] = "clean",
    seconds: Annotated[float, typer.Option(help="Time limit a day.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Seed of the search.")] = 1,
    threads: Annotated[int, typer.Option(help="Threads of each search.")] = 2,
    spill: Annotated[bool, typer.Option(help="Lost passengers of the published fleets.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Least fleets, or least spills, of the published Los Angeles days, with proof."""
    name = f"alpha_{_tenths(alpha)}_demand_{demand}"
    found = read_schedules(_schedule_file(schedules, name))
    wanted = chosen_days(days, found)
    if mode not in ("clean", "parity"):
        raise InvalidInput([Violation("MODE", "--mode", f"is {mode!r}; give clean or parity.")])
    network = published_network(mode)
    options = SolveOptions(seconds=seconds, seed=seed, threads=threads)
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
    began = time.process_time()
    size = size_fleet(network, schedule.flights, options)
    used = time.process_time() - began
    violations = check_fleet(network, size.paths or (), schedule.flights)
    if violations:
        raise InvalidInput(violations)
    return {
        "month": day[0],
        "day": day[1],
        "fleet": size.fleet,
        "bound": size.bound,
        "proven": size.proven,
        "seconds": round(size.seconds, 3),
        "cpu_seconds": round(used, 3),
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
    began = time.process_time()
    spill = least_spill(network, schedule.passengers, SEATS, fleet, options)
    used = time.process_time() - began
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
        "cpu_seconds": round(used, 3),
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
