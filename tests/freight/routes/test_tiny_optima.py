"""Plans of tiny random problems over all features are optimal."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from router.freight.routes.check import check
from router.freight.routes.problem import RoutingProblem
from router.freight.routes.solve import solve
from router.solving import SolveOptions
from tests.freight.routes.oracle import optimum
from tests.freight.routes.problems import line_problem, van
from tests.freight.routes.random_problems import problems


def test_the_oracle_itself() -> None:
    """Loads 2 and 2 in a van of 2: out to 3 and to 5, twice: 16, in two vans or with a reload."""
    loads = {"a": 2, "b": 2}
    one = line_problem({"a": 3, "b": 5}, loads=loads, vehicle_types=(van(capacity=(2,)),))
    assert optimum(one) == (1, 6)
    two = line_problem({"a": 3, "b": 5}, loads=loads, vehicle_types=(van(capacity=(2,), count=2),))
    assert optimum(two) == (0, 16)
    fleet = (van(capacity=(2,), reload_depots=("d",)),)
    assert optimum(line_problem({"a": 3, "b": 5}, loads=loads, vehicle_types=fleet)) == (0, 16)


@pytest.mark.timeout(300)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(most_visits=3, most_shipments=1))
def test_tiny_problems_are_solved_to_the_optimum(problem: RoutingProblem) -> None:
    """As much served as can be, at the least cost, after a few hundred iterations."""
    assume(0 < len(problem.visits) + 2 * len(problem.shipments) < 4)
    assume(sum(len(kind.reload_depots) for kind in problem.vehicle_types) < 3)
    plan = solve(problem, SolveOptions(seconds=20, max_iterations=400))
    missing = len(check(problem, plan).violations)
    assert (missing, plan.cost.total) == optimum(problem)
