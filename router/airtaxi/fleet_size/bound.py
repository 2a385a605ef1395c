"""Proven bounds on fleets of equal aircraft, by path multipliers.

Give every departure that is wanted a multiplier (its share in the proof). The
best aircraft-day path under these rewards costs one sweep of the network. In a
cyclic day an aircraft may start where any other ended, so what counts is the
best *mean* reward of a day over all cycles of days; relative value iteration
(Puterman, Markov Decision Processes, 1994, section 8.5) bounds it from above by
``max(after - before)`` for any worth ``before`` of the end states. Hence for
every multiplier vector ``m >= 0``::

    aircraft needed >= sum(m * wanted) / best mean reward(m)

which holds for fractional aircraft too: it is a bound on the linear programme,
at its best equal to it. Multipliers adapt by multiplicative weights
(Plotkin, Shmoys, Tardos, 1995): what good paths cover becomes cheaper.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from router.airtaxi.fleet_size.network import Floats, Ints, Network, Path

STEP = 0.2
"""First relative change of a multiplier that a path covers."""
HALVING = 300
"""Iterations after which the change is half of :data:`STEP`."""
POOL = 400
"""Paths of the last iterations whose moves make new plans."""


@dataclass(slots=True)
class FleetBound:
    """A proof under construction; :meth:`improve` may go on at any time.

    Parameters
    ----------
    network
        All days of one aircraft.
    wanted
        Departures that must be flown, int (legs, steps + 1).
    """

    network: Network
    wanted: Ints
    multipliers: Floats
    """Of the best bound; float (legs, steps + 1), summing to 1 over all wanted."""
    value: float = 0.0
    """Aircraft that are needed at least, not rounded."""
    iterations: int = 0
    pool: deque[Path] = field(default_factory=lambda: deque(maxlen=POOL))
    """Best days under the last multipliers."""
    _weights: Floats | None = None
    _worth: Floats | None = None

    @classmethod
    def of(cls, network: Network, wanted: Ints) -> FleetBound:
        """Start with equal multipliers."""
        return cls(network, wanted, (wanted > 0) / max(1, int(wanted.sum())))

    @property
    def aircraft(self) -> int:
        """The bound, rounded up; a hair above a whole number is not enough."""
        return max(int(self.wanted.any()), math.ceil(self.value - 1e-6))

    def improve(self, iterations: int, stop: Callable[[], bool]) -> None:
        """Adapt multipliers for some iterations, one sweep each."""
        if not self.wanted.any():
            return
        net = self.network
        weights: Floats = (
            (self.wanted > 0).astype(np.float64) if self._weights is None else self._weights
        )
        worth: Floats = np.zeros((net.sites, net.levels)) if self._worth is None else self._worth
        for _ in range(iterations):
            if stop():
                break
            shares = weights / (weights * self.wanted).sum()
            after = net.sweep(shares, worth)
            gain = after - worth
            best = float(gain.max())
            if best <= 0.0 or 1.0 / best > self.value:
                self.value = np.inf if best <= 0.0 else 1.0 / best
                self.multipliers = shares
            if best <= 0.0:
                break  # What is wanted cannot be flown by any number of aircraft.
            site, level = divmod(int(gain.argmax()), net.levels)
            path = net.trace(shares, site, level)
            self.pool.append(path)
            legs, steps = path.flights
            worth = after - after.max()
            rate = STEP / (1.0 + self.iterations / HALVING)
            weights[legs, steps] *= np.exp(
                -rate * self.wanted.max() / self.wanted[legs, steps].clip(1)
            )
            weights /= weights.max()
            self.iterations += 1
        self._weights, self._worth = weights, worth
