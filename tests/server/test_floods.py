"""Connections that are full of something: frames, headers, depth, size; others are served."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from alatau.freight.v1 import routing_service_pb2 as pb
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub

from benchmarks.load.processes import cpu_seconds
from tests.api.test_routing import line_plan, line_problem
from tests.serving import ServerProcess, running_server

EVALUATE = "/alatau.freight.v1.RoutingService/EvaluateRoutePlan"
MIB = 2**20
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, PING, HEADERS, RESET = 4, 6, 1, 3
"""Types of HTTP/2 frames."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server that takes messages of 1 MiB."""
    with running_server(tmp_path_factory.mktemp("floods"), workers=1, message_mib=1) as running:
        yield running


@pytest.fixture
def channel(server: ServerProcess) -> Iterator[grpc.Channel]:
    """Open a channel that sends anything; afterwards the server still answers others."""
    with grpc.insecure_channel(server.address, [("grpc.max_send_message_length", -1)]) as opened:
        yield opened
    assert serves(server)


def serves(server: ServerProcess) -> bool:
    """Return whether the server answers a call over a connection of its own within 10 s."""
    with grpc.insecure_channel(server.address) as other:
        request = pb.EvaluateRoutePlanRequest(problem=line_problem(), plan=line_plan())
        feasible: bool = RoutingServiceStub(other).EvaluateRoutePlan(request, timeout=10).feasible
        return feasible


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return an HTTP/2 frame."""
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags])
    return head + stream.to_bytes(4, "big") + payload


def closed(line: socket.socket) -> bool:
    """Return whether the other side closes a connection within the socket's timeout."""
    try:
        while line.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def flood(server: ServerProcess, frames: Callable[[int], bytes], count: int) -> bool:
    """Send frames over a connection; return whether the server closed it.

    All may be on their way, in the buffers of the kernel, before a busy server reads the first.
    """
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(PREFACE + frame(SETTINGS, 0, 0))
        try:
            for number in range(count):
                line.sendall(frames(number))
        except OSError:
            return True
        return closed(line)


def opened_and_reset(number: int) -> bytes:
    """Return a call that is given up at once: POST of a path, then RST_STREAM (CANCEL)."""
    stream = 2 * number + 1
    block = b"\x83\x86\x44\x01/\x41\x01a"
    return frame(HEADERS, 4, stream, block) + frame(RESET, 0, stream, bytes([0, 0, 0, 8]))


def test_a_flood_of_pings_is_cut_off(server: ServerProcess) -> None:
    """Who sends 200,000 pings is cut off, and others are served meanwhile.

    Mostly within the first hundred; gRPC closes once it has written what it owes, so that a
    connection that never lets it rest may get all its answers first, 170 microseconds each.
    """
    with ThreadPoolExecutor(1) as thread:
        cut = thread.submit(flood, server, lambda _: frame(PING, 0, 0, bytes(8)), 200_000)
        while not cut.done():
            assert serves(server)
    assert cut.result()
    assert serves(server)


@pytest.mark.usefixtures("channel")
def test_a_flood_of_resets_costs_little(server: ServerProcess) -> None:
    """20,000 calls opened and reset take the server less than 5 s of a core."""
    before = cpu_seconds(server.process.pid)
    flood(server, opened_and_reset, 20_000)
    assert cpu_seconds(server.process.pid) - before < 5


def code(channel: grpc.Channel, data: bytes, *metadata: tuple[str, str]) -> grpc.StatusCode:
    """Return what an evaluation gets."""
    try:
        channel.unary_unary(EVALUATE)(data, timeout=20, metadata=metadata)
    except grpc.RpcError as refused:
        found: grpc.StatusCode = refused.code()
        return found
    return grpc.StatusCode.OK


def test_metadata_is_bounded(channel: grpc.Channel) -> None:
    """100 kB beside a call are refused."""
    assert code(channel, b"", ("x-bomb", "y" * 100_000)) is grpc.StatusCode.RESOURCE_EXHAUSTED


def nested(depth: int) -> bytes:
    """Return messages within messages, each the first field of the one around it."""
    data = b""
    for _ in range(depth):
        size, length = len(data), bytearray()
        while size > 0x7F:
            length.append(size & 0x7F | 0x80)
            size >>= 7
        data = b"\x0a" + bytes((*length, size)) + data
    return data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(nested(10_000), id="messages"),
        pytest.param(b"\x0b" * 10_000 + b"\x0c" * 10_000, id="groups"),
        pytest.param(b"\x0a\xff\xff\xff\xff\x0f", id="a length of 4 GiB"),
        pytest.param(b"\x0a\x06\x0a\x04\x0a\x02\xff\xfe", id="text that is no UTF-8"),
        pytest.param(b"\x0a\x05\x0a", id="cut off"),
        pytest.param(b"\x0f\x01", id="a wire type that is none"),
    ],
)
def test_what_is_no_message_is_refused(channel: grpc.Channel, data: bytes) -> None:
    """Depth, lengths and texts that no parser should follow."""
    assert code(channel, data) is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("size", "expected"),
    [(MIB, grpc.StatusCode.OK), (MIB + 1, grpc.StatusCode.RESOURCE_EXHAUSTED)],
)
def test_the_largest_message(channel: grpc.Channel, size: int, expected: grpc.StatusCode) -> None:
    """Exactly 1 MiB is taken, a byte more is not; a field that is not known fills them up."""
    request = pb.EvaluateRoutePlanRequest(problem=line_problem(), plan=line_plan())
    data = request.SerializeToString()
    filler = size - len(data) - 5
    length = bytes((filler & 0x7F | 0x80, filler >> 7 & 0x7F | 0x80, filler >> 14))
    assert code(channel, data + b"\xfa\x07" + length + bytes(filler)) is expected
