"""Delivery routes in the demo."""

from __future__ import annotations

from dataclasses import replace

from alatau.freight.v1 import routing_pb2 as pb

from router.errors import Violations
from router.formats import geojson
from router.freight.routes.plan import RoutePlan, Unserved, UnservedReason
from router.freight.routes.problem import RoutingProblem
from router.plots import routes as picture
from server.codecs.clock import Clock
from server.codecs.routing import decode_plan
from server.codecs.routing_problem import encode_problem
from server.demo import figures
from server.demo.part import DemoPart, Picture


def part(problem: RoutingProblem, clock: Clock) -> DemoPart:
    """Return how a routing problem is sent, read and shown."""
    return DemoPart(
        name="routes",
        title="Delivery routes",
        lead=(
            "Vehicles carry goods from the hub to the settlements within their capacities and "
            "the customers' time windows."
        ),
        goal="Cost",
        problem=problem,
        message=encode_problem(problem, clock),
        clock=clock,
        service=lambda client: client.routing,
        decode=lambda message: _plan(message, problem, clock),
        figures=figures.routes,
        left={"unserved": "orders"},
        pictures=(
            Picture(
                file="routes_map.png",
                title="Routes on a map",
                alt=(
                    "Map of the region with one coloured line for each vehicle from the hub, "
                    "and a list of vehicles with stops, kilometres, times and load."
                ),
                draw=picture.draw,
            ),
        ),
        geojson=geojson.route_plan,
    )


def _plan(message: pb.RoutePlan, problem: RoutingProblem, clock: Clock) -> RoutePlan:
    """Return the domain plan with the reasons that the server gave."""
    found = Violations()
    plan = decode_plan(message, problem, clock, found)
    found.raise_if_any()
    return replace(plan, unserved=tuple(_unserved(task) for task in message.unserved))


def _unserved(task: pb.UnservedTask) -> Unserved:
    names = (pb.UnservedTask.Reason.Name(reason) for reason in task.reasons)
    return Unserved(task.id, tuple(UnservedReason(n.removeprefix("REASON_")) for n in names))
