"""What a job sees of the process that it runs in: time, stop flag, way out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from router.solving import Monitor, Progress
from server.workers.frames import Figures, Stage

INTERVAL = 0.1
"""Least seconds between two reports of progress."""
LEAST_SECONDS = 0.001
"""A solver gets at least this, so that it has a positive limit."""
KEPT_BACK = 1.5
"""Time for what follows a solve in units of the time before it; measured for
1,000 visits: decoding 44 ms, judging 16 ms, encoding 25 ms."""

Encode = Callable[[Progress, object | None], bytes]


class Seat:
    """The place of one job in a worker process.

    Parameters
    ----------
    seconds
        Time that the solve may take.
    deadline
        Moment of ``time.monotonic()`` by which it must have ended, or ``None``.
    stopped
        Tells whether the server wants the best plan now.
    send
        Sends a message of progress; the flag says that it carries a new plan.
    traceparent
        The span that the job belongs to, for whatever it calls; empty: none.
    """

    def __init__(
        self,
        seconds: float,
        deadline: float | None,
        stopped: Callable[[], bool],
        send: Callable[[bytes, bool], None],
        traceparent: str = "",
    ) -> None:
        self.traceparent = traceparent
        self._stages: list[Stage] = []
        self._monitors: list[SeatMonitor] = []
        self._opened = time.monotonic()
        self._end = self._opened + seconds
        self._deadline = deadline
        self._stopped = stopped
        self._send = send

    def solve_seconds(self) -> float:
        """Return the time that a solve which begins now may take, always above 0.

        Of the time until the deadline, as much is kept back for judging and
        encoding the plan as decoding the request has taken, times
        :data:`KEPT_BACK`, and at most half.
        """
        now = time.monotonic()
        left = self._end - now
        if self._deadline is not None:
            until = self._deadline - now
            left = min(left, until - min(KEPT_BACK * (now - self._opened), until / 2))
        return max(LEAST_SECONDS, left)

    def quiet(self) -> Monitor:
        """Return a monitor that stops the solve and reports nothing."""
        return self._noted(SeatMonitor(self._stopped))

    def reporting(self, encode: Encode, *, incumbents: bool, plan_share: float = 1.0) -> Monitor:
        """Return a monitor that also sends what ``encode`` makes of progress.

        With ``incumbents``, reports carry improved plans, and at most ``plan_share``
        of the time goes into making them.
        """
        return self._noted(
            SeatMonitor(
                self._stopped, encode, self._send, incumbents=incumbents, plan_share=plan_share
            )
        )

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a part of the work: ``validate``, ``solve`` or ``encode``."""
        began = time.time_ns()
        try:
            yield
        finally:
            self._stages.append(Stage(name, began, time.time_ns()))

    def figures(self) -> Figures:
        """Return what was measured so far."""
        last = [monitor.last for monitor in self._monitors if monitor.last is not None]
        return Figures(
            self.traceparent,
            tuple(self._stages),
            iterations=sum(progress.iterations for progress in last),
            gap=last[-1].gap if last else None,
        )

    def _noted(self, monitor: SeatMonitor) -> SeatMonitor:
        self._monitors.append(monitor)
        return monitor


class SeatMonitor:
    """A :class:`router.solving.Monitor` that writes to the server."""

    def __init__(
        self,
        stopped: Callable[[], bool],
        encode: Encode | None = None,
        send: Callable[[bytes, bool], None] | None = None,
        *,
        incumbents: bool = False,
        plan_share: float = 1.0,
    ) -> None:
        self._is_stopped = stopped
        self._encode = encode
        self._send = send
        self._incumbents = incumbents
        self._plan_share = plan_share
        self._next_plan = 0.0
        self._pending: Callable[[], object] | None = None
        self._next = 0.0
        self.last: Progress | None = None

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Send progress, at most every :data:`INTERVAL`.

        An incumbent that falls into a pause is sent with the next report.
        """
        self.last = progress
        if self._encode is None or self._send is None:
            return
        if incumbent is not None and self._incumbents:
            self._pending = incumbent
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + INTERVAL
        if self._pending is None or now < self._next_plan:
            self._send(self._encode(progress, None), False)
            return
        plan, self._pending = self._pending(), None
        message = self._encode(progress, plan)
        done = time.monotonic()
        self._next_plan = done + (done - now) * (1 / self._plan_share - 1)
        self._send(message, True)

    def stopped(self) -> bool:
        """Return whether the server wants the best plan now."""
        return self._is_stopped()
