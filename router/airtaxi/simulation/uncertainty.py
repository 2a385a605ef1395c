"""What may turn out otherwise than planned, and the draws of one day.

Every draw has a generator of its own, seeded by the seed, the day and what is drawn. So a
flight takes the same time in two simulations of the same seed, whatever else differs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace

from router.airtaxi.demand import Trip
from router.airtaxi.network import Corridor
from router.airtaxi.performance import WindStep, bearing_deg, ground_speed_mps
from router.airtaxi.problem import AirTaxiProblem
from router.errors import InvalidInput, Violation, Violations
from router.timewindow import TimeWindow

JITTER_S = 3600
"""By how much the time of a walk-up differs at most from that of the trip it resembles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """How far a day may turn out otherwise; all zero: everything goes as planned.

    Raises
    ------
    InvalidInput
        If any value is out of range.
    """

    flight_sigma: float = 0.0
    """Spread of flight times (standard deviation of their logarithm), 0 to 1; mean as planned.
    Energy changes by the same factor."""
    turnaround_share: float = 0.0
    """Share of turnarounds that take longer, 0 to 1."""
    turnaround_delay_s: float = 0.0
    """Mean of how much longer (exponential), seconds."""
    late_share: float = 0.0
    """Share of parties that come late, 0 to 1."""
    late_s: float = 0.0
    """Mean of how late (exponential), seconds after the planned off-block."""
    no_show_share: float = 0.0
    """Share of parties that do not come, 0 to 1."""
    walk_up_share: float = 0.0
    """For each trip asked for, the chance that a like party asks without a booking, 0 to 1."""
    wind_mps: float = 0.0
    """Spread of the day's additional wind (half-normal speed, any direction), m/s."""
    closures_a_day: float = 0.0
    """Mean number of closures of each vertiport in 24 hours."""
    closure_s: float = 0.0
    """Mean length of a closure (exponential), seconds."""

    def __post_init__(self) -> None:
        found = Violations("uncertainty")
        for field in fields(self):
            value = getattr(self, field.name)
            most = 1.0 if field.name.endswith(("share", "sigma")) else 1e5
            if not 0 <= value <= most:
                found.add("UNCERTAINTY", field.name, f"is {value}; give 0 to {most:g}.")
        found.raise_if_any()


LEVELS = {
    "none": Uncertainty(),
    "ordinary": Uncertainty(
        flight_sigma=0.04,
        turnaround_share=0.1,
        turnaround_delay_s=240,
        late_share=0.05,
        late_s=180,
        no_show_share=0.03,
        walk_up_share=0.1,
        wind_mps=2.0,
        closures_a_day=0.05,
        closure_s=2700,
    ),
    "hard": Uncertainty(
        flight_sigma=0.1,
        turnaround_share=0.25,
        turnaround_delay_s=480,
        late_share=0.12,
        late_s=300,
        no_show_share=0.06,
        walk_up_share=0.2,
        wind_mps=6.0,
        closures_a_day=0.5,
        closure_s=3600,
    ),
}
"""Named levels. The numbers are assumptions: no operator has published any yet."""


def uncertainty(level: str, settings: Iterable[str] = ()) -> Uncertainty:
    """Return a named level with single values changed (``late_share=0.2``).

    Raises
    ------
    InvalidInput
        With every setting that is unknown or out of range.
    """
    found = Violations("uncertainty")
    if level not in LEVELS:
        found.add("UNCERTAINTY", "level", f"is {level!r}; give {', '.join(LEVELS)}.")
    known = {field.name for field in fields(Uncertainty)}
    values: dict[str, float] = {}
    for text in settings:
        name, _, value = text.partition("=")
        try:
            values[name] = float(value)
        except ValueError:
            known.discard(name)
        if name not in known:
            names = ", ".join(field.name for field in fields(Uncertainty))
            found.add("UNCERTAINTY", "draw", f"is {text!r}; give NAME=NUMBER with one of {names}.")
    found.raise_if_any()
    return replace(LEVELS[level], **values)


@dataclass(frozen=True, slots=True)
class Draws:
    """What one day draws."""

    asked: Uncertainty
    seed: int
    day: int

    def _random(self, *what: object) -> random.Random:
        return random.Random("/".join(map(str, (self.seed, self.day, *what))))

    def flight_factor(self, number: int) -> float:
        """Return by how much a flight takes longer; exactly 1 without uncertainty."""
        sigma = self.asked.flight_sigma
        if not sigma:
            return 1.0
        return math.exp(self._random("flight", number).gauss(-sigma * sigma / 2, sigma))

    def turnaround_delay(self, number: int) -> int:
        """Return by how many seconds the turnaround after a flight takes longer."""
        lot = self._random("turnaround", number)
        share, mean = self.asked.turnaround_share, self.asked.turnaround_delay_s
        return round(lot.expovariate(1 / mean)) if mean and lot.random() < share else 0

    def lateness(self, trip: str) -> int | None:
        """Return how late a party comes, seconds; ``None``: it does not come."""
        lot = self._random("party", trip)
        if lot.random() < self.asked.no_show_share:
            return None
        late = lot.random() < self.asked.late_share and self.asked.late_s > 0
        return round(lot.expovariate(1 / self.asked.late_s)) if late else 0

    def walk_ups(self, problem: AirTaxiProblem) -> Iterator[Trip]:
        """Yield the parties that ask without a booking."""
        if not self.asked.walk_up_share:
            return
        for trip in problem.trips:
            lot = self._random("walk-up", trip.id)
            if lot.random() < self.asked.walk_up_share:
                start = max(0, trip.departure.start + lot.randint(-JITTER_S, JITTER_S))
                length = trip.departure.end - trip.departure.start
                yield replace(
                    trip,
                    id=f"walk-up of {trip.id}",
                    departure=TimeWindow(start, start + length),
                    promised=False,
                )

    def closures(self, problem: AirTaxiProblem) -> dict[str, list[TimeWindow]]:
        """Return when each vertiport closes unforeseen, by its id."""
        found: dict[str, list[TimeWindow]] = {}
        rate = self.asked.closures_a_day / 86_400
        if not rate or not self.asked.closure_s:
            return found
        for port in problem.vertiports:
            lot = self._random("closure", port.id)
            at = problem.horizon.start + lot.expovariate(rate)
            while at < problem.horizon.end:
                length = lot.expovariate(1 / self.asked.closure_s)
                found.setdefault(port.id, []).append(TimeWindow(round(at), round(at + length)))
                at += length + lot.expovariate(rate)
        return found

    def wind_factor(self, problem: AirTaxiProblem, corridor: Corridor, seconds: int) -> float:
        """Return by how much the day's wind lengthens a flight in a corridor."""
        if not self.asked.wind_mps or not corridor.distance_m:
            return 1.0
        lot = self._random("wind")
        wind = WindStep(0, lot.uniform(0, 360), abs(lot.gauss(0, self.asked.wind_mps)))
        a, b = problem.vertiport[corridor.origin], problem.vertiport[corridor.destination]
        speed = corridor.distance_m / seconds
        ground = ground_speed_mps(speed, bearing_deg(a.lat, a.lon, b.lat, b.lon), wind)
        return speed / max(ground, speed / 3)


def refuse_days(days: int) -> None:
    """Raise :class:`InvalidInput` unless so many days can be simulated."""
    if not 1 <= days <= 100_000:
        raise InvalidInput([Violation("DAYS", "days", f"is {days}; give 1 to 100000.")])
