"""Charge told as time: how long the strongest charger takes from one charge to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.airtaxi.charging import MICROSECONDS, fill_times
from router.airtaxi.fleet import AircraftType

NEVER_US = 10**12
"""Time for a watt-hour that no charger fills, microseconds."""


@dataclass(frozen=True, slots=True)
class ChargeClock:
    """The clock of one type. It never runs faster the more is charged."""

    least_wh: int
    times: NDArray[np.int64]
    """Microseconds at each watt-hour from ``least_wh`` to the full battery."""

    @classmethod
    def of(cls, kind: AircraftType, least_wh: int, power_w: int) -> ChargeClock:
        """Return the clock of a type, also for charges below 0, as if filled like the first."""
        filled = fill_times(kind.curve, power_w)
        below = int(filled[1]) if len(filled) > 1 else NEVER_US
        beyond = np.arange(1, kind.battery_wh + 2 - len(filled), dtype=np.int64)
        negative = np.arange(min(0, least_wh), 0, dtype=np.int64)
        times = np.concatenate((negative * below, filled, filled[-1] + beyond * NEVER_US))
        return cls(least_wh, times[max(0, least_wh) :])

    def after(self, wh: NDArray[np.int64] | int, seconds: int) -> NDArray[np.int64]:
        """Return the least charge that is not behind another ``seconds`` later.

        Less than 0: the one from which that long a session leads to at least ``wh``. What is
        below the clock's least charge counts as that.
        """
        at = self.times[np.maximum(wh - self.least_wh, 0)] + MICROSECONDS * seconds
        return self.least_wh + np.searchsorted(self.times, at).clip(max=len(self.times) - 1)
