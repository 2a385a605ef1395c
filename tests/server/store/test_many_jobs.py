"""Ten thousand jobs listed page by page while others are made: all, once, at a steady pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from alatau.jobs.v1 import jobs_pb2
from alatau.jobs.v1 import jobs_service_pb2 as pb

from server.jobs import names
from server.jobs.board import Board
from server.jobs.service import JobService
from server.settings import Settings
from server.store.gateway import Store
from server.store.records import Cancel, State
from server.store.schema import JOBS
from tests.server.store.test_store import a_job, created

MANY, PAGE = 10_000, 100
TOGETHER = 7
"""So many jobs of the same microsecond."""
MOST_MADE = 30
"""Jobs made during one listing at most."""
SECONDS = 1.0
"""Longest time of a page; it takes milliseconds where nobody else uses the machine."""
SUCCEEDED = jobs_pb2.SolveJob.STATE_SUCCEEDED


def rows(moment: int) -> Iterator[dict[str, Any]]:
    """Yield jobs of the city, every second of Monday, and here and there one of a village."""
    for number in range(MANY + MANY // 10):
        workspace = "village" if number % 11 == 10 else "city"
        day = ("mon", "tue")[number % 11 % 2]
        yield asdict(a_job(workspace=workspace, labels={"day": day})) | {
            "state": State.SUCCEEDED,
            "revision": 1,
            "created": moment + number // TOGETHER,
            "attempt": 1,
            "deaths": 0,
            "cancel": Cancel.NO,
            "fence": 1,
        }


@pytest.fixture
async def service(store: Store) -> JobService:
    """Return the service on a store with the jobs."""
    moment = time.time_ns() // 1000 - 3600 * 1_000_000
    await store.write(lambda c: c.execute(sa.insert(JOBS), list(rows(moment))))
    nobody: Any = None
    return JobService(store, Board(), nobody, Settings(store="sqlite:///unused.db"))


async def pages(service: JobService, **wanted: Any) -> tuple[list[jobs_pb2.SolveJob], list[float]]:
    """Return the city's jobs, and the seconds that each page took."""
    request = pb.ListJobsRequest(page_size=PAGE, **wanted)
    found, seconds = [], []
    while True:
        start = time.perf_counter()
        page = await service.page(request, "city")
        seconds.append(time.perf_counter() - start)
        found += page.jobs
        if not page.next_page_token:
            return found, seconds
        request.page_token = page.next_page_token


async def make_others(store: Store, until: asyncio.Event) -> int:
    """Create jobs that fit the filter too, one after the other; return how many."""
    made = 0
    while not until.is_set() and made < MOST_MADE:
        await created(store, labels={"day": "mon"}, request_id=names.new_id())
        made += 1
        await asyncio.sleep(0.02)
    return made


async def test_ten_thousand_jobs_by_pages(service: JobService, store: Store) -> None:
    """No job is missing or twice, newest first, and no page takes long: all, half and none."""
    monday = {"labels": {"day": "mon"}, "states": [SUCCEEDED], "kind": "routes"}
    sunday = {"labels": {"day": "sun"}}
    for wanted, count in (({}, MANY), (monday, MANY // 2), (sunday, 0)):
        done = asyncio.Event()
        making = asyncio.create_task(make_others(store, done))
        found, seconds = await pages(service, **wanted)
        done.set()
        assert await making > 0
        assert len([job for job in found if not job.request_id]) == count
        assert len({job.name for job in found}) == len(found)
        moments = [job.create_time.ToNanoseconds() for job in found]
        assert all(one >= other for one, other in pairwise(moments))
        assert len(seconds) >= max(1, count // PAGE)
        assert max(seconds) < SECONDS
