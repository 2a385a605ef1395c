"""Vehicle routes as jobs: ``routes.solve``, ``routes.stream``, ``routes.evaluate``."""

from __future__ import annotations

from dataclasses import replace

from alatau.freight.v1 import routing_pb2, routing_service_pb2

from router.errors import Violations
from router.freight.routes.check import check
from router.freight.routes.plan import RoutePlan
from router.freight.routes.problem import RoutingProblem
from router.freight.routes.solve import solve
from server.codecs import routing
from server.codecs.clock import Clock
from server.part import Part


def _plan_to_judge(
    message: routing_pb2.RoutePlan, problem: RoutingProblem, clock: Clock, found: Violations
) -> RoutePlan:
    """Return the plan sent; one that states no cost is given its real one."""
    plan = routing.decode_plan(message, problem, clock, found)
    return plan if message.HasField("cost") else replace(plan, cost=check(problem, plan).cost)


ROUTES = Part(
    name="routes",
    solve_request=routing_service_pb2.SolveRoutePlanRequest,
    solve_response=routing_service_pb2.SolveRoutePlanResponse,
    stream_request=routing_service_pb2.StreamRoutePlanRequest,
    stream_response=routing_service_pb2.StreamRoutePlanResponse,
    evaluate_request=routing_service_pb2.EvaluateRoutePlanRequest,
    evaluate_response=routing_service_pb2.EvaluateRoutePlanResponse,
    decode_problem=routing.decode_problem,
    decode_plan=_plan_to_judge,
    encode_plan=routing.encode_plan,
    solve=solve,
    check=check,
)
ROUTES.register()
