"""What the HTTP listener serves, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.access.doors import OpenDoor
from server.door.bounds import Bounds
from server.door.connect import ConnectServices
from server.errors import ServiceError
from server.rpc.call import DETAIL_BYTES, REQUEST_ID, Gate, by_name
from server.rpc.guarded import Handler
from server.settings import Settings

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Names under which a page of this machine reaches it. Any other name in a
request to an open door is a web page's trick (DNS rebinding)."""
REQUEST_HEADERS = (
    "authorization",
    "connect-protocol-version",
    "connect-timeout-ms",
    "content-type",
    "grpc-timeout",
    "traceparent",
    "x-grpc-web",
    "x-user-agent",
    DETAIL_BYTES,
    REQUEST_ID,
)
"""What scripts of other origins may send."""
RESPONSE_HEADERS = ("grpc-status", "grpc-message", "grpc-status-details-bin", REQUEST_ID)
"""What scripts of other origins may read."""


def http_app(
    methods: Mapping[str, Handler],
    gate: Gate,
    settings: Settings,
    ready: Callable[[], bool],
    figures: Callable[[], tuple[bytes, str]],
) -> Starlette:
    """Return the application.

    Parameters
    ----------
    methods
        Handlers of the API by path.
    gate
        What every call has to pass; whoever may call may read ``/metrics``.
    settings
        Hosts, origins, and the largest message.
    ready
        Tells whether new calls are taken.
    figures
        Metrics in Prometheus' text form, with their content type.
    """

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        if ready():
            return PlainTextResponse("ready\n")
        return PlainTextResponse("stopping\n", 503, {"retry-after": "1"})

    async def metrics(request: Request) -> Response:
        try:
            await gate.door.caller("/metrics", by_name(request.headers.items()))
        except ServiceError as refused:
            headers = {"www-authenticate": "Bearer"}
            return PlainTextResponse(refused.message + "\n", 401, headers)
        text, kind = figures()
        return Response(text, media_type=kind)

    services = ConnectServices(methods, gate, settings.message_mib * 2**20)
    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Mount("/", _front(services, gate)),
        ],
        middleware=[Middleware(Bounds), *_middleware(settings, isinstance(gate.door, OpenDoor))],
    )


def _middleware(settings: Settings, open_door: bool) -> list[Middleware]:
    made = []
    hosts = settings.http_hosts or (LOOPBACK_HOSTS if open_door else ())
    if hosts:
        allowed = [host.strip("[]") for host in hosts] + list(hosts)
        made.append(Middleware(TrustedHostMiddleware, allowed_hosts=allowed, www_redirect=False))
    if settings.cors_origins:
        made.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["POST"],
                allow_headers=REQUEST_HEADERS,
                expose_headers=RESPONSE_HEADERS,
                max_age=7200,
            )
        )
    return made


def _front(services: Any, gate: Gate) -> ASGIApp:
    """Refuse gRPC itself, which needs HTTP/2, and read no body of a stranger."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Request(scope).headers
        kind = headers.get("content-type", "")
        if kind.startswith("application/grpc") and not kind.startswith("application/grpc-web"):
            text = "This listener speaks Connect and gRPC-Web; gRPC is on the other port.\n"
            await PlainTextResponse(text, 415)(scope, receive, send)
            return
        try:
            await gate.door.caller(scope["path"], by_name(headers.items()))
        except ServiceError:
            receive = _without_body(kind)  # refused below, in the words of the protocol
        await services(scope, receive, send)

    return app


def _without_body(kind: str) -> Receive:
    """Return what receives an empty message in place of what was sent."""
    unary = not kind.startswith(("application/connect+", "application/grpc-web"))

    async def receive() -> Message:
        return {"type": "http.request", "body": b"" if unary else bytes(5), "more_body": False}

    return receive
