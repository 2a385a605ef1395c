"""The best value of a tiny day, by trying everything.

Valid for days without charging, one aircraft, and trips whose windows do not
depend on the calendars of others: the aircraft's trips are served in some
order, some together, each flight as early as it can.
"""

from __future__ import annotations

from itertools import combinations, permutations

from router.airtaxi.problem import AirTaxiProblem


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
    place, ready, soc, value = tail.start, tail.available_from, tail.soc_wh, 0
    legs: list[tuple[str, str, int, int]] = []
    for group in order:
        aboard = [problem.trips[i] for i in group]
        origin, destination = aboard[0].origin, aboard[0].destination
        if any((t.origin, t.destination) != (origin, destination) for t in aboard):
            return None
        if sum(t.party for t in aboard) > kind.seats:
            return None
        if place != origin:
            legs.append((place, origin, 0, 2**40))
        legs.append(
            (
                origin,
                destination,
                max(t.departure.start for t in aboard),
                min(t.departure.end for t in aboard),
            )
        )
        value += sum(t.value for t in aboard)
        place = destination
    if tail.end not in (None, place):
        legs.append((place, str(tail.end), 0, 2**40))
    for origin, destination, start, end in legs:
        corridor = problem.corridor.get((origin, destination))
        if corridor is None:
            return None
        off = max(ready, start)
        o, d = problem.vertiport[origin], problem.vertiport[destination]
        departure = off + o.taxi_s + o.takeoff_s
        step = corridor.step(kind.id, departure)
        if off > end or step is None:
            return None
        on = departure + step.seconds + d.landing_s + d.taxi_s
        soc -= step.energy_wh
        if soc < kind.reserve_wh or on > problem.horizon.end:
            return None
        ready = on + kind.turnaround_s
        value -= kind.cost_per_flight
    return value
