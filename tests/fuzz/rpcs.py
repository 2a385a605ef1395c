"""Calls of SolveJobService as targets: requests that the server itself judges."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from alatau.freight.v1 import routing_service_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import DecodeError

from router.errors import InvalidInput
from server.access.caller import ANYBODY, enter
from server.errors import Reason, ServiceError
from server.jobs.companion import Jobs
from server.servicers.jobs import JobServicer
from server.settings import Settings
from server.store import leases
from server.store.leases import Hold
from server.store.records import Ending, State
from tests.api.test_routing import line_plan, line_problem

WATCHED_SECONDS = 0.02
"""How long a stream is listened to."""
NEVER = {Reason.INTERNAL, Reason.STORE_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class RpcTarget:
    """A method of SolveJobService, called on a real store.

    No worker runs: jobs that are made stay in the queue.
    """

    method: MethodDescriptor

    @property
    def name(self) -> str:
        """``jobs.`` and the method's name."""
        return f"jobs.{self.method.name}"

    def request(self) -> Any:
        """Return an empty request."""
        return message_factory.GetMessageClass(self.method.input_type)()

    def seeds(self) -> Iterator[bytes]:
        """Yield requests to begin with: an empty one and a good one."""
        yield b""
        request, (job, upload) = self.request(), _names()
        fields = request.DESCRIPTOR.fields_by_name
        if "solve" in fields:
            request.settings.request_id = "order-17"
            request.settings.labels["city"] = "alatau"
            request.settings.time_to_live.FromSeconds(60)
            request.settings.deadline.FromSeconds(4_000_000_000)
            if self.method.name == "CreateRoutePlanJob":
                request.solve.problem.CopyFrom(line_problem())
        if "name" in fields:
            request.name = upload if "Upload" in self.method.name else job
        if "Result" in self.method.name:
            request.name = _done(self.method.name)
        if "sha256" in fields:
            request.size, request.sha256 = 3, hashlib.sha256(b"abc").digest()
        if "data" in fields:
            request.data = b"abc"
        if "page_size" in fields:
            request.page_size, request.labels["city"] = 10, "alatau"
        yield request.SerializeToString()

    def run(self, data: bytes) -> bool:
        """Make a call; return whether it was answered, ``False`` where it was refused."""
        request = self.request()
        try:
            request.ParseFromString(data)
        except DecodeError:
            return False
        try:
            _servicer()
            _loop().run_until_complete(self._call(request))
        except InvalidInput as refused:
            return judged(refused)
        except ServiceError as refused:
            if refused.reason in NEVER or not refused.message.endswith("."):
                raise
            return False
        return True

    async def _call(self, request: Any) -> None:
        enter(ANYBODY)
        answer = getattr(_servicer(), self.method.name)(request, None)
        if not self.method.server_streaming:
            (await answer).SerializeToString()
            return
        try:
            async with asyncio.timeout(WATCHED_SECONDS):
                async for response in answer:
                    response.SerializeToString()
        except TimeoutError:
            await answer.aclose()


def rpc_targets() -> dict[str, RpcTarget]:
    """Return the target of every method of SolveJobService by its name."""
    methods = pb.DESCRIPTOR.services_by_name["SolveJobService"].methods
    return {target.name: target for target in map(RpcTarget, methods)}


def judged(refused: InvalidInput) -> bool:
    """Assert that a refusal says what is wrong."""
    assert refused.violations
    for violation in refused.violations:
        assert violation.code.isupper(), violation
        assert violation.path, violation
        assert violation.message.endswith("."), violation
    return False


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _jobs() -> Jobs:
    """Return an empty store with what is around it, without workers."""
    folder = tempfile.mkdtemp(prefix="fuzz")
    settings = Settings(store=f"sqlite:///{folder}/jobs.db", job_queue_limit=1_000_000)
    nobody: Any = None
    jobs = Jobs(settings, nobody)
    _loop().run_until_complete(jobs.store.open())
    return jobs


@cache
def _servicer() -> JobServicer:
    return JobServicer(_jobs().service, _jobs().uploads)


@cache
def _done(method: str) -> str:
    """Return the name of a job that has the result for which a method asks."""
    noun = method.removeprefix("Get").removeprefix("Stream").removesuffix("Result")
    service: Any = _servicer()

    def end(connection: sa.Connection) -> None:
        (taken,) = leases.claim(connection, "fuzz", 1, 60_000_000)
        result = b""
        if noun == "RoutePlan":
            result = routing_service_pb2.SolveRoutePlanResponse(
                plan=line_plan()
            ).SerializeToString()
        ending = Ending(state=State.SUCCEEDED, result=result)
        leases.finish(connection, Hold(taken.id, taken.fence), ending)

    async def made() -> str:
        enter(ANYBODY)
        creation = getattr(pb, f"Create{noun}JobRequest")()
        creation.solve.problem.SetInParent()
        await _jobs().store.write(_all_wait_no_more)
        job: str = (await getattr(service, f"Create{noun}Job")(creation, None)).job.name
        await _jobs().store.write(end)
        return job

    return _loop().run_until_complete(made())


def _all_wait_no_more(connection: sa.Connection) -> None:
    """Take all jobs that wait, so that the next one is the next to be taken."""
    leases.claim(connection, "fuzz", 1_000, 60_000_000)


@cache
def _names() -> tuple[str, str]:
    """Return the names of a job and of an upload that are there."""
    service: Any = _servicer()

    async def made() -> tuple[str, str]:
        enter(ANYBODY)
        creation = pb.CreateRoutePlanJobRequest()
        creation.solve.problem.CopyFrom(line_problem())
        job = (await service.CreateRoutePlanJob(creation, None)).job.name
        digest = hashlib.sha256(b"abc").digest()
        announced = pb.CreateUploadRequest(size=3, sha256=digest)
        return job, (await service.CreateUpload(announced, None)).upload.name

    return _loop().run_until_complete(made())
