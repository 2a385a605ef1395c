"""Passengers that a given fleet cannot carry, with a proven bound.

With a price on every departure, fleet and passengers part: each (leg, step)
chooses how many departures it would pay for, and the fleet earns at most its
size times the best mean day (see :mod:`router.airtaxi.fleet_size.bound`). For
every price vector the sum is a lower bound on the passengers lost (Lagrangian
relaxation; Fisher, Management Science 27, 1981). Prices follow deflected
subgradients with Polyak's step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from router.airtaxi.fleet_size.cover import Cover
from router.airtaxi.fleet_size.effort import Effort
from router.airtaxi.fleet_size.network import Floats, Ints, Network, Path
from router.solving import Monitor, Silent, SolveOptions, Termination, relative_gap

BOUND_ITERATIONS = 500
PLANS = 500
"""Days planned anew between two rounds of the bound."""
LEFT_WEIGHT = 0.05
"""By how much passengers left behind weigh more after each plan."""
FORGET_EVERY = 50
"""Plans after which a tenth of all such weight is forgotten."""
MEMORY = 0.7
"""Share of the last direction kept in the next one."""
FLAT = 40
"""Iterations without a better bound after which the step is halved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spill:
    """What a fleet leaves behind at least and at most."""

    lost: int
    """Passengers without a seat in the plan found."""
    bound: int
    """No plan of this fleet loses fewer."""
    paths: tuple[Path, ...]
    termination: Termination
    seconds: float
    iterations: int

    @property
    def gap(self) -> float | None:
        """Relative gap between lost and bound."""
        return relative_gap(self.lost, self.bound)


@dataclass(slots=True)
class SpillBound:
    """A proof under construction; :meth:`improve` may go on at any time."""

    network: Network
    passengers: Ints
    seats: int
    fleet: int
    value: float = 0.0
    """Passengers lost at least, not rounded."""
    iterations: int = 0
    _prices: Floats | None = None
    _direction: Floats | None = None
    _worth: Floats | None = None
    _scale: float = 1.0
    _since_best: int = 0

    @property
    def passengers_lost(self) -> int:
        """The bound, rounded up; a hair above a whole number is not enough."""
        return math.ceil(self.value - 1e-6)

    def improve(self, iterations: int, target: float, stop: Callable[[], bool]) -> None:
        """Adapt prices for some iterations, one sweep each.

        ``target`` is the least loss known; the step aims at it.
        """
        net, losses = self.network, self._losses()
        prices = (
            np.minimum(self.passengers, self.seats) / 2.0 if self._prices is None else self._prices
        )
        worth = np.zeros((net.sites, net.levels)) if self._worth is None else self._worth
        direction = np.zeros_like(prices) if self._direction is None else self._direction
        flights = np.arange(losses.shape[0])[:, None, None]
        for _ in range(iterations):
            if stop() or target - self.value < 1 - 1e-6:
                break
            priced = losses + prices * flights
            bought = priced.argmin(axis=0)
            after = net.sweep(prices, worth)
            gain = after - worth
            bound = float(priced.min(axis=0).sum() - self.fleet * gain.max())
            self._note(bound)
            site, level = divmod(int(gain.argmax()), net.levels)
            flown = np.zeros_like(prices)
            np.add.at(flown, net.trace(prices, site, level).flights, float(self.fleet))
            direction = MEMORY * direction + (1 - MEMORY) * (bought - flown)
            length = float((direction**2).sum())
            if length > 0:
                step = self._scale * max(1.0, target - bound) / length
                prices = (prices + step * direction).clip(0, self.seats)
            worth = after - after.max()
            self.iterations += 1
        self._prices, self._worth, self._direction = prices, worth, direction

    def _note(self, bound: float) -> None:
        self._since_best += 1
        if bound > self.value + 1e-9:
            self.value, self._since_best = bound, 0
        elif self._since_best >= FLAT:
            self._scale, self._since_best = max(0.01, self._scale / 2), 0

    def _losses(self) -> Floats:
        """Return passengers lost by number of departures, (flights, legs, steps + 1)."""
        most = -(-int(self.passengers.max(initial=0)) // self.seats)
        flights = np.arange(most + 1)[:, None, None]
        return (self.passengers - self.seats * flights).clip(0).astype(np.float64)


def least_spill(
    network: Network,
    passengers: Ints,
    seats: int,
    fleet: int,
    options: SolveOptions | None = None,
    monitor: Monitor | None = None,
) -> Spill:
    """Return the plan of ``fleet`` aircraft that leaves fewest passengers behind.

    Parameters
    ----------
    network
        Where and how one aircraft moves.
    passengers
        Wanting to leave, int (legs, steps + 1); each departure takes ``seats``.
    options
        ``seconds`` bounds the search; it ends before when nothing better is
        possible, or within ``relative_gap``.
    """
    effort = Effort(options or SolveOptions(), monitor or Silent())
    weights = np.ones(passengers.shape)
    worth = partial(_worth_of_seats, passengers, seats, weights)
    cover = Cover(network, worth, np.random.default_rng(effort.options.seed))
    for _ in range(fleet):
        cover.add()
    bound = SpillBound(network, passengers, seats, fleet)
    lost, paths = _lost(passengers, seats, cover), tuple(cover.paths)
    proven = done = False
    while not done:
        bound.improve(BOUND_ITERATIONS, lost, effort.spent)
        for _ in range(PLANS if fleet else 0):
            if effort.spent() or lost <= bound.passengers_lost:
                break
            _raise_weights(weights, passengers, seats, cover)
            cover.replan()
            now = _lost(passengers, seats, cover)
            if now < lost:
                lost, paths = now, tuple(cover.paths)
        effort.report(lost, bound.passengers_lost, bound.iterations + cover.planned)
        proven = lost - bound.passengers_lost <= (effort.options.relative_gap or 0.0) * max(1, lost)
        done = proven or effort.spent()
    return Spill(
        lost=lost,
        bound=bound.passengers_lost,
        paths=paths,
        termination=effort.termination(proven),
        seconds=effort.seconds,
        iterations=bound.iterations + cover.planned,
    )


def _worth_of_seats(passengers: Ints, seats: int, weights: Floats, cover: Cover) -> Floats:
    """Return how many more passengers one more departure takes, weighted."""
    return _open_seats(passengers, seats, cover) * weights


def _raise_weights(weights: Floats, passengers: Ints, seats: int, cover: Cover) -> None:
    """Let what is left behind weigh more, and forget slowly (breakout)."""
    weights += LEFT_WEIGHT * _open_seats(passengers, seats, cover) / seats
    if cover.planned % FORGET_EVERY == 0:
        weights[:] = 1.0 + 0.9 * (weights - 1.0)


def _open_seats(passengers: Ints, seats: int, cover: Cover) -> Floats:
    left: Floats = (passengers - seats * cover.flown).clip(0, seats).astype(np.float64)
    return left


def _lost(passengers: Ints, seats: int, cover: Cover) -> int:
    return int((passengers - seats * cover.flown).clip(0).sum())
