"""SizeFleet over a real server: results, and every reason for an error."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from alatau.airtaxi.v1 import planning_service_pb2, sizing_pb2
from alatau.airtaxi.v1.planning_service_pb2_grpc import PlanningServiceStub
from alatau.common.v1 import solving_pb2

from server.codecs.airtaxi_problem import encode_problem
from server.codecs.clock import Clock
from tests.airtaxi.days import DAY
from tests.api.calls import failure, faults

CLOCK = Clock(1_772_409_600)
"""2026-03-02T00:00:00Z."""


@pytest.fixture
def stub(channel: grpc.Channel) -> PlanningServiceStub:
    """Return the service."""
    return PlanningServiceStub(channel)


def request(**sizing: Any) -> planning_service_pb2.SizeFleetRequest:
    """Return a request for the tiny day of tests/airtaxi/days.py, two seconds long."""
    made = planning_service_pb2.SizeFleetRequest(
        problem=encode_problem(DAY, CLOCK), sizing=sizing_pb2.FleetSizing(**sizing)
    )
    made.options.time_limit.FromMilliseconds(2000)
    return made


def test_a_day_is_sized_and_losses_are_counted(stub: PlanningServiceStub) -> None:
    """No aircraft carries nobody; the least fleet carries all; the bounds agree."""
    answer = stub.SizeFleet(request(unlimited_sites=True), timeout=20)
    size = answer.size
    assert not answer.violations
    assert size.HasField("fleet")
    assert 1 <= size.bound <= size.fleet
    assert size.proven == (size.bound == size.fleet)
    assert size.summary.objective == size.fleet
    again = stub.SizeFleet(request(unlimited_sites=True, fleets=[0, size.fleet]), timeout=20)
    assert [loss.fleet for loss in again.losses] == [0, size.fleet]
    none, least = again.losses
    assert none.lost_passengers == none.bound == size.passengers
    assert least.lost_passengers == least.bound == 0
    assert least.cost >= 0
    assert not again.violations


def test_full_charging_never_needs_fewer(stub: PlanningServiceStub) -> None:
    """Charging to full holds an aircraft for longer than charging as suits."""
    problem = request()
    for vertiport in problem.problem.vertiports:
        if not vertiport.chargers:
            vertiport.chargers.add(id="c", count=1, power_w=50_000)
    problem.sizing.unlimited_sites = True
    partial = stub.SizeFleet(problem, timeout=20).size
    problem.sizing.charging_policy = sizing_pb2.CHARGING_POLICY_FULL
    full = stub.SizeFleet(problem, timeout=20).size
    assert full.fleet >= partial.bound


def test_faults_of_all_parts_come_at_once(stub: PlanningServiceStub) -> None:
    """Problem, options and sizing."""
    wrong = request(fleets=[-1], charging_policy=9)
    wrong.sizing.step.nanos = 1
    wrong.problem.vertiports[0].pads = 0
    wrong.options.CopyFrom(solving_pb2.SolveOptions(relative_gap=2))
    assert faults(lambda: stub.SizeFleet(wrong, timeout=10)) >= {
        ("OUT_OF_RANGE", "sizing.fleets[0]"),
        ("ENUM", "sizing.charging_policy"),
        ("WHOLE_SECONDS", "sizing.step"),
        ("OUT_OF_RANGE", "problem.vertiports[0].pads"),
        ("GAP", "options.relative_gap"),
    }
    many = request(fleets=range(51))
    assert faults(lambda: stub.SizeFleet(many, timeout=10)) == {("FLEETS", "sizing.fleets")}
    empty = planning_service_pb2.SizeFleetRequest()
    assert faults(lambda: stub.SizeFleet(empty, timeout=10)) == {("REQUIRED", "problem")}


def test_what_cannot_be_reduced_is_refused(stub: PlanningServiceStub) -> None:
    """Two types of aircraft, an unknown type, steps too short, downtimes."""
    mixed = request()
    other = mixed.problem.aircraft_types.add()
    other.CopyFrom(mixed.problem.aircraft_types[0])
    other.id = "other"
    more = mixed.problem.aircraft.add()
    more.CopyFrom(mixed.problem.aircraft[0])
    more.id, more.aircraft_type = "more", "other"
    found = faults(lambda: stub.SizeFleet(mixed, timeout=10))
    assert ("UNSUPPORTED_MIXED_FLEET", "problem.aircraft") in found
    unknown = request(aircraft_type="nobody")
    unknown.sizing.step.seconds = 59
    assert faults(lambda: stub.SizeFleet(unknown, timeout=10)) >= {
        ("UNKNOWN_ID", "sizing.aircraft_type"),
        ("OUT_OF_RANGE", "sizing.step"),
    }


def test_pilots_are_refused_not_ignored(stub: PlanningServiceStub) -> None:
    """Fleet sizing knows no pilots."""
    piloted = request()
    piloted.problem.aircraft_types[0].needs_pilot = True
    piloted.problem.pilots.add(id="P", base="A")
    found = faults(lambda: stub.SizeFleet(piloted, timeout=10))
    assert ("UNSUPPORTED_PILOTS", "problem.pilots") in found


def test_garbage_and_short_deadlines(channel: grpc.Channel, stub: PlanningServiceStub) -> None:
    """Bytes that are no message; one millisecond."""
    path = "/alatau.airtaxi.v1.PlanningService/SizeFleet"
    code, details = failure(lambda: channel.unary_unary(path)(b"\xff\xff", timeout=10))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["ErrorInfo"].reason == "MALFORMED_MESSAGE"
    with pytest.raises(grpc.RpcError) as failed:
        stub.SizeFleet(request(), timeout=0.001)
    assert failed.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_an_empty_day_needs_no_aircraft(stub: PlanningServiceStub) -> None:
    """Without trips and timetable the least fleet is 0, proven."""
    idle = request()
    del idle.problem.trips[:], idle.problem.timetable[:]
    size = stub.SizeFleet(idle, timeout=20).size
    assert isinstance(size, sizing_pb2.FleetSize)
    assert (size.fleet, size.bound, size.proven) == (0, 0, True)
