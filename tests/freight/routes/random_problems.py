"""Random routing problems over every field of the domain."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from router.freight.routes.problem import (
    BackhaulRule,
    Depot,
    Group,
    Location,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    VehicleType,
    Visit,
)
from router.matrix import UNREACHABLE, Euclidean, GreatCircle, Matrix, RoundMode, Travel
from router.timewindow import TimeWindow

HORIZON = 120
SKILLS = ("cold", "crane")
Draw = st.DrawFn


def often(value: Any, other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return ``value`` half of the time, so that features meet in all combinations."""
    return st.one_of(st.just(value), other)


@st.composite
def windows(draw: Draw, most: int = 3) -> tuple[TimeWindow, ...]:
    """Draw up to ``most`` disjoint windows in ascending order."""
    count = draw(st.integers(0, most))
    bounds = sorted(
        draw(st.lists(st.integers(0, HORIZON), min_size=2 * count, max_size=2 * count, unique=True))
    )
    return tuple(TimeWindow(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=True))


def shifts() -> st.SearchStrategy[TimeWindow]:
    """Draw a window that is always, late to open, or early to close."""
    return st.builds(
        TimeWindow, st.integers(0, HORIZON // 3), st.integers(HORIZON // 2, 3 * HORIZON)
    )


def skills() -> st.SearchStrategy[frozenset[str]]:
    """Draw some skills."""
    return often(frozenset(), st.frozensets(st.sampled_from(SKILLS)))


@st.composite
def travels(draw: Draw, size: int, gaps: bool) -> Travel:
    """Draw travel of any kind between ``size`` places."""
    kind = draw(st.sampled_from(["euclidean", "circle", "matrix"]))
    xs = np.array(draw(st.lists(st.integers(0, 30), min_size=size, max_size=size)), float)
    ys = np.array(draw(st.lists(st.integers(0, 30), min_size=size, max_size=size)), float)
    if kind == "euclidean":
        scale = draw(st.sampled_from([1.0, 0.5, 1.7]))
        return Euclidean(xs, ys, scale, draw(st.sampled_from(RoundMode)))
    if kind == "circle":
        return GreatCircle(77 + xs / 1e4, 43 + ys / 1e4, 17.0, draw(st.sampled_from([1.0, 1.3])))
    entries = st.integers(0, 40)
    if gaps:
        entries = st.one_of(entries, entries, entries, entries, st.just(UNREACHABLE))
    cells = st.lists(entries, min_size=size * size, max_size=size * size)
    distances = np.array(draw(cells), np.int64).reshape(size, size)
    same = draw(st.booleans())
    durations = distances if same else np.array(draw(cells), np.int64).reshape(size, size)
    return Matrix(distances, durations)


@st.composite
def depots(draw: Draw, places: int) -> tuple[Depot, ...]:
    """Draw one to three depots."""
    return tuple(
        Depot(
            id=f"d{k}",
            location=f"p{draw(st.integers(0, places - 1))}",
            window=draw(often(TimeWindow(), shifts())),
            service=draw(often(0, st.integers(0, 9))),
        )
        for k in range(draw(st.integers(1, 3)))
    )


@st.composite
def vehicle_types(
    draw: Draw, names: list[str], dimensions: int, profiles: list[str]
) -> tuple[VehicleType, ...]:
    """Draw one to three types with up to three vehicles each, or any number."""
    found = []
    for k in range(draw(st.integers(1, 3))):
        capacity = draw(st.lists(st.integers(0, 14), min_size=dimensions, max_size=dimensions))
        start = draw(st.sampled_from(names))
        found.append(
            VehicleType(
                id=f"t{k}",
                count=draw(st.sampled_from([None, 1, 2, 3])),
                start=start,
                end=draw(often(start, st.sampled_from([*names, None]))),
                capacity=tuple(capacity) if draw(st.booleans()) else (),
                shift=draw(often(TimeWindow(), shifts())),
                fixed_cost=draw(often(0, st.integers(0, 200))),
                distance_cost=draw(often(1, st.integers(0, 5))),
                duration_cost=draw(often(0, st.integers(0, 3))),
                max_distance=draw(often(None, st.integers(0, 200))),
                max_duration=draw(often(None, st.integers(0, 200))),
                max_stops=draw(often(None, st.integers(0, 6))),
                reload_depots=tuple(draw(often([], st.lists(st.sampled_from(names), unique=True)))),
                max_reloads=draw(often(None, st.integers(0, 2))),
                skills=draw(skills()),
                profile=draw(st.sampled_from(profiles)),
            )
        )
    return tuple(found)


@st.composite
def visits(draw: Draw, places: int, dimensions: int, grouped: int, most: int) -> tuple[Visit, ...]:
    """Draw up to ``most`` visits; the first ``grouped`` carry no prize."""
    load = st.lists(st.integers(0, 6), min_size=dimensions, max_size=dimensions).map(tuple)
    return tuple(
        Visit(
            id=f"v{k}",
            location=f"p{draw(st.integers(0, places - 1))}",
            deliver=draw(often((), load)),
            collect=draw(often((), load)),
            windows=draw(often((), windows())),
            service=draw(often(0, st.integers(0, 9))),
            release=draw(often(0, st.integers(0, HORIZON // 2))),
            prize=None if k < grouped else draw(often(None, st.integers(0, 300))),
            skills=draw(skills()),
        )
        for k in range(draw(st.integers(grouped, most)))
    )


@st.composite
def shipments(draw: Draw, places: int, dimensions: int, most: int) -> tuple[Shipment, ...]:
    """Draw up to ``most`` shipments."""

    def stop() -> ShipmentStop:
        return ShipmentStop(
            location=f"p{draw(st.integers(0, places - 1))}",
            windows=draw(often((), windows())),
            service=draw(often(0, st.integers(0, 9))),
        )

    load = st.lists(st.integers(0, 6), min_size=dimensions, max_size=dimensions).map(tuple)
    return tuple(
        Shipment(
            id=f"s{k}",
            pickup=stop(),
            delivery=stop(),
            load=draw(often((), load)),
            prize=draw(often(None, st.integers(0, 300))),
            skills=draw(skills()),
        )
        for k in range(draw(st.integers(0, most)))
    )


@st.composite
def groups(draw: Draw, members: int) -> tuple[Group, ...]:
    """Draw groups over the first ``members`` visits, one or two in each."""
    found = []
    for k in range(0, members, 2):
        required = draw(st.booleans())
        found.append(
            Group(
                id=f"g{k}",
                visits=tuple(f"v{i}" for i in range(k, min(k + 2, members))),
                required=required,
                prize=0 if required else draw(st.integers(0, 200)),
            )
        )
    return tuple(found)


@st.composite
def problems(draw: Draw, most_visits: int = 8, most_shipments: int = 3) -> RoutingProblem:
    """Draw a problem in which any features may meet; legs may be missing."""
    places = draw(st.integers(1, 9))
    dimensions = draw(st.sampled_from([1, 1, 1, 2, 3]))
    grouped = min(draw(st.sampled_from([0, 0, 0, 2, 3])), most_visits)
    profiles = ["default", *draw(often([], st.just(["other"])))]
    sites = draw(depots(places))
    work = draw(visits(places, dimensions, grouped, most_visits))
    carried = draw(often((), shipments(places, dimensions, most_shipments)))
    optional = all(task.prize is not None for task in (*work, *carried))
    return RoutingProblem(
        locations=tuple(Location(f"p{k}") for k in range(places)),
        depots=sites,
        vehicle_types=draw(vehicle_types([site.id for site in sites], dimensions, profiles)),
        travel={name: draw(travels(places, gaps=optional)) for name in profiles},
        visits=work,
        shipments=carried,
        groups=draw(groups(grouped)),
        dimensions=tuple(f"m{k}" for k in range(dimensions)),
        backhaul=draw(often(BackhaulRule.MIXED, st.sampled_from(BackhaulRule))),
    )
