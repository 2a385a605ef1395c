"""Delivery routes on a map, with what each vehicle does beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from router.freight.routes.plan import RoutePlan
from router.freight.routes.problem import RoutingProblem
from router.freight.routes.schedule import EventKind, RouteSchedule, schedule
from router.matrix import Euclidean
from router.plots import style
from router.plots.basemap import Labels, Point, Projection, around, backdrop, frame

MOST_LISTED = 22
"""Routes that find room in the list; the map shows all."""
MOST_NAMED = 40
"""Larger problems are drawn without the names of their places."""


def draw(problem: RoutingProblem, plan: RoutePlan, path: str | Path) -> None:
    """Write a PNG: lines join stops in the order driven, roads are not shown."""
    style.save(figure(problem, plan), path)


@style.styled
def figure(problem: RoutingProblem, plan: RoutePlan) -> Figure:
    """Return the picture."""
    driven = schedule(problem, plan)
    stops = sum(len(route.stops) for route in plan.routes)
    subtitle = (
        f"{style.count(len(driven), 'route')}, {style.count(stops, 'stop')}, "
        f"{len(plan.unserved)} left out; lines join stops in the order driven, not along roads"
    )
    made = style.sheet(13, 7.6, f"Delivery routes: {problem.name or 'plan'}", subtitle, "")
    axes, side = made.subplots(1, 2, width_ratios=(1.55, 1), gridspec_kw={"wspace": 0.03})
    projection = _projection(problem)
    places = {place.id: projection(place.x, place.y) for place in problem.locations}
    frame(axes, places.values(), 0.08)
    credit = backdrop(axes, projection, places.values())
    labels = Labels(axes)
    for number, route in enumerate(driven):
        _route(axes, labels, route, places, number)
    _places(axes, labels, problem, plan, places)
    _list(side, problem, driven, metric=not projection.planar)
    made.texts[2].set_text(f"Source: route plan of Alatau Router. {credit}")
    return made


def _projection(problem: RoutingProblem) -> Projection:
    """Return a planar one for files that measure in the plane, else one of the earth."""
    places = problem.locations
    flat = any(isinstance(travel, Euclidean) for travel in problem.travel.values())
    if flat or any(abs(p.x) > 180 or abs(p.y) > 90 for p in places):
        return Projection(planar=True)
    return Projection.around([(p.x, p.y) for p in places])


def _route(
    axes: Axes, labels: Labels, route: RouteSchedule, places: dict[str, Point], number: int
) -> None:
    """Draw a route, faint where it leaves and reaches its depots, and its number at a stop."""
    events = route.events if route.events[-1].id else route.events[:-1]
    path = np.array([places[event.location] for event in events])
    stops = path[1:-1] if route.events[-1].id else path[1:]
    colour, dashes = looks(number)
    axes.plot(*path.T, color=colour, linestyle=dashes, linewidth=0.8, alpha=0.55, zorder=2)
    line = axes.plot(*stops.T, color=colour, linestyle=dashes, linewidth=1.9, zorder=3)[0]
    line.set(marker="o", markersize=4.5, markerfacecolor="white", markeredgewidth=1.3)
    line.set_gid("route")
    far_first = sorted(stops, key=lambda p: -float(np.hypot(*(p - path[0]))))
    spots: list[tuple[Point, Point]] = [
        ((float(x), float(y)), offset)
        for offset in ((0.0, 0.0), (9.0, 7.0), (-9.0, 7.0), (9.0, -7.0), (-9.0, -7.0))
        for x, y in far_first[:4]
    ]
    badge = {"boxstyle": "circle,pad=0.22", "fc": colour, "ec": "white"}
    looks_of = {"fontweight": "bold", "color": "white", "bbox": badge, "zorder": 7}
    labels.write(f"{number + 1:>2}", spots, 7, path_effects=[], **looks_of)


def looks(number: int) -> tuple[str, str]:
    """Return colour and dashes of the route with this number, from 0."""
    dashes = ("-", "--", ":")
    return style.SERIES[number % len(style.SERIES)], dashes[number // len(style.SERIES) % 3]


def _places(
    axes: Axes,
    labels: Labels,
    problem: RoutingProblem,
    plan: RoutePlan,
    places: dict[str, Point],
) -> None:
    for depot in problem.depots:
        axes.scatter(
            *places[depot.location], marker="s", s=110, color=style.INK, edgecolor="white", zorder=6
        )
        labels.keep_free(places[depot.location], 9)
    left = {unserved.id for unserved in plan.unserved}
    missed = [places[v.location] for v in problem.visits if v.id in left]
    missed += [places[s.delivery.location] for s in problem.shipments if s.id in left]
    for place in missed:
        axes.scatter(*place, marker="X", s=80, color=style.VERMILION, edgecolor="white", zorder=6)
    if len(places) > MOST_NAMED:
        return
    for place in places.values():
        labels.keep_free(place, 4)
    depots = {depot.location for depot in problem.depots}
    for name, place in sorted(places.items(), key=lambda item: item[0] not in depots):
        weight = "bold" if name in depots else "normal"
        around_it = around(place, 0.31 * 7.5 * len(name) + 8, 11)
        labels.write(style.short_name(name), around_it, 7.5, fontweight=weight)


def _list(
    side: Axes, problem: RoutingProblem, driven: Sequence[RouteSchedule], *, metric: bool
) -> None:
    """Write one line a route: vehicle, stops, length, times and load."""
    side.set_axis_off()
    side.set_xlim(0, 1)
    side.set_ylim(MOST_LISTED + 1, -0.5)
    columns = (
        (0.09, "Vehicle", "left"),
        (0.53, "Stops", "right"),
        (0.67, "km" if metric else "Length", "right"),
        (0.87, "Time" if metric else "From–to", "right"),
        (1.0, "Load", "right"),
    )
    for x, text, side_of in columns:
        side.text(x, 0, text, ha=side_of, fontsize=8.5, fontweight="bold", va="center")
    for number, route in enumerate(driven[:MOST_LISTED]):
        colour, _ = looks(number)
        y = number + 1
        side.text(
            0.035,
            y,
            str(number + 1),
            fontsize=7.5,
            fontweight="bold",
            color="white",
            ha="center",
            va="center",
            bbox={"boxstyle": "circle,pad=0.22", "fc": colour, "ec": "white"},
        )
        for (x, _, side_of), text in zip(columns, _cells(problem, route, metric), strict=True):
            side.text(x, y, text, ha=side_of, fontsize=8.2, va="center")
    if len(driven) > MOST_LISTED:
        rest = f"… and {style.count(len(driven) - MOST_LISTED, 'more route', 'more routes')}"
        side.text(0.09, MOST_LISTED + 1, rest, fontsize=8.2, va="center", color=style.MUTED)


def _cells(problem: RoutingProblem, route: RouteSchedule, metric: bool) -> tuple[str, ...]:
    kind = next(t for t in problem.vehicle_types if t.id == route.vehicle_type)
    stops = sum(e.kind not in (EventKind.START, EventKind.END) for e in route.events)
    start, end = route.events[0].start, route.events[-1].start
    shares = [
        max(event.load[i] for event in route.events) / limit
        for i, limit in enumerate(kind.capacity)
        if limit
    ]
    return (
        f"{route.vehicle_type} {route.vehicle + 1}",
        str(stops),
        f"{route.distance / 1000:.0f}" if metric else style.thousands(route.distance),
        f"{style.clock(start)}–{style.clock(end)}" if metric else f"{start}–{end}",
        f"{max(shares):.0%}" if shares else "–",
    )
