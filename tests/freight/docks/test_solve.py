"""Dock plans: hand-made cases, every plan of tiny hubs as the oracle, limits."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import InvalidInput
from router.freight.docks import solve as solve_module
from router.freight.docks.check import check
from router.freight.docks.plan import DockPlan, MissedReason, UnassignedReason
from router.freight.docks.problem import CrewShift, DockProblem, Transfer
from router.freight.docks.solve import solve
from router.freight.scenario import load_freight_scenario
from router.solving import Progress, SolveOptions, Termination
from router.timewindow import TimeWindow
from tests.freight.docks.problems import (
    HOUR,
    OUT,
    cheapest,
    door,
    inbound,
    outbound,
    problem,
    random_problem,
)

LONG = SolveOptions(seconds=60)
LEFT_OUT = {"REQUIRED_TRUCK", "REQUIRED_TRANSFER"}


def solved(given: DockProblem, options: SolveOptions = LONG) -> DockPlan:
    """Return the plan, judged by the checker."""
    plan = solve(given, options)
    broken = {v.code for v in check(given, plan).violations}
    assert broken <= (set() if plan.feasible else LEFT_OUT)
    return plan


def places(plan: DockPlan) -> dict[str, tuple[str, int]]:
    """Return door and start by truck."""
    return {slot.truck: (slot.door, slot.start) for slot in plan.appointments}


def reasons(plan: DockPlan) -> dict[str, tuple[UnassignedReason, ...]]:
    """Return the reasons by truck left out."""
    return {item.truck: item.reasons for item in plan.unassigned}


def test_the_dear_truck_goes_first() -> None:
    """Both want the door at 0 for an hour; waiting costs a 10 and b 30: b goes first."""
    a = inbound("a", HOUR, waiting_cost=10)
    b = inbound("b", HOUR, waiting_cost=30)
    plan = solved(problem(a, b))
    assert places(plan) == {"b": ("D", 0), "a": ("D", HOUR)}
    assert (plan.cost.total, plan.bound, plan.gap) == (10, 10, 0)
    assert plan.termination is Termination.OPTIMAL
    assert plan.feasible


def test_goods_cross_the_floor() -> None:
    """The outbound truck stands at the far door E (inbound only at D).

    In until 600, sorting 300, 200 m at 60 s per 100 m 120: loaded from 1020.
    It is due at 1020 + 600 - 360, so tardy 360 s at 1,000 an hour: 100.
    3 pallets 200 m at 50 for 1,000 unit-metres: 30.
    """
    doors = (door("D"), door("E", x=200, directions=frozenset({OUT})))
    a = inbound("a", 0, quantity=3, rate=18, arrival=TimeWindow(0, 0))
    b = outbound("b", 0, quantity=3, rate=18, due=1260, tardiness_cost=1000)
    transfer = Transfer(id="x", inbound="a", outbound="b", quantity=3, setup=300)
    given = problem(
        a, b, doors=doors, transfers=(transfer,), seconds_per_100_metres=60, movement_cost=50
    )
    far = replace(given, doors=(replace(doors[0], directions=frozenset({"inbound"})), doors[1]))
    assert places(solved(far)) == {"a": ("D", 0), "b": ("E", 1020)}
    assert solved(far).cost.components == {
        "waiting": 0,
        "tardiness": 100,
        "movement": 30,
        "unassigned": 0,
        "missed": 0,
    }
    near = solved(given)
    assert places(near)["b"] == ("D", 900)


def test_missing_the_goods_when_that_is_cheaper() -> None:
    """Waiting for the goods costs 2 hours at 10; going without them costs 15."""
    a = inbound("a", HOUR, arrival=TimeWindow(HOUR, HOUR))
    b = outbound("b", HOUR, waiting_cost=10)
    for penalty, missed in ((15, True), (25, False)):
        given = problem(
            a,
            b,
            doors=(door("D"), door("E")),
            transfers=(Transfer(id="x", inbound="a", outbound="b", penalty=penalty),),
        )
        plan = solved(given)
        assert plan.cost.total == min(penalty, 20)
        assert bool(plan.missed) is missed
        if missed:
            assert plan.missed[0].reasons == (MissedReason.NOT_IN_TIME,)


def test_reasons_of_trucks_left_out() -> None:
    """One truck for each reason, at one door open for 100 s with one crew."""
    trucks = (
        outbound("door", 1),
        inbound("closed", 200),
        inbound("customs", 1, arrival=TimeWindow(0, 10), release=11),
        inbound("deadline", 10, deadline=9),
        inbound("crews", 1, crews=2),
        inbound("busy", 60, waiting_cost=HOUR, penalty=900),
        inbound("busy too", 60, penalty=800),
        inbound("not worth it", 30, waiting_cost=HOUR, penalty=1),
    )
    doors = (door(windows=(TimeWindow(0, 100),), directions=frozenset({"inbound"})),)
    crews = (CrewShift(window=TimeWindow(0, 1000), count=1),)
    plan = solved(problem(*trucks, doors=doors, crews=crews))
    assert reasons(plan) == {
        "door": (UnassignedReason.NO_DOOR,),
        "closed": (UnassignedReason.DOOR_CLOSED,),
        "customs": (UnassignedReason.CUSTOMS_RELEASE,),
        "deadline": (UnassignedReason.DEADLINE,),
        "crews": (UnassignedReason.CREWS,),
        "busy too": (UnassignedReason.DOORS_BUSY,),
        "not worth it": (UnassignedReason.NOT_WORTH_IT,),
    }
    assert not plan.feasible
    assert plan.termination is Termination.INFEASIBLE
    assert plan.bound is None


def test_as_little_as_possible_is_left_out() -> None:
    """Open 100 s: the 90 s truck alone, or both of 50 s; two are more than one."""
    doors = (door(windows=(TimeWindow(0, 100),)),)
    plan = solved(problem(inbound("long", 90), inbound("a", 50), inbound("b", 50), doors=doors))
    assert set(places(plan)) == {"a", "b"}
    assert reasons(plan) == {"long": (UnassignedReason.DOORS_BUSY,)}


def test_goods_that_can_never_be_in_time() -> None:
    """The outbound truck must be taken at 5, its goods arrive at 10."""
    a = inbound("a", 10)
    b = outbound("b", 1, arrival=TimeWindow(0, 5))
    given = problem(
        a, b, doors=(door("D"), door("E")), transfers=(Transfer(id="x", inbound="a", outbound="b"),)
    )
    plan = solved(given)
    assert not plan.feasible
    assert plan.missed[0].reasons == (MissedReason.WINDOWS,)
    assert len(plan.appointments) == 2


def test_an_empty_day() -> None:
    """Nothing to do costs nothing."""
    plan = solved(problem())
    assert (plan.cost.total, plan.termination) == (0, Termination.OPTIMAL)


@pytest.mark.parametrize("seed", range(40))
def test_the_least_cost_of_all_plans(seed: int) -> None:
    """Against every plan of up to 3 trucks and 2 doors in the first 13 seconds.

    The times of these problems end at 12, and work lasts at most 3 a truck.
    """
    given = random_problem(seed, trucks=1 + seed % 2, doors=1 + seed % 3 % 2, transfers=1)
    best = cheapest(given, 14)
    plan = solved(given)
    if best is None:
        assert plan.termination is Termination.INFEASIBLE
    else:
        assert (plan.cost.total, plan.bound) == (best, best)
        assert plan.termination is Termination.OPTIMAL


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7), st.integers(1, 4))
def test_every_plan_is_sound(seed: int, trucks: int, doors: int) -> None:
    """Whatever the problem, the plan breaks no rule and its bound holds."""
    plan = solved(random_problem(seed, trucks, doors))
    if plan.feasible:
        assert plan.bound == plan.cost.total
    else:
        assert plan.termination is Termination.INFEASIBLE


def busy_day(trucks: int) -> DockProblem:
    """Return a day that is far from solved within a second."""
    some = [
        inbound(f"t{i}", 900 + 37 * (i % 11), waiting_cost=1000 + 77 * (i % 13))
        for i in range(trucks)
    ]
    doors = tuple(door(f"D{i}", changeover=60 * i) for i in range(5))
    return problem(*some, doors=doors)


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
    """Stopped at the third report, a solve of a minute ends within a second."""
    given, listener = busy_day(60), Listener(stop_after=3)
    plan = solve(given, LONG, listener)
    assert listener.stopped_at is not None
    assert time.monotonic() - listener.stopped_at < 1.0
    assert plan.termination is Termination.CANCELLED
    assert check(given, plan).feasible
    assert len(listener.reports) < 8


def test_progress_is_sound() -> None:
    """Reports come at most ten times a second; costs fall, bounds rise, plans hold."""
    given, listener = busy_day(40), Listener()
    plan = solve(given, SolveOptions(seconds=2), listener)
    times = [p.seconds for p in listener.reports]
    assert all(later - sooner > 0.09 for sooner, later in itertools.pairwise(times))
    costs = [p.objective for p in listener.reports if p.objective is not None]
    assert costs == sorted(costs, reverse=True)
    assert all(p.bound is None or p.bound <= plan.cost.total for p in listener.reports)
    for one in listener.plans:
        assert isinstance(one, DockPlan)
        assert check(given, one).feasible


@pytest.mark.parametrize("seconds", [1e-9, 0.5])
def test_the_time_is_kept(seconds: float) -> None:
    """Even without any time there is a plan; half a second is not overrun by much."""
    given, begin = busy_day(60), time.monotonic()
    plan = solve(given, SolveOptions(seconds=seconds))
    assert time.monotonic() - begin < seconds + 1.0
    assert check(given, plan).feasible
    assert plan.termination is Termination.LIMIT


def test_iterations_make_a_solve_repeatable() -> None:
    """With a limit on work, no clock decides: the same seed, the same plan."""
    options = SolveOptions(seconds=20, max_iterations=200, seed=7)
    one, other = (solve(busy_day(15), options) for _ in range(2))
    assert one.appointments == other.appointments
    assert one.seconds < 10


def test_several_threads_prove_the_same() -> None:
    """One, two and eight threads end at the same proven cost."""
    given = busy_day(7)
    plans = [solved(given, SolveOptions(seconds=30, threads=n)) for n in (1, 2, 8)]
    assert len({plan.cost.total for plan in plans}) == 1
    assert all(plan.bound == plan.cost.total for plan in plans)


def test_the_embedded_day_is_nearly_proven() -> None:
    """In six seconds the gap of the hub's dock day is below a third."""
    given = load_freight_scenario().docks()
    plan = solved(given, SolveOptions(seconds=6))
    assert plan.unassigned == ()
    assert plan.gap is not None
    assert plan.gap < 1 / 3


def test_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 trucks at 2 doors are 6 choices, one more than allowed here."""
    monkeypatch.setattr(solve_module, "MOST_PAIRS", 5)
    given = problem(*(inbound(n, 1) for n in "abc"), doors=(door("D"), door("E")))
    with pytest.raises(InvalidInput, match="6 choices") as caught:
        solve(given)
    assert caught.value.violations[0].code == "SIZE_LIMIT"
