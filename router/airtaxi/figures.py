"""The figures by which people judge a day plan: service, seats, waiting, energy, power."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from router.airtaxi.charging import charge, drawn_w
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Charge, FlightPlan

SHARES = (5, 50, 90, 95, 99)
"""Percentiles that a :class:`Spread` states."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number is spread: its mean, least, greatest and percentiles."""

    mean: float
    least: float
    greatest: float
    percentiles: Mapping[int, float]
    """By per cent: the least number that so many per cent do not exceed."""

    @classmethod
    def of(cls, numbers: Iterable[float], weights: Sequence[int] | None = None) -> Spread | None:
        """Return the spread of some numbers, each counted ``weights`` times; ``None`` of none."""
        values = np.array(list(numbers), float)
        if weights is not None:
            values = np.repeat(values, weights)
        if not values.size:
            return None
        found = np.percentile(values, SHARES, method="inverted_cdf")
        return cls(
            float(values.mean()),
            float(values.min()),
            float(values.max()),
            {share: float(value) for share, value in zip(SHARES, found, strict=True)},
        )

    def to_json(self) -> dict[str, float]:
        """Return it as JSON data."""
        named = {f"p{share}": value for share, value in self.percentiles.items()}
        return {"mean": round(self.mean, 3), "min": self.least, **named, "max": self.greatest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a plan does, counted from its flights and sessions."""

    trips: int
    """Asked for."""
    served_trips: int
    passengers: int
    """Asked for."""
    served_passengers: int
    flights: int
    empty_flights: int
    aircraft: int
    """That fly at all."""
    load_factor: float
    """Passenger seconds in the air over seat seconds in the air, 0 to 1."""
    waiting_s: Spread | None
    """Off-block after the earliest departure asked for, seconds, by passenger."""
    energy_wh: int
    """Into batteries."""
    grid_wh: int
    """Drawn for it, rounded up session by session."""
    peak_power_w: Mapping[str, int]
    """Highest grid power of each vertiport with chargers."""
    unserved: Mapping[str, int] = field(default_factory=dict)
    """Trips left out by the reason that binds most."""

    @property
    def empty_share(self) -> float:
        """Share of flights that carry nobody."""
        return self.empty_flights / self.flights if self.flights else 0.0

    def to_json(self) -> dict[str, object]:
        """Return them as JSON data."""
        return {
            "trips": self.trips,
            "served_trips": self.served_trips,
            "passengers": self.passengers,
            "served_passengers": self.served_passengers,
            "flights": self.flights,
            "empty_flights": self.empty_flights,
            "empty_share": round(self.empty_share, 4),
            "aircraft_used": self.aircraft,
            "load_factor": round(self.load_factor, 4),
            "waiting_s": None if self.waiting_s is None else self.waiting_s.to_json(),
            "energy_wh": self.energy_wh,
            "grid_wh": self.grid_wh,
            "peak_power_w": dict(self.peak_power_w),
            "unserved": dict(self.unserved),
        }


def figures(problem: AirTaxiProblem, plan: FlightPlan) -> Figures:
    """Count what a plan does; events that name what is not in the problem count nowhere."""
    plan = _known(problem, plan)
    served = {t for f in plan.flights for t in f.trips}
    return Figures(
        trips=len(problem.trips),
        served_trips=len(served),
        passengers=sum(t.party for t in problem.trips),
        served_passengers=sum(problem.trip[t].party for t in served),
        flights=len(plan.flights),
        empty_flights=plan.empty_flights,
        aircraft=len({f.aircraft for f in plan.flights}),
        load_factor=_load_factor(problem, plan),
        waiting_s=_waiting(problem, plan),
        energy_wh=sum(c.energy_wh for c in plan.charges),
        grid_wh=sum(_grid(problem, c, c.energy_wh) for c in plan.charges),
        peak_power_w={
            v.id: peak_power_w(problem, plan, v.id) for v in problem.vertiports if v.chargers
        },
        unserved=dict(
            sorted(Counter(u.reasons[0].value for u in plan.unserved if u.reasons).items())
        ),
    )


def _known(problem: AirTaxiProblem, plan: FlightPlan) -> FlightPlan:
    """Return a plan without events that cannot be counted."""
    flights = tuple(
        replace(f, trips=tuple(t for t in dict.fromkeys(f.trips) if t in problem.trip))
        for f in plan.flights
        if f.aircraft in problem.tail
    )
    charges = tuple(
        c
        for c in plan.charges
        if c.aircraft in problem.tail
        and c.vertiport in problem.vertiport
        and 0 <= c.soc_before_wh <= problem.type_of(c.aircraft).battery_wh
        and c.power_w > 0
    )
    return replace(plan, flights=flights, charges=charges)


def _load_factor(problem: AirTaxiProblem, plan: FlightPlan) -> float:
    offered = sum(
        problem.type_of(f.aircraft).seats * (f.landing - f.departure) for f in plan.flights
    )
    taken = sum(
        problem.trip[t].party * (f.landing - f.departure) for f in plan.flights for t in f.trips
    )
    return taken / offered if offered else 0.0


def _waiting(problem: AirTaxiProblem, plan: FlightPlan) -> Spread | None:
    first: dict[str, int] = {}
    for flight in sorted(plan.flights, key=lambda f: f.off_block):
        for trip in flight.trips:
            first.setdefault(trip, flight.off_block)
    trips = [problem.trip[t] for t in first]
    waits = [first[t.id] - t.departure.start for t in trips]
    return Spread.of(waits, [t.party for t in trips])


def _grid(problem: AirTaxiProblem, session: Charge, battery: int) -> int:
    """Return what the grid gives for a power or an energy into the battery, rounded up."""
    group = problem.vertiport[session.vertiport].charger(session.charger)
    return battery if group is None else group.grid_w(battery)


def peak_power_w(problem: AirTaxiProblem, plan: FlightPlan, port: str) -> int:
    """Return the highest grid power that a vertiport draws at any moment.

    It is reached at the start of a session: between starts no session's power rises.
    """
    sessions = [c for c in plan.charges if c.vertiport == port]
    most = 0
    for moment in {c.start for c in sessions}:
        drawn = 0
        for c in sessions:
            if c.start <= moment < c.end:
                curve = problem.type_of(c.aircraft).curve
                level = charge(curve, c.power_w, c.soc_before_wh, moment - c.start)
                drawn += _grid(problem, c, drawn_w(curve, c.power_w, level))
        most = max(most, drawn)
    return most
