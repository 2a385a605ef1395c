"""Jobs for ordinary code: each call blocks until its answer is there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Unpack

import grpc
from alatau.jobs.v1 import jobs_service_pb2 as pb
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub

from alatau_client.connection import Connection
from alatau_client.errors import DeadlineExceeded, of_rpc
from alatau_client.jobs import requests
from alatau_client.jobs.requests import CALL_SECONDS, WATCH_SECONDS, JobOptions, SolveJob


class Jobs:
    """The jobs of the caller's workspace."""

    def __init__(self, channel: grpc.Channel, connection: Connection) -> None:
        self._stub: Any = SolveJobServiceStub(channel)
        self._connection = connection

    def create(self, problem: Any, **given: Unpack[JobOptions]) -> Job:
        """Create a job that solves a problem; it is durable when this returns.

        Safe to repeat by itself: a lost answer does not make a second job. A problem
        above 32 MiB is uploaded in chunks first.

        Parameters
        ----------
        problem
            A problem of any part, e.g. a ``RoutingProblem``.
        **given
            See :class:`JobOptions`; ``time_limit`` is in seconds.

        Raises
        ------
        TypeError
            If no job solves such a problem.
        ApiError
            Of the class that fits; Conflict if ``request_id`` made another job.
        """
        kind = requests.kind_of(problem, given.get("kind"))
        request = requests.creation(kind, given)
        if problem.ByteSize() > requests.UPLOAD_ABOVE:
            request.upload = self._uploaded(problem.SerializeToString())
        else:
            request.solve.problem.CopyFrom(problem)
        return Job(self, self.call(kind.create, request).job)

    def get(self, name: str) -> Job:
        """Return a job by its name.

        Raises
        ------
        NotFound
            If the workspace has no such job, or it has expired.
        """
        return Job(self, self.call("GetJob", pb.GetJobRequest(name=name)).job)

    def list(
        self,
        *,
        states: Sequence[str] = (),
        kind: str = "",
        labels: Mapping[str, str] | None = None,
        page_size: int = 50,
    ) -> Iterator[SolveJob]:
        """Return the workspace's jobs, newest first, fetching page after page.

        States are given by name, e.g. ``RUNNING``; all conditions must hold.
        """
        request = requests.listing(states, kind, labels, page_size)
        while True:
            page = self.call("ListJobs", request)
            yield from page.jobs
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def call(self, method: str, request: Any) -> Any:
        """Call a method of the service.

        Raises
        ------
        ApiError
            Of the class that fits.
        """
        try:
            return getattr(self._stub, method)(
                request, timeout=CALL_SECONDS, metadata=self._connection.metadata()
            )
        except grpc.RpcError as failure:
            raise of_rpc(failure) from None

    def stream(self, method: str, request: Any, seconds: float) -> Any:
        """Open a stream of the service."""
        return getattr(self._stub, method)(
            request, timeout=seconds, metadata=self._connection.metadata()
        )

    def _uploaded(self, data: bytes) -> str:
        name: str = self.call("CreateUpload", requests.announcement(data)).upload.name
        for chunk in requests.chunks(name, data):
            self.call("UploadChunk", chunk)
        return name


class Job:
    """One job: its name, and what was last heard of it.

    Attributes
    ----------
    name
        Names it for :meth:`Jobs.get`, also in another process.
    latest
        The newest message; :meth:`refresh`, :meth:`watch` and :meth:`wait` renew it.
    """

    def __init__(self, jobs: Jobs, latest: SolveJob) -> None:
        self._jobs = jobs
        self.name: str = latest.name
        self.latest = latest

    def refresh(self) -> SolveJob:
        """Return the job as it is now."""
        self.latest = self._jobs.call("GetJob", pb.GetJobRequest(name=self.name)).job
        return self.latest

    def watch(self, *, timeout: float | None = None) -> Iterator[SolveJob]:
        """Yield the job as it is, and again whenever it has changed, until it is done.

        A broken stream is opened again where it broke off, at whichever server
        answers; no change of state is missed for good, and none comes twice.

        Raises
        ------
        DeadlineExceeded
            If the job is not done within ``timeout`` seconds.
        ApiError
            If no server answers for two minutes, or the job is gone.
        """
        comeback = requests.Comeback(time.monotonic)
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = WATCH_SECONDS if end is None else min(WATCH_SECONDS, end - time.monotonic())
            if left <= 0:
                text = f"{self.name} is not done after {timeout:g} s."
                raise DeadlineExceeded(grpc.StatusCode.DEADLINE_EXCEEDED, text)
            request = pb.WatchJobRequest(name=self.name, after_revision=comeback.revision)
            stream = self._jobs.stream("WatchJob", request, left)
            fault = None
            try:
                for message in stream:
                    comeback.heard(message.job)
                    self.latest = message.job
                    yield message.job
                    if message.job.done:
                        return
            except grpc.RpcError as failure:
                fault = of_rpc(failure)
            finally:
                stream.cancel()
            time.sleep(comeback.pause(fault))

    def wait(self, *, timeout: float | None = None) -> SolveJob:
        """Return the job once it is done; see :meth:`watch`."""
        if not self.latest.done:
            for _ in self.watch(timeout=timeout):
                pass
        return self.latest

    def result(self, *, timeout: float | None = None) -> Any:
        """Wait, and return the Solve… response with the plan.

        Raises
        ------
        InvalidProblem, Cancelled, ServerFault, …
            What kept it from having a plan, as the solve itself would have raised.
        """
        job = self.wait(timeout=timeout)
        requests.check_plan(job)
        kind = requests.kind_named(job.kind)
        if requests.in_pieces(job):
            return self._result_in_pieces()
        return self._jobs.call(kind.result, kind.result_request(self.name)).result

    def _result_in_pieces(self) -> Any:
        whole = pb.GetRoutePlanResultResponse().result
        request = pb.StreamRoutePlanResultRequest(name=self.name)
        try:
            for piece in self._jobs.stream("StreamRoutePlanResult", request, WATCH_SECONDS):
                requests.joined(whole, piece)
        except grpc.RpcError as failure:
            raise of_rpc(failure) from None
        return whole

    def cancel(self, *, keep_best: bool = False) -> SolveJob:
        """End the job, and keep its best plan or discard it; its worker is free in a second."""
        request = requests.cancel_request(self.name, keep_best=keep_best)
        self.latest = self._jobs.call("CancelJob", request).job
        return self.latest

    def delete(self) -> None:
        """Forget the job and its result; it must be done."""
        self._jobs.call("DeleteJob", pb.DeleteJobRequest(name=self.name))
