"""The kernels find the cheapest place: compared with judging every place by walking."""

from __future__ import annotations

import time

import pytest

from benchmarks.micro.classes import made
from router._core import RouteSearch
from router.freight.routes.compile import compile_problem
from router.search.parameters import Parameters
from router.search.problem import Kind, RouteArrays
from router.search.routes import search
from router.solving import SolveOptions

FIRM = Parameters(blink_rate=0.0, neighbours=100, fit_rate=0.0)
Plan = list[tuple[int, list[int]]]


def cost_of(arrays: RouteArrays, judge: RouteSearch, type: int, items: list[int]) -> float:
    """Return what a route costs by the exact rules, infinite where it breaks one."""
    feasible, distance, duration, _ = judge.judge(type, items)
    if not feasible:
        return float("inf")
    price = arrays.per_distance[type] * distance + arrays.per_duration[type] * duration
    return int(arrays.fixed[type] + price)


def cheapest_place(arrays: RouteArrays, judge: RouteSearch, plan: Plan, stop: int) -> float:
    """Return what the plan costs with the stop at its best place in a route in use."""
    known = [cost_of(arrays, judge, type, items) for type, items in plan]
    best = float("inf")
    for (type, items), before in zip(plan, known, strict=True):
        for at in range(len(items) + 1):
            there = cost_of(arrays, judge, type, [*items[:at], stop, *items[at:]])
            best = min(best, sum(known) - before + there)
    return best


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("CVRP", Kind.PLAIN),
        ("VRPB", Kind.PLAIN),
        ("VRPTW", Kind.TIMED),
        ("MDVRPTW", Kind.SPANNED),
    ],
)
def test_one_visit_goes_to_its_cheapest_place(name: str, kind: Kind) -> None:
    """Without blinks and with all stops as neighbours, pruning must lose nothing.

    Each visit in turn is taken out of a plan and inserted again; now and then a
    vehicle of its own is considered as well.
    """
    tried = 0
    for seed in range(4):
        arrays = compile_problem(made(name, 24, seed), 100).arrays
        assert arrays.kind is kind
        options = SolveOptions(seconds=20, seed=seed, max_iterations=60)
        plan = [(route.type, list(route.items)) for route in search(arrays, options).routes]
        for stop in [stop for _, items in plan if len(items) > 1 for stop in items]:
            left = [(type, [v for v in items if v != stop]) for type, items in plan]
            engine = RouteSearch(arrays, FIRM, seed)
            engine.load(left, time.monotonic() + 20)
            if engine.best_missing != 1:  # the rest needs the stop: no way without it
                continue
            types = range(len(arrays.start))
            known = sum(cost_of(arrays, engine, type, items) for type, items in left)
            alone = known + min(cost_of(arrays, engine, type, [stop]) for type in types)
            wanted = cheapest_place(arrays, engine, left, stop)
            engine.construct(time.monotonic() + 20)
            assert engine.best_cost in (wanted, min(wanted, alone))
            tried += 1
    assert tried > 40
