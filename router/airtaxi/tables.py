"""The problem as flat tables of whole numbers, for the compiled search.

Ids become list positions here and nowhere else; times count from the horizon's
start. The tables' names are those of ``struct Day`` in
``router/kernels/airtaxi_day.pxd``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.airtaxi.charging import drawn_w, fill_times
from router.airtaxi.charging_tables import charging_tables
from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.fleet import Aircraft, AircraftType
from router.airtaxi.network import Corridor, LegStep, Vertiport
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.reasons import hopeless
from router.airtaxi.roster import Roster, draw_up
from router.timewindow import TimeWindow

FAR = 2**30
"""A moment after every horizon, in seconds."""

MOST_W = 10**9
"""No charger gives more, watts."""

Table = Mapping[str, "NDArray[np.generic] | int | float"]


@dataclass(frozen=True, slots=True)
class Index:
    """What each list position of the tables stands for."""

    vertiports: tuple[Vertiport, ...]
    corridors: tuple[Corridor, ...]
    aircraft: tuple[Aircraft, ...]
    riders: tuple[Trip | TimetableFlight, ...]
    """Trips, then timetable flights: a timetable flight is a trip of nobody."""
    groups: tuple[tuple[int, str], ...]
    """Charger groups by vertiport, strongest first: (vertiport, group id)."""
    start: int
    """The horizon's start, which is moment 0 of the tables."""
    roster: Roster


def build(problem: AirTaxiProblem, leave_with: float = 0.0) -> tuple[Index, Table]:
    """Return the tables of a problem and what their positions mean.

    Aircraft leave a vertiport with chargers with at least that share of their battery.
    """
    port = {v.id: i for i, v in enumerate(problem.vertiports)}
    groups = [
        (port[v.id], g.id)
        for v in problem.vertiports
        for g in sorted(v.chargers, key=lambda g: (-g.power_w, g.id))
    ]
    index = Index(
        problem.vertiports,
        problem.corridors,
        problem.aircraft,
        (*problem.trips, *problem.timetable),
        tuple(groups),
        problem.horizon.start,
        draw_up(problem),
    )
    tables: dict[str, NDArray[np.generic] | int | float] = {
        "horizon": problem.horizon.end - problem.horizon.start,
        "ports": len(problem.vertiports),
        "corridors": len(problem.corridors),
        "kinds": len(problem.types),
        "aircraft": len(problem.aircraft),
        "trips": len(index.riders),
    }
    tables |= _port_tables(problem, index)
    tables |= _corridor_tables(problem, index, port)
    tables |= _type_tables(problem)
    tables |= charging_tables(problem, index.groups)
    tables["leave"] = _ints(_leave_wh(k, leave_with) for k in problem.types)
    tables |= _aircraft_tables(problem, index, port)
    tables |= _rider_tables(problem, index)
    return index, tables


def _ints(values: Iterable[int]) -> NDArray[np.int32]:
    """Return an int32 array of at least one cell, values cut to what it holds."""
    cells = np.clip(np.fromiter(values, np.int64), -FAR, 2**31 - 1)
    return (cells if cells.size else np.zeros(1)).astype(np.int32)


def _reals(values: Iterable[float]) -> NDArray[np.float64]:
    cells = np.fromiter(values, np.float64)
    return cells if cells.size else np.zeros(1)


def _offsets(counts: Iterable[int]) -> NDArray[np.int32]:
    """Return where each row of a ragged table starts, and where the last ends."""
    return np.concatenate(([0], np.cumsum(np.fromiter(counts, np.int64)))).astype(np.int32)


def _windows(
    name: str, rows: Sequence[Sequence[TimeWindow]], start: int
) -> dict[str, NDArray[np.int32]]:
    flat = [w for row in rows for w in row]
    return {
        f"{name}_from": _offsets(len(row) for row in rows),
        f"{name}_start": _ints(w.start - start for w in flat),
        f"{name}_end": _ints(w.end - start for w in flat),
    }


def _port_tables(
    problem: AirTaxiProblem, index: Index
) -> dict[str, NDArray[np.generic] | int | float]:
    ports = problem.vertiports
    chargers = [problem.vertiports[v].charger(g) for v, g in index.groups]
    limits = (-1 if v.power_limit_w is None else v.power_limit_w for v in ports)
    return {
        "pads": _ints(v.pads for v in ports),
        "takeoff": _ints(v.takeoff_s for v in ports),
        "landing": _ints(v.landing_s for v in ports),
        "taxi": _ints(v.taxi_s for v in ports),
        "stands": _ints(v.stands for v in ports),
        "limit_w": np.fromiter(limits, np.int64),
        "fee": _reals(v.landing_fee for v in ports),
        "stand_cost": _reals(v.stand_cost_per_hour / 3600 for v in ports),
        "group_from": _offsets(len(v.chargers) for v in ports),
        "chargers": _ints(g.count for g in chargers if g),
        "wh_cost": mean_wh_cost(problem),
        **_windows("open", [v.opening for v in ports], index.start),
    }


def mean_wh_cost(problem: AirTaxiProblem) -> float:
    """Return about what a watt-hour costs: the mean over the tariffs of all chargers."""
    prices = [
        float(np.mean([s.price_per_kwh for s in v.tariff])) / g.efficiency_permille
        for v in problem.vertiports
        for g in v.chargers
        if v.tariff
    ]
    return float(np.mean(prices)) if prices else 0.0


def _corridor_tables(
    problem: AirTaxiProblem, index: Index, port: Mapping[str, int]
) -> dict[str, NDArray[np.generic] | int | float]:
    count = len(port)
    link = np.full((count, count), -1, np.int32)
    for i, c in enumerate(problem.corridors):
        link[port[c.origin], port[c.destination]] = i
    return {
        "origin": _ints(port[c.origin] for c in problem.corridors),
        "destination": _ints(port[c.destination] for c in problem.corridors),
        "headway": _ints(c.headway_s for c in problem.corridors),
        "link": link.ravel(),
        **_windows("close", [c.closures for c in problem.corridors], index.start),
        **_step_tables(problem, index.start),
    }


def _step_tables(
    problem: AirTaxiProblem, start: int
) -> dict[str, NDArray[np.generic] | int | float]:
    """Return time, energy and about the cost of each type on each corridor.

    A type is barred from a corridor that it cannot fly at any time with a full battery.
    """
    rows = [_usable(c, k) for k in problem.types for c in problem.corridors]
    pairs = [(k, c) for k in problem.types for c in problem.corridors]
    blocks, costs = [], []
    wh_cost = mean_wh_cost(problem)
    for (kind, corridor), steps in zip(pairs, rows, strict=True):
        o, t = problem.vertiport[corridor.origin], problem.vertiport[corridor.destination]
        around = o.taxi_s + o.takeoff_s + t.landing_s + t.taxi_s
        blocks.append(min((s.seconds for s in steps), default=-1 - around) + around)
        costs.append(
            kind.cost_per_flight
            + t.landing_fee
            + min((s.seconds for s in steps), default=0) * kind.cost_per_flight_s
            + min((s.energy_wh for s in steps), default=0) * wh_cost
        )
    flat = [s for steps in rows for s in steps]
    return {
        "step_from": _offsets(len(steps) for steps in rows),
        "step_start": _ints(s.start - start for s in flat),
        "step_s": _ints(s.seconds for s in flat),
        "step_wh": _ints(s.energy_wh for s in flat),
        "least_block": _ints(blocks),
        "leg_cost": _reals(costs),
    }


def _usable(corridor: Corridor, kind: AircraftType) -> list[LegStep]:
    """Return a type's steps, none where no battery is large enough for any of them."""
    steps = list(corridor.steps(kind.id))
    usable = kind.battery_wh - kind.reserve_wh
    return steps if any(s.energy_wh <= usable for s in steps) else []


def _type_tables(
    problem: AirTaxiProblem,
) -> dict[str, NDArray[np.generic] | int | float]:
    kinds = problem.types
    return {
        "seats": _ints(k.seats for k in kinds),
        "payload": _ints(k.payload_kg for k in kinds),
        "battery": _ints(k.battery_wh for k in kinds),
        "reserve": _ints(k.reserve_wh for k in kinds),
        "turnaround": _ints(k.turnaround_s for k in kinds),
        "connect": _ints(k.connect_s for k in kinds),
        "disconnect": _ints(k.disconnect_s for k in kinds),
        "flight_cost": _reals(k.cost_per_flight for k in kinds),
        "second_cost": _reals(k.cost_per_flight_s for k in kinds),
        "day_cost": _reals(k.day_cost for k in kinds),
        "reserve_w": _ints(drawn_w(k.curve, MOST_W, k.reserve_wh) for k in kinds),
    }


def _leave_wh(kind: AircraftType, share: float) -> int:
    """Return a share of the battery, or what charging gets to where that is less, Wh."""
    return min(math.ceil(kind.battery_wh * share), len(fill_times(kind.curve, MOST_W)) - 1)


def _aircraft_tables(
    problem: AirTaxiProblem, index: Index, port: Mapping[str, int]
) -> dict[str, NDArray[np.generic] | int | float]:
    kind = {k.id: i for i, k in enumerate(problem.types)}
    start, end = problem.horizon.start, problem.horizon.end
    end_at = [index.roster.end(i) or a.end or "" for i, a in enumerate(problem.aircraft)]
    tails = [
        (
            kind[a.type],
            port[a.start],
            port.get(end_at[i], -1),
            max(a.available_from, start) - start,
            min(a.available_until, end) - start,
            a.soc_wh,
            a.final_soc_wh,
        )
        for i, a in enumerate(problem.aircraft)
    ]
    placed = [_anchors(a, index.roster, i) for i, a in enumerate(problem.aircraft)]
    fixed = [
        (port[place], max(0, window.start - start), min(end, window.end + 1) - start)
        for row in placed
        for place, window in row
    ]
    anywhere = [[d.window for d in a.downtimes if d.vertiport is None] for a in problem.aircraft]
    least = min(
        (k.turnaround_s + c_steps for k in problem.types for c_steps in _shortest(problem, k.id)),
        default=600,
    )
    most = max((len(row) for row in placed), default=0)
    return {
        "tails": np.array(tails, np.int32),
        "fixed_from": _offsets(len(row) for row in placed),
        "fixed": np.array(fixed or [(0, 0, 0)], np.int32),
        "most_legs": min(2000, 8 + most + (end - start) // max(60, least)),
        **_windows("down", anywhere, start),
        **_duty_tables(problem, index),
    }


def _anchors(tail: Aircraft, roster: Roster, a: int) -> list[tuple[str, TimeWindow]]:
    """Return where an aircraft has to stand and when: downtimes at places, handovers."""
    downs = [(d.vertiport, d.window) for d in tail.downtimes if d.vertiport is not None]
    return sorted([*downs, *roster.handovers(tail, a)], key=lambda at: at[1])


def _duty_tables(problem: AirTaxiProblem, index: Index) -> dict[str, NDArray[np.int32]]:
    numbers = range(len(problem.aircraft))
    limits = [index.roster.limits(a) for a in numbers]
    duties = [d for row in limits for d in row]
    return {
        **_windows("rest", [index.roster.rests(a, problem.horizon) for a in numbers], index.start),
        "duty_from": _offsets(len(row) for row in limits),
        "duty_start": _ints(d.window.start - index.start for d in duties),
        "duty_end": _ints(d.window.end - index.start for d in duties),
        "duty_flight": _ints(d.max_flight_s for d in duties),
    }


def _shortest(problem: AirTaxiProblem, type_id: str) -> list[int]:
    return [s.seconds for c in problem.corridors for s in c.steps(type_id)]


def _rider_tables(
    problem: AirTaxiProblem, index: Index
) -> dict[str, NDArray[np.generic] | int | float]:
    corridor = {c.key: i for i, c in enumerate(problem.corridors)}
    kind = {k.id: i for i, k in enumerate(problem.types)}
    everyone = (1 << 64) - 1
    promise = 1e9 + 4.0 * sum(r.value for r in index.riders)
    rows, worth, types = [], [], []
    for r in index.riders:
        flies = corridor.get((r.origin, r.destination), -1) if not hopeless(problem, r) else -1
        window = r.off_block if isinstance(r, TimetableFlight) else r.departure
        earliest, latest = window.start - index.start, window.end - index.start
        if isinstance(r, TimetableFlight):
            rows.append((flies, 0, 0, earliest, latest, FAR, FAR, 0, 1, 0))
            must = r.required
            types.append(sum(1 << kind[t] for t in r.types) if r.types else everyone)
        else:
            by = FAR if r.arrive_by is None else r.arrive_by - index.start
            ride = FAR if r.max_ride_s is None else r.max_ride_s
            alone = int(not r.may_share)
            wait = r.wait_cost_per_s
            rows.append((flies, r.party, r.weight_kg, earliest, latest, by, ride, alone, 0, wait))
            must = r.promised
            types.append(everyone)
        worth.append(r.value + (promise if must else 0.0))
    cells = np.array(rows, np.int64).reshape(-1, 10)
    names = (
        *("corridor", "party", "trip_kg", "earliest", "latest"),
        *("arrive_by", "max_ride", "solo", "timetable"),
    )
    queue = [p for p in np.argsort(cells[:, 3], kind="stable") if cells[p, 0] >= 0]
    by_corridor = sorted(queue, key=lambda p: int(cells[p, 0]))
    counts = np.bincount(cells[cells[:, 0] >= 0, 0], minlength=len(problem.corridors))
    widths = cells[:, 4] - cells[:, 3]
    return {
        **{name: _ints(cells[:, i]) for i, name in enumerate(names)},
        "wait_cost": _reals(cells[:, 9]),
        "worth": _reals(worth),
        "promise": promise,
        "types": np.array(types or [0], np.uint64),
        "queue_from": _offsets(counts),
        "queue": _ints(by_corridor),
        "by_time": _ints(queue),
        "known": len(queue),
        "widest": int(min(FAR, widths.max(initial=0))),
    }
