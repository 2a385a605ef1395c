"""The one catalogue of errors that leave the server.

Every error carries ``google.rpc.ErrorInfo`` with a stable reason; bad input
carries ``BadRequest`` with every violation; a refusal for lack of room carries
``RetryInfo``. Details travel in trailing metadata, which clients bound, so the
list of violations is cut where it would not fit and says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import google.rpc.error_details_pb2 as details
import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from router.errors import InvalidInput, Violation

DOMAIN = "alatau.router"
"""Domain of every reason, as ErrorInfo asks for."""
DEFAULT_DETAIL_BYTES = 6_000
"""Room for violations: gRPC clients refuse trailing metadata above 8 KiB
unless they ask for more."""
MAX_DETAIL_BYTES = 1_000_000
"""Most room that a client may ask for."""


class Reason(StrEnum):
    """Why a call failed; stable within a version of the API."""

    INVALID_INPUT = "INVALID_INPUT"
    """The request breaks rules; BadRequest names each of them."""
    MALFORMED_MESSAGE = "MALFORMED_MESSAGE"
    """The bytes are no message of the request's type."""
    UNAUTHENTICATED = "UNAUTHENTICATED"
    """The caller has shown no API key that counts."""
    NO_WORKSPACE = "NO_WORKSPACE"
    """The caller's token names no workspace."""
    TOO_MANY_CALLS = "TOO_MANY_CALLS"
    """As many calls are in progress as may; RetryInfo says when to retry."""
    RATE_LIMITED = "RATE_LIMITED"
    """The workspace calls more often than it may; RetryInfo says when to retry."""
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    """The workspace has as many solves in progress as it may."""
    QUEUE_FULL = "QUEUE_FULL"
    """As many calls wait for a worker as may; RetryInfo says when to retry."""
    HOPELESS = "HOPELESS"
    """The queue is too long to answer by the deadline; RetryInfo says when to retry."""
    UPLOADS_FULL = "UPLOADS_FULL"
    """Uploads of the workspace take as much room as they may."""
    NOT_FOUND = "NOT_FOUND"
    """What the request names does not exist in the caller's workspace."""
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    """Another request was made with this request id."""
    NOT_DONE = "NOT_DONE"
    """The job or upload that the request names is not done yet."""
    NO_RESULT = "NO_RESULT"
    """The job failed or was cancelled, and has no result."""
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    """The database fails; what was acknowledged is not lost."""
    DEADLINE = "DEADLINE"
    """The deadline leaves no time to answer."""
    STOPPING = "STOPPING"
    """The server is shutting down; another one may answer."""
    OUT_OF_MEMORY = "OUT_OF_MEMORY"
    """The problem needs more memory than a worker process may take."""
    WORKER_LOST = "WORKER_LOST"
    """The process that worked on the call died, and so did its successor."""
    INTERNAL = "INTERNAL"
    """A fault of the server; its log has the request id."""


CODES: Mapping[Reason, grpc.StatusCode] = {
    Reason.INVALID_INPUT: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.MALFORMED_MESSAGE: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Reason.NO_WORKSPACE: grpc.StatusCode.PERMISSION_DENIED,
    Reason.TOO_MANY_CALLS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.RATE_LIMITED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.QUOTA_EXCEEDED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.QUEUE_FULL: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.HOPELESS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.UPLOADS_FULL: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.REQUEST_ID_REUSED: grpc.StatusCode.ALREADY_EXISTS,
    Reason.NOT_DONE: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.NO_RESULT: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.STORE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Reason.DEADLINE: grpc.StatusCode.DEADLINE_EXCEEDED,
    Reason.STOPPING: grpc.StatusCode.UNAVAILABLE,
    Reason.OUT_OF_MEMORY: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.WORKER_LOST: grpc.StatusCode.INTERNAL,
    Reason.INTERNAL: grpc.StatusCode.INTERNAL,
}


@dataclass(slots=True)
class ServiceError(Exception):
    """A call cannot be answered.

    Parameters
    ----------
    reason
        Why, from the catalogue.
    message
        One English sentence.
    metadata
        Values that the sentence speaks of, by name.
    violations
        Broken rules of the request.
    retry_seconds
        When to try again; ``None``: not said.
    """

    reason: Reason
    message: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: Sequence[Violation] = ()
    retry_seconds: float | None = None

    @classmethod
    def of_input(cls, refused: InvalidInput) -> ServiceError:
        """Return the error of a request that breaks rules."""
        count = len(refused.violations)
        message = f"The request breaks {count} rule{'s' * (count > 1)}; see the violations."
        return cls(Reason.INVALID_INPUT, message, violations=refused.violations)

    @property
    def code(self) -> grpc.StatusCode:
        """Status code of the reason."""
        return CODES[self.reason]

    def status(self, request_id: str = "", room: int = DEFAULT_DETAIL_BYTES) -> Status:
        """Return the rich status, with violations in at most ``room`` bytes."""
        shown = list(_fitting(self.violations, room))
        metadata = dict(self.metadata)
        message = self.message
        if self.violations:
            metadata["violations"] = str(len(self.violations))
        if len(shown) < len(self.violations):
            metadata["violations_shown"] = str(len(shown))
            message += f" The first {len(shown)} of {len(self.violations)} are shown."
        info = details.ErrorInfo(reason=self.reason.value, domain=DOMAIN, metadata=metadata)
        parts: list[Message] = [info, details.RequestInfo(request_id=request_id)]
        if shown:
            parts.append(details.BadRequest(field_violations=shown))
        if self.retry_seconds is not None:
            parts.append(details.RetryInfo(retry_delay=_duration(self.retry_seconds)))
        if self.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            parts.append(self._quota())
        number: int = self.code.value[0]
        return Status(code=number, message=message, details=[_packed(part) for part in parts])

    def _quota(self) -> details.QuotaFailure:
        """Return whose limit was met: a workspace's, or the server's."""
        workspace = self.metadata.get("workspace")
        failure = details.QuotaFailure()
        failure.violations.add(
            subject=f"workspace:{workspace}" if workspace else "server", description=self.message
        )
        return failure


def _fitting(
    violations: Iterable[Violation], room: int
) -> Iterable[details.BadRequest.FieldViolation]:
    for violation in violations:
        fields: dict[str, str] = {
            "field": violation.path,
            "description": violation.message,
            "reason": violation.code,
        }
        shown = details.BadRequest.FieldViolation(**fields)
        room -= shown.ByteSize() + 4
        if room < 0:
            return
        yield shown


def _packed(part: Message) -> Any:
    packed = Any()
    packed.Pack(part)
    return packed


def _duration(seconds: float) -> Duration:
    whole = math.floor(seconds)
    return Duration(seconds=whole, nanos=round((seconds - whole) * 1000) * 1_000_000)
