"""The calls that the load benchmarks make."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from alatau.freight.v1 import routing_service_pb2 as routing
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb
from alatau.jobs.v1.jobs_service_pb2_grpc import SolveJobServiceStub
from grpc_health.v1 import health_pb2, health_pb2_grpc

from benchmarks.micro.classes import made
from server.codecs.clock import Clock
from server.codecs.routing_problem import encode_problem

STREAMS = 100
"""Calls at once over one connection; the server allows 200."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The services of a server over one connection: their stubs, used from asyncio."""

    jobs: Any
    routes: Any
    health: Any

    async def empty(self, _number: int = 0) -> None:
        """Make a call that does nothing: the measure of all others."""
        await self.health.Check(health_pb2.HealthCheckRequest(), timeout=10)

    async def create(self, solve: routing.SolveRoutePlanRequest) -> jobs_pb2.SolveJob:
        """Create a job and return it."""
        request = pb.CreateRoutePlanJobRequest(solve=solve)
        request.settings.time_to_live.FromSeconds(60)
        job: jobs_pb2.SolveJob = (await self.jobs.CreateRoutePlanJob(request, timeout=30)).job
        return job

    async def get(self, name: str) -> jobs_pb2.SolveJob:
        """Return a job as it is."""
        job: jobs_pb2.SolveJob = (
            await self.jobs.GetJob(pb.GetJobRequest(name=name), timeout=10)
        ).job
        return job

    async def until_running(self, name: str) -> None:
        """Wait until a job is being solved."""
        async for answer in self.jobs.WatchJob(pb.WatchJobRequest(name=name), timeout=60):
            if answer.job.state == jobs_pb2.SolveJob.STATE_RUNNING:
                return

    async def cancel(self, name: str) -> None:
        """End a job."""
        await self.jobs.CancelJob(pb.CancelJobRequest(name=name), timeout=10)


@asynccontextmanager
async def callers(address: str, count: int = 1) -> AsyncIterator[list[Caller]]:
    """Connect so many times."""
    channels = [
        grpc.aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
        for _ in range(count)
    ]
    try:
        yield [
            Caller(
                SolveJobServiceStub(channel),
                RoutingServiceStub(channel),
                health_pb2_grpc.HealthStub(channel),
            )
            for channel in channels
        ]
    finally:
        for channel in channels:
            await channel.close()


def solve_request(
    visits: int, *, seconds: float = 600, iterations: int | None = None, seed: int = 1
) -> routing.SolveRoutePlanRequest:
    """Return a request to solve a random problem with time windows."""
    problem = encode_problem(made("VRPTW", visits, seed), Clock(0))
    request = routing.SolveRoutePlanRequest(problem=problem)
    request.options.time_limit.FromMilliseconds(round(1000 * seconds))
    request.options.threads = 1
    if iterations is not None:
        request.options.max_iterations = iterations
    return request
