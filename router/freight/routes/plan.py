"""A route plan: which vehicle makes which stops in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from router.solving import Cost, Termination


class StopKind(StrEnum):
    """What happens at a stop."""

    VISIT = "visit"
    PICKUP = "pickup"
    DELIVERY = "delivery"
    RELOAD = "reload"


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: ``id`` names a visit, a shipment, or (RELOAD) a depot."""

    kind: StopKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The stops of one vehicle, its start and end depot not among them."""

    vehicle_type: str
    vehicle: int = 0
    """Which of the vehicles of the type, from 0; unique in a plan."""
    stops: tuple[Stop, ...] = ()


class UnservedReason(StrEnum):
    """Why a visit or shipment stands in no route."""

    CAPACITY = "CAPACITY"
    """Its load is larger than every vehicle that may serve it."""
    SKILLS = "SKILLS"
    """No vehicle has all its skills."""
    TIME_WINDOW = "TIME_WINDOW"
    """No vehicle can reach it in its windows and be back in its shift."""
    DISTANCE = "DISTANCE"
    """Serving it alone exceeds every vehicle's distance limit."""
    DURATION = "DURATION"
    """Serving it alone exceeds every vehicle's duration limit."""
    UNREACHABLE = "UNREACHABLE"
    """No vehicle has a way there and back."""
    FLEET_EXHAUSTED = "FLEET_EXHAUSTED"
    """Possible alone, but no feasible place was found in the fleet given."""
    NOT_WORTH_IT = "NOT_WORTH_IT"
    """Leaving it out costs less than serving it in this plan."""
    OTHER_OF_GROUP = "OTHER_OF_GROUP"
    """Another member of its exclusive group is served."""


@dataclass(frozen=True, slots=True)
class Unserved:
    """A visit or shipment left out, and every reason that applies."""

    id: str
    reasons: tuple[UnservedReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePlan:
    """A finished plan and how it came about."""

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...] = ()
    cost: Cost
    """Split into ``fixed``, ``distance``, ``duration``, ``prizes``."""
    feasible: bool
    """Every required visit and shipment is served and no rule is broken."""
    termination: Termination = Termination.LIMIT
    seconds: float = 0.0
    iterations: int = 0
    curve: tuple[tuple[float, int], ...] = ()
    """(seconds, cost) of each improvement reported."""
