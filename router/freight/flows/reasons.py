"""Why goods are not shipped."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from router.exact.flows import FlowArrays, Ints
from router.freight.flows.arrays import left_over
from router.freight.flows.plan import Unshipped, UnshippedReason
from router.freight.flows.problem import FlowProblem


def unshipped_goods(problem: FlowProblem, arrays: FlowArrays, flow: Ints) -> tuple[Unshipped, ...]:
    """Return what is left of each commodity and why."""
    left = left_over(arrays, flow).tolist()
    return tuple(
        Unshipped(goods.id, left[k], (_reason(arrays, flow, k, left[k]),))
        for k, goods in enumerate(problem.commodities)
        if left[k]
    )


def _reason(arrays: FlowArrays, flow: Ints, k: int, left: int) -> UnshippedReason:
    if not arrays.allowed[k].any():
        return UnshippedReason.DISCONNECTED
    if _most(arrays, np.zeros_like(flow), k) < arrays.amount[k]:
        return UnshippedReason.CAPACITY
    if arrays.penalty[k] >= 0 and _most(arrays, flow, k) >= left:
        return UnshippedReason.NOT_WORTH_IT
    return UnshippedReason.NETWORK_FULL


def _most(arrays: FlowArrays, flow: Ints, k: int) -> int:
    """Return the most units of commodity ``k`` that fit beside ``flow``.

    A maximum flow in which a hub with a handling limit is a node of its own:
    each mode change there passes one arc, so that it may also change to a mode
    that has no interchange; for a reason that errs on the side of "full".
    """
    a, places = arrays, len(arrays.node)
    source, sink, hubs = places, places + 1, places + 2
    total = int(a.amount.sum())
    room = (a.capacity * a.departures - flow[:, : a.lanes].sum(axis=0)).clip(0, total)
    changing = flow[:, a.lanes :].sum(axis=0)
    handled = np.bincount(a.hub, weights=changing, minlength=len(a.handling)).astype(np.int64)
    free = np.where(a.handling < 0, total, (a.handling - handled).clip(0, total))
    entries: dict[tuple[int, int], int] = {}

    def add(tail: int, head: int, units: int) -> None:
        entries[tail, head] = min(total, entries.get((tail, head), 0) + units)

    for arc in np.flatnonzero(a.allowed[k]).tolist():
        tail, head = int(a.tail[arc]), int(a.head[arc])
        if arc < a.lanes:
            add(tail, head, int(room[arc]))
        else:
            hub = int(a.hub[arc - a.lanes])
            add(tail, hubs + 2 * hub, total)
            entries[hubs + 2 * hub, hubs + 2 * hub + 1] = int(free[hub])
            add(hubs + 2 * hub + 1, head, total)
    for place, node in enumerate(a.node.tolist()):
        if node == a.origin[k]:
            add(source, place, total)
        if node == a.destination[k]:
            add(place, sink, total)
    return _maximum_flow(entries, hubs + 2 * len(a.handling), source, sink)


def _maximum_flow(entries: dict[tuple[int, int], int], size: int, source: int, sink: int) -> int:
    tails, heads = zip(*entries, strict=True)
    graph = csr_array(
        (np.array(list(entries.values()), dtype=np.int32), (tails, heads)), shape=(size, size)
    )
    return int(maximum_flow(graph, source, sink).flow_value)
