"""RoutingService over a real server: results, and every reason for an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from alatau.common.v1 import solving_pb2, travel_pb2
from alatau.freight.v1 import routing_pb2, routing_service_pb2
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from google.rpc import error_details_pb2
from grpc_status import rpc_status


@pytest.fixture
def stub(channel: grpc.Channel) -> RoutingServiceStub:
    """Return the service."""
    return RoutingServiceStub(channel)


def line_problem() -> routing_pb2.RoutingProblem:
    """Return a depot at 0 and visits at 3 and 5 on a line, one van for both.

    The best route is 0-3-5-0 or its reverse and is 10 long.
    """
    problem = routing_pb2.RoutingProblem(name="line")
    for name, x in (("d", 0), ("a", 3), ("b", 5)):
        problem.locations.add(id=name, planar=travel_pb2.PlanarPoint(x=x, y=0))
    problem.depots.add(id="d", location="d")
    problem.vehicle_types.add(id="van", start="d", end="d", capacity={"load": 2})
    problem.travel["default"].planar.SetInParent()
    for name in ("a", "b"):
        problem.visits.add(id=name, location=name, deliver={"load": 1})
    return problem


def line_plan() -> routing_pb2.RoutePlan:
    """Return the route 0-3-5-0."""
    stops = [routing_pb2.Stop(kind=routing_pb2.Stop.KIND_VISIT, id=name) for name in "ab"]
    return routing_pb2.RoutePlan(routes=[routing_pb2.Route(vehicle_type="van", stops=stops)])


def failure(call: Callable[[], Any]) -> tuple[grpc.StatusCode, dict[str, Any]]:
    """Return the status code and the details, by their names, of a call that fails."""
    with pytest.raises(grpc.RpcError) as failed:
        call()
    status = rpc_status.from_call(failed.value)
    details = {}
    for packed in status.details:
        name = packed.TypeName().rpartition(".")[2]
        detail = getattr(error_details_pb2, name)()
        packed.Unpack(detail)
        details[name] = detail
    return failed.value.code(), details


def test_evaluate_accepts_a_good_plan(stub: RoutingServiceStub) -> None:
    """The checker counts 3 + 2 + 5 = 10 metres at 1 a metre."""
    request = routing_service_pb2.EvaluateRoutePlanRequest(problem=line_problem(), plan=line_plan())
    answer = stub.EvaluateRoutePlan(request, timeout=10)
    assert answer.feasible
    assert not answer.violations
    assert answer.cost.total == 10
    assert answer.cost.components["distance"] == 10


def test_evaluate_names_what_a_plan_breaks(stub: RoutingServiceStub) -> None:
    """A plan without b leaves a required visit unserved; it costs 6."""
    plan = line_plan()
    del plan.routes[0].stops[1]
    request = routing_service_pb2.EvaluateRoutePlanRequest(problem=line_problem(), plan=plan)
    answer = stub.EvaluateRoutePlan(request, timeout=10)
    assert not answer.feasible
    assert [v.code for v in answer.violations] == ["REQUIRED_UNSERVED"]
    assert answer.cost.total == 6


def test_every_violation_comes_at_once(stub: RoutingServiceStub) -> None:
    """Faults of the codec, of the domain and of the options come in one answer."""
    problem = line_problem()
    problem.visits[0].service.FromMilliseconds(500)
    problem.visits[1].deliver["load"] = -1
    problem.visits[1].location = "nowhere"
    window = problem.visits[0].windows.add()
    window.start_time.seconds, window.end_time.seconds = 20, 10
    problem.vehicle_types[0].capacity["kg"] = 5
    options = solving_pb2.SolveOptions(threads=1000, relative_gap=2.0)
    request = routing_service_pb2.SolveRoutePlanRequest(problem=problem, options=options)
    code, details = failure(lambda: stub.SolveRoutePlan(request, timeout=10))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["ErrorInfo"].reason == "INVALID_INPUT"
    assert details["ErrorInfo"].domain == "alatau.router"
    found = {(v.reason, v.field) for v in details["BadRequest"].field_violations}
    assert found == {
        ("WHOLE_SECONDS", "problem.visits[0].service"),
        ("REVERSED", "problem.visits[0].windows[0]"),
        ("NEGATIVE", "problem.visits[1].deliver[load]"),
        ("UNKNOWN_DIMENSION", "problem.vehicle_types[0].capacity[kg]"),
        ("UNKNOWN_LOCATION", "problem.visits[1].location"),
        ("THREADS", "options.threads"),
        ("GAP", "options.relative_gap"),
    }
    assert all(v.description for v in details["BadRequest"].field_violations)


@pytest.mark.parametrize("method", ["SolveRoutePlan", "EvaluateRoutePlan"])
def test_an_empty_request_is_refused(stub: RoutingServiceStub, method: str) -> None:
    """Without a problem there is nothing to do."""
    request = getattr(routing_service_pb2, f"{method}Request")()
    code, details = failure(lambda: getattr(stub, method)(request, timeout=10))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    fields = [v.field for v in details["BadRequest"].field_violations]
    assert "problem" in fields


def test_an_empty_stream_request_is_refused(stub: RoutingServiceStub) -> None:
    """The streaming solve refuses like the unary one."""
    request = routing_service_pb2.StreamRoutePlanRequest()
    code, details = failure(lambda: list(stub.StreamRoutePlan(request, timeout=10)))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["BadRequest"].field_violations[0].field == "problem"


def test_solve_finds_the_shortest_route(stub: RoutingServiceStub) -> None:
    """Out to 5 and back are 10 metres; the checker agrees."""
    options = solving_pb2.SolveOptions(max_iterations=100)
    request = routing_service_pb2.SolveRoutePlanRequest(problem=line_problem(), options=options)
    answer = stub.SolveRoutePlan(request, timeout=10)
    assert answer.plan.feasible
    assert not answer.violations
    assert answer.plan.cost.total == 10
    assert answer.plan.summary.objective == 10
    assert {stop.id for stop in answer.plan.routes[0].stops} == {"a", "b"}
    judged = stub.EvaluateRoutePlan(
        routing_service_pb2.EvaluateRoutePlanRequest(problem=line_problem(), plan=answer.plan),
        timeout=10,
    )
    assert judged.feasible
    assert judged.cost == answer.plan.cost


def test_the_deadline_is_the_time_limit(stub: RoutingServiceStub) -> None:
    """Without options the solve uses the deadline of 1 s, and answers within it."""
    request = routing_service_pb2.SolveRoutePlanRequest(problem=line_problem())
    answer = stub.SolveRoutePlan(request, timeout=1)
    assert 0.5 < answer.plan.summary.elapsed.ToMilliseconds() / 1000 < 1
    assert answer.plan.summary.termination == solving_pb2.TERMINATION_LIMIT


def test_the_time_limit_caps_the_deadline(stub: RoutingServiceStub) -> None:
    """A limit of 0.2 s ends the solve long before the deadline of 10 s."""
    options = solving_pb2.SolveOptions()
    options.time_limit.FromMilliseconds(200)
    request = routing_service_pb2.SolveRoutePlanRequest(problem=line_problem(), options=options)
    answer = stub.SolveRoutePlan(request, timeout=10)
    assert answer.plan.summary.elapsed.ToMilliseconds() < 400


def test_an_infeasible_problem_is_a_result(stub: RoutingServiceStub) -> None:
    """A load of 3 fits no van of 2: a plan without it, its reason, and no error."""
    problem = line_problem()
    problem.visits[0].deliver["load"] = 3
    options = solving_pb2.SolveOptions(max_iterations=100)
    request = routing_service_pb2.SolveRoutePlanRequest(problem=problem, options=options)
    answer = stub.SolveRoutePlan(request, timeout=10)
    assert not answer.plan.feasible
    assert answer.plan.summary.termination == solving_pb2.TERMINATION_INFEASIBLE
    assert [task.id for task in answer.plan.unserved] == ["a"]
    assert list(answer.plan.unserved[0].reasons) == [routing_pb2.UnservedTask.REASON_CAPACITY]
    assert [v.code for v in answer.violations] == ["REQUIRED_UNSERVED"]


def test_stream_reports_and_ends_with_the_plan(stub: RoutingServiceStub) -> None:
    """Progress and incumbents come first; the last message alone has the plan."""
    options = solving_pb2.SolveOptions()
    options.time_limit.FromMilliseconds(500)
    request = routing_service_pb2.StreamRoutePlanRequest(
        problem=line_problem(), options=options, include_incumbents=True
    )
    messages = list(stub.StreamRoutePlan(request, timeout=10))
    assert [m.HasField("plan") for m in messages] == [False] * (len(messages) - 1) + [True]
    assert messages[-1].plan.cost.total == 10
    assert any(m.HasField("incumbent") for m in messages[:-1])
    assert all(m.HasField("progress") for m in messages)
    iterations = [m.progress.iterations for m in messages]
    assert iterations == sorted(iterations)


def test_calendar_times_come_back_as_moments(stub: RoutingServiceStub) -> None:
    """A shift from 8:00 on 2026-03-02: the stop at 3 m is reached at 8:00:03 or later."""
    eight = 1_772_438_400
    problem = line_problem()
    problem.vehicle_types[0].shift.start_time.seconds = eight
    problem.vehicle_types[0].shift.end_time.seconds = eight + 3600
    problem.visits[0].windows.add().start_time.seconds = eight + 600
    options = solving_pb2.SolveOptions(max_iterations=100)
    request = routing_service_pb2.SolveRoutePlanRequest(problem=problem, options=options)
    plan = stub.SolveRoutePlan(request, timeout=10).plan
    route = plan.routes[0]
    assert eight <= route.start_time.seconds <= route.end_time.seconds <= eight + 3600
    starts = {stop.id: stop.start_time.seconds for stop in route.stops}
    assert starts["a"] >= eight + 600
