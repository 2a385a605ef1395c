"""The services over Connect and gRPC-Web, by the ``connectrpc`` library.

The library speaks the protocols; requests reach the same guarded methods as
gRPC's, as the bytes that came, so that admission, errors and log are the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint

from server.door.messages import from_json, to_json
from server.door.wire import HttpWire
from server.rpc.call import Gate
from server.rpc.guarded import Handler, answering, streaming
from server.rpc.received import reading

_TYPES = {
    (False, False): StreamType.UNARY,
    (False, True): StreamType.SERVER_STREAM,
    (True, False): StreamType.CLIENT_STREAM,
    (True, True): StreamType.BIDI_STREAM,
}
_MAKERS: Mapping[StreamType, Callable[..., Any]] = {
    StreamType.UNARY: Endpoint.unary,
    StreamType.SERVER_STREAM: Endpoint.server_stream,
    StreamType.CLIENT_STREAM: Endpoint.client_stream,
    StreamType.BIDI_STREAM: Endpoint.bidi_stream,
}


class Untouched:
    """A codec that hands bytes through, for the handlers to read and write.

    Parameters
    ----------
    name
        ``proto`` or ``json``, as in the content type.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        """Return the name."""
        return self._name

    def encode(self, message: bytes) -> bytes:
        """Return the bytes."""
        return message

    def decode(self, data: bytes | bytearray, message_class: object) -> bytes:
        """Return the bytes."""
        return bytes(data)


class ConnectServices(ConnectASGIApplication[Mapping[str, Endpoint[Any, Any]]]):
    """All services as one ASGI application.

    Parameters
    ----------
    methods
        Handlers by path.
    gate
        What every call has to pass.
    most_bytes
        Largest message, compressed or not.
    """

    def __init__(self, methods: Mapping[str, Handler], gate: Gate, most_bytes: int) -> None:
        made = {path: _endpoint(path, handler, gate) for path, handler in methods.items()}
        super().__init__(
            service=made,
            endpoints=lambda found: found,  # type: ignore[arg-type, return-value]
            read_max_bytes=most_bytes,
            codecs=[Untouched("proto"), Untouched("json")],
        )

    @property
    def path(self) -> str:
        """Return the path below which the services are."""
        return ""


def _endpoint(path: str, handler: Any, gate: Gate) -> Endpoint[Any, Any]:
    kind = _TYPES[handler.request_streaming, handler.response_streaming]
    service, name = path[1:].split("/")
    about = MethodInfo(
        name=name,
        service_name=service,
        input=bytes,
        output=bytes,
        idempotency_level=IdempotencyLevel.UNKNOWN,  # no problem travels in a URL
        stream_type=kind,
    )
    make = _stream if handler.response_streaming else _answer
    endpoint: Endpoint[Any, Any] = _MAKERS[kind](about, make(path, handler, gate))
    return endpoint


def _answer(path: str, handler: Any, gate: Gate) -> Callable[[Any, Any], Any]:
    calls = _by_form(answering, path, handler, gate)

    async def call(received: Any, context: RequestContext[Any, Any]) -> bytes:
        json = _speaks_json(context)
        return await _encoded(handler, await calls[json](received, HttpWire(context)), json)

    return call


def _stream(path: str, handler: Any, gate: Gate) -> Callable[[Any, Any], Any]:
    calls = _by_form(streaming, path, handler, gate)

    async def call(received: Any, context: RequestContext[Any, Any]) -> AsyncIterator[bytes]:
        json = _speaks_json(context)
        async with aclosing(calls[json](received, HttpWire(context))) as responses:
            async for response in responses:
                yield await _encoded(handler, response, json)

    return call


def _by_form(guard: Any, path: str, handler: Any, gate: Gate) -> Mapping[bool, Any]:
    """Return the guarded method by whether it gets JSON."""
    return {
        True: guard(handler, path, gate, partial(from_json, handler)),
        False: guard(handler, path, gate, reading(handler.request_deserializer)),
    }


async def _encoded(handler: Any, response: Any, json: bool) -> bytes:
    return await to_json(response) if json else handler.response_serializer(response)


def _speaks_json(context: RequestContext[Any, Any]) -> bool:
    kind = context.request_headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower().endswith("json")
