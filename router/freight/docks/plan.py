"""A dock plan: which truck stands at which door from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from router.solving import Cost, Termination, relative_gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One truck at one door, from ``start`` until ``end`` in seconds."""

    truck: str
    door: str
    start: int
    end: int


class UnassignedReason(StrEnum):
    """Why a truck has no appointment."""

    NO_DOOR = "NO_DOOR"
    """No door takes its direction and has all its capabilities."""
    DOOR_CLOSED = "DOOR_CLOSED"
    """No suitable door is open long enough when it could be handled."""
    CUSTOMS_RELEASE = "CUSTOMS_RELEASE"
    """Its customs release comes after the last moment that it can be taken."""
    DEADLINE = "DEADLINE"
    """Even taken at once it would not be done by its deadline."""
    CREWS = "CREWS"
    """It needs more crews than are present when it could be handled."""
    DOORS_BUSY = "DOORS_BUSY"
    """Possible alone, but no place was found among the others."""
    NOT_WORTH_IT = "NOT_WORTH_IT"
    """Sending it away costs less than serving it in this plan."""


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A truck without an appointment, and every reason that applies."""

    truck: str
    reasons: tuple[UnassignedReason, ...]


class MissedReason(StrEnum):
    """Why a transfer is not made."""

    INBOUND_UNASSIGNED = "INBOUND_UNASSIGNED"
    """The truck that brings the goods has no appointment."""
    OUTBOUND_UNASSIGNED = "OUTBOUND_UNASSIGNED"
    """The truck that should take the goods has no appointment."""
    WINDOWS = "WINDOWS"
    """Even with all doors free the goods would come after the outbound
    truck's last possible start."""
    NOT_IN_TIME = "NOT_IN_TIME"
    """In this plan the goods come after the outbound truck's start: to wait
    for them would cost more, or no place was found."""
    NOT_WORTH_IT = "NOT_WORTH_IT"
    """Leaving the goods costs less than moving them across the floor."""


@dataclass(frozen=True, slots=True)
class MissedTransfer:
    """A transfer that is not made, and every reason that applies."""

    transfer: str
    reasons: tuple[MissedReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DockPlan:
    """A finished plan and how it came about."""

    appointments: tuple[Appointment, ...]
    """By start, then by door."""
    unassigned: tuple[Unassigned, ...] = ()
    missed: tuple[MissedTransfer, ...] = ()
    cost: Cost
    """Split into ``waiting``, ``tardiness``, ``movement``, ``unassigned``
    and ``missed``."""
    feasible: bool
    """Every required truck and transfer is served and no rule is broken."""
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
