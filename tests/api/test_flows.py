"""FlowService over a real server: results, and every reason for an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from alatau.common.v1 import solving_pb2
from alatau.freight.v1 import flows_pb2 as nouns
from alatau.freight.v1 import flows_service_pb2 as pb
from alatau.freight.v1.flows_service_pb2_grpc import FlowServiceStub

from server.codecs.flows import encode_problem
from tests.api.calls import faults
from tests.freight.flows.test_solve import hard_design


@pytest.fixture
def stub(channel: grpc.Channel) -> FlowServiceStub:
    """Return the service."""
    return FlowServiceStub(channel)


def network() -> nouns.FlowProblem:
    """Return 8 units from a to b: a train of 6 for 20 to h and on by road, or trucks of 1 for 9.

    The change at h costs 1 a unit and lane h-b 1. A train with 6 units costs 20 +
    6 + 6 = 32, less than six trucks for 54; the other two take trucks for 18.
    """
    problem = nouns.FlowProblem(name="network")
    for name in ("a", "h", "b"):
        problem.nodes.add(id=name)
    train = problem.lanes.add(id="train", origin="a", destination="h", mode=nouns.MODE_RAIL)
    train.capacity, train.max_departures, train.departure_cost = 6, 1, 20
    problem.lanes.add(
        id="last mile", origin="h", destination="b", mode=nouns.MODE_ROAD, capacity=9, unit_cost=1
    )
    problem.lanes.add(
        id="truck", origin="a", destination="b", mode=nouns.MODE_ROAD, capacity=1, departure_cost=9
    )
    change = problem.interchanges.add(node="h", unit_cost=1)
    change.from_mode, change.to_mode = nouns.MODE_RAIL, nouns.MODE_ROAD
    problem.commodities.add(id="goods", origin="a", destination="b", amount=8)
    return problem


def network_plan() -> nouns.FlowPlan:
    """Return the plan described there."""
    plan = nouns.FlowPlan()
    for lane, amount, count in (("train", 6, 1), ("last mile", 6, 1), ("truck", 2, 2)):
        plan.flows.add(lane=lane, commodity="goods", amount=amount)
        plan.departures.add(lane=lane, count=count)
    plan.interchanges.add(
        node="h",
        from_mode=nouns.MODE_RAIL,
        to_mode=nouns.MODE_ROAD,
        commodity="goods",
        amount=6,
    )
    return plan


def test_solve_finds_the_cheapest_plan(stub: FlowServiceStub) -> None:
    """32 by train and 18 by truck, proven."""
    answer = stub.SolveFlowPlan(pb.SolveFlowPlanRequest(problem=network()), timeout=20)
    assert answer.plan.feasible
    assert not answer.violations
    assert answer.plan.cost.total == answer.plan.summary.bound == 50
    assert list(answer.plan.flows) == list(network_plan().flows)
    assert list(answer.plan.interchanges) == list(network_plan().interchanges)
    assert answer.plan.summary.termination == solving_pb2.TERMINATION_OPTIMAL


def test_evaluate_agrees_with_solve(stub: FlowServiceStub) -> None:
    """The checker counts the same cost, with or without a cost in the plan sent."""
    solved = stub.SolveFlowPlan(pb.SolveFlowPlanRequest(problem=network()), timeout=20).plan
    for plan in (network_plan(), solved):
        request = pb.EvaluateFlowPlanRequest(problem=network(), plan=plan)
        answer = stub.EvaluateFlowPlan(request, timeout=20)
        assert answer.feasible
        assert answer.cost == solved.cost


def test_evaluate_names_what_a_plan_breaks(stub: FlowServiceStub) -> None:
    """One truck for two units."""
    plan = network_plan()
    plan.departures[2].count = 1
    request = pb.EvaluateFlowPlanRequest(problem=network(), plan=plan)
    answer = stub.EvaluateFlowPlan(request, timeout=20)
    assert not answer.feasible
    assert [v.code for v in answer.violations] == ["LANE_CAPACITY"]


def test_an_infeasible_network_is_a_result(stub: FlowServiceStub) -> None:
    """One truck and the train carry 7 of 8 units: no error, but a reason."""
    problem = network()
    problem.lanes[2].max_departures = 1
    answer = stub.SolveFlowPlan(pb.SolveFlowPlanRequest(problem=problem), timeout=20)
    assert not answer.plan.feasible
    assert answer.plan.summary.termination == solving_pb2.TERMINATION_INFEASIBLE
    (left,) = answer.plan.unshipped
    assert (left.commodity, left.amount) == ("goods", 1)
    assert list(left.reasons) == [nouns.UnshippedGoods.REASON_CAPACITY]
    assert [v.code for v in answer.violations] == ["REQUIRED_COMMODITY"]


def test_stream_reports_and_ends_with_the_plan(stub: FlowServiceStub) -> None:
    """A hard design moves to another process and still reports; the last message has the plan."""
    options = solving_pb2.SolveOptions()
    options.time_limit.FromMilliseconds(3000)
    request = pb.StreamFlowPlanRequest(
        problem=encode_problem(hard_design(9)), options=options, include_incumbents=True
    )
    messages = list(stub.StreamFlowPlan(request, timeout=30))
    assert [m.HasField("plan") for m in messages] == [False] * (len(messages) - 1) + [True]
    assert messages[-1].plan.feasible
    assert not messages[-1].violations
    assert len(messages) > 3


def requests(problem: nouns.FlowProblem | None) -> dict[str, Any]:
    """Return a request of each method for a problem."""
    given = {} if problem is None else {"problem": problem}
    return {
        "SolveFlowPlan": pb.SolveFlowPlanRequest(**given),
        "StreamFlowPlan": pb.StreamFlowPlanRequest(**given),
        "EvaluateFlowPlan": pb.EvaluateFlowPlanRequest(**given, plan=network_plan()),
    }


def call(
    stub: FlowServiceStub, method: str, request: Any, timeout: float = 20
) -> Callable[[], Any]:
    """Return a call that is made to its end."""
    answer = getattr(stub, method)
    if method.startswith("Stream"):
        return lambda: list(answer(request, timeout=timeout))
    return lambda: answer(request, timeout=timeout)


METHODS = sorted(requests(None))


@pytest.mark.parametrize("method", METHODS)
def test_every_violation_comes_at_once(stub: FlowServiceStub, method: str) -> None:
    """Faults of messages and of the domain come in one answer, from each method."""
    problem = network()
    problem.nodes[0].position.latitude = 91
    problem.nodes[1].position.longitude = float("nan")
    problem.nodes[2].handling_capacity = -1
    problem.lanes[0].mode = nouns.MODE_UNSPECIFIED
    problem.lanes[0].duration.nanos = 5
    problem.lanes[1].capacity = -4
    problem.lanes[2].destination = "z"
    problem.interchanges[0].to_mode = nouns.MODE_RAIL
    problem.commodities[0].amount = 0
    problem.commodities[0].penalty = -1
    assert faults(call(stub, method, requests(problem)[method])) == {
        ("POSITION", "problem.nodes[0].position.latitude"),
        ("POSITION", "problem.nodes[1].position.longitude"),
        ("NEGATIVE", "problem.nodes[2].handling_capacity"),
        ("ENUM", "problem.lanes[0].mode"),
        ("WHOLE_SECONDS", "problem.lanes[0].duration"),
        ("NEGATIVE", "problem.lanes[1].capacity"),
        ("UNKNOWN_NODE", "problem.lanes[2].destination"),
        ("SAME_MODE", "problem.interchanges[0].to_mode"),
        ("NOT_POSITIVE", "problem.commodities[0].amount"),
        ("NEGATIVE", "problem.commodities[0].penalty"),
    }


@pytest.mark.parametrize("method", METHODS)
def test_goods_without_a_way_are_refused(stub: FlowServiceStub, method: str) -> None:
    """Required goods from b, where nothing leaves."""
    problem = network()
    problem.commodities.add(id="stuck", origin="b", destination="a", amount=1)
    wanted = {("DISCONNECTED", "problem.commodities[1].destination")}
    assert faults(call(stub, method, requests(problem)[method])) == wanted


@pytest.mark.parametrize("method", METHODS)
def test_a_request_without_a_problem_is_refused(stub: FlowServiceStub, method: str) -> None:
    """Without a problem there is nothing to do."""
    assert faults(call(stub, method, requests(None)[method])) == {("REQUIRED", "problem")}


def test_a_plan_is_read_as_strictly(stub: FlowServiceStub) -> None:
    """An unknown mode, a cost that does not sum, an infinite bound, no plan at all."""
    plan = network_plan()
    plan.interchanges[0].from_mode = nouns.MODE_UNSPECIFIED
    plan.cost.total = 3
    plan.cost.components["time"] = 2
    plan.summary.bound = float("inf")
    request = pb.EvaluateFlowPlanRequest(problem=network(), plan=plan)
    assert faults(call(stub, "EvaluateFlowPlan", request)) == {
        ("ENUM", "plan.interchanges[0].from_mode"),
        ("COST", "plan.cost.total"),
        ("NOT_A_NUMBER", "plan.summary.bound"),
    }
    request = pb.EvaluateFlowPlanRequest(problem=network())
    assert faults(call(stub, "EvaluateFlowPlan", request)) == {("REQUIRED", "plan")}


@pytest.mark.parametrize("method", METHODS)
def test_a_deadline_that_is_over(stub: FlowServiceStub, method: str) -> None:
    """A deadline of 1 ms is exceeded; the service goes on."""
    with pytest.raises(grpc.RpcError) as failed:
        call(stub, method, requests(network())[method], timeout=0.001)()
    assert failed.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert stub.SolveFlowPlan(requests(network())["SolveFlowPlan"], timeout=20).plan.feasible


def test_cancelling_frees_the_worker(stub: FlowServiceStub) -> None:
    """Streams of hard designs are dropped mid-solve; the next solves are answered at once."""
    problem = encode_problem(hard_design(12))
    for _ in range(3):
        stream = stub.StreamFlowPlan(pb.StreamFlowPlanRequest(problem=problem), timeout=60)
        next(iter(stream))
        stream.cancel()
    for _ in range(2):
        answer = stub.SolveFlowPlan(requests(network())["SolveFlowPlan"], timeout=10)
        assert answer.plan.feasible


@pytest.mark.parametrize("method", METHODS)
def test_rubbish_is_refused(channel: grpc.Channel, method: str) -> None:
    """Bytes that are no message are refused without harm."""
    path = f"/alatau.freight.v1.FlowService/{method}"
    with pytest.raises(grpc.RpcError) as failed:
        if method.startswith("Stream"):
            list(channel.unary_stream(path)(b"\xff\xff\xff", timeout=10))
        else:
            channel.unary_unary(path)(b"\xff\xff\xff", timeout=10)
    assert failed.value.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL)
