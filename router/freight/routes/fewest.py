"""Fewest vehicles first, cost second: squeeze the fleet, then improve the plan.

Each vehicle is priced above every cost of a plan, so that the search itself counts
vehicles first. That alone rarely empties a route; so a vehicle is taken away and the
search, which may leave jobs out and insists the more the longer they are, tries to
serve everything with the rest (Nagata, Bräysy 2009, doi:10.1016/j.orl.2009.04.006, eject
routes likewise). What it finds is a start for the last part, in the whole fleet.
"""

from __future__ import annotations

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
"""Shares of the time after which the first plan, and the squeezing, are over."""
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
    """Search for the plan of least cost among those with the fewest vehicles."""
    jobs = arrays.stops - int(np.count_nonzero(arrays.pickup))
    prizes = int(np.maximum(arrays.prize, 0).sum())
    surcharge = min(arrays.absence * (jobs + 1) + prizes, MOST_SURCHARGE)
    dear = replace(
        arrays, fixed=arrays.fixed + surcharge, absence=min(arrays.absence + surcharge, 2**45)
    )
    run = _Run(dear, options, _Undressed(monitor, surcharge), opened)
    found = run.part(dear, initial, until=OPENING, share=OPENING)
    found = run.squeezed(found)
    found = run.part(dear, _by_routes(found.routes), until=1.0, share=1.0 - SQUEEZING)
    return replace(_undressed(found, surcharge), stopped=monitor.stopped())


@dataclass(slots=True)
class _Run:
    """The parts of one solve, which share its time or its iterations."""

    arrays: RouteArrays
    options: SolveOptions
    monitor: _Undressed
    opened: float
    iterations: int = 0

    def part(
        self,
        arrays: RouteArrays,
        start: Start,
        *,
        until: float,
        share: float,
        squeeze: bool = False,
    ) -> ArraySolution:
        """Search until a share of the time is over, or for a share of the iterations.

        To squeeze, by time, until all that is required is served.
        """
        now, planned = time.monotonic(), self.options.max_iterations
        count = None if planned is None else int(planned * share)
        closes = self.opened + (until if planned is None else 1.0) * self.options.seconds
        options = replace(self.options, seconds=max(closes - now, 1e-3), max_iterations=count)
        self.monitor.before = now - self.opened
        listener: Monitor = self.monitor
        if squeeze:
            listener = _Squeezing(self.monitor, waits=planned is not None)
        found = search(arrays, options, listener, start, opened=now)
        self.iterations += found.iterations
        curve = tuple((seconds + self.monitor.before, cost) for seconds, cost in found.curve)
        return replace(found, iterations=self.iterations, curve=curve)

    def squeezed(self, found: ArraySolution) -> ArraySolution:
        """Take vehicles away, one at a time, as long as all required stays served."""
        for attempt in range(len(found.routes) - 1):
            late = time.monotonic() > self.opened + SQUEEZING * self.options.seconds
            counted = self.options.max_iterations is not None
            if found.missing or late or self.monitor.stopped() or (counted and attempt == ATTEMPTS):
                break
            shortest = min(found.routes, key=lambda route: (len(route.items), route.slot))
            kept = [route for route in found.routes if route is not shortest]
            fleet, share = _fleet_of(self.arrays, kept), (SQUEEZING - OPENING) / ATTEMPTS
            tried = self.part(fleet, _by_routes(kept), until=SQUEEZING, share=share, squeeze=True)
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
class _Undressed:
    """Reports real costs: what remains of a cost after whole surcharges."""

    monitor: Monitor
    surcharge: int
    before: float = 0.0
    """Seconds of the solve before this part of it."""

    def stopped(self) -> bool:
        """Return whether the caller wants to stop."""
        return self.monitor.stopped()

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Pass on the report."""
        progress = replace(progress, seconds=progress.seconds + self.before)
        if progress.objective is not None:
            progress = replace(progress, objective=progress.objective % self.surcharge)

        def undressed() -> ArraySolution:
            assert incumbent is not None
            found = incumbent()
            assert isinstance(found, ArraySolution)
            return _undressed(found, self.surcharge)

        self.monitor.report(progress, None if incumbent is None else undressed)


@dataclass(slots=True)
class _Squeezing:
    """Stops the search once everything required is served, unless it waits for a count."""

    monitor: _Undressed
    waits: bool
    served: bool = False

    def stopped(self) -> bool:
        """Return whether all is served, or the caller wants to stop."""
        return (self.served and not self.waits) or self.monitor.stopped()

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Note whether all is served; slots differ from the caller's, so pass on nothing."""
        self.served = progress.objective is not None
