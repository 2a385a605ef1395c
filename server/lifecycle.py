"""What else lives and ends with the server beside its calls."""

from __future__ import annotations

from typing import Protocol


class Companion(Protocol):
    """A part of the server with work of its own, such as a runner of jobs."""

    async def start(self) -> None:
        """Begin; the worker processes are there, the listeners not yet."""
        ...

    async def drain(self) -> None:
        """Begin nothing more and give back what has not begun; returns at once.

        Called when the server is told to stop. Calls in progress get the grace
        of the settings from now on, and :data:`server.app.LAST_SECONDS` before
        its end running solves are asked for their best plan.
        """
        ...

    async def close(self) -> None:
        """End; the listeners are closed, the worker processes still there."""
        ...
