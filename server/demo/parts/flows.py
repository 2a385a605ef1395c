"""The freight flows in the demo."""

from __future__ import annotations

from typing import Any

from router.errors import Violations
from router.formats import geojson
from router.freight.flows.plan import FlowPlan
from router.freight.flows.problem import FlowProblem
from router.plots import flows as picture
from server.codecs.clock import Clock
from server.codecs.flows import decode_plan
from server.codecs.flows_problem import encode_problem
from server.demo import figures
from server.demo.part import DemoPart, Picture


def part(problem: FlowProblem, clock: Clock) -> DemoPart:
    """Return how a day of freight flows is sent, read and shown."""
    return DemoPart(
        name="flows",
        title="Freight flows",
        lead=(
            "Goods move through the hub by road, rail and air in whole departures, as cheaply "
            "as capacities, fixed charges and changes of mode allow."
        ),
        goal="Cost",
        problem=problem,
        message=encode_problem(problem, clock),
        clock=clock,
        service=lambda client: client.flows,
        decode=lambda message: _plan(message, problem, clock),
        figures=figures.flows,
        left={"unshipped": "goods"},
        pictures=(
            Picture(
                file="flows_map.png",
                title="Flows by mode, and how full each lane is",
                alt=(
                    "Maps with arcs for road, rail and air lanes as wide as goods are many, "
                    "and a bar for each lane with goods carried, room offered and the lane's "
                    "limit."
                ),
                draw=picture.draw,
            ),
        ),
        geojson=geojson.flow_plan,
    )


def _plan(message: Any, problem: FlowProblem, clock: Clock) -> FlowPlan:
    found = Violations()
    plan = decode_plan(message, problem, clock, found)
    found.raise_if_any()
    return plan
