"""Calls of a client that writes down what it asked and saw."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from alatau.freight.v1 import routing_service_pb2 as routing
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub

from tests.api.test_routing import line_problem
from tests.faults.history import Asked, Fetched, History, Seen, now

CALL_SECONDS = 20.0
"""Deadline of a call that is answered at once."""
END_SECONDS = 120.0
"""Time that jobs get to end at last."""


def solve(seconds: float) -> routing.SolveRoutePlanRequest:
    """Return a request that takes as long as its limit says."""
    request = routing.SolveRoutePlanRequest(problem=line_problem())
    request.options.time_limit.FromMilliseconds(round(1000 * seconds))
    return request


class Client:
    """A client of one server that adds to a history.

    Parameters
    ----------
    channel
        To the server.
    history
        What it adds to.

    Attributes
    ----------
    refusal
        The sentence by which the last refused call was refused.
    """

    def __init__(self, channel: grpc.Channel, history: History) -> None:
        self.refusal = ""
        self._jobs = SolveJobServiceStub(channel)
        self._history = history

    def create(self, request_id: str, seconds: float) -> str | None:
        """Ask for a job; return its name, ``None`` if the call failed."""
        request = pb.CreateRoutePlanJobRequest(solve=solve(seconds))
        request.settings.request_id = request_id
        began, code, name = now(), "OK", ""
        try:
            name = self._jobs.CreateRoutePlanJob(request, timeout=CALL_SECONDS).job.name
        except grpc.RpcError as refused:
            code, self.refusal = refused.code().name, refused.details() or ""
        self._history.asked.append(Asked(request_id, began, now(), code, name))
        return name or None

    def get(self, name: str) -> jobs_pb2.SolveJob:
        """Return a job as it is."""
        began = now()
        job = self._jobs.GetJob(pb.GetJobRequest(name=name), timeout=CALL_SECONDS).job
        self._history.seen.append(Seen(began, now(), job))
        return job

    def watch(self, name: str, after: int = 0) -> Iterator[jobs_pb2.SolveJob]:
        """Yield a job until it is done, or the connection is lost."""
        request, stream = (
            pb.WatchJobRequest(name=name, after_revision=after),
            self._history.stream(),
        )
        began = now()
        try:
            for answer in self._jobs.WatchJob(request, timeout=END_SECONDS):
                ended = now()
                self._history.seen.append(Seen(began, ended, answer.job, stream, after))
                began = ended
                yield answer.job
        except grpc.RpcError as lost:
            if lost.code() is not grpc.StatusCode.UNAVAILABLE:
                raise

    def fetch(self, name: str) -> None:
        """Fetch the result of a job."""
        request = pb.GetRoutePlanResultRequest(name=name)
        result = self._jobs.GetRoutePlanResult(request, timeout=CALL_SECONDS).result
        assert result.plan.feasible
        assert not result.violations
        digest = hashlib.sha256(result.SerializeToString(deterministic=True)).hexdigest()
        self._history.fetched.append(Fetched(name, now(), digest))

    def finish(self) -> None:
        """Wait until all acknowledged jobs have ended, fetch results, and list all jobs."""
        for name in list(self._history.acknowledged()):
            until = now() + END_SECONDS
            while not (job := self.get(name)).done and now() < until:
                time.sleep(0.1)
            if job.state == jobs_pb2.SolveJob.STATE_SUCCEEDED:
                self.fetch(name)
                self.fetch(name)
        self._history.listed[:] = [job.request_id for job in self.all()]

    def all(self) -> Iterator[jobs_pb2.SolveJob]:
        """Yield all jobs, page by page."""
        token = ""
        while True:
            request = pb.ListJobsRequest(page_size=100, page_token=token)
            page: Any = self._jobs.ListJobs(request, timeout=CALL_SECONDS)
            yield from page.jobs
            token = page.next_page_token
            if not token:
                return


@contextmanager
def client(address: str, history: History) -> Iterator[Client]:
    """Connect to a server."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(address, options) as channel:
        yield Client(channel, history)


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something is true."""
    end = now() + seconds
    while not true():
        assert now() < end, "it did not become true in time"
        time.sleep(0.02)
