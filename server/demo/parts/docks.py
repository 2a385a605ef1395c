"""The day at the hub's doors in the demo."""

from __future__ import annotations

from typing import Any

from router.errors import Violations
from router.freight.docks.plan import DockPlan
from router.freight.docks.problem import DockProblem
from router.plots import doors
from server.codecs.clock import Clock
from server.codecs.docks import decode_plan
from server.codecs.docks_problem import encode_problem
from server.demo import figures
from server.demo.part import DemoPart, Picture


def part(problem: DockProblem, clock: Clock) -> DemoPart:
    """Return how a dock day is sent, read and shown."""
    return DemoPart(
        name="docks",
        title="Dock doors",
        lead=(
            "Trucks and containers get appointments at the doors of the hub, so that goods "
            "cross from inbound to outbound vehicles in time, with the crews that are present."
        ),
        goal="Cost",
        problem=problem,
        message=encode_problem(problem, clock),
        clock=clock,
        service=lambda client: client.docks,
        decode=lambda message: _plan(message, problem, clock),
        figures=figures.docks,
        left={"unassigned": "trucks", "missed": "transfers"},
        pictures=(
            Picture(
                file="docks_doors.png",
                title="Doors over the day, with transfers and crews",
                alt=(
                    "Gantt chart with a row for each door: inbound and outbound trucks, how "
                    "long they waited, arrows for goods that move between them, and crews at "
                    "work against crews present."
                ),
                draw=doors.draw,
            ),
        ),
    )


def _plan(message: Any, problem: DockProblem, clock: Clock) -> DockPlan:
    found = Violations()
    plan = decode_plan(message, problem, clock, found)
    found.raise_if_any()
    return plan
