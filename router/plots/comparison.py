"""Two days side by side: money, service, waiting, seats, aircraft in the air, power."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from router.airtaxi.compare import Comparison, Side
from router.plots import style

COLOURS = (style.BLUE, style.ORANGE)
HATCHES = ("", "////")
STEP_S = 900
"""Width of a column of time, seconds."""
HIGH = 0.38
"""Height of a bar; two stand beside each other."""


def draw(comparison: Comparison, path: str | Path) -> None:
    """Write a PNG of six panels, each with both sides."""
    style.save(figure(comparison), path)


@style.styled
def figure(comparison: Comparison) -> Figure:
    """Return the picture."""
    sides = (comparison.a, comparison.b)
    made = style.sheet(
        14,
        8.6,
        f"{sides[0].name}  against  {sides[1].name}",
        _verdict(comparison),
        "Source: day plans of Alatau Router, each judged by the independent checker.",
    )
    made.subplots_adjust(left=0.105, right=0.975, top=0.84, bottom=0.09, hspace=0.42, wspace=0.28)
    grid = made.subplots(2, 3)
    _money(grid[0][0], sides)
    _service(grid[0][1], sides)
    _waiting(grid[0][2], sides)
    _shares(grid[1][0], sides)
    _in_the_air(grid[1][1], sides)
    _power(grid[1][2], sides)
    handles, labels = grid[0][0].get_legend_handles_labels()
    made.legend(handles[:3], labels[:3], loc="upper right", bbox_to_anchor=(0.98, 0.985), ncols=3)
    return made


def _verdict(comparison: Comparison) -> str:
    sides = {"a": comparison.a, "b": comparison.b}
    currency = comparison.a.problem.currency
    more = style.money(abs(comparison.value_difference), currency)
    if comparison.proven_better is not None:
        better = sides[comparison.proven_better].name
        return (
            f"{better} is worth more, by proof: its plan passes the other side's bound (by {more})"
        )
    if comparison.value_difference == 0:
        return "both plans are worth the same"
    better = sides["b" if comparison.value_difference > 0 else "a"].name
    return f"the plan of {better} is worth {more} more; the bounds leave open which side is better"


def _money(axes: Axes, sides: Sequence[Side]) -> None:
    parts = sorted({name for s in sides for name in s.report.cost.components})
    rows = ["revenue", *parts, "value"]
    scale = 100 * 1_000_000
    for k, s in enumerate(sides):
        amounts = [s.report.revenue, *(s.report.cost.components.get(p, 0) for p in parts)]
        values = [n / scale for n in [*amounts, s.report.value]]
        places = np.arange(len(rows)) + (k - 0.5) * HIGH
        _bars(axes, places, values, k, s.name)
        if s.plan.bound is not None:
            top = s.plan.bound / scale
            axes.plot(
                [top, top],
                places[-1] + np.array([-0.5, 0.5]) * HIGH,
                color=style.VERMILION,
                linewidth=2.2,
                label="bound of the value" if k else None,
            )
    axes.set_yticks(range(len(rows)), rows)
    axes.invert_yaxis()
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(f"Money (million {sides[0].problem.currency})")


def _bars(
    axes: Axes, places: NDArray[np.floating], values: Sequence[float], k: int, name: str
) -> None:
    axes.barh(
        places,
        values,
        HIGH,
        color=COLOURS[k],
        hatch=HATCHES[k],
        edgecolor="white",
        linewidth=0,
        label=name,
    )


def _span(sides: Sequence[Side]) -> tuple[int, int]:
    moments = [
        m
        for s in sides
        for m in (
            *(t.departure.start for t in s.problem.trips),
            *(f.off_block for f in s.plan.flights),
            *(f.on_block for f in s.plan.flights),
        )
    ]
    start = min(moments, default=sides[0].problem.horizon.start)
    end = max(moments, default=sides[0].problem.horizon.end)
    return start // 3600 * 3600, max(-(-end // 3600) * 3600, start // 3600 * 3600 + 3600)


def _service(axes: Axes, sides: Sequence[Side]) -> None:
    """Passengers by the earliest departure they asked for: asked and served."""
    start, end = _span(sides)
    edges = np.arange(start, end + 1, 3600)
    for k, s in enumerate(sides):
        served = s.plan.served_trips
        asked, taken = np.zeros(len(edges)), np.zeros(len(edges))
        for t in s.problem.trips:
            hour = min(max(0, (t.departure.start - start) // 3600), len(edges) - 1)
            asked[hour] += t.party
            taken[hour] += t.party if t.id in served else 0
        if k == 0:
            axes.stairs(asked[:-1], edges, fill=True, color=style.PALE)
            axes.stairs(asked[:-1], edges, color=style.MUTED, linewidth=0.8, label="asked for")
        axes.stairs(
            taken[:-1],
            edges,
            color=COLOURS[k],
            linewidth=2,
            linestyle="-" if k == 0 else (0, (4, 1.5)),
        )
    axes.set_title("Passengers carried, by hour (grey: asked for)")
    axes.set_ylim(bottom=0)
    style.clock_axis(axes, start, end, step_hours=3)


def _waiting(axes: Axes, sides: Sequence[Side]) -> None:
    """Share of passengers that have left after so many minutes."""
    longest = 1.0
    for k, s in enumerate(sides):
        first: dict[str, int] = {}
        for f in sorted(s.plan.flights, key=lambda f: f.off_block):
            for t in f.trips:
                first.setdefault(t, f.off_block)
        waits = np.sort(
            [
                (off - s.problem.trip[t].departure.start) / 60
                for t, off in first.items()
                for _ in range(s.problem.trip[t].party)
            ]
        )
        if waits.size:
            longest = max(longest, float(waits[-1]))
            share = 100 * np.arange(1, waits.size + 1) / waits.size
            axes.step(
                waits,
                share,
                where="post",
                color=COLOURS[k],
                linewidth=2,
                linestyle="-" if k == 0 else (0, (4, 1.5)),
            )
    axes.set_title("Waiting: % that leave within so many min")
    axes.set_xlim(0, longest)
    axes.set_ylim(0, 100)
    axes.grid(color=style.FAINT, linewidth=0.6)


def _shares(axes: Axes, sides: Sequence[Side]) -> None:
    rows = ("passengers carried", "seats taken in flight", "empty flights", "aircraft that fly")
    for k, s in enumerate(sides):
        f = s.figures
        values = [
            100 * f.served_passengers / max(1, f.passengers),
            100 * f.load_factor,
            100 * f.empty_share,
            100 * f.aircraft / len(s.problem.aircraft),
        ]
        places = np.arange(len(rows)) + (k - 0.5) * HIGH
        _bars(axes, places, values, k, s.name)
        for place, value in zip(places, values, strict=True):
            axes.text(value + 1, place, f"{value:.1f}", va="center", fontsize=8.5)
    axes.set_yticks(range(len(rows)), rows)
    axes.invert_yaxis()
    axes.set_xlim(0, 112)
    axes.set_title("Shares (%)")


def _in_the_air(axes: Axes, sides: Sequence[Side]) -> None:
    """Mean number of aircraft between off-block and on-block in each column of time."""
    start, end = _span(sides)
    edges = np.arange(start, end + 1, STEP_S)
    for k, s in enumerate(sides):
        busy = np.zeros(len(edges) - 1)
        for f in s.plan.flights:
            left, right = np.maximum(edges[:-1], f.off_block), np.minimum(edges[1:], f.on_block)
            busy += np.maximum(0, right - left) / STEP_S
        axes.stairs(
            busy,
            edges,
            color=COLOURS[k],
            linewidth=1.6,
            baseline=None,
            linestyle="-" if k == 0 else (0, (4, 1.5)),
        )
    axes.set_title("Aircraft on their way (mean of 15 min)")
    axes.set_ylim(bottom=0)
    style.clock_axis(axes, start, end, step_hours=3)


def _power(axes: Axes, sides: Sequence[Side]) -> None:
    names = list(dict.fromkeys(p for s in sides for p in s.figures.peak_power_w))[:12]
    for k, s in enumerate(sides):
        places = np.arange(len(names)) + (k - 0.5) * HIGH
        values = [s.figures.peak_power_w.get(p, 0) / 1000 for p in names]
        axes.bar(
            places, values, HIGH, color=COLOURS[k], hatch=HATCHES[k], edgecolor="white", linewidth=0
        )
        for place, name in zip(places, names, strict=True):
            port = s.problem.vertiport.get(name)
            if port is not None and port.power_limit_w is not None:
                limit = port.power_limit_w / 1000
                axes.plot(
                    place + np.array([-0.5, 0.5]) * HIGH,
                    [limit, limit],
                    color=style.VERMILION,
                    linewidth=1.6,
                )
    axes.set_xticks(range(len(names)), names)
    axes.tick_params(axis="x", rotation=30 if len(names) > 8 else 0)
    axes.set_title("Peak grid power (kW; line: limit)")
