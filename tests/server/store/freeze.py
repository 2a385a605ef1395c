"""``python -m tests.server.store.freeze FILE``: what a release's store holds, as SQL.

Run once with each release that changes the tables; the file stays in ``releases`` under
the revision's number, and newer servers are tested to open it. The store holds a job in
every state: done with a plan, done without, cancelled, broken off by SIGKILL, waiting.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import grpc
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub

from tests.faults.traffic import solve
from tests.serving import running_server

KEEP_SECONDS = 3_000_000_000
"""A frozen job must not expire before its test."""


def freeze(folder: Path) -> str:
    """Return the SQL of a store after a server has worked on it and was killed."""
    settings = {"job_workers": 1, "job_keep_seconds": KEEP_SECONDS}
    with (
        running_server(folder, **settings) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        stub = SolveJobServiceStub(channel)
        for request_id, seconds in (("succeeded", 0.1), ("cancelled", 60.0), ("failed", 0.1)):
            _create(stub, request_id, seconds, broken=request_id == "failed")
            if request_id == "cancelled":
                name = _find(stub, request_id).name
                stub.CancelJob(pb.CancelJobRequest(name=name), timeout=10)
            while not _find(stub, request_id).done:
                time.sleep(0.05)
        _create(stub, "running", 2.0)
        _create(stub, "queued", 0.1)
        while _find(stub, "running").state != jobs_pb2.SolveJob.STATE_RUNNING:
            time.sleep(0.05)
        server.process.kill()
        server.process.wait()
    with sqlite3.connect(folder / "jobs.db") as database:
        return "\n".join(database.iterdump()) + "\n"


def _create(
    stub: SolveJobServiceStub, request_id: str, seconds: float, *, broken: bool = False
) -> None:
    request = pb.CreateRoutePlanJobRequest(solve=solve(seconds))
    if broken:
        request.solve.problem.visits[0].location = "nowhere"
    request.settings.request_id = request_id
    request.settings.labels["release"] = "frozen"
    stub.CreateRoutePlanJob(request, timeout=10)


def _find(stub: SolveJobServiceStub, request_id: str) -> jobs_pb2.SolveJob:
    answer = stub.ListJobs(pb.ListJobsRequest(page_size=100), timeout=10)
    return next(job for job in answer.jobs if job.request_id == request_id)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        Path(sys.argv[1]).write_text(freeze(Path(scratch)), encoding="utf-8")
