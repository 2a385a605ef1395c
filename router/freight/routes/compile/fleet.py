"""Vehicle types, their vehicles and depots as arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from router.freight.routes.compile.stops import work
from router.freight.routes.compile.tables import Arrays, i32, i64, or_else, table
from router.freight.routes.problem import RoutingProblem, VehicleType
from router.search.problem import FAR, Int32


def fleet_arrays(problem: RoutingProblem) -> Arrays:
    """Return what is known of each vehicle type and vehicle."""
    kinds = problem.vehicle_types
    depot = {one.id: k for k, one in enumerate(problem.depots)}
    profile = {name: k for k, name in enumerate(problem.travel)}
    jobs = len(problem.visits) + len(problem.shipments)
    counts = [jobs if kind.count is None else min(kind.count, jobs) for kind in kinds]
    dims = len(problem.dimensions)
    return {
        "slot_type": np.repeat(np.arange(len(kinds), dtype=np.int32), counts),
        "first_slot": i32(np.cumsum([0, *counts])),
        "start": i32([depot[kind.start] for kind in kinds]),
        "end": i32([-1 if kind.end is None else depot[kind.end] for kind in kinds]),
        "profile": i32([profile[kind.profile] for kind in kinds]),
        "hold": table([kind.capacity or (FAR,) * dims for kind in kinds], dims),
        "shift_open": i64([kind.shift.start for kind in kinds]),
        "shift_close": i64([kind.shift.end for kind in kinds]),
        "fixed": i64([kind.fixed_cost for kind in kinds]),
        "per_distance": i64([kind.distance_cost for kind in kinds]),
        "per_duration": i64([kind.duration_cost for kind in kinds]),
        "max_distance": i64([or_else(kind.max_distance, FAR) for kind in kinds]),
        "max_duration": i64([or_else(kind.max_duration, FAR) for kind in kinds]),
        "max_stops": i32([min(or_else(kind.max_stops, 2**31 - 1), 2**31 - 1) for kind in kinds]),
        "max_reloads": i32([_max_reloads(kind, jobs) for kind in kinds]),
        "reload_first": i32(np.cumsum([0, *(len(k.reload_depots) for k in kinds)])),
        "reload_depots": i32([depot[name] for kind in kinds for name in kind.reload_depots]),
        "reload_pool": min(
            2 * jobs,
            sum(c * _max_reloads(k, jobs) for c, k in zip(counts, kinds, strict=True)) + jobs,
        )
        if any(_max_reloads(kind, jobs) for kind in kinds)
        else 0,
        "twin": _twins(kinds),
        "allowed": _allowed(problem),
    }


def _allowed(problem: RoutingProblem) -> npt.NDArray[np.uint8]:
    """Which type may serve which stop, (types, n); empty where every one may."""
    asked = [job.skills for _, job in work(problem)]
    if not any(asked):
        return np.zeros(0, dtype=np.uint8)
    rows = []
    for kind in problem.vehicle_types:
        known = {skills: skills <= kind.skills for skills in set(asked)}
        rows.append([known[skills] for skills in asked])
    return np.array(rows, dtype=np.uint8)


def depot_arrays(problem: RoutingProblem) -> Arrays:
    """Return what is known of each depot."""
    place = {location.id: k for k, location in enumerate(problem.locations)}
    depots = problem.depots
    return {
        "depot_place": i32([place[depot.location] for depot in depots]),
        "depot_open": i64([depot.window.start for depot in depots]),
        "depot_close": i64([depot.window.end for depot in depots]),
        "depot_service": i64([depot.service for depot in depots]),
    }


def _twins(kinds: Sequence[VehicleType]) -> Int32:
    """Return a class for each type; classmates differ in capacity and cost only."""
    classes: dict[object, int] = {}
    found = []
    for kind in kinds:
        key = (
            kind.start,
            kind.end,
            kind.shift,
            kind.max_distance,
            kind.max_duration,
            kind.max_stops,
            kind.reload_depots,
            kind.max_reloads,
            kind.skills,
            kind.profile,
            kind.duration_cost,
        )
        found.append(classes.setdefault(key, len(classes)))
    return i32(found)


def _max_reloads(kind: VehicleType, jobs: int) -> int:
    return min(or_else(kind.max_reloads, jobs), jobs) if kind.reload_depots else 0
