"""The least fleet that flies a timetable, with its proof."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from router.airtaxi.fleet_size.bound import FleetBound
from router.airtaxi.fleet_size.cover import Cover
from router.airtaxi.fleet_size.demand import Demand
from router.airtaxi.fleet_size.effort import Effort
from router.airtaxi.fleet_size.network import Floats, Ints, Network
from router.airtaxi.fleet_size.polish import Paths, dive_day, flown, improve_windows
from router.errors import Violations
from router.solving import Monitor, Silent, SolveOptions, Termination

BOUND_ITERATIONS = 500
"""Iterations of the bound between two tries at a fleet."""
PATIENCE = 2000
"""Days planned anew without progress before a try is given up."""
MOST_OPEN = 20
"""Departures that a fleet planned as a flow may leave open before its windows are improved."""
OPEN_WEIGHT = 0.1
"""By how much a departure that stays open becomes more attractive each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSize:
    """The least fleet found, its aircraft's days, and what is proven."""

    paths: Paths
    bound: int
    """No fleet smaller than this can fly what is wanted."""
    fractional_bound: float
    """The same before rounding up."""
    termination: Termination
    seconds: float
    iterations: int

    @property
    def fleet(self) -> int:
        """Number of aircraft."""
        return len(self.paths)

    @property
    def proven(self) -> bool:
        """Whether no smaller fleet is possible."""
        return self.fleet == self.bound


def size_fleet(
    network: Network,
    wanted: Ints,
    options: SolveOptions | None = None,
    monitor: Monitor | None = None,
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

    Raises
    ------
    InvalidInput
        If a wanted departure cannot be flown at all.
    """
    effort = Effort(options or SolveOptions(), monitor or Silent())
    _check_wanted(network, wanted)
    bound = FleetBound.of(network, wanted)
    demand = Demand(wanted, 1)
    rng = np.random.default_rng(effort.options.seed)
    best: Paths | None = None
    planned = size = 0
    for round_ in itertools.count(1):
        bound.improve(BOUND_ITERATIONS * round_, effort.spent)
        _check_possible(bound)
        size = max(bound.aircraft, size + 1) if best is None else len(best) - 1
        if best is None or size >= bound.aircraft:
            weights = _weights(wanted, bound.multipliers)
            cover = Cover(network, partial(_worth_of_open, wanted, weights), rng)
            tried = _cover_with(size, cover, wanted, weights, PATIENCE * round_, effort.spent)
            planned += cover.planned
            if best is not None and demand.lost(flown(network, tried)):
                pool = [*bound.pool, *tried]
                made = dive_day(network, pool, demand, size, MOST_OPEN, effort.left)
                if made is not None:
                    tried = improve_windows(network, made, demand, 0, rng, effort.left)
            best = best if demand.lost(flown(network, tried)) else tried
        effort.report(None if best is None else len(best), bound.value, bound.iterations + planned)
        if best is not None and (len(best) <= bound.aircraft or effort.spent()):
            break
    assert best is not None
    return FleetSize(
        paths=best,
        bound=bound.aircraft,
        fractional_bound=bound.value,
        termination=effort.termination(len(best) == bound.aircraft),
        seconds=effort.seconds,
        iterations=bound.iterations + planned,
    )


def _weights(wanted: Ints, multipliers: Floats) -> Floats:
    """Return what a departure that is still open is worth at first."""
    scarce = float(multipliers[wanted > 0].mean()) if wanted.any() else 1.0
    return np.where(wanted > 0, 0.1 + multipliers / scarce, 0.0)


def _worth_of_open(wanted: Ints, weights: Floats, cover: Cover) -> Floats:
    return np.where(wanted > cover.flown, weights, 0.0)


def _cover_with(
    size: int, cover: Cover, wanted: Ints, weights: Floats, patience: int, stop: Callable[[], bool]
) -> Paths:
    """Return days of ``size`` aircraft that leave as little open as was found.

    What stays open becomes worth more with each plan, so that the search leaves
    local optima (breakout: Morris, AAAI 1993). ``weights`` change in place.
    """
    for _ in range(size):
        cover.add()
    least, waited = int(wanted.sum()) + 1, 0
    best = tuple(cover.paths)
    while True:
        still_open = (wanted - cover.flown).clip(0)
        count = int(still_open.sum())
        if count < least:
            least, waited, best = count, 0, tuple(cover.paths)
        if count == 0 or waited > patience or stop():
            return best
        waited += 1
        weights += OPEN_WEIGHT * still_open
        cover.replan()


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
