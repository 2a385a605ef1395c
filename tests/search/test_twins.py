"""Larger vehicles for full routes: against all places in all vehicles that are free."""

from __future__ import annotations

import numpy as np
import pytest

from router._core import RouteSearch
from router.freight.routes.compile import Compiled, compile_problem
from router.freight.routes.problem import Depot, Location, RoutingProblem, VehicleType, Visit
from router.matrix import Euclidean
from router.search.parameters import Parameters
from router.search.problem import FAR, Feature, Kind, RouteArrays

Plan = list[tuple[int, list[int]]]
SIZES = (6, 10, 15)


def fleet_of(seed: int, *, limited: bool) -> Compiled:
    """Nine visits; each size of vehicle costs what chance says, none to four of each."""
    rng = np.random.default_rng(seed)
    xs, ys = rng.integers(0, 50, 10).astype(float), rng.integers(0, 50, 10).astype(float)
    names = [str(k) for k in range(10)]
    kinds = [
        VehicleType(
            id=f"{skill}{size}",
            count=int(rng.integers(0 if k else 1, 5)),
            start="0",
            end="0",
            capacity=(size, 60),
            fixed_cost=int(rng.integers(0, 60)),
            distance_cost=int(rng.integers(0, 4)),
            max_distance=150 if limited else None,
            max_stops=4 if limited else None,
            skills=frozenset({skill}) if skill else frozenset(),
        )
        for skill in (("", "s") if limited else ("",))
        for k, size in enumerate(SIZES)
    ]
    problem = RoutingProblem(
        locations=tuple(
            Location(name, x, y) for name, x, y in zip(names, xs.tolist(), ys.tolist(), strict=True)
        ),
        depots=(Depot(id="0", location="0"),),
        vehicle_types=tuple(kinds),
        travel={"default": Euclidean(xs, ys)},
        dimensions=("weight", "volume"),
        visits=tuple(
            Visit(
                id=name,
                location=name,
                deliver=(int(rng.integers(1, 5)), int(rng.integers(1, 20))),
                skills=frozenset({"s"}) if limited and rng.random() < 0.3 else frozenset(),
            )
            for name in names[1:]
        ),
    )
    return compile_problem(problem, neighbours=99)


def cost_of(engine: RouteSearch, arrays: RouteArrays, kind: int, items: list[int]) -> int:
    """Return what a route costs, FAR where it breaks a rule."""
    feasible, distance, _, _ = engine.judge(kind, items)
    return int(arrays.fixed[kind] + arrays.per_distance[kind] * distance) if feasible else FAR


def oracle(engine: RouteSearch, arrays: RouteArrays, plan: Plan, job: int) -> tuple[int, bool]:
    """Return the least cost over all places and vehicles; whether another vehicle has it."""
    free = np.bincount(arrays.slot_type, minlength=len(arrays.start))
    for kind, _ in plan:
        free[kind] -= 1
    best = (FAR, False)
    for kind, items in plan:
        room = arrays.capacity[kind] - arrays.add[[*items, job]].sum(axis=0)
        twins = np.flatnonzero((arrays.twin == arrays.twin[kind]) & (free > 0)).tolist()
        others = [kind] if (room >= 0).all() else [k for k in twins if k != kind]
        known = cost_of(engine, arrays, kind, items)
        for other in others:
            for at in range(len(items) + 1):
                there = cost_of(engine, arrays, other, [*items[:at], job, *items[at:]])
                if there < FAR:
                    best = min(best, (there - known, other != kind))
    return best


@pytest.mark.parametrize("limited", [False, True])
def test_the_cheapest_larger_vehicle_is_found(limited: bool) -> None:
    """Visits dealt to routes at random; each that is left out is asked for."""
    compared = 0
    for seed in range(300):
        arrays = fleet_of(seed, limited=limited).arrays
        assert arrays.kind is Kind.PLAIN and Feature.TWINS in arrays.features
        rng = np.random.default_rng(seed)
        engine = RouteSearch(arrays, Parameters(blink_rate=0.0), seed)
        dealt: Plan = [(int(k), []) for k in rng.permutation(arrays.slot_type)[:3]]
        for stop in rng.permutation(arrays.stops).tolist():
            route = dealt[rng.integers(len(dealt))]
            if engine.judge(route[0], [*route[1], stop])[0]:
                route[1].append(stop)
        plan = [(kind, items) for kind, items in dealt if items]
        engine.load(plan, 1e300)
        served = {stop for _, items in plan for stop in items}
        assert engine.served == len(served)
        for job in set(range(arrays.stops)) - served:
            expected, larger = oracle(engine, arrays, plan, job)
            assert engine.cheapest(job) == expected, f"fleet {seed}, job {job}"
            compared += larger
    assert compared > 50
