"""Air-taxi day plans of a scenario: value, proven gap, first plan, memory, growth.

``python -m benchmarks quality airtaxi --passengers 500,2500 --seconds 60`` plans the day of
each demand with each seed in a process of its own and writes a table and pictures of the
gap over time. Peers of the same run are first come, first served (parties in the order
of their windows, each in the cheapest way, never changed again), the day as one model for
CP-SAT, where that knows all the day asks for (:mod:`.monolith`), and as vehicle routes for
OR-Tools' routing library, flown out exactly (:mod:`.routing`). ``--growth 500`` measures
time and memory at 1, 4 and 16 times the trips of 500 passengers, and of the aircraft.
Every plan is judged by the checker.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.quality.airtaxi.growth import Growth, growths
from benchmarks.quality.airtaxi.report import growth_table, table, write_report
from benchmarks.quality.airtaxi.runs import Row, rows


def command(
    scenario: Annotated[str, typer.Option(help="Embedded scenario or file.")] = "alatau-almaty",
    passengers: Annotated[str, typer.Option(help="Demands, with commas.")] = "500,1500,2500",
    seeds: Annotated[str, typer.Option(help="Seeds, with commas.")] = "1",
    seconds: Annotated[float, typer.Option(help="Time limit of each solve, s.")] = 60.0,
    threads: Annotated[int, typer.Option(help="Threads of each solve.")] = 2,
    growth: Annotated[int, typer.Option(help="Passengers to grow from; 0: no growth.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("out/benchmarks"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Plan air-taxi days and compare with first come, CP-SAT and OR-Tools routing."""
    found: list[Row] = []
    demands = [int(p) for p in passengers.split(",") if p]
    for row in rows(scenario, demands, [int(s) for s in seeds.split(",")], seconds, threads):
        found.append(row)
        if as_json:
            shown = {k: v for k, v in asdict(row).items() if k != "curve"}
            print(json.dumps(shown), flush=True)
    grown: list[Growth] = []
    for size in growths(scenario, growth, int(seeds.split(",")[0])) if growth else ():
        grown.append(size)
        if as_json:
            print(json.dumps(asdict(size)), flush=True)
    write_report(found, grown, out)
    if not as_json:
        print("\n".join(table(found)))
        if grown:
            print("\n".join(growth_table(grown)))
