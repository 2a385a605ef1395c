"""DockService over a real server: results, and every reason for an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from alatau.common.v1 import solving_pb2
from alatau.freight.v1 import docks_pb2 as nouns
from alatau.freight.v1 import docks_service_pb2 as pb
from alatau.freight.v1.docks_service_pb2_grpc import DockServiceStub

from tests.api.calls import faults

EIGHT = 1_772_438_400
"""2026-03-02T08:00:00Z."""


@pytest.fixture
def stub(channel: grpc.Channel) -> DockServiceStub:
    """Return the service."""
    return DockServiceStub(channel)


def crossdock() -> nouns.DockProblem:
    """Return a door, a truck that brings 10 pallets in 10 minutes, a van that takes 5 in 5.

    Sorting takes 2 minutes. The van waits from 8:00 until 8:12, which at 6,000
    an hour costs 1,200.
    """
    problem = nouns.DockProblem(name="crossdock")
    problem.horizon_start.seconds = EIGHT
    problem.doors.add(id="D")
    truck = problem.trucks.add(
        id="in", direction=nouns.DIRECTION_INBOUND, quantity=10, rate=60, waiting_cost=10_000
    )
    truck.arrival.start_time.seconds = EIGHT
    problem.trucks.add(
        id="out", direction=nouns.DIRECTION_OUTBOUND, quantity=5, rate=60, waiting_cost=6_000
    )
    transfer = problem.transfers.add(id="x", inbound="in", outbound="out", quantity=5)
    transfer.setup.seconds = 120
    return problem


def crossdock_plan() -> nouns.DockPlan:
    """Return the plan: 8:00 to 8:10 and 8:12 to 8:17."""
    plan = nouns.DockPlan()
    for name, start, end in (("in", 0, 600), ("out", 720, 1020)):
        slot = plan.appointments.add(truck=name, door="D")
        slot.start_time.seconds, slot.end_time.seconds = EIGHT + start, EIGHT + end
    return plan


def test_solve_finds_the_cheapest_day(stub: DockServiceStub) -> None:
    """The plan is the only sensible one, proven, and its times are moments."""
    answer = stub.SolveDockPlan(pb.SolveDockPlanRequest(problem=crossdock()), timeout=20)
    assert answer.plan.feasible
    assert not answer.violations
    assert list(answer.plan.appointments) == list(crossdock_plan().appointments)
    assert answer.plan.cost.total == answer.plan.summary.bound == 1200
    assert answer.plan.summary.gap == 0
    assert answer.plan.summary.termination == solving_pb2.TERMINATION_OPTIMAL


def test_evaluate_agrees_with_solve(stub: DockServiceStub) -> None:
    """The checker counts the same cost, with or without a cost in the plan sent."""
    solved = stub.SolveDockPlan(pb.SolveDockPlanRequest(problem=crossdock()), timeout=20).plan
    for plan in (crossdock_plan(), solved):
        request = pb.EvaluateDockPlanRequest(problem=crossdock(), plan=plan)
        answer = stub.EvaluateDockPlan(request, timeout=20)
        assert answer.feasible
        assert answer.cost == solved.cost


def test_evaluate_names_what_a_plan_breaks(stub: DockServiceStub) -> None:
    """A minute too early: the goods are not there."""
    plan = crossdock_plan()
    plan.appointments[1].start_time.seconds -= 60
    plan.appointments[1].end_time.seconds -= 60
    request = pb.EvaluateDockPlanRequest(problem=crossdock(), plan=plan)
    answer = stub.EvaluateDockPlan(request, timeout=20)
    assert not answer.feasible
    assert [v.code for v in answer.violations] == ["TRANSFER_LATE"]


def test_a_false_cost_is_found(stub: DockServiceStub) -> None:
    """A plan that claims to cost 1 costs 1,200."""
    plan = crossdock_plan()
    plan.cost.total = 1
    request = pb.EvaluateDockPlanRequest(problem=crossdock(), plan=plan)
    answer = stub.EvaluateDockPlan(request, timeout=20)
    assert [v.code for v in answer.violations] == ["COST_MISMATCH"]


def test_stream_reports_and_ends_with_the_plan(stub: DockServiceStub) -> None:
    """The last message, and it alone, has the plan."""
    problem = crossdock()
    for i in range(30):
        problem.trucks.add(
            id=f"t{i}",
            direction=nouns.DIRECTION_INBOUND,
            quantity=5 + i % 7,
            rate=50 + i % 11,
            waiting_cost=1000 + 37 * i,
        )
    options = solving_pb2.SolveOptions()
    options.time_limit.FromMilliseconds(1500)
    request = pb.StreamDockPlanRequest(problem=problem, options=options, include_incumbents=True)
    messages = list(stub.StreamDockPlan(request, timeout=20))
    assert [m.HasField("plan") for m in messages] == [False] * (len(messages) - 1) + [True]
    assert messages[-1].plan.feasible
    assert not messages[-1].violations
    assert len(messages) > 3
    bounds = [m.progress.bound for m in messages if m.progress.HasField("bound")]
    assert bounds == sorted(bounds)


def test_an_infeasible_day_is_a_result(stub: DockServiceStub) -> None:
    """The truck is released after its last moment: no error, but a reason."""
    problem = crossdock()
    problem.trucks[0].arrival.end_time.seconds = EIGHT + 60
    problem.trucks[0].release.seconds = EIGHT + 120
    answer = stub.SolveDockPlan(pb.SolveDockPlanRequest(problem=problem), timeout=20)
    assert not answer.plan.feasible
    assert answer.plan.summary.termination == solving_pb2.TERMINATION_INFEASIBLE
    (left,) = answer.plan.unassigned
    assert left.truck == "in"
    assert list(left.reasons) == [nouns.UnassignedTruck.REASON_CUSTOMS_RELEASE]
    (missed,) = answer.plan.missed
    assert list(missed.reasons) == [nouns.MissedTransfer.REASON_INBOUND_UNASSIGNED]
    assert {v.code for v in answer.violations} == {"REQUIRED_TRUCK", "REQUIRED_TRANSFER"}


def requests(problem: nouns.DockProblem | None) -> dict[str, Any]:
    """Return a request of each method for a problem."""
    given = {} if problem is None else {"problem": problem}
    return {
        "SolveDockPlan": pb.SolveDockPlanRequest(**given),
        "StreamDockPlan": pb.StreamDockPlanRequest(**given),
        "EvaluateDockPlan": pb.EvaluateDockPlanRequest(**given, plan=crossdock_plan()),
    }


def call(
    stub: DockServiceStub, method: str, request: Any, timeout: float = 20
) -> Callable[[], Any]:
    """Return a call that is made to its end."""
    answer = getattr(stub, method)
    if method.startswith("Stream"):
        return lambda: list(answer(request, timeout=timeout))
    return lambda: answer(request, timeout=timeout)


METHODS = sorted(requests(None))


@pytest.mark.parametrize("method", METHODS)
def test_every_violation_comes_at_once(stub: DockServiceStub, method: str) -> None:
    """Faults of messages and of the domain come in one answer, from each method."""
    problem = crossdock()
    problem.doors[0].directions.append(nouns.DIRECTION_UNSPECIFIED)
    problem.doors[0].changeover.nanos = 1
    problem.trucks[0].arrival.end_time.seconds = EIGHT - 1
    problem.trucks[0].rate = 0
    problem.trucks[1].direction = 99  # type: ignore[assignment]
    problem.trucks[1].crews = -1
    problem.trucks[1].due.seconds = EIGHT - 5
    problem.transfers[0].inbound = "nobody"
    problem.crews.add(count=2)
    problem.movement_cost = -1
    assert faults(call(stub, method, requests(problem)[method])) == {
        ("ENUM", "problem.doors[0].directions[0]"),
        ("WHOLE_SECONDS", "problem.doors[0].changeover"),
        ("BEFORE_HORIZON", "problem.trucks[0].arrival.end_time"),
        ("NO_RATE", "problem.trucks[0].rate"),
        ("ENUM", "problem.trucks[1].direction"),
        ("NEGATIVE", "problem.trucks[1].crews"),
        ("BEFORE_HORIZON", "problem.trucks[1].due"),
        ("UNKNOWN_TRUCK", "problem.transfers[0].inbound"),
        ("WRONG_DIRECTION", "problem.transfers[0].outbound"),
        ("REQUIRED", "problem.crews[0].window"),
        ("NEGATIVE", "problem.movement_cost"),
    }


@pytest.mark.parametrize("method", METHODS)
def test_a_request_without_a_problem_is_refused(stub: DockServiceStub, method: str) -> None:
    """Without a problem there is nothing to do."""
    assert faults(call(stub, method, requests(None)[method])) == {("REQUIRED", "problem")}


def test_a_plan_is_read_as_strictly(stub: DockServiceStub) -> None:
    """Moments before the horizon, missing ones, a cost that does not sum, no number."""
    plan = crossdock_plan()
    plan.appointments[0].start_time.seconds = EIGHT - 1
    plan.appointments[1].ClearField("end_time")
    plan.cost.total = 3
    plan.cost.components["waiting"] = 2
    plan.summary.bound = float("nan")
    request = pb.EvaluateDockPlanRequest(problem=crossdock(), plan=plan)
    assert faults(call(stub, "EvaluateDockPlan", request)) == {
        ("BEFORE_HORIZON", "plan.appointments[0].start_time"),
        ("REQUIRED", "plan.appointments[1].end_time"),
        ("COST", "plan.cost.total"),
        ("NOT_A_NUMBER", "plan.summary.bound"),
    }
    request = pb.EvaluateDockPlanRequest(problem=crossdock())
    assert faults(call(stub, "EvaluateDockPlan", request)) == {("REQUIRED", "plan")}


def test_options_are_read_strictly(stub: DockServiceStub) -> None:
    """A gap of 2 and 1,000 threads."""
    options = solving_pb2.SolveOptions(threads=1000, relative_gap=2.0)
    request = pb.SolveDockPlanRequest(problem=crossdock(), options=options)
    wanted = {("THREADS", "options.threads"), ("GAP", "options.relative_gap")}
    assert faults(call(stub, "SolveDockPlan", request)) == wanted


@pytest.mark.parametrize("method", METHODS)
def test_a_deadline_that_is_over(stub: DockServiceStub, method: str) -> None:
    """A deadline of 1 ms is exceeded; the service goes on."""
    code, _ = plain_failure(call(stub, method, requests(crossdock())[method], timeout=0.001))
    assert code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert stub.SolveDockPlan(requests(crossdock())["SolveDockPlan"], timeout=20).plan.feasible


def test_cancelling_frees_the_worker(stub: DockServiceStub) -> None:
    """A stream is dropped mid-solve; the next solves are answered at once."""
    problem = crossdock()
    for i in range(60):
        problem.trucks.add(
            id=f"t{i}", direction=nouns.DIRECTION_INBOUND, quantity=9, rate=50 + i, waiting_cost=i
        )
    for _ in range(3):
        stream = stub.StreamDockPlan(pb.StreamDockPlanRequest(problem=problem), timeout=60)
        next(iter(stream))
        stream.cancel()
    for _ in range(2):
        answer = stub.SolveDockPlan(requests(crossdock())["SolveDockPlan"], timeout=10)
        assert answer.plan.feasible


def plain_failure(broken: Callable[[], Any]) -> tuple[grpc.StatusCode, str]:
    """Return status and text of a call that fails without details."""
    with pytest.raises(grpc.RpcError) as failed:
        broken()
    return failed.value.code(), failed.value.details() or ""


def test_a_call_of_rubbish_fails(channel: grpc.Channel) -> None:
    """Bytes that are no message are refused without harm."""
    path = "/alatau.freight.v1.DockService/SolveDockPlan"
    code, _ = plain_failure(lambda: channel.unary_unary(path)(b"\xff\xff\xff", timeout=10))
    assert code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL)
