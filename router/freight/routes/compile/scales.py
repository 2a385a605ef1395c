"""Who is near whom, in which orders jobs are inserted, and what weighs how much."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from router.freight.routes.compile.fleet import depot_arrays
from router.freight.routes.compile.tables import Arrays
from router.freight.routes.compile.travel import durations, lengths
from router.freight.routes.problem import RoutingProblem
from router.matrix import UNREACHABLE, Euclidean, Matrix
from router.search.neighbours import Pairwise, StopView
from router.search.problem import Float, Int32, Int64, Kind


def stop_view(problem: RoutingProblem, stops: Arrays, kind: Kind) -> StopView:
    """Return what nearness depends on."""
    travel = next(iter(problem.travel.values()))
    place = stops["place"]

    def distance(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return lengths(travel, place[a], place[b])

    def duration(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return durations(travel, place[a], place[b])

    xs, ys = np.zeros(0), np.zeros(0)
    if not isinstance(travel, Matrix):
        xs, ys = travel.xs[place], travel.ys[place]
    opens, closes = _served_within(stops, duration)
    return StopView(
        xs=xs,
        ys=ys,
        open=opens,
        close=closes,
        service=stops["service"].astype(float),
        distance=distance,
        duration=duration,
        timed=kind is not Kind.PLAIN,
        adjacent=kind in (Kind.TIMED, Kind.SPANNED),
        symmetric=not isinstance(travel, Matrix),
        same=isinstance(travel, Euclidean),
    )


def _served_within(stops: Arrays, duration: Pairwise) -> tuple[Float, Float]:
    """Return when each stop can be served: nothing is delivered before it can be there."""
    opens, closes = stops["open"].astype(float), stops["close"].astype(float)
    pickups = np.flatnonzero(stops["pickup"])
    if not len(pickups):
        return opens, closes
    deliveries = stops["mate"][pickups]
    ride = duration(pickups, deliveries)
    ride = stops["service"][pickups] + np.where(ride < UNREACHABLE, ride, 0.0)
    opens[deliveries] = np.maximum(opens[deliveries], opens[pickups] + ride)
    closes[pickups] = np.minimum(closes[pickups], closes[deliveries] - ride)
    return opens, closes


def insertion_orders(
    problem: RoutingProblem,
    stops: Arrays,
    loads: Arrays,
    kind: Kind,
) -> Arrays:
    """Keys by which jobs are inserted: large, far, near; tight, early, late windows.

    Weights of Christiaens and Vanden Berghe 2020, random order 4, large 4,
    far 2, near 1, and 2 for each order by windows.
    """
    size = (loads["add"].sum(axis=1) + np.abs(stops["carry"]).sum(axis=1)).astype(np.int64)
    travel = next(iter(problem.travel.values()))
    depot = depot_arrays(problem)["depot_place"]
    away = np.full(len(size), np.inf)
    for place in set(depot.tolist()):
        away = np.minimum(away, lengths(travel, np.array([place]), stops["place"]))
    far = np.minimum(away, 2.0**40).astype(np.int64)
    keys, weights = [-size, -far, far], [4.0, 2.0, 1.0]
    if kind is not Kind.PLAIN:
        keys += [stops["close"] - stops["open"], stops["open"], -stops["close"]]
        weights += [2.0, 2.0, 2.0]
    shares = np.cumsum(weights) / (sum(weights) + 4.0)
    return {"keys": np.array(keys, dtype=np.int64), "key_weight": shares}


def absence_price(problem: RoutingProblem, fleet: Arrays, spacing: float) -> int:
    """More than serving any one job is likely to cost."""
    travel, place = next(iter(problem.travel.values())), depot_arrays(problem)["depot_place"]
    every = np.arange(len(problem.locations))
    reach = lengths(travel, place[:1], every)
    reach = reach[reach < UNREACHABLE]
    trip = float(reach.max()) * 4 if len(reach) else 1.0
    most = float(fleet["per_distance"].max()) * trip + float(fleet["fixed"].max())
    most += float(fleet["per_duration"].max()) * trip
    return int(min(most + 10 * spacing + 1, 2.0**45))


def spacing_of(view: StopView, near: Int32, per_distance: Int64) -> float:
    """Return the mean cost of the way from a stop to the nearest of its neighbours."""
    rows = np.flatnonzero(near[:, 0] >= 0)
    if not len(rows):
        return 1.0
    rows = rows[:: max(1, len(rows) // 2000)]
    ways = view.distance(rows[:, None], near[rows].astype(np.int64))
    ways = np.where(near[rows] < 0, np.inf, ways)
    ways = np.where(ways >= UNREACHABLE, np.inf, ways).min(axis=1)
    ways = ways[np.isfinite(ways)]
    unit = max(float(per_distance.mean()), 1e-9)
    return max(float(ways.mean()) * unit, 1.0) if len(ways) else unit
