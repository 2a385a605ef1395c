"""Flow plans: hand-made cases, every plan of tiny networks as the oracle, limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import InvalidInput
from router.exact import mip
from router.freight.flows import solve as solve_module
from router.freight.flows.check import check
from router.freight.flows.plan import Departures, FlowPlan, UnshippedReason
from router.freight.flows.problem import FlowProblem, Node
from router.freight.flows.solve import solve
from router.solving import Progress, SolveOptions, Termination
from tests.freight.flows.problems import (
    AIR,
    RAIL,
    ROAD,
    change,
    cheapest,
    goods,
    lane,
    network,
    random_problem,
)

LONG = SolveOptions(seconds=60)


def solved(given: FlowProblem, options: SolveOptions = LONG) -> FlowPlan:
    """Return the plan, judged by the checker."""
    plan = solve(given, options)
    broken = {v.code for v in check(given, plan).violations}
    assert broken <= (set() if plan.feasible else {"REQUIRED_COMMODITY"})
    return plan


def test_a_train_pays_from_six_boxes() -> None:
    """A truck takes one box for 10, a train ten boxes for 55: 5 go by road, 6 by rail."""
    lanes = [
        lane("a-b", 1, max_departures=None, departure_cost=10),
        lane("a-b/2", 10, mode=RAIL, departure_cost=55),
    ]
    for amount, cost in ((5, 50), (6, 55), (10, 55), (12, 75)):
        plan = solved(network(lanes, [goods("a-b", amount)]))
        assert (plan.cost.total, plan.bound, plan.gap) == (cost, cost, 0)
        assert plan.termination is Termination.OPTIMAL


def test_time_decides_the_mode() -> None:
    """20 h by road at 3 or 2 h by air at 50: worth it where an hour costs more than 47 / 18.

    At 2 an hour road costs 3 + 40 and air 50 + 4; at 3 an hour 3 + 60 and 50 + 6.
    """
    lanes = [
        lane("a-b", unit_cost=3, duration=20 * 3600),
        lane("a-b/2", mode=AIR, unit_cost=50, duration=2 * 3600),
    ]
    by_road = solved(network(lanes, [goods("a-b", 1, hour_cost=2)]))
    by_air = solved(network(lanes, [goods("a-b", 1, hour_cost=3)]))
    assert (by_road.cost.total, by_road.flows[0].lane) == (43, "a-b")
    assert (by_air.cost.total, by_air.flows[0].lane) == (56, "a-b/2")


def test_the_hub_limits_changes() -> None:
    """Rail to h, road on; h changes 5 of 8 for 1 each, the others go all the way at 9.

    5 units cost 1 + 1 + 1 each and 3 cost 9 each: 15 + 27.
    """
    given = network(
        [lane("a-h", mode=RAIL, unit_cost=1), lane("h-b", unit_cost=1), lane("a-b", unit_cost=9)],
        [goods("a-b", 8)],
        interchanges=(change("h", RAIL, ROAD, unit_cost=1),),
        nodes=(Node(id="a"), Node(id="h", handling_capacity=5), Node(id="b")),
    )
    plan = solved(given)
    assert plan.cost.total == 42
    assert plan.interchanges[0].amount == 5
    assert plan.interchanges[0].from_mode is RAIL


def test_opening_is_paid_once() -> None:
    """Three departures of 4 on a lane opened for 20 at 1 each: 23, not 63."""
    given = network(
        [lane("a-b", 4, max_departures=5, opening_cost=20, departure_cost=1)], [goods("a-b", 12)]
    )
    plan = solved(given)
    assert plan.cost.components["opening"] == 20
    assert plan.departures == (Departures(lane="a-b", count=3),)
    free = replace(given, lanes=(replace(given.lanes[0], departure_cost=0),))
    assert solved(free).cost.total == 20


def test_reasons_of_what_is_left() -> None:
    """One commodity for each reason."""
    lanes = [lane("a-b", 5, unit_cost=2), lane("c-d", 3)]
    plan = solved(
        network(
            lanes,
            [
                goods("a-b", 3, penalty=1),
                goods("a-b/2", 4, penalty=9),
                goods("a-b/3", 4, penalty=8),
                goods("c-d", 4, penalty=9),
                goods("b-a", 1, penalty=9),
            ],
        )
    )
    left = {item.commodity: (item.amount, *item.reasons) for item in plan.unshipped}
    assert left == {
        "a-b": (3, UnshippedReason.NETWORK_FULL),
        "a-b/3": (3, UnshippedReason.NETWORK_FULL),
        "c-d": (1, UnshippedReason.CAPACITY),
        "b-a": (1, UnshippedReason.DISCONNECTED),
    }
    cheap = solved(network(lanes, [goods("a-b", 3, penalty=1)]))
    assert cheap.unshipped[0].reasons == (UnshippedReason.NOT_WORTH_IT,)


def test_as_little_as_possible_is_left_at_least_cost() -> None:
    """9 required units, room for 5 at 1 and 2 at 7: 2 are left, and 19 paid."""
    given = network([lane("a-b", 5, unit_cost=1), lane("a-b/2", 2, unit_cost=7)], [goods("a-b", 9)])
    plan = solved(given)
    assert not plan.feasible
    assert plan.termination is Termination.INFEASIBLE
    assert (plan.unshipped[0].amount, plan.cost.total, plan.bound) == (2, 19, None)


def test_nothing_to_ship() -> None:
    """No commodities, or no lanes for optional ones: proven at once."""
    empty = solved(FlowProblem(nodes=(Node(id="a"),), lanes=(), commodities=()))
    assert (empty.cost.total, empty.bound) == (0, 0)
    stuck = solved(network([], [goods("a-b", 2, penalty=3)]))
    assert (stuck.cost.total, stuck.bound) == (6, 6)


@pytest.mark.parametrize("seed", range(40))
def test_the_least_cost_of_all_plans(seed: int) -> None:
    """Against every plan of 3 nodes and 4 lanes: 3 units of one, or 1 of each of two."""
    given = random_problem(seed, nodes=3, lanes=4, commodities=1 + seed % 2, most=3 - seed % 2 * 2)
    plan = solved(given)
    assert plan.cost.total == cheapest(given)
    assert plan.bound == plan.cost.total


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(0, 12), st.integers(0, 6))
def test_every_plan_is_sound(seed: int, nodes: int, lanes: int, commodities: int) -> None:
    """Whatever the problem, the plan breaks no rule and its bound is its cost."""
    plan = solved(random_problem(seed, nodes, lanes, commodities, most=9))
    assert plan.bound == plan.cost.total
    assert plan.feasible


def hard_design(size: int) -> FlowProblem:
    """Return a design that branch and bound does not finish within seconds."""
    names = [f"n{i}" for i in range(size)]
    lanes = [
        lane(
            f"{a}-{b}",
            9 + (7 * i + 3 * j) % 17,
            departure_cost=40 + (11 * i + 5 * j) % 53,
            unit_cost=1 + (3 * i + 7 * j) % 9,
            max_departures=2,
        )
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i != j
    ]
    amounts = [
        goods(f"{a}-{b}", 2 + (5 * i + 3 * j) % 11, penalty=400)
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i != j and (i + j) % 2
    ]
    return network(lanes, amounts)


class Listener:
    """A monitor that remembers, and stops after a number of reports."""

    def __init__(self, stop_after: float = float("inf")) -> None:
        self.reports: list[Progress] = []
        self.plans: list[object] = []
        self.stop_after = stop_after
        self.stopped_at: float | None = None

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Remember the progress and build the plan."""
        self.reports.append(progress)
        if incumbent is not None:
            self.plans.append(incumbent())

    def stopped(self) -> bool:
        """Return whether there were enough reports, and remember when."""
        if len(self.reports) < self.stop_after:
            return False
        self.stopped_at = self.stopped_at or time.monotonic()
        return True


def test_stopping_keeps_the_best_plan() -> None:
    """Stopped at the 15th report, a solve of a minute ends within a second."""
    given, listener = hard_design(12), Listener(stop_after=15)
    plan = solve(given, LONG, listener)
    assert listener.stopped_at is not None
    assert time.monotonic() - listener.stopped_at < 1.0
    assert plan.termination is Termination.CANCELLED
    assert check(given, plan).feasible


def test_progress_is_sound() -> None:
    """Costs fall, bounds rise and hold, and each plan reported keeps the rules."""
    given, listener = hard_design(9), Listener()
    plan = solve(given, SolveOptions(seconds=4), listener)
    costs = [p.objective for p in listener.reports if p.objective is not None]
    bounds = [p.bound for p in listener.reports if p.bound is not None]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)
    assert bounds[-1] <= plan.cost.total
    for one in listener.plans:
        assert isinstance(one, FlowPlan)
        assert check(given, one).feasible


@pytest.mark.parametrize("seconds", [1e-9, 1.0])
def test_the_time_is_kept(seconds: float) -> None:
    """Even without any time there is a plan; a second is not overrun by much."""
    given, begin = hard_design(12), time.monotonic()
    plan = solve(given, SolveOptions(seconds=seconds))
    assert time.monotonic() - begin < seconds + 2.5
    assert check(given, plan).feasible
    assert plan.termination is Termination.LIMIT


def test_huge_amounts_end_in_time() -> None:
    """Six variables up to 2**31: HiGHS would go on for minutes, were it not ended."""
    lanes = [
        lane("b-a", 12, max_departures=None, opening_cost=46, departure_cost=30, unit_cost=8),
        lane("b-a/2", 5, max_departures=6, mode=AIR, opening_cost=1, departure_cost=12),
    ]
    given = network(lanes, [goods("b-a", 2**31 - 1, penalty=30, hour_cost=6)])
    begin = time.monotonic()
    plan = solved(given, SolveOptions(seconds=1))
    assert time.monotonic() - begin < 3
    assert plan.feasible


def test_capacities_beyond_all_goods() -> None:
    """A capacity of 2**53 - 1 is as good as one of 3, and no number for HiGHS to stumble over."""
    most = 2**53 - 1
    lanes = [lane("a-b", most, max_departures=most, departure_cost=7, unit_cost=1)]
    plan = solved(network(lanes, [goods("a-b", 3)]))
    assert (plan.cost.total, plan.bound) == (10, 10)


def test_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two limits: pairs that are looked at, and variables of the model."""
    given = network([lane("a-b"), lane("b-a")], [goods("a-b", 1)])
    for name, words in (("MOST_PAIRS", "2 pairs"), ("MOST_COLUMNS", "6 variables")):
        with monkeypatch.context() as patch:
            patch.setattr(solve_module, name, 1)
            with pytest.raises(InvalidInput, match=words) as caught:
                solve(given)
            assert caught.value.violations[0].code == "SIZE_LIMIT"


def test_the_other_process_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no time in this process, HiGHS in its own proves the same cost."""
    given = hard_design(5)
    here = solved(given)
    monkeypatch.setattr(mip, "QUICK_ENTRIES", 0)
    there = solved(given)
    assert there.cost.total == here.cost.total == there.bound
    assert ROAD is given.lanes[0].mode
