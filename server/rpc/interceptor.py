"""The gRPC listener's way to :mod:`server.rpc.guarded`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import grpc

from server.errors import ServiceError
from server.rpc.call import Gate, by_name
from server.rpc.guarded import Handler, answering, refusing, streaming
from server.rpc.received import reading

_MAKERS: dict[tuple[bool, bool], Any] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Guards every method of every service of a server.

    Parameters
    ----------
    gate
        What every call has to pass.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        """Return the method's handler, guarded; it parses requests itself.

        Who is not let in is refused here, as the body has not been waited for yet: gRPC
        calls a handler of one request only when all of that has come.
        """
        handler: Any = await continuation(handler_call_details)
        if handler is None:
            return cast("Handler", handler)
        method = str(handler_call_details.method)
        metadata = by_name(handler_call_details.invocation_metadata or ())
        try:
            caller = await self._gate.door.caller(method, metadata)
        except ServiceError as fault:
            refused = _MAKERS[True, handler.response_streaming](refusing(fault, method, self._gate))
            return cast("Handler", refused)
        guard = streaming if handler.response_streaming else answering
        read = reading(handler.request_deserializer)
        guarded = guard(handler, method, self._gate, read, caller)
        make = _MAKERS[handler.request_streaming, handler.response_streaming]
        return cast("Handler", make(guarded, None, handler.response_serializer))
