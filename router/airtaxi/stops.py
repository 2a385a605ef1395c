"""Trips that accept stops ride on flights that are flown anyway.

After the search has ended, each trip without a place that accepts stops is looked for on
the rows of flights that follow each other directly on one aircraft: a seat all the way costs
nothing but the trip's waiting. No flight moves, so nothing else changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from router.airtaxi import tails
from router.airtaxi.demand import Trip
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Flight, FlightPlan


def board_with_stops(problem: AirTaxiProblem, plan: FlightPlan) -> FlightPlan:
    """Return a plan in which trips left out ride with stops where seats are free.

    Promised trips come first, then those worth most. A trip boards the row that brings
    it there earliest, with fewest stops among those.
    """
    served = plan.served_trips
    asking = [t for t in problem.trips if t.max_stops > 0 and t.id not in served]
    if not asking:
        return plan
    flights = list(plan.flights)
    rows: dict[str, list[int]] = defaultdict(list)
    for i, flight in enumerate(flights):
        rows[flight.aircraft].append(i)
    for row in rows.values():
        row.sort(key=lambda i: flights[i].off_block)
    boarded = set()
    for trip in sorted(asking, key=lambda t: (not t.promised, -t.value, t.id)):
        found = min(_rides(problem, flights, rows, trip), default=None)
        if found is None:
            continue
        boarded.add(trip.id)
        for i in found[-1]:
            flights[i] = replace(flights[i], trips=tuple(sorted((*flights[i].trips, trip.id))))
    if not boarded:
        return plan
    return replace(
        plan,
        flights=tuple(flights),
        unserved=tuple(u for u in plan.unserved if u.trip not in boarded),
        revenue=plan.revenue + sum(problem.trip[t].value for t in boarded),
        cost=tails.cost(problem, flights, plan.charges),
    )


def _rides(
    problem: AirTaxiProblem, flights: Sequence[Flight], rows: dict[str, list[int]], trip: Trip
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Yield (on-block, stops, flights) of each way to serve a trip that pays."""
    for row in rows.values():
        for at, first in enumerate(row):
            begin = flights[first]
            if begin.origin != trip.origin or begin.off_block not in trip.departure:
                continue
            waiting = trip.wait_cost_per_s * (begin.off_block - trip.departure.start)
            if not trip.promised and waiting >= trip.value:
                continue
            for stops, i in enumerate(row[at : at + trip.max_stops + 1]):
                if not _has_room(problem, flights[i], trip):
                    break
                if flights[i].destination == trip.destination:
                    if _in_time(trip, begin.off_block, flights[i].on_block):
                        yield flights[i].on_block, stops, tuple(row[at : at + stops + 1])
                    break


def _has_room(problem: AirTaxiProblem, flight: Flight, trip: Trip) -> bool:
    kind = problem.type_of(flight.aircraft)
    aboard = [problem.trip[t] for t in flight.trips]
    if aboard and not (trip.may_share and all(t.may_share for t in aboard)):
        return False
    return (
        sum(t.party for t in aboard) + trip.party <= kind.seats
        and sum(t.weight_kg for t in aboard) + trip.weight_kg <= kind.payload_kg
    )


def _in_time(trip: Trip, off_block: int, on_block: int) -> bool:
    return (trip.arrive_by is None or on_block <= trip.arrive_by) and (
        trip.max_ride_s is None or on_block - off_block <= trip.max_ride_s
    )
