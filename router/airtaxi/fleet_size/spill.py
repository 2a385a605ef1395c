"""Passengers that a given fleet cannot carry, with a proven bound.

With a price on every departure, fleet and passengers part: each (leg, step)
chooses how many departures it would pay for, and the fleet earns at most its
size times the best mean day (see :mod:`router.airtaxi.fleet_size.bound`). For
every price vector the sum is a lower bound on the passengers lost (Lagrangian
relaxation; Fisher, Management Science 27, 1981). Prices follow deflected
subgradients with Polyak's step.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from router.airtaxi.fleet_size.cover import Cover
from router.airtaxi.fleet_size.demand import Demand
from router.airtaxi.fleet_size.effort import Effort
from router.airtaxi.fleet_size.limits import Limits
from router.airtaxi.fleet_size.network import Floats, Ints, Network, Path
from router.airtaxi.fleet_size.polish import (
    WIDTHS,
    Paths,
    dive_day,
    flown,
    improve_windows,
    price_day,
)
from router.solving import Monitor, Silent, SolveOptions, Termination, relative_gap

BOUND_ITERATIONS = 500
PLANS = 500
"""Days planned anew between two rounds of the bound."""
LEFT_WEIGHT = 0.05
"""By how much passengers left behind weigh more after each plan."""
FORGET_EVERY = 50
"""Plans after which a tenth of all such weight is forgotten."""
SINGLE_ROUNDS = 2
"""Rounds that plan single aircraft; then the days of all are planned as a flow."""
DIVE_WORSE = 1.2
"""Up to this much worse than the best may a new plan be before its windows are improved."""
POOL = 400
"""Paths of the bound's last iterations whose moves make new plans."""
PRICINGS_SHARE = 1 / 3
"""Most time, as a share of what is left, for linear programmes that raise the bound. Each takes
1 to 10 s and is followed by paths that it lacked."""
BETWEEN = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
"""Steps, as shares, from the best prices known to those of a linear programme (in-out separation:
Ben-Ameur and Neto, Networks 49, 2007). For eleven aircraft on 1 January (1,500 passengers) the
bound passes 46.7 in six programmes with them, in eight without."""
PRICED_PATHS = 6
"""Paths for the next linear programme from each of these prices."""
DITHER = 0.03
"""By how much, as a share, prices are changed from one of these paths to the next."""
PRICED_SWEEPS = 20
"""Sweeps after which the worth of the states of the morning has settled under new prices."""
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
    paths: Paths
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
    pool: deque[Path] = field(default_factory=lambda: deque(maxlen=POOL))
    """Best days under the last prices."""
    _best: Floats | None = None
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
            self._note(bound, prices)
            site, level = divmod(int(gain.argmax()), net.levels)
            path = net.trace(prices, site, level)
            self.pool.append(path)
            sold = np.zeros_like(prices)
            np.add.at(sold, path.flights, float(self.fleet))
            direction = MEMORY * direction + (1 - MEMORY) * (bought - sold)
            length = float((direction**2).sum())
            if length > 0:
                step = self._scale * max(1.0, target - bound) / length
                prices = (prices + step * direction).clip(0, self.seats)
            worth = after - after.max()
            self.iterations += 1
        self._prices, self._worth, self._direction = prices, worth, direction

    def consider(self, prices: Floats, rng: np.random.Generator) -> list[Path]:
        """Prove what prices found elsewhere can, and prices between them and the best.

        Iterations go on from those that prove more than any before. Return good
        days under all of them.
        """
        known = self._prices if self._best is None else self._best
        base = prices if known is None else known
        paths = []
        for share in BETWEEN:
            near = share * prices + (1 - share) * base
            worth, bound = self._settled(near)
            if bound > self.value + 1e-9:
                self._prices, self._worth, self._direction = near, worth, None
                self._scale = min(self._scale, 0.1)
                self._note(bound, near)
            paths += self._days(near, worth, rng)
        return paths

    def _settled(self, prices: Floats) -> tuple[Floats, float]:
        """Return the worth of the states of the morning under prices, and the best bound."""
        net, losses = self.network, self._losses()
        flights = np.arange(losses.shape[0])[:, None, None]
        kept = float((losses + prices * flights).min(axis=0).sum())
        worth, best = np.zeros((net.sites, net.levels)), -math.inf
        for _ in range(PRICED_SWEEPS):
            after = net.sweep(prices, worth)
            best = max(best, kept - self.fleet * float((after - worth).max()))
            worth = after - after.max()
        return worth, best

    def _days(self, prices: Floats, worth: Floats, rng: np.random.Generator) -> list[Path]:
        """Return best days under prices, the first as they are, the others a little apart."""
        paths = []
        for k in range(PRICED_PATHS):
            noise = DITHER * rng.standard_normal(prices.shape) if k else 0.0
            near = prices * (1 + noise)
            gain = self.network.sweep(near, worth) - worth
            paths.append(self.network.trace(near, *divmod(int(gain.argmax()), self.network.levels)))
        return paths

    def _note(self, bound: float, prices: Floats) -> None:
        self._since_best += 1
        if bound > self.value + 1e-9:
            self.value, self._best, self._since_best = bound, prices.copy(), 0
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
    limits: Limits | None = None,
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
    limits
        Pads, stands and chargers that the aircraft share; the bound knows
        nothing of them, and stays valid.
    """
    effort = Effort(options or SolveOptions(), monitor or Silent())
    return _Search(network, Demand(passengers, seats), fleet, effort, limits).run()


class _Search:
    """Alternates between the bound and the plan, each of which helps the other."""

    def __init__(
        self,
        network: Network,
        demand: Demand,
        fleet: int,
        effort: Effort,
        limits: Limits | None,
    ) -> None:
        self.network, self.demand, self.fleet, self.effort = network, demand, fleet, effort
        self.rng = np.random.default_rng(effort.options.seed)
        self.bound = SpillBound(network, demand.passengers, demand.seats, fleet)
        self.weights = np.ones(demand.passengers.shape)
        self.limits = limits
        self.cover = Cover(network, self._worth, self.rng, limits)
        for _ in range(fleet):
            self.cover.add()
        self.priced: list[Path] = []
        """Days that linear programmes lacked."""
        self.paths: Paths = ()
        self.lost = int(demand.passengers.sum())
        self._take_cover()

    def run(self) -> Spill:
        """Return the best plan and bound when the time is up or the gap closed."""
        for round_ in itertools.count():
            self.bound.improve(BOUND_ITERATIONS, self.lost, self.effort.spent)
            if self.fleet and not self.done():
                self._plan(round_)
            steps = self.bound.iterations + self.cover.planned
            self.effort.report(self.lost, self.bound.passengers_lost, steps)
            if self.done() or self.effort.spent():
                break
        return Spill(
            lost=self.lost,
            bound=self.bound.passengers_lost,
            paths=self.paths,
            termination=self.effort.termination(self.done()),
            seconds=self.effort.seconds,
            iterations=self.bound.iterations + self.cover.planned,
        )

    def done(self) -> bool:
        """Return whether the gap is as small as asked for."""
        return self.lost <= self._goal()

    def _goal(self) -> int:
        allowed = (self.effort.options.relative_gap or 0.0) * max(1, self.lost)
        return math.floor(self.bound.passengers_lost + allowed)

    def _plan(self, round_: int) -> None:
        """Look for a better plan: single days at first, then days as a flow."""
        if round_ < SINGLE_ROUNDS or self.limits is not None:
            for _ in range(PLANS):
                if self.effort.spent() or self.done():
                    return
                self._raise_weights()
                self.cover.replan()
                self._take_cover()
            return
        if round_ == SINGLE_ROUNDS:
            self._price()
            if self.done():
                return
        left, at_most = self.effort.left, math.ceil(self.lost * DIVE_WORSE)
        # A quick dive and narrow windows first; then all moves of the proof, with care.
        careful = (round_ - SINGLE_ROUNDS) % 2 == 1
        pool = [*self.bound.pool, *(self.priced if careful else ()), *self.paths]
        made = dive_day(self.network, pool, self.demand, self.fleet, at_most, left, careful=careful)
        if made is not None:
            goal, widths = self._goal(), WIDTHS if careful else WIDTHS[:1]
            better = improve_windows(self.network, made, self.demand, goal, self.rng, left, widths)
            self._take(better)

    def _price(self) -> None:
        """Raise the bound by prices of linear programmes, over ever more moves.

        Their values fall to what the bound can prove at best: there it ends.
        """
        pool = [*self.bound.pool, *self.paths]
        kept = self.effort.left() * (1 - PRICINGS_SHARE)
        while not self.effort.spent() and not self.done() and self.effort.left() > kept:
            priced = price_day(
                self.network, [*pool, *self.priced], self.demand, self.fleet, self.effort.left
            )
            if priced is None:
                return
            prices, lost = priced
            self.priced += self.bound.consider(prices, self.rng)
            if self.bound.passengers_lost >= lost:
                return

    def _take_cover(self) -> None:
        if self.demand.lost(self.cover.flown) < self.lost and not self.cover.excess:
            self._take(tuple(self.cover.paths))

    def _take(self, paths: Paths) -> None:
        lost = self.demand.lost(flown(self.network, paths))
        if lost < self.lost:
            self.paths, self.lost = paths, lost

    def _worth(self, cover: Cover) -> Floats:
        """Return how many more passengers one more departure takes, weighted."""
        return self.demand.next_seats(cover.flown) * self.weights

    def _raise_weights(self) -> None:
        """Let what is left behind weigh more, and forget slowly (breakout)."""
        self.weights += LEFT_WEIGHT * self.demand.next_seats(self.cover.flown) / self.demand.seats
        if self.cover.planned % FORGET_EVERY == 0:
            self.weights[:] = 1.0 + 0.9 * (self.weights - 1.0)
