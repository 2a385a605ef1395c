"""Whole days of aircraft as columns of a linear programme: days of few trips, proven and planned.

A column is a day of one aircraft, its flights with their parties; each trip earns
once, each group of like aircraft flies so many days. New columns are the best days
under the programme's prices, by the sweep that bounds all days (:mod:`router.airtaxi.bound`).
While trips are few the programme is at rest in seconds and hardly any day is used in
fractions. On a grid in favour of the plan it bounds every plan; on one that is not,
its best whole days are a plan but for seconds and shared places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from router.airtaxi.kinds import Group, Kind, kinds_of
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import Grid, Reals
from router.airtaxi.riders import earned, riders_of
from router.exact.columns import Column, Growth, PathProgramme
from router.exact.outcome import Limits

COLUMNS = 6000
"""Most days in a programme."""

FIRST_SHARE = 0.4
"""Of its worth that a trip is thought to add at first."""

Flight = tuple[int, int, tuple[int, ...]]
"""Corridor, off-block in seconds from the horizon's start, parties."""

GroupDay = tuple[int, tuple[Flight, ...]]
"""Group of like aircraft, flights."""

Day = Column[GroupDay]


class PlannedFlight(NamedTuple):
    """A flight of a day that is nearly one that can be flown; positions as in the problem."""

    aircraft: int
    corridor: int
    moment: int
    """Off-block, seconds from the horizon's start."""
    riders: tuple[int, ...]
    """Trips and, after them, timetable flights."""


def suits(problem: AirTaxiProblem, most_trips: int) -> bool:
    """Return whether a day has few trips, and aircraft that may all stay where they are."""
    few = len(problem.trips) + len(problem.timetable) <= most_trips
    return few and all(
        a.end in (None, a.start) and a.final_soc_wh <= a.soc_wh for a in problem.aircraft
    )


class Days:
    """The programme of one grid.

    Parameters
    ----------
    problem
        A day whose aircraft may all stay where they are (:func:`suits`).
    grid
        Of the day; what it favours decides what the programme is good for.
    seed
        Of the choice among days of the same worth.
    prices
        Of the trips, to begin with.
    """

    def __init__(
        self, problem: AirTaxiProblem, grid: Grid, seed: int = 1, prices: Reals | None = None
    ) -> None:
        self._problem, self._grid = problem, grid
        self._riders, self._worth, gift = riders_of(problem, grid)
        self._kinds = kinds_of(problem, grid, seed)
        self._groups = [(kind, group) for kind in self._kinds for group in kind.groups]
        self._base = gift + sum(group.many * group.idle for _, group in self._groups)
        trips = self._riders["queue"].astype(np.int64)
        ones = np.ones(len(trips), np.int64)
        many = np.array([float(group.many) for _, group in self._groups])
        self._programme: PathProgramme[GroupDay] = PathProgramme(
            len(self._worth),
            (trips, ones, self._worth[trips]),
            np.zeros_like(many),
            many,
            COLUMNS,
        )
        inside = FIRST_SHARE * self._worth if prices is None else self._worth - prices
        inside = np.concatenate((inside.clip(0), np.zeros_like(many)))
        self._growth = Growth(self._programme, self._price, inside)

    def step(self, seconds: float) -> bool:
        """Solve the programme once and add days; return whether it is not yet at rest."""
        more = self._growth.step(lambda: seconds)
        return more and self.bound - self._base - self._programme.reward > 1e-5 * abs(self.bound)

    @property
    def bound(self) -> float:
        """Money that no plan can pass, on a grid in favour of the plan."""
        return self._base + self._growth.bound

    @property
    def prices(self) -> Reals:
        """Price of each trip, at which it just pays."""
        assert self._growth.prices is not None  # there are some from the beginning
        return (self._worth - self._growth.prices[: len(self._worth)]).clip(0)

    def best(
        self,
        limits: Limits,
        known: Sequence[Day] = (),
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[PlannedFlight]:
        """Return the flights of the best whole days in hand, in the order of time.

        ``known`` are days of a plan, to begin with.
        """
        free = [list(group.aircraft) for _, group in self._groups]
        found, gone = [], set[int]()
        for g, flights in self._programme.whole(limits, known, lambda _: not stopped()) or ():
            aircraft = free[g].pop(0)
            for c, t, crew in flights:
                riders = tuple(p for p in crew if p not in gone)
                gone.update(riders)
                if riders:
                    found.append(PlannedFlight(aircraft, c, t, riders))
        return sorted(found, key=lambda f: (f.moment, f.aircraft))

    def take(self, aircraft: int, flights: Sequence[Flight], cost: float) -> Day:
        """Add a day that an aircraft can fly, at its cost, and return it."""
        g = next(i for i, (_, group) in enumerate(self._groups) if aircraft in group.aircraft)
        riders = [p for _, _, crew in flights for p in crew]
        day = _day(g, tuple(flights), riders, cost + self._groups[g][1].idle)
        self._programme.add(day)
        return day

    def _price(self, prices: Reals) -> tuple[float, list[Day]]:
        """Return what no days can earn more than, and the best day of each group, under prices."""
        net = np.ascontiguousarray(prices[: len(self._worth)])
        queue = self._riders["queue"]
        bound = float((self._worth - net)[queue].clip(0).sum())
        found = []
        g = 0
        for kind in self._kinds:
            profit = earned(self._riders, net, kind.seats, kind.legs.cost.shape) - kind.legs.cost
            profit += kind.set_prices()
            kind.network.sweep(profit)
            for group in kind.groups:
                more = (
                    kind.network.start_value(group.cell, group.port, group.level)
                    - group.day_cost
                    - group.idle
                )
                if more > 0:
                    bound += group.many * more
                    found.append(self._column(g, kind, group, profit, net))
                g += 1
        return bound, found

    def _column(self, g: int, kind: Kind, group: Group, profit: Reals, net: Reals) -> Day:
        flown = np.zeros(profit.shape, np.int32)
        stood, filled = np.zeros(kind.wait.shape, np.int32), np.zeros(kind.wait.shape)
        kind.network.trace(group.cell, group.port, group.level, profit, 0.0, flown, stood, filled)
        corridors, cells = np.nonzero(flown)
        order = np.argsort(cells, kind="stable")
        # All but its profit is energy, waiting and the day's end.
        cost = group.day_cost + group.idle + float((profit * flown).sum())
        cost -= kind.network.start_value(group.cell, group.port, group.level)
        flights, gone = [], set[int]()
        for c, t in zip(corridors[order].tolist(), cells[order].tolist(), strict=True):
            crew = self._crew(c, t, net, kind.seats, gone)
            gone.update(crew)
            cost += float(kind.legs.cost[c, t]) + sum(self._waited(p, t) for p in crew)
            flights.append((c, t * self._grid.cell_s, crew))
        return _day(g, tuple(flights), gone, cost)

    def _waited(self, p: int, t: int) -> float:
        """Return the cost of waiting of a trip that leaves in a cell."""
        return float(self._riders["wait"][p] * (t - self._riders["first"][p]))

    def _crew(self, c: int, t: int, net: Reals, seats: int, gone: set[int]) -> tuple[int, ...]:
        """Return who is worth most together on a flight, without those who are gone."""
        alone: tuple[float, tuple[int, ...]] = (0.0, ())
        best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())] * (seats + 1)
        for p in self._waiting(c, t, gone):
            gain = float(net[p]) - self._waited(p, t)
            size = int(self._riders["party"][p])
            if gain <= 0 or size > seats:
                continue
            if self._riders["solo"][p]:
                alone = max(alone, (gain, (p,)))
                continue
            for w in range(seats, size - 1, -1):
                worth, crew = best[w - size]
                if worth + gain > best[w][0]:
                    best[w] = worth + gain, (*crew, p)
        if alone[1]:
            # Who is alone may ride on a timetable flight, which takes no seats.
            alone = alone[0] + best[0][0], (*alone[1], *best[0][1])
        return max(best[seats], alone)[1]

    def _waiting(self, c: int, t: int, gone: set[int]) -> Iterator[int]:
        """Yield the trips of a corridor that may leave in a cell."""
        r = self._riders
        for p in r["queue"][r["queue_from"][c] : r["queue_from"][c + 1]].tolist():
            if r["first"][p] <= t <= r["last"][p] and p not in gone:
                yield p


def _day(g: int, flights: tuple[Flight, ...], riders: Iterable[int], cost: float) -> Day:
    return Column(
        item=(g, flights),
        groups=np.array(sorted(riders), np.int64),
        limits=np.array([g], np.int64),
        amounts=np.ones(1),
        cost=cost,
    )
