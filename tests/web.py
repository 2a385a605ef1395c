"""Calls over HTTP as a browser's client makes them, by the protocols' own words.

Written against the specifications of Connect and gRPC-Web, with nothing of the
library that the server uses.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from google.rpc.status_pb2 import Status

FORMS = ("connect+json", "connect+proto", "grpc-web")
_ENVELOPE = struct.Struct(">BI")
_CODES = {code.name.lower(): code for code in grpc.StatusCode} | {
    "canceled": grpc.StatusCode.CANCELLED
}
_NUMBERS = {code.value[0]: code for code in grpc.StatusCode}


@dataclass
class Answer:
    """What a call got: messages as bytes or JSON, a status, its details by name."""

    code: grpc.StatusCode
    message: str = ""
    details: dict[str, Message] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)

    def messages(self, kind: type[Message], form: str) -> list[Message]:
        """Return the parts as messages."""
        if form == "connect+json":
            return [json_format.Parse(part, kind()) for part in self.parts]
        return [kind.FromString(part) for part in self.parts]


def connection(address: str, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    """Return a connection to ``host:port``."""
    if context is not None:
        return http.client.HTTPSConnection(address, timeout=30, context=context)
    return http.client.HTTPConnection(address, timeout=30)


def fetch(
    address: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    method: str | None = None,
    context: ssl.SSLContext | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Make one HTTP request; return status, headers in lower case, and body."""
    http_connection = connection(address, context)
    try:
        verb = method or ("GET" if body is None else "POST")
        http_connection.request(verb, path, body, dict(headers or {}))
        answer = http_connection.getresponse()
        text = answer.read()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text
    finally:
        http_connection.close()


def call(
    address: str,
    path: str,
    body: bytes,
    form: str,
    *,
    streams: bool = False,
    headers: Mapping[str, str] | None = None,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Call a method with a request that is JSON or protobuf, as the form wants."""
    codec = form.partition("+")[2]
    if form == "grpc-web":
        sent = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1"}
        status, got, text = fetch(
            address, path, _enveloped(body), {**sent, **(headers or {})}, context=context
        )
        assert status == 200, (status, text)
        return _of_grpc_web(got, text)
    kind = f"application/connect+{codec}" if streams else f"application/{codec}"
    sent = {"content-type": kind, "connect-protocol-version": "1"}
    payload = _enveloped(body) if streams else body
    status, got, text = fetch(address, path, payload, {**sent, **(headers or {})}, context=context)
    if streams and status == 200:
        return _of_stream(got, text)
    if status == 200:
        assert got["content-type"] == kind
        return Answer(grpc.StatusCode.OK, parts=[text], headers=got)
    return _of_error(json.loads(text), got)


def _enveloped(body: bytes) -> bytes:
    return _ENVELOPE.pack(0, len(body)) + body


def _opened(text: bytes) -> Iterator[tuple[int, bytes]]:
    while text:
        flags, length = _ENVELOPE.unpack_from(text)
        end = _ENVELOPE.size + length
        assert len(text) >= end
        yield flags, text[_ENVELOPE.size : end]
        text = text[end:]


def _of_stream(headers: Mapping[str, str], text: bytes) -> Answer:
    *parts, (flags, last) = _opened(text)
    assert flags == 2
    assert all(flag == 0 for flag, _ in parts)
    answer = Answer(grpc.StatusCode.OK)
    if error := json.loads(last).get("error"):
        answer = _of_error(error, headers)
    answer.parts, answer.headers = [part for _, part in parts], headers
    return answer


def _of_error(error: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    details = {}
    for entry in error.get("details", ()):
        name = entry["type"].rpartition(".")[2]
        value = base64.b64decode(entry["value"] + "===")
        details[name] = getattr(error_details_pb2, name).FromString(value)
        assert json_format.ParseDict(entry["debug"], type(details[name])()) == details[name]
    code = _CODES[error["code"]]
    return Answer(code, error.get("message", ""), details, headers=headers)


def _of_grpc_web(headers: Mapping[str, str], text: bytes) -> Answer:
    trailers, parts = dict(headers), []
    for flags, part in _opened(text):
        if flags & 0x80:
            lines = part.decode().strip().split("\r\n")
            trailers |= {k.strip().lower(): v.strip() for k, v in (x.split(":", 1) for x in lines)}
        else:
            parts.append(part)
    answer = Answer(_NUMBERS[int(trailers["grpc-status"])], parts=parts, headers=headers)
    answer.message = trailers.get("grpc-message", "")
    status = Status()
    status.ParseFromString(base64.b64decode(trailers.get("grpc-status-details-bin", "") + "==="))
    for packed in status.details:
        name = packed.TypeName().rpartition(".")[2]
        answer.details[name] = getattr(error_details_pb2, name)()
        packed.Unpack(answer.details[name])
    return answer
