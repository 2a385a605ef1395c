"""The mailbox between a worker and a slow reader."""

from __future__ import annotations

from server.calls import Mailbox
from server.workers.frames import Kind


async def test_a_slow_reader_gets_the_newest_and_costs_no_memory() -> None:
    """Of three reports and two plans the last of each is kept, in the order they came."""
    box = Mailbox()
    for kind, message in (
        (Kind.PROGRESS, b"1"),
        (Kind.INCUMBENT, b"plan 2"),
        (Kind.PROGRESS, b"3"),
        (Kind.INCUMBENT, b"plan 4"),
        (Kind.PROGRESS, b"5"),
    ):
        box.put(kind, message)
    box.close()
    assert [message async for message in box] == [b"plan 4", b"5"]


async def test_a_closed_mailbox_ends() -> None:
    """Nothing was sent, nothing comes."""
    box = Mailbox()
    box.close()
    assert [message async for message in box] == []
