"""What vertiports hold in each span of five minutes, and what paths use of it.

Pads and stands have prices by the second, sites by the watt-hour that goes into
batteries. What a path pays is at most what the real day it stands for uses, under
any prices of at least 0:

- a movement pays for its seconds on the pad at the cheaper of the spans it may touch;
- after a flight out of cell ``t`` an aircraft is on its stand by ``landed``, and its path
  waits from ``turned`` on: the flight pays for the time between, and is paid back where
  ``landed`` is later; each cell of waiting pays for itself;
- each level of charge is paid where it is cheapest of the moments at which the real
  session may have filled it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import Grid, Ints, LegTable, Reals

SPAN_S = 300
"""Length of the spans for which a place has one price."""

PAD, STAND, POWER = range(3)
"""Rows of prices, capacities and uses, each (vertiports, spans)."""

BEYOND_S = 4 * 86_400
"""Time after the grid that flights may still touch."""


def capacities(problem: AirTaxiProblem, grid: Grid) -> tuple[Reals, NDArray[np.bool_]]:
    """Return what each place holds in each span, s or Wh, and where it is limited at all.

    Capacities are 0 where there is no limit; prices must be 0 there.
    """
    ports = problem.vertiports
    spans = (grid.cells * grid.cell_s + BEYOND_S) // SPAN_S + 1
    held = np.zeros((3, len(ports), spans))
    limited = np.zeros(held.shape, np.bool_)
    inside = (np.arange(spans) + 1) * SPAN_S <= problem.horizon.end - grid.start
    for v, port in enumerate(ports):
        held[PAD, v], limited[PAD, v] = port.pads * SPAN_S, True
        held[STAND, v], limited[STAND, v] = port.stands * SPAN_S, inside
        if port.power_limit_w is not None and port.chargers:
            best = max(g.efficiency_permille for g in port.chargers) / 1000
            held[POWER, v] = port.power_limit_w * best * SPAN_S / 3600
            limited[POWER, v] = inside
    return np.where(limited, held, 0.0), limited


@dataclass(frozen=True, slots=True)
class Movements:
    """Take-offs and landings of all corridors on the pads."""

    ends: tuple[tuple[Ints, Ints, Ints], ...]
    """Vertiport and seconds by corridor; first and last span, (2, corridors, cells)."""

    @classmethod
    def of(cls, problem: AirTaxiProblem, grid: Grid) -> Movements:
        """Return which spans of which pads a flight may touch."""
        port = {v.id: i for i, v in enumerate(problem.vertiports)}
        offs, ons, ends = [], [], []
        moments = grid.moments - grid.start
        for c in problem.corridors:
            o, d = problem.vertiport[c.origin], problem.vertiport[c.destination]
            steps = [s for k in problem.types for s in c.steps(k.id)]
            least = min((s.seconds for s in steps), default=0)
            longest = max((s.seconds for s in steps), default=0)
            off = moments + o.taxi_s
            on = off + o.takeoff_s + least
            offs.append((off, off + grid.cell_s + o.takeoff_s))
            ons.append((on, on + longest - least + grid.cell_s + d.landing_s))
            ends.append((port[c.origin], o.takeoff_s, port[c.destination], d.landing_s))
        table = np.array(ends, np.int32).reshape(-1, 4).T
        origin, takeoff, destination, landing = (np.ascontiguousarray(row) for row in table)
        return cls(((origin, takeoff, _touched(offs)), (destination, landing, _touched(ons))))

    def fees(self, price: Reals) -> tuple[Reals, list[tuple[Ints, Ints, Ints]]]:
        """Return what a flight pays for pads, and (vertiport, seconds, span) of both uses."""
        fees = np.zeros(self.ends[0][2].shape[1:])
        spans = []
        priced: NDArray[np.bool_] = (price != 0).max(axis=1)
        for where, seconds, span in self.ends:
            rows, cheaper = np.flatnonzero(priced[where]), span[0].copy()
            ports, first, last = where[rows, None], span[0, rows], span[1, rows]
            chosen = first
            for i in range(1, int((last - first).max(initial=0)) + 1):
                other = np.minimum(first + i, last)
                chosen = np.where(price[ports, other] < price[ports, chosen], other, chosen)
            fees[rows] += price[ports, chosen] * seconds[rows, None]
            cheaper[rows] = chosen
            spans.append((where, seconds, cheaper))
        return fees, spans


@dataclass(frozen=True, slots=True)
class Stays:
    """What one type's paths use of stands and of the power of sites."""

    cell_s: int
    port: Ints
    """Destination of each corridor."""
    landed: NDArray[np.int64]
    turned: NDArray[np.int64]
    """(corridors, cells), of the leg table."""
    cell_span: NDArray[np.int64]
    """(2, cells): first and last span of each cell."""
    fill_span: NDArray[np.int64]
    """(2, cells): first and last span in which what a path charges in a cell may be filled."""

    @classmethod
    def of(cls, grid: Grid, legs: LegTable, port: Ints, disconnect_s: int) -> Stays:
        """Return the tables of a type."""
        begins = grid.moments - grid.start
        cell = np.array([begins, begins + grid.cell_s - 1]) // SPAN_S
        fill = np.array([np.maximum(0, begins - disconnect_s), begins + 2 * grid.cell_s])
        return cls(grid.cell_s, port, legs.landed, legs.turned, cell, fill // SPAN_S)

    def waiting(self, price: Reals) -> Reals:
        """Return what a second on a stand costs, by vertiport and cell."""
        return np.minimum(price[:, self.cell_span[0]], price[:, self.cell_span[1]])

    def turn_fees(self, price: Reals) -> Reals:
        """Return what the time on the stand that a flight brings with it costs, at least."""
        fees = np.zeros(self.landed.shape)
        rows = np.flatnonzero((price != 0).max(axis=1)[self.port])
        before = np.zeros((price.shape[0], price.shape[1] + 1))
        np.cumsum(price * SPAN_S, axis=1, out=before[:, 1:])
        where = self.port[rows, None]

        def until(moment: NDArray[np.int64]) -> Reals:
            span = moment // SPAN_S
            paid: Reals = before[where, span] + price[where, span] * (moment % SPAN_S)
            return paid

        fees[rows] = until(self.turned[rows]) - until(self.landed[rows])
        return fees

    def turns(self, flown: Ints, use: Reals) -> None:
        """Add the seconds that flights bring with them to ``use``, (vertiports, spans)."""
        legs, cells = np.nonzero(flown)
        many = flown[legs, cells].astype(float)
        whole = np.zeros_like(use)
        for moment, sign in ((self.turned, 1.0), (self.landed, -1.0)):
            at = moment[legs, cells]
            np.add.at(whole, (self.port[legs], at // SPAN_S), sign * many)
            np.add.at(use, (self.port[legs], at // SPAN_S), sign * many * (at % SPAN_S))
        after = whole.sum(axis=1, keepdims=True) - np.cumsum(whole, axis=1)
        use += SPAN_S * after

    def stood(self, stood: Ints, use: Reals) -> None:
        """Add cells of waiting, (vertiports, cells), to ``use``."""
        spans, starts = np.unique(self.cell_span[0], return_index=True)
        use[:, spans] += self.cell_s * np.add.reduceat(stood, starts, axis=1)

    def filled(self, filled: Reals, span: NDArray[np.int64], use: Reals) -> None:
        """Add the watt-hours that paths paid for to ``use``, each in its span."""
        v, t = np.nonzero(filled)
        np.add.at(use, (v, span[v, t]), filled[v, t])

    def power(self, price: Reals) -> tuple[Reals, NDArray[np.int64]]:
        """Return the least price of a watt-hour by vertiport and cell, and the span that has it."""
        ports = np.arange(price.shape[0])[:, None]
        first, last = self.fill_span
        chosen = np.broadcast_to(first, (len(ports), len(first)))
        for i in range(1, int((last - first).max(initial=0)) + 1):
            other = np.minimum(first + i, last)
            chosen = np.where(price[:, other] < price[ports, chosen], other, chosen)
        return price[ports, chosen], chosen


def _touched(intervals: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> Ints:
    """Return (2, corridors, cells): first and last span that each interval touches."""
    first = [a // SPAN_S for a, _ in intervals]
    last = [np.maximum(b - 1, a) // SPAN_S for a, b in intervals]
    return np.array([first, last], np.int32)
