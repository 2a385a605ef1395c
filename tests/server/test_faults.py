"""A real server under faults: the right status, and its worker free again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from alatau.common.v1 import solving_pb2
from alatau.freight.v1 import routing_service_pb2 as pb
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from tests.api.test_routing import failure, line_problem
from tests.serving import ROOT, ServerProcess, children, running_server

SERVICE = "alatau.freight.v1.RoutingService"
SOLVE = "/alatau.freight.v1.RoutingService/SolveRoutePlan"
CHILL = 0.3
"""Seconds after which a solve is surely running in its worker."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server with one worker and no queue, so that a busy worker shows."""
    folder = tmp_path_factory.mktemp("server")
    with running_server(folder, workers=1, queue_limit=0) as running:
        yield running


@pytest.fixture
def stub(server: ServerProcess) -> Iterator[RoutingServiceStub]:
    """Return the service over a channel of its own."""
    with grpc.insecure_channel(server.address) as channel:
        yield RoutingServiceStub(channel)


def solve_request(seconds: float) -> pb.SolveRoutePlanRequest:
    """Return a request that takes as long as its limit says."""
    request = pb.SolveRoutePlanRequest(problem=line_problem())
    request.options.time_limit.FromMilliseconds(round(seconds * 1000))
    return request


def quick_request() -> pb.SolveRoutePlanRequest:
    """Return a request that takes a few milliseconds."""
    options = solving_pb2.SolveOptions(max_iterations=10)
    return pb.SolveRoutePlanRequest(problem=line_problem(), options=options)


def seconds_until_free(stub: RoutingServiceStub) -> float:
    """Return how long it takes until the only worker has answered again."""
    start = time.monotonic()
    while time.monotonic() - start < 10:
        call = stub.SolveRoutePlan.future(quick_request(), timeout=5)
        if call.code() is grpc.StatusCode.OK:
            break
        assert call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        time.sleep(0.02)
    return time.monotonic() - start


def wait_until_busy(stub: RoutingServiceStub) -> None:
    """Wait until the only worker is taken."""
    time.sleep(CHILL)
    code, _ = failure(lambda: stub.SolveRoutePlan(quick_request(), timeout=5))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_garbage_is_refused(server: ServerProcess) -> None:
    """Bytes that are no message get INVALID_ARGUMENT with a reason, not UNKNOWN."""
    with grpc.insecure_channel(server.address) as channel:
        call = channel.unary_unary(SOLVE)
        code, details = failure(lambda: call(b"\xff\xfe\x00garbage", timeout=5))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["ErrorInfo"].reason == "MALFORMED_MESSAGE"


def test_a_wrong_string_is_refused(server: ServerProcess) -> None:
    """Field 1 of a RoutingProblem is a string; these bytes are no UTF-8."""
    with grpc.insecure_channel(server.address) as channel:
        call = channel.unary_unary(SOLVE)
        code, details = failure(lambda: call(b"\x0a\x04\x0a\x02\xff\xfe", timeout=5))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["ErrorInfo"].reason == "MALFORMED_MESSAGE"


def test_an_oversize_message_is_refused(server: ServerProcess) -> None:
    """65 MiB are more than the 64 that the server takes; it goes on."""
    options = [("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(server.address, options) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary(SOLVE)(bytes(65 * 2**20), timeout=20)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert seconds_until_free(RoutingServiceStub(channel)) < 1


def test_an_unknown_method_is_unimplemented(server: ServerProcess) -> None:
    """A method that is not there gets gRPC's own status."""
    with grpc.insecure_channel(server.address) as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary("/alatau.freight.v1.RoutingService/Nothing")(b"", timeout=5)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("method", ["SolveRoutePlan", "StreamRoutePlan", "EvaluateRoutePlan"])
def test_a_deadline_of_a_millisecond(stub: RoutingServiceStub, method: str) -> None:
    """The status is DEADLINE_EXCEEDED and the worker is free."""
    request = getattr(pb, f"{method}Request")(problem=line_problem())

    def call() -> None:
        answer = getattr(stub, method)(request, timeout=0.001)
        if method == "StreamRoutePlan":
            list(answer)

    with pytest.raises(grpc.RpcError) as late:
        call()
    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert seconds_until_free(stub) < 1


def test_a_full_queue_says_when_to_retry(stub: RoutingServiceStub) -> None:
    """The worker is busy for 1 s and nobody may wait: RetryInfo says at most that."""
    running = stub.SolveRoutePlan.future(solve_request(1.0), timeout=10)
    time.sleep(CHILL)
    code, details = failure(lambda: stub.SolveRoutePlan(quick_request(), timeout=5))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert details["ErrorInfo"].reason == "QUEUE_FULL"
    assert 0.1 <= details["RetryInfo"].retry_delay.ToMilliseconds() / 1000 <= 1
    assert running.result().plan.feasible


def test_an_evaluation_never_waits_behind_a_solve(stub: RoutingServiceStub) -> None:
    """While the only solver is busy, the checker answers."""
    running = stub.SolveRoutePlan.future(solve_request(1.0), timeout=10)
    time.sleep(CHILL)
    request = pb.EvaluateRoutePlanRequest(problem=line_problem())
    request.plan.SetInParent()
    assert not stub.EvaluateRoutePlan(request, timeout=0.6).feasible
    assert not running.done()
    running.result()


def unary_call(stub: RoutingServiceStub) -> Any:
    """Start a solve of a minute."""
    return stub.SolveRoutePlan.future(solve_request(60), timeout=90)


def stream_call(stub: RoutingServiceStub) -> Any:
    """Start a streaming solve of a minute."""
    request = pb.StreamRoutePlanRequest(problem=line_problem(), options=solve_request(60).options)
    return stub.StreamRoutePlan(request, timeout=90)


@pytest.mark.parametrize("start", [unary_call, stream_call])
def test_cancel_frees_the_worker(
    stub: RoutingServiceStub, start: Callable[[RoutingServiceStub], Any]
) -> None:
    """Within a second of cancel, the only worker answers somebody else."""
    call = start(stub)
    wait_until_busy(stub)
    call.cancel()
    assert seconds_until_free(stub) < 1


@pytest.mark.parametrize("start", [unary_call, stream_call])
def test_a_client_that_is_gone_frees_the_worker(
    server: ServerProcess,
    stub: RoutingServiceStub,
    start: Callable[[RoutingServiceStub], Any],
) -> None:
    """Within a second of a lost connection, the only worker answers somebody else."""
    channel = grpc.insecure_channel(server.address)
    call = start(RoutingServiceStub(channel))
    wait_until_busy(stub)
    channel.close()
    assert call.code() is grpc.StatusCode.CANCELLED
    assert seconds_until_free(stub) < 1


def test_a_deadline_mid_solve_still_gets_an_answer(stub: RoutingServiceStub) -> None:
    """Four calls with a second each: the margin of a tenth keeps every answer in time."""
    for _ in range(4):
        assert stub.SolveRoutePlan(solve_request(60), timeout=1.0).plan.feasible


def test_a_killed_worker_costs_a_retry(server: ServerProcess, stub: RoutingServiceStub) -> None:
    """All workers are killed mid-solve; the caller sees a plan all the same."""
    (nursery,) = server.children()
    running = stub.SolveRoutePlan.future(solve_request(1.5), timeout=30)
    time.sleep(CHILL)
    for pid in children(nursery):
        os.kill(pid, signal.SIGKILL)
    assert running.result().plan.feasible
    assert "worker died" in server.log.read_text()


def test_the_request_id_is_the_callers_or_made(stub: RoutingServiceStub) -> None:
    """A plain id comes back; one that could forge log lines is replaced."""
    for given, same in (("order-17", True), ("a b", False)):
        _, call = stub.SolveRoutePlan.with_call(
            quick_request(), timeout=5, metadata=[("x-request-id", given)]
        )
        received = dict(call.initial_metadata())["x-request-id"]
        assert (received == given) is same
        assert received


def test_a_refusal_carries_the_request_id(stub: RoutingServiceStub) -> None:
    """Behind the error in place of ahead of it, and in its details; a stream's as ever."""
    sent = [("x-request-id", "order-18")]
    refused = stub.SolveRoutePlan.future(pb.SolveRoutePlanRequest(), timeout=5, metadata=sent)
    _, details = failure(refused.result)
    assert details["RequestInfo"].request_id == "order-18"
    assert ("x-request-id", "order-18") in refused.trailing_metadata()
    assert not refused.initial_metadata()
    stream = stub.StreamRoutePlan(pb.StreamRoutePlanRequest(), timeout=5, metadata=sent)
    assert ("x-request-id", "order-18") in stream.initial_metadata()
    failure(lambda: list(stream))


def test_many_violations_fit_a_default_client(stub: RoutingServiceStub) -> None:
    """10,000 faults: the first are shown, and how many there are."""
    request = quick_request()
    for number in range(10_000):
        request.problem.visits.add(id=f"v{number}", location="nowhere")
    code, details = failure(lambda: stub.SolveRoutePlan(request, timeout=10))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    metadata = details["ErrorInfo"].metadata
    assert metadata["violations"] == "10000"
    shown = len(details["BadRequest"].field_violations)
    assert int(metadata["violations_shown"]) == shown
    assert 20 < shown < 100


def test_health_and_reflection(server: ServerProcess) -> None:
    """Health is known by service, and clients can list the services."""
    name = "alatau.freight.v1.RoutingService"
    with grpc.insecure_channel(server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for service in ("", name):
            request = health_pb2.HealthCheckRequest(service=service)
            answer = health.Check(request, timeout=5)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        assert name in ProtoReflectionDescriptorDatabase(channel).get_services()


def test_health_can_be_watched(server: ServerProcess) -> None:
    """A watcher hears the state at once and needs no end."""
    with grpc.insecure_channel(server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        watch = health.Watch(health_pb2.HealthCheckRequest(service=SERVICE), timeout=5)
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        watch.cancel()


def test_sigterm_lets_running_solves_answer(tmp_path: Path) -> None:
    """With 6 s of grace a solve of a minute answers after about one; exit code 0."""
    with (
        running_server(tmp_path, workers=1, grace_seconds=6) as server,
        grpc.insecure_channel(server.address) as channel,
        ThreadPoolExecutor() as pool,
    ):
        stub = RoutingServiceStub(channel)
        running = stub.SolveRoutePlan.future(solve_request(60), timeout=90)
        time.sleep(CHILL)
        start = time.monotonic()
        stopped = pool.submit(server.stop)
        with pytest.raises(grpc.RpcError):  # until the door knows that it is to stop
            while True:
                stub.EvaluateRoutePlan(
                    pb.EvaluateRoutePlanRequest(problem=line_problem(), plan={}), timeout=5
                )
        code, details = failure(lambda: stub.SolveRoutePlan(quick_request(), timeout=5))
        assert code is grpc.StatusCode.UNAVAILABLE
        assert details["ErrorInfo"].reason == "STOPPING"
        assert details["RetryInfo"].retry_delay.seconds == 1
        health = health_pb2_grpc.HealthStub(channel)
        answer = health.Check(health_pb2.HealthCheckRequest(service=SERVICE), timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
        plan = running.result().plan
        assert plan.summary.termination == solving_pb2.TERMINATION_CANCELLED
        assert time.monotonic() - start < 6
        assert stopped.result() == 0
        with pytest.raises(grpc.RpcError) as refused:
            stub.SolveRoutePlan(quick_request(), timeout=5)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


def test_no_worker_outlives_its_server(tmp_path: Path) -> None:
    """After SIGKILL of the server its workers end by themselves."""
    with running_server(tmp_path, workers=1) as server:
        (nursery,) = server.children()
        pids = [nursery, *children(nursery)]
        assert len(pids) == 4
        server.process.kill()
        server.process.wait()
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in pids):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def run_server(**variables: str) -> subprocess.CompletedProcess[str]:
    """Run a server that should refuse to start."""
    return subprocess.run(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_taken_port_is_said() -> None:
    """One sentence and exit code 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = run_server(ALATAU_PORT=str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert "cannot listen on 127.0.0.1:" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_wrong_settings_are_said_all_at_once() -> None:
    """Each setting a line, exit code 2."""
    refused = run_server(ALATAU_PORT="70000", ALATAU_WORKERS="0")
    assert refused.returncode == 2
    assert "settings.port" in refused.stderr
    assert "settings.workers" in refused.stderr
