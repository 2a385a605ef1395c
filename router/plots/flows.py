"""Freight flows over road, rail and air: arcs on a map, and how full each lane is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from router.freight.flows.plan import FlowPlan
from router.freight.flows.problem import FlowProblem, Lane, Mode
from router.plots import style
from router.plots.basemap import Labels, Point, Projection, along, arc, around, backdrop, frame

COLOURS = {Mode.ROAD: style.VERMILION, Mode.RAIL: style.BLUE, Mode.AIR: style.PURPLE}
DASHES: dict[Mode, Any] = {Mode.ROAD: "-", Mode.RAIL: (0, (5, 1.2)), Mode.AIR: (0, (1.2, 0.9))}
BULGES = {Mode.ROAD: 0.14, Mode.RAIL: 0.36, Mode.AIR: 0.6}
"""So that lanes of different modes between the same places stand apart."""
CLOSE = 0.12
"""Nodes within this share of the whole width are close to each other."""
NEARBY = "see below"
WIDEST = 8.0
SHORTEST = 60
"""Shorter arcs, in points, go without a number; the bars tell it."""
Curve = NDArray[np.float64]
MOST_LISTED = 26


@dataclass(frozen=True, slots=True)
class LaneUse:
    """What a lane carries and could carry, in the problem's units."""

    lane: Lane
    carried: int
    departures: int

    @property
    def offered(self) -> int:
        """Room in the departures that are run."""
        return self.departures * self.lane.capacity

    @property
    def most(self) -> int | None:
        """Room if every possible departure ran; ``None``: no limit."""
        runs = self.lane.max_departures
        return None if runs is None else runs * self.lane.capacity


def lane_uses(problem: FlowProblem, plan: FlowPlan) -> list[LaneUse]:
    """Return every lane with what the plan carries on it, fullest first."""
    carried: Counter[str] = Counter()
    for flow in plan.flows:
        carried[flow.lane] += flow.amount
    runs = {d.lane: d.count for d in plan.departures}
    uses = [LaneUse(lane, carried[lane.id], runs.get(lane.id, 0)) for lane in problem.lanes]
    return sorted(uses, key=lambda use: (-use.carried, use.lane.id))


def draw(problem: FlowProblem, plan: FlowPlan, path: str | Path) -> None:
    """Write a PNG: arcs as wide as goods are many, and a bar for each lane used."""
    style.save(figure(problem, plan), path)


@style.styled
def figure(problem: FlowProblem, plan: FlowPlan) -> Figure:
    """Return the picture."""
    uses = lane_uses(problem, plan)
    used = [use for use in uses if use.departures or use.carried]
    wanted = sum(c.amount for c in problem.commodities)
    left = sum(u.amount for u in plan.unshipped)
    unit = problem.unit
    lanes = style.count(len(uses), "lane")
    subtitle = (
        f"{style.thousands(wanted - left)} of {style.thousands(wanted)} {unit} shipped on "
        f"{len(used)} of {lanes}; arcs keep to the right of their direction"
    )
    made = style.sheet(13, 8.6, f"Freight flows: {problem.name or 'plan'}", subtitle, "")
    grid = made.add_gridspec(1, 2, width_ratios=(1.45, 1), wspace=0.48)
    near = _cluster(problem)
    rows = grid[0].subgridspec(2 if near else 1, 1, height_ratios=(0.62, 1) if near else None)
    credit = _map(made.add_subplot(rows[0]), problem, uses, {n.id for n in problem.nodes}, near)
    if near:
        below = made.add_subplot(rows[1])
        credit = _map(below, problem, uses, near, set()) or credit
        _legend(below)
    else:
        _legend(made.axes[0])
    _bars(made.add_subplot(grid[1]), used[:MOST_LISTED], unit)
    made.texts[2].set_text(f"Source: flow plan of Alatau Router. {credit}")
    return made


def _cluster(problem: FlowProblem) -> set[str]:
    """Return the nodes close to the busiest one that a map of all would press together.

    Empty where a map of all shows them well.
    """
    ends = Counter(end for lane in problem.lanes for end in (lane.origin, lane.destination))
    if not ends:
        return set()
    hub = max(problem.nodes, key=lambda node: ends[node.id])
    xs, ys = [n.x for n in problem.nodes], [n.y for n in problem.nodes]
    reach = CLOSE * max(max(xs) - min(xs), max(ys) - min(ys))
    near = {n.id for n in problem.nodes if math.dist((n.x, n.y), (hub.x, hub.y)) <= reach}
    return near if 3 <= len(near) < len(problem.nodes) else set()


def _map(
    axes: Axes, problem: FlowProblem, uses: Sequence[LaneUse], shown: set[str], crowded: set[str]
) -> str:
    """Draw the map around the nodes shown; return whose outlines it shows.

    Nodes that are ``crowded`` share one name, as another map shows them apart.
    """
    projection = Projection.around([(n.x, n.y) for n in problem.nodes if n.id in shown])
    places = {node.id: projection(node.x, node.y) for node in problem.nodes}
    ends = [(use, places[use.lane.origin], places[use.lane.destination]) for use in uses]
    curves = {use.lane.id: arc(a, b, BULGES[use.lane.mode]) for use, a, b in ends}
    inner = [
        curves[use.lane.id] for use in uses if {use.lane.origin, use.lane.destination} <= shown
    ]
    inside = [place for name, place in places.items() if name in shown]
    frame(axes, [(float(x), float(y)) for c in inner for x, y in c] + inside, 0.12)
    credit = backdrop(axes, projection, inside)
    labels = Labels(axes)
    names = {name: _capital(name) for name in places if name in shown}
    if crowded:
        hub = next(n.id for n in problem.nodes if n.id in crowded)
        names = {n: text for n, text in names.items() if n not in crowded} | {hub: NEARBY}
    _nodes(axes, labels, {name: places[name] for name in shown}, names)
    within = shown - crowded if crowded else shown
    numbered = {u.lane.id for u in uses if {u.lane.origin, u.lane.destination} & within}
    _lanes(axes, labels, uses, curves, numbered)
    return credit


def _capital(name: str) -> str:
    return name[:1].upper() + style.short_name(name)[1:]


def _nodes(axes: Axes, labels: Labels, places: dict[str, Point], names: dict[str, str]) -> None:
    for place in places.values():
        axes.scatter(*place, s=55, color="white", edgecolor=style.INK, linewidth=1.5, zorder=6)
        labels.keep_free(place, 6)
    for name, text in names.items():
        wide = 0.31 * 8.5 * len(text) + 9
        labels.write(text, around(places[name], wide, 13), 8.5, fontweight="bold")


def _lanes(
    axes: Axes,
    labels: Labels,
    uses: Sequence[LaneUse],
    curves: dict[str, Curve],
    numbered: set[str],
) -> None:
    most = max((use.carried for use in uses), default=1) or 1
    for use in uses:
        curve, mode = curves[use.lane.id], use.lane.mode
        if not use.carried:
            axes.plot(*curve.T, color=style.MUTED, linewidth=0.5, linestyle=(0, (1, 5)), zorder=1)
            continue
        line = axes.plot(*curve.T, color=COLOURS[mode], linestyle=DASHES[mode], zorder=3)[0]
        line.set(linewidth=max(1.2, WIDEST * use.carried / most), alpha=0.85)
        line.set_gid("lane")
        if use.lane.id in numbered and labels.length(curve) > SHORTEST:
            labels.write(style.thousands(use.carried), along(curve), 7.5, fontweight="bold")


def _legend(axes: Axes) -> None:
    handles = [
        Line2D([], [], color=COLOURS[mode], linestyle=DASHES[mode], linewidth=3, label=mode.value)
        for mode in Mode
    ]
    handles.append(
        Line2D([], [], color=style.MUTED, linewidth=0.8, linestyle=(0, (1, 3)), label="not used")
    )
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.01), ncols=4)


def _bars(axes: Axes, used: Sequence[LaneUse], unit: str) -> None:
    """Draw carried goods in the room of the departures run, and the lane's limit."""
    axes.set_title(
        f"Lanes used ({unit}): filled carried, frame offered, mark limit", fontsize=9, loc="right"
    )
    for row, use in enumerate(used):
        colour = COLOURS[use.lane.mode]
        axes.barh(row, use.offered, height=0.62, facecolor="none", edgecolor=colour, linewidth=1)
        bar = axes.barh(row, use.carried, height=0.62, color=colour, alpha=0.75)
        bar[0].set_gid("carried")
        if use.most is not None:
            axes.plot([use.most] * 2, [row - 0.4, row + 0.4], color=style.INK, linewidth=1.6)
        share = use.carried / use.offered if use.offered else 0
        text = f"{share:.0%} of {style.count(use.departures, 'run')}"
        axes.annotate(
            text,
            (max(use.offered, use.most or 0), row),
            (5, 0),
            textcoords="offset points",
            fontsize=7.5,
            va="center",
            color=style.MUTED,
        )
    axes.set_yticks(range(len(used)), [use.lane.id for use in used], fontsize=8)
    axes.set_ylim(max(len(used), 6) - 0.4, -0.6)
    room = max((max(use.offered, use.most or 0) for use in used), default=1)
    axes.set_xlim(0, room * 1.28)
    axes.tick_params(axis="y", length=0)
