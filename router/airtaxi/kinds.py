"""Aircraft of the bound: those that share a network, and their best days under prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from router._skypath import Network
from router.airtaxi.clock import ChargeClock
from router.airtaxi.fleet import Aircraft
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import (
    Grid,
    Ints,
    LegTable,
    Reals,
    fill_price,
    leg_table,
    levels,
    terminal,
)
from router.airtaxi.spans import POWER, STAND, Stays


@dataclass(slots=True)
class Kind:
    """Aircraft that share a network: one type, end and final charge."""

    seats: int
    legs: LegTable
    network: Network
    stays: Stays
    fill: Reals
    """(vertiports, cells): price of a watt-hour, negative: no charger."""
    wait: Reals
    """Cost of a cell on each stand."""
    groups: list[Group]
    ports: tuple[Ints, Ints]
    """Origin and destination of each corridor."""
    plug: int
    """Cells that a stay with charging takes beyond a turnaround."""
    step_wh: float
    """Most charge of one level; 0 where no path owes or is owed any."""

    def set_prices(self, power: Reals | float = 0.0, waiting: Reals | float = 0.0) -> Reals:
        """Set the prices of the network; return what flights get for a change of price."""
        fill = _everywhere(np.where(self.fill < 0, -1.0, self.fill + power))
        after = np.append(fill[:, 1:], fill[:, -1:], axis=1)
        wait = self.wait + self.stays.cell_s * waiting - self.step_wh * (fill - after).clip(0)
        back = fill.copy()
        for i in range(1, self.plug + 3):
            np.maximum(back[:, :-i], fill[:, i:], out=back[:, :-i])
        self.network.set_prices(fill, back, wait)
        begin, end = self.ports
        cells = fill.shape[1]
        lands = np.minimum(np.arange(cells) + self.legs.cells, cells - 1)
        here, there = fill[begin], fill[end[:, None], lands]
        change = (here - there).clip(0) + (back[end[:, None], lands] - here).clip(0)
        paid: Reals = self.step_wh * change
        return paid

    def best_days(
        self, profit: Reals, place: Reals, heat: float, draws: int, use: Reals
    ) -> tuple[float, Ints]:
        """Return the worth of the best days under prices, and the flights of such days.

        There are ``draws`` for each aircraft. What all of them use of stands and power
        is added to ``use``.
        """
        waiting = self.stays.waiting(place[STAND])
        power, span = self.stays.power(place[POWER])
        profit = profit - self.stays.turn_fees(place[STAND])
        profit = profit + self.set_prices(power, waiting)
        self.network.sweep(profit)
        flown = np.zeros(profit.shape, np.int32)
        stood, filled = np.zeros(waiting.shape, np.int32), np.zeros(waiting.shape)
        bound = 0.0
        for g in self.groups:
            late = g.late_s * waiting[g.port, g.cell]
            idle = g.idle - self.stays.cell_s * float(waiting[g.port, g.cell :].sum())
            best = self.network.start_value(g.cell, g.port, g.level) - g.day_cost
            bound += g.many * (max(best, idle) + late)
            use[STAND, g.port, self.stays.cell_span[0, g.cell]] -= draws * g.many * g.late_s
            if best <= idle:
                stood[g.port, g.cell :] += draws * g.many
                continue
            for _ in range(draws * g.many):
                self.network.trace(g.cell, g.port, g.level, profit, heat, flown, stood, filled)
        self.stays.turns(flown, use[STAND])
        self.stays.stood(stood, use[STAND])
        self.stays.filled(filled, span, use[POWER])
        return bound, flown


class Group(NamedTuple):
    """Aircraft that are in the same place with the same charge at first."""

    aircraft: tuple[int, ...]
    """Their positions in the problem."""
    cell: int
    port: int
    level: int
    day_cost: float
    idle: float
    """Worth of never flying, prices of places aside."""
    late_s: int
    """Time from the begin of the cell until they are there."""

    @property
    def many(self) -> int:
        """How many they are."""
        return len(self.aircraft)


def kinds_of(problem: AirTaxiProblem, grid: Grid, seed: int) -> list[Kind]:
    """Return one network for all aircraft of the same type, end and final charge."""
    families: dict[tuple[str, str | None, int], list[Aircraft]] = {}
    for a in problem.aircraft:
        families.setdefault((a.type, a.end, a.final_soc_wh), []).append(a)
    port = {v.id: i for i, v in enumerate(problem.vertiports)}
    origins = [port[c.origin] for c in problem.corridors]
    by_origin = np.argsort(origins, kind="stable").astype(np.int32)
    legs_from = np.searchsorted(np.sort(origins), np.arange(len(port) + 1)).astype(np.int32)
    leg_to = np.array([port[c.destination] for c in problem.corridors], np.int32)
    rate = np.array([v.stand_cost_per_hour / 3600 * grid.cell_s for v in problem.vertiports])
    wait = np.repeat(rate[:, None], grid.cells, axis=1)
    power = max((g.power_w for v in problem.vertiports for g in v.chargers), default=0)
    found = []
    for tails in families.values():
        kind = problem.type_of(tails[0].id)
        least = min(kind.reserve_wh, *(a.soc_wh for a in tails))
        final_wh = tails[0].final_soc_wh
        clock = None
        if grid.favour and power > 0:
            clock = ChargeClock.of(kind, min(0, least) - kind.battery_wh, power)
            least = int(clock.after(least, -2 * grid.cell_s))
            final_wh = int(clock.after(final_wh, -2 * grid.cell_s))
        soc = levels(kind, least, power, grid.cell_s)
        legs = leg_table(problem, kind, soc, grid, clock)
        ends = terminal(problem, tails[0], soc, grid, final_wh)
        groups = _groups(problem, tails, soc, grid, ends)
        longer = kind.connect_s + kind.disconnect_s - kind.turnaround_s
        plug = max(0, longer // grid.cell_s)
        hops = (longer + 2 * grid.cell_s - 3) // grid.cell_s if plug > 0 else 0
        fill = fill_price(problem, kind, grid)
        step_wh = float(np.diff(soc).max(initial=0)) if clock else 0.0
        ends = ends + 2 * step_wh * _everywhere(fill)[:, -1:]
        network = Network(
            legs_from,
            by_origin,
            leg_to,
            legs.cells,
            legs.rows,
            legs.burn,
            legs.back,
            np.append(np.diff(soc), 0).astype(float),
            (fill[:, 0] >= 0).astype(np.uint8),
            ends,
            plug,
            hops,
            grid.cells,
            seed,
            clock is not None,
        )
        stays = Stays.of(grid, legs, leg_to, kind.disconnect_s)
        ports = np.array(origins, np.int32), leg_to
        found.append(
            Kind(kind.seats, legs, network, stays, fill, wait, groups, ports, plug, step_wh)
        )
    return found


def _groups(
    problem: AirTaxiProblem, tails: list[Aircraft], soc: np.ndarray, grid: Grid, ends: Reals
) -> list[Group]:
    port = {v.id: i for i, v in enumerate(problem.vertiports)}
    day_cost = float(problem.type_of(tails[0].id).day_cost)
    same: dict[tuple[int, int, int], list[int]] = {}
    place = {a.id: i for i, a in enumerate(problem.aircraft)}
    for a in tails:
        key = max(grid.start, a.available_from) - grid.start, port[a.start], a.soc_wh
        same.setdefault(key, []).append(place[a.id])
    found = []
    for (since, v, charge_wh), aircraft in same.items():
        cell = since // grid.cell_s
        level = min(len(soc) - 1, int(grid.level(soc, np.array(charge_wh))))
        stand = problem.vertiports[v].stand_cost_per_hour / 3600 * grid.cell_s
        idle = float(ends[v].max()) - stand * (grid.cells - cell - 1)
        late_s = since - cell * grid.cell_s
        found.append(Group(tuple(aircraft), cell, v, level, day_cost, idle, late_s))
    return found


def _everywhere(fill: Reals) -> Reals:
    """Return prices of watt-hours, where nothing charges the least of any place."""
    charges = fill[:, 0] >= 0
    least = fill[charges].min(axis=0) if charges.any() else np.zeros(fill.shape[1])
    return np.where(charges[:, None], fill, least)
