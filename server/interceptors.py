"""What happens around every call: request id, parsing, log line, error mapping."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias, cast

import grpc
import structlog
from google.protobuf.message import DecodeError

from router.errors import InvalidInput
from server.access import Doorkeeper
from server.errors import DEFAULT_DETAIL_BYTES, MAX_DETAIL_BYTES, Reason, ServiceError

REQUEST_ID = "x-request-id"
"""Metadata key of the request id: taken from the caller or made here, and
sent back with the first bytes of every answer."""
DETAIL_BYTES = "x-error-detail-bytes"
"""Metadata key by which a client asks for more room for violations."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_log = structlog.get_logger("alatau.rpc")

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Wraps every unary and server-streaming method of the service.

    Parameters
    ----------
    door
        Tells the workspace of each caller, or refuses the call.
    """

    def __init__(self, door: Doorkeeper) -> None:
        self._door = door

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        """Return the method's handler, wrapped; others as they are."""
        handler: Any = await continuation(handler_call_details)
        if handler is None:
            return cast("Handler", handler)
        method = str(handler_call_details.method)
        make: Any
        if handler.request_streaming:
            return self._checked(handler, method)
        if handler.response_streaming:
            make, behaviour = grpc.unary_stream_rpc_method_handler, self._stream(handler, method)
        else:
            make, behaviour = grpc.unary_unary_rpc_method_handler, self._unary(handler, method)
        wrapped: Handler = make(behaviour, None, handler.response_serializer)
        return wrapped

    def _unary(self, handler: Handler, method: str) -> Callable[[bytes, Context], Any]:
        behaviour: Any = handler.unary_unary

        async def call(data: bytes, context: Context) -> Any:
            async with _Call(method, context, len(data)) as here:
                here.admit(self._door)
                request = here.parse(handler, data)
                return await behaviour(request, context)

        return call

    def _stream(self, handler: Handler, method: str) -> Callable[[bytes, Context], Any]:
        behaviour: Any = handler.unary_stream

        async def call(data: bytes, context: Context) -> AsyncIterator[Any]:
            async with _Call(method, context, len(data)) as here:
                here.admit(self._door)
                request = here.parse(handler, data)
                async for response in behaviour(request, context):
                    yield response

        return call

    def _checked(self, handler: Any, method: str) -> Handler:
        """Return a handler of a request stream (reflection) that admits first."""

        async def call(requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
            async with _Call(method, context, 0) as here:
                here.admit(self._door)
            async for response in handler.stream_stream(requests, context):
                yield response

        make: Any = grpc.stream_stream_rpc_method_handler
        wrapped: Handler = make(call, handler.request_deserializer, handler.response_serializer)
        return wrapped


class _Call:
    """One call from its first byte to its status."""

    def __init__(self, method: str, context: Context, size: int) -> None:
        metadata = dict(context.invocation_metadata() or ())
        self._context = context
        self._method = method
        self._metadata = metadata
        self._request_id = _request_id(metadata.get(REQUEST_ID))
        self._room = _room(metadata.get(DETAIL_BYTES))
        self._log = _log.bind(method=method, request_id=self._request_id, request_bytes=size)
        self._start = time.perf_counter()

    async def __aenter__(self) -> _Call:
        structlog.contextvars.bind_contextvars(request_id=self._request_id)
        await self._context.send_initial_metadata(((REQUEST_ID, self._request_id),))
        return self

    def admit(self, door: Doorkeeper) -> None:
        """Note the caller's workspace.

        Raises
        ------
        ServiceError
            UNAUTHENTICATED, if the caller may not make this call.
        """
        workspace = door.workspace(self._method, self._metadata)
        structlog.contextvars.bind_contextvars(workspace=workspace)

    def parse(self, handler: Handler, data: bytes) -> Any:
        """Return the request message.

        Raises
        ------
        ServiceError
            If the bytes are no such message.
        """
        try:
            assert handler.request_deserializer is not None
            return handler.request_deserializer(data)
        except (DecodeError, ValueError) as fault:
            text = f"The request is no message of its type ({len(data)} bytes)."
            raise ServiceError(Reason.MALFORMED_MESSAGE, text) from fault

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: object
    ) -> None:
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
        trailer = ("grpc-status-details-bin", status.SerializeToString())
        await self._context.abort(error.code, status.message, (trailer,))

    def _note(self, code: str, **values: object) -> None:
        milliseconds = round(1000 * (time.perf_counter() - self._start), 1)
        self._log.info("call", code=code, milliseconds=milliseconds, **values)


def _request_id(given: str | bytes | None) -> str:
    if isinstance(given, str) and _PLAIN_ID.fullmatch(given):
        return given
    return uuid.uuid4().hex


def _room(given: str | bytes | None) -> int:
    if isinstance(given, str) and given.isdecimal() and len(given) < 10:
        return min(int(given), MAX_DETAIL_BYTES)
    return DEFAULT_DETAIL_BYTES
