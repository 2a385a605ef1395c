"""What the compiled search knows of charging: how long it takes, and what it draws, by tables.

A row is a type, a charger group and a power cap, in that order. Names are those of
``struct Day`` in ``router/kernels/airtaxi_day.pxd``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from router._airtaxi import FILLED_WH, POWER_CAPS
from router.airtaxi.charging import MICROSECONDS, accepted_w, fill_times
from router.airtaxi.problem import AirTaxiProblem

GUESSES = 20_000
"""Entries of the table that guesses a level of charge from a time, about."""

MOST = 2**31 - 1
"""Most that a cell holds."""


class _Laid:
    """Arrays laid end to end, those of one key once."""

    def __init__(self) -> None:
        self.starts: dict[tuple[int, ...], int] = {}
        self.parts: list[NDArray[np.int64]] = []
        self.size = 0

    def start(self, key: tuple[int, ...], values: NDArray[np.int64]) -> int:
        """Return where the values of a key begin."""
        if key not in self.starts:
            self.starts[key] = self.size
            self.parts.append(values)
            self.size += len(values)
        return self.starts[key]

    def joined(self) -> NDArray[np.int64]:
        """Return all values, and a 0."""
        return np.concatenate([*self.parts, np.zeros(1, np.int64)])


def _levels(times: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """Return a step in seconds, and the level reached from empty after each step of it."""
    step = max(1, int(times[-1]) // MICROSECONDS // GUESSES + 1)
    grid = np.arange(0, int(times[-1]) + 1, step * MICROSECONDS)
    return step, np.searchsorted(times, grid, side="right") - 1


def _seconds(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return whole seconds from empty to each :data:`FILLED_WH` Wh, and to the last level."""
    return np.append(times[::FILLED_WH], times[-1:]) // MICROSECONDS


def charging_tables(
    problem: AirTaxiProblem, groups: Sequence[tuple[int, str]]
) -> dict[str, NDArray[np.generic] | int | float]:
    """Return fill times and grid power of each type, charger group and power cap.

    Parameters
    ----------
    problem
        The day.
    groups
        The charger groups: position of the vertiport, and id.
    """
    fill, guess, power, filled = _Laid(), _Laid(), _Laid(), _Laid()
    rows = []
    for k, kind in enumerate(problem.types):
        accepted = np.append(accepted_w(kind.curve), 0)  # nothing when full
        known: dict[int, tuple[int, NDArray[np.int64]]] = {}
        for v, group_id in groups:
            group = problem.vertiports[v].charger(group_id)
            assert group is not None
            for share in range(POWER_CAPS, 0, -1):
                cap = max(1, group.power_w * share // POWER_CAPS)
                times = fill_times(kind.curve, cap)
                if cap not in known:
                    known[cap] = _levels(times)
                step, level = known[cap]
                watts = np.minimum(accepted[level], cap)
                grid_w = np.minimum(-(-watts * 1000 // group.efficiency_permille), MOST)
                rows.append(
                    (
                        fill.start((k, cap), times),
                        len(times) - 1,
                        guess.start((k, cap), level),
                        step,
                        len(level) - 1,
                        power.start((k, cap, group.efficiency_permille), grid_w),
                        filled.start((k, cap), _seconds(times)),
                    )
                )
    fill_from, fill_top, guess_from, step_s, top, grid_from, filled_from = (
        np.array(column, np.int64) for column in zip(*(rows or [(0,) * 7]), strict=True)
    )
    return {
        "fill_from": fill_from,
        "fill_top": fill_top.astype(np.int32),
        "fill": fill.joined(),
        "guess_from": guess_from,
        "guess_step": step_s.astype(np.int32),
        "guess_top": top.astype(np.int32),
        "guess": guess.joined().astype(np.int32),
        "filled_from": filled_from,
        "filled_s": filled.joined().astype(np.int32),
        "grid_from": grid_from,
        "grid_w": power.joined().astype(np.int32),
    }
