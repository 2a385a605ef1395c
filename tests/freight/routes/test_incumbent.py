"""Incumbents: priced as the checker prices, and built only now and then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from router.errors import InvalidInput
from router.freight.routes.check import price
from router.freight.routes.compile import compile_problem
from router.freight.routes.incumbent import Translated, incumbent
from router.freight.routes.plan import RoutePlan, UnservedReason
from router.freight.routes.problem import Group
from router.search.routes import search
from router.solving import Cost, Progress, SolveOptions
from tests.freight.routes.problems import line_problem, van
from tests.search.mixes import Mix


def test_the_parts_are_those_of_the_checker() -> None:
    """On random problems over all features, part by part."""
    compared = 0
    for seed in range(250):
        try:
            compiled = compile_problem(Mix(seed).problem())
        except InvalidInput:
            continue
        found = search(compiled.arrays, SolveOptions(seconds=20, seed=seed, max_iterations=30))
        plan = incumbent(compiled, found)
        assert plan.cost == price(compiled.problem, plan.routes), f"mix {seed}"
        assert plan.feasible is not bool(found.missing)
        compared += plan.cost.components["prizes"] > 0
    assert compared >= 20


def test_reasons_that_a_search_knows() -> None:
    """v5 is of the group that v2 serves; v9 costs 18 more and has a prize of 3.

    Out to 2 and back: 4, and 3 for the prize.
    """
    problem = line_problem({"v2": 2, "v5": 5, "v9": 9}, vehicle_types=(van(count=1),))
    lone = replace(problem.visits[2], prize=3)
    problem = replace(
        problem,
        visits=(*problem.visits[:2], lone),
        groups=(Group(id="g", visits=("v2", "v5")),),
    )
    compiled = compile_problem(problem)
    plan = incumbent(compiled, search(compiled.arrays, SolveOptions(max_iterations=100)))
    assert plan.cost == Cost.of(fixed=0, distance=4, duration=0, prizes=3)
    assert {item.id: item.reasons for item in plan.unserved} == {
        "v5": (UnservedReason.OTHER_OF_GROUP,),
        "v9": (UnservedReason.NOT_WORTH_IT,),
    }


@dataclass(slots=True)
class Listener:
    """Takes every incumbent offered."""

    plans: list[RoutePlan] = field(default_factory=list)
    reports: int = 0

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Keep the plan."""
        self.reports += 1
        if incumbent is not None:
            plan = incumbent()
            assert isinstance(plan, RoutePlan)
            self.plans.append(plan)

    def stopped(self) -> bool:
        """Never."""
        return False


def test_one_incumbent_at_a_time() -> None:
    """Three improvements at once: the first is offered, the others wait for their time."""
    compiled = compile_problem(line_problem({"v2": 2}, vehicle_types=(van(count=1),)))
    found = search(compiled.arrays, SolveOptions(max_iterations=10))
    listener = Listener()
    translated = Translated(compiled, listener)
    for _ in range(3):
        translated.report(Progress(seconds=0.0), lambda: found)
    assert (listener.reports, len(listener.plans)) == (3, 1)
    translated._not_before = 0.0
    translated.report(Progress(seconds=0.0))
    translated.report(Progress(seconds=0.0))
    assert (listener.reports, len(listener.plans)) == (5, 2)
