"""PlanningService over a real server: results, and every reason for an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from alatau.airtaxi.v1 import planning_pb2, planning_service_pb2
from alatau.airtaxi.v1.planning_service_pb2_grpc import PlanningServiceStub
from alatau.common.v1 import solving_pb2

from server.codecs.airtaxi import encode_plan
from server.codecs.airtaxi_problem import encode_problem
from server.codecs.clock import Clock
from tests.airtaxi.days import DAY, PLAN
from tests.api.test_routing import failure

CLOCK = Clock(1_772_409_600)
"""2026-03-02T00:00:00Z."""
METHODS = ("SolveFlightPlan", "StreamFlightPlan", "EvaluateFlightPlan")


@pytest.fixture
def stub(channel: grpc.Channel) -> PlanningServiceStub:
    """Return the service."""
    return PlanningServiceStub(channel)


def day() -> planning_pb2.AirTaxiProblem:
    """Return the tiny day of tests/airtaxi/days.py as a message."""
    return encode_problem(DAY, CLOCK)


def plan() -> planning_pb2.FlightPlan:
    """Return its plan as a caller would state it: events only."""
    full = encode_plan(PLAN, DAY, CLOCK)
    return planning_pb2.FlightPlan(flights=full.flights, charges=full.charges)


def quick() -> solving_pb2.SolveOptions:
    """Return options of a search that ends at once."""
    return solving_pb2.SolveOptions(max_iterations=200)


def called(stub: PlanningServiceStub, method: str, request: Any) -> Callable[[], Any]:
    """Return a call of a method that reads all it gets."""
    if method.startswith("Stream"):
        return lambda: list(stub.StreamFlightPlan(request, timeout=10))
    return lambda: getattr(stub, method)(request, timeout=10)


def test_evaluate_counts_as_the_checker_does(stub: PlanningServiceStub) -> None:
    """The figures worked out by hand in tests/airtaxi/test_check.py."""
    request = planning_service_pb2.EvaluateFlightPlanRequest(problem=day(), plan=plan())
    answer = stub.EvaluateFlightPlan(request, timeout=10)
    assert answer.feasible
    assert not answer.violations
    assert answer.revenue == 9500
    assert answer.cost.total == 7577
    assert answer.cost.components["waiting"] == 100
    assert answer.value == 1923
    assert (answer.served_trips, answer.served_passengers) == (3, 4)


def test_evaluate_names_what_a_plan_breaks(stub: PlanningServiceStub) -> None:
    """A second less of turnaround, and a watt-hour too much."""
    broken = plan()
    broken.charges[0].soc_after_wh += 1
    problem = day()
    problem.aircraft_types[0].turnaround.seconds = 421
    request = planning_service_pb2.EvaluateFlightPlanRequest(problem=problem, plan=broken)
    answer = stub.EvaluateFlightPlan(request, timeout=10)
    assert not answer.feasible
    assert {v.code for v in answer.violations} == {"CHARGE_ENERGY", "SOC_CHAIN", "TURNAROUND"}


def test_evaluate_compares_stated_money(stub: PlanningServiceStub) -> None:
    """A plan that claims one more than it earns."""
    stated = plan()
    stated.revenue, stated.cost.total = 9501, 7577
    request = planning_service_pb2.EvaluateFlightPlanRequest(problem=day(), plan=stated)
    answer = stub.EvaluateFlightPlan(request, timeout=10)
    assert [v.code for v in answer.violations] == ["REVENUE"]


def test_solve_returns_a_checked_plan(stub: PlanningServiceStub) -> None:
    """The best plan is worth at least the one by hand; the checker agrees with it."""
    request = planning_service_pb2.SolveFlightPlanRequest(problem=day(), options=quick())
    answer = stub.SolveFlightPlan(request, timeout=10)
    assert not answer.violations
    assert answer.plan.value >= 1923
    assert answer.plan.value == answer.plan.revenue - answer.plan.cost.total
    assert answer.plan.summary.objective == answer.plan.value
    for flight in answer.plan.flights:
        assert flight.off_block_time.seconds >= CLOCK.start
    judged = planning_service_pb2.EvaluateFlightPlanRequest(problem=day(), plan=answer.plan)
    assert stub.EvaluateFlightPlan(judged, timeout=10).feasible


def test_a_trip_left_out_has_its_reason(stub: PlanningServiceStub) -> None:
    """Five passengers, four seats."""
    problem = day()
    problem.trips[0].party = 5
    request = planning_service_pb2.SolveFlightPlanRequest(problem=problem, options=quick())
    answer = stub.SolveFlightPlan(request, timeout=10)
    reasons = {u.trip: list(u.reasons) for u in answer.plan.unserved}
    assert reasons["one"][0] == planning_pb2.UnservedTrip.REASON_NO_SEAT


def test_a_day_that_cannot_be_flown_is_a_result(stub: PlanningServiceStub) -> None:
    """The party of five is promised: not an error, but infeasible with its reason."""
    problem = day()
    problem.trips[0].party = 5
    problem.trips[0].promised = True
    request = planning_service_pb2.SolveFlightPlanRequest(problem=problem, options=quick())
    answer = stub.SolveFlightPlan(request, timeout=10)
    assert answer.plan.summary.termination == solving_pb2.TERMINATION_INFEASIBLE
    assert answer.plan.infeasible
    assert "PROMISE_BROKEN" in {v.code for v in answer.violations}


def test_stream_reports_and_ends_with_the_plan(stub: PlanningServiceStub) -> None:
    """The last message alone carries the plan."""
    options = solving_pb2.SolveOptions()
    options.time_limit.FromMilliseconds(600)
    request = planning_service_pb2.StreamFlightPlanRequest(
        problem=day(), options=options, include_incumbents=True
    )
    messages = list(stub.StreamFlightPlan(request, timeout=10))
    assert [m.HasField("plan") for m in messages] == [False] * (len(messages) - 1) + [True]
    assert len(messages) > 1
    assert messages[-1].plan.value >= 1923
    assert not messages[-1].violations


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_request_is_refused(stub: PlanningServiceStub, method: str) -> None:
    """Without a problem there is nothing to do."""
    request = getattr(planning_service_pb2, f"{method}Request")()
    code, details = failure(called(stub, method, request))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["ErrorInfo"].reason == "INVALID_INPUT"
    assert "problem" in [v.field for v in details["BadRequest"].field_violations]


@pytest.mark.parametrize("method", METHODS)
def test_every_violation_comes_at_once(stub: PlanningServiceStub, method: str) -> None:
    """Faults of the codec and of the domain, at the paths of the messages."""
    problem = day()
    problem.vertiports[0].pads = 0
    problem.vertiports[0].takeoff.FromMilliseconds(1500)
    problem.vertiports[1].position.latitude = 91
    problem.corridors[0].legs[0].flight_time.seconds = 0
    problem.aircraft_types[0].charge_curve[1].power_w = 4000
    problem.aircraft[0].start = "Z"
    problem.trips[0].departure.start_time.seconds += 86_400
    problem.trips[1].destination = "A"
    problem.trips[2].value = -1
    request = getattr(planning_service_pb2, f"{method}Request")(problem=problem)
    if method == "EvaluateFlightPlan":
        request.plan.CopyFrom(plan())
    code, details = failure(called(stub, method, request))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    found = {(v.reason, v.field) for v in details["BadRequest"].field_violations}
    assert found == {
        ("OUT_OF_RANGE", "problem.vertiports[0].pads"),
        ("WHOLE_SECONDS", "problem.vertiports[0].takeoff"),
        ("OUT_OF_RANGE", "problem.vertiports[1].position.latitude"),
        ("OUT_OF_RANGE", "problem.corridors[0].legs[0].flight_time"),
        ("CHARGE_CURVE", "problem.aircraft_types[0].charge_curve[1]"),
        ("UNKNOWN_ID", "problem.aircraft[0].start"),
        ("REVERSED", "problem.trips[0].departure"),
        ("SAME_PLACE", "problem.trips[1].destination"),
        ("OUT_OF_RANGE", "problem.trips[2].value"),
    }


def test_required_moments_are_named(stub: PlanningServiceStub) -> None:
    """A horizon with no end; a flight with no departure; a downtime with no window."""
    problem = day()
    problem.horizon.ClearField("end_time")
    problem.aircraft[0].downtimes.add()
    problem.timetable.add(id="K", origin="A", destination="B")
    request = planning_service_pb2.SolveFlightPlanRequest(problem=problem)
    _, details = failure(called(stub, "SolveFlightPlan", request))
    found = {(v.reason, v.field) for v in details["BadRequest"].field_violations}
    assert {
        ("REQUIRED", "problem.horizon.end_time"),
        ("REQUIRED", "problem.aircraft[0].downtimes[0].window"),
        ("REQUIRED", "problem.timetable[0].off_block"),
    } <= found
    stated = plan()
    stated.flights[0].ClearField("departure_time")
    judged = planning_service_pb2.EvaluateFlightPlanRequest(problem=day(), plan=stated)
    _, details = failure(called(stub, "EvaluateFlightPlan", judged))
    fields = [v.field for v in details["BadRequest"].field_violations]
    assert fields == ["plan.flights[0].departure_time"]


def test_absurd_plans_are_refused_not_failed_on(stub: PlanningServiceStub) -> None:
    """A bound that is no number; flights that last until the year 9999 at a price."""
    stated = plan()
    stated.summary.bound = float("nan")
    request = planning_service_pb2.EvaluateFlightPlanRequest(problem=day(), plan=stated)
    _, details = failure(called(stub, "EvaluateFlightPlan", request))
    found = [(v.reason, v.field) for v in details["BadRequest"].field_violations]
    assert found == [("NOT_FINITE", "plan.summary.bound")]
    problem = day()
    problem.aircraft_types[0].cost_per_flight_second = 10**10
    late = plan()
    late.flights[0].landing_time.seconds = 253_402_300_799
    request = planning_service_pb2.EvaluateFlightPlanRequest(problem=problem, plan=late)
    _, details = failure(called(stub, "EvaluateFlightPlan", request))
    found = [(v.reason, v.field) for v in details["BadRequest"].field_violations]
    assert found == [("OVERFLOW", "plan.flights")]


def test_evaluate_needs_a_plan(stub: PlanningServiceStub) -> None:
    """A problem alone cannot be judged."""
    request = planning_service_pb2.EvaluateFlightPlanRequest(problem=day())
    _, details = failure(called(stub, "EvaluateFlightPlan", request))
    assert [v.field for v in details["BadRequest"].field_violations] == ["plan"]


def test_pilots_are_planned(stub: PlanningServiceStub) -> None:
    """Each flight names the one pilot; with the base elsewhere nobody flies."""
    problem = day()
    problem.aircraft_types[0].needs_pilot = True
    problem.pilots.add(id="P", base="A")
    request = planning_service_pb2.SolveFlightPlanRequest(problem=problem, options=quick())
    flights = called(stub, "SolveFlightPlan", request)().plan.flights
    assert {f.pilot for f in flights} == {"P"}
    problem.pilots[0].base = "B"
    request = planning_service_pb2.SolveFlightPlanRequest(problem=problem, options=quick())
    assert not called(stub, "SolveFlightPlan", request)().plan.flights


@pytest.mark.parametrize("method", ["SolveFlightPlan", "StreamFlightPlan"])
def test_options_are_checked(stub: PlanningServiceStub, method: str) -> None:
    """A gap above 1 and a time limit of 0."""
    options = solving_pb2.SolveOptions(relative_gap=2)
    options.time_limit.FromMilliseconds(0)
    request = getattr(planning_service_pb2, f"{method}Request")(problem=day(), options=options)
    _, details = failure(called(stub, method, request))
    found = {(v.reason, v.field) for v in details["BadRequest"].field_violations}
    assert found == {("GAP", "options.relative_gap"), ("TIME_LIMIT", "options.time_limit")}


@pytest.mark.parametrize("method", METHODS)
def test_garbage_is_refused(channel: grpc.Channel, method: str) -> None:
    """Bytes that are no message."""
    path = f"/alatau.airtaxi.v1.PlanningService/{method}"
    if method.startswith("Stream"):
        code, details = failure(lambda: list(channel.unary_stream(path)(b"\xff\xff", timeout=10)))
    else:
        code, details = failure(lambda: channel.unary_unary(path)(b"\xff\xff", timeout=10))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["ErrorInfo"].reason == "MALFORMED_MESSAGE"


@pytest.mark.parametrize("method", METHODS)
def test_a_deadline_too_short_is_told(stub: PlanningServiceStub, method: str) -> None:
    """One millisecond."""
    request = getattr(planning_service_pb2, f"{method}Request")(problem=day())
    with pytest.raises(grpc.RpcError) as failed:
        answer = getattr(stub, method)(request, timeout=0.001)
        list(answer) if method.startswith("Stream") else None
    assert failed.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
