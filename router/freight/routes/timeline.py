"""When a route's events happen, and how long it takes at least.

A route is a chain of events, each with windows for the start of its service
(``docs/constraints.md``, "How a route runs"). Its start is free. Let f(t) be
the end of the route started at t: f never falls, and consists of pieces that
are flat (some wait absorbs a later start) or rise as t does. So f(t) - t is
least at the right end of a flat piece, that is at the latest start for which
some event is still reached by the start or the end of one of its windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from router.freight.routes.lookup import Lookup
from router.freight.routes.plan import Route, Stop, StopKind
from router.freight.routes.problem import Depot
from router.timewindow import FOREVER, TimeWindow

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Event:
    """A loading, a stop or the end, as the clock sees it."""

    location: int
    """Index in the problem's locations."""
    distance: int
    """Distance of the leg that leads here; 0 at the first event."""
    travel: int
    """Duration of the leg that leads here, seconds; 0 at the first event."""
    spans: tuple[Span, ...]
    """Closed intervals in which service may start, ascending."""
    service: int
    has_way: bool = True
    """Whether there is a leg that leads here."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The run of a route from one start."""

    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    """When service starts; equals the arrival where that is too late."""
    late: tuple[bool, ...]
    """Whether the event is reached after its last window."""

    @property
    def duration(self) -> int:
        """Seconds from the start of the first loading to the end."""
        return self.starts[-1] - self.starts[0]


def events(lookup: Lookup, route: Route) -> tuple[Event, ...]:
    """Return the first loading, the stops in order, and the end.

    Every id of the route must be known to the problem.
    """
    kind = lookup.vehicle_types[route.vehicle_type]
    releases = _releases(lookup, route.stops)
    shift = (kind.shift.start, kind.shift.end)
    depot = lookup.depots[kind.start]
    here = lookup.place[depot.location]
    found = [Event(here, 0, 0, _overlap(_loading(depot, releases[0]), shift), depot.service)]
    trip = 0
    for stop in route.stops:
        if stop.kind is StopKind.RELOAD:
            trip += 1
            depot = lookup.depots[stop.id]
            location, service = depot.location, depot.service
            spans = _overlap(_loading(depot, releases[trip]))
        else:
            work = lookup.work(stop)
            location, service = work.location, work.service
            spans = _spans(work.windows)
        there = lookup.place[location]
        found.append(_driven(lookup, kind.profile, here, there, spans, service))
        here = there
    if kind.end is None:
        found.append(Event(here, 0, 0, ((0, kind.shift.end),), 0))
        return tuple(found)
    depot = lookup.depots[kind.end]
    closing = _overlap((depot.window.start, depot.window.end), (0, kind.shift.end))
    there = lookup.place[depot.location]
    found.append(_driven(lookup, kind.profile, here, there, closing, 0))
    return tuple(found)


def run(chain: Sequence[Event], start: int) -> Timing:
    """Return what happens when the first event begins at ``start`` or later."""
    arrivals, starts, late = [], [], []
    now = start
    for event in chain:
        now += event.travel
        begin = next((max(now, opens) for opens, ends in event.spans if now <= ends), None)
        arrivals.append(now)
        late.append(begin is None)
        starts.append(now if begin is None else begin)
        now = starts[-1] + event.service
    arrivals[0] = starts[0]
    return Timing(tuple(arrivals), tuple(starts), tuple(late))


def best_timing(chain: Sequence[Event]) -> Timing:
    """Return the run of least duration; the earliest of those that tie.

    Where the route is late even when started at once, that run is returned.
    """
    first = run(chain, 0)
    if any(first.late):
        return first
    if all(len(event.spans) == 1 for event in chain):
        start = _latest_start(chain, len(chain) - 1, first.starts[-1])
        return first if start is None else run(chain, start)
    return min(_candidates(chain, first), key=lambda timing: (timing.duration, timing.starts[-1]))


def _candidates(chain: Sequence[Event], first: Timing) -> Iterable[Timing]:
    """Yield the feasible runs among which one of least duration is."""
    yield first
    moments = {(len(chain) - 1, first.starts[-1])}
    moments |= {(i, m) for i, event in enumerate(chain) for span in event.spans for m in span}
    starts = {_latest_start(chain, i, moment) for i, moment in moments if moment < FOREVER}
    for start in sorted(start for start in starts if start is not None):
        timing = run(chain, start)
        if not any(timing.late) and timing.starts[0] == start:
            yield timing


def _latest_start(chain: Sequence[Event], last: int, moment: int) -> int | None:
    """Return the latest start that reaches event ``last`` by ``moment``."""
    for i in range(last, 0, -1):
        latest = moment - chain[i].travel - chain[i - 1].service
        fitting = [min(ends, latest) for opens, ends in chain[i - 1].spans if opens <= latest]
        if not fitting:
            return None
        moment = fitting[-1]
    if last == 0:
        fitting = [min(ends, moment) for opens, ends in chain[0].spans if opens <= moment]
        return fitting[-1] if fitting else None
    return moment


def _driven(
    lookup: Lookup, profile: str, here: int, there: int, spans: tuple[Span, ...], service: int
) -> Event:
    leg = lookup.leg(profile, here, there)
    distance, travel = leg or (0, 0)
    return Event(there, distance, travel, spans, service, leg is not None)


def _releases(lookup: Lookup, stops: Iterable[Stop]) -> list[int]:
    """Return the latest release of each trip, in order."""
    latest = [0]
    for stop in stops:
        if stop.kind is StopKind.RELOAD:
            latest.append(0)
        elif stop.kind is StopKind.VISIT:
            latest[-1] = max(latest[-1], lookup.visits[stop.id].release)
    return latest


def _loading(depot: Depot, release: int) -> Span:
    """Return when a loading may start; reversed where the release is too late."""
    return max(depot.window.start, release), depot.window.end


def _spans(windows: Sequence[TimeWindow]) -> tuple[Span, ...]:
    return tuple((window.start, window.end) for window in windows) or ((0, FOREVER),)


def _overlap(one: Span, other: Span = (0, FOREVER)) -> tuple[Span, ...]:
    """Return the moments in both, or nothing where there are none."""
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return ((start, end),) if start <= end else ()
