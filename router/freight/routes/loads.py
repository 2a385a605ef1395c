"""What a vehicle carries along its route."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from router.freight.routes.lookup import Lookup
from router.freight.routes.plan import Route, Stop, StopKind

Load = tuple[int, ...]


def loads(lookup: Lookup, route: Route) -> tuple[Load, ...]:
    """Return the load after the first loading and after each stop.

    One entry more than the route has stops; one value a dimension. After a
    reload it is what the next trip brings. Every id must be known.
    """
    starts = iter(_loadings(lookup, route.stops))
    now = next(starts)
    found = [now]
    for stop in route.stops:
        now = next(starts) if stop.kind is StopKind.RELOAD else _add(now, _change(lookup, stop))
        found.append(now)
    return tuple(found)


def _loadings(lookup: Lookup, stops: Iterable[Stop]) -> list[Load]:
    """Return what is taken on at each loading: all that the trip delivers."""
    nothing = _nothing(lookup)
    totals = [nothing]
    for stop in stops:
        if stop.kind is StopKind.RELOAD:
            totals.append(nothing)
        elif stop.kind is StopKind.VISIT:
            totals[-1] = _add(totals[-1], lookup.visits[stop.id].deliver)
    return totals


def _change(lookup: Lookup, stop: Stop) -> Load:
    """Return by how much the stop changes the load."""
    if stop.kind is StopKind.VISIT:
        visit = lookup.visits[stop.id]
        nothing = _nothing(lookup)
        return _add(_add(nothing, visit.collect), _add(nothing, visit.deliver), sign=-1)
    sign = 1 if stop.kind is StopKind.PICKUP else -1
    return _add(_nothing(lookup), lookup.shipments[stop.id].load, sign)


def _nothing(lookup: Lookup) -> Load:
    return (0,) * len(lookup.problem.dimensions)


def _add(one: Load, other: Sequence[int], sign: int = 1) -> Load:
    """Return ``one + sign * other``, where an empty ``other`` is nothing."""
    return tuple(a + sign * b for a, b in zip(one, other, strict=True)) if other else one
