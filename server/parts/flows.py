"""Freight flows as jobs: ``flows.solve``, ``flows.stream``, ``flows.evaluate``."""

from __future__ import annotations

from dataclasses import replace

from alatau.freight.v1 import flows_pb2, flows_service_pb2

from router.errors import Violations
from router.freight.flows.check import check
from router.freight.flows.plan import FlowPlan
from router.freight.flows.problem import FlowProblem
from router.freight.flows.solve import solve
from server.codecs import flows
from server.codecs.clock import Clock
from server.part import Part


def _plan_to_judge(
    message: flows_pb2.FlowPlan, problem: FlowProblem, clock: Clock, found: Violations
) -> FlowPlan:
    """Return the plan sent; one that states no cost is given its real one."""
    plan = flows.decode_plan(message, problem, clock, found)
    return plan if message.HasField("cost") else replace(plan, cost=check(problem, plan).cost)


FLOWS = Part(
    name="flows",
    solve_request=flows_service_pb2.SolveFlowPlanRequest,
    solve_response=flows_service_pb2.SolveFlowPlanResponse,
    stream_request=flows_service_pb2.StreamFlowPlanRequest,
    stream_response=flows_service_pb2.StreamFlowPlanResponse,
    evaluate_request=flows_service_pb2.EvaluateFlowPlanRequest,
    evaluate_response=flows_service_pb2.EvaluateFlowPlanResponse,
    decode_problem=flows.decode_problem,
    decode_plan=_plan_to_judge,
    encode_plan=flows.encode_plan,
    solve=solve,
    check=check,
)
FLOWS.register()
