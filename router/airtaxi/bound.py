"""A bound that no day plan can pass: prices on trips, flights and places, paths for aircraft.

Lagrangian relaxation. Each trip has a price for its seat on one plane (so that it
pays to serve it once, not more) and each vertiport prices for its pads, its stands and
its power in each span of five minutes (``router.airtaxi.spans``). Under any prices
the best day of each aircraft is found on its own, by one sweep over the network of
``router.airtaxi.relaxation``; the sum of all prices and all best days is a bound.

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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
from router.airtaxi.spans import PAD, POWER, STAND, Movements, Stays, capacities

PLACE_SCALE = 900.0
"""Seconds on a pad or stand that weigh as much as one trip in a step."""

POWER_FLIGHTS = 2.0
"""Likewise the energy of so many flights of mean length."""

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
    place: Reals
    """For pads, stands and power, (3, vertiports, spans)."""
    flight: Reals
    """For a flight, (numbers of seats, corridors, cells); 0 where nobody is pooled."""


@dataclass(slots=True)
class _Kind:
    """Aircraft that share a network: one type, end and final charge."""

    seats: int
    legs: LegTable
    network: Network
    stays: Stays
    fill: Reals
    """(vertiports, cells): price of a watt-hour, negative: no charger."""
    wait: Reals
    """Cost of a cell on each stand."""
    groups: list[_Group]

    def best_days(self, profit: Reals, place: Reals, heat: float, use: Reals) -> tuple[float, Ints]:
        """Return the worth of the best days under prices, and the flights of such days.

        What the days use of stands and power is added to ``use``.
        """
        waiting = self.stays.waiting(place[STAND])
        power, span = self.stays.power(place[POWER])
        profit = profit - self.stays.turn_fees(place[STAND])
        wait = self.wait + self.stays.cell_s * waiting
        self.network.set_tariffs(np.where(self.fill < 0, -1.0, self.fill + power), wait)
        self.network.sweep(profit)
        flown = np.zeros(profit.shape, np.int32)
        stood, filled = np.zeros(wait.shape, np.int32), np.zeros(wait.shape)
        bound = 0.0
        for g in self.groups:
            late = g.late_s * waiting[g.port, g.cell]
            idle = g.idle - self.stays.cell_s * float(waiting[g.port, g.cell :].sum())
            best = self.network.start_value(g.cell, g.port, g.level) - g.day_cost
            bound += g.many * (max(best, idle) + late)
            use[STAND, g.port, self.stays.cell_span[0, g.cell]] -= g.many * g.late_s
            if best <= idle:
                stood[g.port, g.cell :] += g.many
                continue
            for _ in range(g.many):
                self.network.trace(g.cell, g.port, g.level, profit, heat, flown, stood, filled)
        self.stays.turns(flown, use[STAND])
        self.stays.stood(stood, use[STAND])
        self.stays.filled(filled, span, use[POWER])
        return bound, flown


class _Group(NamedTuple):
    """Aircraft that are in the same place with the same charge at first."""

    many: int
    cell: int
    port: int
    level: int
    day_cost: float
    idle: float
    """Worth of never flying, prices of places aside."""
    late_s: int
    """Time from the begin of the cell until they are there."""


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
    movements: Movements
    capacity: Reals
    """Of places, as their prices are."""
    limited: NDArray[np.bool_]
    """Where prices of places may be above 0."""
    scale: Reals
    """Of places, (3, 1, 1): how much of each weighs as much as one trip in a step."""
    gift: float
    """Worth of the trips that the model does not hold; all of it is granted."""

    @classmethod
    def of(
        cls, problem: AirTaxiProblem, cell_s: int, seed: int = 1, *, pooling: bool = False
    ) -> Relaxation:
        """Build the model with cells of ``cell_s`` seconds, with prices of flights or without."""
        grid = Grid.over(problem, cell_s)
        trips, worth, gift = riders_of(problem, grid)
        capacity, limited = capacities(problem, grid)
        kinds = _kinds(problem, grid, seed)
        seats = np.unique([kind.seats for kind in kinds]).astype(np.int32)
        shape = len(problem.corridors), grid.cells
        most = np.array([_earned(trips, worth, int(s), shape) for s in seats])
        pools, held = None, [False] * shape[0]
        if pooling:
            pools, held = pooled(trips, worth, seats, most)
            trips = without(trips, held)
        return cls(
            problem,
            grid,
            kinds,
            trips,
            worth,
            seats,
            most,
            pools,
            held,
            Movements.of(problem, grid),
            capacity,
            limited,
            _scale(problem),
            gift,
        )

    def first_prices(self) -> Prices:
        """Return prices to start from."""
        return Prices(0.6 * self.worth, np.zeros_like(self.capacity), np.zeros_like(self.most))

    def priced(self, prices: Prices) -> Prices:
        """Return prices with one for each flight that is pooled: what trips would pay for it."""
        trips, _, _ = riders_of(self.problem, self.grid)
        net = self.worth - prices.trip
        flight = np.array([_earned(trips, net, int(s), self.most.shape[1:]) for s in self.seats])
        flight[:, ~np.array(self.held)] = 0
        return Prices(prices.trip, prices.place, flight)

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
        Bound; for each trip one less how often it is served, for each place and span its
        capacity less its use, for each flight how many are flown and not bought.
        """
        net = self.worth - prices.trip
        place = prices.place
        bound = self.gift + float((place * self.capacity).sum())
        served, use = np.zeros_like(net), np.zeros_like(place)
        sold = np.zeros(self.most.shape, np.int32)
        fees, spans = self.movements.fees(place[PAD])
        for kind in self.kinds:
            size = int(np.searchsorted(self.seats, kind.seats))
            reward = _earned(self.trips, net, kind.seats, fees.shape)
            profit = reward + prices.flight[size] - kind.legs.cost - fees
            best, flown = kind.best_days(profit, place, heat, use)
            bound += best
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
                np.add.at(use[PAD], (where[legs], span[legs, cells]), held)
        bought = np.zeros_like(sold)
        if self.pools is not None:
            bound += float(self.pools.sweep(prices.flight).sum())
            self.pools.trace(prices.flight, bought)
        single = np.zeros_like(net)
        single[self.trips["queue"]] = 1.0
        bound += float((single * prices.trip).sum())
        over = (sold - bought) * np.array(self.held)[:, None]
        return bound, Prices(single - served, (self.capacity - use) * self.limited, over)


def _earned(trips: Riders, worth: Reals, seats: int, shape: tuple[int, ...]) -> Reals:
    """Return the most worth that one flight of each corridor and cell can carry."""
    reward = np.empty(shape)
    rewards(**trips, worth=worth, seats=seats, reward=reward, packed=np.empty((*shape, seats + 1)))
    return reward


def _scale(problem: AirTaxiProblem) -> Reals:
    """Return how much of each place weighs as much as one trip."""
    burns = [s.energy_wh for k in problem.types for c in problem.corridors for s in c.steps(k.id)]
    mean = float(np.mean(burns)) if burns else 1.0
    return np.array([PLACE_SCALE, PLACE_SCALE, max(1.0, POWER_FLIGHTS * mean)])[:, None, None]


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
    rate = np.array([v.stand_cost_per_hour / 3600 * grid.cell_s for v in problem.vertiports])
    wait = np.repeat(rate[:, None], grid.cells, axis=1)
    power = max((g.power_w for v in problem.vertiports for g in v.chargers), default=0)
    found = []
    for tails in families.values():
        kind = problem.type_of(tails[0].id)
        soc = levels(kind, min(kind.reserve_wh, *(a.soc_wh for a in tails)), power, grid.cell_s)
        legs = leg_table(problem, kind, soc, grid)
        ends = terminal(problem, tails[0], soc, grid)
        plug = max(0, (kind.connect_s + kind.disconnect_s - kind.turnaround_s) // grid.cell_s)
        fill = fill_price(problem, kind, grid)
        network = Network(
            legs_from,
            by_origin,
            leg_to,
            legs.cells,
            legs.rows,
            legs.burn,
            np.append(np.diff(soc), 0).astype(float),
            fill,
            wait,
            ends,
            int(plug),
            grid.cells,
            seed,
        )
        stays = Stays.of(grid, legs, leg_to, kind.disconnect_s)
        groups = _groups(problem, tails, soc, grid, ends)
        found.append(_Kind(kind.seats, legs, network, stays, fill, wait, groups))
    return found


def _groups(
    problem: AirTaxiProblem, tails: list[Aircraft], soc: np.ndarray, grid: Grid, ends: Reals
) -> list[_Group]:
    port = {v.id: i for i, v in enumerate(problem.vertiports)}
    day_cost = float(problem.type_of(tails[0].id).day_cost)
    same = Counter(
        (max(grid.start, a.available_from) - grid.start, port[a.start], a.soc_wh) for a in tails
    )
    found = []
    for (since, v, charge_wh), count in same.items():
        cell = since // grid.cell_s
        free = 1 if problem.vertiports[v].chargers else 0
        level = min(len(soc) - 1, int(np.searchsorted(soc, charge_wh)) + free)
        stand = problem.vertiports[v].stand_cost_per_hour / 3600 * grid.cell_s
        idle = float(ends[v].max()) - stand * (grid.cells - cell - 1)
        late_s = since - cell * grid.cell_s
        found.append(_Group(count, cell, v, level, day_cost, idle, late_s))
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
        spans = min(before.place.shape[2], fresh.place.shape[2])
        fresh.place[..., :spans] = before.place[..., :spans] * self._model.limited[..., :spans]
        at = np.arange(self._model.grid.cells) * self._grids[0] // old.grid.cell_s
        flight = before.flight[:, :, np.minimum(at, old.grid.cells - 1)]
        held = np.array(self._model.held)
        both = np.minimum(flight, self._model.most) * held[:, None]
        self._now = Prices(np.minimum(before.trip, self._model.worth), fresh.place, both)
        self.prices = self._now
        self._start(POOLED_SCALES[0] / 5)

    def _move(self, value: float, target: float, slope: Prices, memory: float) -> None:
        """Step along the averaged subgradient, as far as the gap to the target says."""
        now, way = self._now, self._way
        scale = self._model.scale
        for price, own, fresh in (
            (now.trip, way.trip, slope.trip),
            (now.place, way.place, slope.place / scale),
            (now.flight, way.flight, slope.flight),
        ):
            own *= memory
            own += (1 - memory) * np.where((price <= 0) & (fresh > 0), 0, fresh)
        norm = float((way.trip**2).sum() + (way.place**2).sum() + (way.flight**2).sum())
        if norm <= 1e-9:
            self._scale *= 0.5
            return
        step = self._scale * max(value - target, 1e-3 * abs(value)) / norm
        self._now = Prices(
            np.maximum(0.0, now.trip - step * way.trip),
            np.maximum(0.0, now.place - step * way.place / scale) * self._model.limited,
            np.clip(now.flight - step * way.flight, 0.0, self._model.most),
        )


def _still(prices: Prices) -> Prices:
    """Return a direction that moves nothing."""
    return Prices(
        np.zeros_like(prices.trip), np.zeros_like(prices.place), np.zeros_like(prices.flight)
    )
