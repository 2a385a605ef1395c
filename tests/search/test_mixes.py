"""Plans of random problems over all features, judged by the independent checker."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import InvalidInput
from router.freight.routes.check import check, price, served_ids
from router.freight.routes.compile import Compiled, compile_problem
from router.freight.routes.plan import Route, RoutePlan, Stop, StopKind, Unserved, UnservedReason
from router.search.problem import ArraySolution, Kind
from router.search.routes import search
from router.solving import SolveOptions
from tests.search.mixes import Mix

EXAMPLES = int(os.environ.get("ALATAU_EXAMPLES", "60"))
UNAVOIDABLE = {"REQUIRED_UNSERVED", "GROUP"}


def broken_rules(compiled: Compiled, found: ArraySolution) -> list[str]:
    """Return what the checker says about a search result."""
    problem = compiled.problem
    routes = compiled.routes(found.routes)
    served = served_ids(routes)
    names = [visit.id for visit in problem.visits] + [item.id for item in problem.shipments]
    left = [name for name in names if name not in served]
    plan = RoutePlan(
        routes=routes,
        unserved=tuple(Unserved(name, (UnservedReason.NOT_WORTH_IT,)) for name in left),
        cost=price(problem, routes),
        feasible=found.missing == 0,
    )
    report = check(problem, plan)
    said = [f"{v}" for v in report.violations if v.code not in UNAVOIDABLE or not found.missing]
    if found.cost != report.cost.total:
        said.append(f"search says {found.cost}, the checker {report.cost.total}")
    return said


def compiled_mix(seed: int) -> Compiled | None:
    """Return a random problem as arrays; None where validation refuses it."""
    try:
        return compile_problem(Mix(seed).problem())
    except InvalidInput:
        return None


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_plan_keeps_every_rule(seed: int) -> None:
    """No violation, and the checker's cost is the search's cost."""
    compiled = compiled_mix(seed)
    if compiled is None:
        return
    options = SolveOptions(seconds=20, seed=seed, max_iterations=150)
    assert broken_rules(compiled, search(compiled.arrays, options)) == []


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_start_is_mended(seed: int) -> None:
    """A start that serves everything in one route of each kind breaks many rules."""
    compiled = compiled_mix(seed)
    if compiled is None:
        return
    problem = compiled.problem
    stops = list(compiled.stops)
    stops.insert(len(stops) // 2, Stop(StopKind.RELOAD, problem.depots[0].id))
    routes = [
        Route(vehicle_type=kind.id, vehicle=k, stops=tuple(stops[::step]))
        for k, kind in enumerate(problem.vehicle_types)
        for step in (1, 2)
    ]
    options = SolveOptions(seconds=20, seed=seed, max_iterations=60)
    found = search(compiled.arrays, options, initial=compiled.start(routes))
    assert broken_rules(compiled, found) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_mixes_meet_every_kind(kind: Kind) -> None:
    """Among 400 problems each family of kernels is needed at least once."""
    found = (compiled_mix(seed) for seed in range(400))
    assert any(one is not None and one.arrays.kind is kind for one in found)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("seed", [3, 4, 11, 12])
def test_same_seed_same_plan(seed: int, threads: int) -> None:
    """Seed, threads and iterations decide the plan; the clock does not."""
    compiled = compiled_mix(seed)
    if compiled is None:
        return
    options = SolveOptions(seconds=60, seed=seed, threads=threads, max_iterations=400)
    one, two = search(compiled.arrays, options), search(compiled.arrays, options)
    assert (one.routes, one.cost) == (two.routes, two.cost)


def test_a_start_with_two_of_a_group_is_mended() -> None:
    """Both members of a group in one start: one stays, and the search ends."""
    tried = 0
    for seed in range(400):
        compiled = compiled_mix(seed)
        if compiled is None or not any(len(g.visits) > 1 for g in compiled.problem.groups):
            continue
        tried += 1
        problem = compiled.problem
        routes = [
            Route(vehicle_type=kind.id, vehicle=k, stops=(Stop(StopKind.VISIT, member),))
            for k, kind in enumerate(problem.vehicle_types)
            for group in problem.groups
            for member in group.visits
        ]
        options = SolveOptions(seconds=20, seed=seed, max_iterations=60)
        found = search(compiled.arrays, options, initial=compiled.start(routes))
        assert broken_rules(compiled, found) == []
        if tried == 15:
            break
    assert tried == 15
