"""Who wants to leave when, in seats: what timetables and passengers have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.airtaxi.fleet_size.network import Floats, Ints, Path

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Passengers of each departure; a timetable is one with a single seat a flight.

    Parameters
    ----------
    passengers
        Wanting to leave, int (legs, steps + 1).
    seats
        Of each departure, >= 1.
    """

    passengers: Ints
    seats: int

    def open(self, flown: Longs) -> Ints:
        """Return the passengers without a seat, by leg and step."""
        left: Ints = (self.passengers - self.seats * flown).clip(0)
        return left

    def lost(self, flown: Longs) -> int:
        """Return the passengers without a seat."""
        return int(self.open(flown).sum())

    def next_seats(self, flown: Longs) -> Floats:
        """Return how many passengers one more departure takes, by leg and step."""
        seats: Floats = self.open(flown).clip(0, self.seats).astype(np.float64)
        return seats

    def rewards(self, flown: Longs) -> tuple[Longs, Longs, Floats]:
        """Return what departures beyond ``flown`` take along.

        Returns
        -------
        (cell of the flattened (legs, steps + 1), number of departures, passengers
        of each), full departures before the one with seats left.
        """
        left = self.open(flown).ravel()
        full, rest = left // self.seats, left % self.seats
        cells = np.flatnonzero(full), np.flatnonzero(rest)
        return (
            np.concatenate(cells),
            np.concatenate((full[cells[0]], np.ones(len(cells[1]), np.int64))),
            np.concatenate((np.full(len(cells[0]), float(self.seats)), rest[cells[1]])),
        )


class Wanted:
    """Departures that somebody wants, as the groups of a linear programme.

    Parameters
    ----------
    cell, size, reward
        As :meth:`Demand.rewards` returns them.
    last_step
        Of the day.
    """

    def __init__(self, cell: Longs, size: Longs, reward: Floats, last_step: int) -> None:
        self.cells = np.unique(cell)
        """Cell of each group."""
        self.rewards = np.searchsorted(self.cells, cell), size, reward
        """What uses of the groups earn: group, number of uses, passengers of each."""
        self._steps = last_step + 1

    def groups(self, path: Path) -> Longs:
        """Return the group of each departure of a path that somebody wants."""
        legs, steps = path.flights
        cells = legs.astype(np.int64) * self._steps + steps
        return np.searchsorted(self.cells, cells[np.isin(cells, self.cells)])

    def worth(self, prices: Floats, legs: int) -> Floats:
        """Return the prices of groups by leg and step, 0 where nobody wants to leave."""
        worth = np.zeros(legs * self._steps)
        worth[self.cells] = prices
        return worth.reshape(legs, self._steps)

    def kept(self, prices: Floats) -> float:
        """Return what the passengers earn at best who buy their departures at these prices."""
        group, size, reward = self.rewards
        return float((size * (reward - prices[group]).clip(0)).sum())
