"""The bound of a day plan, round by round: by the tool that proves most soonest."""

from __future__ import annotations

from router.airtaxi.days import Days, suits
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import Grid, Reals, shortest_s
from router.airtaxi.tighten import Tightener

FEW_TRIPS = 250
"""Up to which a programme of whole days is at rest in seconds. Alatau day, 166 trips: 211.7
million after 10 s of a core, where prices alone prove 214.8 after 18 s. 319 trips take 24 s on
cells of 60 s."""

CELLS_S = (60, 30)
"""Lengths of the cells of its grids, s, one after the other."""

STEP_SECONDS = 10.0
"""Most time for one linear programme; the first ones take milliseconds."""


class Proof:
    """Lowers the bound: with whole days where trips are few, and with prices.

    Aircraft that may fly twice within a cell have no path for that, so that days with such
    flights keep the bound that all trips are served for nothing.

    Parameters
    ----------
    problem
        The day.
    seed
        Of the choice among paths of nearly the same worth.
    """

    def __init__(self, problem: AirTaxiProblem, seed: int = 1) -> None:
        self._problem, self._seed = problem, seed
        self._grids = list(CELLS_S) if suits(problem, FEW_TRIPS) else []
        self._days: Days | None = None
        self._tightener: Tightener | None = None
        self._cells = shortest_s(problem) >= max(CELLS_S)
        worth = sum(t.value for t in problem.trips) + sum(t.value for t in problem.timetable)
        self.value = float(worth)
        """The best bound so far."""
        self.name = "all trips for nothing"
        """What proves it."""
        self.rounds = 0
        self._prices: Reals | None = None
        """Of each trip, where the last grid came to rest."""

    def round(self, target: float, gone: float) -> None:
        """Lower the bound a little, if possible.

        Parameters
        ----------
        target
            Value of the best plan known.
        gone
            Share of the time, or of the steps, that is used up.
        """
        self.rounds += 1
        if not self._cells:  # two flights of a cell have no path
            return
        if self._grids:
            self._step()
            return
        if self._tightener is None:
            self._tightener = Tightener(self._problem, seed=self._seed)
        self._tightener.round(target, gone)
        self._take(self._tightener.value, "paths under prices of flights and pads")

    def _step(self) -> None:
        """Go on with whole days, on the next grid once they are at rest."""
        if self._days is None:
            grid = Grid.over(self._problem, self._grids[0])
            self._days = Days(self._problem, grid, self._seed, self._prices)
        more = self._days.step(STEP_SECONDS)
        self._take(self._days.bound, "whole days under prices of trips")
        self._prices = self._days.prices
        if not more:
            self._grids.pop(0)
            self._days = None

    def _take(self, value: float, name: str) -> None:
        if value < self.value:
            self.value, self.name = value, name
