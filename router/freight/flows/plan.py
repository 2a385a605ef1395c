"""A flow plan: how much of what goes over which lane, in how many departures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from router.freight.flows.problem import Mode
from router.solving import Cost, Termination, relative_gap


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFlow:
    """``amount`` > 0 units of a commodity on a lane."""

    lane: str
    commodity: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """A lane that is used, with its number of departures > 0."""

    lane: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeFlow:
    """``amount`` > 0 units of a commodity that change mode at a node."""

    node: str
    from_mode: Mode
    to_mode: Mode
    commodity: str
    amount: int


class UnshippedReason(StrEnum):
    """Why goods are not shipped."""

    DISCONNECTED = "DISCONNECTED"
    """No sequence of lanes and interchanges leads to the destination."""
    CAPACITY = "CAPACITY"
    """Even alone the network cannot carry all of it."""
    NETWORK_FULL = "NETWORK_FULL"
    """Possible alone, but no room was found beside the others."""
    NOT_WORTH_IT = "NOT_WORTH_IT"
    """Not shipping costs less than shipping in this plan."""


@dataclass(frozen=True, slots=True)
class Unshipped:
    """``amount`` > 0 units of a commodity left, and every reason that applies."""

    commodity: str
    amount: int
    reasons: tuple[UnshippedReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPlan:
    """A finished plan and how it came about."""

    flows: tuple[LaneFlow, ...]
    departures: tuple[Departures, ...]
    interchanges: tuple[InterchangeFlow, ...] = ()
    unshipped: tuple[Unshipped, ...] = ()
    cost: Cost
    """Split into ``opening``, ``departures``, ``transport``, ``interchange``,
    ``time`` and ``unshipped``."""
    feasible: bool
    """Everything required is shipped and no rule is broken."""
    bound: int | None = None
    """No feasible plan costs less; ``None`` where nothing is proven."""
    termination: Termination = Termination.LIMIT
    seconds: float = 0.0
    curve: tuple[tuple[float, int], ...] = ()
    """(seconds, cost) of each improvement."""

    @property
    def gap(self) -> float | None:
        """Relative distance of the cost to the bound; ``None`` without a bound."""
        return relative_gap(self.cost.total, self.bound)
