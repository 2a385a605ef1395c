"""How simulated days turned out: punctuality, delay through the day, charge, value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from router.airtaxi.simulation import Simulation
from router.plots import style

BAND = (0.05, 0.95)
"""Shares of the numbers below and above which lie outside of the bands."""


def draw(made: Simulation, name: str, currency: str, path: str | Path) -> None:
    """Write a PNG of six panels about a plan's simulated days."""
    style.save(figure(made, name, currency), path)


@style.styled
def figure(made: Simulation, name: str, currency: str) -> Figure:
    """Return the picture."""
    days = len(made.days)
    subtitle = (
        f"{style.count(days, 'simulated day')} of the same plan; on time: "
        f"within {made.on_time_s // 60} min of the plan"
    )
    sheet = style.sheet(
        14,
        8.6,
        f"Simulated: {name}",
        subtitle,
        "Source: simulation of Alatau Router; draws and recovery rules: docs/what_if.md.",
    )
    sheet.subplots_adjust(left=0.06, right=0.975, top=0.84, bottom=0.09, hspace=0.42, wspace=0.24)
    grid = sheet.subplots(2, 3)
    _on_time(grid[0][0], made)
    _delay_by_hour(grid[0][1], made)
    _arrivals(grid[0][2], made)
    _lost(grid[1][0], made)
    _charge(grid[1][1], made)
    _value(grid[1][2], made, currency)
    return sheet


def _on_time(axes: Axes, made: Simulation) -> None:
    shares = [100 * d.on_time(made.on_time_s) for d in made.days]
    passengers = [100 * d.arrived_on_time(made.on_time_s) for d in made.days]
    low = min(*shares, *passengers, 99.0) // 5 * 5
    edges = [float(x) for x in np.linspace(low, 100, 21)]
    axes.hist(shares, edges, color=style.BLUE, alpha=0.75, label="flights, off block")
    axes.hist(
        passengers,
        edges,
        histtype="step",
        color=style.VERMILION,
        linewidth=1.8,
        label="passengers, on block",
    )
    axes.set_title("Days by share on time (%)")
    axes.legend(loc="upper left", fontsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _delay_by_hour(axes: Axes, made: Simulation) -> None:
    """Mean delay of departures by planned hour, what flights before brought, and a band."""
    flown = [f for d in made.days for f in d.flights if f.actual is not None]
    hours = sorted({f.planned.off_block // 3600 for f in flown})
    axes.set_title("Delay of departures by hour (min)")
    if not hours:
        return
    rows = [[f for f in flown if f.planned.off_block // 3600 == h] for h in hours]
    at = [h * 3600 + 1800 for h in hours]
    low, high = (
        [float(np.quantile([f.delay_s for f in row], share)) / 60 for row in rows] for share in BAND
    )
    axes.fill_between(
        at, low, high, color=style.SKY, alpha=0.35, linewidth=0, label="90 % of flights"
    )
    mean = [float(np.mean([f.delay_s for f in row])) / 60 for row in rows]
    brought = [float(np.mean([f.knock_on_s for f in row])) / 60 for row in rows]
    axes.plot(at, mean, color=style.BLUE, linewidth=2, label="mean")
    axes.plot(
        at,
        brought,
        color=style.VERMILION,
        linewidth=1.6,
        linestyle=(0, (4, 1.5)),
        label="of it knock-on",
    )
    axes.set_ylim(0, max([*high, 1.0]) * 1.3)
    style.clock_axis(axes, hours[0] * 3600, (hours[-1] + 1) * 3600, step_hours=3)
    axes.legend(loc="upper left")


def _curve(axes: Axes, values: ArrayLike, colour: str, label: str, dashed: bool) -> None:
    ordered = np.sort(values)
    if ordered.size:
        share = 100 * np.arange(1, ordered.size + 1) / ordered.size
        line = (0, (4, 1.5)) if dashed else "-"
        axes.step(
            ordered, share, where="post", color=colour, linewidth=2, label=label, linestyle=line
        )


def _arrivals(axes: Axes, made: Simulation) -> None:
    rides = [r for d in made.days for r in d.rides if r.on_block is not None]
    delays = np.repeat([r.delay_s / 60 for r in rides], [r.party for r in rides])
    waits = np.repeat([r.wait_s / 60 for r in rides], [r.party for r in rides])
    _curve(axes, delays, style.BLUE, "arrival after plan", dashed=False)
    _curve(axes, waits, style.ORANGE, "departure after wish", dashed=True)
    axes.axvline(made.on_time_s / 60, color=style.MUTED, linewidth=1, linestyle=":")
    if rides:
        axes.set_xlim(
            min(0.0, float(np.quantile(delays, 0.01))), max(1.0, float(np.quantile(waits, 0.99)))
        )
    axes.set_ylim(0, 100)
    axes.set_title("Passengers flown: % within so many min")
    axes.grid(color=style.FAINT, linewidth=0.6)
    if rides:
        axes.legend(loc="lower right")


def _lost(axes: Axes, made: Simulation) -> None:
    cancelled = [sum(f.actual is None for f in d.flights) for d in made.days]
    missed = [sum(r.missed for r in d.rides) for d in made.days]
    _curve(axes, cancelled, style.BLUE, "flights cancelled", dashed=False)
    _curve(axes, missed, style.VERMILION, "parties not flown though in time", dashed=True)
    axes.set_xlim(0, max(*cancelled, *missed, 1) * 1.02)
    axes.set_ylim(0, 101)
    axes.set_title("Lost in a day: % of days with at most so many")
    axes.grid(color=style.FAINT, linewidth=0.6)
    axes.legend(loc="lower right")


def _charge(axes: Axes, made: Simulation) -> None:
    every = [m / 1000 for d in made.days for m in d.margins_wh]
    least = [min(d.margins_wh) / 1000 for d in made.days if d.margins_wh]
    _curve(axes, every, style.GREEN, "every flight", dashed=False)
    _curve(axes, least, style.VERMILION, "the tightest of each day", dashed=True)
    axes.axvline(0, color=style.INK, linewidth=1)
    axes.set_ylim(0, 101)
    axes.set_title("Charge above reserve (kWh): % of flights at most")
    axes.grid(color=style.FAINT, linewidth=0.6)
    if every:
        axes.legend(loc="lower right")


def _value(axes: Axes, made: Simulation, currency: str) -> None:
    scale = 100 * 1_000_000
    values = [d.value / scale for d in made.days]
    planned = made.planned_value / scale
    axes.hist(values, 20, color=style.PURPLE, alpha=0.75)
    axes.axvline(planned, color=style.INK, linewidth=1.6, linestyle=(0, (4, 2)))
    axes.annotate(
        "as planned",
        (planned, 0.97),
        (-4, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=8.5,
        va="top",
        ha="right",
    )
    axes.set_title(f"Days by value (million {currency})")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
