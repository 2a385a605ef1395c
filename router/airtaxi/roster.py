"""Who flies which aircraft when: the roster that the search works under.

A pilot's day is planned as one *duty*: a span of time in which the pilot flies one
aircraft, which stands at the pilot's base when the duty begins and when it ends. Duties of
one aircraft follow each other; outside of them, and in breaks, it may charge but not
fly. So each rule of ``docs/airtaxi_model.md`` holds for whatever is flown within the duties,
but for the most flight time, which the search counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, Pilot
from router.airtaxi.problem import AirTaxiProblem
from router.timewindow import TimeWindow

BIN_S = 900
"""Duties begin at whole multiples of this after the moment at which they could."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One pilot with one aircraft."""

    pilot: str
    base: str
    window: TimeWindow
    """Every block time lies in it."""
    breaks: tuple[TimeWindow, ...] = ()
    """No flight meets any of them."""
    max_flight_s: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """The duties of each aircraft in the order of time, by its position."""

    duties: tuple[tuple[Duty, ...], ...]
    piloted: tuple[bool, ...]
    """Whether the aircraft flies with a pilot only."""

    def end(self, a: int) -> str | None:
        """Return where an aircraft has to be at the end of its last duty, if it has any."""
        return self.duties[a][-1].base if self.duties[a] else None

    def rests(self, a: int, horizon: TimeWindow) -> list[TimeWindow]:
        """Return when an aircraft may not fly for want of a pilot, ascending."""
        if not self.piloted[a]:
            return []
        found, since = [], horizon.start
        for duty in self.duties[a]:
            if since < duty.window.start:
                found.append(TimeWindow(since, duty.window.start - 1))
            found += duty.breaks
            since = duty.window.end + 1
        return [*found, TimeWindow(since, horizon.end)] if since <= horizon.end else found

    def handovers(self, tail: Aircraft, a: int) -> list[tuple[str, TimeWindow]]:
        """Return where and when an aircraft has to stand between two of its duties."""
        found = []
        for before, after in zip(self.duties[a], self.duties[a][1:], strict=False):
            between = TimeWindow(before.window.end + 1, after.window.start)
            downs = [d for d in tail.downtimes if d.vertiport == before.base]
            if not any(d.window.overlaps(between) for d in downs):
                found.append((before.base, TimeWindow(between.start, between.start)))
        return found

    def pilot(self, a: int, off_block: int) -> str | None:
        """Return who flies an aircraft at a moment."""
        return next((d.pilot for d in self.duties[a] if off_block in d.window), None)

    def limits(self, a: int) -> list[Duty]:
        """Return the duties in which not all the time may be flown."""
        return [d for d in self.duties[a] if d.max_flight_s < d.window.end - d.window.start]


def draw_up(problem: AirTaxiProblem) -> Roster:
    """Give each pilot the aircraft and the hours in which most passengers want to fly.

    Pilots choose one after the other, those who begin first before the others. An hour counts
    the less the more aircraft are flown in it already.
    """
    piloted = tuple(
        bool(problem.pilots) and problem.type_of(a.id).needs_pilot for a in problem.aircraft
    )
    duties: list[list[Duty]] = [[] for _ in problem.aircraft]
    wish = _wish(problem)
    flown = np.zeros(len(wish))
    for pilot in sorted(problem.pilots, key=lambda p: (p.shift.start, p.shift.end, p.id)):
        offers = [
            (_worth(wish, flown, problem, tail, w), -a, w.start, a, w)
            for a, tail in enumerate(problem.aircraft)
            if piloted[a] and _may_take(pilot, tail)
            for w in _windows(problem, pilot, tail, duties[a])
        ]
        if not offers:
            continue
        *_, a, window = max(offers)
        duties[a].append(
            Duty(pilot.id, pilot.base, window, _breaks(pilot, window), pilot.max_flight_s)
        )
        duties[a].sort(key=lambda d: d.window.start)
        flown[_bins(problem.horizon, window)] += 1
    return Roster(tuple(map(tuple, duties)), piloted)


def _wish(problem: AirTaxiProblem) -> NDArray[np.float64]:
    """Return how much is asked for in each bin of the day, never nothing."""
    span = problem.horizon.end - problem.horizon.start
    wish = np.full(span // BIN_S + 1, 1e-3)
    riders: tuple[Trip | TimetableFlight, ...] = (*problem.trips, *problem.timetable)
    for rider in riders:
        window = rider.departure if isinstance(rider, Trip) else rider.off_block
        cell = (window.start - problem.horizon.start) // BIN_S
        if 0 <= cell < len(wish):
            wish[cell] += rider.party if isinstance(rider, Trip) else 4.0
    return wish


def _bins(horizon: TimeWindow, window: TimeWindow) -> slice:
    return slice((window.start - horizon.start) // BIN_S, (window.end - horizon.start) // BIN_S + 1)


def _worth(
    wish: NDArray[np.float64],
    flown: NDArray[np.float64],
    problem: AirTaxiProblem,
    tail: Aircraft,
    window: TimeWindow,
) -> float:
    """Return what a duty is good for: who asks while there is time to fly out and back."""
    last = window.end - _round_trip_s(problem, tail)
    if last < window.start:
        return 0.0
    bins = _bins(problem.horizon, TimeWindow(window.start, last))
    return round(float((wish[bins] / (1.0 + flown[bins])).sum()), 6)


def _round_trip_s(problem: AirTaxiProblem, tail: Aircraft) -> int:
    """Return about the shortest time from an off-block at the start to an on-block there."""
    kind = problem.type[tail.type]
    flights = [
        problem.vertiport[c.origin].taxi_s
        + problem.vertiport[c.origin].takeoff_s
        + min(s.seconds for s in c.steps(kind.id))
        + problem.vertiport[c.destination].landing_s
        + problem.vertiport[c.destination].taxi_s
        for c in problem.corridors
        if c.origin == tail.start and c.steps(kind.id)
    ]
    return 2 * min(flights, default=0) + kind.turnaround_s


def _may_take(pilot: Pilot, tail: Aircraft) -> bool:
    """Return whether an aircraft can begin and end its day at the pilot's base."""
    return (
        (not pilot.types or tail.type in pilot.types)
        and tail.start == pilot.base
        and tail.end in (None, pilot.base)
    )


def _windows(
    problem: AirTaxiProblem, pilot: Pilot, tail: Aircraft, taken: Sequence[Duty]
) -> list[TimeWindow]:
    """Return the duties that a pilot could have with an aircraft, as long as they may be."""
    start = max(pilot.shift.start, tail.available_from, problem.horizon.start)
    end = min(pilot.shift.end, tail.available_until, problem.horizon.end)
    away = [
        d.window for d in tail.downtimes if d.vertiport is not None and d.vertiport != pilot.base
    ]
    found = []
    for free in _free(start, end, [d.window for d in taken]):
        length = min(free.end - free.start, pilot.max_duty_s)
        if pilot.break_s * 2 > length:  # no break fits in
            length = min(length, pilot.max_work_s)
        for begin in [*range(free.start, free.end - length, BIN_S), free.end - length]:
            window = TimeWindow(begin, begin + length)
            if not any(begin in d or begin + length in d for d in away):
                found.append(window)
    return found


def _free(start: int, end: int, taken: Sequence[TimeWindow]) -> list[TimeWindow]:
    found = []
    for busy in [*taken, TimeWindow(end + 1, end + 1)]:
        if start < min(busy.start - 1, end):
            found.append(TimeWindow(start, min(busy.start - 1, end)))
        start = max(start, busy.end + 1)
    return found


def _breaks(pilot: Pilot, window: TimeWindow) -> tuple[TimeWindow, ...]:
    """Return evenly spread breaks between which no more than ``max_work_s`` passes."""
    length = window.end - window.start
    if length <= pilot.max_work_s:
        return ()
    rest = max(1, pilot.break_s)
    count = -(-(length - pilot.max_work_s) // (pilot.max_work_s + rest))
    work = -(-(length - count * rest) // (count + 1))
    starts = [window.start + (i + 1) * work + i * rest for i in range(count)]
    return tuple(TimeWindow(s, s + rest - 1) for s in starts)
