"""The services of the API; every one of them is listed in :func:`services`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import grpc
from alatau.airtaxi.v1.planning_service_pb2_grpc import add_PlanningServiceServicer_to_server
from alatau.freight.v1.docks_service_pb2_grpc import add_DockServiceServicer_to_server
from alatau.freight.v1.flows_service_pb2_grpc import add_FlowServiceServicer_to_server
from alatau.freight.v1.routing_service_pb2_grpc import add_RoutingServiceServicer_to_server
from alatau.jobs.v1.jobs_service_pb2_grpc import add_SolveJobServiceServicer_to_server

from server.calls import Calls
from server.jobs.companion import Jobs
from server.servicers.airtaxi import PlanningServicer
from server.servicers.docks import DockServicer
from server.servicers.flows import FlowServicer
from server.servicers.jobs import JobServicer
from server.servicers.routing import RoutingServicer

AddToServer = Callable[[grpc.aio.Server], None]


def services(calls: Calls, jobs: Jobs) -> Mapping[str, AddToServer]:
    """Return what adds each service to a server, by the service's full name."""
    return {
        "alatau.airtaxi.v1.PlanningService": lambda server: add_PlanningServiceServicer_to_server(
            PlanningServicer(calls), server
        ),
        "alatau.freight.v1.DockService": lambda server: add_DockServiceServicer_to_server(
            DockServicer(calls), server
        ),
        "alatau.freight.v1.FlowService": lambda server: add_FlowServiceServicer_to_server(
            FlowServicer(calls), server
        ),
        "alatau.freight.v1.RoutingService": lambda server: add_RoutingServiceServicer_to_server(
            RoutingServicer(calls), server
        ),
        "alatau.jobs.v1.SolveJobService": lambda server: add_SolveJobServiceServicer_to_server(
            JobServicer(jobs.service, jobs.uploads), server
        ),
    }
