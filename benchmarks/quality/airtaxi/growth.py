"""How time and memory grow with the trips and with the aircraft of a day."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.quality.airtaxi.runs import alone
from router._airtaxi import Search
from router.airtaxi.plan import SearchParameters
from router.airtaxi.pooling import flight_order
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import load_scenario
from router.airtaxi.tables import build
from router.airtaxi.tighten import Tightener

STEPS = 500
ROUNDS = 10
FACTORS = (1, 4, 16)
MEASURES = ("first_plan_s", "step_ms", "round_ms", "memory_mb")


@dataclass(frozen=True, slots=True)
class Growth:
    """Processor time and memory of one size; times are of one thread."""

    grown: str
    """``trips`` or ``aircraft``."""
    factor: int
    trips: int
    aircraft: int
    first_plan_s: float
    """From the problem to a first plan."""
    step_ms: float
    """One step of the search, mean of ``STEPS``."""
    round_ms: float
    """One round of the bound on cells of 60 s, mean of ``ROUNDS``."""
    memory_mb: int
    """Most memory of the process, interpreter and problem included."""


def fleet_of(problem: AirTaxiProblem, factor: int) -> AirTaxiProblem:
    """Return the day with so many times its aircraft, stands, pads, chargers and power."""
    width = len(str(factor))
    return replace(
        problem,
        aircraft=tuple(
            replace(a, id=f"{a.id}-{n:0{width}}")
            for a in problem.aircraft
            for n in range(1, factor + 1)
        ),
        vertiports=tuple(
            replace(
                v,
                stands=v.stands * factor,
                pads=v.pads * factor,
                chargers=tuple(replace(g, count=g.count * factor) for g in v.chargers),
                power_limit_w=None if v.power_limit_w is None else v.power_limit_w * factor,
            )
            for v in problem.vertiports
        ),
    )


def measure(scenario: str, passengers: int, grown: str, factor: int, seed: int) -> Growth:
    """Measure one size."""
    times = factor if grown == "trips" else 1
    problem = load_scenario(scenario).problem(passengers=passengers * times, seed=seed)
    if grown == "aircraft":
        problem = fleet_of(problem, factor)
    p = SearchParameters()
    since = time.process_time()
    index, tables = build(problem)
    search = Search(tables, seed)
    search.lead_home()
    search.construct(flight_order(index, max(k.seats for k in problem.types)))
    first = time.process_time() - since
    worth = sum(t.value for t in problem.trips) / max(1, len(problem.trips))
    since = time.process_time()
    search.run(STEPS, worth * p.hot, p.blink, p.relays)
    step = (time.process_time() - since) / STEPS
    tightener = Tightener(problem, seed=seed)
    since = time.process_time()
    for i in range(ROUNDS):
        tightener.round(search.best_money, i / ROUNDS)
    return Growth(
        grown=grown,
        factor=factor,
        trips=len(problem.trips),
        aircraft=len(problem.aircraft),
        first_plan_s=round(first, 3),
        step_ms=round(1e3 * step, 3),
        round_ms=round(1e2 * (time.process_time() - since), 2),
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def growths(scenario: str, passengers: int, seed: int) -> Iterator[Growth]:
    """Yield trips at 1, 4 and 16 times with the fleet as it is, then the fleet likewise."""
    for grown in ("trips", "aircraft"):
        for factor in FACTORS:
            yield alone(measure, scenario, passengers, grown, factor, seed)


def exponent(found: Sequence[Growth], grown: str, name: str) -> float:
    """Return the slope of a measure over the factor, both as logarithms (least squares)."""
    same = [g for g in found if g.grown == grown]
    x = np.log([g.factor for g in same])
    y = np.log([max(1e-6, float(getattr(g, name))) for g in same])
    return float(np.polyfit(x, y, 1)[0])
