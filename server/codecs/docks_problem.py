"""Dock problems as messages: what a caller sends who has the domain object.

The reverse of :func:`server.codecs.docks.decode_problem`, which gives back an
equal problem.
"""

from __future__ import annotations

from alatau.common.v1 import time_pb2
from alatau.freight.v1 import docks_pb2 as pb
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from router.freight.docks.problem import ALWAYS, DockProblem, Door, Transfer, Truck
from router.timewindow import FOREVER, TimeWindow
from server.codecs.clock import Clock


def encode_problem(problem: DockProblem, clock: Clock) -> pb.DockProblem:
    """Return the message of a problem whose times count from the clock's start."""
    return pb.DockProblem(
        name=problem.name,
        horizon_start=clock.outside(0),
        doors=[_door(door, clock) for door in problem.doors],
        trucks=[_truck(truck, clock) for truck in problem.trucks],
        transfers=[_transfer(transfer) for transfer in problem.transfers],
        crews=[
            pb.CrewShift(window=_window(shift.window, clock), count=shift.count)
            for shift in problem.crews
        ],
        seconds_per_100_metres=problem.seconds_per_100_metres,
        movement_cost=problem.movement_cost,
        unit=problem.unit,
    )


def _door(door: Door, clock: Clock) -> pb.Door:
    return pb.Door(
        id=door.id,
        directions=[
            pb.Direction.Value(f"DIRECTION_{name.upper()}") for name in sorted(door.directions)
        ],
        capabilities=sorted(door.capabilities),
        windows=[_window(window, clock) for window in door.windows],
        x=door.x,
        y=door.y,
        changeover=Duration(seconds=door.changeover),
    )


def _truck(truck: Truck, clock: Clock) -> pb.Truck:
    return pb.Truck(
        id=truck.id,
        direction=pb.Direction.Value(f"DIRECTION_{truck.direction.upper()}"),
        arrival=None if truck.arrival == ALWAYS else _window(truck.arrival, clock),
        release=clock.outside(truck.release) if truck.release else None,
        due=_moment(truck.due, clock),
        deadline=_moment(truck.deadline, clock),
        quantity=truck.quantity,
        rate=truck.rate,
        setup=Duration(seconds=truck.setup),
        crews=truck.crews,
        required_capabilities=sorted(truck.requires),
        waiting_cost=truck.waiting_cost,
        tardiness_cost=truck.tardiness_cost,
        penalty=truck.penalty,
    )


def _transfer(transfer: Transfer) -> pb.Transfer:
    return pb.Transfer(
        id=transfer.id,
        inbound=transfer.inbound,
        outbound=transfer.outbound,
        quantity=transfer.quantity,
        rate=transfer.rate,
        setup=Duration(seconds=transfer.setup),
        penalty=transfer.penalty,
    )


def _window(window: TimeWindow, clock: Clock) -> time_pb2.TimeWindow:
    return time_pb2.TimeWindow(
        start_time=clock.outside(window.start), end_time=_moment(window.end, clock)
    )


def _moment(seconds: int, clock: Clock) -> Timestamp | None:
    return None if seconds >= FOREVER else clock.outside(seconds)
