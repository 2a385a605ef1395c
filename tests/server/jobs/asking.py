"""Jobs asked for over a channel: create, watch to the end, and what they are made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import grpc
from alatau.freight.v1 import routing_pb2
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub

from tests.api.test_routing import line_problem

SolveJob = jobs_pb2.SolveJob
QUEUED, PREPARING, RUNNING = (
    SolveJob.STATE_QUEUED,
    SolveJob.STATE_PREPARING,
    SolveJob.STATE_RUNNING,
)
SUCCEEDED, INFEASIBLE, FAILED, CANCELLED, RETRYING = (
    SolveJob.STATE_SUCCEEDED,
    SolveJob.STATE_INFEASIBLE,
    SolveJob.STATE_FAILED,
    SolveJob.STATE_CANCELLED,
    SolveJob.STATE_RETRYING,
)
ENOUGH = 60.0
"""Seconds within which everything has happened, on a busy machine too."""


def routes_request(
    seconds: float = 60.0,
    problem: routing_pb2.RoutingProblem | None = None,
    **settings: Any,
) -> pb.CreateRoutePlanJobRequest:
    """Return a request for a job that searches for so long."""
    request = pb.CreateRoutePlanJobRequest(settings=jobs_pb2.JobSettings(**settings))
    request.solve.problem.CopyFrom(problem or line_problem())
    request.solve.options.time_limit.FromMilliseconds(round(seconds * 1000))
    return request


class Asking:
    """A caller of jobs over one channel."""

    def __init__(self, channel: grpc.Channel, **metadata: str) -> None:
        self.stub = SolveJobServiceStub(channel)
        self.metadata = list(metadata.items())

    def call(self, name: str, request: Any, timeout: float = ENOUGH) -> Any:
        """Call a method."""
        return getattr(self.stub, name)(request, timeout=timeout, metadata=self.metadata)

    def create(self, seconds: float = 60.0, **fields: Any) -> SolveJob:
        """Create a job that plans routes."""
        return self.call("CreateRoutePlanJob", routes_request(seconds, **fields)).job

    def get(self, job: SolveJob) -> SolveJob:
        """Return a job as it is now."""
        return self.call("GetJob", pb.GetJobRequest(name=job.name)).job

    def watch(self, job: SolveJob, after: int = 0) -> Any:
        """Return the stream of a job."""
        return self.call("WatchJob", pb.WatchJobRequest(name=job.name, after_revision=after))

    def end(self, job: SolveJob) -> SolveJob:
        """Wait until a job is done and return it."""
        *_, last = self.watch(job)
        assert last.job.done
        return last.job

    def cancel(self, job: SolveJob, mode: int = jobs_pb2.CANCEL_MODE_DISCARD) -> SolveJob:
        """Cancel a job."""
        return self.call("CancelJob", pb.CancelJobRequest(name=job.name, mode=mode)).job

    def plan(self, job: SolveJob) -> routing_pb2.RoutePlan:
        """Return the route plan of a job."""
        request = pb.GetRoutePlanResultRequest(name=job.name)
        return self.call("GetRoutePlanResult", request).result.plan

    def until(self, job: SolveJob, fits: Callable[[SolveJob], bool]) -> SolveJob:
        """Watch a job until it is as wanted."""
        with_stream = self.watch(job)
        try:
            for message in with_stream:
                if fits(message.job):
                    return message.job
        finally:
            with_stream.cancel()
        raise AssertionError("the job ended otherwise")


def states(job: SolveJob) -> list[int]:
    """Return the states of a job's history."""
    return [event.state for event in job.history]


def eventually(holds: Callable[[], bool], seconds: float = ENOUGH) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)
