"""Free doors and crews against a second-by-second count."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from router.freight.docks.calendar import Bookings, Crews


def test_bookings_by_hand() -> None:
    """[10, 20] and [30, 40] with a gap of 2: 6 s fit in [22, 28], 7 s only from 42."""
    door = Bookings(2)
    door.book(30, 40)
    door.book(10, 20)
    assert door.first_fit(0, 8) == 0
    assert door.first_fit(9, 6) == 22
    assert door.first_fit(9, 7) == 42
    door.release(10, 20)
    assert door.first_fit(9, 7) == 9


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=8),
    st.integers(0, 3),
    st.integers(0, 40),
    st.integers(0, 8),
)
def test_bookings_against_every_second(
    wanted: list[tuple[int, int]], gap: int, start: int, size: int
) -> None:
    """The first fit is the first second whose booking keeps the gap to all others."""
    door, taken = Bookings(gap), []
    for begin, length in wanted:
        moment = door.first_fit(begin, length)
        door.book(moment, moment + length)
        taken.append((moment, moment + length))

    def free(moment: int) -> bool:
        spans = sorted([*taken, (moment, moment + size)])
        return all(b[0] >= a[1] + gap for a, b in itertools.pairwise(spans))

    assert door.first_fit(start, size) == next(m for m in range(start, 500) if free(m))


@given(
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 6)), max_size=5),
    st.integers(0, 12),
    st.integers(1, 6),
    st.integers(1, 3),
)
def test_crews_against_every_second(
    levels: list[int], booked: list[tuple[int, int]], start: int, size: int, need: int
) -> None:
    """The first fit is the first second from which enough crews stay free."""
    crews = Crews([(5 * i, 5 * i + 5, level) for i, level in enumerate(levels)])
    free = [levels[min(3, s // 5)] for s in range(60)]
    for begin, length in booked:
        crews.book(begin, begin + length, 1)
        for s in range(begin, begin + length):
            free[s] -= 1
    fits = [m for m in range(start, 50) if min(free[m : m + size]) >= need]
    found = crews.first_fit(start, size, need)
    assert found == (fits[0] if fits else None)
