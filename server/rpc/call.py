"""One call from its first byte to its status: id, admission, parsing, log, errors."""

from __future__ import annotations

import inspect
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from google.protobuf.message import DecodeError

from router.errors import InvalidInput
from server.access import caller as identity
from server.access.doors import Doorkeeper
from server.access.limits import Limits
from server.errors import DEFAULT_DETAIL_BYTES, MAX_DETAIL_BYTES, Reason, ServiceError
from server.rpc.context import Metadata, Wire
from server.rpc.traffic import Traffic
from server.telemetry.metrics import Meters
from server.telemetry.traces import Tracing

REQUEST_ID = "x-request-id"
"""Metadata key of the request id: taken from the caller or made here, and sent
back with every answer: ahead of responses, or behind an error that comes alone."""
DETAIL_BYTES = "x-error-detail-bytes"
"""Metadata key by which a client asks for more room for violations."""
CREDENTIALS = "authorization"
"""Metadata key of the caller's bearer token."""
RECHECK_SECONDS = 1.0
"""A stream goes on for so long after the caller's key was revoked, at most."""
OWN_PREFIX = "/grpc."
"""Methods of gRPC itself (health, reflection): they do not hold up a stop."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_log = structlog.get_logger("alatau.rpc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What every call has to pass.

    Attributes
    ----------
    door
        Tells who the caller is, or refuses the call.
    traffic
        Counts calls in progress.
    limits
        How often each workspace may call.
    meters, tracing
        Hear how each call went.
    """

    door: Doorkeeper
    traffic: Traffic
    limits: Limits
    meters: Meters
    tracing: Tracing


class Call:
    """One call; a context that ends it with a status whatever happens inside.

    Parameters
    ----------
    method
        Full name, ``/package.Service/Method``.
    context
        The listener's view of the call.
    gate
        What it has to pass.
    """

    def __init__(self, method: str, context: Wire, gate: Gate) -> None:
        metadata = by_name(context.invocation_metadata() or ())
        self._context = context
        self._method = method
        self._metadata = metadata
        self._gate = gate
        self._inside = False
        self._greeted = False
        self._request_id = _request_id(metadata.get(REQUEST_ID))
        self._room = _room(metadata.get(DETAIL_BYTES))
        self._log = _log.bind(method=method, request_id=self._request_id)
        self._span = gate.tracing.call(method, metadata)
        self._start = self._checked = time.perf_counter()

    async def __aenter__(self) -> Call:
        structlog.contextvars.bind_contextvars(request_id=self._request_id)
        self._span.note("alatau.request_id", self._request_id)
        if self._span.trace_id:
            structlog.contextvars.bind_contextvars(trace_id=self._span.trace_id)
        return self

    async def greet(self) -> None:
        """Send the request id ahead of the response.

        What is refused before gets it with its error, in one frame in place of two: that
        is an eighth of what a refusal costs.
        """
        self._greeted = True
        await self._context.send_initial_metadata(((REQUEST_ID, self._request_id),))

    async def admit(self, caller: identity.Caller | None = None) -> None:
        """Let the caller in and note who it is; ``caller``: where that is known already.

        Raises
        ------
        ServiceError
            If the caller may not make this call, or not now.
        """
        caller = caller or await self._gate.door.caller(self._method, self._metadata)
        identity.enter(caller)
        structlog.contextvars.bind_contextvars(workspace=caller.workspace, caller=caller.name)
        self._span.note("alatau.workspace", caller.workspace)
        if not self._method.startswith(OWN_PREFIX):
            self._gate.traffic.enter()
            self._inside = True
            self._gate.limits.call(caller.workspace)

    def recheck(self) -> None:
        """Let a stream go on only to those who would still be let in.

        Raises
        ------
        ServiceError
            UNAUTHENTICATED.
        """
        now = time.perf_counter()
        if now - self._checked < RECHECK_SECONDS:
            return
        self._checked = now
        if not self._gate.door.holds(self._metadata):
            text = "The API key was revoked while the call went on."
            raise ServiceError(Reason.UNAUTHENTICATED, text)

    async def parse(self, read: Callable[[Any], Any], data: Any) -> Any:
        """Return the request message.

        Raises
        ------
        ServiceError
            If the bytes are no such message.
        """
        size = len(data)
        self._log = self._log.bind(request_bytes=size)
        try:
            message = read(data)
            return await message if inspect.isawaitable(message) else message
        except (DecodeError, ValueError) as fault:
            text = f"The request is no message of its type ({size} bytes)."
            raise ServiceError(Reason.MALFORMED_MESSAGE, text) from fault

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: object
    ) -> None:
        if self._inside:
            self._gate.traffic.leave()
        if fault is None:
            self._note("OK")
        elif isinstance(fault, ServiceError):
            await self._fail(fault)
        elif isinstance(fault, InvalidInput):
            await self._fail(ServiceError.of_input(fault))
        elif isinstance(fault, grpc.aio.AbortError):
            self._note("ABORTED")
        elif isinstance(fault, Exception):
            self._log.error("fault", exc_info=fault)
            text = "The server failed on this request; its log has the request id."
            await self._fail(ServiceError(Reason.INTERNAL, text))
        else:
            self._note("CANCELLED")

    async def _fail(self, error: ServiceError) -> None:
        self._note(error.code.name, reason=error.reason.value, violations=len(error.violations))
        status = error.status(self._request_id, self._room)
        trailers: list[tuple[str, str | bytes]] = [
            ("grpc-status-details-bin", status.SerializeToString())
        ]
        if not self._greeted:
            trailers.append((REQUEST_ID, self._request_id))
        await self._context.abort(error.code, status.message, tuple(trailers))

    def _note(self, code: str, **values: object) -> None:
        seconds = time.perf_counter() - self._start
        self._log.info("call", code=code, milliseconds=round(1000 * seconds, 1), **values)
        self._gate.meters.ended(self._method, code, str(values.get("reason", "")), seconds)
        self._span.end(code, grpc.StatusCode[code].value[0])


def by_name(metadata: Metadata) -> dict[str, str | bytes]:
    """Return metadata by name; credentials that come twice are none."""
    found: dict[str, str | bytes] = {}
    for name, value in metadata:
        found[name] = "" if name == CREDENTIALS and name in found else value
    return found


def _request_id(given: str | bytes | None) -> str:
    if isinstance(given, str) and _PLAIN_ID.fullmatch(given):
        return given
    return uuid.uuid4().hex


def _room(given: str | bytes | None) -> int:
    if isinstance(given, str) and given.isdecimal() and len(given) < 10:
        return min(int(given), MAX_DETAIL_BYTES)
    return DEFAULT_DETAIL_BYTES
