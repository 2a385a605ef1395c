"""Servers whose clocks are wrong or jump, by libfaketime: nothing of jobs hangs on them."""

from __future__ import annotations

import hashlib
import time
from itertools import pairwise
from pathlib import Path

import grpc
import pytest
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from tests.postgres import Cluster, cluster_or_skip
from tests.server.jobs.asking import RUNNING, SUCCEEDED, Asking, states
from tests.serving import running_server

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.slow,
    pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not installed (Debian: faketime)"),
]


cluster = pytest.fixture()(cluster_or_skip)


def fake(monkeypatch: pytest.MonkeyPatch, **how: str) -> None:
    """Let processes that are started from now on see another time of day."""
    monkeypatch.setenv("LD_PRELOAD", str(LIBRARIES[0]))
    monkeypatch.setenv("DONT_FAKE_MONOTONIC", "1")
    for name, value in how.items():
        monkeypatch.setenv(name, value)


def in_order(job: jobs_pb2.SolveJob) -> bool:
    """Return whether a job's moments follow each other."""
    moments = [event.time.ToNanoseconds() for event in job.history]
    ends = (job.create_time, job.start_time, job.end_time)
    return all(
        one <= other
        for times in (moments, [end.ToNanoseconds() for end in ends])
        for one, other in pairwise(times)
    )


def test_a_clock_that_jumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour forward, then two back, while jobs run and are watched: each ends once."""
    tomorrow = Timestamp(seconds=round(time.time()) + 86_400)
    setting = tmp_path / "offset"
    setting.write_text("+0")
    with monkeypatch.context() as faked:
        fake(faked, FAKETIME_TIMESTAMP_FILE=str(setting), FAKETIME_CACHE_DURATION="1")
        with (
            running_server(tmp_path, workers=1) as server,
            grpc.insecure_channel(server.address) as channel,
        ):
            ask = Asking(channel)
            kept = ask.end(ask.create(0.1))
            for offset in ("+3600", "-3600"):
                job = ask.create(1.0, deadline=tomorrow)
                ask.until(job, lambda j: j.state == RUNNING)
                setting.write_text(offset)
                ended = ask.end(job)
                assert (ended.state, ended.attempt) == (SUCCEEDED, 1)
                assert in_order(ended) and states(ended).count(SUCCEEDED) == 1
            last = ask.end(ask.create(0.1))
            assert abs(last.end_time.seconds - time.time() + 3600) < 60
            assert ask.get(kept) == kept
            assert len(ask.call("ListJobs", pb.ListJobsRequest()).jobs) == 4


def test_servers_whose_clocks_differ(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is an hour ahead, the other two behind: neither takes the other's running job."""
    settings: dict[str, object] = {
        "store": cluster.new_database(),
        "workers": 1,
        "lease_seconds": 2,
    }
    asks, stack = [], []
    for name, offset in (("ahead", "+3600"), ("behind", "-7200")):
        (tmp_path / name).mkdir()
        with monkeypatch.context() as faked:
            fake(faked, FAKETIME=offset)
            serving = running_server(tmp_path / name, **settings)
            stack.append(serving)
            asks.append(Asking(grpc.insecure_channel(serving.__enter__().address)))
    try:
        running = [ask.create(4.0) for ask in asks]
        data = b"held by all"
        announced = pb.CreateUploadRequest(size=len(data), sha256=hashlib.sha256(data).digest())
        upload = asks[1].call("CreateUpload", announced).upload
        assert abs(upload.expire_time.seconds - time.time() - 86_400) < 60
        for ask in asks:
            for job in running:
                ended = ask.end(job)
                assert (ended.state, ended.attempt) == (SUCCEEDED, 1)
                assert in_order(ended)
                assert abs(ended.end_time.seconds - time.time()) < 60
        found = asks[0].call("GetUpload", pb.GetUploadRequest(name=upload.name)).upload
        assert found == upload
    finally:
        for serving in reversed(stack):
            serving.__exit__(None, None, None)
