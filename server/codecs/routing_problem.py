"""Routing problems as messages: what a caller sends who has the domain object.

The reverse of :func:`server.codecs.routing.decode_problem`, which gives back an
equal problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from alatau.common.v1 import time_pb2, travel_pb2
from alatau.freight.v1 import routing_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from router.freight.routes.problem import (
    ALWAYS,
    Depot,
    Group,
    Location,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    VehicleType,
    Visit,
)
from router.matrix import Euclidean, GreatCircle, Matrix, RoundMode, Travel
from router.timewindow import FOREVER, TimeWindow
from server.codecs.clock import Clock

_ROUNDING = {
    RoundMode.NEAREST: travel_pb2.PlanarTravel.ROUNDING_NEAREST,
    RoundMode.FLOOR: travel_pb2.PlanarTravel.ROUNDING_FLOOR,
}


def encode_problem(problem: RoutingProblem, clock: Clock) -> pb.RoutingProblem:
    """Return the message of a problem whose times count from the clock's start."""
    on_earth = any(isinstance(t, GreatCircle) for t in problem.travel.values())
    writer = _Writer(problem.dimensions, clock)
    return pb.RoutingProblem(
        name=problem.name,
        horizon_start=clock.outside(0),
        locations=[_location(place, on_earth) for place in problem.locations],
        depots=[writer.depot(depot) for depot in problem.depots],
        vehicle_types=[writer.vehicle_type(kind) for kind in problem.vehicle_types],
        travel={name: _travel(travel) for name, travel in problem.travel.items()},
        visits=[writer.visit(visit) for visit in problem.visits],
        shipments=[writer.shipment(shipment) for shipment in problem.shipments],
        groups=[_group(group) for group in problem.groups],
        dimensions=problem.dimensions,
        backhaul=pb.BackhaulRule.Value(f"BACKHAUL_RULE_{problem.backhaul.name}"),
        objective=pb.Objective.Value(f"OBJECTIVE_{problem.objective.name}"),
    )


class _Writer:
    """Writes the nouns of one problem: it knows the dimensions and the clock."""

    def __init__(self, dimensions: Sequence[str], clock: Clock) -> None:
        self._dimensions = dimensions
        self._clock = clock

    def depot(self, depot: Depot) -> pb.Depot:
        return pb.Depot(
            id=depot.id,
            location=depot.location,
            window=self._window(depot.window),
            service=Duration(seconds=depot.service),
        )

    def visit(self, visit: Visit) -> pb.Visit:
        return pb.Visit(
            id=visit.id,
            location=visit.location,
            deliver=self._load(visit.deliver),
            collect=self._load(visit.collect),
            windows=[self._time_window(window) for window in visit.windows],
            service=Duration(seconds=visit.service),
            release=self._clock.outside(visit.release) if visit.release else None,
            prize=visit.prize,
            skills=sorted(visit.skills),
        )

    def shipment(self, shipment: Shipment) -> pb.Shipment:
        return pb.Shipment(
            id=shipment.id,
            pickup=self._stop(shipment.pickup),
            delivery=self._stop(shipment.delivery),
            load=self._load(shipment.load),
            prize=shipment.prize,
            skills=sorted(shipment.skills),
        )

    def vehicle_type(self, kind: VehicleType) -> pb.VehicleType:
        fleet: dict[str, Any] = {"unlimited": True} if kind.count is None else {"count": kind.count}
        limit = kind.max_duration
        return pb.VehicleType(
            id=kind.id,
            start=kind.start,
            end=kind.end,
            capacity=self._load(kind.capacity),
            shift=self._window(kind.shift),
            fixed_cost=kind.fixed_cost,
            distance_cost=kind.distance_cost,
            duration_cost=kind.duration_cost,
            max_distance=kind.max_distance,
            max_duration=None if limit is None else Duration(seconds=limit),
            max_stops=kind.max_stops,
            reload_depots=kind.reload_depots,
            max_reloads=kind.max_reloads,
            skills=sorted(kind.skills),
            profile=kind.profile,
            **fleet,
        )

    def _stop(self, stop: ShipmentStop) -> pb.ShipmentStop:
        return pb.ShipmentStop(
            location=stop.location,
            windows=[self._time_window(window) for window in stop.windows],
            service=Duration(seconds=stop.service),
        )

    def _load(self, amounts: Sequence[int]) -> dict[str, int]:
        return dict(zip(self._dimensions, amounts, strict=False))

    def _window(self, window: TimeWindow) -> time_pb2.TimeWindow | None:
        return None if window == ALWAYS else self._time_window(window)

    def _time_window(self, window: TimeWindow) -> time_pb2.TimeWindow:
        end = None if window.end >= FOREVER else self._clock.outside(window.end)
        return time_pb2.TimeWindow(start_time=self._clock.outside(window.start), end_time=end)


def _location(place: Location, on_earth: bool) -> travel_pb2.Location:
    if on_earth:
        geo = travel_pb2.GeoPoint(latitude=place.y, longitude=place.x)
        return travel_pb2.Location(id=place.id, geo=geo)
    return travel_pb2.Location(id=place.id, planar=travel_pb2.PlanarPoint(x=place.x, y=place.y))


def _group(group: Group) -> pb.Group:
    prize = None if group.required else group.prize
    return pb.Group(id=group.id, visits=group.visits, prize=prize)


def _travel(travel: Travel) -> travel_pb2.Travel:
    if isinstance(travel, Euclidean):
        planar = travel_pb2.PlanarTravel(scale=travel.scale, rounding=_ROUNDING[travel.mode])
        return travel_pb2.Travel(planar=planar)
    if isinstance(travel, GreatCircle):
        circle = travel_pb2.GreatCircleTravel(
            metres_per_second=travel.metres_per_second, detour=travel.detour
        )
        return travel_pb2.Travel(great_circle=circle)
    return travel_pb2.Travel(matrix=_matrix(travel))


def _matrix(matrix: Matrix) -> travel_pb2.TravelMatrix:
    top = 2**31 - 1
    return travel_pb2.TravelMatrix(
        distances_le32=np.minimum(matrix.distances, top).astype("<i4").tobytes(),
        durations_le32=np.minimum(matrix.durations, top).astype("<i4").tobytes(),
    )
