"""Charging, counted watt-hour by watt-hour, apart from the planner's tables."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

Points = tuple[tuple[int, int], ...]


def accepted_w(points: Points, soc_wh: int) -> int:
    """Return the power accepted at a level: straight lines, rounded down."""
    after = bisect_right(points, soc_wh, key=lambda p: p[0])
    if after == len(points):
        return points[-1][1]
    (s0, p0), (s1, p1) = points[after - 1], points[after]
    return (p0 * (s1 - soc_wh) + p1 * (soc_wh - s0)) // (s1 - s0)


def power_at(points: Points, cap_w: int, soc_wh: int) -> int:
    """Return the power while the watt-hour above a level fills; 0 when full."""
    if soc_wh >= points[-1][0]:
        return 0
    return min(cap_w, accepted_w(points, soc_wh), accepted_w(points, soc_wh + 1))


@lru_cache(maxsize=64)
def _clock(points: Points, cap_w: int) -> array[int]:
    """Return the microsecond at which each level is reached from empty."""

    def durations() -> Iterator[int]:
        for soc_wh in range(points[-1][0]):
            power = power_at(points, cap_w, soc_wh)
            if power <= 0:
                return
            yield (3_600_000_000 + power - 1) // power

    return array("q", accumulate(durations(), initial=0))


def level_after(points: Points, cap_w: int, soc_wh: int, seconds: int) -> int:
    """Return the level after charging for ``seconds`` from ``soc_wh``."""
    clock = _clock(points, cap_w)
    if soc_wh >= len(clock):
        return soc_wh
    return bisect_right(clock, clock[soc_wh] + seconds * 1_000_000) - 1
