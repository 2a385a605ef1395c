"""What fleets can do: passengers carried and cost against the number of aircraft."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from router.airtaxi.fleet_size.study import Finding
from router.plots import style

MARKERS = "osD^vPX*"


def draw(findings: Sequence[Finding], name: str, currency: str, path: str | Path) -> None:
    """Write a PNG of service, and of cost where there are costs, by fleet size."""
    style.save(figure(findings, name, currency), path)


@style.styled
def figure(findings: Sequence[Finding], name: str, currency: str) -> Figure:
    """Return the picture: service on the left, cost on the right."""
    priced = any(point.cost for finding in findings for point in finding.points)
    made = style.sheet(
        12 if priced else 7.5,
        5.6,
        f"Fleet size  ·  {name}",
        _headline(findings),
        "Source: fleet sizing of Alatau Router (reduced model), judged by the independent checker.",
    )
    made.subplots_adjust(left=0.075 if priced else 0.12, right=0.97, top=0.80, bottom=0.21)
    panels = made.subplots(1, 2 if priced else 1, squeeze=False)[0]
    _service(panels[0], findings)
    if priced:
        _cost(panels[1], findings, currency)
    handles, labels = panels[0].get_legend_handles_labels()
    made.legend(handles, labels, loc="lower left", bbox_to_anchor=(0.03, 0.045), ncols=4)
    return made


def _headline(findings: Sequence[Finding]) -> str:
    words = []
    for finding in findings[:3]:
        size = finding.size
        if size.fleet is None:
            words.append(f"{finding.case.name}: none found in time (at least {size.bound})")
        else:
            proof = "proven least" if size.proven else f"at least {size.bound}"
            words.append(f"{finding.case.name}: {size.fleet} aircraft ({proof})")
    return "  ·  ".join(words) + ("  ·  …" if len(findings) > 3 else "")


def _look(number: int) -> dict[str, object]:
    colour = style.SERIES[number % len(style.SERIES)]
    return {"color": colour, "marker": MARKERS[number % len(MARKERS)], "linewidth": 1.8}


def _service(axes: Axes, findings: Sequence[Finding]) -> None:
    for number, finding in enumerate(findings):
        asked = max(1, finding.case.asked)
        fleets = [point.fleet for point in finding.points]
        carried = [1 - point.spill.lost / asked for point in finding.points]
        best = [1 - point.spill.bound / asked for point in finding.points]
        look = _look(number)
        axes.plot(fleets, carried, label=finding.case.name, **look)  # type: ignore[arg-type]
        axes.fill_between(fleets, carried, best, color=str(look["color"]), alpha=0.15, linewidth=0)
        if finding.size.fleet is not None:
            axes.axvline(finding.size.fleet, color=str(look["color"]), linewidth=1, linestyle=":")
    axes.set_title("Passengers carried (shaded: up to what is proven possible at most)")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylim(top=1.02)
    _aircraft(axes)


def _cost(axes: Axes, findings: Sequence[Finding], currency: str) -> None:
    for number, finding in enumerate(findings):
        fleets = [point.fleet for point in finding.points]
        costs = [point.cost / 100e6 for point in finding.points]
        axes.plot(fleets, costs, **_look(number))  # type: ignore[arg-type]
    axes.set_title(f"Cost of the day without energy (million {currency})")
    axes.set_ylim(bottom=0)
    _aircraft(axes)


def _aircraft(axes: Axes) -> None:
    axes.set_xlabel("aircraft (dotted: least fleet found for all departures)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
