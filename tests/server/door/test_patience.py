"""Callers that stall: connections without a request, bodies that do not come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from server.door import bounds, listener
from server.door.bounds import Bounds
from server.door.listener import Listener

outcomes: list[str] = []


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body and say how long it was."""
    try:
        text = await Request(scope, receive).body()
        outcomes.append("read")
        await PlainTextResponse(f"{len(text)}")(scope, receive, send)
    except ClientDisconnect:
        outcomes.append("gone")


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """Run a listener that waits half a second."""
    monkeypatch.setattr(listener, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(bounds, "BODY_SECONDS", 0.5)
    outcomes.clear()
    running = Listener(Bounds(app), "127.0.0.1", 0, None)
    yield await running.start()
    await running.stop(1)


async def exchanged(port: int, *pieces: bytes) -> bytes:
    """Send bytes and return all that comes until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(), 30)
    finally:
        writer.close()


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n"


async def test_a_whole_request_is_served(port: int) -> None:
    """Head and body in two pieces."""
    assert (await exchanged(port, HEAD + b"\r\n", b"body")).endswith(b"4")
    assert outcomes == ["read"]


@pytest.mark.parametrize("said", [b"", b"POST / HT", HEAD])
async def test_a_connection_without_a_request_is_closed(port: int, said: bytes) -> None:
    """Whoever says nothing, or half of it, is hung up on."""
    assert not (await exchanged(port, said)).startswith(b"HTTP/1.1 200")
    assert outcomes == []


async def test_a_body_that_does_not_come_is_given_up(port: int) -> None:
    """Two bytes of four, then silence: for the application the caller has left."""
    assert not (await exchanged(port, HEAD + b"\r\nbo")).startswith(b"HTTP/1.1 200")
    assert outcomes == ["gone"]
