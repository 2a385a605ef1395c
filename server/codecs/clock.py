"""Moments: Timestamps at the border, seconds since the horizon's start inside."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp


@dataclass(frozen=True, slots=True)
class Clock:
    """Maps moments of one problem.

    Attributes
    ----------
    start
        The horizon's start, in seconds since 1970-01-01T00:00:00Z.
    """

    start: int = 0

    def inside(self, moment: Timestamp) -> int:
        """Return the whole seconds from the horizon's start to a moment."""
        return moment.seconds - self.start

    def outside(self, seconds: int) -> Timestamp:
        """Return the moment that lies some seconds after the horizon's start."""
        return Timestamp(seconds=self.start + seconds)
