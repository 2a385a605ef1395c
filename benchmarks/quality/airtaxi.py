"""Air-taxi day plans of an embedded scenario: value, proven gap, first plan, memory.

``python -m benchmarks quality airtaxi --passengers 500,2500 --seconds 60 --json`` plans the
day of each demand with each seed in a process of its own and prints one line each; the
peer of the same run is first come, first served: parties in the order of their windows,
each in the cheapest way, never changed again. Every plan is judged by the checker.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from router.airtaxi.check import check
from router.airtaxi.plan import solve
from router.airtaxi.scenario import load_scenario
from router.solving import Progress, SolveOptions


@dataclass(frozen=True, slots=True)
class Row:
    """One solve."""

    passengers: int
    aircraft: int
    trips: int
    seed: int
    method: str
    seconds: float
    value: int
    bound: int | None
    gap: float | None
    served: int
    flights: int
    empty: int
    violations: int
    first_plan_s: float | None
    memory_mb: int


class _First:
    """Notes when the first plan could be had."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.seconds: float | None = None

    def report(self, _progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Take the first incumbent."""
        if self.seconds is None and incumbent is not None:
            incumbent()
            self.seconds = time.perf_counter() - self._start

    def stopped(self) -> bool:
        """Never stop."""
        return False


def measure(
    scenario: str, passengers: int, seed: int, seconds: float, threads: int, method: str
) -> Row:
    """Plan one day and judge the plan."""
    problem = load_scenario(scenario).problem(passengers=passengers, seed=seed)
    ear = _First()
    steps = 0 if method == "first come" else None
    options = SolveOptions(seconds=seconds, seed=seed, threads=threads, max_iterations=steps)
    plan = solve(problem, options, ear)
    return Row(
        passengers=passengers,
        aircraft=len(problem.aircraft),
        trips=len(problem.trips),
        seed=seed,
        method=method,
        seconds=round(plan.seconds, 2),
        value=plan.value,
        bound=plan.bound,
        gap=None if plan.gap is None else round(plan.gap, 5),
        served=len(plan.served_trips),
        flights=len(plan.flights),
        empty=plan.empty_flights,
        violations=len(check(problem, plan).violations),
        first_plan_s=None if ear.seconds is None else round(ear.seconds, 2),
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def rows(
    scenario: str, demands: list[int], seeds: list[int], seconds: float, threads: int
) -> Iterator[Row]:
    """Yield all solves, each in a process of its own so that memory is its own."""
    spawn = multiprocessing.get_context("spawn")
    for passengers in demands:
        for seed in seeds:
            for method in ("first come", "search"):
                with spawn.Pool(1) as pool:
                    args = (scenario, passengers, seed, seconds, threads, method)
                    yield pool.apply(measure, args)


def command(
    scenario: Annotated[str, typer.Option(help="Embedded scenario or file.")] = "alatau-almaty",
    passengers: Annotated[str, typer.Option(help="Demands, with commas.")] = "500,1500,2500",
    seeds: Annotated[str, typer.Option(help="Seeds, with commas.")] = "1",
    seconds: Annotated[float, typer.Option(help="Time limit of each solve, s.")] = 60.0,
    threads: Annotated[int, typer.Option(help="Threads of each solve.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Plan air-taxi days and compare with first come, first served."""
    found: list[Row] = []
    demands = [int(p) for p in passengers.split(",")]
    for row in rows(scenario, demands, [int(s) for s in seeds.split(",")], seconds, threads):
        found.append(row)
        if as_json:
            print(json.dumps(asdict(row)), flush=True)
    if not as_json:
        for line in table(found):
            print(line)


def table(found: list[Row]) -> Iterator[str]:
    """Yield medians over the seeds as lines of text."""
    yield f"{'passengers':>10} {'method':<11} {'value':>14} {'gap':>8} {'first s':>8} {'MB':>6} bad"
    for passengers, method in dict.fromkeys((r.passengers, r.method) for r in found):
        same = [r for r in found if (r.passengers, r.method) == (passengers, method)]
        gaps = [r.gap for r in same if r.gap is not None and method == "search"]
        firsts = [r.first_plan_s for r in same if r.first_plan_s is not None]
        yield (
            f"{passengers:>10} {method:<11} {statistics.median(r.value for r in same):>14.0f} "
            + (f"{statistics.median(gaps):>8.4f} " if gaps else f"{'-':>8} ")
            + (f"{statistics.median(firsts):>8.2f} " if firsts else f"{'-':>8} ")
            + f"{max(r.memory_mb for r in same):>6} {sum(r.violations for r in same)}"
        )
