"""Incumbents on their way to a listener: the search's word for it, priced but not judged.

Judging a plan of 100,000 stops takes two seconds; only the final plan is judged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from router.freight.routes.compile import Compiled
from router.freight.routes.compile.travel import lengths
from router.freight.routes.plan import RoutePlan, Unserved, UnservedReason
from router.search.problem import ArrayRoute, ArraySolution
from router.solving import Cost, Monitor, Progress

EVERY_SECONDS = 0.25
"""Least time between two incumbents."""
SHARE = 0.05
"""Most of the time that building incumbents may take."""


def incumbent(compiled: Compiled, found: ArraySolution) -> RoutePlan:
    """Return a search result as a plan that no checker has seen.

    Reasons of what is left out are those that a search knows: another member of its
    group is served, or it is not worth its way.
    """
    return RoutePlan(
        routes=compiled.routes(found.routes),
        unserved=tuple(_left_out(compiled, found)),
        cost=incumbent_cost(compiled, found),
        feasible=not found.missing,
        seconds=found.seconds,
        iterations=found.iterations,
        curve=found.curve,
    )


def incumbent_cost(compiled: Compiled, found: ArraySolution) -> Cost:
    """Return the search's total, split; duration is what the other parts leave."""
    arrays = compiled.arrays
    fixed = sum(int(arrays.fixed[route.type]) for route in found.routes)
    distance = sum(_distance_costs(compiled, found.routes))
    served = _served(compiled, found)
    alone = (arrays.group < 0) & (arrays.prize >= 0) & ~served
    alone &= (arrays.mate < 0) | (arrays.pickup > 0)
    prizes = int(arrays.prize[alone].sum())
    for first, end in zip(arrays.group_first, arrays.group_first[1:], strict=False):
        members = arrays.members[first:end]
        if not served[members].any():
            prizes += max(int(arrays.prize[members[0]]), 0)
    duration = found.cost - fixed - distance - prizes
    return Cost.of(fixed=fixed, distance=distance, duration=duration, prizes=prizes)


def _served(compiled: Compiled, found: ArraySolution) -> np.ndarray:
    served = np.zeros(compiled.arrays.stops, dtype=bool)
    served[[item for route in found.routes for item in route.items if item >= 0]] = True
    return served


def _distance_costs(compiled: Compiled, routes: tuple[ArrayRoute, ...]) -> Iterator[int]:
    """Yield what the distance of each route costs."""
    arrays, travel = compiled.arrays, tuple(compiled.problem.travel.values())
    depots = arrays.depot_place
    for route in routes:
        kind = route.type
        places = [depots[arrays.start[kind]]]
        places += [arrays.place[i] if i >= 0 else depots[-1 - i] for i in route.items]
        if arrays.end[kind] >= 0:
            places.append(depots[arrays.end[kind]])
        way = np.array(places)
        legs = lengths(travel[arrays.profile[kind]], way[:-1], way[1:])
        yield int(arrays.per_distance[kind]) * int(legs.sum())


def _left_out(compiled: Compiled, found: ArraySolution) -> Iterator[Unserved]:
    arrays, served = compiled.arrays, _served(compiled, found)
    taken = set(arrays.group[served & (arrays.group >= 0)].tolist())
    for stop in np.flatnonzero(~served).tolist():
        if arrays.mate[stop] >= 0 and not arrays.pickup[stop]:
            continue
        if int(arrays.group[stop]) in taken:
            reason = UnservedReason.OTHER_OF_GROUP
        elif arrays.prize[stop] >= 0:
            reason = UnservedReason.NOT_WORTH_IT
        else:
            reason = UnservedReason.FLEET_EXHAUSTED
        yield Unserved(compiled.stops[stop].id, (reason,))


@dataclass(slots=True)
class Translated:
    """Passes a search's reports on, with incumbents as plans, now and then."""

    compiled: Compiled
    monitor: Monitor
    stopped: Callable[[], bool] = field(init=False)
    _newest: Callable[[], object] | None = None
    _not_before: float = 0.0

    def __post_init__(self) -> None:
        self.stopped = self.monitor.stopped

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Report progress to the caller's monitor."""
        self._newest = incumbent or self._newest
        ready = self._newest is not None and time.monotonic() >= self._not_before
        self.monitor.report(progress, self._plan if ready else None)

    def _plan(self) -> RoutePlan:
        assert self._newest is not None
        began = time.monotonic()
        found = self._newest()
        assert isinstance(found, ArraySolution)
        plan = incumbent(self.compiled, found)
        self._newest = None
        took = time.monotonic() - began
        self._not_before = began + max(EVERY_SECONDS, took / SHARE)
        return plan
