"""The composition root: settings in, a running server out."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Mapping
from typing import NamedTuple

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from server import tls
from server.access import build
from server.calls import Calls
from server.door.app import http_app
from server.door.handlers import handlers
from server.door.listener import Listener
from server.jobs.companion import Jobs
from server.lifecycle import Companion
from server.rpc.call import Gate
from server.rpc.guarded import Handler
from server.rpc.interceptor import CallInterceptor
from server.rpc.traffic import Traffic
from server.servicers import services
from server.settings import Settings
from server.telemetry.metrics import Meters
from server.telemetry.traces import Tracing
from server.telemetry.watch import JobsWatch, PoolWatch, show_state
from server.workers.forge import Forge
from server.workers.pool import WorkerPool

LAST_WORDS = 1.0
"""Seconds that the last answers get on their way out."""
LAST_SECONDS = 5.0
"""Before the grace of a stop ends, running solves are asked for their best plan
so many seconds earlier, so that their callers still get it."""

_log = structlog.get_logger("alatau.server")


class Ports(NamedTuple):
    """Where a server listens."""

    grpc: int
    http: int | None


class App:
    """One server with its pools.

    Parameters
    ----------
    settings
        What the operator has set.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._meters = Meters()
        self._tracing = Tracing()
        self._forge = Forge(settings.worker_memory_mib)
        self._pools = {
            "solves": self._pool("solves", settings.workers),
            "checks": self._pool("checks", settings.check_workers),
            "jobs": self._pool("jobs", settings.job_workers),
        }
        self.jobs = Jobs(settings, self._pools["jobs"], JobsWatch(self._meters, self._tracing))
        self._companions: list[Companion] = [self.jobs]
        self._health = health.aio.HealthServicer()
        self._traffic = Traffic(settings.max_rpcs)
        limits = build.limits(settings)
        gate = Gate(
            door=build.door(settings),
            traffic=self._traffic,
            limits=limits,
            meters=self._meters,
            tracing=self._tracing,
        )
        self._server = grpc.aio.server(
            interceptors=[CallInterceptor(gate)],
            options=_channel_options(settings),
            maximum_concurrent_rpcs=2 * settings.max_rpcs,
        )
        calls = Calls(self._pools["solves"], self._pools["checks"], settings, limits)
        offered = services(calls, self.jobs)
        self._names = list(offered)
        for add in offered.values():
            add(self._server)
        self._web = self._web_listener(handlers(offered.values()), gate)
        show_state(self._meters, self._pools, self._traffic)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if settings.reflects:
            names = [*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME]
            reflection.enable_server_reflection(names, self._server)

    async def start(self) -> Ports:
        """Start workers and listeners; return the ports.

        Raises
        ------
        OSError
            If the address is taken or not ours.
        WorkerDied
            If the worker processes cannot start.
        """
        address = f"{_bracketed(self._settings.host)}:{self._settings.port}"
        try:
            port = self._listen(address)
        except RuntimeError as fault:
            raise OSError(f"cannot listen on {address}: {self._why_not()}.") from fault
        try:
            await self._forge.start()
            for pool in self._pools.values():
                await pool.start()
            for companion in self._companions:
                await companion.start()
        except BaseException:
            await self._close_pools()
            raise
        await self._server.start()
        web = await self._web.start() if self._web is not None else None
        for name in ("", *self._names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return Ports(port, web)

    async def stop(self) -> None:
        """Refuse new calls, let running ones end, then end everything.

        While running calls have their grace the listener stays open, so that a
        new caller hears why it is refused and when to try elsewhere.
        """
        grace = self._settings.grace_seconds
        self._traffic.drain()
        await self._health.enter_graceful_shutdown()
        for companion in self._companions:
            await companion.drain()
        hurry = asyncio.get_running_loop().call_later(
            max(0.0, grace - LAST_SECONDS), self._pools["solves"].hurry
        )
        ended = await self._traffic.idle(grace)
        hurry.cancel()
        await asyncio.gather(
            self._server.stop(LAST_WORDS if ended else 0.0),
            *([self._web.stop(LAST_WORDS)] if self._web is not None else []),
        )
        for companion in self._companions:
            await companion.close()
        await self._close_pools()
        self._tracing.flush(LAST_WORDS)

    async def run(self, on_ready: Callable[[Ports], None]) -> None:
        """Serve until SIGTERM or SIGINT; ``on_ready`` hears the ports."""
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.set)
        ports = await self.start()
        _log.info("ready", port=ports.grpc, http=ports.http, workers=self._settings.workers)
        on_ready(ports)
        await told.wait()
        _log.info("stopping", grace_seconds=self._settings.grace_seconds)
        await self.stop()
        _log.info("stopped")

    def _listen(self, address: str) -> int:
        secured = tls.certificates(self._settings)
        if secured is None:
            return self._server.add_insecure_port(address)
        return self._server.add_secure_port(address, secured.credentials())

    def _why_not(self) -> str:
        """Return why the address cannot be listened on; gRPC does not say."""
        host, port = self._settings.host.strip("[]"), self._settings.port
        try:
            family, kind, number, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, number) as probe:
                probe.bind(address)
        except OSError as fault:
            return str(fault.strerror)
        return "is the port taken?"

    def _web_listener(self, methods: Mapping[str, Handler], gate: Gate) -> Listener | None:
        """Return the HTTP listener, where one is wanted."""
        chosen = self._settings
        if chosen.http_port is None:
            return None
        secured = tls.certificates(chosen)
        app = http_app(methods, gate, chosen, lambda: not self._traffic.draining, self._meters.text)
        context = secured.context() if secured is not None else None
        return Listener(app, chosen.host, chosen.http_port, context, 2 * chosen.max_rpcs)

    def _pool(self, name: str, size: int) -> WorkerPool:
        chosen = self._settings
        watch = PoolWatch(name, self._meters, self._tracing)
        return WorkerPool(
            name, size, chosen.queue_limit, self._forge, chosen.jobs_per_worker, watch
        )

    async def _close_pools(self) -> None:
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
        await self._forge.close()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _channel_options(settings: Settings) -> list[tuple[str, int]]:
    most = settings.message_mib * 2**20
    return [
        ("grpc.max_receive_message_length", most),
        ("grpc.max_send_message_length", most),
        ("grpc.max_concurrent_streams", 200),
        ("grpc.max_metadata_size", 16 * 1024),
        ("grpc.server_handshake_timeout_ms", 20_000),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
        ("grpc.so_reuseport", 0),
    ]
