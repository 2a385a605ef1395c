"""A window of the day: a fleet flies anew between two steps and as before outside them.

A linear programme over paths through the window proves what can be earned there at
best. The moves of its last paths make a flow, which dives to whole aircraft. A node
is (step, site, level), its code that of the whole day; charge may be given up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from router.airtaxi.fleet_size.demand import Demand, Longs, Wanted
from router.airtaxi.fleet_size.flow import (
    Arcs,
    Walks,
    departures,
    drops,
    moves_of,
    reward_flow,
    waits,
)
from router.airtaxi.fleet_size.follow import Day
from router.airtaxi.fleet_size.network import ChargeArc, Ints, Leg, Network, Path, flown
from router.exact.columns import Column, Doubles, PathProgramme, grow
from router.exact.fleet_flow import SLACK, FleetFlow

COLUMNS = 900
"""Most paths in a window's programme."""
CLOSE = 0.05
"""Passengers between the programme and what it proves at which no more paths are looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class WindowFlow:
    """The moves of some paths in a window, as a flow; :meth:`days` reads a solution."""

    window: Window
    flow: FleetFlow
    nodes: Longs
    """Code of each node of the flow."""
    cells: Longs
    """Cell of each group of the flow."""

    def days(self, found: Longs) -> list[Day]:
        """Return the days of the aircraft in it, who may exchange what they do later."""
        window, network = self.window, self.window.network
        walks = Walks(self.flow, found)
        entries, exits = np.searchsorted(self.nodes, (window.entries, window.exits))
        waiting: dict[int, list[int]] = {}
        for k, node in enumerate(exits.tolist()):
            waiting.setdefault(node, []).append(k)
        days = []
        for k, node in enumerate(entries.tolist()):
            between = departures(network, self.cells[walks.groups_from(node)])
            other = waiting[walks.end].pop()
            path, later = window.paths[k], window.paths[other]
            before = [d for d in _flights(path) if d[1] < window.step(window.entries[k])]
            after = [d for d in _flights(later) if d[1] >= window.step(window.exits[other])]
            days.append(Day(path.site, path.level, before + between + after))
        return days


class Window:
    """What may be planned anew between two steps.

    Parameters
    ----------
    paths
        Days of a fleet. Those on one move all the time stay as they are.
    first, last
        Steps, ``first < last``. Moves that begin before ``first`` or end after
        ``last`` stay.
    """

    def __init__(
        self, network: Network, paths: Sequence[Path], demand: Demand, first: int, last: int
    ) -> None:
        self.network, self.first, self.last = network, first, last
        self._width = network.sites * network.levels
        ends = np.array([self._ends(path) for path in paths], np.int64).reshape(-1, 2)
        inside = self.step(ends[:, 0]) <= self.step(ends[:, 1])
        self.paths = [p for p, k in zip(paths, inside, strict=True) if k]
        self.fixed = [p for p, k in zip(paths, inside, strict=True) if not k]
        """Days that stay out of it."""
        self.entries, self.exits = ends[inside].T
        """Code of the first and of the last node of each path in it."""
        present = flown(network, paths)
        self.present = [self._part(k) for k in range(len(self.paths))]
        """What the paths do in it."""
        outside = present - flown(network, self.present)
        self.earned = demand.lost(outside) - demand.lost(present)
        """Passengers that the present days carry on departures in it."""
        cell, size, reward = demand.rewards(outside)
        step = cell % (network.last_step + 1)
        here = (step >= first) & (step < last)
        self._rewards = cell[here], size[here], reward[here]
        self._wanted = Wanted(*self._rewards, network.last_step)
        self._entering = np.unique(self.entries, return_counts=True)
        self._leaving = np.unique(self.exits, return_counts=True)
        self._local, self._numbers = self._network()
        self._terminal = np.full((self._local.sites, self._local.levels), -np.inf)
        self._terminal[-1] = 0.0

    def step(self, code: Longs) -> Longs:
        """Return the step of a node."""
        return code // self._width

    def flow(self, parts: Sequence[Path]) -> WindowFlow:
        """Return the flow over all moves of some paths in the window."""
        moves = moves_of(self.network, parts)
        nodes = np.unique(np.concatenate((moves.tail, moves.head, self.entries, self.exits)))
        arcs = Arcs.joined((moves, waits(self.network, nodes), drops(self.network, nodes)))
        supply = np.bincount(np.searchsorted(nodes, self.entries), minlength=len(nodes))
        supply -= np.bincount(np.searchsorted(nodes, self.exits), minlength=len(nodes))
        counted = np.zeros(len(arcs.tail), np.bool_)
        flow, cells = reward_flow(nodes, supply, arcs, counted, 0, self._rewards)
        return WindowFlow(self, flow, nodes, cells)

    def near_best(self, seconds_left: Callable[[], float]) -> WindowFlow | None:
        """Return the flow over paths that suffice for the best fractional days.

        ``None`` where no plan of the window carries one passenger more than now.
        """
        programme = self._programme()
        goal = self.earned + 1 - SLACK
        found = grow(
            programme,
            self._pricing,
            lambda reward, bound: bound < goal or bound - reward < CLOSE,
            seconds_left,
        )
        if found is None or found[0] < goal:
            return None
        return self.flow([*programme.items, *self.present])

    def _programme(self) -> PathProgramme[Path]:
        """Return the linear programme over what the paths do now.

        Its groups are the departures that somebody wants, its limits the
        different entries and exits.
        """
        ends = np.concatenate((self._entering[1], self._leaving[1])).astype(float)
        programme: PathProgramme[Path] = PathProgramme(
            len(self._wanted.cells), self._wanted.rewards, ends, ends, COLUMNS
        )
        for k, part in enumerate(self.present):
            programme.add(self._column(part, int(self.entries[k]), int(self.exits[k])))
        return programme

    def _column(self, part: Path, enters: int, leaves: int) -> Column[Path]:
        entries, exits = self._entering[0], self._leaving[0]
        limits = [np.searchsorted(entries, enters), len(entries) + np.searchsorted(exits, leaves)]
        return Column(
            item=part,
            groups=self._wanted.groups(part),
            limits=np.array(limits, np.int64),
            amounts=np.ones(2),
        )

    def _pricing(self, prices: Doubles) -> tuple[float, list[Column[Path]]]:
        """Return what no plan of the window can earn more than, and the best path of each entry."""
        entries, exits = self._entering[0], self._leaving[0]
        groups = len(self._wanted.cells)
        worth, paid = prices[:groups], prices[groups + len(entries) :]
        reward = np.zeros((self._local.leg_count, self._local.last_step + 1))
        flies = self._numbers >= 0
        day = self._wanted.worth(worth, self.network.leg_count)[:, self.first : self.last]
        reward[flies, : self.last - self.first] = day[self._numbers[flies]]
        out = np.flatnonzero(~flies)
        which = -1 - self._numbers[out]
        reward[out, self.step(exits[which]) - self.first] = -paid[which]
        self._local.sweep(reward, self._terminal)
        values = self._local.value[self._inside(entries)]
        ways = float(values @ self._entering[1] + paid @ self._leaving[1])
        columns = []
        for code, step, site, level in zip(entries.tolist(), *self._inside(entries), strict=True):
            path = self._local.trace(reward, int(site), int(level), int(step))
            columns.append(self._seen(path, code))
        return self._wanted.kept(worth) + ways, columns

    def _seen(self, path: Path, enters: int) -> Column[Path]:
        """Return a path of the window as the day sees it: without its last move, which leaves."""
        leaves = int(self._leaving[0][-1 - self._numbers[path.moves[-1, 1]]])
        rows = path.moves[:-1].copy()
        rows[:, [0, 2]] += self.first
        flies = rows[:, 1] >= 0
        rows[flies, 1] = self._numbers[rows[flies, 1]]
        return self._column(self._path(enters, leaves, rows), enters, leaves)

    def _path(self, enters: int, leaves: int, rows: Ints) -> Path:
        _, sites, levels = self._inside(np.array([enters, leaves]))
        (site, end_site), (level, end_level) = sites.tolist(), levels.tolist()
        return Path(site, level, end_site, end_level, rows)

    def _inside(self, codes: Longs) -> tuple[Longs, Longs, Longs]:
        """Return the step from :attr:`first` on, the site and the level of nodes."""
        place = codes % self._width
        return (
            self.step(codes) - self.first,
            place // self.network.levels,
            place % self.network.levels,
        )

    def _network(self) -> tuple[Network, Longs]:
        """Return the window as a network, and the number of each of its legs in the day's.

        One more site takes in who leaves: leg ``-1 - k`` leads there from the
        ``k``-th of the different exits and burns the level due there.
        """
        network, ends = self.network, self.last + 1 - self.first
        day = np.arange(self.first, self.last + 1)
        legs = []
        for number, leg in enumerate(network.legs):
            fits = (day < self.last) & (day + leg.steps[day] <= self.last)
            legs.append(
                (
                    Leg(
                        leg.origin,
                        leg.destination,
                        np.pad(np.where(fits, leg.steps[day], 0), (0, 1)),
                        np.pad(leg.burn[day], (0, 1)),
                    ),
                    number,
                )
            )
        for k, (step, site, level) in enumerate(zip(*self._inside(self._leaving[0]), strict=True)):
            steps = np.zeros(ends + 1, np.int32)
            steps[step] = ends - step
            legs.append(
                (Leg(int(site), network.sites, steps, np.full(ends + 1, level, np.int32)), -1 - k)
            )
        legs.sort(key=lambda leg: leg[0].origin)
        charges = [
            tuple(
                ChargeArc(a.level, a.steps, a.to, max(0, a.earliest_end - self.first)) for a in own
            )
            for own in network.charges
        ]
        local = Network(
            last_step=ends,
            levels=network.levels,
            legs=[leg for leg, _ in legs],
            charges=[*charges, ()],
        )
        return local, np.array([number for _, number in legs], np.int64)

    def _part(self, k: int) -> Path:
        """Return what a path does between its entry and its exit."""
        enters, leaves = self.step(self.entries[k]), self.step(self.exits[k])
        rows = self.paths[k].moves
        rows = rows[(rows[:, 0] >= enters) & (rows[:, 2] <= leaves)]
        return self._path(int(self.entries[k]), int(self.exits[k]), rows)

    def _ends(self, path: Path) -> tuple[int, int]:
        """Return the first node of a path from ``first`` on, and the last one up to ``last``."""
        site, level, now = path.site, path.level, 0
        enters, leaves = -1, -1
        for start, leg, end, after in path.moves.tolist():
            if enters < 0 and start >= self.first:
                enters = self._code(max(now, self.first), site, level)
            if end > self.last:
                leaves = self._code(min(start, self.last), site, level)
                break
            site, level, now = (
                (self.network.legs[leg].destination if leg >= 0 else site),
                after,
                end,
            )
        if enters < 0:
            enters = self._code(max(now, self.first), site, level)
        return enters, self._code(self.last, site, level) if leaves < 0 else leaves

    def _code(self, step: int, site: int, level: int) -> int:
        return (step * self.network.sites + site) * self.network.levels + level


def _flights(path: Path) -> list[tuple[int, int]]:
    legs, steps = path.flights
    return list(zip(legs.tolist(), steps.tolist(), strict=True))
