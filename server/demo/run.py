"""Planning all parts through the client, two at a time, and judging each plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from alatau_client import Client

from server.demo.part import DemoPart, Outcome

AT_ONCE = 2
"""Solves that run at once; the server's own limit may be lower."""
Listener = Callable[[DemoPart, Any], None]
"""Hears of each report of a running solve: the part, and its progress."""


def plan_all(
    client: Client, parts: Sequence[DemoPart], *, seconds: float, seed: int, heard: Listener
) -> Iterator[Outcome]:
    """Yield each part's outcome as soon as it is planned and judged.

    If one fails, or the caller is interrupted, the others are cancelled.

    Raises
    ------
    ApiError
        Of the class that fits.
    """
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="demo")
    try:
        futures = [pool.submit(plan, client, part, seconds, seed, heard) for part in parts]
        for future in as_completed(futures):
            yield future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        client.close()
        raise
    pool.shutdown()


def plan(client: Client, part: DemoPart, seconds: float, seed: int, heard: Listener) -> Outcome:
    """Plan one part as a job, and have the plan judged by Evaluate."""
    service = part.service(client)
    began = time.monotonic()
    job = client.jobs.create(part.message, kind=part.name, time_limit=seconds, seed=seed)
    for status in job.watch():
        if status.HasField("progress"):
            heard(part, status.progress)
    message = job.result().plan
    passed = time.monotonic() - began
    decoded = part.decode(message)
    return Outcome(
        part=part,
        message=message,
        plan=decoded,
        verdict=service.evaluate(part.message, message),
        seconds=passed,
        figures=part.figures(part.problem, decoded),
    )
