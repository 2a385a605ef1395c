"""What a call can raise: one tree under :class:`ApiError`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

_DETAILS_KEY = "grpc-status-details-bin"
_REQUEST_ID_KEY = "x-request-id"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: a stable code, the path of the field, one sentence."""

    code: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message} [{self.code}]"


class ApiError(Exception):
    """A call failed.

    Attributes
    ----------
    code
        Status code of gRPC.
    message
        One sentence for people; not stable.
    reason
        Stable UPPER_SNAKE_CASE reason; empty where the failure happened before
        the server's own code, e.g. on the network.
    domain
        Who defines the reason: ``alatau.router``.
    metadata
        Values that the message speaks of, by name.
    violations
        Every broken rule of the request.
    request_id
        Name of the call in the server's log; empty where it never arrived.
    retry_delay
        Seconds after which a retry makes sense; ``None``: not said.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        domain: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: tuple[Violation, ...] = (),
        request_id: str = "",
        retry_delay: float | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.reason = reason
        self.domain = domain
        self.metadata = dict(metadata or {})
        self.violations = violations
        self.request_id = request_id
        self.retry_delay = retry_delay
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [f"{self.reason or self.code.name}: {self.message}"]
        lines += [f"  {violation}" for violation in self.violations]
        return "\n".join(lines)


class InvalidProblem(ApiError):
    """The request breaks rules; ``violations`` names them."""


class QuotaExceeded(ApiError):
    """The server has no room now, or the message is too large; see ``retry_delay``."""


class Unavailable(ApiError):
    """The server cannot be reached or is stopping; retries did not help."""


class DeadlineExceeded(ApiError):
    """The time was up before the answer came."""


class Cancelled(ApiError):
    """The call was cancelled."""


class NotFound(ApiError):
    """What the request names does not exist."""


class Conflict(ApiError):
    """Somebody else was faster, or the state does not allow it."""


class AccessDenied(ApiError):
    """The caller is not known, or may not do this."""


class ServerFault(ApiError):
    """The server failed; tell its operator the ``request_id``."""


_CLASSES: Mapping[grpc.StatusCode, type[ApiError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidProblem,
    grpc.StatusCode.OUT_OF_RANGE: InvalidProblem,
    grpc.StatusCode.RESOURCE_EXHAUSTED: QuotaExceeded,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.CANCELLED: Cancelled,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ABORTED: Conflict,
    grpc.StatusCode.ALREADY_EXISTS: Conflict,
    grpc.StatusCode.FAILED_PRECONDITION: Conflict,
    grpc.StatusCode.UNAUTHENTICATED: AccessDenied,
    grpc.StatusCode.PERMISSION_DENIED: AccessDenied,
    grpc.StatusCode.INTERNAL: ServerFault,
    grpc.StatusCode.UNKNOWN: ServerFault,
    grpc.StatusCode.DATA_LOSS: ServerFault,
}


def of_rpc(failure: Any) -> ApiError:
    """Return the typed error of a failed call of ``grpc`` or ``grpc.aio``."""
    code: grpc.StatusCode = failure.code()
    fields: dict[str, Any] = {"request_id": _request_id(failure)}
    for packed in _details(failure):
        fields |= _fields(packed)
    return _CLASSES.get(code, ApiError)(code, failure.details() or code.name, **fields)


def _details(failure: Any) -> list[Any]:
    for key, value in failure.trailing_metadata() or ():
        if key == _DETAILS_KEY:
            return list(status_pb2.Status.FromString(value).details)
    return []


def _request_id(failure: Any) -> str:
    """Return the id ahead of a response, or behind an error that came alone."""
    first = failure.initial_metadata
    ahead = first() if callable(first) else first
    both = (*(ahead or ()), *(failure.trailing_metadata() or ()))
    return next((str(value) for key, value in both if key == _REQUEST_ID_KEY), "")


def _fields(packed: Any) -> dict[str, Any]:
    """Return what one error detail says, by the names of :class:`ApiError`."""
    if packed.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
        info = error_details_pb2.ErrorInfo.FromString(packed.value)
        return {"reason": info.reason, "domain": info.domain, "metadata": dict(info.metadata)}
    if packed.Is(error_details_pb2.BadRequest.DESCRIPTOR):
        bad: Any = error_details_pb2.BadRequest.FromString(packed.value)
        return {
            "violations": tuple(
                Violation(v.reason, v.field, v.description) for v in bad.field_violations
            )
        }
    if packed.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
        delay = error_details_pb2.RetryInfo.FromString(packed.value).retry_delay
        return {"retry_delay": delay.seconds + delay.nanos / 1e9}
    if packed.Is(error_details_pb2.RequestInfo.DESCRIPTOR):
        return {"request_id": error_details_pb2.RequestInfo.FromString(packed.value).request_id}
    return {}
