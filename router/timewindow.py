"""Closed intervals of integer time."""

from __future__ import annotations

from dataclasses import dataclass

FOREVER = 2**40
"""End of an unlimited window, in seconds: far beyond any horizon, and small
enough that sums of thousands stay inside 64 bits."""


@dataclass(frozen=True, slots=True, order=True)
class TimeWindow:
    """The closed interval [start, end] in integer seconds, start <= end."""

    start: int = 0
    end: int = FOREVER

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(
                f"time window is reversed: starts at {self.start}, ends at {self.end}."
            )

    def __contains__(self, moment: int) -> bool:
        return self.start <= moment <= self.end

    def overlaps(self, other: TimeWindow) -> bool:
        """Return whether the two share at least one moment."""
        return self.start <= other.end and other.start <= self.end
