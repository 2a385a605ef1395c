"""Each rule of a flow problem, broken once; all violations come at once."""

from __future__ import annotations

from typing import Any

import pytest

from router.errors import InvalidInput
from router.freight.flows.problem import FlowProblem, Node, time_cost
from tests.freight.flows.problems import AIR, RAIL, ROAD, change, goods, lane, network


def violations(**fields: Any) -> list[tuple[str, str]]:
    """Return (path, code) of all violations of a problem of these fields."""
    nodes = (Node(id="a"), Node(id="b"), Node(id="c"))
    fields = {"nodes": nodes, "lanes": (), "commodities": ()} | fields
    with pytest.raises(InvalidInput) as caught:
        FlowProblem(**fields)
    return [(v.path, v.code) for v in caught.value.violations]


def test_time_cost_rounds_up() -> None:
    """Ten an hour for 361 s is 1.003, so 2; for an hour 10; for no time 0."""
    assert [time_cost(10, s) for s in (361, 3600, 0)] == [2, 10, 0]


def test_ids_and_references() -> None:
    """Double ids, a lane to nowhere, goods that stay, and a change to the same mode."""
    found = violations(
        nodes=(Node(id="a"), Node(id="b"), Node(id="")),
        lanes=(lane("a-b"), lane("a-b"), lane("b-z")),
        commodities=(goods("a-a", 1, penalty=0),),
        interchanges=(change("y", ROAD, ROAD), change("a", ROAD, AIR), change("a", ROAD, AIR)),
    )
    assert found == [
        ("nodes[2].id", "EMPTY_ID"),
        ("lanes[1].id", "DUPLICATE_ID"),
        ("interchanges[2]", "DUPLICATE_INTERCHANGE"),
        ("lanes[2].destination", "UNKNOWN_NODE"),
        ("interchanges[0].node", "UNKNOWN_NODE"),
        ("interchanges[0].to_mode", "SAME_MODE"),
        ("commodities[0].destination", "SAME_NODE"),
    ]


def test_numbers() -> None:
    """Each kind of wrong number has its code and path."""
    half: Any = 0.5
    found = violations(
        nodes=(Node(id="a", x=float("nan"), handling_capacity=-1), Node(id="b", y=float("inf"))),
        lanes=(lane("a-b", -1, max_departures=half, unit_cost=2**53),),
        commodities=(goods("a-b", 0, hour_cost=-2, penalty=1),),
        interchanges=(change("a", ROAD, RAIL, duration=-1),),
    )
    assert found == [
        ("nodes[0].x", "NOT_A_NUMBER"),
        ("nodes[0].handling_capacity", "NEGATIVE"),
        ("nodes[1].y", "NOT_A_NUMBER"),
        ("lanes[0].capacity", "NEGATIVE"),
        ("lanes[0].max_departures", "NOT_A_NUMBER"),
        ("lanes[0].unit_cost", "TOO_LARGE"),
        ("interchanges[0].duration", "NEGATIVE"),
        ("commodities[0].hour_cost", "NEGATIVE"),
        ("commodities[0].amount", "NOT_POSITIVE"),
    ]


def test_no_nodes() -> None:
    """A network needs a node; lanes and goods it may lack."""
    assert violations(nodes=()) == [("nodes", "NO_NODES")]
    assert FlowProblem(nodes=(Node(id="a"),), lanes=(), commodities=()).unit == "TEU"


def test_required_goods_have_a_way() -> None:
    """By road to b, on by rail: only an interchange at b joins the two.

    Lanes without room and hubs that handle nothing are no way either.
    """
    lanes = [lane("a-b"), lane("b-c", mode=RAIL)]
    amount = [goods("a-c", 1)]
    joined = (change("b", ROAD, RAIL),)
    assert network(lanes, amount, interchanges=joined)
    fields: dict[str, Any] = {"lanes": tuple(lanes), "commodities": tuple(amount)}
    disconnected = [("commodities[0].destination", "DISCONNECTED")]
    assert violations(**fields) == disconnected
    full = (Node(id="a"), Node(id="b", handling_capacity=0), Node(id="c"))
    assert violations(**fields, nodes=full, interchanges=joined) == disconnected
    never = (lanes[0], lane("b-c", mode=RAIL, max_departures=0))
    assert violations(**fields | {"lanes": never}, interchanges=joined) == disconnected


def test_optional_goods_need_no_way() -> None:
    """With a penalty, goods without a way are a result and no fault."""
    assert network([lane("a-b")], [goods("b-a", 1, penalty=5)])


def test_overflow() -> None:
    """2**31 units are too many; 2**30 units at 2**30 each cost too much."""
    lanes = (lane("a-b", 2**31),)
    assert violations(lanes=lanes, commodities=(goods("a-b", 2**31),)) == [("amounts", "OVERFLOW")]
    dear = (lane("a-b", 2**31, unit_cost=2**30),)
    assert violations(lanes=dear, commodities=(goods("a-b", 2**30),)) == [("costs", "OVERFLOW")]
