"""What one aircraft alone could reach at best: where it can be, when, with how much charge.

Time is cut into at most :data:`CELLS` cells. For each cell and vertiport the sweep keeps the
most charge that the aircraft can have there by the end of the cell. Everything that other
aircraft hold is left out, flights take the least time and energy of their cell, and charging
starts at once with the strongest charger: no plan lets an aircraft do more. What is
out of reach here is out of reach of every plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.airtaxi.charging import MICROSECONDS, fill_times
from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType
from router.airtaxi.network import Corridor
from router.airtaxi.problem import AirTaxiProblem
from router.timewindow import TimeWindow

CELLS = 720
LEAST_CELL_S = 60
NEVER = 2**40
"""An on-block that no flight has, seconds."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Landing:
    """One way to be on a stand: ``on`` in seconds from the horizon's start, charge in Wh."""

    on: int
    port: int
    soc_wh: int
    turnaround_s: int


class Reach:
    """The best that any aircraft of one type can do.

    Parameters
    ----------
    problem
        The day.
    kind
        The type of the aircraft that are asked about.
    """

    def __init__(self, problem: AirTaxiProblem, kind: AircraftType) -> None:
        self.problem, self.kind = problem, kind
        self.start = problem.horizon.start
        self.span = problem.horizon.end - self.start
        self.cell_s = max(LEAST_CELL_S, -(-self.span // CELLS))
        self.cells = self.span // self.cell_s + 1
        self.port = {v.id: i for i, v in enumerate(problem.vertiports)}
        self.corridors = [c for c in problem.corridors if c.steps(kind.id)]
        self.origin = np.array([self.port[c.origin] for c in self.corridors], np.int64)
        self.destination = np.array([self.port[c.destination] for c in self.corridors], np.int64)
        self.on = np.full((self.cells, len(self.corridors)), NEVER)
        self.energy = np.zeros((self.cells, len(self.corridors)), np.int64)
        for i, corridor in enumerate(self.corridors):
            self._fly(i, corridor)
        self._plug_in()

    def _fly(self, i: int, corridor: Corridor) -> None:
        """Note the earliest on-block and the least energy of the departures in each cell."""
        o, t = self.problem.vertiport[corridor.origin], self.problem.vertiport[corridor.destination]
        steps = corridor.steps(self.kind.id)
        departure = np.arange(self.start, self.start + self.span + 1) + o.taxi_s + o.takeoff_s
        at = np.searchsorted([s.start for s in steps], departure, side="right") - 1
        at = np.maximum(at, 0)
        landing = departure + np.array([s.seconds for s in steps])[at]
        allowed = np.ones(len(departure), bool)
        if o.opening:
            allowed &= _inside(o.opening, departure - o.takeoff_s, departure)
        if t.opening:
            allowed &= _inside(t.opening, landing, landing + t.landing_s)
        for shut in corridor.closures:
            allowed &= (landing < shut.start) | (departure > shut.end)
        on = np.where(allowed, landing + t.landing_s + t.taxi_s - self.start, NEVER)
        energy = np.where(allowed, np.array([s.energy_wh for s in steps])[at], NEVER)
        first = np.arange(self.cells) * self.cell_s
        self.on[:, i] = np.minimum.reduceat(on, first)
        self.energy[:, i] = np.minimum.reduceat(energy, first)

    def _plug_in(self) -> None:
        """Table charge by how long the strongest charger takes to reach it.

        Row ``r`` of ``clock`` gives the microseconds from empty to each level; levels
        that charging cannot reach follow one by one.
        """
        powers = [max((g.power_w for g in v.chargers), default=0) for v in self.problem.vertiports]
        kinds = sorted(set(powers))
        self.row = np.array([kinds.index(p) for p in powers], np.int64)
        self.clock = np.empty((len(kinds), self.kind.battery_wh + 1), np.int64)
        self.top = np.zeros(len(kinds), np.int64)
        for r, power in enumerate(kinds):
            times = fill_times(self.kind.curve, power) if power else np.zeros(1, np.int64)
            rest = np.arange(1, self.kind.battery_wh + 2 - len(times))
            self.clock[r] = np.concatenate((times, times[-1] + rest))
            self.top[r] = times[-1]

    def _level(self, port: int, clock: int) -> int:
        return int(np.searchsorted(self.clock[self.row[port]], clock, side="right")) - 1

    def _charged(self, rows: Ints, clock: Ints, seconds: Ints | int) -> Ints:
        """Return the clocks after charging; -1 stays -1."""
        top = self.top[rows]
        later = np.minimum(clock + np.asarray(seconds) * MICROSECONDS, top)
        return np.where((clock >= 0) & (clock < top), later, clock)

    def sweep(self, tail: Aircraft, landings: Iterable[Landing]) -> tuple[Ints, Ints]:
        """Follow every way that an aircraft can go on from being on a stand.

        Parameters
        ----------
        tail
            Whose availability and downtimes hold.
        landings
            Where it may come from.

        Returns
        -------
        Charge in Wh, -1 where it cannot be: for each cell and vertiport that of an
        aircraft that may leave, and for each vertiport that at the end of the day.
        """
        ports = len(self.port)
        ready = np.full((self.cells + 1, ports), -1, np.int64)
        landed = np.full((self.cells + 1, ports), -1, np.int64)
        for a in landings:
            one = [np.array([n], np.int64) for n in (a.on, a.port, a.soc_wh)]
            self._land(ready, landed, one[0], one[1], one[2], a.turnaround_s)
        until = min(tail.available_until - self.start, self.span)
        waits, stands = np.full(ports, -1, np.int64), np.full(ports, -1, np.int64)
        left = np.full((self.cells, ports), -1, np.int64)
        for c in range(self.cells):
            begin, end = c * self.cell_s, (c + 1) * self.cell_s - 1
            down = [d for d in tail.downtimes if d.window.start - self.start <= end]
            down = [d for d in down if begin <= d.window.end - self.start]
            idle = begin > until or any(
                d.window.start - self.start <= begin and end <= d.window.end - self.start
                for d in down
            )
            if not idle:
                waits = self._charged(self.row, waits, self.cell_s)
                stands = self._charged(self.row, stands, self.cell_s)
            waits = np.maximum(waits, ready[c])
            if not idle:
                for _ in range(ports):
                    before = waits
                    left[c] = [
                        self._level(p, int(x)) if x >= 0 else -1 for p, x in enumerate(waits)
                    ]
                    self._leave(c, left[c], tail, until, ready, landed)
                    waits = np.maximum(waits, ready[c])
                    if (waits == before).all():
                        break
            stands = np.maximum(stands, landed[c])
            for d in down:
                if d.vertiport is None or not (
                    d.window.start - self.start <= end <= d.window.end - self.start
                ):
                    continue
                elsewhere = np.arange(ports) != self.port[d.vertiport]
                waits[elsewhere] = stands[elsewhere] = -1
                ready[c + 1 :, elsewhere] = landed[c + 1 :, elsewhere] = -1
        return left, np.array(
            [self._level(p, int(x)) if x >= 0 else -1 for p, x in enumerate(stands)]
        )

    def _leave(
        self, c: int, soc: Ints, tail: Aircraft, until: int, ready: Ints, landed: Ints
    ) -> None:
        on, after = self.on[c], soc[self.origin] - self.energy[c]
        fine = (soc[self.origin] >= 0) & (after >= self.kind.reserve_wh) & (on <= until)
        for d in tail.downtimes:
            fine &= (on < d.window.start - self.start) | (
                (c + 1) * self.cell_s - 1 > d.window.end - self.start
            )
        if fine.any():
            self._land(
                ready, landed, on[fine], self.destination[fine], after[fine], self.kind.turnaround_s
            )

    def _land(
        self, ready: Ints, landed: Ints, on: Ints, port: Ints, soc: Ints, turnaround_s: int
    ) -> None:
        rows = self.row[port]
        clock = self.clock[rows, soc]
        for table, moment in ((landed, on), (ready, on + turnaround_s)):
            cell = np.minimum(moment // self.cell_s, self.cells)
            filled = self._charged(rows, clock, (cell + 1) * self.cell_s - on)
            np.maximum.at(table, (cell, port), filled)

    def begin(self, tail: Aircraft) -> list[Landing]:
        """Return where an aircraft's day begins."""
        since = max(0, tail.available_from - self.start)
        return [Landing(since, self.port[tail.start], tail.soc_wh, 0)]

    def best_end(self, tail: Aircraft, landings: Iterable[Landing] | None = None) -> int:
        """Return the most charge with which it can end its day, Wh; -1: it cannot end it."""
        _, last = self.sweep(tail, self.begin(tail) if landings is None else landings)
        ends = last if tail.end is None else last[[self.port[tail.end]]]
        return int(ends.max())

    def serves(self, tail: Aircraft, rider: Trip | TimetableFlight) -> bool:
        """Return whether it could fly somebody directly and still end its day as it has to."""
        window = rider.off_block if isinstance(rider, TimetableFlight) else rider.departure
        by = rider.arrive_by if isinstance(rider, Trip) else None
        until = min(tail.available_until, NEVER if by is None else by) - self.start
        way = next(
            (i for i, c in enumerate(self.corridors) if c.key == (rider.origin, rider.destination)),
            None,
        )
        if way is None:
            return False
        left, _ = self.sweep(tail, self.begin(tail))
        first = max(0, window.start - self.start) // self.cell_s
        last = min(self.span, window.end - self.start) // self.cell_s
        rides = []
        for c in range(first, last + 1):
            soc = int(left[c, self.origin[way]] - self.energy[c, way])
            on = int(self.on[c, way])
            if soc >= self.kind.reserve_wh and on <= min(until, self.span):
                rides.append(Landing(on, int(self.destination[way]), soc, self.kind.turnaround_s))
        return bool(rides) and self.best_end(tail, rides) >= tail.final_soc_wh


def _inside(windows: Iterable[TimeWindow], start: Ints, end: Ints) -> NDArray[np.bool_]:
    found = np.zeros(len(start), bool)
    for w in windows:
        found |= (w.start <= start) & (end <= w.end)
    return found
