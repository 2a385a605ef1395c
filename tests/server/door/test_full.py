"""More connections than descriptors: those that are there are served, others turned away."""

from __future__ import annotations

import http.client
import resource
import socket
from contextlib import ExitStack
from pathlib import Path

import grpc
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub

from tests import web
from tests.server.jobs.asking import SUCCEEDED, Asking, eventually
from tests.server.test_faults import quick_request
from tests.serving import running_server

DESCRIPTORS, SILENT = 200, 300


def fell_silent(address: str, stack: ExitStack) -> list[socket.socket]:
    """Open connections on which nothing is said."""
    host, port = address.split(":")
    return [
        stack.enter_context(socket.create_connection((host, int(port)), timeout=20))
        for _ in range(SILENT)
    ]


def hung_up(line: socket.socket) -> bool:
    """Return whether the other end has ended a connection."""
    line.setblocking(False)
    try:
        return line.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def ready(address: str) -> bool:
    """Return whether a new connection is served."""
    try:
        return web.fetch(address, "/readyz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def test_strangers_use_up_all_descriptors(tmp_path: Path) -> None:
    """Calls of before go on, the log stays short, and afterwards everything is as it was."""
    with (
        running_server(tmp_path, workers=1, http_port=0) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        stub, ask = RoutingServiceStub(channel), Asking(channel)
        assert stub.SolveRoutePlan(quick_request(), timeout=30).plan.feasible
        limits = (DESCRIPTORS, DESCRIPTORS)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limits)
        with ExitStack() as stack:
            lines = fell_silent(server.web, stack)
            eventually(lambda: any(hung_up(line) for line in lines), 20)
            for _ in range(5):
                assert stub.SolveRoutePlan(quick_request(), timeout=10).plan.feasible
            assert ask.end(ask.create(0.1)).state == SUCCEEDED
        log = server.log.read_text().splitlines()
        assert sum("no descriptors left" in line for line in log) in range(1, 50)
        assert len(log) < 150
        eventually(lambda: ready(server.web), 20)


def test_the_server_asks_for_more_descriptors(tmp_path: Path) -> None:
    """Where 1,024 are usual and more allowed, it takes more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, before[1]), before[1]))
    try:
        with running_server(tmp_path, workers=1) as server:
            soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert soft == (65_536 if hard == resource.RLIM_INFINITY else min(65_536, hard))
