"""A bound that no day plan can pass: prices on trips, flights and places, paths for aircraft.

Lagrangian relaxation. Each trip has a price for its seat on one plane (so that it
pays to serve it once, not more) and each vertiport prices for its pads, its stands and
its power in each span of five minutes (``router.airtaxi.spans``). Under any prices
the best day of each aircraft is found on its own, by one sweep over the network of
``router.airtaxi.relaxation``; the sum of all prices and all best days is a bound.

Once such prices rest, flights have prices instead: the passengers of a corridor buy
whole flights in the best way (``router.airtaxi.pools``), and aircraft sell them. With
what a flight earns under the prices of trips for its price, no corridor gains more
than these prices sum to, so that the bound goes on from where it was.
``router.airtaxi.tighten`` moves the prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router._skypath import boarded
from router._skypool import Pools
from router.airtaxi.kinds import Kind, kinds_of
from router.airtaxi.pools import pooled
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import Grid, Ints, Reals
from router.airtaxi.riders import Riders, earned, riders_of, without
from router.airtaxi.spans import PAD, Movements, capacities

PLACE_SCALE = 900.0
"""Seconds on a pad or stand that weigh as much as one trip in a step."""

DAYS_DRAWN = 200
"""Days of all aircraft together from which a subgradient is made: among days of nearly the same
worth the lot decides, and a mean of several each is steadier. 1,500 passengers, 24 aircraft, 45 s
of a core: one each 2,372.2 million, four 2,369.5, eight 2,369.0; 20 with later steps as eight."""

POWER_FLIGHTS = 2.0
"""Likewise the energy of so many flights of mean length."""


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
class Relaxation:
    """The bound's model of one problem on one grid."""

    problem: AirTaxiProblem
    grid: Grid
    kinds: list[Kind]
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
    draws: int
    """Days of each aircraft whose mean makes the subgradient."""
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
        kinds = kinds_of(problem, grid, seed)
        seats = np.unique([kind.seats for kind in kinds]).astype(np.int32)
        shape = len(problem.corridors), grid.cells
        most = np.array([earned(trips, worth, int(s), shape) for s in seats])
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
            max(1, round(DAYS_DRAWN / max(1, len(problem.aircraft)))),
            gift,
        )

    def first_prices(self) -> Prices:
        """Return prices to start from."""
        return Prices(0.6 * self.worth, np.zeros_like(self.capacity), np.zeros_like(self.most))

    def priced(self, prices: Prices) -> Prices:
        """Return prices with one for each flight that is pooled: what trips would pay for it."""
        trips, _, _ = riders_of(self.problem, self.grid)
        net = self.worth - prices.trip
        flight = np.array([earned(trips, net, int(s), self.most.shape[1:]) for s in self.seats])
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
            reward = earned(self.trips, net, kind.seats, fees.shape)
            profit = reward + prices.flight[size] - kind.legs.cost - fees
            best, flown = kind.best_days(profit, place, heat, self.draws, use)
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
        served /= self.draws
        use /= self.draws
        bought = np.zeros_like(sold)
        if self.pools is not None:
            bound += float(self.pools.sweep(prices.flight).sum())
            self.pools.trace(prices.flight, bought)
        single = np.zeros_like(net)
        single[self.trips["queue"]] = 1.0
        bound += float((single * prices.trip).sum())
        over = (sold / self.draws - bought) * np.array(self.held)[:, None]
        return bound, Prices(single - served, (self.capacity - use) * self.limited, over)


def _scale(problem: AirTaxiProblem) -> Reals:
    """Return how much of each place weighs as much as one trip."""
    burns = [s.energy_wh for k in problem.types for c in problem.corridors for s in c.steps(k.id)]
    mean = float(np.mean(burns)) if burns else 1.0
    return np.array([PLACE_SCALE, PLACE_SCALE, max(1.0, POWER_FLIGHTS * mean)])[:, None, None]
