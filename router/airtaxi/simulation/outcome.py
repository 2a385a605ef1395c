"""How simulated days turned out: each day's figures, and their spread over all days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from router.airtaxi.figures import Spread
from router.airtaxi.schedule import Charge, Flight, FlightPlan


class Cancelled(StrEnum):
    """Why a flight was cancelled."""

    ELSEWHERE = "ELSEWHERE"
    """Its aircraft is at another vertiport, as a flight before was cancelled."""
    ENERGY = "ENERGY"
    """The charge does not suffice, and no charger there can help in time."""
    TOO_LATE = "TOO_LATE"
    """It would have left too long after its time."""
    CLOSED = "CLOSED"
    """No opening, availability or horizon was left for it."""
    PILOT = "PILOT"
    """Its pilot is elsewhere or out of hours."""


@dataclass(frozen=True, slots=True)
class Flown:
    """A planned flight and what became of it."""

    planned: Flight
    actual: Flight | None = None
    """``None``: cancelled."""
    cancelled: Cancelled | None = None
    knock_on_s: int = 0
    """Part of the delay that a flight before brought."""
    holding_s: int = 0
    """In the air before landing, for want of a pad."""

    @property
    def delay_s(self) -> int:
        """Off-block after the planned one."""
        return 0 if self.actual is None else self.actual.off_block - self.planned.off_block


@dataclass(frozen=True, slots=True)
class Ride:
    """A booked party and what became of it."""

    trip: str
    party: int
    promised: bool
    came: bool = True
    late: bool = False
    """Came too late for its flight."""
    off_block: int | None = None
    on_block: int | None = None
    """``None``: it was not flown."""
    delay_s: int = 0
    """On-block after the planned one."""
    wait_s: int = 0
    """Off-block after the earliest departure that it asked for."""
    rebooked: bool = False

    @property
    def missed(self) -> bool:
        """Whether it was there in time and was not flown."""
        return self.came and not self.late and self.on_block is None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """One simulated day."""

    day: int
    flights: tuple[Flown, ...]
    rides: tuple[Ride, ...]
    charges: tuple[Charge, ...]
    margins_wh: tuple[int, ...]
    """Charge above the reserve at the end of each flight; below 0 it was used."""
    off_stand: int
    """Aircraft that found no stand after landing and were parked elsewhere."""
    walk_ups: int
    """Parties that asked without a booking."""
    walk_ups_flown: int
    value: int
    """Worth of those flown less the cost of what was flown."""

    def on_time(self, within_s: int) -> float:
        """Return the share of planned flights that went off block within so many seconds."""
        good = sum(1 for f in self.flights if f.actual is not None and f.delay_s <= within_s)
        return good / len(self.flights) if self.flights else 1.0

    def arrived_on_time(self, within_s: int) -> float:
        """Return the share of passengers who came in time and were there within the delay."""
        came = sum(r.party for r in self.rides if r.came and not r.late)
        good = sum(
            r.party
            for r in self.rides
            if r.came and not r.late and r.on_block is not None and r.delay_s <= within_s
        )
        return good / came if came else 1.0

    def flown_plan(self) -> FlightPlan:
        """Return what was flown and charged, as a plan."""
        actual = [f.actual for f in self.flights if f.actual is not None]
        return FlightPlan(
            flights=tuple(sorted(actual, key=lambda f: (f.aircraft, f.off_block))),
            charges=tuple(sorted(self.charges, key=lambda c: (c.aircraft, c.start))),
        )


@dataclass(frozen=True, slots=True)
class Simulation:
    """All days."""

    days: tuple[DayOutcome, ...]
    on_time_s: int
    planned_value: int
    seconds: float = field(default=0.0, compare=False)

    def spreads(self) -> dict[str, Spread | None]:
        """Return the spread of each figure, over days or over all flights and passengers."""
        d, within = self.days, self.on_time_s
        rides = [r for day in d for r in day.rides if r.on_block is not None]
        flown = [f for day in d for f in day.flights if f.actual is not None]
        parties = [r.party for r in rides]
        return {
            "on_time_share": Spread.of(day.on_time(within) for day in d),
            "arrived_on_time_share": Spread.of(day.arrived_on_time(within) for day in d),
            "cancelled_flights": Spread.of(_cancelled(day) for day in d),
            "missed_trips": Spread.of(sum(r.missed for r in day.rides) for day in d),
            "missed_promises": Spread.of(
                sum(r.missed and r.promised for r in day.rides) for day in d
            ),
            "rebooked_trips": Spread.of(sum(r.rebooked for r in day.rides) for day in d),
            "no_shows": Spread.of(sum(not r.came for r in day.rides) for day in d),
            "walk_ups_flown_share": Spread.of(
                day.walk_ups_flown / day.walk_ups for day in d if day.walk_ups
            ),
            "parked_off_stand": Spread.of(day.off_stand for day in d),
            "flights_below_reserve": Spread.of(sum(m < 0 for m in day.margins_wh) for day in d),
            "value": Spread.of(day.value for day in d),
            "departure_delay_s": Spread.of(f.delay_s for f in flown),
            "knock_on_delay_s": Spread.of(f.knock_on_s for f in flown),
            "holding_s": Spread.of(f.holding_s for f in flown),
            "arrival_delay_s": Spread.of((r.delay_s for r in rides), parties),
            "waiting_s": Spread.of((r.wait_s for r in rides), parties),
            "charge_margin_wh": Spread.of(m for day in d for m in day.margins_wh),
            "least_charge_margin_wh": Spread.of(min(x.margins_wh) for x in d if x.margins_wh),
        }

    def cancellations(self) -> dict[str, int]:
        """Return how many flights of all days were cancelled, by reason."""
        return dict(sorted(_reasons(self.days).items()))

    def by_day(self) -> list[dict[str, object]]:
        """Return the figures of each day as JSON data."""
        within = self.on_time_s
        return [
            {
                "day": d.day,
                "on_time_share": round(d.on_time(within), 6),
                "arrived_on_time_share": round(d.arrived_on_time(within), 6),
                "cancelled_flights": _cancelled(d),
                "missed_trips": sum(r.missed for r in d.rides),
                "missed_promises": sum(r.missed and r.promised for r in d.rides),
                "rebooked_trips": sum(r.rebooked for r in d.rides),
                "least_charge_margin_wh": min(d.margins_wh, default=None),
                "value": d.value,
            }
            for d in self.days
        ]

    def to_json(self) -> dict[str, object]:
        """Return all spreads as JSON data."""
        return {
            "days": len(self.days),
            "flights_a_day": len(self.days[0].flights),
            "trips_a_day": len(self.days[0].rides),
            "on_time_s": self.on_time_s,
            "planned_value": self.planned_value,
            "spreads": {
                name: None if s is None else s.to_json() for name, s in self.spreads().items()
            },
            "cancelled": self.cancellations(),
            "seconds": round(self.seconds, 3),
        }


def _cancelled(day: DayOutcome) -> int:
    return sum(f.actual is None for f in day.flights)


def _reasons(days: Sequence[DayOutcome]) -> Counter[str]:
    return Counter(f.cancelled.value for day in days for f in day.flights if f.cancelled)
