"""Flow problems as messages: what a caller sends who has the domain object."""

from __future__ import annotations

from alatau.common.v1 import travel_pb2
from alatau.freight.v1 import flows_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from router.freight.flows.problem import Commodity, FlowProblem, Interchange, Lane, Mode, Node
from server.codecs.clock import Clock

_MODES = {Mode.ROAD: pb.MODE_ROAD, Mode.RAIL: pb.MODE_RAIL, Mode.AIR: pb.MODE_AIR}


def encode_problem(problem: FlowProblem, clock: Clock) -> pb.FlowProblem:
    """Return the message of a problem; flows know no moments, so no clock is read."""
    return pb.FlowProblem(
        name=problem.name,
        nodes=[_node(node) for node in problem.nodes],
        lanes=[_lane(lane) for lane in problem.lanes],
        interchanges=[_interchange(change) for change in problem.interchanges],
        commodities=[_commodity(goods) for goods in problem.commodities],
        unit=problem.unit,
    )


def _node(node: Node) -> pb.Node:
    return pb.Node(
        id=node.id,
        position=travel_pb2.GeoPoint(latitude=node.y, longitude=node.x),
        handling_capacity=node.handling_capacity,
    )


def _lane(lane: Lane) -> pb.Lane:
    return pb.Lane(
        id=lane.id,
        origin=lane.origin,
        destination=lane.destination,
        mode=_MODES[lane.mode],
        capacity=lane.capacity,
        max_departures=lane.max_departures,
        opening_cost=lane.opening_cost,
        departure_cost=lane.departure_cost,
        unit_cost=lane.unit_cost,
        duration=Duration(seconds=lane.duration),
    )


def _interchange(change: Interchange) -> pb.Interchange:
    return pb.Interchange(
        node=change.node,
        from_mode=_MODES[change.from_mode],
        to_mode=_MODES[change.to_mode],
        unit_cost=change.unit_cost,
        duration=Duration(seconds=change.duration),
    )


def _commodity(goods: Commodity) -> pb.Commodity:
    return pb.Commodity(
        id=goods.id,
        origin=goods.origin,
        destination=goods.destination,
        amount=goods.amount,
        penalty=goods.penalty,
        hour_cost=goods.hour_cost,
    )
