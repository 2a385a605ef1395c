"""How a battery fills: the definition, in whole watt-hours and microseconds.

Filling the watt-hour from level ``s`` to ``s + 1`` runs at the lower of the two
accepted powers at its ends, capped by the session's power, and lasts
``ceil(3600e6 / power)`` microseconds. A level whose power is 0 is never left.
A session of ``n`` seconds reaches the highest level whose summed durations are
at most ``n`` seconds. Every rounding takes charge away, never adds any, and the
result of a session depends on nothing but its start level, cap and length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MICROSECONDS = 1_000_000
WH_MICROWATTSECONDS = 3600 * MICROSECONDS


@dataclass(frozen=True, slots=True)
class ChargeCurve:
    """Power that a battery accepts, by state of charge.

    ``points`` are (state of charge in Wh, accepted power in W), ascending in
    charge from 0 to the battery's size, never rising in power; straight lines
    between them, rounded down to whole watts. Two points of equal power make
    charging linear.
    """

    points: tuple[tuple[int, int], ...]

    @classmethod
    def constant(cls, battery_wh: int, power_w: int) -> ChargeCurve:
        """Return the curve of linear charging."""
        return cls(((0, power_w), (battery_wh, power_w)))

    @classmethod
    def tapered(
        cls, battery_wh: int, power_w: int, taper_from_wh: int, end_power_w: int = 0
    ) -> ChargeCurve:
        """Return constant power up to a level, then a straight fall to the end."""
        return cls(((0, power_w), (taper_from_wh, power_w), (battery_wh, end_power_w)))

    def power_w(self, soc_wh: int) -> int:
        """Return the accepted power at a level, watts."""
        for (s0, p0), (s1, p1) in pairwise(self.points):
            if s0 <= soc_wh <= s1:
                return p0 + (p1 - p0) * (soc_wh - s0) // (s1 - s0)
        return 0


def accepted_w(curve: ChargeCurve) -> NDArray[np.int64]:
    """Return the power that is accepted while the watt-hour above each level fills, watts."""
    soc = np.arange(curve.points[-1][0] + 1, dtype=np.int64)
    power = np.zeros_like(soc)
    for (s0, p0), (s1, p1) in pairwise(curve.points):
        power[s0 : s1 + 1] = p0 + (p1 - p0) * (soc[s0 : s1 + 1] - s0) // (s1 - s0)
    return np.minimum(power[:-1], power[1:])


@lru_cache(maxsize=64)
def fill_times(curve: ChargeCurve, cap_w: int) -> NDArray[np.int64]:
    """Return the time to fill from 0 to each level that can be reached.

    Returns
    -------
    Read-only int64 array of microseconds: entry ``s`` is the summed duration
    of the watt-hours below level ``s``; entry 0 is 0. Its last index is the
    highest level that charging can reach.
    """
    step = np.minimum(accepted_w(curve), cap_w)
    dead = np.flatnonzero(step <= 0)
    step = step[: dead[0]] if dead.size else step
    times = np.concatenate(([0], np.cumsum(-(-WH_MICROWATTSECONDS // step)))).astype(np.int64)
    times.setflags(write=False)
    return times


def charge(curve: ChargeCurve, cap_w: int, soc_wh: int, seconds: int) -> int:
    """Return the state of charge after a session, Wh.

    Parameters
    ----------
    curve
        What the battery accepts.
    cap_w
        Power of the session: at most the charger's; >= 0.
    soc_wh
        Level at the start, 0 to the battery's size.
    seconds
        Length of the session, >= 0.
    """
    times = fill_times(curve, cap_w)
    if soc_wh >= len(times) - 1:
        return soc_wh
    until = int(times[soc_wh]) + seconds * MICROSECONDS
    return int(np.searchsorted(times, until, side="right")) - 1


def seconds_to(curve: ChargeCurve, cap_w: int, soc_wh: int, target_wh: int) -> int | None:
    """Return the least whole seconds that reach ``target_wh``; ``None`` if none do."""
    if target_wh <= soc_wh:
        return 0
    times = fill_times(curve, cap_w)
    if target_wh >= len(times):
        return None
    return int(-(-(times[target_wh] - times[soc_wh]) // MICROSECONDS))


def drawn_w(curve: ChargeCurve, cap_w: int, soc_wh: int) -> int:
    """Return the power into the battery while the watt-hour above ``soc_wh`` fills."""
    if soc_wh >= curve.points[-1][0]:
        return 0
    return max(0, min(cap_w, curve.power_w(soc_wh), curve.power_w(soc_wh + 1)))
