"""Each RPC × each reason for an error: the code, the reason, and nothing secret."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from alatau.airtaxi.v1 import planning_service_pb2
from alatau.freight.v1 import docks_service_pb2, flows_service_pb2, routing_service_pb2

from server import registry
from tests.api.calls import failure
from tests.server.spells import DIE, FAIL, WAIT
from tests.serving import ServerProcess, running_server

SERVICES = (
    (planning_service_pb2, "PlanningService"),
    (docks_service_pb2, "DockService"),
    (flows_service_pb2, "FlowService"),
    (routing_service_pb2, "RoutingService"),
)


class Rpc(NamedTuple):
    """A method: its path, its request, and whether it streams or evaluates."""

    path: str
    request: Callable[..., Any]
    streams: bool
    evaluates: bool

    def __str__(self) -> str:
        return self.path.rpartition("/")[2]


def rpcs() -> list[Rpc]:
    """Return every RPC of the API from the descriptors of its services."""
    found = []
    for module, name in SERVICES:
        service = module.DESCRIPTOR.services_by_name[name]
        for method in service.methods:
            path = f"/{service.full_name}/{method.name}"
            request = getattr(module, method.input_type.name)
            evaluates = method.name.startswith("Evaluate")
            found.append(Rpc(path, request, method.server_streaming, evaluates))
    return found


every_rpc = pytest.mark.parametrize("rpc", rpcs(), ids=str)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server whose jobs break on request, with one worker and no queue."""
    settings: dict[str, object] = {"workers": 1, "check_workers": 1, "queue_limit": 0}
    settings[registry.INSTEAD.removeprefix("ALATAU_")] = "tests.server.broken_jobs"
    with running_server(tmp_path_factory.mktemp("server"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def channel(server: ServerProcess) -> Iterator[grpc.Channel]:
    """Open a channel that sends messages of any size."""
    options = [("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(server.address, options) as opened:
        yield opened


def call(channel: grpc.Channel, rpc: Rpc, data: bytes, timeout: float = 10) -> None:
    """Call a method with bytes and read all of its answer."""
    if rpc.streams:
        list(channel.unary_stream(rpc.path)(data, timeout=timeout))
    else:
        channel.unary_unary(rpc.path)(data, timeout=timeout)


def named(rpc: Rpc, name: bytes) -> bytes:
    """Return a request whose problem has a name, and a plan where there is one."""
    request = rpc.request()
    request.problem.name = name.decode()
    if rpc.evaluates:
        request.plan.SetInParent()
    return bytes(request.SerializeToString())


def test_there_are_three_rpcs_a_part() -> None:
    """Solve, stream and evaluate for each of the four parts, and fleet sizing."""
    assert len(rpcs()) == 13
    assert sum(rpc.streams for rpc in rpcs()) == 4


@every_rpc
def test_invalid_input(channel: grpc.Channel, rpc: Rpc) -> None:
    """An empty request lacks its problem."""
    code, details = failure(lambda: call(channel, rpc, b""))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["ErrorInfo"].reason == "INVALID_INPUT"
    assert ("REQUIRED", "problem") in {
        (v.reason, v.field) for v in details["BadRequest"].field_violations
    }


@every_rpc
def test_malformed_message(channel: grpc.Channel, rpc: Rpc) -> None:
    """These bytes are no message."""
    code, details = failure(lambda: call(channel, rpc, b"\xff\xff\xff"))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details["ErrorInfo"].reason == "MALFORMED_MESSAGE"


@every_rpc
def test_too_large(channel: grpc.Channel, rpc: Rpc) -> None:
    """More than 64 MiB is refused by gRPC itself, without details."""
    with pytest.raises(grpc.RpcError) as refused:
        call(channel, rpc, bytes(64 * 2**20 + 1))
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@every_rpc
def test_deadline(channel: grpc.Channel, rpc: Rpc) -> None:
    """A millisecond is not enough for anything."""
    with pytest.raises(grpc.RpcError) as late:
        call(channel, rpc, named(rpc, b"late"), timeout=0.001)
    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


@every_rpc
def test_internal(channel: grpc.Channel, rpc: Rpc) -> None:
    """A bug tells the caller nothing but the request id."""
    code, details = failure(lambda: call(channel, rpc, named(rpc, FAIL)))
    assert code is grpc.StatusCode.INTERNAL
    assert details["ErrorInfo"].reason == "INTERNAL"
    assert details["RequestInfo"].request_id
    assert "secret" not in str(details)


@every_rpc
def test_worker_lost(channel: grpc.Channel, rpc: Rpc) -> None:
    """A request that kills two processes is given up."""
    code, details = failure(lambda: call(channel, rpc, named(rpc, DIE)))
    assert code is grpc.StatusCode.INTERNAL
    assert details["ErrorInfo"].reason == "WORKER_LOST"
    assert details["ErrorInfo"].metadata["attempts"] == "2"


@every_rpc
def test_queue_full(channel: grpc.Channel, rpc: Rpc) -> None:
    """While the only worker is busy, the next call hears when to come again."""
    with ThreadPoolExecutor() as threads:
        busy = threads.submit(lambda: failure(lambda: call(channel, rpc, named(rpc, WAIT))))
        time.sleep(0.3)
        code, details = failure(lambda: call(channel, rpc, named(rpc, b"next")))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert details["ErrorInfo"].reason == "QUEUE_FULL"
        assert details["RetryInfo"].retry_delay.ToMilliseconds() >= 100
        assert busy.result()[0] is grpc.StatusCode.INVALID_ARGUMENT


def test_unavailable_once_stopped(tmp_path: Path) -> None:
    """After SIGTERM every call gets UNAVAILABLE."""
    with (
        running_server(tmp_path, workers=1, grace_seconds=0) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        assert server.stop() == 0
        for rpc in rpcs():
            with pytest.raises(grpc.RpcError) as gone:
                call(channel, rpc, b"", timeout=5)
            assert gone.value.code() is grpc.StatusCode.UNAVAILABLE
