"""Codec of flow problems and flow plans. They know no moments."""

from __future__ import annotations

from alatau.common.v1 import travel_pb2
from alatau.freight.v1 import flows_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from router.errors import Violations
from router.freight.flows.plan import (
    Departures,
    FlowPlan,
    InterchangeFlow,
    LaneFlow,
    Unshipped,
    UnshippedReason,
)
from router.freight.flows.problem import Commodity, FlowProblem, Interchange, Lane, Mode, Node
from server.codecs import common
from server.codecs.claims import decode_bound, decode_cost
from server.codecs.clock import Clock
from server.codecs.common import Reader, each, optional, whole

_MODES = {pb.MODE_ROAD: Mode.ROAD, pb.MODE_RAIL: Mode.RAIL, pb.MODE_AIR: Mode.AIR}
_MODE_VALUES = {mode: value for value, mode in _MODES.items()}
_REASONS = {
    value: UnshippedReason(name.removeprefix("REASON_"))
    for name, value in pb.UnshippedGoods.Reason.items()
    if value
}
_REASON_VALUES = {reason: value for value, reason in _REASONS.items()}
_READER = Reader(Clock())


def decode_problem(message: pb.FlowProblem, found: Violations) -> tuple[FlowProblem | None, Clock]:
    """Return the problem, or ``None`` with every violation noted, and an idle clock."""
    before = len(found)
    problem = common.build(
        FlowProblem,
        found,
        name=message.name,
        nodes=each(_node, message.nodes, "nodes", found),
        lanes=each(_lane, message.lanes, "lanes", found),
        interchanges=each(_interchange, message.interchanges, "interchanges", found),
        commodities=each(_commodity, message.commodities, "commodities", found),
        unit=message.unit or "TEU",
    )
    return (problem if len(found) == before else None), Clock()


def encode_problem(problem: FlowProblem) -> pb.FlowProblem:
    """Return the message of a problem, which is decoded to an equal one."""
    return pb.FlowProblem(
        name=problem.name,
        nodes=[
            pb.Node(
                id=node.id,
                position=travel_pb2.GeoPoint(latitude=node.y, longitude=node.x),
                handling_capacity=node.handling_capacity,
            )
            for node in problem.nodes
        ],
        lanes=[
            pb.Lane(
                id=lane.id,
                origin=lane.origin,
                destination=lane.destination,
                mode=_MODE_VALUES[lane.mode],
                capacity=lane.capacity,
                max_departures=lane.max_departures,
                opening_cost=lane.opening_cost,
                departure_cost=lane.departure_cost,
                unit_cost=lane.unit_cost,
                duration=Duration(seconds=lane.duration),
            )
            for lane in problem.lanes
        ],
        interchanges=[
            pb.Interchange(
                node=item.node,
                from_mode=_MODE_VALUES[item.from_mode],
                to_mode=_MODE_VALUES[item.to_mode],
                unit_cost=item.unit_cost,
                duration=Duration(seconds=item.duration),
            )
            for item in problem.interchanges
        ],
        commodities=[
            pb.Commodity(
                id=goods.id,
                origin=goods.origin,
                destination=goods.destination,
                amount=goods.amount,
                penalty=goods.penalty,
                hour_cost=goods.hour_cost,
            )
            for goods in problem.commodities
        ],
        unit=problem.unit,
    )


def decode_plan(
    message: pb.FlowPlan, problem: FlowProblem, clock: Clock, found: Violations
) -> FlowPlan:
    """Return a plan to judge."""
    return FlowPlan(
        flows=tuple(
            LaneFlow(lane=f.lane, commodity=f.commodity, amount=f.amount) for f in message.flows
        ),
        departures=tuple(Departures(lane=d.lane, count=d.count) for d in message.departures),
        interchanges=each(_interchange_flow, message.interchanges, "interchanges", found),
        unshipped=tuple(
            Unshipped(
                item.commodity,
                item.amount,
                tuple(_REASONS[r] for r in item.reasons if r in _REASONS),
            )
            for item in message.unshipped
        ),
        cost=decode_cost(message.cost, found),
        feasible=message.feasible,
        bound=decode_bound(message.summary, found),
    )


def encode_plan(plan: FlowPlan, problem: FlowProblem, clock: Clock) -> pb.FlowPlan:
    """Return a plan as a message."""
    return pb.FlowPlan(
        flows=[
            pb.LaneFlow(lane=f.lane, commodity=f.commodity, amount=f.amount) for f in plan.flows
        ],
        departures=[pb.LaneDepartures(lane=d.lane, count=d.count) for d in plan.departures],
        interchanges=[
            pb.InterchangeFlow(
                node=item.node,
                from_mode=_MODE_VALUES[item.from_mode],
                to_mode=_MODE_VALUES[item.to_mode],
                commodity=item.commodity,
                amount=item.amount,
            )
            for item in plan.interchanges
        ],
        unshipped=[
            pb.UnshippedGoods(
                commodity=item.commodity,
                amount=item.amount,
                reasons=[_REASON_VALUES[r] for r in item.reasons],
            )
            for item in plan.unshipped
        ],
        cost=common.encode_cost(plan.cost),
        feasible=plan.feasible,
        summary=common.encode_summary(
            termination=plan.termination,
            seconds=plan.seconds,
            objective=plan.cost.total,
            bound=plan.bound,
            gap=plan.gap,
            curve=plan.curve,
        ),
    )


def _node(message: pb.Node, found: Violations) -> Node:
    x, y = 0.0, 0.0
    if message.HasField("position"):
        x, y = message.position.longitude, message.position.latitude
        for name, value, most in (("longitude", x, 180), ("latitude", y, 90)):
            if not abs(value) <= most:
                text = f"is {value}; give -{most} to {most} degrees."
                found.add("POSITION", f"position.{name}", text)
                x, y = 0.0, 0.0
    return Node(
        id=message.id, x=x, y=y, handling_capacity=optional(message, "handling_capacity", found)
    )


def _lane(message: pb.Lane, found: Violations) -> Lane:
    return Lane(
        id=message.id,
        origin=message.origin,
        destination=message.destination,
        mode=_mode(message.mode, "mode", found),
        capacity=whole(message.capacity, "capacity", found),
        max_departures=optional(message, "max_departures", found),
        opening_cost=whole(message.opening_cost, "opening_cost", found),
        departure_cost=whole(message.departure_cost, "departure_cost", found),
        unit_cost=whole(message.unit_cost, "unit_cost", found),
        duration=_READER.duration(message, "duration", found),
    )


def _interchange(message: pb.Interchange, found: Violations) -> Interchange:
    return Interchange(
        node=message.node,
        from_mode=_mode(message.from_mode, "from_mode", found),
        to_mode=_mode(message.to_mode, "to_mode", found),
        unit_cost=whole(message.unit_cost, "unit_cost", found),
        duration=_READER.duration(message, "duration", found),
    )


def _commodity(message: pb.Commodity, found: Violations) -> Commodity:
    return Commodity(
        id=message.id,
        origin=message.origin,
        destination=message.destination,
        amount=whole(message.amount, "amount", found),
        penalty=optional(message, "penalty", found),
        hour_cost=whole(message.hour_cost, "hour_cost", found),
    )


def _interchange_flow(message: pb.InterchangeFlow, found: Violations) -> InterchangeFlow:
    return InterchangeFlow(
        node=message.node,
        from_mode=_mode(message.from_mode, "from_mode", found),
        to_mode=_mode(message.to_mode, "to_mode", found),
        commodity=message.commodity,
        amount=message.amount,
    )


def _mode(value: int, field: str, found: Violations) -> Mode:
    mode = _MODES.get(pb.Mode.ValueType(value))
    if mode is None:
        found.add("ENUM", field, f"is {value}; give road, rail or air.")
    return mode or Mode.ROAD
