"""A call over Connect or gRPC-Web, as handlers and :mod:`server.rpc.call` see it."""

from __future__ import annotations

from typing import Any, NoReturn

import grpc
from connectrpc.code import Code
from connectrpc.errors import ConnectError, ErrorDetail
from connectrpc.request import RequestContext
from google.protobuf import any_pb2, descriptor_pool, json_format, message_factory
from google.rpc.status_pb2 import Status
from protobuf import Message as AnyMessage
from protobuf import message_from_json_value
from protobuf.wkt import Any as WireAny
from protobuf.wkt import Struct

from server.rpc.call import REQUEST_ID
from server.rpc.context import Metadata


class HttpWire:
    """One call.

    Parameters
    ----------
    context
        The library's view of it.
    """

    def __init__(self, context: RequestContext[Any, Any]) -> None:
        self._context = context

    def invocation_metadata(self) -> Metadata:
        """Return the HTTP headers."""
        return list(self._context.request_headers.allitems())

    def time_remaining(self) -> float | None:
        """Return the seconds until the caller's deadline, ``None`` without one."""
        left = self._context.timeout_ms
        return None if left is None else left / 1000

    async def send_initial_metadata(self, initial_metadata: Metadata) -> None:
        """Add HTTP headers to the response."""
        for name, value in initial_metadata:
            self._context.response_headers[name] = str(value)

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()
    ) -> NoReturn:
        """Raise the error, with the details of the status in the trailing metadata."""
        trailers = dict(trailing_metadata)
        if REQUEST_ID in trailers:
            await self.send_initial_metadata([(REQUEST_ID, trailers[REQUEST_ID])])
        status = Status()
        status.ParseFromString(trailers.get("grpc-status-details-bin", b""))
        shown = [Detail(detail) for detail in status.details]
        raise ConnectError(_code(code), details, shown)


class Detail(ErrorDetail):
    """A detail of an error that Connect also shows as JSON, for people and scripts."""

    def __init__(self, detail: any_pb2.Any) -> None:
        super().__init__(WireAny(type_url=detail.type_url, value=detail.value))
        self._detail = detail

    def value(self, *_: object) -> AnyMessage:  # type: ignore[override]
        """Return the detail as JSON."""
        described = descriptor_pool.Default().FindMessageTypeByName(self.type_name)
        message = message_factory.GetMessageClass(described)()
        self._detail.Unpack(message)
        return message_from_json_value(Struct, json_format.MessageToDict(message))


def _code(code: grpc.StatusCode) -> Code:
    name = "CANCELED" if code is grpc.StatusCode.CANCELLED else code.name
    return Code[name]
