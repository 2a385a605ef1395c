"""Lowers the bound of a day round by round, by moving the prices it depends on.

Prices follow averaged subgradients (Camerini, Fratta, Maffioli 1975,
doi:10.1007/BFb0120697), as far as the gap to the best plan known says.
"""

from __future__ import annotations

import math

import numpy as np

from router.airtaxi.bound import Prices, Relaxation
from router.airtaxi.problem import AirTaxiProblem

MEMORY = 0.8
"""Share of the direction before in each direction. Alatau day, 10,000 passengers, at rest:
19,980 million with 0.3, 19,730 with 0.7."""

POOLED_MEMORY = 0.95
"""Likewise where flights have prices: there are thirty times as many."""

POOLED_HEAT = 4.0
"""By how much more paths are drawn apart there, so that they share the flights."""

POOLED_SCALES = (0.02, 0.005)
"""First and last step there on the first grid. Alatau day, 57 s of a core, with the next one
(0.01, 0.0004): 1,500 passengers 2,362.0 million, 2,500 4,433; twice and four times as long steps
2,361.8 and 2,363.3, 4,434 and 4,438; steps that shrank from round to round 2,371.5 and 4,445
(decision 0397)."""

FINER_SCALES = (0.01, 0.0004)
"""Likewise on the last one."""

COARSE_SHARE = 0.25
"""Share of the time after which the last grid is used."""

FIRST_SCALE = 0.3
"""First step as a share of the way to the target. After 100 rounds on the Alatau day
with 2,500 passengers the bound is 26 % above the best plan; with 1.0 it is 50 %."""

PATIENCE = 20
"""Rounds without progress after which steps become shorter. As above, with 30 and a memory of
0.8: 19,530 million."""

RESTED = 0.02
"""Prices of trips rest when steps are below this share of the way to the target."""


class Tightener:
    """Lowers the bound round by round: with prices of trips until they rest, then of flights.

    Parameters
    ----------
    problem
        The day.
    cells_s
        Lengths of the cells, s, one grid after the other.
    seed
        Of the choice among paths of nearly the same worth.
    """

    def __init__(
        self, problem: AirTaxiProblem, cells_s: tuple[int, ...] = (60, 30), seed: int = 1
    ) -> None:
        self._problem, self._seed = problem, seed
        self._grids = list(cells_s)
        self._model = Relaxation.of(problem, self._grids[0], seed)
        self._now = self.prices = self._model.first_prices()
        self.value = math.inf
        """The best bound so far."""
        self.rounds = 0
        self._start(FIRST_SCALE)

    @property
    def cell_s(self) -> int:
        """Length of the cells at hand, s."""
        return self._grids[0]

    def _start(self, scale: float, gone: float = 0.0) -> None:
        self._scale, self._stale, self._since = scale, 0, gone
        self._best_here = math.inf
        self._way = _still(self._now)

    def round(self, target: float, gone: float) -> None:
        """Evaluate the prices at hand and move them.

        Parameters
        ----------
        target
            Value of the best plan known; steps are sized towards it.
        gone
            Share of the time, or of the rounds, that is used up; steps shrink with it.
        """
        pooling = self._model.pools is not None
        worth = self._model.worth
        mean = float(worth.mean()) if worth.size else 1.0
        heat = mean * self._scale * (POOLED_HEAT if pooling else 1.0)
        value, slope = self._model.evaluate(self._now, heat)
        self.rounds += 1
        self._stale = 0 if value < self._best_here * (1 - 1e-4) else self._stale + 1
        if value < self._best_here:
            self._best_here, self.prices = value, self._now
        self.value = min(self.value, value)
        if pooling:
            if gone >= COARSE_SHARE and len(self._grids) > 1:
                self._refine(gone)
                return
            last = len(self._grids) == 1
            (first, least), ends = (FINER_SCALES, 1.0) if last else (POOLED_SCALES, COARSE_SHARE)
            part = (gone - self._since) / max(1e-9, ends - self._since)
            self._scale = first * (least / first) ** min(1.0, part)
        elif self._stale >= PATIENCE:
            self._scale, self._stale = 0.7 * self._scale, 0
            self._now, self._way = self.prices, _still(self._now)
            if self._scale < RESTED:
                self._pool(gone)
            return
        self._move(value, target, slope, POOLED_MEMORY if pooling else MEMORY)

    def _pool(self, gone: float) -> None:
        """Go on with prices of flights on the same grid."""
        self._model = Relaxation.of(self._problem, self._grids[0], self._seed, pooling=True)
        self._now = self.prices = self._model.priced(self.prices)
        self._start(POOLED_SCALES[0], gone)

    def _refine(self, gone: float) -> None:
        """Go on with the prices at hand on the next finer grid."""
        old, before = self._model, self.prices
        self._grids.pop(0)
        self._model = Relaxation.of(self._problem, self._grids[0], self._seed, pooling=True)
        fresh = self._model.first_prices()
        spans = min(before.place.shape[2], fresh.place.shape[2])
        fresh.place[..., :spans] = before.place[..., :spans] * self._model.limited[..., :spans]
        at = np.arange(self._model.grid.cells) * self._grids[0] // old.grid.cell_s
        flight = before.flight[:, :, np.minimum(at, old.grid.cells - 1)]
        held = np.array(self._model.held)
        both = np.minimum(flight, self._model.most) * held[:, None]
        self._now = Prices(np.minimum(before.trip, self._model.worth), fresh.place, both)
        self.prices = self._now
        self._start(FINER_SCALES[0], gone)

    def _move(self, value: float, target: float, slope: Prices, memory: float) -> None:
        """Step along the averaged subgradient, as far as the gap to the target says."""
        now, way = self._now, self._way
        scale = self._model.scale
        for price, own, fresh in (
            (now.trip, way.trip, slope.trip),
            (now.place, way.place, slope.place / scale),
            (now.flight, way.flight, slope.flight),
        ):
            own *= memory
            own += (1 - memory) * np.where((price <= 0) & (fresh > 0), 0, fresh)
        norm = float((way.trip**2).sum() + (way.place**2).sum() + (way.flight**2).sum())
        if norm <= 1e-9:
            self._scale *= 0.5
            return
        step = self._scale * max(value - target, 1e-3 * abs(value)) / norm
        self._now = Prices(
            np.maximum(0.0, now.trip - step * way.trip),
            np.maximum(0.0, now.place - step * way.place / scale) * self._model.limited,
            np.clip(now.flight - step * way.flight, 0.0, self._model.most),
        )


def _still(prices: Prices) -> Prices:
    """Return a direction that moves nothing."""
    return Prices(
        np.zeros_like(prices.trip), np.zeros_like(prices.place), np.zeros_like(prices.flight)
    )
