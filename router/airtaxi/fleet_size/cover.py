"""Integer fleets: days of single aircraft that together fly what is wanted.

One aircraft after the other gets, in one sweep, its best day given what all
others leave open. Each returns at night to the site and charge it started
with, so that the fleet's day is cyclic. An aircraft that ends with more charge
would have charged for less long, so ending above its start counts as ending in
it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from router.airtaxi.fleet_size.limits import Limits, Usage
from router.airtaxi.fleet_size.network import Floats, Network, Path

NOISE = 0.02
"""Relative noise on rewards, which breaks ties differently each time."""
EMPTY_FLIGHT = 1e-4
"""Cost of a departure, so that none is flown for nothing."""
NEW_START = 0.3
"""How often an aircraft that is planned anew also starts elsewhere."""


class Cover:
    """A fleet with one day for each aircraft.

    Parameters
    ----------
    network
        All days of one aircraft.
    reward
        Gives the worth of one more departure on each leg and step, float
        (legs, steps + 1), looking at :attr:`flown`.
    rng
        Source of every choice.
    limits
        What aircraft share; where a plan breaks them, it pays dearly.
    """

    def __init__(
        self,
        network: Network,
        reward: Callable[[Cover], Floats],
        rng: np.random.Generator,
        limits: Limits | None = None,
    ) -> None:
        self.network = network
        self.rng = rng
        self.flown = np.zeros((network.leg_count, network.last_step + 1), np.int64)
        """Departures of all aircraft."""
        self.paths: list[Path] = []
        self.planned = 0
        """Days planned so far."""
        self._reward = reward
        self._limits = limits
        self._usage = Usage.none(network)

    @property
    def excess(self) -> int:
        """By how much limits are broken; 0 where there are none."""
        return 0 if self._limits is None else self._usage.excess(self._limits)

    def add(self) -> None:
        """Add an aircraft with the best day for what is open."""
        state = (len(self.paths) % self.network.sites, self.network.levels * 5 // 8)
        self.paths.append(self._best_day(*state))

    def replan(self) -> None:
        """Plan one aircraft anew, now and then with another start."""
        chosen = int(self.rng.integers(len(self.paths)))
        old = self.paths[chosen]
        np.subtract.at(self.flown, old.flights, 1)
        if self._limits is not None:
            self._usage.count(self.network, self._limits, old, -1)
        state = (old.site, old.level)
        if self.rng.random() < NEW_START:
            state = self._any_state()
        self.paths[chosen] = self._best_day(*state)

    def _any_state(self) -> tuple[int, int]:
        low, high = self.network.levels // 6, max(self.network.levels // 6 + 1, self.network.levels)
        return int(self.rng.integers(self.network.sites)), int(self.rng.integers(low, high))

    def _best_day(self, site: int, level: int) -> Path:
        worth = self._reward(self) * (1.0 + NOISE * self.rng.random(self.flown.shape))
        worth -= EMPTY_FLIGHT
        terminal = np.full((self.network.sites, self.network.levels), -np.inf)
        terminal[site, level:] = 0.0
        if self._limits is not None:
            ground, charging, departures = self._usage.prices(self.network, self._limits)
            self.network.set_prices(ground, charging)
            worth -= departures
        self.network.sweep(worth, terminal)
        path = self.network.trace(worth, site, level)
        np.add.at(self.flown, path.flights, 1)
        if self._limits is not None:
            self._usage.count(self.network, self._limits, path)
            self.network.set_prices(*self.network.free_prices())
        self.planned += 1
        return path
