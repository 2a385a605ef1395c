"""From a flow problem to arrays and back: the only place where ids become rows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from router.exact.flows import Bools, FlowArrays, Ints, departures_of, shipped
from router.freight.flows.plan import Departures, InterchangeFlow, LaneFlow
from router.freight.flows.problem import FlowProblem, Interchange, Lane, time_cost
from router.freight.flows.validate import departure_limit


def to_arrays(problem: FlowProblem) -> FlowArrays:
    """Return the problem as arrays; places are the (node, mode) pairs in use."""
    node_row = {node.id: i for i, node in enumerate(problem.nodes)}
    ends = [((c.node, c.from_mode), (c.node, c.to_mode)) for c in problem.interchanges]
    ends = [((n.origin, n.mode), (n.destination, n.mode)) for n in problem.lanes] + ends
    places = {place: i for i, place in enumerate(dict.fromkeys(p for pair in ends for p in pair))}
    total = sum(goods.amount for goods in problem.commodities)
    arcs: tuple[Lane | Interchange, ...] = (*problem.lanes, *problem.interchanges)
    tail, head = (_ints(places[pair[side]] for pair in ends) for side in (0, 1))
    node = _ints(node_row[name] for name, _ in places)
    origin = _ints(node_row[goods.origin] for goods in problem.commodities)
    destination = _ints(node_row[goods.destination] for goods in problem.commodities)
    usable = np.array([lane.capacity > 0 and lane.max_departures != 0 for lane in problem.lanes])
    usable = np.concatenate([usable, np.ones(len(problem.interchanges))]).astype(np.bool_)
    return FlowArrays(
        tail=tail,
        head=head,
        unit_cost=np.array(
            [
                [arc.unit_cost + time_cost(goods.hour_cost, arc.duration) for arc in arcs]
                for goods in problem.commodities
            ],
            dtype=np.int64,
        ).reshape(len(problem.commodities), len(arcs)),
        allowed=_allowed(tail, head, node, origin, destination, usable),
        capacity=_ints(min(lane.capacity, total) for lane in problem.lanes),
        departures=_ints(departure_limit(lane, total) for lane in problem.lanes),
        opening_cost=_ints(lane.opening_cost for lane in problem.lanes),
        departure_cost=_ints(lane.departure_cost for lane in problem.lanes),
        hub=_ints(node_row[change.node] for change in problem.interchanges),
        handling=_ints(
            -1 if n.handling_capacity is None else min(n.handling_capacity, total)
            for n in problem.nodes
        ),
        node=node,
        origin=origin,
        destination=destination,
        amount=_ints(goods.amount for goods in problem.commodities),
        penalty=_ints(-1 if g.penalty is None else g.penalty for g in problem.commodities),
    )


def lane_flows(problem: FlowProblem, flow: Ints) -> tuple[LaneFlow, ...]:
    """Return the amounts on lanes, by lane, then by commodity."""
    goods, lanes = np.nonzero(flow[:, : len(problem.lanes)])
    return tuple(
        LaneFlow(
            lane=problem.lanes[lane].id,
            commodity=problem.commodities[k].id,
            amount=int(flow[k, lane]),
        )
        for lane, k in sorted(zip(lanes.tolist(), goods.tolist(), strict=True))
    )


def interchange_flows(problem: FlowProblem, flow: Ints) -> tuple[InterchangeFlow, ...]:
    """Return the amounts that change mode, by interchange, then by commodity."""
    first = len(problem.lanes)
    goods, changes = np.nonzero(flow[:, first:])
    return tuple(
        InterchangeFlow(
            node=problem.interchanges[c].node,
            from_mode=problem.interchanges[c].from_mode,
            to_mode=problem.interchanges[c].to_mode,
            commodity=problem.commodities[k].id,
            amount=int(flow[k, first + c]),
        )
        for c, k in sorted(zip(changes.tolist(), goods.tolist(), strict=True))
    )


def departures(problem: FlowProblem, arrays: FlowArrays, flow: Ints) -> tuple[Departures, ...]:
    """Return the lanes in use with their departures."""
    counts = departures_of(arrays, flow).tolist()
    return tuple(
        Departures(lane=lane.id, count=count)
        for lane, count in zip(problem.lanes, counts, strict=True)
        if count
    )


def left_over(arrays: FlowArrays, flow: Ints) -> Ints:
    """Return the units of each commodity that do not leave, (k,)."""
    return arrays.amount - shipped(arrays, flow)


def _allowed(
    tail: Ints, head: Ints, node: Ints, origin: Ints, destination: Ints, usable: Bools
) -> Bools:
    """Return which arcs lie on some sensible way of each commodity, (k, a).

    Such a way neither returns to the origin nor leaves the destination again.
    """
    allowed = np.zeros((len(origin), len(tail)), dtype=np.bool_)
    for k in range(len(origin)):
        inner = usable & (node[head] != origin[k]) & (node[tail] != destination[k])
        out = _spread(tail, head, inner, node == origin[k])
        back = _spread(head, tail, inner, node == destination[k])
        allowed[k] = inner & out[tail] & back[head]
    return allowed


def _spread(tail: Ints, head: Ints, usable: Bools, seen: Bools) -> Bools:
    """Return the places that can be reached from those seen."""
    while True:
        more = seen.copy()
        more[head[usable & seen[tail]]] = True
        if (more == seen).all():
            return seen
        seen = more


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
