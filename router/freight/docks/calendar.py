"""What is free when: doors and crews, with the first moment that a truck fits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

from router.exact.docks import DockArrays


class Calendar:
    """Bookings of all doors and crews of one problem.

    >>> import numpy as np
    >>> crews = Crews([(0, 10, 1), (10, 20, 2)])
    >>> crews.book(0, 12, 1)
    >>> crews.first_fit(0, 5, 1)
    10
    """

    def __init__(self, arrays: DockArrays) -> None:
        self._starts = arrays.starts
        self._handling: list[int] = arrays.handling.tolist()
        self._need: list[int] = arrays.crews.tolist()
        self._doors = [Bookings(int(gap)) for gap in arrays.changeover]
        self._crews = Crews(arrays.crew_levels) if arrays.crew_levels else None

    def first_fit(self, truck: int, door: int, earliest: int) -> int | None:
        """Return the first start >= ``earliest`` of ``truck`` at ``door``, if any."""
        size, need = self._handling[truck], self._need[truck]
        start: int | None = earliest
        while start is not None:
            before = start
            start = _first_allowed(self._starts.get((truck, door), ()), start)
            if start is not None:
                start = self._doors[door].first_fit(start, size)
            if start is not None and self._crews is not None and need and size:
                start = self._crews.first_fit(start, size, need)
            if start == before:
                return start
        return None

    def book(self, truck: int, door: int, start: int) -> None:
        """Take the door and the crews from ``start`` on."""
        self._change(truck, door, start, 1)

    def release(self, truck: int, door: int, start: int) -> None:
        """Give back what :meth:`book` took."""
        self._change(truck, door, start, -1)

    def _change(self, truck: int, door: int, start: int, sign: int) -> None:
        end = start + self._handling[truck]
        if sign > 0:
            self._doors[door].book(start, end)
        else:
            self._doors[door].release(start, end)
        if self._crews is not None:
            self._crews.book(start, end, sign * self._need[truck])


class Bookings:
    """Disjoint bookings of one door, ``gap`` seconds between any two."""

    def __init__(self, gap: int) -> None:
        self._gap = gap
        self._spans: list[tuple[int, int]] = []

    def book(self, start: int, end: int) -> None:
        """Take [start, end]."""
        insort(self._spans, (start, end))

    def release(self, start: int, end: int) -> None:
        """Give [start, end] back."""
        self._spans.remove((start, end))

    def first_fit(self, start: int, size: int) -> int:
        """Return the first moment >= ``start`` with ``size`` seconds free."""
        spans, gap = self._spans, self._gap
        i = bisect_left(spans, (start, start + size))
        if i and spans[i - 1][1] + gap > start:
            start = spans[i - 1][1] + gap
        while i < len(spans) and spans[i][0] < start + size + gap:
            start = max(start, spans[i][1] + gap)
            i += 1
        return start


class Crews:
    """Free crews as a step function over the horizon."""

    def __init__(self, levels: Sequence[tuple[int, int, int]]) -> None:
        self._times = [begin for begin, _, _ in levels] + [levels[-1][1]]
        self._free = [level for _, _, level in levels] + [levels[-1][2]]

    def book(self, start: int, end: int, count: int) -> None:
        """Take ``count`` crews (give back where negative) from start until end."""
        if start < end:
            for i in range(self._split(start), self._split(end)):
                self._free[i] -= count

    def first_fit(self, start: int, size: int, need: int) -> int | None:
        """Return the first moment >= ``start`` with ``need`` free for ``size`` seconds."""
        times, free, last = self._times, self._free, len(self._times)
        i = max(0, bisect_right(times, start) - 1)
        while i < last and times[i] < start + size:
            if free[i] < need:
                while i < last and free[i] < need:
                    i += 1
                if i == last:
                    return None
                start = times[i]
            i += 1
        return start

    def _split(self, moment: int) -> int:
        i = bisect_left(self._times, moment)
        if i == len(self._times) or self._times[i] != moment:
            self._times.insert(i, moment)
            self._free.insert(i, self._free[i - 1])
        return i


def _first_allowed(spans: Sequence[tuple[int, int]], start: int) -> int | None:
    for low, high in spans:
        if start <= high:
            return max(start, low)
    return None
