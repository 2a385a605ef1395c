"""Why trips stay on the ground, and why a day cannot be flown at all.

What is said here about a trip or an aircraft alone is proven: no plan, however
good, could serve it. What the search adds is what bound at the plan's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType
from router.airtaxi.network import Corridor
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import UnservedReason
from router.errors import Violation
from router.timewindow import TimeWindow

Rider = Trip | TimetableFlight


def hopeless(problem: AirTaxiProblem, rider: Rider) -> UnservedReason | None:
    """Return why no plan can serve a trip by a direct flight, ``None`` if one might."""
    fleet = {a.type for a in problem.aircraft}
    kinds = [k for k in problem.types if k.id in fleet and _may_fly(k, rider)]
    corridor = problem.corridor.get((rider.origin, rider.destination))
    if corridor is None or not any(corridor.steps(k.id) for k in kinds):
        return UnservedReason.NO_CORRIDOR
    kinds = [k for k in kinds if corridor.steps(k.id)]
    if isinstance(rider, Trip):
        kinds = [k for k in kinds if rider.party <= k.seats and rider.weight_kg <= k.payload_kg]
    if not kinds:
        return UnservedReason.NO_SEAT
    kinds = [k for k in kinds if any(_enough(k, s.energy_wh) for s in corridor.steps(k.id))]
    if not kinds:
        return UnservedReason.NO_ENERGY
    if not any(_open_moment(problem, corridor, k, rider) for k in kinds):
        return UnservedReason.CLOSED
    return None


def _may_fly(kind: AircraftType, rider: Rider) -> bool:
    return not isinstance(rider, TimetableFlight) or not rider.types or kind.id in rider.types


def _enough(kind: AircraftType, energy_wh: int) -> bool:
    return energy_wh <= kind.battery_wh - kind.reserve_wh


def _open_moment(
    problem: AirTaxiProblem, corridor: Corridor, kind: AircraftType, rider: Rider
) -> bool:
    """Return whether some off-block keeps window, openings, closures and horizon."""
    window = rider.off_block if isinstance(rider, TimetableFlight) else rider.departure
    o, t = problem.vertiport[corridor.origin], problem.vertiport[corridor.destination]
    off = max(window.start, problem.horizon.start)
    while off <= min(window.end, problem.horizon.end):
        departure = off + o.taxi_s + o.takeoff_s
        step = corridor.step(kind.id, departure)
        assert step is not None
        landing = departure + step.seconds
        on = landing + t.landing_s + t.taxi_s
        waits = [
            _wait_for_opening(o.opening, departure - o.takeoff_s, departure),
            _wait_for_opening(t.opening, landing, landing + t.landing_s),
            _wait_for_closures(corridor.closures, departure, landing),
        ]
        if on > problem.horizon.end:
            return False
        if not any(waits):
            return _in_time(rider, off, on) and _enough(kind, step.energy_wh)
        off += max(waits)
    return False


def _in_time(rider: Rider, off: int, on: int) -> bool:
    if isinstance(rider, TimetableFlight):
        return True
    return (rider.arrive_by is None or on <= rider.arrive_by) and (
        rider.max_ride_s is None or on - off <= rider.max_ride_s
    )


def _wait_for_opening(opening: Iterable[TimeWindow], start: int, end: int) -> int:
    """Return the seconds until [start, end] fits an opening; very many: never."""
    windows = [w for w in opening if w.end - w.start >= end - start and w.end >= end]
    if not list(opening):
        return 0
    return max(0, windows[0].start - start) if windows else 2**40


def _wait_for_closures(closures: Iterable[TimeWindow], start: int, end: int) -> int:
    met = [c.end + 1 - start for c in closures if c.start <= end and start <= c.end]
    return max(met, default=0)


def impossible(problem: AirTaxiProblem) -> Iterator[Violation]:
    """Yield what no plan can keep: promises, required flights, ends, final charges."""
    for i, trip in enumerate(problem.trips):
        reason = _broken_promise(problem, trip) if trip.promised else None
        if reason is not None:
            yield Violation(
                reason.value,
                f"trips[{i}]",
                f"{trip.id} is promised, but no flight can serve it ({reason.value}); "
                "release the promise or change what bars it.",
            )
    for i, flight in enumerate(problem.timetable):
        reason = hopeless(problem, flight) if flight.required else None
        if reason is not None:
            yield Violation(
                reason.value,
                f"timetable[{i}]",
                f"{flight.id} is required, but cannot be flown ({reason.value}); "
                "drop it or change what bars it.",
            )
    for i, tail in enumerate(problem.aircraft):
        yield from _stranded(problem, tail, f"aircraft[{i}]")


def _broken_promise(problem: AirTaxiProblem, trip: Trip) -> UnservedReason | None:
    """Return why no plan can serve a promised trip; with stops only its size is proof."""
    if trip.max_stops == 0:
        return hopeless(problem, trip)
    fleet = {problem.type[a.type] for a in problem.aircraft}
    fits = any(trip.party <= k.seats and trip.weight_kg <= k.payload_kg for k in fleet)
    return None if fits else UnservedReason.NO_SEAT


def _stranded(problem: AirTaxiProblem, tail: Aircraft, path: str) -> Iterator[Violation]:
    """Yield why an aircraft cannot end its day as it has to, times left aside."""
    reach = _most_charge(problem, tail)
    ends = reach if tail.end is None else {tail.end: reach.get(tail.end, -1)}
    if tail.end is not None and tail.end not in reach:
        yield Violation(
            "CANNOT_RETURN",
            f"{path}.end",
            f"{tail.id} cannot get from {tail.start} to {tail.end} with the charge it can have; "
            "charge it, let it end elsewhere or open a way.",
        )
    elif max(ends.values()) < tail.final_soc_wh:
        yield Violation(
            "CANNOT_CHARGE",
            f"{path}.final_soc_wh",
            f"{tail.id} can end with {max(ends.values())} Wh at most, below the "
            f"{tail.final_soc_wh} Wh asked for; lower it or give a charger.",
        )


def _most_charge(problem: AirTaxiProblem, tail: Aircraft) -> dict[str, int]:
    """Return an upper bound on the charge that an aircraft can have at each vertiport."""
    kind = problem.type[tail.type]
    full = {
        v.id: kind.battery_wh if v.chargers and kind.curve.points[0][1] > 0 else 0
        for v in problem.vertiports
    }
    reach = {tail.start: max(tail.soc_wh, full[tail.start])}
    waiting = [tail.start]
    while waiting:
        here = waiting.pop()
        for corridor in problem.corridors:
            steps = corridor.steps(kind.id)
            if corridor.origin != here or not steps:
                continue
            left = reach[here] - min(s.energy_wh for s in steps)
            there = corridor.destination
            if left < kind.reserve_wh:
                continue
            left = max(left, full[there])
            if left > reach.get(there, -1):
                reach[there] = left
                waiting.append(there)
    return reach
