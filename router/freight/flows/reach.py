"""Where goods can get to in the network, amounts apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.freight.flows.problem import FlowProblem, Mode

Place = tuple[str, "Mode"]
"""A node and the mode by which goods are there."""


def ways(problem: FlowProblem) -> Mapping[Place, Sequence[Place]]:
    """Return the next places from each place, by lanes with room and interchanges."""
    out: dict[Place, list[Place]] = defaultdict(list)
    for lane in problem.lanes:
        if lane.capacity and lane.max_departures != 0:
            out[lane.origin, lane.mode].append((lane.destination, lane.mode))
    capacity = {node.id: node.handling_capacity for node in problem.nodes}
    for item in problem.interchanges:
        if capacity[item.node] != 0:
            out[item.node, item.from_mode].append((item.node, item.to_mode))
    return out


def reachable(out: Mapping[Place, Sequence[Place]], origin: str) -> set[str]:
    """Return the nodes that goods from ``origin``, by any mode, can get to."""
    todo = [place for place in out if place[0] == origin]
    seen = set(todo)
    while todo:
        for place in out.get(todo.pop(), ()):
            if place not in seen:
                seen.add(place)
                todo.append(place)
    return {node for node, _ in seen}
