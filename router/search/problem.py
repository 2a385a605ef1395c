"""A routing problem as flat arrays: the only input of the compiled search.

Stops are 0..n-1: a visit is one stop, a shipment two. Locations are 0..L-1;
location L is nowhere, at distance 0 from everywhere. All arrays are
C-contiguous; shapes are given in brackets.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

FAR = 2**60
"""Beyond every cost and time, as in ``router/kernels/model.pxd``."""


class Kind(IntEnum):
    """Which family of kernels a problem needs; as in ``router/kernels/model.pxd``."""

    PLAIN = 0
    TIMED = 1
    SPANNED = 2
    PAIRED = 3
    GENERAL = 4


class Feature(IntFlag):
    """What a problem has beyond its kind; as in ``router/kernels/model.pxd``."""

    FLEET = 1
    LIMITS = 2
    SKILLS = 4
    BACKHAUL = 8
    OPTIONAL = 16
    GROUPS = 32
    RELOADS = 64
    PAIRS = 128
    MIXED = 256
    WINDOWS = 512
    DURATION = 1024
    TWINS = 2048
    RELEASES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelArrays:
    """Travel of one profile: matrices, or coordinates and a formula.

    ``distances`` and ``durations`` are int32 of shape (L + 1, L + 1), or of
    size 0: computed, and equal to the distances, respectively.
    """

    distances: Int32
    durations: Int32
    xs: Float
    ys: Float
    scale: float = 1.0
    speed: float = 0.0
    """Metres per second on great circles; 0: Euclidean."""
    floor: int = 0
    symmetric: int = 1
    """1 where distances and durations are the same in both directions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteArrays:
    """Everything that the compiled search reads."""

    stops: int
    locations: int
    kind: Kind
    features: Feature
    backhaul: int
    travel: tuple[TravelArrays, ...]
    # by stop
    place: Int32
    service: Int64
    open: Int64
    close: Int64
    first_window: Int32
    window_open: Int64
    window_close: Int64
    release: Int64
    add: Int64
    deliver: Int64
    collect: Int64
    carry: Int64
    mate: Int32
    pickup: Bytes
    nature: Int32
    prize: Int64
    group: Int32
    group_first: Int32
    members: Int32
    group_required: Bytes
    near: Int32
    keys: Int64
    key_weight: Float
    # by vehicle type and by slot
    slot_type: Int32
    first_slot: Int32
    start: Int32
    end: Int32
    profile: Int32
    capacity: Int64
    hold: Int64
    shift_open: Int64
    shift_close: Int64
    fixed: Int64
    per_distance: Int64
    per_duration: Int64
    max_distance: Int64
    max_duration: Int64
    max_stops: Int32
    max_reloads: Int32
    reload_first: Int32
    reload_depots: Int32
    reload_pool: int
    twin: Int32
    allowed: Bytes
    # by depot
    depot_place: Int32
    depot_open: Int64
    depot_close: Int64
    depot_service: Int64
    # scales
    absence: int
    """What leaving out a required job weighs in the search."""
    spacing: float
    """Mean cost of the way to the nearest neighbour; the unit of temperature."""


Item = int
"""A stop (>= 0), or a reload at a depot (-1 - depot)."""


@dataclass(frozen=True, slots=True)
class ArrayRoute:
    """One vehicle's items: its slot (vehicle of the fleet), type and items."""

    slot: int
    type: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArraySolution:
    """The best plan found and how it came about."""

    routes: tuple[ArrayRoute, ...]
    cost: int
    missing: int
    """Required jobs left out."""
    iterations: int
    seconds: float
    stopped: bool
    """The monitor asked to stop."""
    curve: tuple[tuple[float, int], ...]
