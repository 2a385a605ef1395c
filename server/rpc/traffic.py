"""How many calls are in progress, and whether new ones are still let in."""

from __future__ import annotations

import asyncio

from server.errors import Reason, ServiceError

RETRY_SECONDS = 1.0
"""When to try again: another server answers then, or this one has room."""


class Traffic:
    """Counts calls over all listeners.

    Parameters
    ----------
    most
        Calls in progress at once; more are refused.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.draining = False

    @property
    def running(self) -> int:
        """Calls in progress."""
        return self._running

    def enter(self) -> None:
        """Let a call in.

        Raises
        ------
        ServiceError
            STOPPING or TOO_MANY_CALLS.
        """
        if self.draining:
            text = "The server is stopping; ask another one."
            raise ServiceError(Reason.STOPPING, text, retry_seconds=RETRY_SECONDS)
        if self._running >= self._most:
            text = f"{self._running} calls are in progress, as many as may; try again later."
            limit = {"max_rpcs": str(self._most)}
            raise ServiceError(Reason.TOO_MANY_CALLS, text, limit, retry_seconds=RETRY_SECONDS)
        self._running += 1
        self._idle.clear()

    def leave(self) -> None:
        """Note the end of a call that was let in."""
        self._running -= 1
        if not self._running:
            self._idle.set()

    def drain(self) -> None:
        """Let no more calls in."""
        self.draining = True

    async def idle(self, seconds: float) -> bool:
        """Wait until no call is in progress; return whether that came to be."""
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            return False
        return True
