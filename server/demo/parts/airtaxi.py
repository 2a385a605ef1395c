"""The air-taxi day in the demo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from alatau.airtaxi.v1 import planning_pb2 as pb

from router.airtaxi.plan_file import Source, plan_to_json
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.errors import Violations
from router.formats import geojson
from router.plots import aircraft, network, occupancy
from server.codecs.airtaxi import decode_plan
from server.codecs.airtaxi_problem import encode_problem
from server.codecs.clock import Clock
from server.demo import figures
from server.demo.part import DemoPart, Picture


def part(problem: AirTaxiProblem, clock: Clock, source: Source) -> DemoPart:
    """Return how an air-taxi day is sent, read and shown.

    ``source`` goes into the plan's file, so that ``alatau airtaxi check`` can
    judge it against the same day.
    """
    return DemoPart(
        name="airtaxi",
        title="Air-taxi day",
        lead=(
            "Electric air taxis carry parties between Almaty, the airport, the districts of "
            "Alatau, Konaev and Medeu, sharing seats, pads, stands, chargers and grid power."
        ),
        goal="Value",
        problem=problem,
        message=encode_problem(problem, clock),
        clock=clock,
        service=lambda client: client.airtaxi,
        decode=lambda message: _plan(message, problem, clock),
        figures=figures.airtaxi,
        left={"unserved": "trips"},
        pictures=PICTURES,
        geojson=geojson.airtaxi_plan,
        file=lambda message, plan: _file(plan, source),
    )


PICTURES = (
    Picture(
        file="airtaxi_map.png",
        title="Flows between the vertiports, as wide as flights are many, darker where fuller",
        alt=(
            "Map of the corridor network. One arc for each direction with its number of "
            "flights; the busiest join Almaty centre with the Golden and Gate districts of "
            "Alatau."
        ),
        draw=network.draw,
    ),
    Picture(
        file="airtaxi_aircraft.png",
        title="Every aircraft's day with its state of charge",
        alt=(
            "Gantt chart with a row for each aircraft: flights with and without passengers, "
            "charging sessions, and a line for the state of charge, which stays above the "
            "reserve."
        ),
        draw=aircraft.draw,
    ),
    Picture(
        file="airtaxi_vertiports.png",
        title="Pads, stands, chargers and grid power at each vertiport",
        alt=(
            "Small charts over the day, one row a vertiport: share of pad time used, aircraft "
            "on stands, chargers in use and grid power, each below the site's limit."
        ),
        draw=occupancy.draw,
    ),
)


def _plan(message: pb.FlightPlan, problem: AirTaxiProblem, clock: Clock) -> FlightPlan:
    found = Violations()
    plan = decode_plan(message, problem, clock, found)
    found.raise_if_any()
    elapsed = message.summary.elapsed
    return replace(plan, seconds=elapsed.seconds + elapsed.nanos / 1e9)


def _file(plan: FlightPlan, source: Source) -> Mapping[str, object]:
    return plan_to_json(plan, source)
