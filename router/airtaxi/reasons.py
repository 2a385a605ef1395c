"""Why trips stay on the ground, and why a day cannot be flown at all.

What is said here about a trip or an aircraft alone is proven: no plan, however
good, could serve it. What the search adds is what bound at the plan's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType
from router.airtaxi.network import Corridor
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.reach import Reach
from router.airtaxi.schedule import UnservedReason
from router.errors import Violation
from router.timewindow import TimeWindow

Rider = Trip | TimetableFlight

MOST_PROOFS = 12
"""Days of single aircraft that are followed in search of a proof: about 30 ms each."""


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
    kinds = [k for k in kinds if _open_moment(problem, corridor, k, rider)]
    if not kinds:
        return UnservedReason.CLOSED
    crewed = ((k, _shifts(problem, k)) for k in kinds)
    if not any(_open_moment(problem, corridor, k, rider, shifts) for k, shifts in crewed):
        return UnservedReason.PILOT
    return None


def _shifts(problem: AirTaxiProblem, kind: AircraftType) -> list[TimeWindow]:
    """Return when somebody is there to fly a type, by start."""
    if not problem.pilots or not kind.needs_pilot:
        return [TimeWindow()]
    return sorted(p.shift for p in problem.pilots if not p.types or kind.id in p.types)


def _may_fly(kind: AircraftType, rider: Rider) -> bool:
    return not isinstance(rider, TimetableFlight) or not rider.types or kind.id in rider.types


def _enough(kind: AircraftType, energy_wh: int) -> bool:
    return energy_wh <= kind.battery_wh - kind.reserve_wh


def _open_moment(
    problem: AirTaxiProblem,
    corridor: Corridor,
    kind: AircraftType,
    rider: Rider,
    shifts: Sequence[TimeWindow] = (TimeWindow(),),
) -> bool:
    """Return whether some off-block keeps window, openings, closures, horizon and shifts."""
    if not shifts:
        return False
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
            _wait_for_opening(shifts, off, on),
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
    """Yield what no plan can keep: promises, required flights, places to stand."""
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
    yield from _overfull(problem)


def _broken_promise(problem: AirTaxiProblem, trip: Trip) -> UnservedReason | None:
    """Return why no plan can serve a promised trip; with stops only its size is proof."""
    if trip.max_stops == 0:
        return hopeless(problem, trip)
    fleet = {problem.type[a.type] for a in problem.aircraft}
    fits = any(trip.party <= k.seats and trip.weight_kg <= k.payload_kg for k in fleet)
    return None if fits else UnservedReason.NO_SEAT


def _overfull(problem: AirTaxiProblem) -> Iterator[Violation]:
    """Yield the vertiports where more aircraft have to stand at once than there are stands.

    An aircraft may leave at the moment at which its day begins; the pads say how many can.
    """
    for i, port in enumerate(problem.vertiports):
        gone = port.pads if port.takeoff_s else len(problem.aircraft)
        due = [
            ("begin", problem.horizon.start, port.stands + gone, _starting(problem, port.id)),
            ("end", problem.horizon.end, port.stands, _ending(problem, port.id)),
        ]
        due += [
            ("be for a downtime", moment, port.stands, _down(problem, port.id, moment))
            for moment in sorted({d.window.start for a in problem.aircraft for d in a.downtimes})
        ]
        for what, moment, room, tails in due:
            if len(tails) > room:
                yield Violation(
                    "STANDS_FULL",
                    f"vertiports[{i}].stands",
                    f"{len(tails)} aircraft ({', '.join(tails[:3])}, …) have to {what} at "
                    f"{port.id} at {moment}, which has {port.stands} stands; "
                    "give stands or send some elsewhere.",
                )
                break


def _starting(problem: AirTaxiProblem, port: str) -> list[str]:
    begin = problem.horizon.start
    return [a.id for a in problem.aircraft if a.start == port and a.available_from <= begin]


def _ending(problem: AirTaxiProblem, port: str) -> list[str]:
    return [a.id for a in problem.aircraft if a.end == port]


def _down(problem: AirTaxiProblem, port: str, moment: int) -> list[str]:
    """Return who has to be down at a vertiport at a moment of the horizon, first of a window."""
    if not problem.horizon.start <= moment < problem.horizon.end:
        return []
    return [
        a.id
        for a in problem.aircraft
        if any(d.vertiport == port and moment in d.window for d in a.downtimes)
    ]


def stranded(problem: AirTaxiProblem, tails: Iterable[int]) -> Iterator[Violation]:
    """Yield which of some aircraft cannot end their day as they have to, with any plan.

    At most :data:`MOST_PROOFS` different ones are looked at.
    """
    known: dict[object, int] = {}
    reaches: dict[str, Reach] = {}
    for i in tails:
        tail = problem.aircraft[i]
        like = replace(tail, id="", final_soc_wh=0)
        if like not in known:
            if len(known) >= MOST_PROOFS:
                continue
            known[like] = _reach(problem, tail, reaches).best_end(tail)
        most = known[like]
        if most < 0:
            yield Violation(
                "CANNOT_RETURN",
                f"aircraft[{i}].end" if tail.end is not None else f"aircraft[{i}].downtimes",
                f"{tail.id} cannot get from {tail.start} to its downtimes and its end with the "
                "time and charge it can have; give it more, let it end elsewhere or open a way.",
            )
        elif most < tail.final_soc_wh:
            yield Violation(
                "CANNOT_CHARGE",
                f"aircraft[{i}].final_soc_wh",
                f"{tail.id} can end with {most} Wh at most, below the "
                f"{tail.final_soc_wh} Wh asked for; lower it or give a charger.",
            )


def unreachable(problem: AirTaxiProblem, riders: Iterable[Rider]) -> Iterator[Violation]:
    """Yield the promised trips and required flights that no aircraft can fly and end its day.

    At most :data:`MOST_PROOFS` pairs of rider and aircraft are looked at.
    """
    reaches: dict[str, Reach] = {}
    left = MOST_PROOFS
    for rider in riders:
        tails = list({replace(a, id=""): a for a in problem.aircraft}.values())
        tails = [a for a in tails if _takes(problem.type[a.type], rider)]
        if len(tails) > left:
            return
        left -= len(tails)
        if any(_reach(problem, a, reaches).serves(a, rider) for a in tails):
            continue
        line = isinstance(rider, TimetableFlight)
        ids = [r.id for r in (problem.timetable if line else problem.trips)]
        yield Violation(
            UnservedReason.NO_AIRCRAFT.value,
            f"{'timetable' if line else 'trips'}[{ids.index(rider.id)}]",
            f"{rider.id} must be flown, but no aircraft can be there in time with the charge for "
            "it and for the way to its end; give an aircraft, a charger or a wider window.",
        )


def _takes(kind: AircraftType, rider: Rider) -> bool:
    if isinstance(rider, TimetableFlight):
        return _may_fly(kind, rider)
    return rider.party <= kind.seats and rider.weight_kg <= kind.payload_kg


def _reach(problem: AirTaxiProblem, tail: Aircraft, known: dict[str, Reach]) -> Reach:
    if tail.type not in known:
        known[tail.type] = Reach(problem, problem.type[tail.type])
    return known[tail.type]
