"""Who wants to fly, and what flies by timetable."""

from __future__ import annotations

from dataclasses import dataclass

from router.timewindow import TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One party that wants to fly; it is never split."""

    id: str
    origin: str
    destination: str
    party: int = 1
    """Passengers, >= 1; each takes a seat."""
    weight_kg: int = 90
    """Weight of the whole party with its baggage, >= 0."""
    departure: TimeWindow
    """When the party's first flight may go off block."""
    arrive_by: int | None = None
    """Latest on-block of its last flight; ``None``: no limit."""
    max_stops: int = 0
    """Stops on the way that the party accepts, on the same aircraft; 0: direct only."""
    max_ride_s: int | None = None
    """Longest time from first off-block to last on-block; ``None``: no limit."""
    value: int = 0
    """Worth of serving it, minor currency units, >= 0."""
    wait_cost_per_s: int = 0
    """Cost of each second that off-block is after ``departure.start``."""
    promised: bool = False
    """Whether it must be served."""
    may_share: bool = True
    """Whether other parties may be on the same flight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableFlight:
    """A flight announced to the public, flown with or without passengers."""

    id: str
    origin: str
    destination: str
    off_block: TimeWindow
    """When it may go off block; one moment where it is fixed."""
    types: frozenset[str] = frozenset()
    """Types that may fly it; empty: all."""
    required: bool = True
    """Whether it must be flown."""
    value: int = 0
    """Worth of flying it, besides that of its trips."""
