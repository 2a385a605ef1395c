"""The hub's doors over the day: appointments, waiting, lateness and transfers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch

from router.freight.docks.plan import Appointment, DockPlan
from router.freight.docks.problem import Direction, DockProblem, Truck
from router.plots import style
from router.timewindow import TimeWindow

COLOURS = {Direction.INBOUND: style.BLUE, Direction.OUTBOUND: style.ORANGE}
BARS_IN = 11.1
"""Width of the axes, inches."""
CHARACTER_POINTS = 4.6
"""Width of a letter in a bar, points."""
BAR = 0.56
"""Height of an appointment in a row of height 1."""


def draw(problem: DockProblem, plan: DockPlan, path: str | Path) -> None:
    """Write a PNG: a row a door, arrows for transfers, crews at work below."""
    style.save(figure(problem, plan), path)


@style.styled
def figure(problem: DockProblem, plan: DockPlan) -> Figure:
    """Return the picture."""
    made_transfers = len(problem.transfers) - len(plan.missed)
    trucks_served = style.count(len(plan.appointments), "truck")
    subtitle = (
        f"{trucks_served} at {style.count(len(problem.doors), 'door')}, "
        f"{len(plan.unassigned)} sent away; {made_transfers} of "
        f"{style.count(len(problem.transfers), 'transfer')} made"
    )
    crews = bool(problem.crews)
    height = 2.2 + 0.42 * len(problem.doors) + (1.2 if crews else 0)
    made = style.sheet(
        13,
        height,
        f"Dock doors: {problem.name or 'plan'}",
        subtitle,
        "Source: dock plan of Alatau Router. Arrows: goods change trucks. Long names as initials.",
    )
    made.subplots_adjust(left=1.45 / 13, hspace=0.12, top=1 - 1.15 / height)
    rows = (0.42 * len(problem.doors), 1.0) if crews else (1.0,)
    grid = made.subplots(len(rows), 1, squeeze=False, sharex=True, height_ratios=rows)
    axes = grid[0][0]
    trucks = {truck.id: truck for truck in problem.trucks}
    start, end = _span(plan, trucks)
    order = {door.id: row for row, door in enumerate(problem.doors)}
    for appointment in plan.appointments:
        _appointment(
            axes, appointment, trucks[appointment.truck], order[appointment.door], end - start
        )
    _transfers(axes, problem, plan, order)
    _rows(axes, problem, start, end)
    _legend(axes)
    if crews:
        _crews(grid[1][0], problem, plan, trucks, start, end)
    return made


def _span(plan: DockPlan, trucks: dict[str, Truck]) -> tuple[int, int]:
    starts = [min(a.start, trucks[a.truck].ready) for a in plan.appointments]
    ends = [a.end for a in plan.appointments]
    if not starts:
        return 0, 86_400
    return min(starts) // 3600 * 3600, -(-max(ends) // 3600) * 3600


def _appointment(axes: Axes, appointment: Appointment, truck: Truck, row: int, span: int) -> None:
    middle, colour = row + 0.5, COLOURS[truck.direction]
    start, end = appointment.start, appointment.end
    if start > truck.ready:
        line = axes.plot([truck.ready, start], [middle, middle], color=colour, linewidth=1.2)[0]
        line.set(linestyle=(0, (2, 1.5)), alpha=0.75, zorder=2)
        line.set_gid("waiting")
    base = (middle - BAR / 2, BAR)
    bar = axes.broken_barh([(start, end - start)], base, facecolor=colour, edgecolor="white")
    bar.set(linewidth=0.8, zorder=3)
    bar.set_gid("appointment")
    if end > truck.due:
        late = axes.broken_barh([(max(start, truck.due), end - max(start, truck.due))], base)
        late.set(facecolor="none", edgecolor=style.VERMILION, hatch="xxxx", linewidth=1, zorder=4)
        late.set_gid("late")
    room = (end - start) / span * BARS_IN * 72 / CHARACTER_POINTS
    name = next((n for n in (truck.id, short_name(truck.id)) if len(n) <= room), "")
    ink = "white" if truck.direction is Direction.INBOUND else style.INK
    centred: dict[str, Any] = {"ha": "center", "va": "center"}
    axes.text((start + end) / 2, middle, name, fontsize=7, color=ink, zorder=5, **centred)


def short_name(name: str) -> str:
    """Return initials and number of a long name, e.g. ``TC7`` of ``train container 7``."""
    words = re.findall(r"[^\W\d_]+|\d+", name)
    return "".join(word if word.isdigit() else word[0].upper() for word in words)


def _transfers(axes: Axes, problem: DockProblem, plan: DockPlan, order: dict[str, int]) -> None:
    at = {a.truck: a for a in plan.appointments}
    missed = {m.transfer for m in plan.missed}
    for transfer in problem.transfers:
        source, target = at.get(transfer.inbound), at.get(transfer.outbound)
        if source is None or target is None or transfer.id in missed:
            continue
        tail = (source.end, order[source.door] + 0.5)
        head = (target.start, order[target.door] + 0.5)
        arrow = FancyArrowPatch(
            tail,
            head,
            connectionstyle="arc3,rad=0.12",
            arrowstyle="-|>",
            mutation_scale=7,
            color=style.MUTED,
            linewidth=0.7,
            alpha=0.65,
            zorder=3.5,
            shrinkA=0,
            shrinkB=0,
        )
        arrow.set_gid("transfer")
        axes.add_patch(arrow)


def _rows(axes: Axes, problem: DockProblem, start: int, end: int) -> None:
    style.clock_axis(axes, start, end)
    axes.set_ylim(len(problem.doors), 0)
    axes.set_yticks([row + 0.5 for row in range(len(problem.doors))], [d.id for d in problem.doors])
    axes.tick_params(axis="y", length=0)
    for row, door in enumerate(problem.doors):
        axes.axhline(row, color=style.FAINT, linewidth=0.6, zorder=0)
        for left, right in closed(door.windows, start, end):
            shade = axes.broken_barh([(left, right - left)], (row, 1), facecolor=style.PALE)
            shade.set(edgecolor=style.FAINT, hatch="////", linewidth=0, zorder=0)


def closed(windows: Sequence[TimeWindow], start: int, end: int) -> list[tuple[int, int]]:
    """Return the times between windows in which a door is closed."""
    if not windows:
        return []
    edges = [start, *(edge for w in windows for edge in (w.start, w.end)), end]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(a, b) for a, b in pairs if a < min(b, end)]


def _crews(
    axes: Axes,
    problem: DockProblem,
    plan: DockPlan,
    trucks: dict[str, Truck],
    start: int,
    end: int,
) -> None:
    """Draw crews at work against crews present."""
    changes = sorted(
        {start, end}
        | {m for a in plan.appointments for m in (a.start, a.end)}
        | {m for s in problem.crews for m in (s.window.start, s.window.end) if start < m < end}
    )
    busy = [
        sum(trucks[a.truck].crews for a in plan.appointments if a.start <= m < a.end)
        for m in changes[:-1]
    ]
    present = [
        sum(s.count for s in problem.crews if s.window.start <= m < s.window.end)
        for m in changes[:-1]
    ]
    axes.stairs(busy, changes, fill=True, color=style.GREEN, alpha=0.45)
    axes.stairs(present, changes, color=style.VERMILION, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.set_ylim(0, 1.15 * max([1, *busy, *present]))
    axes.set_ylabel("Crews", rotation=0, ha="right", va="center", fontweight="bold")
    axes.locator_params(axis="y", nbins=3, integer=True)
    style.clock_axis(axes, start, end)
    note: dict[str, Any] = {
        "fontsize": 7.5,
        "color": style.MUTED,
        "transform": axes.transAxes,
        "va": "top",
    }
    axes.text(0.005, 0.97, "filled: at work; dashed: present", **note)


def _legend(axes: Axes) -> None:
    handles = [
        Patch(facecolor=style.BLUE, label="inbound"),
        Patch(facecolor=style.ORANGE, label="outbound"),
        Line2D([], [], color=style.MUTED, linestyle=(0, (2, 1.5)), label="truck waits"),
        Patch(
            facecolor="white", edgecolor=style.VERMILION, hatch="xxxx", label="after its due time"
        ),
        Line2D(
            [], [], color=style.MUTED, marker=">", markersize=4, linewidth=0.8, label="transfer"
        ),
        Patch(facecolor=style.PALE, edgecolor=style.FAINT, hatch="////", label="door closed"),
    ]
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1.0), ncols=6, borderpad=0.2)
