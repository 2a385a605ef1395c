"""Days of a fleet as one integer flow over the moves of some paths.

It stays small, and as paths exchange their parts freely, it still holds far more
fleets than the paths it is made from. A node is (step, site, level); charge may
be given up. Windows of the day are made of the same arcs
(:mod:`router.airtaxi.fleet_size.window`).
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


class Arcs(NamedTuple):
    """Arcs between nodes (codes of step, site and level), with their cell or -1."""

    tail: Longs
    head: Longs
    cell: Longs

    @classmethod
    def joined(cls, parts: Sequence[Arcs]) -> Arcs:
        """Return one after the other."""
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return cls(*columns)

    @classmethod
    def free(cls, tail: Longs, head: Longs) -> Arcs:
        """Return arcs of no cell."""
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
        moves = moves_of(network, paths)
        states = np.unique(
            [network.levels * p.site + p.level for p in paths]
            + [network.levels * p.end_site + p.end_level for p in paths]
        )
        evening = network.last_step * network.sites * network.levels
        nodes = np.unique(np.concatenate((moves.tail, moves.head, states, states + evening)))
        night = Arcs.free(states + evening, states)
        arcs = Arcs.joined((moves, waits(network, nodes), drops(network, nodes), night))
        counted = np.arange(len(arcs.tail)) >= len(arcs.tail) - len(states)
        flown = np.zeros(demand.passengers.shape, np.int64)
        flow, cells = reward_flow(
            nodes, np.zeros(len(nodes), np.int64), arcs, counted, fleet, demand.rewards(flown)
        )
        return cls(network, flow, nodes, cells)

    def days(self, found: Longs) -> list[Day]:
        """Return the days of the aircraft in a solution."""
        walks = Walks(self.flow, found)
        starts = self.flow.head[self.flow.counted].repeat(found[self.flow.counted])
        walks.left[self.flow.counted] = 0
        days = []
        for node in starts.tolist():
            state = divmod(int(self.nodes[node]), self.network.levels)
            cells = self.cells[walks.groups_from(node)]
            days.append(Day(*state, departures(self.network, cells)))
        return days


def reward_flow(
    nodes: Longs,
    supply: Longs,
    arcs: Arcs,
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


def moves_of(network: Network, paths: Sequence[Path]) -> Arcs:
    """Return the different flights and charges of paths."""
    moves = Arcs.joined([_moves(network, path) for path in paths])
    return Arcs(*np.unique(np.stack(moves), axis=1))


def _moves(network: Network, path: Path) -> Arcs:
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
    return Arcs(tail, head, cell)


def waits(network: Network, nodes: Longs) -> Arcs:
    """Return arcs from each node to the next one at its site and level."""
    place = nodes % (network.sites * network.levels)
    order = np.lexsort((nodes, place))
    same = place[order[1:]] == place[order[:-1]]
    return Arcs.free(nodes[order[:-1]][same], nodes[order[1:]][same])


def drops(network: Network, nodes: Longs) -> Arcs:
    """Return arcs from each node to the next one below: at once, and a level below later."""
    levels = network.levels
    same = nodes[1:] // levels == nodes[:-1] // levels
    at_once = Arcs.free(nodes[1:][same], nodes[:-1][same])
    width = network.sites * levels
    # Sorted by (site, level, step), the next node a level below has the next larger key.
    key = nodes % width * (network.last_step + 1) + nodes // width
    order = np.argsort(key)
    lower = nodes % levels > 0
    found = np.searchsorted(key[order], key[lower] - (network.last_step + 1))
    target = nodes[order[found]]
    fits = (target % width == nodes[lower] % width - 1) & (target // width > nodes[lower] // width)
    later = Arcs.free(nodes[lower][fits], target[fits])
    return Arcs.joined((at_once, later))


class Walks:
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


def departures(network: Network, cells: Longs) -> list[tuple[int, int]]:
    """Return legs and steps of cells."""
    return [divmod(cell, network.last_step + 1) for cell in cells.tolist()]
