"""The facade: limits, starts, cancelling, and answers that are always judged."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from router.freight.routes import solve as facade
from router.freight.routes.check import check
from router.freight.routes.plan import RoutePlan, UnservedReason
from router.freight.routes.problem import RoutingProblem
from router.freight.routes.solve import solve
from router.solving import Cost, Progress, SolveOptions, Termination
from tests.freight.routes.plans import plan, route
from tests.freight.routes.problems import line_problem, van

PLACES = {f"v{k}": k for k in (-7, -5, -4, 2, 3, 9)}
LINE = line_problem(PLACES, loads=dict.fromkeys(PLACES, 1))
"""Out to -7 and to 9 and back: 32 in one tour or in two."""
FEW = SolveOptions(seconds=30, max_iterations=300)


def test_a_small_optimum() -> None:
    """Capacity 3 asks for two vans, one a side: 14 + 18 = 32."""
    problem = replace(LINE, vehicle_types=(van(count=3, capacity=(3,), fixed_cost=100),))
    found = solve(problem, FEW)
    assert found.feasible
    assert found.cost == Cost.of(fixed=200, distance=32, duration=0, prizes=0)
    assert not check(problem, found).violations
    assert found.curve[-1][1] == 232


def test_nothing_to_do() -> None:
    """The empty plan is optimal."""
    found = solve(replace(LINE, visits=()))
    assert (found.routes, found.cost.total, found.feasible) == ((), 0, True)
    assert found.termination is Termination.OPTIMAL


def test_the_same_seed_gives_the_same_plan() -> None:
    """Threads and iterations fixed, no clock decides."""
    problem = replace(LINE, vehicle_types=(van(count=3, capacity=(2,)),))
    assert solve(problem, FEW).routes == solve(problem, FEW).routes


def test_what_no_vehicle_can_carry_is_proven_infeasible() -> None:
    """A load of 9 in a van of 3: named, with its reason; the rest is served."""
    heavy = replace(LINE.visits[0], deliver=(9,))
    problem = replace(
        LINE, visits=(heavy, *LINE.visits[1:]), vehicle_types=(van(count=3, capacity=(3,)),)
    )
    found = solve(problem, FEW)
    assert not found.feasible
    assert [(item.id, item.reasons) for item in found.unserved] == [
        ("v-7", (UnservedReason.CAPACITY,))
    ]
    assert found.termination is Termination.INFEASIBLE


def test_too_small_a_fleet_is_not_a_proof() -> None:
    """One van of 4 for six visits: two stay, though each could be served alone."""
    problem = replace(LINE, vehicle_types=(van(capacity=(4,)),))
    found = solve(problem, FEW)
    assert [item.reasons for item in found.unserved] == [(UnservedReason.FLEET_EXHAUSTED,)] * 2
    assert found.termination is Termination.LIMIT


def test_a_start_is_taken_over() -> None:
    """Without an iteration to search in, the plan given comes back."""
    problem = replace(LINE, vehicle_types=(van(count=3),))
    given = plan(problem, route("v-7 v-5 v-4"), route("v2 v3 v9", vehicle=1))
    found = solve(problem, SolveOptions(seconds=5, max_iterations=0), initial=given)
    assert {r.stops for r in found.routes} == {r.stops for r in given.routes}


def test_a_broken_start_is_mended() -> None:
    """Too much load, a visit twice, names that do not exist, half of the work missing."""
    problem = replace(LINE, vehicle_types=(van(count=3, capacity=(2,)),))
    given = RoutePlan(
        routes=(route("v2 v3 v9 v2 nowhere"), route("v-7", "bus"), route("@d v-7", vehicle=9)),
        cost=Cost(0),
        feasible=False,
    )
    found = solve(problem, FEW, initial=given)
    assert found.feasible
    assert not check(problem, found).violations


class Impatient:
    """A monitor that stops at once and remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[Progress] = []
        self.plans: list[object] = []

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Remember progress, and the plan where there is one."""
        self.heard.append(progress)
        if incumbent is not None:
            self.plans.append(incumbent())

    def stopped(self) -> bool:
        """Return ``True``."""
        return True


def test_cancelling_keeps_the_best() -> None:
    """The first plan is returned long before the limit."""
    began = time.monotonic()
    monitor = Impatient()
    found = solve(LINE, SolveOptions(seconds=60), monitor)
    assert time.monotonic() - began < 5
    assert found.termination is Termination.CANCELLED
    assert found.feasible
    assert monitor.heard
    assert monitor.plans
    assert all(isinstance(one, RoutePlan) and one.feasible for one in monitor.plans)


@pytest.mark.parametrize("seconds", [0.05, 0.5])
def test_the_time_limit_is_kept(seconds: float) -> None:
    """Compiling, searching, judging and reasons included."""
    began = time.monotonic()
    found = solve(LINE, SolveOptions(seconds=seconds))
    assert time.monotonic() - began < seconds + 0.2
    assert found.seconds <= seconds + 0.2


def test_a_plan_that_breaks_a_rule_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that forgot the capacity is a fault of the library, and said so."""
    problem = replace(LINE, vehicle_types=(van(capacity=(3,), count=2),))
    generous = replace(problem, vehicle_types=(van(capacity=(9,)),))
    compiled = facade.compile_problem(generous)

    def forgetful(_: RoutingProblem) -> object:
        return replace(compiled, problem=problem)

    monkeypatch.setattr(facade, "compile_problem", forgetful)
    with pytest.raises(RuntimeError, match="CAPACITY"):
        solve(problem, FEW)
