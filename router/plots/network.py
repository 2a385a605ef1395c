"""The air-taxi network with the day's flows, as a map."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.plots import style
from router.plots.basemap import Labels, Point, Projection, along, arc, around, backdrop, frame

BULGE = 0.42
WIDEST = 9.0
"""Width of the busiest corridor, points."""
SCALE = ((0.25, "#9CC9E8"), (0.5, "#4A9BD0"), (0.75, "#0072B2"), (1.01, "#003F66"))
"""Colour by the share of seats taken, up to each limit; darker is fuller."""

Key = tuple[str, str]
Curve = NDArray[np.float64]


def draw(problem: AirTaxiProblem, plan: FlightPlan, path: str | Path) -> None:
    """Write a PNG: arcs keep to the right, as wide as flights are many."""
    style.save(figure(problem, plan), path)


@style.styled
def figure(problem: AirTaxiProblem, plan: FlightPlan) -> Figure:
    """Return the picture."""
    flights = Counter((f.origin, f.destination) for f in plan.flights)
    passengers = sum(problem.trip[t].party for f in plan.flights for t in f.trips)
    subtitle = (
        f"{style.count(len(plan.flights), 'flight')}, {plan.empty_flights} of them empty, "
        f"{style.count(passengers, 'passenger')} on {len(problem.vertiports)} vertiports; "
        "each arc keeps to the right of its direction, its number counts flights"
    )
    made = style.sheet(13, 7.6, f"Air-taxi flows: {problem.name or 'day plan'}", subtitle, "")
    axes = made.add_subplot()
    projection = Projection.around([(v.lon, v.lat) for v in problem.vertiports], may_turn=True)
    places = {v.id: projection(v.lon, v.lat) for v in problem.vertiports}
    curves = {c.key: arc(places[c.origin], places[c.destination], BULGE) for c in problem.corridors}
    frame(axes, [tuple(p) for c in curves.values() for p in c] + list(places.values()), 0.06)
    credit = backdrop(axes, projection, places.values())
    labels = Labels(axes)
    _vertiports(axes, labels, problem, places, flights)
    _corridors(axes, labels, curves, flights, _load_factors(problem, plan))
    _legend(axes)
    made.texts[2].set_text(f"Source: day plan of Alatau Router. {credit}")
    return made


def _load_factors(problem: AirTaxiProblem, plan: FlightPlan) -> dict[Key, float]:
    """Return the share of seats taken on each corridor."""
    taken: Counter[Key] = Counter()
    offered: Counter[Key] = Counter()
    for flight in plan.flights:
        key = (flight.origin, flight.destination)
        taken[key] += sum(problem.trip[t].party for t in flight.trips)
        offered[key] += problem.type_of(flight.aircraft).seats
    return {key: taken[key] / offered[key] for key in offered}


def colour_of(load_factor: float) -> str:
    """Return the colour for a share of seats taken, 0 to 1."""
    return next(colour for limit, colour in SCALE if load_factor < limit)


def _corridors(
    axes: Axes,
    labels: Labels,
    curves: dict[Key, Curve],
    flights: Counter[Key],
    loads: dict[Key, float],
) -> None:
    most = max(flights.values(), default=1)
    for key, curve in curves.items():
        if not flights[key]:
            axes.plot(*curve.T, color=style.MUTED, linewidth=0.5, linestyle=(0, (1, 5)), zorder=1)
    for key, number in sorted(flights.items(), key=lambda item: -item[1]):
        if key not in curves:
            continue
        curve, colour = curves[key], colour_of(loads[key])
        width = max(0.9, WIDEST * number / most)
        line = axes.plot(*curve.T, color=colour, linewidth=width, alpha=0.85, zorder=3)[0]
        line.set_gid("corridor")
        line.set_solid_capstyle("butt")
        labels.write(str(number), along(curve), 8, fontweight="bold")


def _vertiports(
    axes: Axes,
    labels: Labels,
    problem: AirTaxiProblem,
    places: dict[str, Point],
    flights: Counter[Key],
) -> None:
    moves: Counter[str] = Counter()
    for (origin, destination), number in flights.items():
        moves[origin] += number
        moves[destination] += number
    most = max(moves.values(), default=1)
    for port in problem.vertiports:
        size = 40 + 260 * moves[port.id] / most
        axes.scatter(
            *places[port.id], s=size, color="white", edgecolor=style.INK, linewidth=1.6, zorder=6
        )
        labels.keep_free(places[port.id], size**0.5 / 2 + 2)
    for port in sorted(problem.vertiports, key=lambda v: -moves[v.id]):
        name = style.short_name(port.name or port.id)
        detail = f"{port.elevation_m} m · {style.count(moves[port.id], 'movement')}"
        wide = 0.31 * 8.5 * max(len(name), len(detail)) + 14
        labels.write(f"{name}\n{detail}", around(places[port.id], wide, 24))


def _legend(axes: Axes) -> None:
    names = ("under 25 %", "25–50 %", "50–75 %", "over 75 %")
    lines = [
        Line2D([], [], color=colour, linewidth=5, label=name)
        for (_, colour), name in zip(SCALE, names, strict=True)
    ]
    lines.append(
        Line2D([], [], color=style.MUTED, linewidth=0.8, linestyle=(0, (1, 3)), label="not flown")
    )
    axes.legend(
        handles=lines,
        title="Seats taken:",
        loc="upper left",
        bbox_to_anchor=(0, -0.01),
        ncols=5,
        title_fontsize=8.5,
        alignment="left",
        borderaxespad=0.2,
    )
