"""What a job sees: its time, its stop flag, and a monitor that does not flood."""

from __future__ import annotations

import time

import pytest

from router.solving import Progress
from server.workers.seat import KEPT_BACK, LEAST_SECONDS, Seat

Sent = list[tuple[bytes, bool]]


def seat(seconds: float, deadline: float | None, sent: Sent | None = None) -> Seat:
    """Return a seat that notes what is sent."""
    notes = [] if sent is None else sent
    return Seat(seconds, deadline, lambda: False, lambda *what: notes.append(what))


def test_the_limit_holds_without_a_deadline() -> None:
    """Ten seconds are ten seconds."""
    assert seat(10, None).solve_seconds() == pytest.approx(10, abs=0.05)


def test_the_earlier_of_limit_and_deadline_holds() -> None:
    """A deadline in 2 s beats a limit of 10, and a limit of 1 beats the deadline."""
    soon = time.monotonic() + 2
    assert seat(10, soon).solve_seconds() == pytest.approx(2, abs=0.05)
    assert seat(1, soon).solve_seconds() == pytest.approx(1, abs=0.05)


def test_time_is_kept_back_for_what_follows_the_solve() -> None:
    """After 0.1 s of decoding, 0.15 of the 0.9 s left are for judging and encoding."""
    place = seat(10, time.monotonic() + 1)
    time.sleep(0.1)
    assert place.solve_seconds() == pytest.approx(0.9 - KEPT_BACK * 0.1, abs=0.05)


def test_at_most_half_of_the_time_is_kept_back() -> None:
    """After 0.2 of 0.3 s, half of the rest is for the solve."""
    place = seat(10, time.monotonic() + 0.3)
    time.sleep(0.2)
    assert 0 < place.solve_seconds() <= 0.051


def test_a_deadline_in_the_past_leaves_the_least() -> None:
    """A solver always gets a limit above 0."""
    assert seat(10, time.monotonic() - 1).solve_seconds() == LEAST_SECONDS


def test_an_incumbent_in_a_pause_is_sent_with_the_next_report() -> None:
    """Reports at 0 and 0.15 s are sent; the plan of 0.01 s comes with the second."""
    sent: Sent = []
    monitor = seat(10, None, sent).reporting(
        lambda progress, plan: f"{progress.iterations} {plan}".encode(), incumbents=True
    )
    monitor.report(Progress(seconds=0, iterations=1))
    monitor.report(Progress(seconds=0, iterations=2), lambda: "plan 2")
    monitor.report(Progress(seconds=0, iterations=3))
    assert sent == [(b"1 None", False)]
    time.sleep(0.15)
    monitor.report(Progress(seconds=0, iterations=4))
    assert sent[1:] == [(b"4 plan 2", True)]


def test_plans_are_not_built_for_those_who_do_not_want_them() -> None:
    """Without incumbents the plan is never asked for."""
    sent: Sent = []

    def build() -> object:
        raise AssertionError("nobody wants it")

    monitor = seat(10, None, sent).reporting(lambda progress, plan: b"x", incumbents=False)
    monitor.report(Progress(seconds=0), build)
    assert sent == [(b"x", False)]
    seat(10, None).quiet().report(Progress(seconds=0), build)
