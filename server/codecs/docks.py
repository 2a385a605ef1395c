"""Codec of dock problems and dock plans."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from alatau.common.v1 import time_pb2
from alatau.freight.v1 import docks_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from router.errors import Violations
from router.freight.docks.plan import (
    Appointment,
    DockPlan,
    MissedReason,
    MissedTransfer,
    Unassigned,
    UnassignedReason,
)
from router.freight.docks.problem import (
    ALWAYS,
    CrewShift,
    Direction,
    DockProblem,
    Door,
    Transfer,
    Truck,
)
from router.timewindow import FOREVER, TimeWindow
from server.codecs import common
from server.codecs.claims import decode_bound, decode_cost
from server.codecs.clock import Clock
from server.codecs.common import Reader, each, optional, whole

_DIRECTIONS = {
    pb.DIRECTION_INBOUND: Direction.INBOUND,
    pb.DIRECTION_OUTBOUND: Direction.OUTBOUND,
}
_UNASSIGNED = {
    value: UnassignedReason(name.removeprefix("REASON_"))
    for name, value in pb.UnassignedTruck.Reason.items()
    if value
}
_MISSED = {
    value: MissedReason(name.removeprefix("REASON_"))
    for name, value in pb.MissedTransfer.Reason.items()
    if value
}
_UNASSIGNED_VALUES = {reason: value for value, reason in _UNASSIGNED.items()}
_MISSED_VALUES = {reason: value for value, reason in _MISSED.items()}


def decode_problem(message: pb.DockProblem, found: Violations) -> tuple[DockProblem | None, Clock]:
    """Return the problem, or ``None`` with every violation noted, and its clock."""
    before = len(found)
    clock = Clock(_horizon_start(message, found))
    reader = _ProblemReader(clock)
    problem = common.build(
        DockProblem,
        found,
        name=message.name,
        doors=each(reader.door, message.doors, "doors", found),
        trucks=each(reader.truck, message.trucks, "trucks", found),
        transfers=each(reader.transfer, message.transfers, "transfers", found),
        crews=each(reader.shift, message.crews, "crews", found),
        seconds_per_100_metres=whole(
            message.seconds_per_100_metres, "seconds_per_100_metres", found
        ),
        movement_cost=whole(message.movement_cost, "movement_cost", found),
        unit=message.unit or "pallets",
    )
    return (problem if len(found) == before else None), clock


def decode_plan(
    message: pb.DockPlan, problem: DockProblem, clock: Clock, found: Violations
) -> DockPlan:
    """Return a plan to judge; trucks that it names nowhere count as left out."""
    reader = _PlanReader(clock)
    appointments = each(reader.appointment, message.appointments, "appointments", found)
    listed = each(reader.unassigned, message.unassigned, "unassigned", found)
    named = {slot.truck for slot in appointments} | {item.truck for item in listed}
    silent = (Unassigned(truck.id, ()) for truck in problem.trucks if truck.id not in named)
    return DockPlan(
        appointments=appointments,
        unassigned=(*listed, *silent),
        missed=each(reader.missed, message.missed, "missed", found),
        cost=decode_cost(message.cost, found),
        feasible=message.feasible,
        bound=decode_bound(message.summary, found),
    )


def encode_plan(plan: DockPlan, problem: DockProblem, clock: Clock) -> pb.DockPlan:
    """Return a plan as a message."""
    return pb.DockPlan(
        appointments=[
            pb.Appointment(
                truck=slot.truck,
                door=slot.door,
                start_time=clock.outside(slot.start),
                end_time=clock.outside(slot.end),
            )
            for slot in plan.appointments
        ],
        unassigned=[
            pb.UnassignedTruck(
                truck=item.truck, reasons=[_UNASSIGNED_VALUES[r] for r in item.reasons]
            )
            for item in plan.unassigned
        ],
        missed=[
            pb.MissedTransfer(
                transfer=item.transfer, reasons=[_MISSED_VALUES[r] for r in item.reasons]
            )
            for item in plan.missed
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


class _ProblemReader(Reader):
    """Reads the nouns of one dock problem."""

    def door(self, message: pb.Door, found: Violations) -> Door:
        directions = frozenset(
            self._direction(value, f"directions[{i}]", found)
            for i, value in enumerate(message.directions)
        )
        return Door(
            id=message.id,
            directions=directions or frozenset(Direction),
            capabilities=frozenset(message.capabilities),
            windows=self.windows(message.windows, "windows", found),
            x=message.x,
            y=message.y,
            changeover=self.duration(message, "changeover", found),
        )

    def truck(self, message: pb.Truck, found: Violations) -> Truck:
        crews = optional(message, "crews", found)
        arrival = ALWAYS
        if message.HasField("arrival"):
            arrival = self.window(message.arrival, found.at("arrival"))
        return Truck(
            id=message.id,
            direction=self._direction(message.direction, "direction", found),
            arrival=arrival,
            release=self.moment(message, "release", 0, found),
            due=self.moment(message, "due", FOREVER, found),
            deadline=self.moment(message, "deadline", FOREVER, found),
            quantity=whole(message.quantity, "quantity", found),
            rate=whole(message.rate, "rate", found),
            setup=self.duration(message, "setup", found),
            crews=1 if crews is None else crews,
            requires=frozenset(message.required_capabilities),
            waiting_cost=whole(message.waiting_cost, "waiting_cost", found),
            tardiness_cost=whole(message.tardiness_cost, "tardiness_cost", found),
            penalty=optional(message, "penalty", found),
        )

    def transfer(self, message: pb.Transfer, found: Violations) -> Transfer:
        return Transfer(
            id=message.id,
            inbound=message.inbound,
            outbound=message.outbound,
            quantity=whole(message.quantity, "quantity", found),
            rate=whole(message.rate, "rate", found),
            setup=self.duration(message, "setup", found),
            penalty=optional(message, "penalty", found),
        )

    def shift(self, message: pb.CrewShift, found: Violations) -> CrewShift:
        window = TimeWindow()
        if message.HasField("window"):
            window = self.window(message.window, found.at("window"))
        else:
            found.add("REQUIRED", "window", "is not set; say from when until when.")
        return CrewShift(window=window, count=whole(message.count, "count", found))

    def _direction(self, value: int, field: str, found: Violations) -> Direction:
        direction = _DIRECTIONS.get(pb.Direction.ValueType(value))
        if direction is None:
            found.add("ENUM", field, f"is {value}; give inbound or outbound.")
        return direction or Direction.INBOUND


class _PlanReader(Reader):
    """Reads the nouns of one dock plan."""

    def appointment(self, message: pb.Appointment, found: Violations) -> Appointment:
        for field in ("start_time", "end_time"):
            if not message.HasField(field):
                found.add("REQUIRED", field, "is not set; give a moment.")
        return Appointment(
            truck=message.truck,
            door=message.door,
            start=self.moment(message, "start_time", 0, found),
            end=self.moment(message, "end_time", 0, found),
        )

    def unassigned(self, message: pb.UnassignedTruck, found: Violations) -> Unassigned:
        return Unassigned(
            message.truck, tuple(_UNASSIGNED[r] for r in message.reasons if r in _UNASSIGNED)
        )

    def missed(self, message: pb.MissedTransfer, found: Violations) -> MissedTransfer:
        return MissedTransfer(
            message.transfer, tuple(_MISSED[r] for r in message.reasons if r in _MISSED)
        )


def _horizon_start(message: pb.DockProblem, found: Violations) -> int:
    """Return the seconds since 1970 from which the problem's times are counted."""
    if message.HasField("horizon_start"):
        return Reader(Clock()).moment(message, "horizon_start", 0, found)
    return max(0, min((moment.seconds for moment in _moments(message)), default=0))


def _moments(message: pb.DockProblem) -> Iterator[Timestamp]:
    """Yield every moment of a problem."""
    windows: Iterator[time_pb2.TimeWindow] = chain(
        chain.from_iterable(door.windows for door in message.doors),
        (truck.arrival for truck in message.trucks),
        (shift.window for shift in message.crews),
    )
    for window in windows:
        if window.HasField("start_time"):
            yield window.start_time
        if window.HasField("end_time"):
            yield window.end_time
    for truck in message.trucks:
        if truck.HasField("release"):
            yield truck.release
        if truck.HasField("due"):
            yield truck.due
        if truck.HasField("deadline"):
            yield truck.deadline
