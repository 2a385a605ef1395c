"""A service's method with everything around it that every call has."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

import grpc

from server.access.caller import Caller
from server.errors import ServiceError
from server.rpc.call import Call, Gate
from server.rpc.context import Wire

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Read: TypeAlias = Callable[[Any], Any]
"""Turns what a listener received into a message, or into what can be awaited for it."""


def behaviour(handler: Any) -> Callable[[Any, Any], Any]:
    """Return the function of a handler, whichever of the four kinds it is."""
    kinds = (
        (handler.unary_unary, handler.unary_stream),
        (handler.stream_unary, handler.stream_stream),
    )
    found: Callable[[Any, Any], Any] = kinds[handler.request_streaming][handler.response_streaming]
    return found


def answering(
    handler: Any, method: str, gate: Gate, read: Read, caller: Caller | None = None
) -> Callable[[Any, Wire], Any]:
    """Return ``call(received, context)`` of a method with one response.

    ``caller`` is who calls, where that is known from the head of the call already.
    """
    answer = behaviour(handler)

    async def call(received: Any, context: Wire) -> Any:
        async with Call(method, context, gate) as here:
            await here.admit(caller)
            response = await answer(await _request(handler, here, read, received), context)
            await here.greet()
            return response

    return call


def streaming(
    handler: Any, method: str, gate: Gate, read: Read, caller: Caller | None = None
) -> Callable[[Any, Wire], Any]:
    """Return ``call(received, context)`` of a method with a stream of responses.

    See :func:`answering`.
    """
    answer = behaviour(handler)

    async def call(received: Any, context: Wire) -> AsyncIterator[Any]:
        async with Call(method, context, gate) as here:
            await here.admit(caller)
            await here.greet()
            responses = answer(await _request(handler, here, read, received), context)
            if inspect.isawaitable(responses):  # it writes to the context by itself
                await responses
                return
            async for response in responses:
                here.recheck()
                yield response

    return call


def refusing(fault: ServiceError, method: str, gate: Gate) -> Callable[[Any, Wire], Any]:
    """Return ``call(received, context)`` that refuses a call and reads none of it."""

    async def call(received: Any, context: Wire) -> None:
        async with Call(method, context, gate):
            raise fault

    return call


async def _request(handler: Any, here: Call, read: Read, received: Any) -> Any:
    if not handler.request_streaming:
        return await here.parse(read, received)

    async def requests() -> AsyncIterator[Any]:
        async for data in received:
            yield await here.parse(read, data)

    return requests()
