"""Plans of random problems over all features keep every rule."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.freight.routes.check import check
from router.freight.routes.problem import RoutingProblem
from router.freight.routes.schedule import schedule
from router.freight.routes.solve import solve
from router.solving import SolveOptions
from tests.freight.routes.random_problems import problems

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def solve_and_check(problem: RoutingProblem, seed: int) -> None:
    """Solve; the plan keeps every rule but for what found no place, if anything."""
    options = SolveOptions(seconds=20, max_iterations=60, seed=seed)
    plan = solve(problem, options)
    report = check(problem, plan)
    assert {v.code for v in report.violations} <= {"REQUIRED_UNSERVED", "GROUP"}
    assert report.feasible == plan.feasible
    assert report.cost == plan.cost
    routes = schedule(problem, plan)
    assert sum(r.cost.total for r in routes) + plan.cost.components["prizes"] == plan.cost.total
    again = solve(problem, options, initial=plan)
    before, after = (len(check(problem, p).violations) for p in (plan, again))
    assert (after, again.cost.total) <= (before, plan.cost.total)


@pytest.mark.timeout(300)
@settings(max_examples=200, deadline=None, suppress_health_check=CHECKS)
@given(problems(), st.integers(0, 3))
def test_random_problems(problem: RoutingProblem, seed: int) -> None:
    """Two hundred in every run; a start is never made worse."""
    solve_and_check(problem, seed)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=10_000, deadline=None, suppress_health_check=CHECKS)
@given(problems(), st.integers(0, 3))
def test_ten_thousand_random_problems(problem: RoutingProblem, seed: int) -> None:
    """The same, at length."""
    solve_and_check(problem, seed)
