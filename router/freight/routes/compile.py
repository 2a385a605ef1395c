"""Ids to indices and back: the only place where a routing problem becomes arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from router.freight.routes.plan import Route, Stop, StopKind
from router.freight.routes.problem import (
    BackhaulRule,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    VehicleType,
    Visit,
)
from router.matrix import UNREACHABLE, Euclidean, GreatCircle, Matrix, RoundMode, Travel
from router.search.neighbours import StopView, neighbour_lists
from router.search.parameters import Parameters
from router.search.problem import (
    FAR,
    ArrayRoute,
    Feature,
    Float,
    Int32,
    Int64,
    Item,
    Kind,
    RouteArrays,
    TravelArrays,
)
from router.timewindow import FOREVER, TimeWindow

Arrays = dict[str, Any]
"""Fields of RouteArrays by name, which gives each its type."""
DENSE = 500
"""Up to so many locations Euclidean travel is tabulated; beyond, computing a distance
is cheaper than the memory it comes from (1,000 stops: 134,000 against 119,000
iterations a second)."""
DENSE_ROUND = 2500
"""Likewise for great circles, which cost a dozen times as much to compute."""

_ALWAYS = (TimeWindow(),)
_BACKHAUL = {
    BackhaulRule.MIXED: 0,
    BackhaulRule.LINEHAUL_FIRST: 1,
    BackhaulRule.LINEHAUL_REQUIRED: 2,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A problem as arrays, and what its indices stand for."""

    problem: RoutingProblem
    arrays: RouteArrays
    stops: tuple[Stop, ...]
    """By stop index: visits in order, then pickup and delivery of each shipment."""

    def routes(self, routes: Sequence[ArrayRoute]) -> tuple[Route, ...]:
        """Return array routes in the caller's ids."""
        first = self.arrays.first_slot
        return tuple(
            Route(
                vehicle_type=self.problem.vehicle_types[route.type].id,
                vehicle=route.slot - int(first[route.type]),
                stops=tuple(self._stop(item) for item in route.items),
            )
            for route in routes
        )

    def _stop(self, item: Item) -> Stop:
        if item >= 0:
            return self.stops[item]
        return Stop(StopKind.RELOAD, self.problem.depots[-1 - item].id)

    def start(self, routes: Sequence[Route]) -> list[tuple[int, list[Item]]]:
        """Return the caller's routes as items; what is unknown or repeated is dropped."""
        types = {kind.id: k for k, kind in enumerate(self.problem.vehicle_types)}
        depots = {depot.id: -1 - k for k, depot in enumerate(self.problem.depots)}
        index = {stop: k for k, stop in enumerate(self.stops)}
        seen: set[Item] = set()
        found = []
        for route in routes:
            if route.vehicle_type not in types:
                continue
            items = []
            for stop in route.stops:
                reload = stop.kind is StopKind.RELOAD
                item = depots.get(stop.id) if reload else index.get(stop)
                if item is None or item in seen:
                    continue
                if not reload:
                    seen.add(item)
                items.append(item)
            found.append((types[route.vehicle_type], self._mated(items)))
        return found

    def _mated(self, items: list[Item]) -> list[Item]:
        """Drop stops of shipments whose two stops are not in order in one trip."""
        trip, trips = 0, {}
        order = {}
        for at, item in enumerate(items):
            trip += item < 0
            trips[item] = trip
            order[item] = at
        mate, pickup = self.arrays.mate, self.arrays.pickup
        kept = []
        for item in items:
            other = int(mate[item]) if item >= 0 else -1
            if other >= 0:
                early, late = (item, other) if pickup[item] else (other, item)
                if trips.get(early) != trips.get(late) or order[early] > order[late]:
                    continue
            kept.append(item)
        return kept


def compile_problem(problem: RoutingProblem, neighbours: int | None = None) -> Compiled:
    """Return the problem as arrays, with so many neighbours a stop, else as tuned."""
    return Compiled(problem, _Compiler(problem).arrays(neighbours), _stops(problem))


def _stops(problem: RoutingProblem) -> tuple[Stop, ...]:
    found = [Stop(StopKind.VISIT, visit.id) for visit in problem.visits]
    for shipment in problem.shipments:
        found.append(Stop(StopKind.PICKUP, shipment.id))
        found.append(Stop(StopKind.DELIVERY, shipment.id))
    return tuple(found)


@dataclass(slots=True)
class _Compiler:
    """Builds each group of arrays; stop order as in :func:`_stops`."""

    problem: RoutingProblem

    def work(self) -> Iterator[tuple[Visit | ShipmentStop, Visit | Shipment]]:
        """Yield each stop with the job that it belongs to."""
        for visit in self.problem.visits:
            yield visit, visit
        for shipment in self.problem.shipments:
            yield shipment.pickup, shipment
            yield shipment.delivery, shipment

    def arrays(self, neighbours: int | None) -> RouteArrays:
        stops, fleet = self._stops(), self._fleet()
        kind, features, loads = self._classify(stops, fleet)
        travel = tuple(self._travel(one) for one in self._profiles())
        view = self._view(stops, kind)
        near = neighbour_lists(view, neighbours or Parameters.tuned(kind, features).neighbours)
        spacing = _spacing(view, near, fleet["per_distance"])
        return RouteArrays(
            stops=len(stops["place"]),
            locations=len(self.problem.locations),
            kind=kind,
            features=features,
            backhaul=_BACKHAUL[self.problem.backhaul],
            travel=travel,
            near=near,
            absence=self._absence(fleet, spacing),
            spacing=spacing,
            **stops,
            **fleet,
            **loads,
            **self._orders(stops, loads, kind),
            **self._depots(),
        )

    def _stops(self) -> Arrays:
        problem = self.problem
        place = {location.id: k for k, location in enumerate(problem.locations)}
        work = list(self.work())
        n, dims, visits = len(work), len(problem.dimensions), len(problem.visits)
        windows = [stop.windows or _ALWAYS for stop, _ in work]
        flat = [window for row in windows for window in row]
        pairs = np.arange(visits, n)
        mate = np.full(n, -1, dtype=np.int32)
        mate[visits:] = visits + ((pairs - visits) ^ 1)
        pickup = np.zeros(n, dtype=np.uint8)
        pickup[visits::2] = 1
        load = _table([shipment.load for shipment in problem.shipments], dims)
        carry = np.zeros((n, dims), dtype=np.int64)
        carry[visits::2] = load
        carry[visits + 1 :: 2] = -load
        return {
            "place": _i32([place[stop.location] for stop, _ in work]),
            "service": _i64([stop.service for stop, _ in work]),
            "open": _i64([row[0].start for row in windows]),
            "close": _i64([row[-1].end for row in windows]),
            "first_window": _i32(np.cumsum([0, *map(len, windows)])),
            "window_open": _i64([window.start for window in flat]),
            "window_close": _i64([window.end for window in flat]),
            "release": _i64([getattr(stop, "release", 0) for stop, _ in work]),
            "deliver": _table([getattr(stop, "deliver", ()) for stop, _ in work], dims),
            "collect": _table([getattr(stop, "collect", ()) for stop, _ in work], dims),
            "carry": carry,
            "mate": mate,
            "pickup": pickup,
            **self._prizes(),
        }

    def _prizes(self) -> Arrays:
        """Prizes of jobs, at each stop; a group's price stands at each member."""
        problem = self.problem
        prize = _i64([-1 if job.prize is None else job.prize for _, job in self.work()])
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
            "group_first": _i32(np.cumsum([0, *(len(g.visits) for g in problem.groups)])),
            "members": _i32(members),
            "group_required": np.array([g.required for g in problem.groups], dtype=np.uint8),
        }

    def _fleet(self) -> Arrays:
        problem, kinds = self.problem, self.problem.vehicle_types
        depot = {one.id: k for k, one in enumerate(problem.depots)}
        profile = {name: k for k, name in enumerate(problem.travel)}
        jobs = len(problem.visits) + len(problem.shipments)
        counts = [jobs if kind.count is None else min(kind.count, jobs) for kind in kinds]
        dims = len(problem.dimensions)
        return {
            "slot_type": np.repeat(np.arange(len(kinds), dtype=np.int32), counts),
            "first_slot": _i32(np.cumsum([0, *counts])),
            "start": _i32([depot[kind.start] for kind in kinds]),
            "end": _i32([-1 if kind.end is None else depot[kind.end] for kind in kinds]),
            "profile": _i32([profile[kind.profile] for kind in kinds]),
            "hold": _table([kind.capacity or (FAR,) * dims for kind in kinds], dims),
            "shift_open": _i64([kind.shift.start for kind in kinds]),
            "shift_close": _i64([kind.shift.end for kind in kinds]),
            "fixed": _i64([kind.fixed_cost for kind in kinds]),
            "per_distance": _i64([kind.distance_cost for kind in kinds]),
            "per_duration": _i64([kind.duration_cost for kind in kinds]),
            "max_distance": _i64([_or(kind.max_distance, FAR) for kind in kinds]),
            "max_duration": _i64([_or(kind.max_duration, FAR) for kind in kinds]),
            "max_stops": _i32([min(_or(kind.max_stops, 2**31 - 1), 2**31 - 1) for kind in kinds]),
            "max_reloads": _i32([_max_reloads(kind, jobs) for kind in kinds]),
            "reload_first": _i32(np.cumsum([0, *(len(k.reload_depots) for k in kinds)])),
            "reload_depots": _i32([depot[name] for kind in kinds for name in kind.reload_depots]),
            "reload_pool": min(
                2 * jobs,
                sum(c * _max_reloads(k, jobs) for c, k in zip(counts, kinds, strict=True)) + jobs,
            )
            if any(_max_reloads(kind, jobs) for kind in kinds)
            else 0,
            "twin": _twins(kinds),
            "allowed": self._allowed(),
        }

    def _allowed(self) -> npt.NDArray[np.uint8]:
        """Which type may serve which stop, (types, n); empty where every one may."""
        asked = [job.skills for _, job in self.work()]
        if not any(asked):
            return np.zeros(0, dtype=np.uint8)
        rows = []
        for kind in self.problem.vehicle_types:
            known = {skills: skills <= kind.skills for skills in set(asked)}
            rows.append([known[skills] for skills in asked])
        return np.array(rows, dtype=np.uint8)

    def _depots(self) -> Arrays:
        place = {location.id: k for k, location in enumerate(self.problem.locations)}
        depots = self.problem.depots
        return {
            "depot_place": _i32([place[depot.location] for depot in depots]),
            "depot_open": _i64([depot.window.start for depot in depots]),
            "depot_close": _i64([depot.window.end for depot in depots]),
            "depot_service": _i64([depot.service for depot in depots]),
        }

    def _classify(self, stops: Arrays, fleet: Arrays) -> tuple[Kind, Feature, Arrays]:
        """Return the kind, the features, and the loads that simply add up."""
        problem = self.problem
        features = self._features(stops, fleet)
        deliver, collect = stops["deliver"], stops["collect"]
        nature = (deliver.any(axis=1) * 1 + collect.any(axis=1) * 2).astype(np.int32)
        ruled = problem.backhaul is not BackhaulRule.MIXED
        both = bool(deliver.any() and collect.any())
        if both and not ruled:
            features |= Feature.MIXED
        plain_natures = bool(np.isin(nature, (1, 2)).all())
        if ruled and plain_natures:
            features |= Feature.BACKHAUL
        pairs = bool(features & Feature.PAIRS)
        used = [np.flatnonzero(table.any(axis=0)) for table in (deliver, collect)]
        add = np.concatenate([deliver[:, used[0]], collect[:, used[1]]], axis=1)
        hold = fleet["hold"]
        capacity = np.concatenate([hold[:, used[0]], hold[:, used[1]]], axis=1)
        loads = {
            "add": np.ascontiguousarray(add),
            "capacity": np.ascontiguousarray(capacity),
            "nature": nature,
        }
        hard = bool(features & (Feature.RELOADS | Feature.MIXED | Feature.RELEASES))
        hard = hard or (ruled and not plain_natures) or len(problem.travel) > 1
        hard = hard or (pairs and (bool(problem.visits) or bool(features & Feature.DURATION)))
        hard = hard or bool(features & Feature.WINDOWS and features & Feature.DURATION)
        if hard:
            return Kind.GENERAL, features, loads
        if pairs:
            return Kind.PAIRED, features, loads
        if features & Feature.DURATION:
            return Kind.SPANNED, features, loads
        return (Kind.TIMED if self._timed(stops) else Kind.PLAIN), features, loads

    def _features(self, stops: Arrays, fleet: Arrays) -> Feature:
        kinds = self.problem.vehicle_types
        found = Feature(0)
        if len(kinds) > 1 or fleet["per_distance"][0] != 1:
            found |= Feature.FLEET
        if len(set(fleet["twin"].tolist())) < len(kinds):
            found |= Feature.TWINS
        if (fleet["max_distance"] < FAR).any() or (fleet["max_stops"] < 2**31 - 1).any():
            found |= Feature.LIMITS
        if len(fleet["allowed"]):
            found |= Feature.SKILLS
        if (stops["prize"] >= 0).any():
            found |= Feature.OPTIONAL
        if self.problem.groups:
            found |= Feature.GROUPS
        if fleet["reload_pool"]:
            found |= Feature.RELOADS
        if self.problem.shipments:
            found |= Feature.PAIRS
        if stops["release"].any():
            found |= Feature.RELEASES
        if len(stops["window_open"]) > len(stops["open"]):
            found |= Feature.WINDOWS
        if (fleet["max_duration"] < FAR).any() or fleet["per_duration"].any():
            found |= Feature.DURATION
        return found

    def _timed(self, stops: Arrays) -> bool:
        """Whether any window can bind."""
        if stops["open"].any() or (stops["close"] < FOREVER).any():
            return True
        bounds = [depot.window for depot in self.problem.depots]
        bounds += [kind.shift for kind in self.problem.vehicle_types]
        return any(window != TimeWindow() for window in bounds)

    def _profiles(self) -> list[Travel]:
        return list(self.problem.travel.values())

    def _travel(self, travel: Travel) -> TravelArrays:
        empty = np.zeros(0, dtype=np.int32)
        if isinstance(travel, Matrix):
            distances = _padded(travel.distances)
            same = travel.durations is travel.distances or np.array_equal(
                travel.durations, travel.distances
            )
            if not same:  # a leg needs both a distance and a duration
                distances[:-1, :-1][travel.durations >= UNREACHABLE] = UNREACHABLE
            durations = empty if same else _padded(travel.durations)
            none = np.zeros(0)
            alike = np.array_equal(distances, distances.T)
            alike = alike and np.array_equal(travel.durations, travel.durations.T)
            return TravelArrays(
                distances=distances,
                durations=durations,
                xs=none,
                ys=none,
                symmetric=int(alike),
            )
        xs, ys = np.ascontiguousarray(travel.xs), np.ascontiguousarray(travel.ys)
        distances, durations = empty, empty
        if len(xs) <= (DENSE_ROUND if isinstance(travel, GreatCircle) else DENSE):
            every = np.arange(len(xs))
            distances = _padded(_lengths(travel, every[:, None], every[None, :]))
            if isinstance(travel, GreatCircle):
                durations = _padded(np.ceil(distances[:-1, :-1] / travel.metres_per_second))
        if isinstance(travel, GreatCircle):
            return TravelArrays(
                distances=distances,
                durations=durations,
                xs=xs,
                ys=ys,
                scale=travel.detour,
                speed=travel.metres_per_second,
            )
        whole = bool((xs == np.rint(xs)).all() and (ys == np.rint(ys)).all())
        return TravelArrays(
            distances=distances,
            durations=durations,
            xs=xs,
            ys=ys,
            scale=travel.scale,
            floor=int(travel.mode is RoundMode.FLOOR),
            exact=int(whole and max(np.abs(xs).max(), np.abs(ys).max()) < 2**25),
        )

    def _view(self, stops: Arrays, kind: Kind) -> StopView:
        travel = self._profiles()[0]
        place = stops["place"]

        def distance(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
            return _lengths(travel, place[a], place[b])

        def duration(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
            return _durations(travel, place[a], place[b])

        xs, ys = np.zeros(0), np.zeros(0)
        if not isinstance(travel, Matrix):
            xs, ys = travel.xs[place], travel.ys[place]
        return StopView(
            xs=xs,
            ys=ys,
            open=stops["open"].astype(float),
            close=stops["close"].astype(float),
            service=stops["service"].astype(float),
            distance=distance,
            duration=duration,
            timed=kind is not Kind.PLAIN,
            symmetric=not isinstance(travel, Matrix),
            same=isinstance(travel, Euclidean),
        )

    def _orders(
        self,
        stops: Arrays,
        loads: Arrays,
        kind: Kind,
    ) -> Arrays:
        """Keys by which jobs are inserted: large, far, near; tight, early, late windows.

        Weights of Christiaens and Vanden Berghe 2020, random order 4, large 4,
        far 2, near 1, and 2 for each order by windows.
        """
        size = (loads["add"].sum(axis=1) + np.abs(stops["carry"]).sum(axis=1)).astype(np.int64)
        travel = self._profiles()[0]
        depot = self._depots()["depot_place"]
        away = np.full(len(size), np.inf)
        for place in set(depot.tolist()):
            away = np.minimum(away, _lengths(travel, np.array([place]), stops["place"]))
        far = np.minimum(away, 2.0**40).astype(np.int64)
        keys, weights = [-size, -far, far], [4.0, 2.0, 1.0]
        if kind is not Kind.PLAIN:
            keys += [stops["close"] - stops["open"], stops["open"], -stops["close"]]
            weights += [2.0, 2.0, 2.0]
        shares = np.cumsum(weights) / (sum(weights) + 4.0)
        return {"keys": np.array(keys, dtype=np.int64), "key_weight": shares}

    def _absence(self, fleet: Arrays, spacing: float) -> int:
        """More than serving any one job is likely to cost."""
        travel, place = self._profiles()[0], self._depots()["depot_place"]
        every = np.arange(len(self.problem.locations))
        reach = _lengths(travel, place[:1], every)
        reach = reach[reach < UNREACHABLE]
        trip = float(reach.max()) * 4 if len(reach) else 1.0
        most = float(fleet["per_distance"].max()) * trip + float(fleet["fixed"].max())
        most += float(fleet["per_duration"].max()) * trip
        return int(min(most + 10 * spacing + 1, 2.0**45))


def _spacing(view: StopView, near: Int32, per_distance: Int64) -> float:
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


def _lengths(
    travel: Travel, a: npt.NDArray[np.integer], b: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """Return distances of index arrays, as whole float64."""
    if isinstance(travel, Matrix):
        found: Float = np.minimum(travel.distances[a, b], UNREACHABLE).astype(float)
        return found
    if isinstance(travel, Euclidean):
        raw: Float = np.hypot(travel.xs[a] - travel.xs[b], travel.ys[a] - travel.ys[b])
        raw = travel.scale * raw
        return np.floor(raw) if travel.mode is RoundMode.FLOOR else np.rint(raw)
    from router.geo import EARTH_RADIUS_M

    lat_a, lat_b = np.radians(travel.ys[a]), np.radians(travel.ys[b])
    lon = np.radians(travel.xs[b] - travel.xs[a])
    h = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin(lon / 2) ** 2
    air: Float = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    return np.rint(travel.detour * air)


def _durations(
    travel: Travel, a: npt.NDArray[np.integer], b: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    if isinstance(travel, Matrix):
        found: Float = np.minimum(travel.durations[a, b], UNREACHABLE).astype(float)
        return found
    length = _lengths(travel, a, b)
    if isinstance(travel, GreatCircle):
        return np.ceil(length / travel.metres_per_second)
    return length


def _padded(table: npt.NDArray[np.generic]) -> Int32:
    """Return the table as int32 with a zero row and column for the location nowhere."""
    size = len(table)
    out = np.zeros((size + 1, size + 1), dtype=np.int32)
    out[:size, :size] = np.minimum(table, UNREACHABLE)
    return out


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
    return _i32(found)


def _max_reloads(kind: VehicleType, jobs: int) -> int:
    return min(_or(kind.max_reloads, jobs), jobs) if kind.reload_depots else 0


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _table(rows: Sequence[tuple[int, ...]], dims: int) -> Int64:
    return np.array([row or (0,) * dims for row in rows], dtype=np.int64).reshape(-1, dims)


def _i32(values: Sequence[int] | npt.NDArray[np.generic]) -> Int32:
    return np.ascontiguousarray(values, dtype=np.int32)


def _i64(values: Sequence[int]) -> Int64:
    return np.array(values, dtype=np.int64)
