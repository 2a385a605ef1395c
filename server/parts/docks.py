"""Dock days as jobs: ``docks.solve``, ``docks.stream``, ``docks.evaluate``."""

from __future__ import annotations

from dataclasses import replace

from alatau.freight.v1 import docks_pb2, docks_service_pb2

from router.errors import Violations
from router.freight.docks.check import check
from router.freight.docks.plan import DockPlan
from router.freight.docks.problem import DockProblem
from router.freight.docks.solve import solve
from server.codecs import docks
from server.codecs.clock import Clock
from server.part import Part


def _plan_to_judge(
    message: docks_pb2.DockPlan, problem: DockProblem, clock: Clock, found: Violations
) -> DockPlan:
    """Return the plan sent; one that states no cost is given its real one."""
    plan = docks.decode_plan(message, problem, clock, found)
    return plan if message.HasField("cost") else replace(plan, cost=check(problem, plan).cost)


DOCKS = Part(
    name="docks",
    solve_request=docks_service_pb2.SolveDockPlanRequest,
    solve_response=docks_service_pb2.SolveDockPlanResponse,
    stream_request=docks_service_pb2.StreamDockPlanRequest,
    stream_response=docks_service_pb2.StreamDockPlanResponse,
    evaluate_request=docks_service_pb2.EvaluateDockPlanRequest,
    evaluate_response=docks_service_pb2.EvaluateDockPlanResponse,
    decode_problem=docks.decode_problem,
    decode_plan=_plan_to_judge,
    encode_plan=docks.encode_plan,
    solve=solve,
    check=check,
)
DOCKS.register()
