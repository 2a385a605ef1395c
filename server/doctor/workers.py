"""The workers: can be started, and solve."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from alatau.freight.v1 import routing_service_pb2

from server.doctor.finding import Finding, fail, ok
from server.errors import ServiceError
from server.settings import Settings
from server.workers.forge import Forge, WorkerDied
from server.workers.pool import WorkerPool
from server.workers.worker import Job

SECONDS = 60.0
"""Time that start and solve may take together."""


def workers(settings: Settings) -> Iterator[Finding]:
    """Check that a worker can be forked and finds the only plan of a tiny problem."""
    began = time.monotonic()
    try:
        total = asyncio.run(asyncio.wait_for(_solve(settings), SECONDS))
    except (WorkerDied, ServiceError, OSError, TimeoutError) as fault:
        why = str(fault) or f"nothing came within {SECONDS:.0f} seconds"
        yield fail("workers", f"A worker cannot be started or does not solve: {why}")
        return
    seconds = time.monotonic() - began
    if total == 10:
        yield ok("workers", f"A worker was started and solved a problem in {seconds:.1f} seconds.")
    else:
        yield fail("workers", f"A worker found a plan of cost {total} where 10 is the least.")


async def _solve(settings: Settings) -> int:
    """Return the cost of a van's way from 0 to 5 and back."""
    request = routing_service_pb2.SolveRoutePlanRequest()
    problem = request.problem
    for name, place in (("depot", 0), ("visit", 5)):
        problem.locations.add(id=name).planar.x = place
    problem.depots.add(id="depot", location="depot")
    problem.vehicle_types.add(id="van", start="depot", end="depot")
    problem.visits.add(id="visit", location="visit")
    problem.travel["default"].planar.SetInParent()
    request.options.max_iterations = 10
    forge = Forge(settings.worker_memory_mib)
    pool = WorkerPool("doctor", 1, 0, forge)
    try:
        await forge.start()
        await pool.start()
        answer = await pool.run(
            Job(name="routes.solve", request=request.SerializeToString(), seconds=10)
        )
    finally:
        await pool.close()
        await forge.close()
    return routing_service_pb2.SolveRoutePlanResponse.FromString(answer).plan.cost.total
