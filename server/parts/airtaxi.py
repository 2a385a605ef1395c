"""Air-taxi day plans as jobs: ``airtaxi.solve``, ``airtaxi.stream``, ``airtaxi.evaluate``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from alatau.airtaxi.v1 import planning_service_pb2

from router.airtaxi.check import FlightPlanReport, check
from router.airtaxi.plan import solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.errors import InvalidInput, Violation
from router.solving import CheckReport
from server.codecs import airtaxi
from server.part import Part


def _figures(report: CheckReport) -> Mapping[str, object]:
    counted = cast("FlightPlanReport", report)
    return {
        "revenue": counted.revenue,
        "value": counted.value,
        "served_trips": counted.served_trips,
        "served_passengers": counted.served_passengers,
    }


def _judge(problem: AirTaxiProblem, plan: FlightPlan) -> FlightPlanReport:
    """Judge a plan; one whose times are so absurd that its money is, is refused."""
    report = check(problem, plan)
    if max(map(abs, (report.value, report.revenue, *report.cost.components.values()))) >= 2**62:
        message = "costs more than 64 bits hold; check the moments of its flights."
        raise InvalidInput([Violation("OVERFLOW", "plan.flights", message)])
    return report


AIRTAXI = Part(
    name="airtaxi",
    solve_request=planning_service_pb2.SolveFlightPlanRequest,
    solve_response=planning_service_pb2.SolveFlightPlanResponse,
    stream_request=planning_service_pb2.StreamFlightPlanRequest,
    stream_response=planning_service_pb2.StreamFlightPlanResponse,
    evaluate_request=planning_service_pb2.EvaluateFlightPlanRequest,
    evaluate_response=planning_service_pb2.EvaluateFlightPlanResponse,
    decode_problem=airtaxi.decode_problem,
    decode_plan=airtaxi.decode_plan,
    encode_plan=airtaxi.encode_plan,
    solve=solve,
    check=_judge,
    figures=_figures,
)
AIRTAXI.register()
