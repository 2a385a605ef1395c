"""What every aircraft does, with its state of charge, over the day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from router.airtaxi.charging import charge
from router.airtaxi.fleet import Aircraft
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import Charge, Flight, FlightPlan
from router.plots import style

HOUR = 3600
MOST_ROWS = 30
"""Larger fleets are shown by their busiest aircraft."""
BAND = (0.08, 0.26)
"""Bottom and height of the activity bars in a row of height 1."""
GAUGE = (0.40, 0.54)
"""Bottom and height of the state of charge in a row."""
SAMPLES = 12
"""Points on the curve of a charging session."""


def draw(problem: AirTaxiProblem, plan: FlightPlan, path: str | Path) -> None:
    """Write a PNG: one row an aircraft, bars below, state of charge above."""
    style.save(figure(problem, plan), path)


@style.styled
def figure(problem: AirTaxiProblem, plan: FlightPlan) -> Figure:
    """Return the picture."""
    tails = _shown(problem, plan)
    height = 1.9 + max(2.0, 0.36 * len(tails))
    shown = (
        f"{len(tails)} of {len(problem.aircraft)} aircraft, the busiest; "
        if (len(tails) < len(problem.aircraft))
        else f"{style.count(len(tails), 'aircraft', 'aircraft')}; "
    )
    subtitle = (
        f"{shown}{style.count(len(plan.flights), 'flight')}, "
        f"{style.count(len(plan.charges), 'charging session')}; "
        "bars: what it does, line: state of charge from 0 to 100 % of the battery"
    )
    made = style.sheet(
        13,
        height,
        f"Aircraft: {problem.name or 'day plan'}",
        subtitle,
        "Source: day plan of Alatau Router. Letters in bars: where the flight goes.",
    )
    made.subplots_adjust(left=1.15 / 13)
    axes = made.add_subplot()
    start, end = span(problem, plan)
    style.clock_axis(axes, start, end)
    codes = short_codes([v.id for v in problem.vertiports])
    for row, tail in enumerate(tails):
        flights = [f for f in plan.flights if f.aircraft == tail.id]
        charges = [c for c in plan.charges if c.aircraft == tail.id]
        _bars(axes, row, flights, charges, codes, (end - start) / 3600)
        _gauge(axes, row, problem, tail, flights, charges, end)
    _rows(axes, tails)
    _legend(axes)
    return made


def _shown(problem: AirTaxiProblem, plan: FlightPlan) -> list[Aircraft]:
    busy = {a.id: 0 for a in problem.aircraft}
    for flight in plan.flights:
        busy[flight.aircraft] += 1
    kept = sorted(problem.aircraft, key=lambda a: (-busy[a.id], a.id))[:MOST_ROWS]
    return sorted(kept, key=lambda a: (a.type, a.id))


def span(problem: AirTaxiProblem, plan: FlightPlan) -> tuple[int, int]:
    """Return whole hours with at least half an hour around all flights.

    Charging through the night lies outside; a day without flights is shown whole.
    """
    if not plan.flights:
        return problem.horizon.start, min(problem.horizon.end, problem.horizon.start + 86_400)
    first = min(flight.off_block for flight in plan.flights)
    last = max(flight.on_block for flight in plan.flights)
    start = max(problem.horizon.start, first - HOUR // 2) // HOUR * HOUR
    return start, -(-min(problem.horizon.end, last + HOUR // 2) // HOUR) * HOUR


def short_codes(ids: Sequence[str]) -> dict[str, str]:
    """Return for each id its shortest prefix of two or more letters that no other has."""
    codes = {}
    for name in ids:
        length = 2
        while any(o != name and o[:length] == name[:length] for o in ids) and length < len(name):
            length += 1
        codes[name] = name[:length].capitalize()
    return codes


def _bars(
    axes: Axes,
    row: int,
    flights: Sequence[Flight],
    charges: Sequence[Charge],
    codes: dict[str, str],
    hours: float,
) -> None:
    base = (row + 1 - BAND[0] - BAND[1], BAND[1])
    looks = {
        "flights": ([f for f in flights if f.trips], style.BLUE, style.BLUE, ""),
        "empty": ([f for f in flights if not f.trips], "white", style.BLUE, "////"),
    }
    for gid, (some, face, edge, hatch) in looks.items():
        spans = [(f.off_block, f.on_block - f.off_block) for f in some]
        bars = axes.broken_barh(
            spans, base, facecolor=face, edgecolor=edge, linewidth=0.5, hatch=hatch, zorder=3
        )
        bars.set_gid(gid)
    spans = [(c.start, c.end - c.start) for c in charges]
    axes.broken_barh(spans, base, facecolor=style.GREEN, linewidth=0, zorder=3).set_gid("charges")
    for flight in flights:
        if (flight.on_block - flight.off_block) / 3600 / hours > 0.011:
            middle = ((flight.off_block + flight.on_block) / 2, base[0] + base[1] / 2)
            colour = "white" if flight.trips else style.BLUE
            box = None if flight.trips else {"facecolor": "white", "pad": 0.4, "linewidth": 0}
            axes.text(
                *middle,
                codes[flight.destination],
                fontsize=5.2,
                color=colour,
                ha="center",
                va="center_baseline",
                zorder=4,
                bbox=box,
                clip_on=True,
            )


def charge_line(
    problem: AirTaxiProblem,
    tail: Aircraft,
    flights: Sequence[Flight],
    charges: Sequence[Charge],
    end: int,
) -> tuple[list[int], list[int]]:
    """Return moments in seconds and the state of charge there in Wh."""
    curve = problem.type[tail.type].curve
    xs, ys = [tail.available_from], [tail.soc_wh]
    events: list[Flight | Charge] = [*flights, *charges]
    for event in sorted(events, key=lambda e: e.off_block if isinstance(e, Flight) else e.start):
        if isinstance(event, Flight):
            xs += [event.off_block, event.on_block]
            ys += [event.soc_before_wh, event.soc_after_wh]
            continue
        for part in range(SAMPLES + 1):
            passed = (event.end - event.start) * part // SAMPLES
            xs.append(event.start + passed)
            ys.append(charge(curve, event.power_w, event.soc_before_wh, passed))
    return [*xs, end], [*ys, ys[-1]]


def _gauge(
    axes: Axes,
    row: int,
    problem: AirTaxiProblem,
    tail: Aircraft,
    flights: Sequence[Flight],
    charges: Sequence[Charge],
    end: int,
) -> None:
    kind = problem.type[tail.type]
    floor = row + 1 - GAUGE[0]

    def height(energy: float) -> float:
        return floor - GAUGE[1] * energy / kind.battery_wh

    xs, ys = charge_line(problem, tail, flights, charges, end)
    levels = [height(y) for y in ys]
    axes.fill_between(xs, levels, floor, color=style.ORANGE, alpha=0.18, linewidth=0, zorder=1)
    line = axes.plot(xs, levels, color="#9A6B00", linewidth=1.0, zorder=2)[0]
    line.set_gid("charge")
    reserve = height(kind.reserve_wh)
    axes.axhline(reserve, color=style.VERMILION, linewidth=0.8, linestyle=(0, (4, 2)), zorder=2)


def _rows(axes: Axes, tails: Sequence[Aircraft]) -> None:
    axes.set_ylim(len(tails), 0)
    axes.set_yticks([row + 0.5 for row in range(len(tails))], [t.id for t in tails])
    axes.tick_params(axis="y", length=0)
    for row in range(1, len(tails)):
        axes.axhline(row, color=style.FAINT, linewidth=0.6, zorder=0)


def _legend(axes: Axes) -> None:
    handles = [
        Patch(facecolor=style.BLUE, label="flight with passengers"),
        Patch(facecolor="white", edgecolor=style.BLUE, hatch="////", label="empty flight"),
        Patch(facecolor=style.GREEN, label="charging"),
        Line2D([], [], color="#9A6B00", label="state of charge"),
        Line2D([], [], color=style.VERMILION, linestyle=(0, (4, 2)), label="reserve"),
    ]
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1.0), ncols=5, borderpad=0.2)
