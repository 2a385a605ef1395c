"""SolveJobService: each method hands its request to the jobs of the caller's workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from alatau.jobs.v1 import jobs_service_pb2 as pb
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceServicer

from server.access.caller import current
from server.jobs.kinds import KINDS, Kind
from server.jobs.service import JobService
from server.jobs.uploading import UploadService
from server.rpc.context import Context

_Base: Any = SolveJobServiceServicer
"""The calls that the table of kinds brings are not seen by the type checker."""


class JobServicer(_Base):  # type: ignore[misc]
    """Jobs of every kind; Create…Job and Get…Result come from the table of kinds."""

    def __init__(self, jobs: JobService, uploads: UploadService) -> None:
        self._jobs = jobs
        self._uploads = uploads
        for kind in KINDS:
            setattr(self, f"Create{kind.noun}Job", self._creator(kind))
            setattr(self, f"Get{kind.noun}Result", self._getter(kind))

    def _creator(self, kind: Kind) -> Callable[[Any, Context], Awaitable[Any]]:
        async def create(request: Any, context: Context) -> Any:
            job = await self._jobs.create(kind, request, _workspace())
            return kind.create_response(job=job)

        return create

    def _getter(self, kind: Kind) -> Callable[[Any, Context], Awaitable[Any]]:
        async def result(request: Any, context: Context) -> Any:
            return await self._jobs.result(kind, request.name, _workspace())

        return result

    async def StreamRoutePlanResult(  # noqa: N802 - the proto's name
        self, request: pb.StreamRoutePlanResultRequest, context: Context
    ) -> AsyncIterator[pb.StreamRoutePlanResultResponse]:
        """Send a route plan route by route."""
        async for piece in self._jobs.stream_routes(request.name, _workspace()):
            yield piece

    async def GetJob(  # noqa: N802 - the proto's name
        self, request: pb.GetJobRequest, context: Context
    ) -> pb.GetJobResponse:
        """Return a job."""
        return pb.GetJobResponse(job=await self._jobs.get(request.name, _workspace()))

    async def ListJobs(  # noqa: N802 - the proto's name
        self, request: pb.ListJobsRequest, context: Context
    ) -> pb.ListJobsResponse:
        """Return a page of jobs."""
        return await self._jobs.page(request, _workspace())

    async def WatchJob(  # noqa: N802 - the proto's name
        self, request: pb.WatchJobRequest, context: Context
    ) -> AsyncIterator[pb.WatchJobResponse]:
        """Send a job whenever it has changed."""
        watched = self._jobs.watch(request.name, request.after_revision, _workspace())
        async for job in watched:
            yield pb.WatchJobResponse(job=job)

    async def CancelJob(  # noqa: N802 - the proto's name
        self, request: pb.CancelJobRequest, context: Context
    ) -> pb.CancelJobResponse:
        """End a job."""
        job = await self._jobs.cancel(request.name, request.mode, _workspace())
        return pb.CancelJobResponse(job=job)

    async def DeleteJob(  # noqa: N802 - the proto's name
        self, request: pb.DeleteJobRequest, context: Context
    ) -> pb.DeleteJobResponse:
        """Forget a job."""
        await self._jobs.delete(request.name, _workspace())
        return pb.DeleteJobResponse()

    async def CreateUpload(  # noqa: N802 - the proto's name
        self, request: pb.CreateUploadRequest, context: Context
    ) -> pb.CreateUploadResponse:
        """Announce an upload."""
        upload = await self._uploads.create(request, _workspace())
        return pb.CreateUploadResponse(upload=upload)

    async def UploadChunk(  # noqa: N802 - the proto's name
        self, request: pb.UploadChunkRequest, context: Context
    ) -> pb.UploadChunkResponse:
        """Store a chunk."""
        return pb.UploadChunkResponse(upload=await self._uploads.add(request, _workspace()))

    async def GetUpload(  # noqa: N802 - the proto's name
        self, request: pb.GetUploadRequest, context: Context
    ) -> pb.GetUploadResponse:
        """Return how much is here."""
        return pb.GetUploadResponse(upload=await self._uploads.get(request.name, _workspace()))


def _workspace() -> str:
    return current().workspace
