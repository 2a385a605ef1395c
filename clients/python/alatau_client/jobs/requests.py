"""What both clients of jobs say and how they read the answers; no calls here."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import grpc
from alatau.airtaxi.v1 import sizing_pb2
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb

from alatau_client import options
from alatau_client.errors import (
    ApiError,
    Cancelled,
    DeadlineExceeded,
    InvalidProblem,
    QuotaExceeded,
    ServerFault,
    Violation,
)
from alatau_client.options import SearchOptions
from alatau_client.parts import AIRTAXI, DOCKS, FLOWS, ROUTING

SolveJob = jobs_pb2.SolveJob

CALL_SECONDS = 30.0
"""Deadline of a call that is no watch."""
WATCH_SECONDS = 600.0
"""A watch is opened anew after this time, so that a dead connection is noticed."""
PATIENCE = 120.0
"""Seconds without a server after which a watch is given up."""
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts to open a watch again; the last one repeats."""
UPLOAD_ABOVE = 32 * 2**20
"""Problems of more bytes travel in chunks, plans of more bytes route by route."""
CHUNK = 2**20
"""Bytes of a chunk."""


class CreateOptions(TypedDict, total=False):
    """Keyword arguments of ``create`` besides those of a solve.

    ``request_id`` makes creation safe to repeat, also by another process; without
    one, each call makes its own. ``labels`` are for ``list``. ``time_to_live`` is how
    many seconds the job is kept once it ended, ``deadline`` in how many seconds it
    must have ended. ``kind`` is needed where problems of one type are solved in
    several ways: ``fleet_size`` sizes the fleet of an air-taxi day, as ``sizing`` says.
    """

    request_id: str
    labels: Mapping[str, str]
    time_to_live: float
    deadline: float
    kind: str
    sizing: sizing_pb2.FleetSizing


class JobOptions(SearchOptions, CreateOptions, total=False):
    """Keyword arguments of ``create``."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job: what it is called, what it solves, what it makes."""

    name: str
    problem: str
    noun: str

    def request(self) -> Any:
        """Return an empty Create…Job request."""
        return getattr(pb, f"Create{self.noun}JobRequest")()

    def result_request(self, name: str) -> Any:
        """Return a Get…Result request."""
        return getattr(pb, f"Get{self.noun}ResultRequest")(name=name)

    @property
    def create(self) -> str:
        """Name of the method that creates one."""
        return f"Create{self.noun}Job"

    @property
    def result(self) -> str:
        """Name of the method that fetches its result."""
        return f"Get{self.noun}Result"


KINDS = (
    JobKind("routes", "alatau.freight.v1.RoutingProblem", ROUTING.noun),
    JobKind("docks", "alatau.freight.v1.DockProblem", DOCKS.noun),
    JobKind("flows", "alatau.freight.v1.FlowProblem", FLOWS.noun),
    JobKind("airtaxi", "alatau.airtaxi.v1.AirTaxiProblem", AIRTAXI.noun),
    JobKind("fleet_size", "alatau.airtaxi.v1.AirTaxiProblem", "FleetSize"),
)
"""Every kind; the first that solves a type of problem is taken for it."""


def kind_of(problem: Any, name: str | None) -> JobKind:
    """Return the kind of job for a problem.

    Raises
    ------
    TypeError
        If there is none.
    """
    wanted = problem.DESCRIPTOR.full_name
    for kind in KINDS:
        if kind.problem == wanted and name in (None, kind.name):
            return kind
    raise TypeError(f"there is no job{f' of kind {name}' if name else ''} for a {wanted}.")


def kind_named(name: str) -> JobKind:
    """Return the kind of a job that the server told of.

    Raises
    ------
    LookupError
        If this client does not know it.
    """
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise LookupError(f"this client knows no jobs of kind '{name}'; update it.")


def creation(kind: JobKind, given: JobOptions) -> Any:
    """Return the request for a job, still without its problem."""
    request = kind.request()
    request.solve.options.CopyFrom(options.message(given))
    if "sizing" in given:
        request.solve.sizing.CopyFrom(given["sizing"])
    settings = request.settings
    settings.request_id = given.get("request_id") or uuid.uuid4().hex
    settings.labels.update(given.get("labels", {}))
    if "time_to_live" in given:
        settings.time_to_live.FromNanoseconds(round(given["time_to_live"] * 1e9))
    if "deadline" in given:
        settings.deadline.GetCurrentTime()
        moment = settings.deadline.ToNanoseconds() + round(given["deadline"] * 1e9)
        settings.deadline.FromNanoseconds(moment)
    return request


def announcement(data: bytes) -> pb.CreateUploadRequest:
    """Return the request that announces an upload."""
    return pb.CreateUploadRequest(size=len(data), sha256=hashlib.sha256(data).digest())


def chunks(name: str, data: bytes) -> Iterator[pb.UploadChunkRequest]:
    """Return the requests that send an upload."""
    for start in range(0, len(data), CHUNK):
        yield pb.UploadChunkRequest(name=name, offset=start, data=data[start : start + CHUNK])


def listing(
    states: Sequence[str], kind: str, labels: Mapping[str, str] | None, page_size: int
) -> pb.ListJobsRequest:
    """Return the request for the first page of a list; states by name, e.g. ``RUNNING``."""
    return pb.ListJobsRequest(
        states=[SolveJob.State.Value(f"STATE_{state.upper()}") for state in states],
        kind=kind,
        labels=labels or {},
        page_size=page_size,
    )


def cancel_request(name: str, *, keep_best: bool) -> pb.CancelJobRequest:
    """Return the request that ends a job."""
    keep, discard = jobs_pb2.CANCEL_MODE_KEEP_BEST, jobs_pb2.CANCEL_MODE_DISCARD
    return pb.CancelJobRequest(name=name, mode=keep if keep_best else discard)


def in_pieces(job: SolveJob) -> bool:
    """Return whether a result is too large for one message and can come in pieces."""
    return job.kind == "routes" and job.outcome.result_bytes > UPLOAD_ABOVE


def joined(whole: Any, piece: pb.StreamRoutePlanResultResponse) -> None:
    """Add a piece of a route plan to its Solve… response."""
    if piece.HasField("route"):
        whole.plan.routes.append(piece.route)
    else:
        whole.plan.CopyFrom(piece.plan)
        whole.violations.extend(piece.violations)


def check_plan(job: SolveJob) -> None:
    """Raise what kept a job that is done from having a plan.

    Raises
    ------
    Cancelled, InvalidProblem, QuotaExceeded, DeadlineExceeded, ServerFault
        As the failed call of a solve would have.
    """
    if job.state == SolveJob.STATE_CANCELLED:
        raise Cancelled(grpc.StatusCode.CANCELLED, f"{job.name} was cancelled.")
    if job.state != SolveJob.STATE_FAILED:
        return
    error = job.error
    made, code = _ERRORS.get(error.reason, (ServerFault, grpc.StatusCode.INTERNAL))
    found = tuple(Violation(v.code, v.path, v.message) for v in error.violations)
    raise made(code, error.message, reason=error.reason, violations=found)


_ERRORS: Mapping[str, tuple[type[ApiError], grpc.StatusCode]] = {
    "INVALID_INPUT": (InvalidProblem, grpc.StatusCode.INVALID_ARGUMENT),
    "MALFORMED_MESSAGE": (InvalidProblem, grpc.StatusCode.INVALID_ARGUMENT),
    "OUT_OF_MEMORY": (QuotaExceeded, grpc.StatusCode.RESOURCE_EXHAUSTED),
    "DEADLINE": (DeadlineExceeded, grpc.StatusCode.DEADLINE_EXCEEDED),
}


class Comeback:
    """How a broken watch comes back: from where, after what pause, for how long.

    Parameters
    ----------
    clock
        Seconds, e.g. ``time.monotonic``.
    """

    def __init__(self, clock: Any) -> None:
        self.revision = 0
        self._clock = clock
        self._heard = clock()
        self._failures = 0

    def heard(self, job: SolveJob) -> None:
        """Note a message."""
        self.revision = job.revision
        self._heard = self._clock()
        self._failures = 0

    def pause(self, fault: ApiError | None) -> float:
        """Return the seconds until the next attempt.

        Raises
        ------
        ApiError
            The fault, if it will not pass or has lasted too long.
        """
        if fault is None or isinstance(fault, DeadlineExceeded):
            return 0.0
        passing = fault.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
        if not passing or self._clock() - self._heard > PATIENCE:
            raise fault
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        return max(pause, min(fault.retry_delay or 0.0, PAUSES[-1]))
