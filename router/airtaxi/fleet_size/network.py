"""The time-space-charge network of a fleet of equal aircraft.

Time runs in whole steps from 0 to ``last_step``, charge in whole levels above
the reserve. An aircraft waits, flies a leg, or charges at its site. Of all
charging, only what no other charging dominates stays: for each level and
number of steps the highest level reached, unless shorter charges in a row
reach it too. On the published Los Angeles days this leaves 77 of 528 charges
a site and step, without changing any optimum.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router import _fleet

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Leg:
    """A way between sites, by step of departure.

    ``steps`` and ``burn`` are int arrays of shape (last_step + 1,): duration
    (0: no departure at that step) and charge levels used.
    """

    origin: int
    destination: int
    steps: Ints
    burn: Ints


@dataclass(frozen=True, slots=True)
class ChargeArc:
    """Charging from one level to another in a number of steps."""

    level: int
    steps: int
    to: int
    earliest_end: int = 0
    """Earliest step at which it may end."""


class Network:
    """Flat arrays of all arcs, as :mod:`router._fleet` reads them.

    Parameters
    ----------
    last_step
        Steps run from 0 to this one.
    levels
        Charge levels run from 0 (the reserve) to ``levels - 1`` (full).
    legs
        In any order; their order here is that of demand and reward rows.
    charges
        The charge arcs of each site, one tuple a site; empty: no charger.
    """

    def __init__(
        self,
        *,
        last_step: int,
        levels: int,
        legs: Sequence[Leg],
        charges: Sequence[Sequence[ChargeArc]],
    ) -> None:
        if any(a.origin > b.origin for a, b in itertools.pairwise(legs)):
            raise ValueError("legs must be sorted by origin.")
        self.last_step = last_step
        self.levels = levels
        self.legs = tuple(legs)
        self.charges = tuple(tuple(own) for own in charges)
        self.sites = len(charges)
        self.leg_count = len(legs)
        origins = [leg.origin for leg in legs]
        arcs = [
            (site, arc) for site, own in enumerate(charges) for arc in sorted(own, key=_by_level)
        ]
        keys = [site * levels + arc.level for site, arc in arcs]
        self._arcs = (
            _starts(origins, self.sites),
            np.array([leg.destination for leg in legs], np.int32),
            np.ascontiguousarray([leg.steps for leg in legs], np.int32),
            np.ascontiguousarray([leg.burn for leg in legs], np.int32),
            _starts(keys, self.sites * levels),
            np.array([arc.steps for _, arc in arcs], np.int32),
            np.array([arc.to for _, arc in arcs], np.int32),
            np.array([arc.earliest_end for _, arc in arcs], np.int32),
        )
        starts = self._arcs[4].tolist()
        self._charges_from = [
            tuple(arc for _, arc in arcs[a:b]) for a, b in itertools.pairwise(starts)
        ]
        self._prices = self.free_prices()
        self.value: Floats = np.zeros((last_step + 1, self.sites, levels))
        self._moves: Ints = np.zeros((last_step + 1, 4), np.int32)

    def charges_from(self, site: int, level: int) -> tuple[ChargeArc, ...]:
        """Return the charge arcs of a site that start at a level."""
        return self._charges_from[site * self.levels + level]

    @property
    def departures(self) -> NDArray[np.bool_]:
        """Which (leg, step) departures land by the last step, shape (legs, steps + 1)."""
        steps = self._arcs[2]
        return (steps > 0) & (np.arange(self.last_step + 1) + steps <= self.last_step)

    def free_prices(self) -> tuple[Floats, Floats]:
        """Return prices of zero for being on the ground and for charging."""
        shape = (self.sites, self.last_step + 2)
        return np.zeros(shape), np.zeros(shape)

    def set_prices(self, ground: Floats, charging: Floats) -> None:
        """Let coming sweeps pay for each step on the ground, or charging there.

        Both are float (sites, steps + 2), summed over all steps before; a charge
        pays ``charging`` only.
        """
        self._prices = ground, charging

    def sweep(self, reward: Floats, terminal: Floats) -> Floats:
        """Return the worth of the best path from each (site, level) at step 0.

        ``reward`` (legs, steps + 1) is the worth of each departure, ``terminal``
        (sites, levels) that of ending the day; -inf forbids.
        """
        _fleet.sweep(*self._arcs, *self._prices, reward, terminal, self.value)
        first: Floats = self.value[0]
        return first

    def trace(self, reward: Floats, site: int, level: int, step: int = 0) -> Path:
        """Return a best path of the last :meth:`sweep` from (step, site, level) on."""
        rows, end_site, end_level = _fleet.trace(
            *self._arcs, *self._prices, reward, self.value, step, site, level, self._moves
        )
        return Path(site, level, end_site, end_level, self._moves[:rows].copy())


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """The day of one aircraft in the network.

    ``moves`` (rows, 4): first step, leg or -1 for a charge, last step, level at
    the last step; in between it waits.
    """

    site: int
    level: int
    end_site: int
    end_level: int
    moves: Ints

    @property
    def flights(self) -> tuple[Ints, Ints]:
        """Legs and steps of its departures."""
        flown = self.moves[self.moves[:, 1] >= 0]
        return flown[:, 1], flown[:, 0]


def flown(network: Network, paths: Sequence[Path]) -> NDArray[np.int64]:
    """Return the departures of all paths, int (legs, steps + 1)."""
    counts = np.zeros((network.leg_count, network.last_step + 1), np.int64)
    for path in paths:
        np.add.at(counts, path.flights, 1)
    return counts


def charge_arcs(minutes: Sequence[float], step_minutes: float) -> tuple[ChargeArc, ...]:
    """Return the charges that no other charges dominate.

    Parameters
    ----------
    minutes
        Time to climb one level, from level 0 up.
    step_minutes
        Length of a step. A charge lasts its summed minutes, rounded up to
        whole steps, and is one decision.
    """
    kept: list[ChargeArc] = []
    total = np.concatenate(([0.0], np.cumsum(minutes)))
    levels = len(total)
    longest = math.ceil(total[-1] / step_minutes)
    reach = np.tile(np.arange(levels), (longest + 1, 1))  # reach[n, x] by the arcs kept so far
    for n in range(1, longest + 1):
        for x in range(levels):
            reach[n, x] = max(
                [reach[n - 1, x]]
                + [reach[n - a.steps, a.to] for a in kept if a.level == x and a.steps <= n]
            )
            y = int(np.searchsorted(total, total[x] + n * step_minutes + 1e-9, side="right")) - 1
            if y > reach[n, x]:
                kept.append(ChargeArc(x, n, y))
                reach[n, x] = y
    return tuple(kept)


def _by_level(arc: ChargeArc) -> tuple[int, int]:
    return arc.level, arc.steps


def _starts(keys: Sequence[int], count: int) -> Ints:
    """Return where each key's run starts in the sorted ``keys``, and the end."""
    return np.searchsorted(np.array(keys, np.int64), np.arange(count + 1)).astype(np.int32)
