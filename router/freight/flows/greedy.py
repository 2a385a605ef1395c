"""A first flow plan: commodity by commodity, each by its cheapest ways.

It gives the exact model a start, and an answer where time is very short.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

import numpy as np

from router.exact.flows import FlowArrays, Ints

_MOST_WAYS = 16


def first_flow(arrays: FlowArrays) -> Ints:
    """Return amounts (k, a): dear commodities first, large ones before small ones."""
    network = _Network(arrays)
    flow = np.zeros(arrays.allowed.shape, dtype=np.int64)
    penalty, amount = arrays.penalty.tolist(), arrays.amount.tolist()
    required_first = sorted(range(len(amount)), key=lambda k: (penalty[k] >= 0, -amount[k]))
    for k in required_first:
        left = amount[k]
        for _ in range(_MOST_WAYS):
            way = network.way(k, left)
            room = min((network.room(arc) for arc in way), default=0)
            units = min(left, room)
            if not units or (0 <= penalty[k] * units < network.price(way, k, units)):
                break
            network.load(way, units)
            flow[k, way] += units
            left -= units
    return flow


def along_ways(arrays: FlowArrays, flow: Ints) -> Ints:
    """Return ``flow`` as the sum of ways from origins to destinations.

    What circles, or ends nowhere after rounding, is dropped; so the result
    conserves every commodity exactly.
    """
    clean = np.zeros_like(flow)
    for k in range(len(flow)):
        rest = dict(
            zip(np.flatnonzero(flow[k]).tolist(), flow[k][flow[k] != 0].tolist(), strict=True)
        )
        left = int(arrays.amount[k])
        while left:
            way = _some_way(arrays, k, rest)
            units = min([left, *(rest[arc] for arc in way)]) if way else 0
            if not units:
                break
            for arc in way:
                rest[arc] -= units
                clean[k, arc] += units
            left -= units
    return clean


def _some_way(arrays: FlowArrays, k: int, rest: dict[int, int]) -> list[int]:
    """Return the arcs of a way over arcs that have some left; empty if there is none."""
    begin = int(arrays.origin[k])
    leaving: dict[int, list[int]] = {}
    for arc, units in rest.items():
        if units > 0:
            leaving.setdefault(int(arrays.tail[arc]), []).append(arc)
    starts = [place for place in leaving if arrays.node[place] == begin]
    return _shortest(
        starts,
        lambda place: ((arc, int(arrays.head[arc]), 1.0) for arc in leaving.get(place, ())),
        lambda place: bool(arrays.node[place] == arrays.destination[k]),
    )


class _Network:
    """Lanes and hubs with what is loaded on them so far."""

    def __init__(self, arrays: FlowArrays) -> None:
        self.a = arrays
        self.loads = np.zeros(len(arrays.tail), dtype=np.int64)
        self.handled = np.zeros(len(arrays.handling), dtype=np.int64)
        self.leaving: dict[int, list[int]] = {}
        for arc, place in enumerate(arrays.tail.tolist()):
            self.leaving.setdefault(place, []).append(arc)

    def room(self, arc: int) -> int:
        """Return the units that the arc can still take."""
        a = self.a
        if arc < a.lanes:
            return int(a.capacity[arc] * a.departures[arc] - self.loads[arc])
        hub = a.hub[arc - a.lanes]
        most = int(a.handling[hub])
        return int(a.amount.sum()) if most < 0 else most - int(self.handled[hub])

    def extra(self, arc: int, k: int, units: int) -> int:
        """Return the cost of ``units`` more on the arc."""
        a, cost = self.a, units * int(self.a.unit_cost[k, arc])
        if arc >= a.lanes:
            return cost
        load, capacity = int(self.loads[arc]), max(1, int(a.capacity[arc]))
        before, after = -(-load // capacity), -(-(load + units) // capacity)
        opening = int(a.opening_cost[arc]) if after and not before else 0
        return cost + opening + (after - before) * int(a.departure_cost[arc])

    def price(self, way: list[int], k: int, units: int) -> int:
        """Return the cost of ``units`` more on all arcs of ``way``."""
        return sum(self.extra(arc, k, units) for arc in way)

    def load(self, way: list[int], units: int) -> None:
        """Put ``units`` on all arcs of ``way``."""
        for arc in way:
            self.loads[arc] += units
            if arc >= self.a.lanes:
                self.handled[self.a.hub[arc - self.a.lanes]] += units

    def way(self, k: int, units: int) -> list[int]:
        """Return the way that is cheapest a unit for up to ``units``."""
        a = self.a

        def steps(place: int) -> Iterator[tuple[int, int, float]]:
            for arc in self.leaving.get(place, ()):
                room = min(units, self.room(arc)) if a.allowed[k, arc] else 0
                if room > 0:
                    yield arc, int(a.head[arc]), self.extra(arc, k, room) / room

        starts = np.flatnonzero(a.node == a.origin[k]).tolist()
        return _shortest(starts, steps, lambda place: bool(a.node[place] == a.destination[k]))


def _shortest(
    starts: list[int],
    steps: Callable[[int], Iterator[tuple[int, int, float]]],
    is_end: Callable[[int], bool],
) -> list[int]:
    """Return the arcs of a shortest way (Dijkstra); empty if there is none."""
    queue: list[tuple[float, int]] = [(0.0, place) for place in starts]
    best = dict.fromkeys(starts, 0.0)
    before: dict[int, tuple[int, int]] = {}
    while queue:
        cost, place = heapq.heappop(queue)
        if cost > best[place]:
            continue
        if is_end(place):
            return _back(before, place)
        for arc, other, length in steps(place):
            if cost + length < best.get(other, float("inf")):
                best[other], before[other] = cost + length, (arc, place)
                heapq.heappush(queue, (cost + length, other))
    return []


def _back(before: dict[int, tuple[int, int]], place: int) -> list[int]:
    way: list[int] = []
    while place in before:
        arc, place = before[place]
        way.append(arc)
    return way[::-1]
