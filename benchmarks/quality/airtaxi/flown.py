"""Flying out: routes of whole flights as exact days of their aircraft.

The compiled day of the planner (:class:`router._airtaxi.Search`) is given a day without trips, in
which each flight of a route is one of a timetable and each aircraft a type of its own, so that
nobody else can fly it. It lays one flight after the other with the empty flights and the charging
that fit then, and keeps pads, stands, chargers, power and headways to the second. A flight without
a place is tried again as long as others find theirs, as the aircraft in its way may have left by
then. The best of many orders is kept: by planned times, by stretches of one aircraft after the
other, and with the aircraft in an order by lot.
What finds no place, or pays no longer without its neighbours, is not flown. Nothing is added.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.airtaxi.pooled import Pooled
from router._airtaxi import Search
from router.airtaxi import tails
from router.airtaxi.demand import TimetableFlight
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan, UnservedReason, UnservedTrip
from router.airtaxi.tables import Index, Table, build
from router.timewindow import TimeWindow

MOST_TYPES = 64
"""Types that the compiled day knows; of a larger fleet two or more aircraft share one."""

STRETCHES = (1, 900, 1800, 3600, 7200, 14_400, 86_400)
"""Seconds of an aircraft's day that are laid before the next one's turn."""


@dataclass(frozen=True, slots=True)
class Routed:
    """A flight on the route of an aircraft."""

    aircraft: str
    off: int
    """Planned off-block, s."""
    flight: Pooled


def fly_out(
    problem: AirTaxiProblem, routed: Sequence[Routed], seed: int = 0, until: float = 0.0
) -> FlightPlan:
    """Return the routes as a plan that can be flown.

    Parameters
    ----------
    problem
        The day that the routes are of.
    routed
        Flights with their aircraft, in any order.
    seed
        Of the orders that are drawn by lot.
    until
        Moment of ``time.perf_counter()`` up to which orders are drawn.
    """
    index, tables = build(_of_routes(problem, routed))
    best, most = None, -math.inf
    for order in _orders(routed, random.Random(seed), until):
        search, grounded = _laid(index, tables, order, seed)
        flying = {leg[0] for leg in search.legs()}
        worth = search.value - sum(
            problem.type_of(index.aircraft[a].id).day_cost for a in flying - grounded
        )
        if worth > most:
            best, most = (search, {index.aircraft[a].id for a in grounded}), worth
    assert best is not None
    search, stays = best
    search.trim()
    flights = tuple(
        f
        if f.timetable is None
        else replace(f, timetable=None, trips=routed[int(f.timetable)].flight.trips)
        for f in tails.flights(index, search)
        if f.aircraft not in stays
    )
    charges = tuple(c for c in tails.charges(index, search) if c.aircraft not in stays)
    served = {name for f in flights for name in f.trips}
    left = (UnservedTrip(t.id, (UnservedReason.LIMIT,)) for t in problem.trips)
    unserved = tuple(u for u in left if u.trip not in served)
    return FlightPlan(
        flights=flights,
        charges=charges,
        revenue=sum(problem.trip[name].value for name in served),
        cost=tails.cost(problem, flights, charges),
        unserved=unserved,
    )


def _orders(
    routed: Sequence[Routed], lot: random.Random, until: float
) -> Iterator[NDArray[np.int32]]:
    """Yield orders of the flights: stretches of all lengths, then also aircraft by lot.

    The first is there whatever the time.
    """
    names = sorted({r.aircraft for r in routed})
    stretches = chain(STRETCHES, iter(lambda: lot.choice(STRETCHES), None))
    for n, stretch in enumerate(stretches):
        if n > 0 and time.perf_counter() >= until:
            return
        if n >= len(STRETCHES):
            lot.shuffle(names)
        turn = {name: i for i, name in enumerate(names)}
        order = sorted(
            range(len(routed)),
            key=lambda i: (routed[i].off // stretch, turn[routed[i].aircraft], routed[i].off),
        )
        yield np.array(order, np.int32)


def _laid(
    index: Index, tables: Table, order: NDArray[np.int32], seed: int
) -> tuple[Search, set[int]]:
    """Return the day with the flights laid in an order, and who finds no way through it."""
    search = Search(tables, seed)
    grounded = set(search.lead_home())
    laid = -1
    while laid < (now := int(search.served_trips().sum())):
        laid = now
        search.construct(order)
    return search, grounded


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
