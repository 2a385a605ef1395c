"""Problems that arrive in chunks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import grpc
import pytest
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb

from tests.api.calls import failure, faults
from tests.api.test_routing import line_problem
from tests.server.jobs.asking import SUCCEEDED, Asking
from tests.serving import running_server


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """Return a caller of a server that takes uploads of 1 MiB."""
    folder = tmp_path_factory.mktemp("uploads")
    with (
        running_server(folder, workers=1, upload_mib=1) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        yield Asking(channel)


def announced(ask: Asking, data: bytes, sha256: bytes | None = None) -> jobs_pb2.Upload:
    """Announce bytes."""
    digest = sha256 or hashlib.sha256(data).digest()
    return ask.call("CreateUpload", pb.CreateUploadRequest(size=len(data), sha256=digest)).upload


def sent(ask: Asking, upload: jobs_pb2.Upload, data: bytes, start: int = 0) -> jobs_pb2.Upload:
    """Send one chunk."""
    request = pb.UploadChunkRequest(name=upload.name, offset=start, data=data)
    return ask.call("UploadChunk", request).upload


def created(ask: Asking, upload: jobs_pb2.Upload) -> jobs_pb2.SolveJob:
    """Create a job from an upload."""
    request = pb.CreateRoutePlanJobRequest(upload=upload.name)
    request.solve.options.max_iterations = 50
    return ask.call("CreateRoutePlanJob", request).job


def test_a_problem_in_chunks_is_solved(ask: Asking) -> None:
    """Sent byte by byte or at once, chunks repeated: the plan is that of the problem."""
    data = line_problem().SerializeToString()
    upload = announced(ask, data)
    assert not upload.complete
    code, details = failure(lambda: created(ask, upload))
    assert (code, details["ErrorInfo"].reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "NOT_DONE",
    )
    half = len(data) // 2
    for _ in range(2):
        assert sent(ask, upload, data[:half]).received == half
    status = ask.call("GetUpload", pb.GetUploadRequest(name=upload.name)).upload
    assert (status.received, status.complete) == (half, False)
    assert sent(ask, upload, data[half:], half).complete
    for _ in range(2):
        job = ask.end(created(ask, upload))
        assert job.state == SUCCEEDED and job.outcome.cost.total == 10


def test_a_gap_and_an_overrun_are_refused(ask: Asking) -> None:
    """A chunk begins where the last one ended, and none goes beyond the end."""
    upload = announced(ask, b"0123456789")
    sent(ask, upload, b"012")
    for start, data, code in (
        (4, b"4", "UPLOAD_OFFSET"),
        (2, b"23", "UPLOAD_OFFSET"),
        (-1, b"0", "UPLOAD_OFFSET"),
        (3, b"345678901", "UPLOAD_SIZE"),
    ):
        found = faults(lambda start=start, data=data: sent(ask, upload, data, start))
        assert {violation[0] for violation in found} == {code}
    assert sent(ask, upload, b"3456789", 3).complete


def test_a_wrong_checksum_starts_anew(ask: Asking) -> None:
    """The whole is refused and may be sent again."""
    upload = announced(ask, b"right", hashlib.sha256(b"right").digest())
    assert faults(lambda: sent(ask, upload, b"wrong")) == {("CHECKSUM", "data")}
    assert ask.call("GetUpload", pb.GetUploadRequest(name=upload.name)).upload.received == 0
    assert sent(ask, upload, b"right").complete


def test_what_is_too_large_is_refused(ask: Asking) -> None:
    """1 MiB is the most for one upload, and four times that for all together."""
    request = pb.CreateUploadRequest(size=2**20 + 1, sha256=bytes(31))
    assert faults(lambda: ask.call("CreateUpload", request)) == {
        ("UPLOAD_SIZE", "size"),
        ("CHECKSUM", "sha256"),
    }
    request = pb.CreateUploadRequest(size=2**20, sha256=bytes(32))

    def fill() -> None:
        for _ in range(5):
            ask.call("CreateUpload", request)

    code, details = failure(fill)
    assert (code, details["ErrorInfo"].reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "UPLOADS_FULL",
    )
