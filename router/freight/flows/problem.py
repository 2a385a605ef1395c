"""Freight flows over road, rail and air lanes as their users state them.

A *commodity* is an amount of goods from an origin to a destination. A *lane*
carries goods between two nodes by one mode, in departures of a given capacity
(a truck, a block train, a flight); an *interchange* lets goods change mode at a
node, for a cost and within the node's handling capacity.

Units are whole numbers: goods in units that the problem names (TEU, tonnes),
times in seconds, money in minor currency units. Goods move in whole units; name
a smaller unit for finer splits. Ids are the caller's strings; positions in
tuples carry no meaning. Constructors hold data only; every rule is checked by
:func:`router.freight.flows.validate.validate`, which :class:`FlowProblem` calls,
so that all violations come at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

SECONDS_PER_HOUR = 3600


class Mode(StrEnum):
    """How goods move on a lane."""

    ROAD = "road"
    RAIL = "rail"
    AIR = "air"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A place where lanes meet.

    ``x`` and ``y`` are longitude and latitude in degrees, for pictures only.
    """

    id: str
    x: float = 0.0
    y: float = 0.0
    handling_capacity: int | None = None
    """Units that may change mode here in the planning period; ``None``: no
    limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A directed connection by one mode."""

    id: str
    origin: str
    destination: str
    mode: Mode = Mode.ROAD
    capacity: int
    """Units that one departure carries, >= 0."""
    max_departures: int | None = 1
    """Most departures in the planning period; ``None``: as many as wanted."""
    opening_cost: int = 0
    """Cost once, if there is any departure, >= 0."""
    departure_cost: int = 0
    """Cost of each departure, full or not, >= 0."""
    unit_cost: int = 0
    """Cost of each unit carried, >= 0."""
    duration: int = 0
    """Time from door to door, seconds >= 0; priced by ``Commodity.hour_cost``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interchange:
    """Where goods may change from one mode to another."""

    node: str
    from_mode: Mode
    to_mode: Mode
    unit_cost: int = 0
    """Cost of each unit that changes here, >= 0."""
    duration: int = 0
    """Time that the change takes, seconds >= 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commodity:
    """Goods that want to go from one node to another, possibly split."""

    id: str
    origin: str
    destination: str
    amount: int
    """Units, > 0."""
    penalty: int | None = None
    """Cost of each unit not shipped; ``None``: all must be shipped."""
    hour_cost: int = 0
    """Cost of a unit for each hour under way, >= 0; on a lane or at an
    interchange rounded up to a whole minor unit for each unit of goods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowProblem:
    """Everything that a flow plan is made from.

    Goods start and end by any mode; on the way they change mode only at
    interchanges. Lanes of the same mode join freely at a node.

    Raises
    ------
    InvalidInput
        With every violation of every rule in ``docs/hub_model.md``.
    """

    nodes: tuple[Node, ...]
    lanes: tuple[Lane, ...]
    commodities: tuple[Commodity, ...]
    interchanges: tuple[Interchange, ...] = ()
    unit: str = "TEU"
    """What amounts count."""
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        from router.freight.flows.validate import validate

        validate(self)


def time_cost(hour_cost: int, duration: int) -> int:
    """Return the cost of one unit's ``duration``, rounded up to a minor unit."""
    return -(-hour_cost * duration // SECONDS_PER_HOUR)
