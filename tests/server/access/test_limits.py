"""Limits of workspaces: rates by hand, solves at once, and a real server that holds them."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from alatau.freight.v1 import routing_service_pb2 as pb
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from alatau.jobs.v1 import jobs_pb2, jobs_service_pb2
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub

from server.access import limits
from server.access.keys import KeyFile
from server.access.limits import Allowance, Limits
from server.errors import Reason, ServiceError
from tests.api.calls import failure
from tests.api.test_routing import line_plan, line_problem
from tests.serving import running_server


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def refused(held: Limits, workspace: str) -> float:
    """Return after how many seconds a refused call may come again."""
    with pytest.raises(ServiceError) as error:
        held.call(workspace)
    assert error.value.reason is Reason.RATE_LIMITED
    assert error.value.retry_seconds is not None
    return error.value.retry_seconds


def test_a_burst_then_the_rate() -> None:
    """Two a second, three at once: the fourth waits half a second, and comes then."""
    clock = Clock()
    held = Limits(Allowance(rate=2, burst=3), {}, clock)
    for _ in range(3):
        held.call("city")
    assert refused(held, "city") == pytest.approx(0.5)
    held.call("port")  # another workspace has its own
    clock.now = 0.4
    assert refused(held, "city") == pytest.approx(0.1)
    clock.now = 0.51
    held.call("city")
    clock.now = 100
    for _ in range(3):
        held.call("city")
    refused(held, "city")


def test_named_workspaces_have_their_own() -> None:
    """The city may call at will; all others once."""
    held = Limits(Allowance(rate=0.001, burst=1), {"city": Allowance()}, Clock())
    for _ in range(100):
        held.call("city")
    held.call("port")
    assert refused(held, "port") == pytest.approx(1000)


def test_full_buckets_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of new workspaces costs no memory for ever, and frees nobody who waits."""
    monkeypatch.setattr(limits, "KEPT", 10)
    clock = Clock()
    held = Limits(Allowance(rate=1, burst=1), {}, clock)
    for number in range(10):
        held.call(f"w{number}")
    clock.now = 0.5
    refused(held, "w0")
    clock.now = 1.2
    held.call("w0")
    held.call("fresh")
    assert len(held._buckets) == 2
    refused(held, "w0")


def test_solves_at_once() -> None:
    """One of a workspace; the next after it has ended, even by a fault."""
    held = Limits(Allowance(solves=1), {}, Clock())
    with pytest.raises(KeyError), held.solve("city"), held.solve("port"):
        with pytest.raises(ServiceError) as error, held.solve("city"):
            pass
        assert error.value.reason is Reason.QUOTA_EXCEEDED
        raise KeyError
    with held.solve("city"):
        pass


def solve(seconds: float) -> pb.SolveRoutePlanRequest:
    """Return a request that takes as long as it says."""
    request = pb.SolveRoutePlanRequest(problem=line_problem())
    request.options.time_limit.FromMilliseconds(round(1000 * seconds))
    return request


def test_a_server_holds_each_workspace_to_its_limits(tmp_path: Path) -> None:
    """One workspace is refused, with what and when; another one goes on."""
    keys = KeyFile(tmp_path / "keys.json")
    metadata = {name: [("authorization", f"Bearer {keys.create(name)}")] for name in ("a", "b")}
    own = json.dumps({"b": {"rate_per_second": 1000, "rate_burst": 1000}})
    settings = {"keys_file": tmp_path / "keys.json", "workers": 2, "workspaces": own}
    settings |= {"rate_per_second": 0.01, "rate_burst": 3, "workspace_solves": 1}
    with (
        running_server(tmp_path, **settings) as server,
        grpc.insecure_channel(server.address) as channel,
        ThreadPoolExecutor() as threads,
    ):
        stub = RoutingServiceStub(channel)
        running = threads.submit(stub.SolveRoutePlan, solve(3), timeout=30, metadata=metadata["a"])
        time.sleep(0.5)
        second = {"timeout": 30, "metadata": metadata["a"]}
        code, details = failure(lambda: stub.SolveRoutePlan(solve(1), **second))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert details["ErrorInfo"].reason == "QUOTA_EXCEEDED"
        assert details["QuotaFailure"].violations[0].subject == "workspace:a"
        judge = pb.EvaluateRoutePlanRequest(problem=line_problem(), plan=line_plan())
        assert stub.EvaluateRoutePlan(judge, **second).feasible  # the third call
        code, details = failure(lambda: stub.EvaluateRoutePlan(judge, **second))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert details["ErrorInfo"].reason == "RATE_LIMITED"
        assert 50 < details["RetryInfo"].retry_delay.seconds <= 100
        other = {"timeout": 30, "metadata": metadata["b"]}
        assert stub.SolveRoutePlan(solve(0.1), **other).plan.feasible
        assert running.result().plan.feasible


def test_a_workspace_has_as_many_jobs_as_it_may(tmp_path: Path) -> None:
    """One unfinished job each: the second is refused until the first has ended."""
    keys = KeyFile(tmp_path / "keys.json")
    a, b = ([("authorization", f"Bearer {keys.create(name)}")] for name in ("a", "b"))
    settings = {"keys_file": tmp_path / "keys.json", "workers": 1, "workspace_jobs": 1}
    request = jobs_service_pb2.CreateRoutePlanJobRequest(solve=solve(60))
    with (
        running_server(tmp_path, **settings) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        jobs = SolveJobServiceStub(channel)
        made = jobs.CreateRoutePlanJob(request, timeout=20, metadata=a).job
        code, details = failure(lambda: jobs.CreateRoutePlanJob(request, timeout=20, metadata=a))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert details["ErrorInfo"].reason == "QUOTA_EXCEEDED"
        assert details["QuotaFailure"].violations[0].subject == "workspace:a"
        assert jobs.CreateRoutePlanJob(request, timeout=20, metadata=b).job.name
        cancel = jobs_service_pb2.CancelJobRequest(
            name=made.name, mode=jobs_pb2.CANCEL_MODE_DISCARD
        )
        jobs.CancelJob(cancel, timeout=20, metadata=a)
        watch = jobs_service_pb2.WatchJobRequest(name=made.name)
        assert list(jobs.WatchJob(watch, timeout=20, metadata=a))[-1].job.done
        assert jobs.CreateRoutePlanJob(request, timeout=20, metadata=a).job.name
