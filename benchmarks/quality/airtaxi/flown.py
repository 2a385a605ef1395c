"""Flying out: routes of whole flights as exact days of their aircraft.

The compiled day of the planner (:class:`router._airtaxi.Search`) is given a day without trips, in
which each flight of a route is one of a timetable and each aircraft a type of its own, so that
nobody else can fly it. It lays one flight after the other with the empty flights and the charging
that fit then, and keeps pads, stands, chargers, power and headways to the second. A flight without
a place is tried again as long as others find theirs, as the aircraft in its way may have left by
then; the order is that of the planned times, or whole stretches of one aircraft after the other.
What finds no place, or pays no longer without its neighbours, is not flown. Nothing is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.quality.airtaxi.pooled import Pooled
from router._airtaxi import Search
from router.airtaxi import tails
from router.airtaxi.check import check
from router.airtaxi.demand import TimetableFlight
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan, UnservedReason, UnservedTrip
from router.airtaxi.tables import Index, Table, build
from router.timewindow import TimeWindow

MOST_TYPES = 64
"""Types that the compiled day knows; of a larger fleet two or more aircraft share one."""

STRETCHES = (1, 900, 1800, 3600, 7200, 14_400, 86_400)
"""Seconds of an aircraft's day that are laid before the next one's turn; the best is kept."""


@dataclass(frozen=True, slots=True)
class Routed:
    """A flight on the route of an aircraft."""

    aircraft: str
    off: int
    """Planned off-block, s."""
    flight: Pooled


def fly_out(problem: AirTaxiProblem, routed: Sequence[Routed], seed: int = 0) -> FlightPlan:
    """Return the routes as a plan that can be flown, its money counted by the checker."""
    index, tables = build(_of_routes(problem, routed))
    laid = (_laid(problem, routed, index, tables, stretch, seed) for stretch in STRETCHES)
    plan = max(laid, key=lambda p: rank(problem, p))
    left = (UnservedTrip(t.id, (UnservedReason.LIMIT,)) for t in problem.trips)
    served = plan.served_trips
    plan = replace(plan, unserved=tuple(u for u in left if u.trip not in served))
    report = check(problem, plan)
    return replace(plan, revenue=report.revenue, cost=report.cost)


def rank(problem: AirTaxiProblem, plan: FlightPlan) -> tuple[int, int]:
    """Return by what plans are compared: promises kept, then value."""
    return sum(problem.trip[name].promised for name in plan.served_trips), plan.value


def _laid(
    problem: AirTaxiProblem,
    routed: Sequence[Routed],
    index: Index,
    tables: Table,
    stretch: int,
    seed: int,
) -> FlightPlan:
    """Return the routes laid in one order."""
    search = Search(tables, seed)
    grounded = {index.aircraft[a].id for a in search.lead_home()}
    order = sorted(
        range(len(routed)),
        key=lambda n: (routed[n].off // stretch, routed[n].aircraft, routed[n].off),
    )
    laid = -1
    while laid < (now := int(search.served_trips().sum())):
        laid = now
        search.construct(np.array(order, np.int32))
    search.trim()
    flights = tuple(
        f
        if f.timetable is None
        else replace(f, timetable=None, trips=routed[int(f.timetable)].flight.trips)
        for f in tails.flights(index, search)
        if f.aircraft not in grounded
    )
    charges = tuple(c for c in tails.charges(index, search) if c.aircraft not in grounded)
    served = {name for f in flights for name in f.trips}
    return FlightPlan(
        flights=flights,
        charges=charges,
        revenue=sum(problem.trip[name].value for name in served),
        cost=tails.cost(problem, flights, charges),
    )


def _of_routes(problem: AirTaxiProblem, routed: Sequence[Routed]) -> AirTaxiProblem:
    """Return the day in which each flight can be flown by its aircraft only."""
    own = _own_types(problem)
    like = {name: problem.type_of(tail) for tail, name in own.items()}
    return replace(
        problem,
        types=tuple(replace(k, id=name, day_cost=0) for name, k in like.items()),
        corridors=tuple(
            replace(c, type_legs={name: c.steps(k.id) for name, k in like.items()})
            for c in problem.corridors
        ),
        aircraft=tuple(replace(a, type=own[a.id]) for a in problem.aircraft),
        trips=(),
        timetable=tuple(
            TimetableFlight(
                id=str(n),
                origin=r.flight.origin,
                destination=r.flight.destination,
                off_block=TimeWindow(r.flight.first, r.flight.last),
                types=frozenset({own[r.aircraft]}),
                required=r.flight.promised,
                value=max(0, r.flight.value),
            )
            for n, r in enumerate(routed)
        ),
    )


def _own_types(problem: AirTaxiProblem) -> dict[str, str]:
    """Return a type of its own for each aircraft, or for each few neighbours of one type."""
    size = 1
    while True:
        own: dict[str, str] = {}
        for kind in problem.types:
            same = [a.id for a in problem.aircraft if a.type == kind.id]
            own |= {name: f"{kind.id} {n // size}" for n, name in enumerate(same)}
        if len(set(own.values())) <= MOST_TYPES:
            return own
        size += 1
