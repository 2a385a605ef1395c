"""How full every vertiport is: pads, stands, chargers and grid power over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from router.airtaxi.charging import charge, drawn_w
from router.airtaxi.network import Vertiport
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Charge, FlightPlan
from router.plots import style
from router.plots.aircraft import span

MOST_ROWS = 10
"""Larger networks are shown by their busiest vertiports."""
STEP_S = 60
"""Width of a column: each shows the most that is used in that time, seconds."""
PAD_STEP_S = 900
"""Width of a column for pads: each shows the share of pad time that is used."""

Hold = tuple[int, int, float]
"""Start, end (half-open) in seconds, and how much is held."""
Usage = NDArray[np.float64]

COLUMNS = (
    ("pads", "Pads", "% of time busy", style.BLUE),
    ("stands", "Stands", "aircraft", style.PURPLE),
    ("chargers", "Chargers", "in use", style.GREEN),
    ("power", "Grid power", "kW", style.ORANGE),
)


def draw(problem: AirTaxiProblem, plan: FlightPlan, path: str | Path) -> None:
    """Write a PNG: a row a vertiport, a column a resource, limits as lines."""
    style.save(figure(problem, plan), path)


@style.styled
def figure(problem: AirTaxiProblem, plan: FlightPlan) -> Figure:
    """Return the picture."""
    ports = _shown(problem, plan)
    height = 2.1 + 1.05 * len(ports)
    subtitle = "filled: in use over the day; dashed line: the limit of the site"
    made = style.sheet(
        13,
        height,
        f"Vertiports: {problem.name or 'day plan'}",
        subtitle,
        "Source: day plan of Alatau Router.",
    )
    made.subplots_adjust(left=1.75 / 13, hspace=0.28, wspace=0.22, top=1 - 1.15 / height)
    grid = made.subplots(len(ports), len(COLUMNS), squeeze=False, sharex=True)
    start, end = span(problem, plan)
    for row, port in enumerate(ports):
        used, limits = usage(problem, plan, port, start, end), capacity(port)
        for column, (key, heading, unit, colour) in enumerate(COLUMNS):
            axes = grid[row][column]
            _cell(axes, used[key], limits[key], start, end, colour)
            if row == 0:
                axes.set_title(f"{heading} ({unit})")
        name = port.name or port.id
        grid[row][0].annotate(
            fill(style.short_name(name), 15),
            (0, 0.5),
            (-100, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=9.5,
            fontweight="bold",
            va="center",
        )
    return made


def _shown(problem: AirTaxiProblem, plan: FlightPlan) -> list[Vertiport]:
    moves = Counter(p for f in plan.flights for p in (f.origin, f.destination))
    ranked = sorted(problem.vertiports, key=lambda v: -moves[v.id])
    return ranked[:MOST_ROWS]


def capacity(port: Vertiport) -> dict[str, float | None]:
    """Return the limit of each resource: pads in per cent, power in kW.

    ``None`` where there is no limit.
    """
    chargers = sum(group.count for group in port.chargers)
    limit = None if port.power_limit_w is None else port.power_limit_w / 1000
    return {
        "pads": 100,
        "stands": port.stands,
        "chargers": chargers,
        "power": limit if chargers else 0,
    }


def usage(
    problem: AirTaxiProblem, plan: FlightPlan, port: Vertiport, start: int, end: int
) -> dict[str, Usage]:
    """Return for each resource the most in use in each column of time.

    Columns begin at ``start`` and are :data:`STEP_S` wide; power is in kW. Pads
    give the share of their time that is held, in per cent of all pads, in
    columns of :data:`PAD_STEP_S`.
    """
    sessions = [c for c in plan.charges if c.vertiport == port.id]
    power = [hold for c in sessions for hold in _power(problem, port, c)]
    return {
        "pads": share(_pads(plan, port), port.pads, start, end),
        "stands": peak(_stands(problem, plan, port.id), start, end, STEP_S),
        "chargers": peak([(c.start, c.end, 1.0) for c in sessions], start, end, STEP_S),
        "power": peak(power, start, end, STEP_S),
    }


def _pads(plan: FlightPlan, port: Vertiport) -> list[Hold]:
    away = [
        (f.departure - port.takeoff_s, f.departure, 1.0)
        for f in plan.flights
        if f.origin == port.id
    ]
    back = [
        (f.landing, f.landing + port.landing_s, 1.0)
        for f in plan.flights
        if f.destination == port.id
    ]
    return away + back


def _stands(problem: AirTaxiProblem, plan: FlightPlan, port: str) -> list[Hold]:
    """Return every stay of every aircraft at the vertiport."""
    holds = []
    for tail in problem.aircraft:
        here, since = tail.start, max(tail.available_from, problem.horizon.start)
        flights = sorted(
            (f for f in plan.flights if f.aircraft == tail.id), key=lambda f: f.off_block
        )
        for flight in flights:
            if here == port:
                holds.append((since, flight.off_block, 1.0))
            here, since = flight.destination, flight.on_block
        if here == port:
            holds.append((since, problem.horizon.end, 1.0))
    return holds


def _power(problem: AirTaxiProblem, port: Vertiport, session: Charge) -> list[Hold]:
    """Return the grid power of a session, kW, minute by minute."""
    curve = problem.type_of(session.aircraft).curve
    group = port.charger(session.charger)
    if group is None:
        return []
    holds = []
    for begin in range(session.start, session.end, STEP_S):
        level = charge(curve, session.power_w, session.soc_before_wh, begin - session.start)
        grid_kw = group.grid_w(drawn_w(curve, session.power_w, level)) / 1000
        holds.append((begin, min(begin + STEP_S, session.end), grid_kw))
    return holds


def peak(holds: Iterable[Hold], start: int, end: int, step: int) -> Usage:
    """Return the highest sum of holds at any moment of each column of time."""
    changes: Counter[int] = Counter()
    for begin, until, amount in holds:
        if max(begin, start) < min(until, end):
            changes[max(begin, start)] += amount  # type: ignore[assignment]
            changes[min(until, end)] -= amount  # type: ignore[assignment]
    moments = sorted(changes)
    level = np.cumsum([changes[m] for m in moments])
    columns = np.zeros(-(-(end - start) // step))
    for moment, until, value in zip(moments, [*moments[1:], end], level, strict=False):
        first, last = (moment - start) // step, -(-(until - start) // step)
        columns[first:last] = np.maximum(columns[first:last], value)
    return columns


def share(holds: Iterable[Hold], pads: int, start: int, end: int) -> Usage:
    """Return the share of pad time held in each column of time, per cent."""
    columns = np.zeros(-(-(end - start) // PAD_STEP_S))
    for begin, until, amount in holds:
        for column in range((begin - start) // PAD_STEP_S, -(-(until - start) // PAD_STEP_S)):
            edge = start + column * PAD_STEP_S
            held = min(until, edge + PAD_STEP_S) - max(begin, edge)
            if 0 <= column < len(columns):
                columns[column] += 100 * amount * held / (pads * PAD_STEP_S)
    return columns


def _cell(axes: Axes, used: Usage, limit: float | None, start: int, end: int, colour: str) -> None:
    edges = np.linspace(
        start, start + len(used) * ((end - start) / max(1, len(used))), len(used) + 1
    )
    axes.stairs(used, edges, fill=True, color=colour, alpha=0.45, linewidth=0)
    axes.stairs(used, edges, color=colour, linewidth=0.8)
    top = max(float(used.max(initial=0)), limit or 0, 1)
    if limit is None:
        axes.text(
            0.99,
            0.9,
            "no limit",
            transform=axes.transAxes,
            ha="right",
            fontsize=7.5,
            color=style.MUTED,
        )
    elif limit == 0:
        axes.text(
            0.5,
            0.5,
            "none here",
            transform=axes.transAxes,
            ha="center",
            fontsize=8,
            color=style.MUTED,
        )
    else:
        axes.axhline(limit, color=style.VERMILION, linewidth=1.2, linestyle=(0, (4, 2)))
    style.clock_axis(axes, start, end, step_hours=4)
    axes.set_ylim(0, top * 1.15)
    axes.locator_params(axis="y", nbins=3, integer=True)
