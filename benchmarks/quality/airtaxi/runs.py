"""One solve of a day, judged by the checker, in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.quality.airtaxi.monolith import knows, solve_whole
from benchmarks.quality.airtaxi.routing import knows_routing, solve_routed
from router.airtaxi.check import check
from router.airtaxi.plan import solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import load_scenario
from router.airtaxi.schedule import FlightPlan
from router.solving import Progress, SolveOptions, relative_gap

Found = TypeVar("Found")

METHODS = ("first come", "CP-SAT", "OR-Tools routing", "search")


@dataclass(frozen=True, slots=True)
class Row:
    """One solve."""

    passengers: int
    aircraft: int
    trips: int
    seed: int
    method: str
    seconds: float
    cpu_s: float
    """Processor time of the process; less than ``seconds`` times threads where others compute."""
    value: int
    bound: int | None
    gap: float | None
    served: int
    flights: int
    empty: int
    violations: int
    first_plan_s: float | None
    memory_mb: int
    curve: tuple[tuple[float, float, float | None], ...]
    """(seconds, value, bound) whenever either was better than before."""


class _Ear:
    """Notes when the first plan could be had, and value and bound over time."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.first: float | None = None
        self.curve: list[tuple[float, float, float | None]] = []

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Take the first incumbent, and every better value or bound."""
        if self.first is None and incumbent is not None:
            incumbent()
            self.first = time.perf_counter() - self._start
        value, bound = progress.objective, progress.bound
        if value is not None and (not self.curve or self.curve[-1][1:] != (value, bound)):
            self.curve.append((round(progress.seconds, 2), value, bound))

    def stopped(self) -> bool:
        """Never stop."""
        return False


def methods(problem: AirTaxiProblem) -> Iterator[str]:
    """Yield the methods that can plan a day."""
    for method in METHODS:
        if method == "CP-SAT" and not knows(problem):
            continue
        if method == "OR-Tools routing" and not knows_routing(problem):
            continue
        yield method


def planned(problem: AirTaxiProblem, options: SolveOptions, method: str, ear: _Ear) -> FlightPlan:
    """Plan a day by one method."""
    if method == "CP-SAT":
        return solve_whole(problem, options)
    if method == "OR-Tools routing":
        return solve_routed(problem, options)
    return solve(problem, options, ear)


def measure(
    scenario: str, passengers: int, seed: int, seconds: float, threads: int, method: str
) -> Row:
    """Plan one day and judge the plan."""
    problem = load_scenario(scenario).problem(passengers=passengers, seed=seed)
    ear = _Ear()
    steps = 0 if method == "first come" else None
    options = SolveOptions(seconds=seconds, seed=seed, threads=threads, max_iterations=steps)
    since = time.process_time()
    plan = planned(problem, options, method, ear)
    return Row(
        passengers=passengers,
        aircraft=len(problem.aircraft),
        trips=len(problem.trips),
        seed=seed,
        method=method,
        seconds=round(plan.seconds, 2),
        cpu_s=round(time.process_time() - since, 2),
        value=plan.value,
        bound=plan.bound,
        gap=None if plan.gap is None else round(plan.gap, 5),
        served=len(plan.served_trips),
        flights=len(plan.flights),
        empty=plan.empty_flights,
        violations=len(check(problem, plan).violations),
        first_plan_s=None if ear.first is None else round(ear.first, 2),
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        curve=tuple(ear.curve),
    )


def alone(task: Callable[..., Found], *given: object) -> Found:
    """Run a task in a fresh process, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, given)


def rows(
    scenario: str, demands: Sequence[int], seeds: Sequence[int], seconds: float, threads: int
) -> Iterator[Row]:
    """Yield all solves, peers and search in turn."""
    for passengers in demands:
        for seed in seeds:
            problem = load_scenario(scenario).problem(passengers=passengers, seed=seed)
            for method in methods(problem):
                yield alone(measure, scenario, passengers, seed, seconds, threads, method)


def gap_to(row: Row, bound: float | None) -> float | None:
    """Return the gap of a row's value to a bound, also one that another run proved."""
    return None if bound is None else relative_gap(row.value, bound)
