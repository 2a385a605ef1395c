"""A bound that no day plan can pass: prices on trips, flights and pads, paths for aircraft.

Lagrangian relaxation. Each trip has a price for its seat on one plane (so that it
pays to serve it once, not more) and each vertiport a price for a second on its pads
in each span of five minutes. Under any prices the best day of each aircraft is found
on its own, by one sweep over the network of ``router.airtaxi.relaxation``; the sum
of all prices and all best days is a bound.

Once such prices rest, flights have prices instead: the passengers of a corridor buy
whole flights in the best way (``router.airtaxi.pools``), and aircraft sell them. With
what a flight earns under the prices of trips for its price, no corridor gains more
than these prices sum to, so that the bound goes on from where it was. Prices follow
averaged subgradients (Camerini, Fratta, Maffioli 1975, doi:10.1007/BFb0120697).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from router._skypath import Network, boarded, rewards
from router._skypool import Pools
from router.airtaxi.fleet import Aircraft
from router.airtaxi.pools import pooled
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
from router.airtaxi.riders import Riders, riders_of, without

PAD_BUCKET_S = 300
"""Length of the spans for which a pad has one price."""

PAD_SCALE = 900.0
"""Seconds on a pad that weigh as much as one trip in a step."""

MEMORY = 0.3
"""Share of the direction before in each direction."""

POOLED_MEMORY = 0.9
"""Likewise where flights have prices: there are thirty times as many."""

POOLED_HEAT = 4.0
"""By how much more paths are drawn apart there, so that they share the flights."""

POOLED_SCALES = (0.03, 0.0015)
"""First and last step there on the first grid; on finer ones a fifth of it."""

POOLED_DECAY = 0.998
"""From one step to the next there."""

FIRST_SCALE = 0.15
"""First step as a share of the way to the target. After 100 rounds on the Alatau day
with 2,500 passengers the bound is 20 % above the best plan; with 1.0 it is 42 %."""

PATIENCE = 12
"""Rounds without progress after which steps become shorter."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The multipliers, or a direction to move them."""

    trip: Reals
    """Money for a place for each trip that is not pooled."""
    pad: Reals
    """For a second on each pad, (vertiports, spans of ``PAD_BUCKET_S``)."""
    flight: Reals
    """For a flight, (numbers of seats, corridors, cells); 0 where nobody is pooled."""


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
    """All riders; in their queues those who are not pooled."""
    worth: Reals
    seats: Ints
    """Numbers of seats of the kinds, ascending."""
    most: Reals
    """(seats, corridors, cells): no flight is worth more than this."""
    pools: Pools | None
    held: list[bool]
    """Corridors that are pooled."""
    pad_seconds: tuple[Ints, Ints, Ints, Ints, Ints, Ints]
    pad_capacity: Reals
    gift: float
    """Worth of the trips that the model does not hold; all of it is granted."""

    @classmethod
    def of(
        cls, problem: AirTaxiProblem, cell_s: int, seed: int = 1, *, pooling: bool = False
    ) -> Relaxation:
        """Build the model with cells of ``cell_s`` seconds, with prices of flights or without."""
        grid = Grid.over(problem, cell_s)
        trips, worth, gift = riders_of(problem, grid)
        pads, capacity = _pads(problem, grid)
        kinds = _kinds(problem, grid, seed)
        seats = np.unique([kind.seats for kind in kinds]).astype(np.int32)
        shape = len(problem.corridors), grid.cells
        most = np.array([_earned(trips, worth, int(s), shape) for s in seats])
        pools, held = None, [False] * shape[0]
        if pooling:
            pools, held = pooled(trips, worth, seats, most)
            trips = without(trips, held)
        return cls(
            problem, grid, kinds, trips, worth, seats, most, pools, held, pads, capacity, gift
        )

    def first_prices(self) -> Prices:
        """Return prices to start from."""
        return Prices(0.6 * self.worth, np.zeros_like(self.pad_capacity), np.zeros_like(self.most))

    def priced(self, prices: Prices) -> Prices:
        """Return prices with one for each flight that is pooled: what trips would pay for it."""
        trips, _, _ = riders_of(self.problem, self.grid)
        net = self.worth - prices.trip
        flight = np.array([_earned(trips, net, int(s), self.most.shape[1:]) for s in self.seats])
        flight[:, ~np.array(self.held)] = 0
        return Prices(prices.trip, prices.pad, flight)

    def evaluate(self, prices: Prices, heat: float) -> tuple[float, Prices]:
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
        Bound; for each trip one less how often it is served, for each pad and span its
        capacity less its use, seconds, for each flight how many are flown and not bought.
        """
        net = self.worth - prices.trip
        bound = self.gift + float((prices.pad * self.pad_capacity).sum())
        served, pad_use = np.zeros_like(net), np.zeros_like(prices.pad)
        sold = np.zeros(self.most.shape, np.int32)
        fees, spans = self._pad_fees(prices.pad)
        for kind in self.kinds:
            size = int(np.searchsorted(self.seats, kind.seats))
            reward = _earned(self.trips, net, kind.seats, fees.shape)
            profit = reward + prices.flight[size] - kind.legs.cost - fees
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
            sold[size] += flown
            legs, cells = np.nonzero(flown)
            for where, seconds, span in spans:
                held = flown[legs, cells] * seconds[legs]
                np.add.at(pad_use, (where[legs], span[legs, cells]), held)
        bought = np.zeros_like(sold)
        if self.pools is not None:
            bound += float(self.pools.sweep(prices.flight).sum())
            self.pools.trace(prices.flight, bought)
        single = np.zeros_like(net)
        single[self.trips["queue"]] = 1.0
        bound += float((single * prices.trip).sum())
        over = (sold - bought) * np.array(self.held)[:, None]
        return bound, Prices(single - served, self.pad_capacity - pad_use, over)

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


def _earned(trips: Riders, worth: Reals, seats: int, shape: tuple[int, ...]) -> Reals:
    """Return the most worth that one flight of each corridor and cell can carry."""
    reward = np.empty(shape)
    rewards(**trips, worth=worth, seats=seats, reward=reward, packed=np.empty((*shape, seats + 1)))
    return reward


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
    """Lowers the bound round by round: with prices of trips until they rest, then of flights.

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
        self._model = Relaxation.of(problem, self._grids[0], seed)
        self._now = self.prices = self._model.first_prices()
        self.value = math.inf
        """The best bound so far."""
        self.rounds = 0
        self._start(FIRST_SCALE)

    def _start(self, scale: float) -> None:
        self._scale, self._stale = scale, 0
        self._best_here = math.inf
        self._way = _still(self._now)

    def round(self, target: float) -> None:
        """Evaluate the prices at hand and move them.

        Parameters
        ----------
        target
            Value of the best plan known; steps are sized towards it.
        """
        pooling = self._model.pools is not None
        worth = self._model.worth
        mean = float(worth.mean()) if worth.size else 1.0
        heat = mean * self._scale * (POOLED_HEAT if pooling else 1.0)
        value, slope = self._model.evaluate(self._now, heat)
        self.rounds += 1
        self._stale = 0 if value < self._best_here * (1 - 1e-4) else self._stale + 1
        if value < self._best_here:
            self._best_here, self.prices = value, self._now
        self.value = min(self.value, value)
        if pooling:
            self._scale *= POOLED_DECAY
            if self._scale < POOLED_SCALES[1] and len(self._grids) > 1:
                self._refine()
                return
        elif self._stale >= PATIENCE:
            self._scale, self._stale = 0.7 * self._scale, 0
            self._now, self._way = self.prices, _still(self._now)
            if self._scale < 0.02:
                self._pool()
            return
        self._move(value, target, slope, POOLED_MEMORY if pooling else MEMORY)

    def _pool(self) -> None:
        """Go on with prices of flights on the same grid."""
        self._model = Relaxation.of(self._problem, self._grids[0], self._seed, pooling=True)
        self._now = self.prices = self._model.priced(self.prices)
        self._start(POOLED_SCALES[0])

    def _refine(self) -> None:
        """Go on with the prices at hand on the next finer grid."""
        old, before = self._model, self.prices
        self._grids.pop(0)
        self._model = Relaxation.of(self._problem, self._grids[0], self._seed, pooling=True)
        fresh = self._model.first_prices()
        spans = min(before.pad.shape[1], fresh.pad.shape[1])
        fresh.pad[:, :spans] = before.pad[:, :spans]
        at = np.arange(self._model.grid.cells) * self._grids[0] // old.grid.cell_s
        flight = before.flight[:, :, np.minimum(at, old.grid.cells - 1)]
        held = np.array(self._model.held)
        both = np.minimum(flight, self._model.most) * held[:, None]
        self._now = Prices(np.minimum(before.trip, self._model.worth), fresh.pad, both)
        self.prices = self._now
        self._start(POOLED_SCALES[0] / 5)

    def _move(self, value: float, target: float, slope: Prices, memory: float) -> None:
        """Step along the averaged subgradient, as far as the gap to the target says."""
        now, way = self._now, self._way
        pad = slope.pad / PAD_SCALE
        for price, own, fresh in (
            (now.trip, way.trip, slope.trip),
            (now.pad, way.pad, pad),
            (now.flight, way.flight, slope.flight),
        ):
            own *= memory
            own += (1 - memory) * np.where((price <= 0) & (fresh > 0), 0, fresh)
        norm = float((way.trip**2).sum() + (way.pad**2).sum() + (way.flight**2).sum())
        if norm <= 1e-9:
            self._scale *= 0.5
            return
        step = self._scale * max(value - target, 1e-3 * abs(value)) / norm
        self._now = Prices(
            np.maximum(0.0, now.trip - step * way.trip),
            np.maximum(0.0, now.pad - step * way.pad / PAD_SCALE),
            np.clip(now.flight - step * way.flight, 0.0, self._model.most),
        )


def _still(prices: Prices) -> Prices:
    """Return a direction that moves nothing."""
    return Prices(
        np.zeros_like(prices.trip), np.zeros_like(prices.pad), np.zeros_like(prices.flight)
    )
