"""Fleet size studies: least fleets and lost passengers, over fleets and variants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from router.airtaxi.changes import changed, parse_changes
from router.airtaxi.fleet_size.check import check_fleet
from router.airtaxi.fleet_size.demand import Longs
from router.airtaxi.fleet_size.limits import Limits, usage_of
from router.airtaxi.fleet_size.network import Ints, Network, flown
from router.airtaxi.fleet_size.polish import Paths
from router.airtaxi.fleet_size.reduced import ChargingPolicy, Reduction, reduce
from router.airtaxi.fleet_size.size import FleetSize, size_fleet
from router.airtaxi.fleet_size.spill import Spill, least_spill
from router.airtaxi.problem import AirTaxiProblem
from router.errors import Violation
from router.solving import Monitor, SolveOptions


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Case:
    """A network with what is asked of it."""

    name: str
    network: Network
    flights: Ints
    """Departures that have to be flown, int (legs, steps + 1)."""
    passengers: Ints
    """Who board them; same shape."""
    seats: int
    limits: Limits | None = None
    unflyable: tuple[str, ...] = ()
    """Trips and timetable flights left out, as no aircraft could fly them."""
    day_cost: int = 0
    """Of an aircraft, minor currency units."""
    flight_costs: Longs | None = None
    """Of a departure on each leg and step; same shape; ``None``: free."""

    @classmethod
    def of(
        cls, name: str, problem: AirTaxiProblem, reduction: Reduction, aircraft_type: str
    ) -> Case:
        """Return the case of a reduced day, with the costs of the type."""
        kind = problem.type[aircraft_type]
        costs = np.zeros_like(reduction.timetable.flights, np.int64)
        for number, key in enumerate(reduction.legs):
            corridor, fee = problem.corridor[key], problem.vertiport[key[1]].landing_fee
            for step in range(reduction.network.last_step + 1):
                leg = corridor.step(kind.id, problem.horizon.start + step * reduction.step_s)
                seconds = 0 if leg is None else leg.seconds
                costs[number, step] = kind.cost_per_flight + fee + seconds * kind.cost_per_flight_s
        return cls(
            name=name,
            network=reduction.network,
            flights=reduction.timetable.flights,
            passengers=reduction.timetable.passengers,
            seats=reduction.seats,
            limits=reduction.limits,
            unflyable=reduction.timetable.unflyable,
            day_cost=kind.day_cost,
            flight_costs=costs,
        )

    @property
    def asked(self) -> int:
        """Passengers who want to fly and could."""
        return int(self.passengers.sum())

    def cost(self, paths: Paths) -> int:
        """Return what a fleet's day costs, energy not counted."""
        days = self.day_cost * len(paths)
        if self.flight_costs is None:
            return days
        return days + int((self.flight_costs * flown(self.network, paths)).sum())

    def check(self, paths: Paths, *, sized: bool) -> tuple[Violation, ...]:
        """Return everything wrong with a fleet's days, by the independent checker."""
        wanted = self.flights if sized else None
        return check_fleet(self.network, paths, wanted, self.limits)

    def most_charging(self, paths: Paths) -> int:
        """Return the most aircraft that charge at one site at once."""
        touch_down = tuple(leg.steps for leg in self.network.legs)
        none = np.zeros(self.network.sites, np.int32)
        limits = self.limits or Limits(none, none, none, touch_down)
        return int(usage_of(self.network, limits, paths).charging.max(initial=0))


@dataclass(frozen=True, slots=True)
class Point:
    """What one fleet can do."""

    fleet: int
    spill: Spill
    cost: int
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one case."""

    case: Case
    size: FleetSize
    points: tuple[Point, ...]
    violations: tuple[Violation, ...]

    def to_json(self) -> dict[str, object]:
        """Return the finding as JSON values."""
        size, case = self.size, self.case
        return {
            "name": case.name,
            "flights": int(case.flights.sum()),
            "passengers": case.asked,
            "unflyable": list(case.unflyable),
            "fleet": size.fleet,
            "bound": size.bound,
            "proven": size.proven,
            "seconds": round(size.seconds, 3),
            "cost": None if size.paths is None else case.cost(size.paths),
            "most_charging": None if size.paths is None else case.most_charging(size.paths),
            "violations": [str(v) for v in self.violations],
            "fleets": [
                {
                    "fleet": point.fleet,
                    "lost": point.spill.lost,
                    "bound": point.spill.bound,
                    "gap": point.spill.gap,
                    "cost": point.cost,
                    "seconds": round(point.spill.seconds, 3),
                    "violations": [str(v) for v in point.violations],
                }
                for point in self.points
            ],
        }


def cases(
    problem: AirTaxiProblem,
    changes: Sequence[str] = (),
    policies: Sequence[ChargingPolicy] = (ChargingPolicy.PARTIAL,),
    *,
    step_s: int = 300,
    aircraft_type: str | None = None,
    limited: bool = True,
) -> Iterator[Case]:
    """Yield the day as it is and with each change, under each charging policy.

    ``changes`` are as :mod:`router.airtaxi.changes` reads them. Without
    ``limited``, pads, stands and the number of chargers do not bind.
    """
    variants = [("", problem)]
    variants += [(text, changed(problem, parse_changes([text]))) for text in changes]
    for text, variant in variants:
        for policy in policies:
            made = reduce(variant, step_s=step_s, aircraft_type=aircraft_type, policy=policy)
            words = [text, "" if len(policies) == 1 else f"charging {policy.value}"]
            name = ", ".join(filter(None, words)) or "as given"
            kind = aircraft_type or variant.aircraft[0].type
            case = Case.of(name, variant, made, kind)
            yield case if limited else replace(case, limits=None)


def investigate(
    case: Case, fleets: Sequence[int] | None, options: SolveOptions, monitor: Monitor
) -> Finding:
    """Return the least fleet of a case, and what other fleets lose.

    ``fleets`` is ``None`` for a few below the least one. ``options`` hold for
    each of them alone.
    """
    size = size_fleet(case.network, case.flights, options, monitor, case.limits)
    violations = () if size.paths is None else case.check(size.paths, sized=True)
    points = []
    for fleet in _below(size.fleet or size.bound) if fleets is None else fleets:
        if monitor.stopped():
            break
        spill = least_spill(
            case.network, case.passengers, case.seats, fleet, options, monitor, case.limits
        )
        found = case.check(spill.paths, sized=False)
        cost = case.cost(spill.paths) + case.day_cost * (fleet - len(spill.paths))
        points.append(Point(fleet, spill, cost, found))
    return Finding(case, size, tuple(points), violations)


def _below(fleet: int) -> list[int]:
    """Return up to five fleets up to one, at equal steps."""
    return sorted({round(fleet * k / 5) for k in range(1, 6)} - {0})
