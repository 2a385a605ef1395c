"""The vehicle-routing problem as its users state it.

Units are whole numbers: distances in metres, times in seconds, money in minor
currency units. A benchmark file may use units of its own for all three; then
so does the plan. Ids are the caller's strings; positions in tuples carry no
meaning.

A *visit* is one stop that delivers goods from a depot, collects goods for a
depot, or both. A *shipment* is a pickup and a delivery by the same vehicle.
Both may stand in one problem. Constructors here hold data only; every rule is
checked by :func:`router.freight.routes.validate.validate`, which
:class:`RoutingProblem` calls, so that all violations come at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from router.matrix import Travel
from router.timewindow import TimeWindow

ALWAYS = TimeWindow()
DEFAULT_PROFILE = "default"


@dataclass(frozen=True, slots=True)
class Location:
    """A place.

    ``x`` and ``y`` are planar coordinates for Euclidean travel, longitude and
    latitude in degrees for great-circle travel, unused with a matrix.
    """

    id: str
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """Where vehicles start, end and reload; ``window`` bounds both."""

    id: str
    location: str
    window: TimeWindow = ALWAYS
    service: int = 0
    """Time that loading takes at the start and at each reload, seconds >= 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stop of one vehicle, with goods from or to the depot."""

    id: str
    location: str
    deliver: tuple[int, ...] = ()
    """Goods brought from the depot, one value >= 0 a dimension; empty: none."""
    collect: tuple[int, ...] = ()
    """Goods taken to the depot, one value >= 0 a dimension; empty: none."""
    windows: tuple[TimeWindow, ...] = ()
    """When service may start: disjoint, ascending; empty: always."""
    service: int = 0
    """Time at the stop, seconds >= 0."""
    release: int = 0
    """Earliest moment at which loading its goods at the depot can start."""
    prize: int | None = None
    """Cost of leaving it out; ``None``: it must be visited."""
    skills: frozenset[str] = frozenset()
    """Skills that the vehicle must have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentStop:
    """The pickup or the delivery of a shipment."""

    location: str
    windows: tuple[TimeWindow, ...] = ()
    service: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Goods from one stop to another, on one vehicle, in one trip."""

    id: str
    pickup: ShipmentStop
    delivery: ShipmentStop
    load: tuple[int, ...] = ()
    prize: int | None = None
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Visits of which at most one is made; exactly one where ``required``.

    Its members carry no prize of their own.
    """

    id: str
    visits: tuple[str, ...]
    required: bool = True
    prize: int = 0
    """Cost of making none, where not required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleType:
    """Vehicles that do not differ."""

    id: str
    count: int | None = 1
    """How many, >= 0; ``None``: as many as wanted."""
    start: str
    """Depot where the route starts."""
    end: str | None
    """Depot where it ends; ``None``: at its last stop."""
    capacity: tuple[int, ...] = ()
    """One value >= 0 a dimension; empty: unlimited."""
    shift: TimeWindow = ALWAYS
    fixed_cost: int = 0
    distance_cost: int = 1
    """Cost of one unit of distance."""
    duration_cost: int = 0
    """Cost of one unit of time from start to end, waiting included."""
    max_distance: int | None = None
    max_duration: int | None = None
    max_stops: int | None = None
    reload_depots: tuple[str, ...] = ()
    max_reloads: int | None = None
    """Most reloads in a route; ``None``: no limit where there are depots."""
    skills: frozenset[str] = frozenset()
    profile: str = DEFAULT_PROFILE
    """Which of the problem's travel profiles it uses."""


class BackhaulRule(StrEnum):
    """Whether goods may be collected before all are delivered."""

    MIXED = "mixed"
    """In any order that the capacity allows."""
    LINEHAUL_FIRST = "linehaul_first"
    """In a trip, no delivery after a collection."""
    LINEHAUL_REQUIRED = "linehaul_required"
    """As LINEHAUL_FIRST, and a trip may not begin with a collection."""


class Objective(StrEnum):
    """Which of two feasible plans is better."""

    COST = "cost"
    """The one of less cost."""
    FEWEST_VEHICLES = "fewest_vehicles"
    """The one with fewer vehicles that drive; of as many, the one of less cost.

    What may be left out is served only where no further vehicle is needed for it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingProblem:
    """Everything that a route plan is made from.

    Raises
    ------
    InvalidInput
        With every violation of every rule in ``docs/constraints.md``.
    """

    locations: tuple[Location, ...]
    depots: tuple[Depot, ...]
    vehicle_types: tuple[VehicleType, ...]
    travel: Mapping[str, Travel]
    """Travel by profile; ``default`` is used where a vehicle names none."""
    visits: tuple[Visit, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    groups: tuple[Group, ...] = ()
    dimensions: tuple[str, ...] = ("load",)
    """Names of the capacity dimensions, e.g. ``kg``, ``pallets``."""
    backhaul: BackhaulRule = BackhaulRule.MIXED
    objective: Objective = Objective.COST
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        from router.freight.routes.validate import validate

        validate(self)
