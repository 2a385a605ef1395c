"""Each rule of a flow plan, broken and kept by the narrowest margin."""

from __future__ import annotations

from dataclasses import replace

from router.freight.flows.check import check
from router.freight.flows.plan import Departures, LaneFlow, Unshipped
from router.freight.flows.problem import Node
from router.solving import Cost
from tests.freight.flows.problems import RAIL, ROAD, change, codes, goods, lane, network, plan

SIMPLE = network([lane("a-b", 4, max_departures=2), lane("b-c", 9)], [goods("a-c", 8)])
MIXED = network(
    [lane("a-b"), lane("b-c", mode=RAIL), lane("b-c/2")],
    [goods("a-c", 8, penalty=3)],
    interchanges=(change("b", ROAD, RAIL),),
    nodes=(Node(id="a"), Node(id="b", handling_capacity=5), Node(id="c")),
)
THROUGH = {("a-b", "a-c"): 8, ("b-c", "a-c"): 8}


def test_a_good_plan() -> None:
    """8 units over both lanes, two departures on the first."""
    assert codes(SIMPLE, THROUGH, feasible=True) == []
    assert plan(SIMPLE, THROUGH).departures[0] == Departures(lane="a-b", count=2)


def test_capacity_and_departures() -> None:
    """One departure carries 4 of 8; three departures are one too many."""
    one = plan(SIMPLE, THROUGH)
    for count, code in ((1, "LANE_CAPACITY"), (3, "TOO_MANY_DEPARTURES")):
        counts = (Departures(lane="a-b", count=count), one.departures[1])
        wrong = replace(one, departures=counts)
        assert [v.code for v in check(SIMPLE, wrong).violations] == [code]


def test_conservation() -> None:
    """8 units come to b and 7 go on; the eighth is nowhere."""
    assert codes(SIMPLE, {("a-b", "a-c"): 8, ("b-c", "a-c"): 7}) == ["CONSERVATION"]


def test_amounts() -> None:
    """7 shipped and none listed as left do not make 8."""
    one = plan(SIMPLE, {("a-b", "a-c"): 7, ("b-c", "a-c"): 7})
    assert [v.code for v in check(SIMPLE, one).violations] == ["REQUIRED_COMMODITY"]
    silent = replace(one, unshipped=())
    assert [v.code for v in check(SIMPLE, silent).violations] == ["AMOUNT"]


def test_a_change_of_mode_needs_an_interchange() -> None:
    """From road to rail at b: 5 by the interchange, as many as b handles."""
    by_rail = {("a-b", "a-c"): 5, ("b-c", "a-c"): 5}
    assert codes(MIXED, by_rail) == ["CONSERVATION", "CONSERVATION"]
    assert codes(MIXED, by_rail | {("b/road/rail", "a-c"): 5}) == []
    six = {("a-b", "a-c"): 6, ("b-c", "a-c"): 6, ("b/road/rail", "a-c"): 6}
    assert codes(MIXED, six) == ["HANDLING_CAPACITY"]
    assert codes(MIXED, {("a-b", "a-c"): 6, ("b-c/2", "a-c"): 6}) == []


def test_unknown_things() -> None:
    """Every id is checked, and amounts of 0 are not listed."""
    one = plan(MIXED, {("b/rail/road", "a-c"): 1})
    wrong = replace(
        one,
        flows=(
            LaneFlow(lane="x", commodity="a-c", amount=1),
            LaneFlow(lane="a-b", commodity="y", amount=1),
            LaneFlow(lane="a-b", commodity="a-c", amount=0),
        ),
        departures=(Departures(lane="x", count=1), Departures(lane="a-b", count=0)),
        unshipped=(*one.unshipped, Unshipped("z", 1, ()), Unshipped("a-c", 0, ())),
    )
    assert [v.code for v in check(MIXED, wrong).violations] == [
        "UNKNOWN_LANE",
        "UNKNOWN_COMMODITY",
        "NOT_POSITIVE",
        "UNKNOWN_INTERCHANGE",
        "UNKNOWN_LANE",
        "NOT_POSITIVE",
        "UNKNOWN_COMMODITY",
        "NOT_POSITIVE",
    ]


def test_cost_components() -> None:
    """Each component by hand.

    Lane a-b: opened for 7, two departures at 5, 8 units at 2. Lane b-c: 8 units
    at 1. 8 units change at b for 3 each. An hour costs a unit 10: 361 s on a-b
    are 1.003, so 2 a unit; 180 s at b are 0.5, so 1. 2 of 10 units stay for 9.
    """
    given = network(
        [
            lane(
                "a-b",
                4,
                max_departures=3,
                opening_cost=7,
                departure_cost=5,
                unit_cost=2,
                duration=361,
            ),
            lane("b-c", mode=RAIL, unit_cost=1),
        ],
        [goods("a-c", 10, penalty=9, hour_cost=10)],
        interchanges=(change("b", ROAD, RAIL, unit_cost=3, duration=180),),
    )
    amounts = THROUGH | {("b/road/rail", "a-c"): 8}
    assert codes(given, amounts) == []
    assert plan(given, amounts).cost == Cost.of(
        opening=7, departures=10, transport=24, interchange=24, time=24, unshipped=18
    )


def test_claims() -> None:
    """A wrong cost, a feasibility that does not hold, a bound above the cost."""
    assert codes(SIMPLE, THROUGH, cost=Cost(1)) == ["COST_MISMATCH"]
    assert codes(SIMPLE, {}, feasible=True) == ["REQUIRED_COMMODITY", "WRONG_CLAIM"]
    assert codes(SIMPLE, THROUGH, bound=1) == ["BOUND_TOO_HIGH"]
