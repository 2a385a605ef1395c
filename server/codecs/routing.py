"""Codec of routing problems and route plans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from alatau.common.v1 import time_pb2
from alatau.freight.v1 import routing_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from router.errors import Violations
from router.freight.routes.plan import Route, RoutePlan, Stop, StopKind, Unserved
from router.freight.routes.problem import (
    ALWAYS,
    DEFAULT_PROFILE,
    BackhaulRule,
    Depot,
    Group,
    Location,
    Objective,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    VehicleType,
    Visit,
)
from router.freight.routes.schedule import RouteSchedule, ScheduledEvent, schedule
from router.timewindow import TimeWindow
from server.codecs import common
from server.codecs.claims import decode_cost
from server.codecs.clock import Clock
from server.codecs.common import Reader, amounts, each, optional, whole
from server.codecs.travel import decode_position, decode_travel

_BACKHAUL = {
    pb.BACKHAUL_RULE_UNSPECIFIED: BackhaulRule.MIXED,
    pb.BACKHAUL_RULE_MIXED: BackhaulRule.MIXED,
    pb.BACKHAUL_RULE_LINEHAUL_FIRST: BackhaulRule.LINEHAUL_FIRST,
    pb.BACKHAUL_RULE_LINEHAUL_REQUIRED: BackhaulRule.LINEHAUL_REQUIRED,
}
_OBJECTIVE = {
    pb.OBJECTIVE_UNSPECIFIED: Objective.COST,
    pb.OBJECTIVE_COST: Objective.COST,
    pb.OBJECTIVE_FEWEST_VEHICLES: Objective.FEWEST_VEHICLES,
}
_KINDS = {
    pb.Stop.KIND_VISIT: StopKind.VISIT,
    pb.Stop.KIND_PICKUP: StopKind.PICKUP,
    pb.Stop.KIND_DELIVERY: StopKind.DELIVERY,
    pb.Stop.KIND_RELOAD: StopKind.RELOAD,
}
_KIND_VALUES = {kind: value for value, kind in _KINDS.items()}
_MATRIX_FIELD = re.compile(r"^(travel\[[^\]]*\])\.(distances|durations)")
_POSITION_FIELD = re.compile(r"^(locations\[\d+\])\.[xy]$")


def decode_problem(
    message: pb.RoutingProblem, found: Violations
) -> tuple[RoutingProblem | None, Clock]:
    """Return the problem, or ``None`` with every violation noted, and its clock."""
    before = len(found)
    clock = Clock(_horizon_start(message, found))
    reader = _ProblemReader(clock, message)
    backhaul = _BACKHAUL.get(message.backhaul)
    if backhaul is None:
        found.add("ENUM", "backhaul", f"is {message.backhaul}, no rule of this version.")
    objective = _OBJECTIVE.get(message.objective)
    if objective is None:
        found.add("ENUM", "objective", f"is {message.objective}, no objective of this version.")
    fields = {
        "name": message.name,
        "locations": each(reader.location, message.locations, "locations", found),
        "depots": each(reader.depot, message.depots, "depots", found),
        "vehicle_types": each(reader.vehicle_type, message.vehicle_types, "vehicle_types", found),
        "travel": {
            name: decode_travel(travel, message.locations, found.at(f"travel[{name}]"))
            for name, travel in sorted(message.travel.items())
        },
        "visits": each(reader.visit, message.visits, "visits", found),
        "shipments": each(reader.shipment, message.shipments, "shipments", found),
        "groups": each(_group, message.groups, "groups", found),
        "dimensions": reader.dimensions,
        "backhaul": backhaul or BackhaulRule.MIXED,
        "objective": objective or Objective.COST,
    }
    problem = common.build(RoutingProblem, found, _field_path, **fields)
    return (problem if len(found) == before else None), clock


def decode_plan(
    message: pb.RoutePlan, problem: RoutingProblem, clock: Clock, found: Violations
) -> RoutePlan:
    """Return the routes of a plan to judge; what stands in none is unserved."""
    routes = tuple(
        Route(
            vehicle_type=route.vehicle_type,
            vehicle=route.vehicle,
            stops=tuple(
                Stop(_kind(stop, found.at(f"routes[{r}].stops[{s}]")), stop.id)
                for s, stop in enumerate(route.stops)
            ),
        )
        for r, route in enumerate(message.routes)
    )
    served = {stop.id for route in routes for stop in route.stops if stop.kind != StopKind.RELOAD}
    tasks = [visit.id for visit in problem.visits] + [item.id for item in problem.shipments]
    return RoutePlan(
        routes=routes,
        unserved=tuple(Unserved(name, ()) for name in tasks if name not in served),
        cost=decode_cost(message.cost, found),
        feasible=message.feasible,
    )


def encode_plan(plan: RoutePlan, problem: RoutingProblem, clock: Clock) -> pb.RoutePlan:
    """Return a plan of known ids as a message, with times, loads and distances."""
    schedules = schedule(problem, plan)
    return pb.RoutePlan(
        routes=[_encode_route(route, problem, clock) for route in schedules],
        unserved=[
            pb.UnservedTask(
                id=task.id,
                reasons=[
                    pb.UnservedTask.Reason.Value(f"REASON_{reason.value}")
                    for reason in task.reasons
                ],
            )
            for task in plan.unserved
        ],
        cost=common.encode_cost(plan.cost),
        feasible=plan.feasible,
        summary=common.encode_summary(
            termination=plan.termination,
            seconds=plan.seconds,
            objective=plan.cost.total,
            iterations=plan.iterations,
            curve=plan.curve,
        ),
    )


def _encode_route(route: RouteSchedule, problem: RoutingProblem, clock: Clock) -> pb.Route:
    first, *stops, last = route.events
    return pb.Route(
        vehicle_type=route.vehicle_type,
        vehicle=route.vehicle,
        stops=[_encode_stop(stop, problem, clock) for stop in stops],
        start_time=clock.outside(first.start),
        end_time=clock.outside(last.start),
        distance=route.distance,
        cost=common.encode_cost(route.cost),
        start_load=_encode_load(first.load, problem),
    )


def _encode_stop(stop: ScheduledEvent, problem: RoutingProblem, clock: Clock) -> pb.Stop:
    return pb.Stop(
        kind=_KIND_VALUES[StopKind(stop.kind.value)],
        id=stop.id,
        arrival_time=clock.outside(stop.arrival),
        start_time=clock.outside(stop.start),
        departure_time=clock.outside(stop.departure),
        distance=stop.distance,
        load=_encode_load(stop.load, problem),
    )


def _encode_load(load: Sequence[int], problem: RoutingProblem) -> dict[str, int]:
    return dict(zip(problem.dimensions, load, strict=False))


class _ProblemReader(Reader):
    """Reads the nouns of one routing problem."""

    def __init__(self, clock: Clock, message: pb.RoutingProblem) -> None:
        super().__init__(clock)
        self.dimensions = tuple(message.dimensions) or ("load",)
        self._unlimited = _load_sums(message, self.dimensions)

    def location(self, message: Any, found: Violations) -> Location:
        x, y = decode_position(message, found)
        return Location(message.id, x, y)

    def depot(self, message: pb.Depot, found: Violations) -> Depot:
        return Depot(
            id=message.id,
            location=message.location,
            window=self._window(message, "window", found),
            service=self.duration(message, "service", found),
        )

    def visit(self, message: pb.Visit, found: Violations) -> Visit:
        return Visit(
            id=message.id,
            location=message.location,
            deliver=amounts(message.deliver, self.dimensions, "deliver", found),
            collect=amounts(message.collect, self.dimensions, "collect", found),
            windows=self.windows(message.windows, "windows", found),
            service=self.duration(message, "service", found),
            release=self.moment(message, "release", 0, found),
            prize=optional(message, "prize", found),
            skills=frozenset(message.skills),
        )

    def shipment(self, message: pb.Shipment, found: Violations) -> Shipment:
        return Shipment(
            id=message.id,
            pickup=self._shipment_stop(message.pickup, found.at("pickup")),
            delivery=self._shipment_stop(message.delivery, found.at("delivery")),
            load=amounts(message.load, self.dimensions, "load", found),
            prize=optional(message, "prize", found),
            skills=frozenset(message.skills),
        )

    def vehicle_type(self, message: pb.VehicleType, found: Violations) -> VehicleType:
        has_limit = message.HasField("max_duration")
        return VehicleType(
            id=message.id,
            count=_count(message, found),
            start=message.start,
            end=message.end if message.HasField("end") else None,
            capacity=amounts(message.capacity, self.dimensions, "capacity", found, self._unlimited),
            shift=self._window(message, "shift", found),
            fixed_cost=whole(message.fixed_cost, "fixed_cost", found),
            distance_cost=(
                whole(message.distance_cost, "distance_cost", found)
                if message.HasField("distance_cost")
                else 1
            ),
            duration_cost=whole(message.duration_cost, "duration_cost", found),
            max_distance=optional(message, "max_distance", found),
            max_duration=self.duration(message, "max_duration", found) if has_limit else None,
            max_stops=optional(message, "max_stops", found),
            reload_depots=tuple(message.reload_depots),
            max_reloads=optional(message, "max_reloads", found),
            skills=frozenset(message.skills),
            profile=message.profile or DEFAULT_PROFILE,
        )

    def _shipment_stop(self, message: pb.ShipmentStop, found: Violations) -> ShipmentStop:
        return ShipmentStop(
            location=message.location,
            windows=self.windows(message.windows, "windows", found),
            service=self.duration(message, "service", found),
        )

    def _window(self, message: Any, field: str, found: Violations) -> TimeWindow:
        if not message.HasField(field):
            return ALWAYS
        return self.window(getattr(message, field), found.at(field))


def _group(message: pb.Group, found: Violations) -> Group:
    return Group(
        id=message.id,
        visits=tuple(message.visits),
        required=not message.HasField("prize"),
        prize=whole(message.prize, "prize", found),
    )


def _count(message: pb.VehicleType, found: Violations) -> int | None:
    if message.HasField("unlimited"):
        return None if message.unlimited else 1
    return whole(message.count, "count", found) if message.HasField("count") else 1


def _kind(message: pb.Stop, found: Violations) -> StopKind:
    kind = _KINDS.get(message.kind)
    if kind is None:
        text = f"is {message.kind}; say VISIT, PICKUP, DELIVERY or RELOAD."
        found.add("ENUM", "kind", text)
    return kind or StopKind.VISIT


def _load_sums(message: pb.RoutingProblem, dimensions: Sequence[str]) -> list[int]:
    """Return all loads together by dimension: a capacity that never binds."""
    sums = dict.fromkeys(dimensions, 0)
    loads = chain.from_iterable((visit.deliver, visit.collect) for visit in message.visits)
    for load in chain(loads, (shipment.load for shipment in message.shipments)):
        for name, amount in load.items():
            if name in sums:
                sums[name] += max(0, amount)
    return [sums[name] for name in dimensions]


def _horizon_start(message: pb.RoutingProblem, found: Violations) -> int:
    """Return the seconds since 1970 from which the problem's times are counted."""
    if message.HasField("horizon_start"):
        return Reader(Clock()).moment(message, "horizon_start", 0, found)
    windows = {depot.id: depot.window for depot in message.depots}
    bounded = all(
        kind.shift.HasField("start_time")
        or (kind.start in windows and windows[kind.start].HasField("start_time"))
        for kind in message.vehicle_types
    )
    return max(0, min((m.seconds for m in _moments(message)), default=0)) if bounded else 0


def _moments(message: pb.RoutingProblem) -> Iterator[Timestamp]:
    """Yield every moment of a problem."""
    windows: Iterator[time_pb2.TimeWindow] = chain(
        (depot.window for depot in message.depots),
        (kind.shift for kind in message.vehicle_types),
        chain.from_iterable(visit.windows for visit in message.visits),
        chain.from_iterable(s.pickup.windows for s in message.shipments),
        chain.from_iterable(s.delivery.windows for s in message.shipments),
    )
    for window in windows:
        if window.HasField("start_time"):
            yield window.start_time
        if window.HasField("end_time"):
            yield window.end_time
    yield from (visit.release for visit in message.visits if visit.HasField("release"))


def _field_path(path: str) -> str:
    """Return the message's path of a path of the domain."""
    path = _MATRIX_FIELD.sub(r"\1.matrix.\2", path)
    return _POSITION_FIELD.sub(r"\1", path)
