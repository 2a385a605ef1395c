"""Judges whether a routing problem is well formed, all violations at once.

One rule is one small function with one stable code; ``docs/constraints.md``
lists them. Bulk fields are looked at as columns first, so that a problem of
100,000 visits without a fault costs a fraction of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from router.errors import Violations
from router.freight.routes.reach import check_reach
from router.freight.routes.scale import check_scale
from router.freight.routes.travel_rules import check_travel
from router.freight.rules import ascending_windows, window_in_range
from router.timewindow import FOREVER, TimeWindow

if TYPE_CHECKING:
    from router.freight.routes.problem import RoutingProblem

LARGEST = 2**53 - 1
"""Largest whole number that any field may hold."""

_NUMBERS = {
    "depots": ("service",),
    "visits": ("service", "release", "prize"),
    "shipments": ("pickup.service", "delivery.service", "prize"),
    "groups": ("prize",),
    "vehicle_types": (
        "count",
        "fixed_cost",
        "distance_cost",
        "duration_cost",
        "max_distance",
        "max_duration",
        "max_stops",
        "max_reloads",
    ),
}
_OPTIONAL = {"prize", "count", "max_distance", "max_duration", "max_stops", "max_reloads"}
_LOADS = {
    "visits": ("deliver", "collect"),
    "shipments": ("load",),
    "vehicle_types": ("capacity",),
}
_WINDOWS = {
    "visits": ("windows",),
    "shipments": ("pickup.windows", "delivery.windows"),
}


def validate(problem: RoutingProblem) -> None:
    """Raise with every violation of every rule, or return.

    Raises
    ------
    InvalidInput
        With all violations, in the order of the rules. Reach and scale are
        judged only where everything else is right.
    """
    found = Violations()
    _fleet(problem, found)
    _unique_ids(problem, found)
    _references(problem, found)
    _whole_numbers(problem, found)
    _loads(problem, found)
    _single_windows(problem, found)
    _window_lists(problem, found)
    _groups(problem, found)
    check_travel(problem, found)
    if not len(found):
        check_scale(problem, found)
        check_reach(problem, found)
    found.raise_if_any()


def _fleet(problem: RoutingProblem, found: Violations) -> None:
    """EMPTY_FLEET, NO_DEPOT: there is something to drive and somewhere to start."""
    if not problem.depots:
        found.add("NO_DEPOT", "depots", "is empty; give at least one depot.")
    if not problem.vehicle_types:
        found.add("EMPTY_FLEET", "vehicle_types", "is empty; give at least one vehicle type.")
    elif all(kind.count == 0 for kind in problem.vehicle_types):
        found.add("EMPTY_FLEET", "vehicle_types", "has 0 vehicles in all; give at least one.")


def _unique_ids(problem: RoutingProblem, found: Violations) -> None:
    """DUPLICATE_ID, EMPTY_ID: visits and shipments share one name space."""
    tasks = [(f"visits[{i}].id", v.id) for i, v in enumerate(problem.visits)]
    tasks += [(f"shipments[{i}].id", s.id) for i, s in enumerate(problem.shipments)]
    _unique(tasks, found)
    for kind in ("locations", "depots", "vehicle_types", "groups"):
        items = getattr(problem, kind)
        _unique([(f"{kind}[{i}].id", item.id) for i, item in enumerate(items)], found)
    _unique([(f"dimensions[{i}]", name) for i, name in enumerate(problem.dimensions)], found)


def _unique(named: Sequence[tuple[str, str]], found: Violations) -> None:
    counts = Counter(name for _, name in named)
    if len(counts) == len(named) and "" not in counts:
        return
    seen: set[str] = set()
    for path, name in named:
        if not name:
            found.add("EMPTY_ID", path, "is empty; give every item an id.")
        elif name in seen:
            found.add("DUPLICATE_ID", path, f"'{name}' is used before; ids must be unique.")
        seen.add(name)


def _references(problem: RoutingProblem, found: Violations) -> None:
    """UNKNOWN_LOCATION, UNKNOWN_DEPOT, UNKNOWN_PROFILE, UNKNOWN_VISIT."""
    locations = {place.id for place in problem.locations}
    depots = {depot.id for depot in problem.depots}
    visits = {visit.id for visit in problem.visits}
    for path, name in _unknown(_location_names(problem), locations):
        found.add("UNKNOWN_LOCATION", path, f"'{name}' is not among the locations.")
    for path, name in _unknown(_depot_names(problem), depots):
        found.add("UNKNOWN_DEPOT", path, f"'{name}' is not among the depots.")
    for path, name in _unknown(_profile_names(problem), set(problem.travel)):
        found.add("UNKNOWN_PROFILE", path, f"'{name}' is not among the travel profiles.")
    for path, name in _unknown(_member_names(problem), visits):
        found.add("UNKNOWN_VISIT", path, f"'{name}' is not among the visits.")


def _unknown(named: Iterable[tuple[str, str]], known: set[str]) -> Iterator[tuple[str, str]]:
    return ((path, name) for path, name in named if name not in known)


def _profile_names(problem: RoutingProblem) -> Iterator[tuple[str, str]]:
    return ((f"vehicle_types[{i}].profile", k.profile) for i, k in enumerate(problem.vehicle_types))


def _location_names(problem: RoutingProblem) -> Iterator[tuple[str, str]]:
    for i, depot in enumerate(problem.depots):
        yield f"depots[{i}].location", depot.location
    for i, visit in enumerate(problem.visits):
        yield f"visits[{i}].location", visit.location
    for i, shipment in enumerate(problem.shipments):
        yield f"shipments[{i}].pickup.location", shipment.pickup.location
        yield f"shipments[{i}].delivery.location", shipment.delivery.location


def _depot_names(problem: RoutingProblem) -> Iterator[tuple[str, str]]:
    for i, kind in enumerate(problem.vehicle_types):
        yield f"vehicle_types[{i}].start", kind.start
        if kind.end is not None:
            yield f"vehicle_types[{i}].end", kind.end
        for k, depot in enumerate(kind.reload_depots):
            yield f"vehicle_types[{i}].reload_depots[{k}]", depot


def _member_names(problem: RoutingProblem) -> Iterator[tuple[str, str]]:
    for i, group in enumerate(problem.groups):
        for k, visit in enumerate(group.visits):
            yield f"groups[{i}].visits[{k}]", visit


def _whole_numbers(problem: RoutingProblem, found: Violations) -> None:
    """NOT_A_NUMBER, NEGATIVE, TOO_LARGE for every single number."""
    for kind, fields in _NUMBERS.items():
        items = getattr(problem, kind)
        for name in fields:
            values = list(map(attrgetter(name), items))
            if name in _OPTIONAL:
                values = [0 if value is None else value for value in values]
            if _all_whole(values):
                continue
            for i, value in enumerate(values):
                _whole(value, f"{kind}[{i}].{name}", found)


def _all_whole(values: Sequence[int]) -> bool:
    if not values:
        return True
    return set(map(type, values)) == {int} and min(values) >= 0 and max(values) <= LARGEST


def _whole(value: int, path: str, found: Violations) -> None:
    if type(value) is not int:
        found.add("NOT_A_NUMBER", path, f"is {value!r}; give a whole number.")
    elif value < 0:
        found.add("NEGATIVE", path, f"is {value}; it must be 0 or more.")
    elif value > LARGEST:
        found.add("TOO_LARGE", path, f"is {value}; it must be below 2**53.")


def _loads(problem: RoutingProblem, found: Violations) -> None:
    """DIMENSIONS, and the rules of numbers, for every load and capacity."""
    wanted = len(problem.dimensions)
    for kind, fields in _LOADS.items():
        items = getattr(problem, kind)
        for name in fields:
            loads = list(map(attrgetter(name), items))
            good_lengths = set(map(len, loads)) <= {0, wanted}
            if good_lengths and _all_whole(list(chain.from_iterable(loads))):
                continue
            for i, load in enumerate(loads):
                _load(load, wanted, f"{kind}[{i}].{name}", found)


def _load(load: Sequence[int], wanted: int, path: str, found: Violations) -> None:
    if len(load) not in (0, wanted):
        text = f"has {len(load)} values; give one for each of the {wanted} dimensions, or none."
        found.add("DIMENSIONS", path, text)
    for k, value in enumerate(load):
        _whole(value, f"{path}[{k}]", found)


def _single_windows(problem: RoutingProblem, found: Violations) -> None:
    """TIME_RANGE of depots' windows and vehicles' shifts."""
    for i, depot in enumerate(problem.depots):
        window_in_range(depot.window, f"depots[{i}].window", found)
    for i, kind in enumerate(problem.vehicle_types):
        window_in_range(kind.shift, f"vehicle_types[{i}].shift", found)


def _window_lists(problem: RoutingProblem, found: Violations) -> None:
    """TIME_RANGE, and WINDOW_ORDER: windows ascend and do not touch."""
    for kind, fields in _WINDOWS.items():
        items = getattr(problem, kind)
        for name in fields:
            lists = list(map(attrgetter(name), items))
            windows = list(chain.from_iterable(lists))
            if _all_in_range(windows) and all(_ascending(some) for some in lists if len(some) > 1):
                continue
            for i, some in enumerate(lists):
                ascending_windows(some, f"{kind}[{i}].{name}", found)


def _all_in_range(windows: Sequence[TimeWindow]) -> bool:
    starts = [window.start for window in windows]
    ends = [window.end for window in windows]
    return _all_whole(starts) and _all_whole(ends) and max(ends, default=0) <= FOREVER


def _ascending(windows: Sequence[TimeWindow]) -> bool:
    return all(one.end < other.start for one, other in pairwise(windows))


def _groups(problem: RoutingProblem, found: Violations) -> None:
    """EMPTY_GROUP, TWO_GROUPS, GROUP_PRIZE: a visit is in one group, without a prize."""
    if not problem.groups:
        return
    prizes = {visit.id: visit.prize for visit in problem.visits}
    owner: dict[str, str] = {}
    for i, group in enumerate(problem.groups):
        path = f"groups[{i}]"
        if not group.visits:
            found.add("EMPTY_GROUP", f"{path}.visits", "is empty; give at least one visit.")
        if group.required and group.prize:
            text = f"is {group.prize}, but the group is required; drop one of the two."
            found.add("GROUP_PRIZE", f"{path}.prize", text)
        for k, visit in enumerate(group.visits):
            where = f"{path}.visits[{k}]"
            if visit in owner:
                text = f"'{visit}' is already in group '{owner[visit]}'; a visit is in one group."
                found.add("TWO_GROUPS", where, text)
            if prizes.get(visit) is not None:
                text = f"'{visit}' has a prize of its own; give the prize to the group instead."
                found.add("GROUP_PRIZE", where, text)
            owner.setdefault(visit, group.id)
