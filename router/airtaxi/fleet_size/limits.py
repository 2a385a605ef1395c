"""Pads, stands and chargers, which aircraft of a fleet have to share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from router.airtaxi.fleet_size.network import Floats, Ints, Network, Path

BREACH = 1e4
"""Price of a step beyond a limit, far above what any departure is worth."""


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What each site offers at once; all int (sites,).

    Between touch-down and the end of a leg (turnaround, and charging where it
    is part of the leg) an aircraft holds a stand, too.
    """

    stands: Ints
    chargers: Ints
    movements: Ints
    """Take-offs and landings in one step."""
    touch_down: tuple[Ints, ...]
    """For each leg, steps from departure to touch-down by step, (steps + 1,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Usage:
    """What a fleet uses of its sites; all int (sites, steps + 2)."""

    ground: Ints
    charging: Ints
    movements: Ints

    @classmethod
    def none(cls, network: Network) -> Usage:
        """Return that of an empty fleet."""
        shape = (network.sites, network.last_step + 2)
        return cls(np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(shape, np.int32))

    def count(self, network: Network, limits: Limits, path: Path, sign: int = 1) -> None:
        """Add a path, or take it out."""
        here, since = path.site, 0
        for first, leg, last, _ in path.moves.tolist():
            if leg < 0:
                self.charging[here, first:last] += sign
                continue
            self.ground[here, since:first] += sign
            self.movements[here, first] += sign
            here = network.legs[leg].destination
            since = first + int(limits.touch_down[leg][first])
            self.movements[here, since] += sign
        self.ground[here, since : network.last_step] += sign

    def excess(self, limits: Limits) -> int:
        """Return by how much limits are broken, summed over sites and steps."""
        return sum(
            int((used - most[:, None]).clip(0).sum())
            for used, most in (
                (self.ground, limits.stands),
                (self.charging, limits.chargers),
                (self.movements, limits.movements),
            )
        )

    def prices(self, network: Network, limits: Limits) -> tuple[Floats, Floats, Floats]:
        """Return what one more aircraft pays where limits are reached.

        Returns
        -------
        Prices of the ground and of charging as :meth:`Network.set_prices` takes
        them, and of each departure, float (legs, steps + 1).
        """
        no_stand = np.where(self.ground >= limits.stands[:, None], BREACH, 0.0)
        no_charger = no_stand + np.where(self.charging >= limits.chargers[:, None], BREACH, 0.0)
        no_pad = BREACH * (self.movements >= limits.movements[:, None])
        ground, charging = _summed(no_stand), _summed(no_charger)
        departures = np.zeros((network.leg_count, network.last_step + 1))
        steps = np.arange(network.last_step + 1)
        for number, leg in enumerate(network.legs):
            lands = np.minimum(steps + limits.touch_down[number], network.last_step)
            ready = np.minimum(steps + leg.steps, network.last_step)
            stays = ground[leg.destination]
            departures[number] = no_pad[leg.origin, steps] + no_pad[leg.destination, lands]
            departures[number] += stays[ready] - stays[lands]
        return ground, charging, departures


def usage_of(network: Network, limits: Limits, paths: Sequence[Path]) -> Usage:
    """Return what all paths use together."""
    usage = Usage.none(network)
    for path in paths:
        usage.count(network, limits, path)
    return usage


def _summed(prices: Floats) -> Floats:
    """Return prices summed over all steps before, same shape."""
    sums: Floats = np.zeros_like(prices)
    np.cumsum(prices[:, :-1], axis=1, out=sums[:, 1:])
    return sums
