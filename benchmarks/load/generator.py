"""Calls at a fixed rate, whatever becomes of the ones before.

Each call has a moment at which it is due, and its latency counts from then, so that a
server that stalls is not spared the calls that would have come meanwhile. Closed loops
(a user who waits for an answer before the next call), which is what the well-known
generators offer for gRPC in Python, hide exactly that.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import grpc
import numpy as np

Call = Callable[[int], Awaitable[object]]
OK = "OK"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one call went.

    Attributes
    ----------
    due
        Seconds from the start at which it was to be made.
    latency
        Seconds from then until its answer.
    code
        Its status.
    """

    due: float
    latency: float
    code: str


async def at_rate(call: Call, rate: float, seconds: float) -> list[Outcome]:
    """Make ``rate`` calls a second for some seconds and return how they went."""
    start = time.perf_counter()
    outcomes: list[Outcome] = []

    async def one(number: int, due: float) -> None:
        code = await status(call(number))
        outcomes.append(Outcome(due, time.perf_counter() - start - due, code))

    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = number / rate
            pause = start + due - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            group.create_task(one(number, due))
    return outcomes


async def status(answer: Awaitable[object]) -> str:
    """Return the status of a call by its name."""
    try:
        await answer
    except grpc.RpcError as refused:
        return str(refused.code().name)
    return OK


def latencies(outcomes: Sequence[Outcome], code: str = OK) -> list[float]:
    """Return the latencies in milliseconds of the calls that ended with a status."""
    return [1e3 * each.latency for each in outcomes if each.code == code]


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of all does not exceed, NaN of none."""
    return float(np.quantile(values, share, method="higher")) if len(values) else float("nan")


def goodput(outcomes: Sequence[Outcome], seconds: float) -> float:
    """Return the calls a second that were answered."""
    return sum(each.code == OK for each in outcomes) / seconds


def codes(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return how many calls ended with each status."""
    return dict(Counter(each.code for each in outcomes))
