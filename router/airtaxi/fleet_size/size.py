"""The least fleet that flies a timetable, with its proof."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from router.airtaxi.fleet_size.bound import FleetBound
from router.airtaxi.fleet_size.cover import Cover
from router.airtaxi.fleet_size.demand import Demand
from router.airtaxi.fleet_size.effort import Effort
from router.airtaxi.fleet_size.limits import Limits
from router.airtaxi.fleet_size.network import Floats, Ints, Network, flown
from router.airtaxi.fleet_size.polish import WIDTHS, Clock, Paths, dive_day, improve_windows
from router.errors import Violations
from router.solving import Monitor, Silent, SolveOptions, Termination

BOUND_ITERATIONS = 500
"""Iterations of the bound between two tries at a fleet."""
PATIENCE = 600
"""Days planned anew without progress before the first try is given up; later ones get more."""
FRESH_AIRCRAFT = 50
"""Aircraft in the fleets that a try plans from scratch where few departures stay open: small
fleets are found by luck in a fifth of a second each, larger ones by windows."""
FLOW_EVERY = 4
"""Every so many failed tries the days of all aircraft are planned as a flow."""
MOST_OPEN = 20
"""Departures that a fleet planned as a flow may leave open before its windows are improved."""
FEW_OPEN = 3
"""Departures that planning single days may leave open for narrow windows to be tried at once."""
FEW_WIDTHS = (30,)
"""Steps of those windows; they take half a second each, wider ones several."""
FEW_SECONDS = 2.0
"""Least time for them."""
OPEN_WEIGHT = 0.1
"""By how much a departure that stays open becomes more attractive each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSize:
    """The least fleet found, its aircraft's days, and what is proven."""

    paths: Paths | None
    """``None``: no fleet was found that keeps the limits."""
    bound: int
    """No fleet smaller than this can fly what is wanted."""
    fractional_bound: float
    """The same before rounding up."""
    termination: Termination
    seconds: float
    iterations: int

    @property
    def fleet(self) -> int | None:
        """Number of aircraft; ``None`` where no fleet was found."""
        return None if self.paths is None else len(self.paths)

    @property
    def proven(self) -> bool:
        """Whether no smaller fleet is possible."""
        return self.fleet == self.bound


def size_fleet(
    network: Network,
    wanted: Ints,
    options: SolveOptions | None = None,
    monitor: Monitor | None = None,
    limits: Limits | None = None,
) -> FleetSize:
    """Return the least fleet that flies every wanted departure in a cyclic day.

    Parameters
    ----------
    network
        Where and how one aircraft moves.
    wanted
        Departures that must be flown, int (legs, steps + 1); more may be.
    options
        ``seconds`` bounds the search for fewer aircraft; ``seed`` fixes it.
        Windows of the day are planned on ``threads``.
    limits
        Pads, stands and chargers that the aircraft share; the bound knows
        nothing of them, and stays valid.

    Raises
    ------
    InvalidInput
        If a wanted departure cannot be flown at all.
    """
    _check_wanted(network, wanted)
    effort = Effort(options or SolveOptions(), monitor or Silent())
    return _Search(network, wanted, effort, limits).run()


class _Search:
    """Alternates between the bound and tries at a fleet."""

    def __init__(
        self, network: Network, wanted: Ints, effort: Effort, limits: Limits | None
    ) -> None:
        self.network, self.wanted, self.effort, self.limits = network, wanted, effort, limits
        self.demand = Demand(wanted, 1)
        self.bound = FleetBound.of(network, wanted)
        self.rng = np.random.default_rng(effort.options.seed)
        self.best: Paths | None = None
        self.planned = self.size = 0
        self.failed = 0
        """Tries that left something open."""
        self.missed = 0
        """Departures that the last try left open, and limits that it broke."""

    def run(self) -> FleetSize:
        """Return the least fleet found when it is proven or the time is up."""
        for round_ in itertools.count(1):
            self.bound.improve(BOUND_ITERATIONS * round_, self.effort.spent)
            _check_possible(self.bound)
            self._choose_size()
            if self.best is None or self.size >= self.bound.aircraft:
                self._try(PATIENCE * round_)
            found = None if self.best is None else len(self.best)
            self.effort.report(found, self.bound.value, self.bound.iterations + self.planned)
            if self._proven() or (self.effort.spent() and self._must_end()):
                break
        return FleetSize(
            paths=self.best,
            bound=self.bound.aircraft,
            fractional_bound=self.bound.value,
            termination=self.effort.termination(self._proven()),
            seconds=self.effort.seconds,
            iterations=self.bound.iterations + self.planned,
        )

    def _proven(self) -> bool:
        return self.best is not None and len(self.best) <= self.bound.aircraft

    def _must_end(self) -> bool:
        """Return whether to end without time: where limits may bar all fleets, always."""
        return self.best is not None or self.limits is not None

    def _choose_size(self) -> None:
        """Grow until a fleet is found, by more where much is missing; then shrink."""
        if self.best is not None:
            self.size = len(self.best) - 1
        else:
            self.size = max(self.bound.aircraft, self.size + max(1, self.missed // 20))

    def _try(self, patience: int) -> None:
        """Look for a fleet of the size: single days first, then days as a flow."""
        tried = self._single_days(patience)
        if 0 < self.missed <= FEW_OPEN and self.limits is None:
            left = self._share_of_time(FEW_SECONDS)
            tried = self._windows(tried, left, FEW_WIDTHS)
            self.missed = self.demand.lost(flown(self.network, tried))
        if 0 < self.missed <= FEW_OPEN and self.best is not None:
            tried = self._fresh_fleets(tried)
        self.failed += bool(self.missed)
        if self.missed and self.failed % FLOW_EVERY == 0 and self.limits is None:
            pool = [*self.bound.pool, *tried]
            left = self._share_of_time()
            made = dive_day(self.network, pool, self.demand, self.size, MOST_OPEN, left)
            if made is not None:
                tried = self._windows(made, left, WIDTHS)
                self.missed = self.demand.lost(flown(self.network, tried))
        if not self.missed:
            self.best = tried

    def _single_days(self, patience: int) -> Paths:
        """Return days of the fleet, planned one after the other from scratch."""
        weights = self._weights()
        cover = Cover(self.network, lambda c: self._worth(c, weights), self.rng, self.limits)
        tried = self._cover(cover, weights, patience)
        self.planned += cover.planned
        return tried

    def _fresh_fleets(self, tried: Paths) -> Paths:
        """Return a fleet from scratch that leaves nothing open, or else the last one."""
        for _ in range(FRESH_AIRCRAFT // self.size - 1):
            if self.missed:
                tried = self._single_days(PATIENCE)
        return tried

    def _windows(self, paths: Paths, left: Clock, widths: Sequence[int]) -> Paths:
        threads = self.effort.options.threads
        return improve_windows(self.network, paths, self.demand, 0, self.rng, left, widths, threads)

    def _share_of_time(self, at_least: float = 0.0) -> Clock:
        """Return a clock that grants flows half of the time spent so far, or ``at_least``."""
        kept = self.effort.left() - max(at_least, self.effort.seconds / 2)
        return lambda: self.effort.left() - max(0.0, kept)

    def _weights(self) -> Floats:
        """Return what a departure that is still open is worth at first."""
        wanted, shares = self.wanted, self.bound.multipliers
        scarce = float(shares[wanted > 0].mean()) if wanted.any() else 1.0
        return np.where(wanted > 0, 0.1 + shares / scarce, 0.0)

    def _worth(self, cover: Cover, weights: Floats) -> Floats:
        return np.where(self.wanted > cover.flown, weights, 0.0)

    def _cover(self, cover: Cover, weights: Floats, patience: int) -> Paths:
        """Return days of the fleet that leave as little open as was found.

        What stays open becomes worth more with each plan, so that the search
        leaves local optima (breakout: Morris, AAAI 1993). ``weights`` change in
        place.
        """
        for _ in range(self.size):
            cover.add()
        best, waited = tuple(cover.paths), 0
        self.missed = self.demand.lost(cover.flown) + cover.excess
        while self.missed and waited <= patience and not self.effort.spent():
            weights += OPEN_WEIGHT * self.demand.open(cover.flown)
            cover.replan()
            waited += 1
            missed = self.demand.lost(cover.flown) + cover.excess
            if missed < self.missed:
                best, self.missed, waited = tuple(cover.paths), missed, 0
        return best


def _check_wanted(network: Network, wanted: Ints) -> None:
    found = Violations("wanted")
    for leg, step in np.argwhere((wanted > 0) & ~network.departures):
        found.add("NO_DEPARTURE", f"[{leg}][{step}]", "cannot land by the last step; drop it.")
    found.raise_if_any()


def _check_possible(bound: FleetBound) -> None:
    if np.isfinite(bound.value):
        return
    found = Violations("wanted")
    for leg, step in np.argwhere(bound.multipliers > 0.5 * bound.multipliers.max()):
        found.add(
            "NO_ENERGY_CYCLE",
            f"[{leg}][{step}]",
            "no aircraft can fly it day after day with the charging there is; drop it.",
        )
    found.raise_if_any()
