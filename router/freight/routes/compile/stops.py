"""Stops as arrays: visits in order, then pickup and delivery of each shipment."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from router.freight.routes.compile.tables import Arrays, i32, i64, table
from router.freight.routes.problem import RoutingProblem, Shipment, ShipmentStop, Visit
from router.timewindow import TimeWindow

_ALWAYS = (TimeWindow(),)


def work(problem: RoutingProblem) -> Iterator[tuple[Visit | ShipmentStop, Visit | Shipment]]:
    """Yield each stop with the job that it belongs to."""
    for visit in problem.visits:
        yield visit, visit
    for shipment in problem.shipments:
        yield shipment.pickup, shipment
        yield shipment.delivery, shipment


def stop_arrays(problem: RoutingProblem) -> Arrays:
    """Return what is known of each stop."""
    place = {location.id: k for k, location in enumerate(problem.locations)}
    jobs = list(work(problem))
    n, dims, visits = len(jobs), len(problem.dimensions), len(problem.visits)
    windows = [stop.windows or _ALWAYS for stop, _ in jobs]
    flat = [window for row in windows for window in row]
    pairs = np.arange(visits, n)
    mate = np.full(n, -1, dtype=np.int32)
    mate[visits:] = visits + ((pairs - visits) ^ 1)
    pickup = np.zeros(n, dtype=np.uint8)
    pickup[visits::2] = 1
    load = table([shipment.load for shipment in problem.shipments], dims)
    carry = np.zeros((n, dims), dtype=np.int64)
    carry[visits::2] = load
    carry[visits + 1 :: 2] = -load
    return {
        "place": i32([place[stop.location] for stop, _ in jobs]),
        "service": i64([stop.service for stop, _ in jobs]),
        "open": i64([row[0].start for row in windows]),
        "close": i64([row[-1].end for row in windows]),
        "first_window": i32(np.cumsum([0, *map(len, windows)])),
        "window_open": i64([window.start for window in flat]),
        "window_close": i64([window.end for window in flat]),
        "release": i64([getattr(stop, "release", 0) for stop, _ in jobs]),
        "deliver": table([getattr(stop, "deliver", ()) for stop, _ in jobs], dims),
        "collect": table([getattr(stop, "collect", ()) for stop, _ in jobs], dims),
        "carry": carry,
        "mate": mate,
        "pickup": pickup,
        **_prizes(problem),
    }


def _prizes(problem: RoutingProblem) -> Arrays:
    """Prizes of jobs, at each stop; a group's price stands at each member."""
    prize = i64([-1 if job.prize is None else job.prize for _, job in work(problem)])
    index = {visit.id: k for k, visit in enumerate(problem.visits)}
    group = np.full(len(prize), -1, dtype=np.int32)
    members = []
    for g, one in enumerate(problem.groups):
        for name in one.visits:
            members.append(index[name])
            group[index[name]] = g
            prize[index[name]] = -1 if one.required else one.prize
    return {
        "prize": prize,
        "group": group,
        "group_first": i32(np.cumsum([0, *(len(g.visits) for g in problem.groups)])),
        "members": i32(members),
        "group_required": np.array([g.required for g in problem.groups], dtype=np.uint8),
    }
