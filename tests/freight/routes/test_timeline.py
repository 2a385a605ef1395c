"""The best start of a route, against trying every start."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from router.freight.routes.timeline import Event, best_timing, run

HORIZON = 60


def chain_of(
    rows: list[tuple[int, int, tuple[tuple[int, int], ...]]],
) -> tuple[Event, ...]:
    """Return events of (travel, service, spans)."""
    return tuple(Event(0, 0, travel, spans, service) for travel, service, spans in rows)


def shortest_by_trying(chain: tuple[Event, ...]) -> int | None:
    """Return the least duration over every start, ``None`` where all are late."""
    durations = []
    for start in range(HORIZON):
        timing = run(chain, start)
        if not any(timing.late) and timing.starts[0] == start:
            durations.append(timing.duration)
    return min(durations, default=None)


def test_the_second_window_may_be_shorter_overall() -> None:
    """Stops 5 apart; the first [0, 9] or [20, 29], the second [25, 40].

    Started at 4 the first is served at 9, the second at 25: 21 in all. Started
    at 15 they are served at 20 and 25: 10.
    """
    chain = chain_of([(0, 0, ((0, 50),)), (5, 0, ((0, 9), (20, 29))), (5, 0, ((25, 40),))])
    timing = best_timing(chain)
    assert (timing.starts, timing.duration) == ((15, 20, 25), 10)


def test_a_late_route_runs_from_the_first_moment() -> None:
    """The stop closes at 4 and is reached at 5; it counts as served then."""
    timing = best_timing(chain_of([(0, 0, ((0, 50),)), (5, 0, ((0, 4),)), (1, 0, ((0, 50),))]))
    assert timing.late == (False, True, False)
    assert timing.starts == (0, 5, 6)


def test_a_first_event_that_cannot_start_is_late() -> None:
    """Its windows are empty: the release is after the depot closes."""
    assert best_timing(chain_of([(0, 0, ()), (5, 0, ((0, 50),))])).late[0]


@st.composite
def chains(draw: st.DrawFn) -> tuple[Event, ...]:
    """Draw up to five events with up to three windows each."""
    rows = []
    for i in range(draw(st.integers(2, 5))):
        bounds = sorted(
            draw(st.lists(st.integers(0, HORIZON - 1), min_size=2, max_size=6, unique=True))
        )
        spans = tuple(zip(bounds[::2], bounds[1::2], strict=False))
        rows.append((draw(st.integers(0, 8)) if i else 0, draw(st.integers(0, 5)), spans))
    return chain_of(rows)


@given(chains())
def test_least_duration_against_trying_every_start(chain: tuple[Event, ...]) -> None:
    """The candidates that are looked at hold one of least duration."""
    timing = best_timing(chain)
    shortest = shortest_by_trying(chain)
    if shortest is None:
        assert any(timing.late)
    else:
        assert not any(timing.late)
        assert timing.duration == shortest


@given(chains(), st.randoms(use_true_random=False))
def test_a_later_start_never_ends_earlier(chain: tuple[Event, ...], rng: random.Random) -> None:
    """Runs are monotone in their start, which the search for the best rests on."""
    one, other = sorted(rng.choices(range(HORIZON), k=2))
    if not any(run(chain, other).late):
        assert run(chain, one).starts[-1] <= run(chain, other).starts[-1]
