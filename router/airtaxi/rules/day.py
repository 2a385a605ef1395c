"""A plan's events joined with what the problem says about them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from router.airtaxi.fleet import Aircraft, AircraftType
from router.airtaxi.network import ChargerGroup, Corridor, Vertiport
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Charge, Flight, FlightPlan
from router.errors import Violations


@dataclass(frozen=True, slots=True)
class Leg:
    """A flight of the plan whose ids are all known."""

    path: str
    flight: Flight
    kind: AircraftType
    origin: Vertiport
    destination: Vertiport
    corridor: Corridor

    @property
    def takeoff_pad(self) -> tuple[int, int]:
        """When its take-off holds a pad."""
        return (self.flight.departure - self.origin.takeoff_s, self.flight.departure)

    @property
    def landing_pad(self) -> tuple[int, int]:
        """When its landing holds a pad."""
        return (self.flight.landing, self.flight.landing + self.destination.landing_s)


@dataclass(frozen=True, slots=True)
class Session:
    """A charge of the plan whose ids are all known."""

    path: str
    charge: Charge
    kind: AircraftType
    port: Vertiport
    group: ChargerGroup


@dataclass(frozen=True, slots=True)
class Tail:
    """One aircraft's events in the order of time."""

    aircraft: Aircraft
    kind: AircraftType
    legs: list[Leg] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Where violations of the aircraft are told."""
        return f"aircraft[{self.aircraft.id}]"

    def stays(self, end: int) -> list[tuple[str, int, int]]:
        """Return (vertiport, from, to) of each time on a stand, the last until ``end``."""
        moments = [(self.aircraft.start, self.aircraft.available_from)]
        moments += [(leg.flight.destination, leg.flight.on_block) for leg in self.legs]
        leaves = [leg.flight.off_block for leg in self.legs] + [end]
        return [(port, since, to) for (port, since), to in zip(moments, leaves, strict=True)]


@dataclass(frozen=True, slots=True)
class Day:
    """All events of a plan that can be judged."""

    problem: AirTaxiProblem
    plan: FlightPlan
    legs: tuple[Leg, ...]
    sessions: tuple[Session, ...]
    tails: tuple[Tail, ...]


def join(problem: AirTaxiProblem, plan: FlightPlan, found: Violations) -> Day:
    """Join plan and problem; events with unknown ids are told and left out."""
    legs = [
        leg
        for i, flight in enumerate(plan.flights)
        if (leg := _leg(problem, flight, f"flights[{i}]", found)) is not None
    ]
    sessions = [
        session
        for i, charge in enumerate(plan.charges)
        if (session := _session(problem, charge, f"charges[{i}]", found)) is not None
    ]
    by_leg: dict[str, list[Leg]] = defaultdict(list)
    by_session: dict[str, list[Session]] = defaultdict(list)
    for leg in sorted(legs, key=lambda n: (n.flight.off_block, n.flight.on_block)):
        by_leg[leg.flight.aircraft].append(leg)
    for session in sorted(sessions, key=lambda n: (n.charge.start, n.charge.end)):
        by_session[session.charge.aircraft].append(session)
    tails = tuple(
        Tail(a, problem.type[a.type], by_leg[a.id], by_session[a.id]) for a in problem.aircraft
    )
    return Day(problem, plan, tuple(legs), tuple(sessions), tails)


def _leg(problem: AirTaxiProblem, flight: Flight, path: str, found: Violations) -> Leg | None:
    at = found.at(path)
    before = len(found)
    if flight.aircraft not in problem.tail:
        at.add("UNKNOWN_ID", "aircraft", f"names {flight.aircraft!r}, which is no aircraft.")
    for end in ("origin", "destination"):
        if getattr(flight, end) not in problem.vertiport:
            at.add("UNKNOWN_ID", end, f"names {getattr(flight, end)!r}, which is no vertiport.")
    for trip in flight.trips:
        if trip not in problem.trip:
            at.add("UNKNOWN_ID", "trips", f"names {trip!r}, which is no trip.")
    if len(found) > before:
        return None
    kind = problem.type_of(flight.aircraft)
    corridor = problem.corridor.get((flight.origin, flight.destination))
    if corridor is None or not corridor.steps(kind.id):
        at.add(
            "NO_CORRIDOR",
            "destination",
            f"no corridor from {flight.origin} to {flight.destination} admits type {kind.id}.",
        )
        return None
    origin, destination = problem.vertiport[flight.origin], problem.vertiport[flight.destination]
    return Leg(path, flight, kind, origin, destination, corridor)


def _session(
    problem: AirTaxiProblem, charge: Charge, path: str, found: Violations
) -> Session | None:
    at = found.at(path)
    port = problem.vertiport.get(charge.vertiport)
    group = port.charger(charge.charger) if port is not None else None
    if charge.aircraft not in problem.tail:
        at.add("UNKNOWN_ID", "aircraft", f"names {charge.aircraft!r}, which is no aircraft.")
    if port is None:
        at.add("UNKNOWN_ID", "vertiport", f"names {charge.vertiport!r}, which is no vertiport.")
    elif group is None:
        at.add(
            "UNKNOWN_ID", "charger", f"{charge.vertiport} has no charger group {charge.charger!r}."
        )
    if port is None or group is None or charge.aircraft not in problem.tail:
        return None
    return Session(path, charge, problem.type_of(charge.aircraft), port, group)
