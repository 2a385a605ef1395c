"""Tiny flow problems, and every plan that they admit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from router.freight.flows.check import check
from router.freight.flows.plan import (
    Departures,
    FlowPlan,
    InterchangeFlow,
    LaneFlow,
    Unshipped,
    UnshippedReason,
)
from router.freight.flows.problem import Commodity, FlowProblem, Interchange, Lane, Mode, Node
from router.solving import Cost

ROAD, RAIL, AIR = Mode.ROAD, Mode.RAIL, Mode.AIR


def lane(name: str, capacity: int = 100, **fields: Any) -> Lane:
    """Return the lane ``"a-b"`` or ``"a-b/2"`` from node a to node b."""
    origin, _, destination = name.partition("/")[0].partition("-")
    return Lane(id=name, origin=origin, destination=destination, capacity=capacity, **fields)


def goods(name: str, amount: int, **fields: Any) -> Commodity:
    """Return a commodity ``"a-b"`` from node a to node b."""
    origin, _, destination = name.partition("/")[0].partition("-")
    return Commodity(id=name, origin=origin, destination=destination, amount=amount, **fields)


def network(lanes: list[Lane], commodities: list[Commodity], **fields: Any) -> FlowProblem:
    """Return the problem over the nodes that lanes and commodities name."""
    ends = [end for item in (*lanes, *commodities) for end in (item.origin, item.destination)]
    fields = {"nodes": tuple(Node(id=name) for name in dict.fromkeys(ends))} | fields
    return FlowProblem(lanes=tuple(lanes), commodities=tuple(commodities), **fields)


def change(node: str, before: Mode, after: Mode, **fields: Any) -> Interchange:
    """Return an interchange."""
    return Interchange(node=node, from_mode=before, to_mode=after, **fields)


def plan(given: FlowProblem, amounts: dict[tuple[str, str], int], **fields: Any) -> FlowPlan:
    """Return the plan of amounts by (lane or node/from/to, commodity), priced.

    Departures are as few as carry the amounts; what does not leave its origin
    is listed as unshipped.
    """
    lanes = {item.id: item for item in given.lanes}
    flows = [
        LaneFlow(lane=key, commodity=k, amount=units)
        for (key, k), units in amounts.items()
        if key in lanes and units
    ]
    moves = [
        InterchangeFlow(
            node=key.split("/")[0],
            from_mode=Mode(key.split("/")[1]),
            to_mode=Mode(key.split("/")[2]),
            commodity=k,
            amount=units,
        )
        for (key, k), units in amounts.items()
        if key not in lanes and units
    ]
    loads = {name: sum(f.amount for f in flows if f.lane == name) for name in lanes}
    counts = {name: -(-load // max(1, lanes[name].capacity)) for name, load in loads.items()}
    left = {
        k.id: k.amount
        - sum(f.amount for f in flows if f.commodity == k.id and lanes[f.lane].origin == k.origin)
        for k in given.commodities
    }
    bare = FlowPlan(
        flows=tuple(flows),
        departures=tuple(Departures(lane=n, count=c) for n, c in counts.items() if c),
        interchanges=tuple(moves),
        unshipped=tuple(
            Unshipped(k, units, (UnshippedReason.NETWORK_FULL,))
            for k, units in left.items()
            if units
        ),
        **({"cost": Cost(0), "feasible": False} | fields),
    )
    return bare if "cost" in fields else replace(bare, cost=check(given, bare).cost)


def codes(given: FlowProblem, amounts: dict[tuple[str, str], int], **fields: Any) -> list[str]:
    """Return the codes of all violations of the plan of ``amounts``."""
    return [v.code for v in check(given, plan(given, amounts, **fields)).violations]


def every_plan(given: FlowProblem) -> Iterator[FlowPlan]:
    """Return every plan with the fewest departures for its flows, feasible or not."""
    keys = [item.id for item in given.lanes]
    keys += [f"{c.node}/{c.from_mode}/{c.to_mode}" for c in given.interchanges]
    pairs = [(key, k) for key in keys for k in given.commodities]
    for units in product(*(range(k.amount + 1) for _, k in pairs)):
        amounts = {(key, k.id): n for (key, k), n in zip(pairs, units, strict=True)}
        yield plan(given, amounts)


def cheapest(given: FlowProblem) -> int | None:
    """Return the least cost of a feasible plan, found by trying all."""
    reports = (check(given, one) for one in every_plan(given))
    return min((report.cost.total for report in reports if report.feasible), default=None)


def random_problem(
    seed: int, nodes: int, lanes: int, commodities: int, most: int = 3
) -> FlowProblem:
    """Return a problem with all features mixed and small numbers; all may be left."""
    r = random.Random(seed)
    names = [f"n{i}" for i in range(nodes)]
    hubs = {(r.choice(names), *r.sample(list(Mode), 2)) for _ in range(r.randint(0, 2))}
    return FlowProblem(
        nodes=tuple(
            Node(id=name, handling_capacity=r.choice([None, None, r.randint(0, 4)]))
            for name in names
        ),
        lanes=tuple(_random_lane(r, i, names) for i in range(lanes)),
        commodities=tuple(_random_goods(r, i, names, most) for i in range(commodities)),
        interchanges=tuple(
            change(*hub, unit_cost=r.randint(0, 3), duration=r.randint(0, 5000))
            for hub in sorted(hubs)
        ),
    )


def _random_lane(r: random.Random, i: int, names: list[str]) -> Lane:
    origin, destination = r.sample(names, 2)
    return Lane(
        id=f"l{i}",
        origin=origin,
        destination=destination,
        mode=r.choice([ROAD, ROAD, RAIL]),
        capacity=r.randint(0, 4),
        max_departures=r.choice([None, 0, 1, 2, 3]),
        opening_cost=r.choice([0, 0, r.randint(1, 9)]),
        departure_cost=r.choice([0, r.randint(1, 9)]),
        unit_cost=r.randint(0, 4),
        duration=r.randint(0, 7200),
    )


def _random_goods(r: random.Random, i: int, names: list[str], most: int) -> Commodity:
    origin, destination = r.sample(names, 2)
    return Commodity(
        id=f"k{i}",
        origin=origin,
        destination=destination,
        amount=r.randint(1, most),
        penalty=r.randint(0, 25),
        hour_cost=r.choice([0, 2]),
    )
