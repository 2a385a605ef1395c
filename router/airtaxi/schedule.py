"""A day plan: what every aircraft does, to the second and the watt-hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from router.errors import Violation
from router.solving import Cost, Termination, relative_gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One flight of one aircraft, from stand to stand.

    ``off_block`` + taxi + take-off occupancy = ``departure`` (leaves the pad);
    + flight time = ``landing`` (touches down); + landing occupancy + taxi =
    ``on_block``. All four are stated and all are checked.
    """

    aircraft: str
    origin: str
    destination: str
    off_block: int
    departure: int
    landing: int
    on_block: int
    trips: tuple[str, ...] = ()
    """Parties on board; none: an empty flight."""
    energy_wh: int = 0
    soc_before_wh: int = 0
    soc_after_wh: int = 0
    timetable: str | None = None
    """The timetable flight that it is, if any."""
    pilot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charging session; holds one charger of its group from start to end."""

    aircraft: str
    vertiport: str
    charger: str
    """Id of the charger group."""
    start: int
    end: int
    power_w: int
    """Cap of the session, at most the charger's power."""
    soc_before_wh: int = 0
    soc_after_wh: int = 0
    """Exactly what :func:`router.airtaxi.charging.charge` gives."""

    @property
    def energy_wh(self) -> int:
        """Energy put into the battery."""
        return self.soc_after_wh - self.soc_before_wh


class UnservedReason(StrEnum):
    """What binds: why a trip is not in the plan."""

    NO_CORRIDOR = "NO_CORRIDOR"
    """No corridor, or none that any type of the fleet may fly."""
    NO_SEAT = "NO_SEAT"
    """The party is larger or heavier than any aircraft takes."""
    NO_ENERGY = "NO_ENERGY"
    """No type has the energy for the flight above its reserve."""
    CLOSED = "CLOSED"
    """A vertiport or the corridor is closed through the whole window."""
    NO_AIRCRAFT = "NO_AIRCRAFT"
    """No aircraft with charge could be there in time."""
    PAD = "PAD"
    STAND = "STAND"
    CHARGER = "CHARGER"
    POWER = "POWER"
    HEADWAY = "HEADWAY"
    PILOT = "PILOT"
    NOT_WORTH = "NOT_WORTH"
    """Serving it costs more than it is worth."""
    LIMIT = "LIMIT"
    """The search ended before a place was found."""


@dataclass(frozen=True, slots=True)
class UnservedTrip:
    """A trip left out, and why; the reason that binds most comes first."""

    trip: str
    reasons: tuple[UnservedReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightPlan:
    """A finished day plan."""

    flights: tuple[Flight, ...] = ()
    """By aircraft and time."""
    charges: tuple[Charge, ...] = ()
    """By aircraft and time."""
    unserved: tuple[UnservedTrip, ...] = ()
    revenue: int = 0
    """Worth of the trips and timetable flights served."""
    cost: Cost = field(default_factory=lambda: Cost(0))
    """Components: flying, energy, vertiports, aircraft, waiting."""
    bound: int | None = None
    """No plan has a higher value; ``None``: not proven."""
    bound_name: str = ""
    """Which relaxation proved the bound."""
    infeasible: tuple[Violation, ...] = ()
    """Why the day cannot be flown as asked; the plan then serves what it can."""
    termination: Termination = Termination.LIMIT
    seconds: float = field(default=0.0, compare=False)

    @property
    def value(self) -> int:
        """Revenue minus cost."""
        return self.revenue - self.cost.total

    @property
    def gap(self) -> float | None:
        """Relative gap between value and bound; ``None`` without a bound."""
        return relative_gap(self.value, self.bound)

    @property
    def served_trips(self) -> frozenset[str]:
        """Ids of the trips on board of some flight."""
        return frozenset(t for f in self.flights for t in f.trips)

    @property
    def empty_flights(self) -> int:
        """Flights that carry nobody."""
        return sum(1 for f in self.flights if not f.trips)
