"""The day of an air-taxi operator, as its users state it."""

from __future__ import annotations

from dataclasses import dataclass, field

from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType, Pilot
from router.airtaxi.network import Corridor, Vertiport
from router.timewindow import TimeWindow

DAY = TimeWindow(0, 86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class AirTaxiProblem:
    """Everything that a day plan is made from.

    The plan's value is the worth of the trips and timetable flights served
    minus the costs of flying, energy, vertiports, aircraft and waiting;
    promised trips and required flights come before all value.

    Raises
    ------
    InvalidInput
        With every violation, if any rule of ``router.airtaxi.validate`` is
        broken.
    """

    vertiports: tuple[Vertiport, ...]
    corridors: tuple[Corridor, ...]
    types: tuple[AircraftType, ...]
    aircraft: tuple[Aircraft, ...]
    trips: tuple[Trip, ...] = ()
    timetable: tuple[TimetableFlight, ...] = ()
    pilots: tuple[Pilot, ...] = ()
    """Needed by types with ``needs_pilot``; where empty, pilots are not planned."""
    horizon: TimeWindow = DAY
    """Every block time lies in it; stands are held until its end."""
    currency: str = "KZT"
    name: str = field(default="", compare=False)

    vertiport: dict[str, Vertiport] = field(init=False, repr=False, compare=False)
    """By id."""
    corridor: dict[tuple[str, str], Corridor] = field(init=False, repr=False, compare=False)
    """By origin and destination."""
    type: dict[str, AircraftType] = field(init=False, repr=False, compare=False)
    """By id."""
    tail: dict[str, Aircraft] = field(init=False, repr=False, compare=False)
    """By id."""
    trip: dict[str, Trip] = field(init=False, repr=False, compare=False)
    """By id."""

    def __post_init__(self) -> None:
        from router.airtaxi.validate import validate

        validate(self)
        object.__setattr__(self, "vertiport", {v.id: v for v in self.vertiports})
        object.__setattr__(self, "corridor", {c.key: c for c in self.corridors})
        object.__setattr__(self, "type", {t.id: t for t in self.types})
        object.__setattr__(self, "tail", {a.id: a for a in self.aircraft})
        object.__setattr__(self, "trip", {t.id: t for t in self.trips})

    def type_of(self, aircraft_id: str) -> AircraftType:
        """Return the type of an aircraft."""
        return self.type[self.tail[aircraft_id].type]
