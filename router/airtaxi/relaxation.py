"""The day in cells: a relaxation in which every real aircraft-day has its path.

Moments are rounded to the cell they lie in, durations down to whole cells, levels
of charge up to the next of a grid whose steps take one cell to charge at the
strongest charger. A real day maps to the path that is in the same cells at the
same moments. As a cell begins, up to a cell before the real moment, the path may
have less charge than the real aircraft will have at that moment, but never so little
that charging until then would not make up for it:

- a flight from cell ``t`` of least block time ``b`` and turnaround ``g`` may be
  followed by the next one from cell ``t + floor((b + g) / cell)`` on; for the
  seconds by which that is rounded down charge is taken away, as much as they charge.
  Nothing is lost by it: the path is on the charger that much sooner, and at least as
  empty, so that it charges at least as fast;
- a stay with charging is at least ``connect + disconnect`` long; in each of its
  cells the level may rise by one;
- who stays too short a time to charge cannot catch up so. Where the path waits for a
  cell then, it is given a level, for two or more two levels (:mod:`router._skypath`);
- a flight may begin with so little that charging to the cell's end makes it enough,
  and the day ends with what two cells make enough;
- energy is priced where it is charged, at the least price of the cell, also what is
  caught up with. What was taken away for rounding is paid back at landing, and where
  prices differ from place to place or fall in a stay so is the difference, for as much
  as path and real aircraft may be apart, one level (``router.airtaxi.kinds``).

Pads, stands and site power are priced, not limited; chargers, headway, downtimes and
payload are left out. All of this is in favour of the plan.

A grid that is not in favour of the plan goes to the nearest cell and level instead and
grants no rise: it bounds nothing, but its days are nearly ones that can be flown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.airtaxi.clock import ChargeClock
from router.airtaxi.fleet import Aircraft, AircraftType
from router.airtaxi.network import Corridor, Vertiport
from router.airtaxi.problem import AirTaxiProblem

Ints = NDArray[np.int32]
Reals = NDArray[np.float64]

MOST_LEVELS = 1000
"""Levels are at least such a share of the battery apart, however weak the chargers are."""

FULL_ENOUGH = 0.9
"""Share of the battery above which levels are as far apart as the first two, for few to do."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of the day."""

    start: int
    cell_s: int
    cells: int
    favour: bool = True
    """Whether all rounding is in favour of the plan."""

    @classmethod
    def over(cls, problem: AirTaxiProblem, cell_s: int, *, favour: bool = True) -> Grid:
        """Return the grid of a problem, with room for a last turnaround or disconnecting."""
        turn = max(max(k.turnaround_s, k.disconnect_s) for k in problem.types)
        length = problem.horizon.end - problem.horizon.start + turn
        return cls(problem.horizon.start, cell_s, -(-length // cell_s) + 1, favour)

    @property
    def moments(self) -> NDArray[np.int64]:
        """First moment of each cell."""
        return self.start + self.cell_s * np.arange(self.cells, dtype=np.int64)

    def cell(self, moment: int) -> int:
        """Return the cell that holds a moment."""
        return (moment - self.start) // self.cell_s

    def first_cell(self, moment: int) -> int:
        """Return the first cell for what happens at or after a moment."""
        return self.cell(moment if self.favour else moment + self.cell_s - 1)

    def level(self, soc: NDArray[np.int64], wh: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the levels of charges up to the highest one."""
        upper = np.searchsorted(soc, wh).clip(max=len(soc) - 1)
        if self.favour:
            return upper
        lower = (upper - 1).clip(0)
        return np.where(wh - soc[lower] < soc[upper] - wh, lower, upper)


@dataclass(frozen=True, slots=True)
class LegTable:
    """One type on all corridors, by cell of off-block."""

    cells: Ints
    """(corridors, cells): cells until the next off-block at the earliest; 0: barred."""
    rows: Ints
    """(corridors, cells): row of ``burn``."""
    burn: NDArray[np.int16]
    """(rows, levels): level after a flight, -1: below the reserve."""
    back: Reals
    """(rows, levels): charge, Wh, that the level after a flight is short of for its rounding."""
    cost: Reals
    """(corridors, cells): least cost of a flight, energy left out."""
    landed: NDArray[np.int64]
    """(corridors, cells): second of the grid by which a flight out of the cell is on its stand."""
    turned: NDArray[np.int64]
    """(corridors, cells): second of the grid from which the path is ready again."""


def levels(kind: AircraftType, least_wh: int, power_w: int, cell_s: int) -> NDArray[np.int64]:
    """Return the charge of each level, Wh, ascending; a cell of charging is one level.

    Where nothing charges (``power_w`` 0) the levels are equal shares of the battery.
    """
    if power_w <= 0:
        return np.ceil(np.linspace(least_wh, kind.battery_wh, 65)).astype(np.int64)
    clock = ChargeClock.of(kind, least_wh, power_w)
    found = [least_wh]
    first = max(int(clock.after(least_wh, cell_s)) - least_wh, kind.battery_wh // MOST_LEVELS, 1)
    while found[-1] < kind.battery_wh:
        step = first
        if found[-1] < FULL_ENOUGH * kind.battery_wh:
            step = int(clock.after(found[-1], cell_s)) - found[-1]
        found.append(min(found[-1] + max(step, kind.battery_wh // MOST_LEVELS, 1), kind.battery_wh))
    return np.array(found, np.int64)


def leg_table(
    problem: AirTaxiProblem,
    kind: AircraftType,
    soc: NDArray[np.int64],
    grid: Grid,
    clock: ChargeClock | None,
) -> LegTable:
    """Return what flights of a type take at least, by corridor and cell.

    ``clock`` is that of the levels, ``None`` where nothing charges or nothing is in favour.
    """
    shape = (len(problem.corridors), grid.cells)
    cells, rows = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    cost = np.zeros(shape)
    landed, turned = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    begins = grid.moments - grid.start
    burns: dict[tuple[int, int], int] = {}
    for c, corridor in enumerate(problem.corridors):
        o, d = problem.vertiport[corridor.origin], problem.vertiport[corridor.destination]
        lead, lag = o.taxi_s + o.takeoff_s, d.landing_s + d.taxi_s
        stay_s = _stay_s(kind, d)
        seconds, longest, energy = _least(corridor, kind, grid, lead)
        may = (seconds > 0) & (energy <= kind.battery_wh - kind.reserve_wh)
        may &= _open(corridor, o, d, grid, seconds)
        block = lead + seconds + lag + stay_s
        if not grid.favour:
            block += grid.cell_s // 2
        cells[c] = np.where(may, np.maximum(1, block // grid.cell_s), 0)
        landed[c] = begins + grid.cell_s + lead + longest + lag
        turned[c] = begins + block // grid.cell_s * grid.cell_s
        rest = (block - cells[c] * grid.cell_s).clip(0) * (may & (clock is not None))
        pairs = zip(energy.tolist(), rest.tolist(), strict=True)
        rows[c] = [burns.setdefault(pair, len(burns)) for pair in pairs]
        rate = d.stand_cost_per_hour / 3600
        cost[c] = kind.cost_per_flight + kind.cost_per_flight_s * seconds + d.landing_fee
        cost[c] += rate * (stay_s - 2 * grid.cell_s)
    shape = max(1, len(burns)), len(soc)
    burn, back = np.full(shape, -1, np.int16), np.zeros(shape)
    for (energy_wh, rest_s), row in burns.items():
        if energy_wh > kind.battery_wh - kind.reserve_wh:
            continue
        left = soc - energy_wh
        if not grid.favour or clock is None:
            burn[row] = np.where(left >= kind.reserve_wh, grid.level(soc, left), -1)
            continue
        enough = int(clock.after(energy_wh + kind.reserve_wh, 1 - grid.cell_s))
        may = soc >= enough
        uncharged = clock.after(left[may], -rest_s)
        y = grid.level(soc, uncharged)
        burn[row, may] = y
        back[row, may] = (left[may] - soc[y]).clip(0)
    return LegTable(cells, rows, burn, back, cost, landed, turned)


def shortest_s(problem: AirTaxiProblem) -> float:
    """Return the least time from an off-block to the next one of the same aircraft."""
    return min(
        (
            o.taxi_s + o.takeoff_s + step.seconds + d.landing_s + d.taxi_s + _stay_s(kind, d)
            for corridor in problem.corridors
            for kind in problem.types
            for step in corridor.steps(kind.id)
            if step.seconds > 0
            for o, d in [
                (problem.vertiport[corridor.origin], problem.vertiport[corridor.destination])
            ]
        ),
        default=math.inf,
    )


def _stay_s(kind: AircraftType, port: Vertiport) -> int:
    """Return the least time on a stand between two flights.

    Charging may overlap the turnaround, but for what connecting takes of it.
    """
    if port.chargers:
        return min(kind.turnaround_s, kind.connect_s + kind.disconnect_s)
    return kind.turnaround_s


def _least(
    corridor: Corridor, kind: AircraftType, grid: Grid, lead: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return least and longest flight time and least energy of each cell; 0: barred."""
    steps = corridor.steps(kind.id)
    if not steps:
        none = np.zeros(grid.cells, np.int64)
        return none, none, none
    starts = np.array([s.start for s in steps])
    seconds = np.array([s.seconds for s in steps])
    energy = np.array([s.energy_wh for s in steps])
    early = np.maximum(np.searchsorted(starts, grid.moments + lead, side="right") - 1, 0)
    late = np.maximum(
        np.searchsorted(starts, grid.moments + lead + grid.cell_s - 1, side="right") - 1, 0
    )
    pairs = [(early, late)]
    while np.any(pairs[-1][0] < pairs[-1][1]):
        pairs.append((np.minimum(pairs[-1][0] + 1, late), late))
    at = np.array([p[0] for p in pairs])
    return seconds[at].min(axis=0), seconds[at].max(axis=0), energy[at].min(axis=0)


def _open(
    corridor: Corridor, o: Vertiport, d: Vertiport, grid: Grid, seconds: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return the cells in which some off-block may keep openings and closures."""
    lead = o.taxi_s + o.takeoff_s
    first = grid.moments
    last = first + grid.cell_s - 1
    may = np.ones(grid.cells, np.bool_)
    if o.opening:
        may &= np.any(
            [(last + o.taxi_s >= w.start) & (first + lead <= w.end) for w in o.opening], axis=0
        )
    if d.opening:
        touch = first + lead + seconds
        slack = grid.cell_s + int(seconds.max() - seconds.min())
        may &= np.any(
            [(touch + slack >= w.start) & (touch + d.landing_s <= w.end) for w in d.opening],
            axis=0,
        )
    for w in corridor.closures:
        may &= ~((last + lead <= w.end) & (first + lead + seconds >= w.start))
    return may


def fill_price(problem: AirTaxiProblem, kind: AircraftType, grid: Grid) -> Reals:
    """Return the least price of a watt-hour, by vertiport and cell; -1: no charger."""
    price = np.full((len(problem.vertiports), grid.cells), -1.0)
    for v, port in enumerate(problem.vertiports):
        if not port.chargers:
            continue
        best = max(g.efficiency_permille for g in port.chargers)
        if not port.tariff:
            price[v] = 0.0
            continue
        starts = np.array([t.start for t in port.tariff])
        money = np.array([t.price_per_kwh for t in port.tariff], float)
        since = grid.moments - kind.disconnect_s
        early = np.maximum(np.searchsorted(starts, since, side="right") - 1, 0)
        late = np.maximum(np.searchsorted(starts, since + 2 * grid.cell_s, side="right") - 1, 0)
        least = money[early]
        while np.any(early < late):
            early = np.minimum(early + 1, late)
            least = np.minimum(least, money[early])
        price[v] = least / best
    return price


def terminal(
    problem: AirTaxiProblem, tail: Aircraft, soc: NDArray[np.int64], grid: Grid, final_wh: int
) -> Reals:
    """Return the worth of ending the day at each vertiport and level.

    It makes good the cost of standing from the end of the day to the grid's end.
    """
    worth = np.full((len(problem.vertiports), len(soc)), -1e30)
    length = grid.start + grid.cells * grid.cell_s - problem.horizon.end
    for v, port in enumerate(problem.vertiports):
        if tail.end in (None, port.id):
            worth[v, soc >= final_wh] = port.stand_cost_per_hour / 3600 * (length + grid.cell_s)
    return worth
