"""Days of a fleet as one integer flow, over the whole day or in a window of it.

Over the whole day only moves that some path in hand makes are in the flow: it
stays small, and as paths exchange their parts freely, it still holds far more
fleets than the paths it is made from. In a window all moves are in it, and
aircraft enter and leave as they do in the fleet's present days. A node is
(step, site, level); charge may be given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from router.airtaxi.fleet_size.demand import Demand, Longs
from router.airtaxi.fleet_size.follow import Day
from router.airtaxi.fleet_size.network import Network, Path
from router.exact.fleet_flow import FleetFlow


class _Arcs(NamedTuple):
    """Arcs between nodes (codes of step, site and level), with their cell or -1."""

    tail: Longs
    head: Longs
    cell: Longs

    @classmethod
    def joined(cls, parts: Sequence[_Arcs]) -> _Arcs:
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return cls(*columns)

    @classmethod
    def free(cls, tail: Longs, head: Longs) -> _Arcs:
        return cls(tail, head, np.full(len(tail), -1))


@dataclass(frozen=True, slots=True, eq=False)
class DayFlow:
    """The whole day as a flow; :meth:`days` reads a solution."""

    network: Network
    flow: FleetFlow
    nodes: Longs
    """Code of each node of the flow."""
    cells: Longs
    """Cell of each group of the flow."""

    @classmethod
    def of(cls, network: Network, paths: Sequence[Path], demand: Demand, fleet: int) -> DayFlow:
        """Return the flow over all moves of some paths."""
        moves = _Arcs.joined([_moves(network, path) for path in paths])
        moves = _Arcs(*np.unique(np.stack(moves), axis=1))
        states = np.unique(
            [network.levels * p.site + p.level for p in paths]
            + [network.levels * p.end_site + p.end_level for p in paths]
        )
        evening = network.last_step * network.sites * network.levels
        nodes = np.unique(np.concatenate((moves.tail, moves.head, states, states + evening)))
        night = _Arcs.free(states + evening, states)
        arcs = _Arcs.joined((moves, _waits(network, nodes), _drops(network, nodes), night))
        counted = np.arange(len(arcs.tail)) >= len(arcs.tail) - len(states)
        flown = np.zeros(demand.passengers.shape, np.int64)
        flow, cells = _flow(
            nodes, np.zeros(len(nodes), np.int64), arcs, counted, fleet, demand.rewards(flown)
        )
        return cls(network, flow, nodes, cells)

    def days(self, found: Longs) -> list[Day]:
        """Return the days of the aircraft in a solution."""
        walks = _Walks(self.flow, found)
        starts = self.flow.head[self.flow.counted].repeat(found[self.flow.counted])
        walks.left[self.flow.counted] = 0
        days = []
        for node in starts.tolist():
            state = divmod(int(self.nodes[node]), self.network.levels)
            cells = self.cells[walks.groups_from(node)]
            days.append(Day(*state, _departures(self.network, cells)))
        return days


def _flow(
    nodes: Longs,
    supply: Longs,
    arcs: _Arcs,
    counted: np.ndarray,
    fleet: int,
    rewards: tuple[Longs, Longs, np.ndarray],
) -> tuple[FleetFlow, Longs]:
    """Return the flow with nodes and groups counted from 0, and the groups' cells."""
    cells = np.unique(np.concatenate((arcs.cell, rewards[0])))
    cells = cells[cells >= 0]
    group = np.where(arcs.cell < 0, -1, np.searchsorted(cells, arcs.cell))
    flow = FleetFlow(
        supply=supply,
        tail=np.searchsorted(nodes, arcs.tail),
        head=np.searchsorted(nodes, arcs.head),
        group=group,
        counted=counted,
        fleet=fleet,
        reward_group=np.searchsorted(cells, rewards[0]),
        reward_size=rewards[1],
        reward=rewards[2],
    )
    return flow, cells


def _moves(network: Network, path: Path) -> _Arcs:
    """Return the flights and charges of a path."""
    rows = path.moves.astype(np.int64)
    first, leg, last, after = rows.T
    destination = np.array([way.destination for way in network.legs])
    flies = leg >= 0
    sites = np.empty(len(rows) + 1, np.int64)
    sites[0] = path.site
    for k in range(len(rows)):
        sites[k + 1] = destination[leg[k]] if flies[k] else sites[k]
    before = np.concatenate(([path.level], after[:-1]))
    tail = (first * network.sites + sites[:-1]) * network.levels + before
    head = (last * network.sites + sites[1:]) * network.levels + after
    cell = np.where(flies, leg * (network.last_step + 1) + first, -1)
    return _Arcs(tail, head, cell)


def _waits(network: Network, nodes: Longs) -> _Arcs:
    """Return arcs from each node to the next one at its site and level."""
    place = nodes % (network.sites * network.levels)
    order = np.lexsort((nodes, place))
    same = place[order[1:]] == place[order[:-1]]
    return _Arcs.free(nodes[order[:-1]][same], nodes[order[1:]][same])


def _drops(network: Network, nodes: Longs) -> _Arcs:
    """Return arcs from each node to the next one below: at once, and a level below later."""
    levels = network.levels
    same = nodes[1:] // levels == nodes[:-1] // levels
    at_once = _Arcs.free(nodes[1:][same], nodes[:-1][same])
    width = network.sites * levels
    # Sorted by (site, level, step), the next node a level below has the next larger key.
    key = nodes % width * (network.last_step + 1) + nodes // width
    order = np.argsort(key)
    lower = nodes % levels > 0
    found = np.searchsorted(key[order], key[lower] - (network.last_step + 1))
    target = nodes[order[found]]
    fits = (target % width == nodes[lower] % width - 1) & (target // width > nodes[lower] // width)
    later = _Arcs.free(nodes[lower][fits], target[fits])
    return _Arcs.joined((at_once, later))


class _Walks:
    """Takes a whole flow apart, one unit after the other."""

    def __init__(self, flow: FleetFlow, found: Longs) -> None:
        self.left = found.copy()
        self._flow = flow
        self._out: dict[int, list[int]] = {}
        for arc in np.flatnonzero(found).tolist():
            self._out.setdefault(int(flow.tail[arc]), []).append(arc)
        self.end = -1

    def groups_from(self, node: int) -> Longs:
        """Walk from a node to where the unit leaves; return the groups on the way."""
        groups: list[int] = []
        while True:
            arc = next((a for a in self._out.get(node, ()) if self.left[a] > 0), None)
            if arc is None:
                self.end = node
                return np.array(groups, np.int64)
            self.left[arc] -= 1
            if self._flow.group[arc] >= 0:
                groups.append(int(self._flow.group[arc]))
            node = int(self._flow.head[arc])


def _departures(network: Network, cells: Longs) -> list[tuple[int, int]]:
    return [divmod(cell, network.last_step + 1) for cell in cells.tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class WindowFlow:
    """All moves between two steps, for a fleet whose days stay as they are outside."""

    network: Network
    flow: FleetFlow
    cells: Longs
    first: int
    earned: int
    """Passengers that the present days carry on departures in the flow."""
    fixed: Sequence[Path]
    """Days that stay out of it."""
    _paths: Sequence[Path]
    _entries: Longs
    _exits: Longs

    @classmethod
    def of(
        cls, network: Network, paths: Sequence[Path], demand: Demand, first: int, last: int
    ) -> WindowFlow:
        """Return the flow from step ``first`` to step ``last``.

        Aircraft that are on one move all the time stay out of it.
        """
        width = network.sites * network.levels
        ends = np.array([_ends(network, path, first, last) for path in paths], np.int64)
        inside = ends[:, 0] // width <= ends[:, 1] // width
        free, ends = [p for p, k in zip(paths, inside, strict=True) if k], ends[inside]
        present = np.zeros(demand.passengers.shape, np.int64)
        for path in paths:
            np.add.at(present, path.flights, 1)
        fixed = present.copy()
        for path, (enters, leaves) in zip(free, ends // width, strict=True):
            legs, steps = path.flights
            here = (steps >= enters) & (steps < leaves)
            np.subtract.at(fixed, (legs[here], steps[here]), 1)
        cell, size, reward = demand.rewards(fixed)
        step = cell % (network.last_step + 1)
        here = (step >= first) & (step < last)
        nodes = np.arange(first * width, (last + 1) * width)
        supply = np.bincount(ends[:, 0] - nodes[0], minlength=len(nodes))
        supply -= np.bincount(ends[:, 1] - nodes[0], minlength=len(nodes))
        arcs = _all_arcs(network, first, last, ends[:, 1])
        counted = np.zeros(len(arcs.tail), np.bool_)
        rewards = cell[here], size[here], reward[here]
        flow, cells = _flow(nodes, supply, arcs, counted, 0, rewards)
        earned = demand.lost(fixed) - demand.lost(present)
        others = [p for p, k in zip(paths, inside, strict=True) if not k]
        return cls(network, flow, cells, first, earned, others, free, ends[:, 0], ends[:, 1])

    def days(self, found: Longs) -> list[Day]:
        """Return the days of the aircraft in it, who may exchange what they do later."""
        walks = _Walks(self.flow, found)
        width = self.network.sites * self.network.levels
        base = self.first * width
        waiting: dict[int, list[int]] = {}
        for k, node in enumerate(self._exits.tolist()):
            waiting.setdefault(node - base, []).append(k)
        days = []
        for path, node in zip(self._paths, self._entries.tolist(), strict=True):
            groups = walks.groups_from(node - base)
            other = waiting[walks.end].pop()
            before = [d for d in _flights(path) if d[1] < node // width]
            leaves = int(self._exits[other]) // width
            after = [d for d in _flights(self._paths[other]) if d[1] >= leaves]
            between = _departures(self.network, self.cells[groups])
            days.append(Day(path.site, path.level, before + between + after))
        return days


def _flights(path: Path) -> list[tuple[int, int]]:
    legs, steps = path.flights
    return list(zip(legs.tolist(), steps.tolist(), strict=True))


def _ends(network: Network, path: Path, first: int, last: int) -> tuple[int, int]:
    """Return the first node of a path from ``first`` on, and the last one up to ``last``."""
    site, level, now = path.site, path.level, 0
    enters, leaves = -1, -1
    for start, leg, end, after in path.moves.tolist():
        if enters < 0 and start >= first:
            enters = _code(network, max(now, first), site, level)
        if end > last:
            leaves = _code(network, min(start, last), site, level)
            break
        site, level, now = (network.legs[leg].destination if leg >= 0 else site), after, end
    here = _code(network, max(now, first), site, level)
    return (here if enters < 0 else enters), (
        _code(network, last, site, level) if leaves < 0 else leaves
    )


def _code(network: Network, step: int, site: int, level: int) -> int:
    return (step * network.sites + site) * network.levels + level


def _all_arcs(network: Network, first: int, last: int, exits: Longs) -> _Arcs:
    """Return every move from ``first`` to ``last``, with drops where aircraft leave."""
    levels, width = network.levels, network.sites * network.levels
    steps = np.arange(first, last)
    parts = [_Arcs.free(node := np.arange(first * width, last * width), node + width)]
    for number, leg in enumerate(network.legs):
        t = steps[(leg.steps[steps] > 0) & (steps + leg.steps[steps] <= last)]
        at = np.repeat(t, levels)
        before = np.tile(np.arange(levels), len(t))
        able = before >= leg.burn[at]
        at, before = at[able], before[able]
        tail = (at * network.sites + leg.origin) * levels + before
        landing = ((at + leg.steps[at]) * network.sites + leg.destination) * levels
        cell = number * (network.last_step + 1) + at
        parts.append(_Arcs(tail, landing + before - leg.burn[at], cell))
    for site, arcs in enumerate(network.charges):
        for arc in arcs:
            ends = steps + arc.steps
            t = steps[(ends <= last) & (ends >= arc.earliest_end)]
            base = (t * network.sites + site) * levels
            parts.append(
                _Arcs.free(base + arc.level, base + arc.steps * width + arc.to),
            )
    places = np.unique(exits // levels) * levels
    upper = (places[:, None] + np.arange(1, levels)).ravel()
    parts.append(_Arcs.free(upper, upper - 1))
    return _Arcs.joined(parts)
