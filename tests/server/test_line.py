"""Places at the workers are given in order, and none is lost."""

from __future__ import annotations

import asyncio

import pytest

from server.workers.line import Line


async def test_places_go_to_those_who_came_first() -> None:
    """One place, three who want it: they get it as they came."""
    line, got = Line(1), list[str]()

    async def visit(name: str) -> None:
        await line.enter(None)
        got.append(name)
        await asyncio.sleep(0)
        line.leave()

    await asyncio.gather(*(visit(name) for name in "abc"))
    assert got == ["a", "b", "c"]
    assert not line.full


async def test_who_waits_too_long_is_told() -> None:
    """After 10 ms; the place that is left later is free for others."""
    line = Line(1)
    await line.enter(None)
    with pytest.raises(TimeoutError):
        await line.enter(0.01)
    line.leave()
    await line.enter(0.01)
    assert line.full


async def test_a_place_given_to_somebody_who_left_goes_on() -> None:
    """A caller is cancelled in the very turn in which the place becomes theirs."""
    line = Line(1)
    await line.enter(None)
    first, second = (asyncio.create_task(line.enter(None)) for _ in range(2))
    await asyncio.sleep(0)
    line.leave()
    first.cancel()
    await asyncio.wait_for(second, 1)
    assert first.cancelled()
    line.leave()
    assert not line.full


async def test_a_storm_of_leavers_leaves_nothing() -> None:
    """1,000 wait and are cancelled; nobody stands in the line any more."""
    line = Line(1)
    await line.enter(None)
    tasks = [asyncio.create_task(line.enter(60)) for _ in range(1000)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not line._waiting
    line.leave()
    assert not line.full
