"""Jobs for asyncio: the twin of :mod:`alatau_client.jobs.blocking`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Unpack

import grpc
from alatau.jobs.v1 import jobs_service_pb2 as pb
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub

from alatau_client.connection import Connection
from alatau_client.errors import DeadlineExceeded, of_rpc
from alatau_client.jobs import requests
from alatau_client.jobs.requests import CALL_SECONDS, WATCH_SECONDS, JobOptions, SolveJob


class AsyncJobs:
    """The jobs of the caller's workspace."""

    def __init__(self, channel: grpc.aio.Channel, connection: Connection) -> None:
        self._stub: Any = SolveJobServiceStub(channel)
        self._connection = connection

    async def create(self, problem: Any, **given: Unpack[JobOptions]) -> AsyncJob:
        """Create a job that solves a problem; see :meth:`Jobs.create`."""
        kind = requests.kind_of(problem, given.get("kind"))
        request = requests.creation(kind, given)
        if problem.ByteSize() > requests.UPLOAD_ABOVE:
            request.upload = await self._uploaded(problem.SerializeToString())
        else:
            request.solve.problem.CopyFrom(problem)
        return AsyncJob(self, (await self.call(kind.create, request)).job)

    async def get(self, name: str) -> AsyncJob:
        """Return a job by its name; see :meth:`Jobs.get`."""
        return AsyncJob(self, (await self.call("GetJob", pb.GetJobRequest(name=name))).job)

    async def list(
        self,
        *,
        states: Sequence[str] = (),
        kind: str = "",
        labels: Mapping[str, str] | None = None,
        page_size: int = 50,
    ) -> AsyncIterator[SolveJob]:
        """Return the workspace's jobs, newest first; see :meth:`Jobs.list`."""
        request = requests.listing(states, kind, labels, page_size)
        while True:
            page = await self.call("ListJobs", request)
            for job in page.jobs:
                yield job
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def call(self, method: str, request: Any) -> Any:
        """Call a method of the service.

        Raises
        ------
        ApiError
            Of the class that fits.
        """
        try:
            return await getattr(self._stub, method)(
                request, timeout=CALL_SECONDS, metadata=self._connection.metadata()
            )
        except grpc.aio.AioRpcError as failure:
            raise of_rpc(failure) from None

    def stream(self, method: str, request: Any, seconds: float) -> Any:
        """Open a stream of the service."""
        return getattr(self._stub, method)(
            request, timeout=seconds, metadata=self._connection.metadata()
        )

    async def _uploaded(self, data: bytes) -> str:
        name: str = (await self.call("CreateUpload", requests.announcement(data))).upload.name
        for chunk in requests.chunks(name, data):
            await self.call("UploadChunk", chunk)
        return name


class AsyncJob:
    """One job: its name, and what was last heard of it; see :class:`Job`."""

    def __init__(self, jobs: AsyncJobs, latest: SolveJob) -> None:
        self._jobs = jobs
        self.name: str = latest.name
        self.latest = latest

    async def refresh(self) -> SolveJob:
        """Return the job as it is now."""
        answer = await self._jobs.call("GetJob", pb.GetJobRequest(name=self.name))
        self.latest = answer.job
        return self.latest

    async def watch(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - over several streams
    ) -> AsyncIterator[SolveJob]:
        """Yield the job whenever it has changed, until it is done; see :meth:`Job.watch`."""
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
                async for message in stream:
                    comeback.heard(message.job)
                    self.latest = message.job
                    yield message.job
                    if message.job.done:
                        return
            except grpc.aio.AioRpcError as failure:
                fault = of_rpc(failure)
            finally:
                stream.cancel()
            await asyncio.sleep(comeback.pause(fault))

    async def wait(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - over several streams
    ) -> SolveJob:
        """Return the job once it is done; see :meth:`watch`."""
        if not self.latest.done:
            async for _ in self.watch(timeout=timeout):
                pass
        return self.latest

    async def result(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - over several calls
    ) -> Any:
        """Wait, and return the Solve… response with the plan; see :meth:`Job.result`."""
        job = await self.wait(timeout=timeout)
        requests.check_plan(job)
        kind = requests.kind_named(job.kind)
        if requests.in_pieces(job):
            return await self._result_in_pieces()
        answer = await self._jobs.call(kind.result, kind.result_request(self.name))
        return answer.result

    async def _result_in_pieces(self) -> Any:
        whole = pb.GetRoutePlanResultResponse().result
        request = pb.StreamRoutePlanResultRequest(name=self.name)
        try:
            async for piece in self._jobs.stream("StreamRoutePlanResult", request, WATCH_SECONDS):
                requests.joined(whole, piece)
        except grpc.aio.AioRpcError as failure:
            raise of_rpc(failure) from None
        return whole

    async def cancel(self, *, keep_best: bool = False) -> SolveJob:
        """End the job, and keep its best plan or discard it."""
        request = requests.cancel_request(self.name, keep_best=keep_best)
        self.latest = (await self._jobs.call("CancelJob", request)).job
        return self.latest

    async def delete(self) -> None:
        """Forget the job and its result; it must be done."""
        await self._jobs.call("DeleteJob", pb.DeleteJobRequest(name=self.name))
