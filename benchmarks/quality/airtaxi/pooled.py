"""Pooling before any aircraft is looked at: parties to flights that fly whole or not at all.

On each corridor parties wait until the first of them has to leave; then as many leave as find
room, those with the least time left first. A flight may leave whenever all its parties may.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from router.airtaxi.demand import Trip
from router.airtaxi.fleet import AircraftType
from router.airtaxi.network import Corridor
from router.airtaxi.problem import AirTaxiProblem
from router.timewindow import TimeWindow


@dataclass(frozen=True, slots=True)
class Pooled:
    """Parties that fly together."""

    origin: str
    destination: str
    trips: tuple[str, ...]
    first: int
    """Earliest off-block, s."""
    last: int
    """Latest off-block, s."""
    party: int
    """Seats taken."""
    weight_kg: int
    value: int
    """Worth of the parties less what they have waited by ``first``, minor units."""
    wait_cost_per_s: int
    promised: bool

    def fits(self, kind: AircraftType) -> bool:
        """Whether a type has the seats and the payload."""
        return self.party <= kind.seats and self.weight_kg <= kind.payload_kg


def pool(problem: AirTaxiProblem) -> Iterator[Pooled]:
    """Yield the flights of a day; parties that nobody can fly directly are in none."""
    for key, trips in groupby(
        sorted(problem.trips, key=lambda t: (t.origin, t.destination)),
        key=lambda t: (t.origin, t.destination),
    ):
        kinds = flown_by(problem, *key)
        if not kinds:
            continue
        largest = max(kinds, key=lambda k: (k.seats, k.payload_kg))
        slowest = max(block(problem, problem.corridor[key], k)[1] for k in kinds)
        waiting = sorted(
            (window.end, window.start, t.id)
            for t in trips
            if (window := _window(t, slowest)) and _joins([t], largest)
        )
        yield from _flights(problem, waiting, largest)


def flown_by(problem: AirTaxiProblem, origin: str, destination: str) -> list[AircraftType]:
    """Return the fleet's types that may fly a corridor."""
    corridor = problem.corridor.get((origin, destination))
    used = {a.type for a in problem.aircraft}
    return [k for k in problem.types if corridor and k.id in used and corridor.steps(k.id)]


def block(problem: AirTaxiProblem, corridor: Corridor, kind: AircraftType) -> tuple[int, int]:
    """Return least and most seconds of a type from off-block to on-block, over the day."""
    here, there = problem.vertiport[corridor.origin], problem.vertiport[corridor.destination]
    around = here.taxi_s + here.takeoff_s + there.landing_s + there.taxi_s
    seconds = [s.seconds for s in corridor.steps(kind.id)]
    return min(seconds) + around, max(seconds) + around


def _window(trip: Trip, slowest: int) -> TimeWindow | None:
    """Return when a party may leave and surely arrive in time; ``None``: never."""
    last = trip.departure.end
    if trip.arrive_by is not None:
        last = min(last, trip.arrive_by - slowest)
    if last < trip.departure.start or (trip.max_ride_s or slowest) < slowest:
        return None
    return TimeWindow(trip.departure.start, last)


def _joins(aboard: list[Trip], kind: AircraftType) -> bool:
    """Whether parties may be on one flight."""
    return (
        sum(t.party for t in aboard) <= kind.seats
        and sum(t.weight_kg for t in aboard) <= kind.payload_kg
        and (len(aboard) == 1 or all(t.may_share for t in aboard))
    )


def _flights(
    problem: AirTaxiProblem, waiting: list[tuple[int, int, str]], kind: AircraftType
) -> Iterator[Pooled]:
    """Yield the flights of one corridor; ``waiting`` has (latest, earliest, trip), ascending."""
    while waiting:
        leaves = waiting[0][0]
        aboard: list[Trip] = []
        first, rest = 0, []
        for end, start, name in waiting:
            trip = problem.trip[name]
            if start <= leaves and _joins([*aboard, trip], kind):
                aboard.append(trip)
                first = max(first, start)
            else:
                rest.append((end, start, name))
        waiting = rest
        yield Pooled(
            aboard[0].origin,
            aboard[0].destination,
            tuple(t.id for t in aboard),
            first,
            leaves,
            sum(t.party for t in aboard),
            sum(t.weight_kg for t in aboard),
            sum(t.value - t.wait_cost_per_s * (first - t.departure.start) for t in aboard),
            sum(t.wait_cost_per_s for t in aboard),
            any(t.promised for t in aboard),
        )
