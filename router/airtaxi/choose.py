"""Days of few trips: whole days of aircraft, chosen together between rounds of annealing.

A step of the search changes a few hours of a few aircraft. Where few trips ask,
what pays is a choice of whole days, and of several at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from router._airtaxi import Search
from router.airtaxi.days import Days, Flight, suits
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import Grid
from router.exact.outcome import Limits
from router.solving import SolveOptions

CELL_S = 60
"""Cells of the grid of the days, s. With 30 they take thrice as long and are no better."""

FEW_TRIPS = 120
"""Up to which days are chosen together. Alatau day, two threads, millions: 97 trips 86.9 and 87.0
(two seeds) instead of 83.1 and 80.8 in 10 s; 130 trips 163.6 instead of 164.1 in 20 s (three)."""

FIRST_PHASE = 0.5
"""Share of the search before days are chosen anew."""

PHASES = 5
"""Of the rest, each from days that were chosen anew."""

MOST_STEPS = 300
"""Linear programmes for them; a day of 97 trips takes some 60."""

SHARE = 0.04
"""Most of the time of the solve for one choice."""

MOST_SECONDS = 10.0
"""Most time for one choice."""

MOST_NODES = 1000
"""Nodes of a branch and bound, where steps are the limit."""


def has_few_trips(problem: AirTaxiProblem) -> bool:
    """Return whether whole days of aircraft are chosen together."""
    return suits(problem, FEW_TRIPS)


def phase_of(gone: float) -> tuple[int, float]:
    """Return the phase of a search, 0 to PHASES, and the share of it that is gone."""
    if gone < FIRST_PHASE:
        return 0, gone / FIRST_PHASE
    phase, part = divmod((gone - FIRST_PHASE) / (1 - FIRST_PHASE) * PHASES, 1.0)
    return int(phase) + 1, part


class Chooser:
    """Days in hand, and the search that flies them.

    Parameters
    ----------
    problem
        A day of few trips (:func:`has_few_trips`).
    search
        That holds a plan of it.
    order
        In which it serves trips that are left out.
    options
        Of the solve.
    stopped
        Whether to end at once with what there is.
    """

    def __init__(
        self,
        problem: AirTaxiProblem,
        search: Search,
        order: NDArray[np.int32],
        options: SolveOptions,
        stopped: Callable[[], bool],
    ) -> None:
        self._search, self._order, self._options = search, order, options
        self._stopped = stopped
        self._phase = 0
        grid = Grid.over(problem, CELL_S, favour=False)
        self._days = Days(problem, grid, options.seed)

    def prepare(self, seconds_left: Callable[[], float]) -> None:
        """Find days under the prices of a linear programme, until it rests or time is up."""
        for _ in range(MOST_STEPS):
            left = seconds_left()
            if left <= 0 or self._stopped() or not self._days.step(left):
                return

    def keep_up(self, gone: float) -> None:
        """Choose days anew where a phase of the search begins."""
        phase, _ = phase_of(gone)
        if phase > self._phase:
            self._phase = phase
            self.choose()

    def choose(self) -> None:
        """Fly the best of all days together, those of the search's best plan among them."""
        if self._stopped():
            return
        self._search.recall()
        costs = self._search.costs()
        flown: dict[int, list[Flight]] = {}
        for aircraft, corridor, off, *_, trips in self._search.legs():
            if trips:
                flown.setdefault(aircraft, []).append((corridor, off, trips))
        known = [self._days.take(a, flights, float(costs[a])) for a, flights in flown.items()]
        limits = Limits(
            deadline=time.monotonic() + min(MOST_SECONDS, SHARE * self._options.seconds),
            seed=self._options.seed,
            iterations=None if self._options.max_iterations is None else MOST_NODES,
        )
        self._search.replan(self._days.best(limits, known, self._stopped), self._order)
