"""The day of a hub's dock doors as its users state it.

Trucks bring and fetch goods. An *appointment* holds a truck at one door from
start to end; a *transfer* moves goods across the floor from an inbound truck's
door to an outbound truck's door, and loading begins when they are there.

Units are whole numbers: times in seconds since the horizon's start, floor
distances in metres, money in minor currency units, goods in units that the
problem names (pallets, say). Ids are the caller's strings; positions in tuples
carry no meaning. Constructors hold data only; every rule is checked by
:func:`router.freight.docks.validate.validate`, which :class:`DockProblem`
calls, so that all violations come at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from router.timewindow import FOREVER, TimeWindow

ALWAYS = TimeWindow()
SECONDS_PER_HOUR = 3600


class Direction(StrEnum):
    """Which way goods cross a door."""

    INBOUND = "inbound"
    """From a truck into the hub."""
    OUTBOUND = "outbound"
    """From the hub into a truck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One dock door; at most one truck stands at it at a time."""

    id: str
    directions: frozenset[Direction] = frozenset(Direction)
    capabilities: frozenset[str] = frozenset()
    """What it offers, e.g. ``reefer``, ``rail``, ``dock-leveller``."""
    windows: tuple[TimeWindow, ...] = ()
    """When it is open: disjoint, ascending; empty: always. An appointment
    lies inside one window."""
    x: int = 0
    """Place on the floor plan, metres; goods move along aisles (rectilinear)."""
    y: int = 0
    changeover: int = 0
    """Time between one truck's end and the next one's start, seconds >= 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truck:
    """A truck, van or container that needs one door once.

    It is ready at ``max(arrival.start, release)``; from then on it waits at
    ``waiting_cost`` an hour until its appointment starts, at the latest at
    ``arrival.end``.
    """

    id: str
    direction: Direction
    arrival: TimeWindow = ALWAYS
    """When its appointment may start: from its arrival to the last moment
    that it can be taken."""
    release: int = 0
    """Customs release: no handling before this moment."""
    due: int = FOREVER
    """Wanted end; later ends are tardy at ``tardiness_cost`` an hour."""
    deadline: int = FOREVER
    """Last possible end."""
    quantity: int = 0
    """Goods unloaded or loaded, in the problem's units, >= 0."""
    rate: int = 0
    """Units handled an hour; > 0 where there is a quantity."""
    setup: int = 0
    """Time at the door besides the goods (doors, papers, seals), seconds."""
    crews: int = 1
    """Crews at work during the whole appointment, >= 0."""
    requires: frozenset[str] = frozenset()
    """Capabilities that its door must have."""
    waiting_cost: int = 0
    """Cost of an hour of waiting, >= 0."""
    tardiness_cost: int = 0
    """Cost of an hour beyond ``due``, >= 0."""
    penalty: int | None = None
    """Cost of sending it away; ``None``: it must have an appointment."""

    @property
    def ready(self) -> int:
        """Earliest start of handling."""
        return max(self.arrival.start, self.release)

    @property
    def handling(self) -> int:
        """Time at the door: set-up and goods, the latter rounded up to a second."""
        return self.setup + handling_time(self.quantity, self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Goods from an inbound truck to an outbound truck.

    Made when both have appointments and the outbound one starts no earlier
    than the inbound end, plus ``handling``, plus the way between the doors.
    """

    id: str
    inbound: str
    outbound: str
    quantity: int = 0
    """Goods moved, in the problem's units, >= 0."""
    rate: int = 0
    """Units sorted and moved an hour; 0: no time beyond ``setup``."""
    setup: int = 0
    """Time besides the goods (inspection, sorting), seconds >= 0."""
    penalty: int | None = None
    """Cost of not making it; ``None``: it must be made."""

    @property
    def handling(self) -> int:
        """Time between the doors besides the way, seconds."""
        return self.setup + handling_time(self.quantity, self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewShift:
    """``count`` crews present from ``window.start`` until ``window.end``."""

    window: TimeWindow
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DockProblem:
    """Everything that a dock plan is made from.

    The cost of a plan is the sum of waiting, tardiness, floor movement,
    trucks sent away and transfers not made; each amount is rounded up to a
    whole minor unit by truck or transfer.

    Raises
    ------
    InvalidInput
        With every violation of every rule in ``docs/hub_model.md``.
    """

    doors: tuple[Door, ...]
    trucks: tuple[Truck, ...]
    transfers: tuple[Transfer, ...] = ()
    crews: tuple[CrewShift, ...] = ()
    """Crews by time; overlapping shifts add up. Empty: no limit."""
    seconds_per_100_metres: int = 0
    """Travel time on the floor, seconds for 100 m, >= 0."""
    movement_cost: int = 0
    """Cost of moving 1,000 unit-metres on the floor, >= 0."""
    unit: str = "pallets"
    """What quantities count."""
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        from router.freight.docks.validate import validate

        validate(self)


def handling_time(quantity: int, rate: int) -> int:
    """Return the seconds for ``quantity`` units at ``rate`` an hour, rounded up."""
    return -(-quantity * SECONDS_PER_HOUR // rate) if quantity and rate else 0
