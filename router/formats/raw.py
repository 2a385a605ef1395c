"""What the benchmark formats have in common, before rounding.

Every reader of a text format fills a :class:`RawInstance`; one builder makes
the problem of it. Each value remembers its line, so that a fault in what it
means is reported as precisely as one in how it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from router.formats.rounding import Floats, Wholes


@dataclass(frozen=True, slots=True)
class Column:
    """One row of numbers a location, or a vehicle."""

    values: Floats
    """Shape (rows, width), finite."""
    lines: Wholes
    """Line of each row, shape (rows,)."""

    @classmethod
    def constant(cls, value: float, count: int, line: int) -> Column:
        """Return ``count`` rows of one value that stands at ``line``."""
        return cls(np.full((count, 1), value), np.full(count, line))

    def part(self, *columns: int) -> Column:
        """Return some of the columns."""
        return Column(self.values[:, columns], self.lines)


@dataclass(frozen=True, slots=True)
class Lists:
    """One list of file indices (from 1) a vehicle, or a group."""

    values: Sequence[Sequence[int]]
    lines: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawInstance:
    """A benchmark file as it stands; ``None`` is what it does not say.

    Locations are rows from 0; the first ``depots`` of them are the depots.
    """

    file: str
    name: str
    kind: str
    """Problem type in capitals, e.g. ``VRPTW``; may be empty."""
    size: int
    """How many locations."""
    depots: int
    coordinates: Column | None = None
    lengths: Floats | None = None
    """Given or specially rounded lengths, shape (size, size)."""
    deliver: Column | None = None
    collect: Column | None = None
    windows: Column | None = None
    service: Column | None = None
    release: Column | None = None
    prize: Column | None = None
    shipments: Column | None = None
    """Per location: amount, index from 1 of its pickup, and of its delivery."""
    groups: Lists | None = None
    vehicles: int | None = None
    """How many; ``None``: as many as wanted."""
    capacity: Column | None = None
    vehicle_depot: Column | None = None
    reload_depots: Lists | None = None
    max_reloads: Column | None = None
    max_distance: Column | None = None
    max_duration: Column | None = None
    fixed_cost: Column | None = None
    distance_cost: Column | None = None
    allowed: Lists | None = None
    """Locations, from 1, that a vehicle may visit."""
