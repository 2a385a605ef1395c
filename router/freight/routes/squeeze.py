"""Searches that squeeze the fleet: for fewest vehicles, and for full ones.

A vehicle is taken away and the search, which may leave jobs out and insists the more
the longer they are, tries to serve everything with the rest (Nagata, Bräysy 2009,
doi:10.1016/j.orl.2009.04.006, eject routes likewise). What it finds is a start for the
last part, in the whole fleet.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from router.search.problem import ArrayRoute, ArraySolution, RouteArrays
from router.search.routes import Start, search
from router.solving import Monitor, Progress, SolveOptions

MOST_SURCHARGE = 2**40
"""No vehicle is priced higher, so that sums stay far from overflow."""
OPENING, SQUEEZING = 0.2, 0.6
"""Shares of the time after which the first plan, and the squeezing, are over, where fewest
vehicles are asked for."""
PACK_OPENING, PACKING = 0.05, 0.15
"""Likewise where full ones are only the start."""
PACKED = 20
"""So many vehicles may be one more than loads need, for packing to be tried."""
ATTEMPTS = 4
"""Most vehicles taken away where iterations are counted, each for an equal share."""


def search_fewest(
    arrays: RouteArrays,
    options: SolveOptions,
    monitor: Monitor,
    initial: Start = (),
    *,
    opened: float,
) -> ArraySolution:
    """Search for the plan of least cost among those with the fewest vehicles.

    Each vehicle is priced above every cost of a plan, so that the search itself counts
    vehicles first; that alone rarely empties a route.
    """
    jobs = arrays.stops - int(np.count_nonzero(arrays.pickup))
    prizes = int(np.maximum(arrays.prize, 0).sum())
    surcharge = min(arrays.absence * (jobs + 1) + prizes, MOST_SURCHARGE)
    dear = replace(
        arrays, fixed=arrays.fixed + surcharge, absence=min(arrays.absence + surcharge, 2**45)
    )
    run = _Run(dear, options, _Undressed(monitor, surcharge), opened)
    found = run.part(initial, until=OPENING, share=OPENING)
    found = run.squeezed(found, since=OPENING, until=SQUEEZING)
    found = run.part(_by_routes(found.routes), until=1.0, share=1.0 - SQUEEZING)
    return replace(_undressed(found, surcharge), stopped=monitor.stopped())


def search_packed(
    arrays: RouteArrays,
    options: SolveOptions,
    monitor: Monitor,
    initial: Start = (),
    *,
    opened: float,
) -> ArraySolution:
    """Search for the cheapest plan; where loads need hardly fewer vehicles, begin with full ones.

    Full vehicles leave no room to move stops from the last route into the others one by
    one: a search with one route too many seldom finds out of it, and with long routes
    that is dear.
    """
    run = _Run(arrays, options, _Improving(monitor), opened)
    first = run.part(initial, until=PACK_OPENING, share=PACK_OPENING)
    least = least_vehicles(arrays)
    packed = first
    if 0 < len(first.routes) - least <= 1 + least // PACKED:
        packed = run.squeezed(first, since=PACK_OPENING, until=PACKING, least=least)
    last = run.part(_by_routes(packed.routes), until=1.0, share=1.0 - PACKING)
    best = min(first, last, key=lambda found: (found.missing, found.cost))
    curve = [*first.curve]
    for seconds, cost in last.curve:
        if not curve or cost < curve[-1][1]:
            curve.append((seconds, cost))
    return replace(
        best, iterations=run.iterations, curve=tuple(curve), seconds=last.seconds,
        stopped=monitor.stopped(),
    )  # fmt: skip


def least_vehicles(arrays: RouteArrays) -> int:
    """Return how many of the largest vehicle the loads alone need."""
    need = arrays.add.reshape(arrays.stops, -1).sum(axis=0)
    room = arrays.capacity.reshape(len(arrays.start), -1).max(axis=0)
    return max((-(-int(n) // int(r)) for n, r in zip(need, room, strict=True) if r > 0), default=1)


@dataclass(slots=True)
class _Run:
    """The parts of one solve, which share its time or its iterations."""

    arrays: RouteArrays
    options: SolveOptions
    monitor: Monitor
    opened: float
    iterations: int = 0

    def part(
        self,
        start: Start,
        *,
        until: float,
        share: float,
        fleet: RouteArrays | None = None,
        known: int = 0,
    ) -> ArraySolution:
        """Search until a share of the time is over, or for a share of the iterations.

        In ``fleet``, a squeezed one, by time, until all that is required is served; meanwhile
        the plan of cost ``known`` stands.
        """
        now, planned = time.monotonic(), self.options.max_iterations
        count = None if planned is None else int(planned * share)
        closes = self.opened + (until if planned is None else 1.0) * self.options.seconds
        options = replace(self.options, seconds=max(closes - now, 1e-3), max_iterations=count)
        before = now - self.opened
        listener: Monitor = _Later(self.monitor, before)
        if fleet is not None:
            listener = _Squeezing(listener, known, waits=planned is not None)
        found = search(fleet or self.arrays, options, listener, start, opened=now)
        self.iterations += found.iterations
        curve = tuple((seconds + before, cost) for seconds, cost in found.curve)
        return replace(
            found, iterations=self.iterations, curve=curve, seconds=found.seconds + before
        )

    def squeezed(
        self, found: ArraySolution, *, since: float, until: float, least: int = 1
    ) -> ArraySolution:
        """Take vehicles away between two shares of the limit, one at a time.

        As long as all required stays served, and not below ``least``.
        """
        counted = self.options.max_iterations is not None
        for attempt in range(len(found.routes) - least):
            late = time.monotonic() > self.opened + until * self.options.seconds
            if found.missing or late or self.monitor.stopped() or (counted and attempt == ATTEMPTS):
                break
            shortest = min(found.routes, key=lambda route: (len(route.items), route.slot))
            kept = [route for route in found.routes if route is not shortest]
            fleet, share = _fleet_of(self.arrays, kept), (until - since) / ATTEMPTS
            tried = self.part(
                _by_routes(kept), until=until, share=share, fleet=fleet, known=found.cost
            )
            if tried.missing:
                break
            found = tried
        return found


def _fleet_of(arrays: RouteArrays, routes: list[ArrayRoute]) -> RouteArrays:
    """Return the arrays with a fleet of as many vehicles as the routes use."""
    used = Counter(route.type for route in routes)
    counts = [used[kind] for kind in range(len(arrays.start))]
    return replace(
        arrays,
        slot_type=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        first_slot=np.cumsum([0, *counts]).astype(np.int32),
    )


def _by_routes(routes: Iterable[ArrayRoute]) -> Start:
    return [(route.type, route.items) for route in routes]


def _undressed(found: ArraySolution, surcharge: int) -> ArraySolution:
    """Return the solution at its real cost."""
    curve = tuple((seconds, cost % surcharge) for seconds, cost in found.curve)
    return replace(found, cost=found.cost - surcharge * len(found.routes), curve=curve)


@dataclass(slots=True)
class _Heard:
    """Stands between a search and a monitor, which says when to stop."""

    monitor: Monitor

    def stopped(self) -> bool:
        """Return whether the caller wants to stop."""
        return self.monitor.stopped()


@dataclass(slots=True)
class _Undressed(_Heard):
    """Reports real costs: what remains of a cost after whole surcharges."""

    surcharge: int

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Pass on the report."""
        if progress.objective is not None:
            progress = replace(progress, objective=progress.objective % self.surcharge)

        def undressed() -> ArraySolution:
            assert incumbent is not None
            found = incumbent()
            assert isinstance(found, ArraySolution)
            return _undressed(found, self.surcharge)

        self.monitor.report(progress, None if incumbent is None else undressed)


@dataclass(slots=True)
class _Improving(_Heard):
    """Reports the best of all parts: what is worse than before is not news."""

    best: float = math.inf

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Pass on the report."""
        found = math.inf if progress.objective is None else progress.objective
        better = found < self.best
        self.best = min(self.best, found)
        if self.best < math.inf:
            progress = replace(progress, objective=self.best)
        self.monitor.report(progress, incumbent if better else None)


@dataclass(slots=True)
class _Later(_Heard):
    """Reports the seconds of the solve, not those of the part that began so much later."""

    before: float

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Pass on the report."""
        self.monitor.report(replace(progress, seconds=progress.seconds + self.before), incumbent)


@dataclass(slots=True)
class _Squeezing:
    """Stops the search once everything required is served, unless it waits for a count."""

    monitor: Monitor
    known: int
    """Cost of the plan with more vehicles, which is the best until this search ends."""
    waits: bool
    served: bool = False

    def stopped(self) -> bool:
        """Return whether all is served, or the caller wants to stop."""
        return (self.served and not self.waits) or self.monitor.stopped()

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Note whether all is served; slots differ from the caller's, so pass on no plan."""
        self.served = progress.objective is not None
        stands = replace(progress, objective=float(self.known), served=progress.total)
        self.monitor.report(stands)
