"""Where air taxis take off, land, stand and charge, and the corridors between.

Times are integer seconds since the start of the problem's day, energy is in
watt-hours, power in watts, money in minor currency units. The exact interval
for which each resource is held is defined in ``docs/airtaxi_model.md``.
Classes here hold data only; :mod:`router.airtaxi.validate` checks every rule.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from router.timewindow import TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerGroup:
    """Chargers of one power at one vertiport; each serves one aircraft at a time.

    A charging aircraft keeps its stand and holds one charger.
    """

    id: str
    """Unique within its vertiport."""
    count: int
    """How many, >= 1."""
    power_w: int
    """Most power that one charger puts into a battery, watts > 0."""
    efficiency_permille: int = 1000
    """Battery power as a share of grid power, 1 to 1000."""

    def grid_w(self, battery_w: int) -> int:
        """Return the grid power behind ``battery_w`` into the battery, rounded up."""
        return -(-battery_w * 1000 // self.efficiency_permille)


@dataclass(frozen=True, slots=True)
class TariffStep:
    """The price of electricity from ``start`` until the next step."""

    start: int
    price_per_kwh: int
    """Minor currency units for one kWh of grid energy, >= 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertiport:
    """A place to take off, land, stand and perhaps charge."""

    id: str
    name: str = ""
    lat: float = 0.0
    """Degrees north, -90 to 90."""
    lon: float = 0.0
    """Degrees east, -180 to 180."""
    elevation_m: int = 0
    pads: int = 1
    """Final approach and take-off areas, >= 1; each takes one movement at a time."""
    takeoff_s: int = 60
    """How long a take-off holds a pad before the aircraft departs, >= 0."""
    landing_s: int = 60
    """How long a landing holds a pad after touch-down, >= 0."""
    taxi_s: int = 0
    """Time between pad and stand, each way, >= 0."""
    stands: int = 1
    """Aircraft that can stand here at once, >= 0."""
    chargers: tuple[ChargerGroup, ...] = ()
    power_limit_w: int | None = None
    """Most grid power that all chargers draw together; ``None``: no limit."""
    opening: tuple[TimeWindow, ...] = ()
    """When pads may be used: disjoint, ascending; empty: always."""
    tariff: tuple[TariffStep, ...] = ()
    """Ascending, the first at or before the day's start; empty: free energy."""
    landing_fee: int = 0
    """Cost of one landing."""
    stand_cost_per_hour: int = 0
    """Cost of an hour on a stand; each stay is rounded up to a whole unit."""

    def charger(self, group_id: str) -> ChargerGroup | None:
        """Return the charger group of that id, or ``None``."""
        return next((g for g in self.chargers if g.id == group_id), None)

    def opening_around(self, window: TimeWindow) -> TimeWindow | None:
        """Return the opening window that contains all of ``window``, or ``None``."""
        if not self.opening:
            return TimeWindow(-(2**40), 2**40)
        return next(
            (o for o in self.opening if o.start <= window.start and window.end <= o.end), None
        )


@dataclass(frozen=True, slots=True)
class LegStep:
    """Flight time and energy of departures from ``start`` until the next step."""

    start: int
    seconds: int
    """From departure (leaving the pad) to landing (touching down), > 0."""
    energy_wh: int
    """Energy of the whole block: taxi, take-off, flight, landing; >= 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """The directed way from one vertiport to another; one an ordered pair.

    Flight time and energy are step functions of the moment of departure:
    wind, heat and rules by hour are already in them.
    """

    origin: str
    destination: str
    distance_m: int = 0
    headway_s: int = 0
    """Least time between two departures into this corridor, >= 0."""
    legs: tuple[LegStep, ...] = ()
    """For every aircraft type without steps of its own; ascending by start."""
    type_legs: Mapping[str, tuple[LegStep, ...]] = field(default_factory=dict)
    """Steps of single types; an empty tuple bars the type from the corridor."""
    closures: tuple[TimeWindow, ...] = ()
    """No aircraft may be between departure and landing in any of them."""

    @property
    def key(self) -> tuple[str, str]:
        """Origin and destination, which name the corridor."""
        return (self.origin, self.destination)

    def steps(self, type_id: str) -> tuple[LegStep, ...]:
        """Return the steps that hold for a type; empty where it may not fly."""
        return self.type_legs.get(type_id, self.legs)

    def step(self, type_id: str, departure: int) -> LegStep | None:
        """Return time and energy of a departure; ``None`` where the type may not fly.

        Before the first step the first one holds.
        """
        steps = self.steps(type_id)
        if not steps:
            return None
        at = bisect_right(steps, departure, key=lambda s: s.start)
        return steps[max(0, at - 1)]
