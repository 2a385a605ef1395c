"""Random days of all features: no plan breaks a rule that it does not name itself."""

from __future__ import annotations

import pytest

from router.airtaxi.check import check
from router.airtaxi.plan import SearchParameters, solve
from router.solving import SolveOptions
from tests.airtaxi.plan.scenes import random_full_day

OWNED_UP = {
    "PROMISE_BROKEN": {"PROMISE_NOT_KEPT", "NO_AIRCRAFT", "NO_SEAT", "NO_ENERGY", "CLOSED"}
    | {"NO_CORRIDOR", "PILOT"},
    "TIMETABLE_MISSED": {"TIMETABLE_NOT_KEPT", "NO_AIRCRAFT", "NO_ENERGY", "CLOSED", "NO_CORRIDOR"}
    | {"PILOT"},
    "END_PLACE": {"CANNOT_RETURN", "RETURN_NOT_FOUND"},
    "DOWNTIME": {"CANNOT_RETURN", "RETURN_NOT_FOUND"},
    "FINAL_SOC": {"CANNOT_RETURN", "CANNOT_CHARGE", "RETURN_NOT_FOUND"},
    "STANDS": {"STANDS_NOT_KEPT", "STANDS_FULL"},
}
"""What a plan may break, and the reasons of which it then gives one."""


def judge(seed: int, iterations: int, parameters: SearchParameters | None = None) -> int:
    """Plan a day and judge it; return how many trips are served."""
    problem = random_full_day(seed)
    options = SolveOptions(seconds=60, max_iterations=iterations, seed=seed)
    plan = solve(problem, options, parameters=parameters)
    report = check(problem, plan)
    reasons = {v.code for v in plan.infeasible}
    for violation in report.violations:
        assert OWNED_UP.get(violation.code, set()) & reasons, str(violation)
    assert plan.value == report.value
    assert {u.trip for u in plan.unserved} | plan.served_trips == {t.id for t in problem.trips}
    if plan.bound is not None and not plan.infeasible:
        assert plan.bound >= plan.value
    return len(plan.served_trips)


@pytest.mark.parametrize("first", range(0, 30, 5))
def test_thirty_random_days(first: int) -> None:
    """Short searches; something is served on most days."""
    assert sum(judge(seed, 60) > 0 for seed in range(first, first + 5)) >= 3


@pytest.mark.parametrize("first", range(300, 360, 10))
def test_exchanges_and_whole_days_keep_every_rule(first: int) -> None:
    """With as many of them as can be."""
    for seed in range(first, first + 10):
        judge(seed, 200, SearchParameters(crossings=100, days=20, bound_share=0.0))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100, 300, 10))
def test_two_hundred_random_days(first: int) -> None:
    """Longer searches on other days."""
    for seed in range(first, first + 10):
        judge(seed, 600)
