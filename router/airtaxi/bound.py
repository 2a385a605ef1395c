"""A bound that no day plan can pass: prices on trips and pads, paths for aircraft.

Lagrangian relaxation. Each trip has a price for its seat on one plane (so that it
pays to serve it once, not more) and each vertiport a price for a second on its pads
in each quarter of an hour. Under any prices the best day of each aircraft is found
on its own, by one sweep over the network of ``router.airtaxi.relaxation``; the sum
of all prices and all best days is a bound. Prices follow averaged subgradients
(Camerini, Fratta, Maffioli 1975, doi:10.1007/BFb0120697).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from router._skypath import Network, boarded, rewards
from router.airtaxi.demand import TimetableFlight, Trip
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
from router.airtaxi.tables import FAR

PAD_BUCKET_S = 300
"""Length of the spans for which a pad has one price."""

PAD_SCALE = 900.0
"""Seconds on a pad that weigh as much as one trip in a step."""

MEMORY = 0.3
"""Share of the direction before in each direction."""

FIRST_SCALE = 0.15
"""First step as a share of the way to the target. After 100 rounds on the Alatau day
with 2,500 passengers the bound is 20 % above the best plan; with 1.0 it is 42 %."""

PATIENCE = 12
"""Rounds without progress after which steps become shorter."""


class Riders(TypedDict):
    """The trips of a grid, as the compiled part takes them."""

    queue_from: Ints
    queue: Ints
    first: Ints
    last: Ints
    party: Ints
    solo: Ints
    wait: Reals


@dataclass(frozen=True, slots=True)
class Prices:
    """The multipliers: money for a place for each trip, and for a second on each pad."""

    trip: Reals
    pad: Reals
    """(vertiports, spans of ``PAD_BUCKET_S``)."""


@dataclass(slots=True)
class _Kind:
    """Aircraft that share a network: one type, end and final charge."""

    seats: int
    legs: LegTable
    network: Network
    groups: list[tuple[int, int, int, int, float, float]]
    """(how many, cell, vertiport, level, day cost, worth of never flying)."""


@dataclass(slots=True)
class Relaxation:
    """The bound's model of one problem on one grid."""

    problem: AirTaxiProblem
    grid: Grid
    kinds: list[_Kind]
    trips: Riders
    worth: Reals
    pad_seconds: tuple[Ints, Ints, Ints, Ints, Ints, Ints]
    pad_capacity: Reals
    gift: float
    """Worth of the trips that the model does not hold; all of it is granted."""

    @classmethod
    def of(cls, problem: AirTaxiProblem, cell_s: int, seed: int = 1) -> Relaxation:
        """Build the model with cells of ``cell_s`` seconds."""
        grid = Grid.over(problem, cell_s)
        trips, worth, gift = _trips(problem, grid)
        pads, capacity = _pads(problem, grid)
        kinds = _kinds(problem, grid, seed)
        return cls(problem, grid, kinds, trips, worth, pads, capacity, gift)

    def first_prices(self) -> Prices:
        """Return prices to start from."""
        return Prices(0.6 * self.worth, np.zeros_like(self.pad_capacity))

    def evaluate(self, prices: Prices, heat: float) -> tuple[float, Reals, Reals]:
        """Return the bound under given prices and a subgradient.

        Parameters
        ----------
        prices
            All at least 0.
        heat
            By how much the paths that make the subgradient may be worse than the
            best at each choice, money; the bound itself is not touched by it.

        Returns
        -------
        Bound; for each trip one less how often it is served; for each pad and
        span its capacity less its use, seconds.
        """
        net = self.worth - prices.trip
        bound = self.gift + prices.trip.sum() + float((prices.pad * self.pad_capacity).sum())
        served, pad_use = np.zeros_like(net), np.zeros_like(prices.pad)
        fees, spans = self._pad_fees(prices.pad)
        reward = np.empty(fees.shape)
        for kind in self.kinds:
            packed = np.empty((*fees.shape, kind.seats + 1))
            rewards(**self.trips, worth=net, seats=kind.seats, reward=reward, packed=packed)
            profit = reward - kind.legs.cost - fees
            kind.network.sweep(profit)
            flown = np.zeros(fees.shape, np.int32)
            for count, cell, port, level, day_cost, idle in kind.groups:
                best = kind.network.start_value(cell, port, level) - day_cost
                bound += count * max(best, idle)
                if best <= idle:
                    continue
                for _ in range(count):
                    kind.network.trace(cell, port, level, profit, heat, flown)
            boarded(
                **self.trips,
                worth=net,
                seats=kind.seats,
                flown=flown,
                reward=reward,
                count=served,
            )
            legs, cells = np.nonzero(flown)
            for where, seconds, span in spans:
                held = flown[legs, cells] * seconds[legs]
                np.add.at(pad_use, (where[legs], span[legs, cells]), held)
        return bound, 1.0 - served, self.pad_capacity - pad_use

    def _pad_fees(self, price: Reals) -> tuple[Reals, list[tuple[Ints, Ints, Ints]]]:
        """Return what a flight pays for pads, and (vertiport, seconds, span) of both uses."""
        origin, takeoff, off_span, destination, landing, on_span = self.pad_seconds
        fees = np.zeros(off_span.shape[1:])
        spans = []
        for where, seconds, span in (
            (origin, takeoff, off_span),
            (destination, landing, on_span),
        ):
            a, b = price[where[:, None], span[0]], price[where[:, None], span[1]]
            fees += np.minimum(a, b) * seconds[:, None]
            spans.append((where, seconds, np.where(a <= b, span[0], span[1])))
        return fees, spans


def _trips(problem: AirTaxiProblem, grid: Grid) -> tuple[Riders, Reals, float]:
    """Return the trips by corridor and cell; those with stops are granted, not modelled."""
    position = {c.key: i for i, c in enumerate(problem.corridors)}
    corridor, rows, worth, wait = [], [], [], []
    gift = 0.0
    everyone: tuple[Trip | TimetableFlight, ...] = (*problem.trips, *problem.timetable)
    for r in everyone:
        c = position.get((r.origin, r.destination), -1)
        if isinstance(r, TimetableFlight):
            window, by, size, alone, cost = r.off_block, FAR, 0, 0, 0
        else:
            window, size, alone, cost = r.departure, r.party, not r.may_share, r.wait_cost_per_s
            by = r.arrive_by if r.arrive_by is not None else 2**40
            if r.max_stops > 0:
                gift += r.value
                c = -1
        first = max(0, grid.cell(window.start))
        last = min(grid.cells - 1, grid.cell(min(window.end, by)))
        corridor.append(c if first <= last else -1)
        rows.append((first, last, size, int(alone)))
        early = max(0, window.start - grid.start - first * grid.cell_s)
        worth.append(float(r.value + cost * early) if c >= 0 else 0.0)
        wait.append(float(cost * grid.cell_s))
    cells = np.array(rows, np.int32).reshape(-1, 4)
    queue = [p for p in np.argsort(corridor, kind="stable") if corridor[p] >= 0]
    counts = np.bincount([corridor[p] for p in queue], minlength=len(problem.corridors))
    trips: Riders = {
        "queue_from": np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
        "queue": np.array(queue, np.int32),
        "first": np.ascontiguousarray(cells[:, 0]),
        "last": np.ascontiguousarray(cells[:, 1]),
        "party": np.ascontiguousarray(cells[:, 2]),
        "solo": np.ascontiguousarray(cells[:, 3]),
        "wait": np.array(wait),
    }
    return trips, np.array(worth), gift


def _pads(
    problem: AirTaxiProblem, grid: Grid
) -> tuple[tuple[Ints, Ints, Ints, Ints, Ints, Ints], Reals]:
    """Return which spans of which pads a flight may touch, and all capacities."""
    port = {v.id: i for i, v in enumerate(problem.vertiports)}
    most = grid.cells * grid.cell_s + 4 * 86_400
    spans = most // PAD_BUCKET_S + 1
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
    capacity = np.array([[float(v.pads * PAD_BUCKET_S)] * spans for v in problem.vertiports])
    table = np.array(ends, np.int32).reshape(-1, 4)
    return (
        np.ascontiguousarray(table[:, 0]),
        np.ascontiguousarray(table[:, 1]),
        _touched(offs),
        np.ascontiguousarray(table[:, 2]),
        np.ascontiguousarray(table[:, 3]),
        _touched(ons),
    ), capacity


def _touched(intervals: list[tuple[np.ndarray, np.ndarray]]) -> Ints:
    """Return (2, corridors, cells): first and last span that each interval touches."""
    first = [a // PAD_BUCKET_S for a, _ in intervals]
    last = [np.maximum(b - 1, a) // PAD_BUCKET_S for a, b in intervals]
    return np.array([first, last], np.int32)


def _kinds(problem: AirTaxiProblem, grid: Grid, seed: int) -> list[_Kind]:
    """Return one network for all aircraft of the same type, end and final charge."""
    families: dict[tuple[str, str | None, int], list[Aircraft]] = {}
    for a in problem.aircraft:
        families.setdefault((a.type, a.end, a.final_soc_wh), []).append(a)
    port = {v.id: i for i, v in enumerate(problem.vertiports)}
    origins = [port[c.origin] for c in problem.corridors]
    by_origin = np.argsort(origins, kind="stable").astype(np.int32)
    legs_from = np.searchsorted(np.sort(origins), np.arange(len(port) + 1)).astype(np.int32)
    leg_to = np.array([port[c.destination] for c in problem.corridors], np.int32)
    wait = np.array([v.stand_cost_per_hour / 3600 * grid.cell_s for v in problem.vertiports])
    power = max((g.power_w for v in problem.vertiports for g in v.chargers), default=0)
    found = []
    for tails in families.values():
        kind = problem.type_of(tails[0].id)
        soc = levels(kind, min(kind.reserve_wh, *(a.soc_wh for a in tails)), power, grid.cell_s)
        legs = leg_table(problem, kind, soc, grid)
        ends = terminal(problem, tails[0], soc, grid)
        plug = max(0, (kind.connect_s + kind.disconnect_s - kind.turnaround_s) // grid.cell_s)
        network = Network(
            legs_from,
            by_origin,
            leg_to,
            legs.cells,
            legs.rows,
            legs.burn,
            np.append(np.diff(soc), 0).astype(float),
            fill_price(problem, kind, grid),
            wait,
            ends,
            int(plug),
            grid.cells,
            seed,
        )
        found.append(_Kind(kind.seats, legs, network, _groups(problem, tails, soc, grid, ends)))
    return found


def _groups(
    problem: AirTaxiProblem, tails: list[Aircraft], soc: np.ndarray, grid: Grid, ends: Reals
) -> list[tuple[int, int, int, int, float, float]]:
    port = {v.id: i for i, v in enumerate(problem.vertiports)}
    day_cost = float(problem.type_of(tails[0].id).day_cost)
    same = Counter((max(0, grid.cell(a.available_from)), port[a.start], a.soc_wh) for a in tails)
    found = []
    for (cell, v, charge_wh), count in same.items():
        free = 1 if problem.vertiports[v].chargers else 0
        level = min(len(soc) - 1, int(np.searchsorted(soc, charge_wh)) + free)
        stand = problem.vertiports[v].stand_cost_per_hour / 3600 * grid.cell_s
        idle = float(ends[v].max()) - stand * (grid.cells - cell - 1)
        found.append((count, cell, v, level, day_cost, idle))
    return found


class Tightener:
    """Lowers the bound round by round, on finer cells as it comes to rest.

    Parameters
    ----------
    problem
        The day.
    cells_s
        Lengths of the cells, s, one grid after the other.
    seed
        Of the choice among paths of nearly the same worth.
    """

    def __init__(
        self, problem: AirTaxiProblem, cells_s: tuple[int, ...] = (60, 30), seed: int = 1
    ) -> None:
        self._problem, self._seed = problem, seed
        self._grids = list(cells_s)
        self._model = Relaxation.of(problem, self._grids.pop(0), seed)
        self._now = self.prices = self._model.first_prices()
        self.value = math.inf
        """The best bound so far."""
        self.rounds = 0
        self._start(scale=FIRST_SCALE)

    def _start(self, scale: float) -> None:
        self._scale, self._stale = scale, 0
        self._best_here = math.inf
        self._trip_way = np.zeros_like(self._now.trip)
        self._pad_way = np.zeros_like(self._now.pad)

    def round(self, target: float) -> None:
        """Evaluate the prices at hand and move them.

        Parameters
        ----------
        target
            Value of the best plan known; steps are sized towards it.
        """
        worth = self._model.worth
        mean = float(worth.mean()) if worth.size else 1.0
        value, trip_slope, pad_slope = self._model.evaluate(self._now, mean * self._scale)
        self.rounds += 1
        self._stale = 0 if value < self._best_here * (1 - 1e-4) else self._stale + 1
        if value < self._best_here:
            self._best_here, self.prices = value, self._now
        self.value = min(self.value, value)
        if self._stale >= PATIENCE:
            self._scale, self._stale = 0.7 * self._scale, 0
            self._now = self.prices
            self._trip_way[:], self._pad_way[:] = 0, 0
            if self._scale < 0.02 and self._grids:
                self._refine()
            return
        self._move(value, target, trip_slope, pad_slope / PAD_SCALE)

    def _refine(self) -> None:
        """Go on with the prices at hand on the next finer grid."""
        pads = self.prices.pad
        self._model = Relaxation.of(self._problem, self._grids.pop(0), self._seed)
        fresh = self._model.first_prices()
        spans = min(pads.shape[1], fresh.pad.shape[1])
        fresh.pad[:, :spans] = pads[:, :spans]
        self._now = Prices(np.minimum(self.prices.trip, self._model.worth), fresh.pad)
        self._start(scale=0.05)

    def _move(self, value: float, target: float, trip_slope: Reals, pad_slope: Reals) -> None:
        """Step along the averaged subgradient, as far as the gap to the target says."""
        now = self._now
        trip_slope = np.where((now.trip <= 0) & (trip_slope > 0), 0, trip_slope)
        pad_slope = np.where((now.pad <= 0) & (pad_slope > 0), 0, pad_slope)
        self._trip_way = MEMORY * self._trip_way + (1 - MEMORY) * trip_slope
        self._pad_way = MEMORY * self._pad_way + (1 - MEMORY) * pad_slope
        norm = float((self._trip_way**2).sum() + (self._pad_way**2).sum())
        if norm <= 1e-9:
            self._scale *= 0.5
            return
        step = self._scale * max(value - target, 1e-3 * abs(value)) / norm
        self._now = Prices(
            np.maximum(0.0, now.trip - step * self._trip_way),
            np.maximum(0.0, now.pad - step * self._pad_way / PAD_SCALE),
        )
