"""The board: newest first for all, whoever reads slowly."""

from __future__ import annotations

import asyncio
import time

import pytest
from alatau.common.v1 import solving_pb2

from server.errors import Reason, ServiceError
from server.jobs import board as module
from server.jobs.board import Board, SolveJob
from server.store.rows import STEP
from tests.server.jobs.asking import PREPARING, QUEUED, RUNNING, SUCCEEDED

NAME = "job"


def job(step: int, state: int = RUNNING, **fields: object) -> SolveJob:
    """Return a job as it is stored at a step."""
    return SolveJob(
        revision=step * STEP,
        state=state,
        done=state == SUCCEEDED,
        **fields,  # type: ignore[arg-type]
    )


def progress(iterations: int) -> solving_pb2.Progress:
    """Return progress."""
    return solving_pb2.Progress(iterations=iterations)


async def follow(board: Board, after: int = 0, pause: float = 0.0) -> list[SolveJob]:
    """Follow the job to its end, reading as slowly as told."""
    seen = []
    async for message in board.follow(NAME, after):
        seen.append(message)
        await asyncio.sleep(pause)
    return seen


async def test_a_slow_reader_sees_the_newest_and_costs_nothing() -> None:
    """Two hundred changes while it reads one message: it gets the last of them, then the end."""
    board = Board()
    with board.pinned(NAME, job(1)):
        slow = asyncio.create_task(follow(board, pause=0.2))
        quick = asyncio.create_task(follow(board))
        await asyncio.sleep(0)
        for number in range(200):
            board.show_progress(NAME, progress(number))
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.6)
        board.publish(NAME, job(2, SUCCEEDED))
        seen, all_seen = await slow, await quick
    assert len(all_seen) > 100 and len(seen) < len(all_seen) / 4
    assert seen[-1].state == SUCCEEDED and seen[-2].progress.iterations == 199
    for each in (seen, all_seen):
        revisions = [message.revision for message in each]
        assert revisions == sorted(set(revisions))


async def test_what_is_stored_beats_what_is_not() -> None:
    """Progress counts up between stored steps; an older step never comes back."""
    board = Board()
    with board.pinned(NAME, job(3, PREPARING)):
        board.show_progress(NAME, progress(1))
        first = board.find(NAME)
        assert first is not None and first.revision == 3 * STEP + 1
        board.publish(NAME, job(2, QUEUED))
        assert board.find(NAME) == first
        board.publish(NAME, job(4, RUNNING))
        shown = board.find(NAME)
        assert shown is not None and (shown.state, shown.revision) == (RUNNING, 4 * STEP)
    assert board.find(NAME) is None


async def test_revisions_stop_short_of_the_next_step() -> None:
    """However much progress there is, the next stored state is newer."""
    board = Board()
    almost = job(1)
    almost.revision = 2 * STEP - 3
    with board.pinned(NAME, almost):
        for number in range(5):
            board.show_progress(NAME, progress(number))
        shown = board.find(NAME)
        assert shown is not None and shown.revision == 2 * STEP - 1
        board.publish(NAME, job(2))
        assert board.find(NAME) == job(2)


async def test_many_watchers_get_fewer_reports_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty watchers at 20 ms each: one report a second, the same for all; an end at once."""
    monkeypatch.setattr(module, "PACE", 0.02)
    board = Board()
    with board.pinned(NAME, job(1)):
        tasks = [asyncio.create_task(follow(board)) for _ in range(50)]
        await asyncio.sleep(0)
        start = time.monotonic()
        count = 0
        while time.monotonic() - start < 2.2:
            count += 1
            board.show_progress(NAME, progress(count))
            await asyncio.sleep(0.01)
        board.publish(NAME, job(2, SUCCEEDED))
        ended = time.monotonic()
        every = await asyncio.gather(*tasks)
        assert time.monotonic() - ended < 0.7
    assert all(seen == every[0] for seen in every)
    assert 3 <= len(every[0]) <= 6 < count


async def test_places_in_the_queue_are_shown_once() -> None:
    """A place that did not change wakes nobody; one that did is seen."""
    board = Board()
    with board.pinned(NAME, job(1, QUEUED, queue_position=3)):
        task = asyncio.create_task(follow(board))
        for position in (3, 3, 2, 2, 1):
            await asyncio.sleep(0.01)
            board.show_position(NAME, position)
        await asyncio.sleep(0.01)
        board.publish(NAME, job(2, SUCCEEDED))
        assert [message.queue_position for message in await task] == [3, 2, 1, 0]


async def test_a_watch_resumes_after_what_is_known() -> None:
    """Nothing comes until something is newer; a job that is done comes at once."""
    board = Board()
    with board.pinned(NAME, job(1)):
        task = asyncio.create_task(follow(board, after=STEP))
        await asyncio.sleep(0.02)
        assert not task.done()
        board.publish(NAME, job(2, SUCCEEDED))
        assert await task == [job(2, SUCCEEDED)]
        assert await follow(board, after=99 * STEP) == [job(2, SUCCEEDED)]


async def test_a_lost_job_and_a_stopping_server_end_a_watch() -> None:
    """Each with its reason."""
    for end, reason in ((Board.lose, Reason.NOT_FOUND), (Board.close, Reason.STOPPING)):
        board = Board()
        with board.pinned(NAME, job(1)):
            task = asyncio.create_task(follow(board))
            await asyncio.sleep(0.01)
            end(board, *([NAME] if reason is Reason.NOT_FOUND else []))
            with pytest.raises(ServiceError) as ended:
                await task
        assert ended.value.reason is reason
