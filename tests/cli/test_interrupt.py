"""Ctrl-C during a solve."""

from __future__ import annotations

import signal
import threading

import pytest

from router.cli.interrupt import interruptible
from router.solving import Silent


def test_the_first_interrupt_asks_the_search_to_stop() -> None:
    """The second is an interrupt as ever; afterwards all is as before."""
    before = signal.getsignal(signal.SIGINT)
    with interruptible(Silent()) as monitor:
        assert not monitor.stopped()
        signal.raise_signal(signal.SIGINT)
        assert monitor.stopped()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_only_the_main_thread_hears_interrupts() -> None:
    """Elsewhere the monitor is passed on as it is."""
    given, found = Silent(), []

    def listen() -> None:
        with interruptible(given) as monitor:
            found.append(monitor)

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert found == [given]
