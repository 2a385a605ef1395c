"""The search never keeps a backhaul between linehauls, though it be shorter."""

import numpy as np

from router.freight.routes.check import check
from router.freight.routes.problem import (
    BackhaulRule,
    Depot,
    Location,
    RoutingProblem,
    VehicleType,
    Visit,
)
from router.freight.routes.solve import solve
from router.matrix import Euclidean
from router.solving import SolveOptions


def test_the_corner_is_collected_from_last() -> None:
    """Around a square of 10 by way of the corner would be 40; two linehauls first are 48."""
    xs, ys = np.array([0.0, 0.0, 10.0, 10.0]), np.array([0.0, 10.0, 10.0, 0.0])
    problem = RoutingProblem(
        locations=tuple(Location(str(i), xs[i], ys[i]) for i in range(4)),
        depots=(Depot(id="0", location="0"),),
        vehicle_types=(VehicleType(id="van", count=1, start="0", end="0", capacity=(9,)),),
        travel={"default": Euclidean(xs, ys)},
        visits=(
            Visit(id="a", location="1", deliver=(1,)),
            Visit(id="b", location="2", collect=(1,)),
            Visit(id="c", location="3", deliver=(1,)),
        ),
        backhaul=BackhaulRule.LINEHAUL_FIRST,
    )
    for seed in range(1000):  # a blink hides the only place in one first plan of a hundred
        plan = solve(problem, SolveOptions(seconds=20.0, seed=seed, max_iterations=1))
        assert not check(problem, plan).violations
        assert plan.cost.total >= 48 or plan.unserved
