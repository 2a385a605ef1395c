"""Callers whose bytes come a kilobyte a second, or not at all: nobody waits for them."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb

from server.access.keys import KeyFile
from tests.api.calls import failure
from tests.server.jobs.asking import SUCCEEDED, Asking
from tests.server.slow_line import BYTES_A_SECOND, slow_line
from tests.server.test_faults import quick_request
from tests.serving import ServerProcess, running_server

UPLOADS, SIZE = 12, 2 * BYTES_A_SECOND
PATIENCE = 5.0
"""Deadline of what others call meanwhile; it takes milliseconds on an idle machine."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server with a single worker of each kind and both listeners."""
    folder = tmp_path_factory.mktemp("slow")
    with running_server(folder, workers=1, check_workers=1, http_port=0) as running:
        yield running


def uploaded(address: str, data: bytes) -> jobs_pb2.Upload:
    """Announce and send an upload over one connection of its own."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(address, options) as channel:
        ask, digest = Asking(channel), hashlib.sha256(data).digest()
        announced = pb.CreateUploadRequest(size=len(data), sha256=digest)
        name = ask.call("CreateUpload", announced).upload.name
        sent: jobs_pb2.Upload = ask.call("UploadChunk", pb.UploadChunkRequest(name=name, data=data))
        return sent.upload


def dripped(address: str, data: bytes) -> bytes:
    """Announce an upload over HTTP with a body that takes two seconds; return the answer."""
    host, port = address.split(":")
    text = json.dumps({"size": len(data), "sha256": "0" * 43 + "="}).encode()
    head = (
        "POST /alatau.jobs.v1.SolveJobService/CreateUpload HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(head.encode())
        for byte in text:
            line.sendall(bytes([byte]))
            time.sleep(2 / len(text))
        return line.recv(4096)


def test_an_upload_at_a_kilobyte_a_second(server: ServerProcess) -> None:
    """Twelve at once, and four over HTTP; a solve and a job of others do not wait for them."""
    data = [random.Random(n).randbytes(SIZE) for n in range(UPLOADS)]
    with (
        slow_line(server.address) as far,
        ThreadPoolExecutor(UPLOADS + 4) as threads,
        grpc.insecure_channel(server.address) as channel,
    ):
        start = time.monotonic()
        slow = [threads.submit(uploaded, far, each) for each in data]
        drips = [threads.submit(dripped, server.web, each) for each in data[:4]]
        ask, stub = Asking(channel), RoutingServiceStub(channel)
        answered = 0
        while not all(each.done() for each in slow):
            assert stub.SolveRoutePlan(quick_request(), timeout=PATIENCE).plan.feasible
            job = ask.call("ListJobs", pb.ListJobsRequest(page_size=1), timeout=PATIENCE)
            assert not job.jobs or job.jobs[0].done
            if answered % 10 == 0:
                assert ask.end(ask.create(0.05)).state == SUCCEEDED
            answered += 1
        assert time.monotonic() - start > SIZE / BYTES_A_SECOND
        assert answered > 3
        for each, sent in zip(data, slow, strict=True):
            upload = sent.result()
            assert upload.complete and upload.size == len(each)
        assert all(each.result().startswith(b"HTTP/1.1 200") for each in drips)


def test_a_watcher_who_reads_a_kilobyte_a_second(server: ServerProcess) -> None:
    """It hears of the end all the same, and the job does not wait for it."""
    with (
        slow_line(server.address) as far,
        grpc.insecure_channel(server.address) as near,
        grpc.insecure_channel(far) as distant,
    ):
        ask = Asking(near)
        job = ask.create(1.0)
        with ThreadPoolExecutor(1) as thread:
            heard = thread.submit(Asking(distant).end, job)
            assert ask.end(job).state == SUCCEEDED
            assert heard.result(60) == ask.get(job)


def test_a_stranger_is_refused_before_the_body(tmp_path: Path) -> None:
    """Without a key a call is refused while not a byte of its message has come; with one not."""
    key = KeyFile(tmp_path / "keys.json").create("city")
    silence = threading.Event()

    def nothing_yet() -> Iterator[pb.ListJobsRequest]:
        silence.wait(30)
        yield pb.ListJobsRequest()

    with (
        running_server(tmp_path, workers=1, keys_file=tmp_path / "keys.json") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        call = channel.stream_unary(
            "/alatau.jobs.v1.SolveJobService/ListJobs",
            pb.ListJobsRequest.SerializeToString,
            pb.ListJobsResponse.FromString,
        )
        for sent in ([], [("authorization", "Bearer x")]):
            code, details = failure(
                lambda sent=sent: call(nothing_yet(), timeout=20, metadata=sent)
            )
            assert code is grpc.StatusCode.UNAUTHENTICATED
            assert details["ErrorInfo"].reason == "UNAUTHENTICATED"
        ours = call.future(nothing_yet(), timeout=20, metadata=[("authorization", f"Bearer {key}")])
        time.sleep(0.2)
        assert not ours.done()
        silence.set()
        assert not ours.result().jobs


def test_a_key_revoked_in_the_middle_of_a_watch(tmp_path: Path) -> None:
    """The stream ends with the next message, as soon as that is seen; the job goes on."""
    keys = KeyFile(tmp_path / "keys.json")
    secrets = [keys.create("city"), keys.create("city")]
    with (
        running_server(tmp_path, workers=1, keys_file=tmp_path / "keys.json") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        thief, owner = (Asking(channel, authorization=f"Bearer {each}") for each in secrets)
        job = owner.create(60)
        stream = thief.watch(job)
        next(stream)
        keys.revoke(secrets[0].split("_")[1])
        revoked = time.monotonic()
        with pytest.raises(grpc.RpcError) as ended:
            list(stream)
        assert ended.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert "revoked" in str(ended.value.details())
        assert time.monotonic() - revoked < 10
        assert not owner.cancel(job).error.reason
