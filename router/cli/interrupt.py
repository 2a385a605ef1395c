"""Ctrl-C during a solve: the search ends and its best plan is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from router.solving import Monitor


@contextmanager
def interruptible(monitor: Monitor) -> Iterator[Monitor]:
    """Give ``monitor``, which also stops the solve at the first Ctrl-C.

    The second is an interrupt as ever. Outside the main thread, which alone
    hears signals, ``monitor`` is given as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield monitor
        return
    interrupted = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, before)

    class Interruptible:
        report = staticmethod(monitor.report)

        @staticmethod
        def stopped() -> bool:
            return monitor.stopped() or interrupted

    before = signal.signal(signal.SIGINT, note)
    try:
        yield Interruptible()
    finally:
        signal.signal(signal.SIGINT, before)
