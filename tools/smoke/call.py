"""One call of the installed client to the server at ``argv[1]``."""

from __future__ import annotations

import sys

from alatau.freight.v1 import routing_pb2
from alatau_client import Client

problem = routing_pb2.RoutingProblem()
for name, x, y in (("hub", 0, 0), ("east", 3, 4), ("west", -3, 4)):
    place = problem.locations.add(id=name)
    place.planar.x, place.planar.y = x, y
problem.travel["default"].planar.SetInParent()
problem.depots.add(id="hub", location="hub")
problem.vehicle_types.add(id="van", start="hub", end="hub")
for name in ("east", "west"):
    problem.visits.add(id=name, location=name)

with Client(sys.argv[1]) as client:
    plan = client.routing.solve(problem, time_limit=1).plan
if not plan.feasible or plan.cost.total != 5 + 6 + 5:
    sys.exit(f"the plan costs {plan.cost.total}, expected 16.")
