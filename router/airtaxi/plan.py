"""The day plan: what each aircraft does, decided by ruin and recreate.

Every step of the compiled search is exact: a flight that is planned holds its
pads, stands, corridor entries, chargers and site power to the second, and has
its energy to the watt-hour. ``docs/airtaxi_model.md`` is what it keeps.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from router._airtaxi import Search
from router.airtaxi import tails
from router.airtaxi.demand import Trip
from router.airtaxi.pooling import flight_order
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.reasons import hopeless, impossible
from router.airtaxi.schedule import FlightPlan, UnservedReason, UnservedTrip
from router.airtaxi.supported import refuse
from router.airtaxi.tables import Index, build
from router.errors import Violation, Violations
from router.solving import Monitor, Progress, Silent, SolveOptions, Termination


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParameters:
    """How the search cools and how blind it is.

    Raises
    ------
    InvalidInput
        If any value is out of range.
    """

    hot: float = 0.5
    """First temperature, as a share of the mean worth of a trip; > 0."""
    cold: float = 0.005
    """Last temperature, likewise; > 0, at most ``hot``."""
    blink: float = 0.01
    """Probability with which a place for a party is overlooked, 0 to 1."""
    batch: int = 50
    """Steps between two looks at the clock, >= 1."""

    def __post_init__(self) -> None:
        found = Violations("parameters")
        if not 0 < self.cold <= self.hot:
            found.add("TEMPERATURE", "cold", "must be above 0 and at most hot.")
        if not 0 <= self.blink < 1:
            found.add("BLINK", "blink", f"is {self.blink}; give 0 to below 1.")
        if self.batch < 1:
            found.add("BATCH", "batch", f"is {self.batch}; give 1 or more.")
        found.raise_if_any()


def solve(
    problem: AirTaxiProblem,
    options: SolveOptions | None = None,
    monitor: Monitor | None = None,
    parameters: SearchParameters | None = None,
) -> FlightPlan:
    """Plan a day.

    Parameters
    ----------
    problem
        The day to plan.
    options
        Limits; the plan is the same for the same seed and ``max_iterations``
        as long as the time limit is not met.
    monitor
        Hears of progress and may stop the search, which then returns its best.
    parameters
        Of the search.

    Returns
    -------
    The best plan found, with a reason for each trip left out. Where the day
    cannot be flown as asked, ``infeasible`` says why, ``termination`` is
    ``INFEASIBLE`` if that is proven, and the plan serves what it can.

    Raises
    ------
    InvalidInput
        If the problem uses what the planner does not support.
    """
    clock = time.perf_counter()
    options, monitor = options or SolveOptions(), monitor or Silent()
    refuse(problem)
    faults = tuple(impossible(problem))
    index, tables = build(problem)
    search = Search(tables, options.seed)
    lost = search.lead_home()
    order = flight_order(index, max(k.seats for k in problem.types))
    search.construct(order)
    if not faults:
        ended = _improve(problem, index, search, options, monitor, parameters, clock)
    else:
        ended = Termination.INFEASIBLE
    search.recall()
    search.construct(order)
    unserved = _unserved(problem, index, search)
    search.trim()
    plan = _plan(problem, index, search)
    return replace(
        plan,
        unserved=unserved,
        infeasible=faults or tuple(_not_led_home(index, lost)),
        termination=ended,
        seconds=time.perf_counter() - clock,
    )


def _improve(
    problem: AirTaxiProblem,
    index: Index,
    search: Search,
    options: SolveOptions,
    monitor: Monitor,
    parameters: SearchParameters | None,
    clock: float,
) -> Termination:
    """Run the search until time, steps or the monitor end it."""
    p = parameters or SearchParameters()
    worth = sum(t.value for t in problem.trips) / max(1, len(problem.trips))
    most = options.max_iterations
    told, told_value = clock, None
    limit = options.seconds * 0.98 - 0.02
    while True:
        now = time.perf_counter()
        gone = (now - clock) / limit if limit > 0 else 1.0
        if most is not None:
            gone = max(gone, 1.0) if gone >= 1.0 else search.steps / max(1, most)
        if monitor.stopped():
            return Termination.CANCELLED
        if gone >= 1.0 or not index.riders:
            return Termination.LIMIT
        if now - told >= 0.1:
            told = now
            fresh = search.best_value != told_value
            told_value = search.best_value
            monitor.report(
                Progress(
                    seconds=now - clock,
                    objective=search.best_money,
                    iterations=search.steps,
                    served=int(search.served_trips()[: len(problem.trips)].sum()),
                    total=len(problem.trips),
                ),
                (lambda: _plan(problem, index, search, best=True)) if fresh else None,
            )
        steps = p.batch if most is None else min(p.batch, most - search.steps)
        search.run(steps, worth * p.hot * (p.cold / p.hot) ** gone, p.blink)


def _plan(
    problem: AirTaxiProblem, index: Index, search: Search, *, best: bool = False
) -> FlightPlan:
    """Return what the search holds, or its best, as a plan with its money."""
    flown = tails.flights(index, search, best=best)
    charged = tails.charges(index, search, best=best)
    served = {t for f in flown for t in f.trips}
    tabled = {f.timetable for f in flown}
    return FlightPlan(
        flights=flown,
        charges=charged,
        revenue=sum(t.value for t in problem.trips if t.id in served)
        + sum(t.value for t in problem.timetable if t.id in tabled),
        cost=tails.cost(problem, flown, charged),
        unserved=tuple(
            UnservedTrip(t.id, (UnservedReason.LIMIT,)) for t in problem.trips if t.id not in served
        ),
    )


def _unserved(problem: AirTaxiProblem, index: Index, search: Search) -> tuple[UnservedTrip, ...]:
    """Return the trips that the search left out, each with what binds."""
    served = search.served_trips()
    found = []
    for p, rider in enumerate(index.riders):
        if served[p] or not isinstance(rider, Trip):
            continue
        proven = hopeless(problem, rider)
        names = [proven] if proven else [UnservedReason(r) for r in search.explain(p)]
        found.append(UnservedTrip(rider.id, tuple(names) or (UnservedReason.NO_AIRCRAFT,)))
    return tuple(found)


def _not_led_home(index: Index, lost: list[int]) -> list[Violation]:
    return [
        Violation(
            "CANNOT_RETURN",
            f"aircraft[{a}]",
            f"no way was found for {index.aircraft[a].id} to its downtimes, end and final charge; "
            "give it more time, charge or stands.",
        )
        for a in lost
    ]
