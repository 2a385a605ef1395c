"""Fewest vehicles first, then the least cost; and plans that begin with full vehicles."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from benchmarks.micro.classes import made
from router.errors import InvalidInput
from router.freight.routes import squeeze
from router.freight.routes.check import check
from router.freight.routes.compile import compile_problem
from router.freight.routes.plan import RoutePlan
from router.freight.routes.problem import Objective, RoutingProblem
from router.freight.routes.solve import solve
from router.freight.routes.squeeze import least_vehicles, search_packed
from router.search.problem import ArraySolution, RouteArrays
from router.search.routes import search
from router.solving import Cost, Progress, Silent, SolveOptions
from tests.freight.routes.problems import line_problem, matrix_travel, van
from tests.search.mixes import Mix

FEW = SolveOptions(seconds=30, max_iterations=300)
FEWEST = Objective.FEWEST_VEHICLES


def solved(problem: RoutingProblem, objective: Objective) -> RoutePlan:
    """Return a judged plan."""
    problem = replace(problem, objective=objective)
    plan = solve(problem, FEW)
    assert plan.feasible
    assert not check(problem, plan).violations
    return plan


def test_one_long_tour_before_two_short_ones() -> None:
    """Each visit is 10 from the depot, 100 from the other: 40 by two vans, 120 by one."""
    rows = [[0, 10, 10], [10, 0, 100], [10, 100, 0]]
    problem = line_problem({"v1": 1, "v2": 2}, vehicle_types=(van(count=2),))
    problem = replace(problem, travel=matrix_travel(rows))
    assert solved(problem, Objective.COST).cost.total == 40
    plan = solved(problem, FEWEST)
    assert (len(plan.routes), plan.cost.total) == (1, 120)


def test_one_dear_vehicle_before_two_cheap_ones() -> None:
    """Two loads of 5: small vans drive 4 + 6; the large one costs 1,000 and drives 6."""
    problem = line_problem(
        {"v2": 2, "v3": 3},
        loads={"v2": 5, "v3": 5},
        vehicle_types=(
            van(id="small", count=2, capacity=(5,)),
            van(id="large", count=1, capacity=(10,), fixed_cost=1000),
        ),
    )
    assert solved(problem, Objective.COST).cost == Cost.of(
        fixed=0, distance=10, duration=0, prizes=0
    )
    plan = solved(problem, FEWEST)
    assert [route.vehicle_type for route in plan.routes] == ["large"]
    assert plan.cost == Cost.of(fixed=1000, distance=6, duration=0, prizes=0)


def test_the_cheaper_of_as_many_vehicles() -> None:
    """One van is enough: the one of 50 and 1 a unit costs 56, the other 0 + 10 × 6 = 60."""
    problem = line_problem(
        {"v2": 2, "v3": 3},
        vehicle_types=(
            van(id="fixed", count=1, fixed_cost=50),
            van(id="driven", count=1, distance_cost=10),
        ),
    )
    plan = solved(problem, FEWEST)
    assert [route.vehicle_type for route in plan.routes] == ["fixed"]
    assert plan.cost.total == 56


def test_a_prize_is_not_worth_a_vehicle() -> None:
    """A second van would save a prize of 1,000 for 6 more; it is not taken: 4 + 1,000."""
    problem = line_problem(
        {"v2": 2, "v3": 3}, loads={"v2": 5, "v3": 5}, vehicle_types=(van(count=2, capacity=(5,)),)
    )
    problem = replace(problem, visits=(problem.visits[0], replace(problem.visits[1], prize=1000)))
    assert solved(problem, Objective.COST).cost.total == 10
    plan = solved(problem, FEWEST)
    assert (len(plan.routes), plan.cost.total) == (1, 1004)


def test_a_fleet_is_squeezed_to_what_its_loads_need() -> None:
    """100 loads of 10 in vans of 200, no two places alike: five vans, in time or by count."""
    problem = made("CVRP", 100, 1)
    visits = tuple(replace(visit, deliver=(10,)) for visit in problem.visits)
    problem = replace(problem, visits=visits, objective=FEWEST)
    counted = SolveOptions(seconds=60, max_iterations=3000)
    plan = solve(problem, counted)
    assert len(plan.routes) == 5
    assert plan.routes == solve(problem, counted).routes
    assert plan.iterations <= 3000
    times = [seconds for seconds, _ in plan.curve]
    assert times == sorted(times)
    assert plan.curve[-1][1] == plan.cost.total


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_random_problems_never_take_more_vehicles(seed: int) -> None:
    """Over all features: a judged plan, and no more vehicles than the cheapest plan has."""
    try:
        problem = Mix(seed).problem()
    except InvalidInput:
        return
    cheap, few = solve(problem, FEW), solve(replace(problem, objective=FEWEST), FEW)
    if cheap.feasible:
        assert few.feasible
        assert len(few.routes) <= len(cheap.routes)
    assert np.isfinite(few.cost.total)


@dataclass(slots=True)
class Listener:
    """Keeps the objectives and seconds that a search reports."""

    told: list[Progress] = field(default_factory=list)
    plans: list[RoutePlan] = field(default_factory=list)

    def stopped(self) -> bool:
        """Return False: nobody stops the search."""
        return False

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Keep it."""
        self.told.append(progress)
        if incumbent is not None:
            plan = incumbent()
            assert isinstance(plan, RoutePlan)
            self.plans.append(plan)

    def objectives(self) -> list[float]:
        """Return the objectives told, none of them missing once there was one."""
        told = [progress.objective for progress in self.told]
        found = [cost for cost in told if cost is not None]
        assert told[-len(found) :] == found
        return found


def packed(loads: int, capacity: int, visits: int = 120) -> RoutingProblem:
    """Return deliveries, each sixth of them a backhaul, of one load in vans of a capacity."""
    problem = made("VRPB", visits, 3)
    return replace(
        problem,
        visits=tuple(
            replace(visit, deliver=(), collect=(loads,))
            if k % 6 == 5
            else replace(visit, deliver=(loads,), collect=())
            for k, visit in enumerate(problem.visits)
        ),
        vehicle_types=(replace(problem.vehicle_types[0], capacity=(capacity,)),),
    )


def test_least_vehicles() -> None:
    """100 deliveries of 10 need five vans of 200, 20 backhauls one; one kilogram more a sixth."""
    problem = packed(10, 200)
    arrays = compile_problem(problem).arrays
    assert least_vehicles(arrays) == 5
    assert least_vehicles(compile_problem(packed(10, 199)).arrays) == 6
    few = replace(problem, visits=tuple(v for v in problem.visits if v.collect)[:3])
    assert least_vehicles(compile_problem(few).arrays) == 1


def test_a_route_too_many_is_squeezed_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three deliveries of a full van go by a sixth: the long part begins with five again.

    Where vans are as few as loads need, nothing is squeezed.
    """
    begun: list[tuple[int, int]] = []

    def spied(arrays: RouteArrays, *args: Any, **more: Any) -> ArraySolution:
        begun.append((len(args[2]), len(arrays.slot_type)))
        return search(arrays, *args, **more)

    arrays = compile_problem(packed(10, 200)).arrays
    full = search(arrays, SolveOptions(seconds=60, max_iterations=12_000))
    assert len(full.routes) == 5
    first, *others = [(route.type, route.items) for route in full.routes]
    six = [(first[0], first[1][:3]), (first[0], first[1][3:]), *others]
    monkeypatch.setattr(squeeze, "search", spied)
    few = SolveOptions(seconds=60, max_iterations=20)
    found = search_packed(arrays, few, Silent(), six, opened=time.monotonic())
    assert len(found.routes) == 5
    assert [routes for routes, _ in begun] == [6, 5, 5]
    assert [slots for _, slots in begun] == [len(arrays.slot_type), 5, len(arrays.slot_type)]
    begun.clear()
    search_packed(arrays, few, Silent(), [first, *others], opened=time.monotonic())
    assert [routes for routes, _ in begun] == [5, 5]


def test_parts_add_up_to_one_solve() -> None:
    """All loads fill five vans to the last place, and five are found.

    The reports get better only, their seconds go on over all parts, and the curve ends at
    the plan's cost.
    """
    problem = packed(10, 200)
    counted, listener = SolveOptions(seconds=60, max_iterations=12_000), Listener()
    plan = solve(problem, counted, listener)
    assert plan.feasible
    assert not check(problem, plan).violations
    assert len(plan.routes) == 5
    assert plan.iterations <= 12_000
    assert plan.routes == solve(problem, counted).routes
    told = listener.objectives()
    assert told == sorted(told, reverse=True)
    assert told[-1] == plan.cost.total == plan.curve[-1][1]
    costs = [cost for _, cost in plan.curve]
    assert costs == sorted(costs, reverse=True)
    seconds = [progress.seconds for progress in listener.told]
    assert seconds == sorted(seconds)
    assert [moment for moment, _ in plan.curve] == sorted(moment for moment, _ in plan.curve)
    assert all(not check(problem, found).violations for found in listener.plans)


@pytest.mark.parametrize("objective", [Objective.COST, FEWEST])
def test_squeezing_reports_what_stands(objective: Objective) -> None:
    """No second passes without a word; costs only fall, or rise as vehicles become fewer."""
    listener = Listener()
    problem = replace(packed(10, 201), objective=objective)
    plan = solve(problem, SolveOptions(seconds=3), listener)
    moments = [0.0, *(progress.seconds for progress in listener.told), plan.seconds]
    assert max(late - early for early, late in itertools.pairwise(moments)) < 1
    told = listener.objectives()
    assert told[-1] == plan.cost.total
    if objective is Objective.COST:
        assert told == sorted(told, reverse=True)


def test_a_start_is_never_made_worse() -> None:
    """Whatever packing does with a good plan, what comes back costs no more."""
    problem = packed(10, 210)
    good = solve(problem, SolveOptions(seconds=60, max_iterations=20_000))
    again = solve(problem, SolveOptions(seconds=60, max_iterations=100), initial=good)
    assert again.cost.total <= good.cost.total


def test_more_vehicles_than_loads_need_are_kept_where_they_pay() -> None:
    """Two places far apart on both sides of the depot: two vans, though one has room."""
    problem = packed(1, 100, visits=2)
    rows = [[0, 10, 10], [10, 0, 100], [10, 100, 0]]
    problem = replace(problem, travel=matrix_travel(rows))
    assert len(solve(problem, FEW).routes) == 2
