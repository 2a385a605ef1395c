"""The services of the API by their parts."""

from __future__ import annotations

from typing import TypeAlias

from alatau.freight.v1 import routing_pb2, routing_service_pb2

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
