"""The best value of a tiny day, by trying everything.

Valid for one aircraft, chargers of constant power (up to the whole battery before the first
flight, nine tenths of it after that), and trips
whose windows do not depend on the calendars of others: the aircraft's trips are served in some
order, some together, each flight as early as it can and has the charge for. An empty flight leaves
at once, or in time for the next one, whichever helps.
"""

from __future__ import annotations

from itertools import combinations, permutations
from typing import NamedTuple

from router.airtaxi.problem import AirTaxiProblem

LATE = 2**40
"""Later than any day: empty legs may leave whenever they like."""

_Leg = tuple[str, str, int, int]
"""Origin, destination, first and last off-block."""


class _Stay(NamedTuple):
    since: int
    ready: int
    soc: int
    most: int


def best_value(problem: AirTaxiProblem) -> int:
    """Return the best value over all sequences of flights of groups of trips."""
    trips = problem.trips
    best = 0
    for size in range(1, len(trips) + 1):
        for chosen in combinations(range(len(trips)), size):
            for groups in _partitions(list(chosen)):
                for order in permutations(groups):
                    value = _fly(problem, order)
                    best = max(best, value if value is not None else 0)
    return best


def _partitions(items: list[int]) -> list[list[tuple[int, ...]]]:
    if not items:
        return [[]]
    first, rest = items[0], items[1:]
    found = []
    for size in range(len(rest) + 1):
        for mates in combinations(rest, size):
            left = [i for i in rest if i not in mates]
            found += [[(first, *mates), *p] for p in _partitions(left)]
    return found


def _fly(problem: AirTaxiProblem, order: tuple[tuple[int, ...], ...]) -> int | None:
    """Return the value of flying groups in order; ``None`` if that cannot be."""
    tail = problem.aircraft[0]
    kind = problem.type[tail.type]
    place, value = tail.start, 0
    legs: list[_Leg] = []
    for group in order:
        aboard = [problem.trips[i] for i in group]
        origin, destination = aboard[0].origin, aboard[0].destination
        if any((t.origin, t.destination) != (origin, destination) for t in aboard):
            return None
        if sum(t.party for t in aboard) > kind.seats:
            return None
        if place != origin:
            legs.append((place, origin, 0, LATE))
        start = max(t.departure.start for t in aboard)
        legs.append((origin, destination, start, min(t.departure.end for t in aboard)))
        value += sum(t.value for t in aboard)
        place = destination
    if tail.end not in (None, place):
        legs.append((place, str(tail.end), 0, LATE))
    if any((origin, destination) not in problem.corridor for origin, destination, _, _ in legs):
        return None
    stay = _Stay(tail.available_from, tail.available_from, tail.soc_wh, kind.battery_wh)
    return value - kind.cost_per_flight * len(legs) if _lasts(problem, legs, stay) else None


def _lasts(problem: AirTaxiProblem, legs: list[_Leg], stay: _Stay) -> bool:
    """Return whether legs can be flown, the first as early as it can.

    An empty one may instead leave in time for the next, with charge for both.
    """
    if not legs:
        return True
    origin, destination, start, end = legs[0]
    asks = [(max(stay.ready, start), 0)]
    if end == LATE and len(legs) > 1:
        way = _land(problem, origin, destination, 0)[0] + problem.types[0].turnaround_s
        after = _land(problem, *legs[1][:2], legs[1][2])[1]
        asks.append((max(stay.ready, legs[1][2] - way), after))
    for off, more in asks:
        left = _leave(problem, legs[0], stay, off, more)
        if left is not None and _lasts(problem, legs[1:], left):
            return True
    return False


def _land(problem: AirTaxiProblem, origin: str, destination: str, off: int) -> tuple[int, int]:
    """Return on-block and energy of a flight."""
    o, d = problem.vertiport[origin], problem.vertiport[destination]
    departure = off + o.taxi_s + o.takeoff_s
    step = problem.corridor[origin, destination].step(problem.types[0].id, departure)
    assert step is not None
    return departure + step.seconds + d.landing_s + d.taxi_s, step.energy_wh


def _leave(problem: AirTaxiProblem, leg: _Leg, stay: _Stay, off: int, more: int) -> _Stay | None:
    """Return the stay after a leg that leaves at ``off``, or with charge for it and ``more``."""
    kind = problem.types[0]
    energy = _land(problem, *leg[:2], off)[1]
    need, soc = kind.reserve_wh + energy + more, stay.soc
    chargers = problem.vertiport[leg[0]].chargers
    if chargers:
        rate = min(chargers[0].power_w, kind.curve.points[0][1]) // 3600
        most, begin = stay.most, stay.since + kind.connect_s
        if soc < need <= most:
            off = max(off, begin + max(30, -(-(need - soc) // rate)) + kind.disconnect_s)
        seconds = off - kind.disconnect_s - begin
        if seconds >= 30:
            soc = max(soc, min(most, soc + seconds * rate))
    on, energy = _land(problem, *leg[:2], off)
    if soc < need or off > leg[3] or on > problem.horizon.end:
        return None
    return _Stay(on, on + kind.turnaround_s, soc - energy, kind.battery_wh * 9 // 10)
