"""The services of the API by their parts."""

from __future__ import annotations

from typing import TypeAlias

from alatau.airtaxi.v1 import planning_pb2, planning_service_pb2, sizing_pb2
from alatau.freight.v1 import (
    docks_pb2,
    docks_service_pb2,
    flows_pb2,
    flows_service_pb2,
    routing_pb2,
    routing_service_pb2,
)

from alatau_client import options
from alatau_client.options import SearchOptions
from alatau_client.service import Service

RoutingService: TypeAlias = Service[
    routing_pb2.RoutingProblem,
    routing_pb2.RoutePlan,
    routing_service_pb2.SolveRoutePlanResponse,
    routing_service_pb2.StreamRoutePlanResponse,
    routing_service_pb2.EvaluateRoutePlanResponse,
]
ROUTING: RoutingService = Service(routing_service_pb2, "RoutingService", "RoutePlan")
"""Routes for a fleet of vehicles."""

AirTaxiService: TypeAlias = Service[
    planning_pb2.AirTaxiProblem,
    planning_pb2.FlightPlan,
    planning_service_pb2.SolveFlightPlanResponse,
    planning_service_pb2.StreamFlightPlanResponse,
    planning_service_pb2.EvaluateFlightPlanResponse,
]
AIRTAXI: AirTaxiService = Service(planning_service_pb2, "PlanningService", "FlightPlan")
"""Day plans for a fleet of air taxis."""


def size_fleet_request(
    problem: planning_pb2.AirTaxiProblem,
    sizing: sizing_pb2.FleetSizing | None,
    search: SearchOptions,
) -> planning_service_pb2.SizeFleetRequest:
    """Return the request that sizes the fleet of a day."""
    return planning_service_pb2.SizeFleetRequest(
        problem=problem, sizing=sizing, options=options.message(search)
    )


DockService: TypeAlias = Service[
    docks_pb2.DockProblem,
    docks_pb2.DockPlan,
    docks_service_pb2.SolveDockPlanResponse,
    docks_service_pb2.StreamDockPlanResponse,
    docks_service_pb2.EvaluateDockPlanResponse,
]
DOCKS: DockService = Service(docks_service_pb2, "DockService", "DockPlan")
"""Appointments at a hub's dock doors."""

FlowService: TypeAlias = Service[
    flows_pb2.FlowProblem,
    flows_pb2.FlowPlan,
    flows_service_pb2.SolveFlowPlanResponse,
    flows_service_pb2.StreamFlowPlanResponse,
    flows_service_pb2.EvaluateFlowPlanResponse,
]
FLOWS: FlowService = Service(flows_service_pb2, "FlowService", "FlowPlan")
"""Freight flows over lanes and through hubs."""
