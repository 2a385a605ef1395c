"""Places at the workers, and the line of those who wait for one."""

from __future__ import annotations

import asyncio
from collections import deque


class Line:
    """Gives places in the order in which they were asked for.

    A place that is left goes straight to the next in line. ``asyncio.Semaphore`` under
    ``asyncio.wait_for`` takes three turns of the event loop more, in which a busy server
    answers other calls while the worker has nothing to do.

    Parameters
    ----------
    places
        How many may be held at once.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def full(self) -> bool:
        """Whether who comes now has to wait."""
        return self._free == 0

    async def enter(self, seconds: float | None) -> None:
        """Take a place.

        Raises
        ------
        TimeoutError
            If none is to be had within ``seconds``.
        """
        if self._free:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        late = None if seconds is None else loop.call_later(seconds, _give_up, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()
            raise
        finally:
            if late is not None:
                late.cancel()
            if turn in self._waiting:  # it was given up
                self._waiting.remove(turn)

    def leave(self) -> None:
        """Give a place back."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def _give_up(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
