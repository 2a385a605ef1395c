"""Judges whether a flow problem is well formed, all violations at once.

One rule is one small function with one stable code; ``docs/hub_model.md``
lists them. Too little capacity is no fault of the input: the plan then leaves
goods unshipped, with reasons. Goods that must be shipped but have no way at
all are a fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.errors import Violations
from router.freight.flows.reach import reachable, ways
from router.freight.rules import finite, known, unique_ids, whole, whole_fields

if TYPE_CHECKING:
    from router.freight.flows.problem import Commodity, FlowProblem, Lane

COST_LIMIT = 2**49
"""No plan may cost this much, so that costs are exact as doubles with digits to
spare, and far from what HiGHS takes for infinite."""
AMOUNT_LIMIT = 2**31 - 1
"""Most units of all commodities together, so that whole units stay exact."""
_LANE = ("capacity", "max_departures", "opening_cost", "departure_cost", "unit_cost", "duration")
_COMMODITY = ("amount", "penalty", "hour_cost")
_INTERCHANGE = ("unit_cost", "duration")


def validate(problem: FlowProblem) -> None:
    """Raise with every violation of every rule, or return.

    Raises
    ------
    InvalidInput
        With all violations, in the order of the rules. Reach and sums are
        judged only where everything else is right.
    """
    found = Violations()
    _ids(problem, found)
    _nodes(problem, found)
    _lanes(problem, found)
    _interchanges(problem, found)
    _commodities(problem, found)
    if not len(found):
        _scale(problem, found)
        _reach(problem, found)
    found.raise_if_any()


def _ids(problem: FlowProblem, found: Violations) -> None:
    """NO_NODES, EMPTY_ID, DUPLICATE_ID, DUPLICATE_INTERCHANGE."""
    if not problem.nodes:
        found.add("NO_NODES", "nodes", "is empty; give at least one node.")
    for kind in ("nodes", "lanes", "commodities"):
        items = getattr(problem, kind)
        unique_ids([(f"{kind}[{i}].id", item.id) for i, item in enumerate(items)], found)
    seen = set()
    for i, item in enumerate(problem.interchanges):
        key = (item.node, item.from_mode, item.to_mode)
        if key in seen:
            text = f"{item.from_mode} to {item.to_mode} at '{item.node}' is given twice; drop one."
            found.add("DUPLICATE_INTERCHANGE", f"interchanges[{i}]", text)
        seen.add(key)


def _nodes(problem: FlowProblem, found: Violations) -> None:
    for i, node in enumerate(problem.nodes):
        finite(node.x, f"nodes[{i}].x", found)
        finite(node.y, f"nodes[{i}].y", found)
        whole(node.handling_capacity, f"nodes[{i}].handling_capacity", found)


def _lanes(problem: FlowProblem, found: Violations) -> None:
    """UNKNOWN_NODE, SAME_NODE, and the rules of numbers."""
    nodes = {node.id for node in problem.nodes}
    for i, lane in enumerate(problem.lanes):
        whole_fields(lane, _LANE, f"lanes[{i}]", found)
        _ends(lane, nodes, f"lanes[{i}]", found)


def _interchanges(problem: FlowProblem, found: Violations) -> None:
    """UNKNOWN_NODE, SAME_MODE, and the rules of numbers."""
    nodes = {node.id for node in problem.nodes}
    for i, item in enumerate(problem.interchanges):
        path = f"interchanges[{i}]"
        known(item.node, f"{path}.node", nodes, "node", found)
        whole_fields(item, _INTERCHANGE, path, found)
        if item.from_mode == item.to_mode:
            text = f"is {item.to_mode}, as before; lanes of one mode join without an interchange."
            found.add("SAME_MODE", f"{path}.to_mode", text)


def _commodities(problem: FlowProblem, found: Violations) -> None:
    """NOT_POSITIVE, UNKNOWN_NODE, SAME_NODE, and the rules of numbers."""
    nodes = {node.id for node in problem.nodes}
    for i, goods in enumerate(problem.commodities):
        path = f"commodities[{i}]"
        whole_fields(goods, _COMMODITY, path, found)
        _ends(goods, nodes, path, found)
        if goods.amount == 0:
            text = "is 0; give an amount above 0 or drop the commodity."
            found.add("NOT_POSITIVE", f"{path}.amount", text)


def _ends(item: Lane | Commodity, nodes: set[str], path: str, found: Violations) -> None:
    known(item.origin, f"{path}.origin", nodes, "node", found)
    known(item.destination, f"{path}.destination", nodes, "node", found)
    if item.origin == item.destination:
        text = f"is '{item.destination}', where it begins; give two different nodes."
        found.add("SAME_NODE", f"{path}.destination", text)


def _scale(problem: FlowProblem, found: Violations) -> None:
    """OVERFLOW: note amounts and costs that may leave the range of exact doubles."""
    total = sum(goods.amount for goods in problem.commodities)
    if total > AMOUNT_LIMIT:
        text = f"sum to {total} {problem.unit}; give at most {AMOUNT_LIMIT}. Use a larger unit."
        found.add("OVERFLOW", "amounts", text)
    hours = sum(goods.amount * goods.hour_cost for goods in problem.commodities)
    worst = sum(goods.amount * (goods.penalty or 0) for goods in problem.commodities)
    for lane in problem.lanes:
        worst += lane.opening_cost + departure_limit(lane, total) * lane.departure_cost
        worst += total * (lane.unit_cost + 1) + hours * lane.duration // 3600
    for item in problem.interchanges:
        worst += total * (item.unit_cost + 1) + hours * item.duration // 3600
    if worst >= COST_LIMIT:
        text = f"may sum to {worst}; costs must stay below 2**49. Use larger units."
        found.add("OVERFLOW", "costs", text)


def departure_limit(lane: Lane, total: int) -> int:
    """Return the most departures that ``total`` units can need on the lane."""
    needed = -(-total // lane.capacity) if lane.capacity else 0
    return needed if lane.max_departures is None else min(lane.max_departures, needed)


def _reach(problem: FlowProblem, found: Violations) -> None:
    """DISCONNECTED: what must be shipped has some way to its destination."""
    out = ways(problem)
    origins = {goods.origin for goods in problem.commodities}
    reach = {origin: reachable(out, origin) for origin in origins}
    for i, goods in enumerate(problem.commodities):
        if goods.penalty is None and goods.destination not in reach[goods.origin]:
            text = (
                f"'{goods.destination}' cannot be reached from '{goods.origin}' by any lanes and "
                "interchanges; add a lane or give the commodity a penalty."
            )
            found.add("DISCONNECTED", f"commodities[{i}].destination", text)
