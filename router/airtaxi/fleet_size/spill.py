"""Passengers that a given fleet cannot carry, with a proven bound.

With a price on every departure, fleet and passengers part: each (leg, step)
chooses how many departures it would pay for, and the fleet earns at most its
size times the best mean day (see :mod:`router.airtaxi.fleet_size.bound`). For
every price vector the sum is a lower bound on the passengers lost (Lagrangian
relaxation; Fisher, Management Science 27, 1981). Prices follow deflected
subgradients with Polyak's step, then a linear programme over the days that they
led to and further ones (:mod:`router.exact.columns`).
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from router.airtaxi.fleet_size.cover import Cover
from router.airtaxi.fleet_size.demand import Demand, Longs, Wanted
from router.airtaxi.fleet_size.effort import Effort
from router.airtaxi.fleet_size.limits import Limits
from router.airtaxi.fleet_size.network import Floats, Ints, Network, Path, flown
from router.airtaxi.fleet_size.polish import Clock, Paths, dive_day, improve_windows
from router.exact.columns import Column, Doubles, PathProgramme, grow
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
"""Paths of the bound's last iterations, with which linear programmes begin."""
COLUMNS = 1500
"""Most paths in a linear programme."""
PRICED_PATHS = 8
"""Paths for the next linear programme from the same prices, each from another state."""
PROOF_SHARE = 1 / 3
"""Most time for linear programmes before the next plan, as a share of what is left."""
HAIR = 0.01
"""By how much a linear programme loses more than it must: the costs of use of 1,000 flights."""
SAMPLE = 0.9
"""Share of the paths of the proof whose moves make a new plan, others each time."""
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


@dataclass
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
    """Best days under the last prices of :meth:`improve`."""
    programme: PathProgramme[Path] | None = None
    """The linear programme of :meth:`prove`."""
    best: bool = False
    """Whether the linear programme says that nothing more can be proven."""
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

    def prove(self, paths: Sequence[Path], target: int, seconds_left: Clock) -> None:
        """Raise the bound by linear programmes until they say that it is best, from some paths on.

        Paths move between the states of morning and evening; more charge may be
        given up at night. ``target`` is the least loss known.
        """
        total = float(self.passengers.sum())
        if self.programme is None:
            self.programme = self._programme()
        for path in (*self.pool, *paths):
            self.programme.add(self._column(path))

        def enough(reward: float, bound: float) -> bool:
            proven = math.ceil(max(self.value, total - bound) - 1e-6)
            self.best = proven >= math.ceil(total - reward - HAIR)
            return self.best or proven >= target

        found = grow(self.programme, self._pricing, enough, seconds_left)
        if found is not None:
            self.value = max(self.value, total - found[0])

    def _programme(self) -> PathProgramme[Path]:
        """Return the programme of a fleet without paths.

        Groups are the departures that somebody wants. The first limit is the
        fleet; the others say that no more aircraft start in a state than end in
        it, or with more charge.
        """
        net, states = self.network, self.network.sites * self.network.levels
        programme: PathProgramme[Path] = PathProgramme(
            len(self._wanted.cells),
            self._wanted.rewards,
            np.full(1 + states, -np.inf),
            np.concatenate(([float(self.fleet)], np.zeros(states))),
            COLUMNS,
        )
        for state in range(states):
            if state % net.levels:
                programme.add(_column(None, (), (1 + state, state), (1.0, -1.0)))
        return programme

    def _column(self, path: Path) -> Column[Path]:
        net = self.network
        starts, ends = (
            net.levels * path.site + path.level,
            net.levels * path.end_site + path.end_level,
        )
        night = ((1 + starts, 1.0), (1 + ends, -1.0)) if starts != ends else ()
        limits, amounts = zip((0, 1.0), *night, strict=True)
        return _column(path, self._wanted.groups(path), limits, amounts)

    def _pricing(self, prices: Doubles) -> tuple[float, list[Column[Path]]]:
        """Return what no fleet can earn more than, and the best days under prices."""
        net, groups = self.network, len(self._wanted.cells)
        departures = self._wanted.worth(prices[:groups], net.leg_count)
        # The proof needs that more charge is never worth less, not even by a rounding.
        states = np.maximum.accumulate(prices[groups + 1 :].reshape(net.sites, net.levels), axis=1)
        gain = net.sweep(departures, states) - states
        best = np.argsort(-gain, axis=None)[:PRICED_PATHS].tolist()
        paths = [net.trace(departures, *divmod(state, net.levels)) for state in best]
        bound = self._wanted.kept(prices[:groups]) + self.fleet * max(0.0, float(gain.max()))
        return bound, [self._column(path) for path in paths]

    def _note(self, bound: float) -> None:
        self._since_best += 1
        if bound > self.value + 1e-9:
            self.value, self._since_best = bound, 0
        elif self._since_best >= FLAT:
            self._scale, self._since_best = max(0.01, self._scale / 2), 0

    @cached_property
    def _wanted(self) -> Wanted:
        rewards = Demand(self.passengers, self.seats).rewards(np.zeros_like(self.passengers))
        return Wanted(*rewards, self.network.last_step)

    def _losses(self) -> Floats:
        """Return passengers lost by number of departures, (flights, legs, steps + 1)."""
        most = -(-int(self.passengers.max(initial=0)) // self.seats)
        flights = np.arange(most + 1)[:, None, None]
        return (self.passengers - self.seats * flights).clip(0).astype(np.float64)


def _column(
    path: Path | None,
    groups: Sequence[int] | Longs,
    limits: Sequence[int],
    amounts: Sequence[float],
) -> Column[Path]:
    return Column(
        item=path,
        groups=np.asarray(groups, np.int64),
        limits=np.array(limits, np.int64),
        amounts=np.array(amounts),
    )


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
        possible, or within ``relative_gap``. Windows of the day are planned on
        ``threads``.
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
        self.paths: Paths = ()
        self.lost = int(demand.passengers.sum())
        self._take_cover()

    def run(self) -> Spill:
        """Return the best plan and bound when the time is up or the gap closed."""
        for round_ in itertools.count():
            self._prove(round_)
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
        left, at_most = self.effort.left, math.ceil(self.lost * DIVE_WORSE)
        made = dive_day(self.network, self._pool(), self.demand, self.fleet, at_most, left)
        if made is not None:
            threads = self.effort.options.threads
            self._take(
                improve_windows(
                    self.network, made, self.demand, self._goal(), self.rng, left, threads=threads
                )
            )

    def _pool(self) -> list[Path]:
        """Return some of the paths of the proof, and those of the best plan."""
        items = [] if self.bound.programme is None else self.bound.programme.items
        some = self.rng.random(len(items)) < SAMPLE
        return [*itertools.compress(items, some), *self.paths]

    def _prove(self, round_: int) -> None:
        """Raise the bound: by subgradients at first, then by linear programmes while that helps."""
        if round_ < SINGLE_ROUNDS:
            self.bound.improve(BOUND_ITERATIONS, self.lost, self.effort.spent)
        elif not self.bound.best and self.fleet:
            kept = self.effort.left() * (1 - PROOF_SHARE)
            self.bound.prove(self.paths, self.lost, lambda: self.effort.left() - kept)

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
