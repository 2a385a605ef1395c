"""What callers may do with jobs, each within their own workspace."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import sqlalchemy as sa
from alatau.freight.v1 import routing_service_pb2
from alatau.jobs.v1 import jobs_pb2, jobs_service_pb2

from router.errors import Violations
from server.access import build
from server.jobs import encode, names, requests
from server.jobs.board import Board
from server.jobs.kinds import ROUTES, Kind
from server.jobs.runner import Runner
from server.settings import Settings
from server.store import jobs, uploads
from server.store.gateway import Store
from server.store.records import JobRecord, NewJob

pb = jobs_service_pb2


class JobService:
    """The jobs of all workspaces.

    Parameters
    ----------
    store, board, runner
        Where jobs are kept, shown and run.
    settings
        Limits and defaults.
    """

    def __init__(self, store: Store, board: Board, runner: Runner, settings: Settings) -> None:
        self._store = store
        self._board = board
        self._runner = runner
        self._settings = settings
        self._limits = build.limits(settings)

    async def create(self, kind: Kind, request: Any, workspace: str) -> jobs_pb2.SolveJob:
        """Store a job and return it; it is durable then.

        Raises
        ------
        InvalidInput
            With every fault of the settings.
        ServiceError
            QUEUE_FULL, QUOTA_EXCEEDED, HOPELESS, REQUEST_ID_REUSED, NOT_FOUND, NOT_DONE,
            STORE_UNAVAILABLE.
        """
        given: jobs_pb2.JobSettings = request.settings
        _check_creation(request)
        sent = await asyncio.to_thread(_hash, kind, request)
        solve = await self._solve_request(request, workspace)
        new = NewJob(
            id=names.new_id(),
            workspace=workspace,
            kind=kind.name,
            request_id=given.request_id or None,
            request_hash=sent,
            labels=dict(given.labels),
            seconds=requests.seconds(request.solve.options, self._settings),
            keep=requests.keep(given, self._settings),
            deadline=requests.microseconds(given.deadline) if given.HasField("deadline") else None,
        )
        limit, workers = self._settings.job_queue_limit, self._settings.job_workers
        allowed = self._limits.of(workspace).jobs

        def create(connection: sa.Connection) -> tuple[JobRecord, int]:
            record = jobs.create(connection, new, solve, limit, workers, allowed)
            return record, jobs.position(connection, record)

        try:
            record, position = await self._store.write(create)
        except sa.exc.IntegrityError:
            # Another server has made it a moment ago; now it is found.
            record, position = await self._store.write(create)
        self._runner.wake()
        return encode.job(record, position)

    async def _solve_request(self, request: Any, workspace: str) -> bytes:
        """Return the Solve… request, with the problem from an upload where one is named."""
        solve: bytes = request.solve.SerializeToString()
        if not request.upload:
            return solve
        upload = names.upload_id(request.upload, workspace, "upload")
        problem = await self._store.read(lambda c: uploads.content(c, workspace, upload))
        number = request.solve.DESCRIPTOR.fields_by_name["problem"].number
        return b"".join((_varint(number << 3 | 2), _varint(len(problem)), problem, solve))

    async def get(self, name: str, workspace: str) -> jobs_pb2.SolveJob:
        """Return a job as it is now.

        Raises
        ------
        InvalidInput, ServiceError
            NAME; NOT_FOUND, STORE_UNAVAILABLE.
        """
        job = names.job_id(name, workspace)
        shown = self._board.find(job)
        ours = shown is not None and shown.name == name and self._runner.runs(job)
        if shown is not None and ours and not self._store.shared:
            return shown
        stored = await self._stored(job, workspace)
        return shown if shown is not None and shown.revision > stored.revision else stored

    async def _stored(self, job: str, workspace: str) -> jobs_pb2.SolveJob:
        def read(connection: sa.Connection) -> tuple[JobRecord, int]:
            record = jobs.get(connection, workspace, job)
            return record, jobs.position(connection, record)

        return encode.job(*await self._store.read(read))

    async def watch(
        self, name: str, after: int, workspace: str
    ) -> AsyncIterator[jobs_pb2.SolveJob]:
        """Yield a job whenever it is newer than revision ``after``, until it is done."""
        job = names.job_id(name, workspace)
        message = await self._stored(job, workspace)
        with self._board.pinned(job, message):
            # What changed before the job was on the board, nobody showed to this watcher.
            self._board.publish(job, await self._stored(job, workspace))
            async for shown in self._board.follow(job, after):
                yield shown

    async def page(self, request: pb.ListJobsRequest, workspace: str) -> pb.ListJobsResponse:
        """Return one page of the workspace's jobs, newest first."""
        found = Violations()
        wanted = requests.job_filter(request, found)
        size = requests.page_size(request.page_size, found)
        found.raise_if_any()
        after = names.read_page_token(request.page_token, wanted) if request.page_token else None
        records = await self._store.read(lambda c: jobs.page(c, workspace, wanted, size + 1, after))
        answer = pb.ListJobsResponse(jobs=[encode.job(record) for record in records[:size]])
        if len(records) > size:
            last = records[size - 1]
            answer.next_page_token = names.page_token(last.created, last.id, wanted)
        return answer

    async def cancel(self, name: str, mode: int, workspace: str) -> jobs_pb2.SolveJob:
        """End a job; return it once that is durable."""
        job = names.job_id(name, workspace)
        wish = requests.cancel_mode(mode)
        record = await self._store.write(lambda c: jobs.cancel(c, workspace, job, wish))
        message = encode.job(record)
        self._board.publish(job, message)
        self._runner.cancel(job, record.cancel)
        return message

    async def delete(self, name: str, workspace: str) -> None:
        """Forget a job that is done."""
        job = names.job_id(name, workspace)
        await self._store.write(lambda c: jobs.delete(c, workspace, job))

    async def result(self, kind: Kind, name: str, workspace: str) -> Any:
        """Return the Get…Result response of a job that has a plan."""
        data = await self._result(kind, name, workspace)
        answer = kind.result_response()
        answer.result.ParseFromString(data)
        return answer

    async def _result(self, kind: Kind, name: str, workspace: str) -> bytes:
        job = names.job_id(name, workspace)
        return await self._store.read(lambda c: jobs.result(c, workspace, job, kind.name))

    async def stream_routes(
        self, name: str, workspace: str
    ) -> AsyncIterator[pb.StreamRoutePlanResultResponse]:
        """Yield a route plan without its routes, then each route."""
        data = await self._result(ROUTES, name, workspace)
        whole = await asyncio.to_thread(routing_service_pb2.SolveRoutePlanResponse.FromString, data)
        for message in _pieces(whole):
            yield message


def _pieces(
    whole: routing_service_pb2.SolveRoutePlanResponse,
) -> Iterator[pb.StreamRoutePlanResultResponse]:
    head = pb.StreamRoutePlanResultResponse(violations=whole.violations)
    for field, value in whole.plan.ListFields():
        if field.name == "routes":
            continue
        if field.is_repeated:
            getattr(head.plan, field.name).extend(value)
        elif field.message_type is not None:
            getattr(head.plan, field.name).CopyFrom(value)
        else:
            setattr(head.plan, field.name, value)
    head.plan.SetInParent()
    yield head
    for route in whole.plan.routes:
        yield pb.StreamRoutePlanResultResponse(route=route)


def _check_creation(request: Any) -> None:
    """Refuse a creation whose settings break rules.

    Raises
    ------
    InvalidInput
        With every fault.
    """
    found = Violations()
    requests.check_settings(request.settings, found.at("settings"))
    problem = request.solve.HasField("problem")
    if not problem and not request.upload:
        text = "is not set; give the problem, or the name of an upload that holds it."
        found.add("REQUIRED", "solve.problem", text)
    if problem and request.upload:
        text = "is set beside `solve.problem`; give one of the two."
        found.add("UPLOAD", "upload", text)
    found.raise_if_any()


def _hash(kind: Kind, request: Any) -> bytes:
    """Return what tells two requests apart, whatever order their maps have."""
    data = request.SerializeToString(deterministic=True)
    return hashlib.sha256(kind.name.encode() + b"\0" + data).digest()


def _varint(number: int) -> bytes:
    """Return a number as protobuf writes it: seven bits a byte, the lowest first."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*written, number))
