"""The pictures of an air-taxi day show what its plan says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from router.airtaxi.schedule import FlightPlan
from router.plots import aircraft, network, occupancy
from tests.plots import tiny
from tests.plots.png import size_of


def axes_of(figure: Figure) -> Axes:
    """Return the first axes."""
    return figure.axes[0]


def bars(axes: Axes, gid: str) -> list[tuple[float, float]]:
    """Return (left, right) of each bar of the kind ``gid``."""
    found = axes.findobj(lambda artist: artist.get_gid() == gid)
    paths = [p for c in found if isinstance(c, PolyCollection) for p in c.get_paths()]
    sides = [np.asarray(p.vertices, dtype=float)[:, 0] for p in paths]
    return [(float(xs.min()), float(xs.max())) for xs in sides]


def lines(axes: Axes, gid: str) -> list[Line2D]:
    """Return the lines of the kind ``gid``."""
    return [line for line in axes.get_lines() if line.get_gid() == gid]


def test_aircraft_bars_are_flights_and_charges() -> None:
    """One full flight 08:00-08:14, one empty 09:00-09:14, one charge 08:20-08:50."""
    axes = axes_of(aircraft.figure(*tiny.air_day()))
    assert bars(axes, "flights") == [(28_800, 29_640)]
    assert bars(axes, "empty") == [(32_400, 33_240)]
    assert bars(axes, "charges") == [(30_000, 31_800)]


def test_charge_line_follows_flight_and_charge() -> None:
    """80 kWh before and 60 after the flight, 78 half-way through the charge, 96, then 76."""
    problem, plan = tiny.air_day()
    moments, levels = aircraft.charge_line(
        problem, problem.aircraft[0], plan.flights, plan.charges, 36_000
    )
    at = dict(zip(moments, levels, strict=True))
    assert at[28_800] == 80_000
    assert at[29_640] == 60_000
    assert at[30_900] == 78_000
    assert at[31_800] == 96_000
    assert at[36_000] == 76_000


def test_corridors_are_as_wide_as_flights_are_many() -> None:
    """Both directions are flown once: two arcs of the greatest width, labelled 1."""
    axes = axes_of(network.figure(*tiny.air_day()))
    assert [line.get_linewidth() for line in lines(axes, "corridor")] == [network.WIDEST] * 2
    assert sum(text.get_text() == "1" for text in axes.texts) == 2


def test_colour_tells_the_seats_taken() -> None:
    """Three of four seats is in the fullest class, none in the emptiest."""
    problem, plan = tiny.air_day()
    colours = {
        line.get_color() for line in lines(axes_of(network.figure(problem, plan)), "corridor")
    }
    assert colours == {network.colour_of(0.75), network.colour_of(0.0)}


def test_usage_counts_what_is_held() -> None:
    """At Golden one aircraft stands 08:14-09:00 and charges 08:20-08:50 at 80 kW from the grid.

    72 kW at efficiency 0.9 is 80 kW. Of the pad's quarter hour from 08:00 the
    landing holds 60 s, 6.67 per cent; the take-off at 09:01 as much.
    """
    problem, plan = tiny.air_day()
    used = occupancy.usage(problem, plan, problem.vertiport["Golden"], 28_800, 36_000)
    assert used["stands"].tolist() == [0] * 14 + [1] * 46 + [0] * 60
    assert used["chargers"].tolist() == [0] * 20 + [1] * 30 + [0] * 70
    assert set(used["power"]) == {0, 80}
    assert used["pads"] == pytest.approx([20 / 3, 0, 0, 0, 20 / 3, 0, 0, 0])


def test_peak_is_the_highest_moment_of_a_column() -> None:
    """Holds [0, 30) and [30, 60) never meet; [20, 40) makes two of them."""
    apart = occupancy.peak([(0, 30, 1), (30, 60, 1)], 0, 120, 60)
    assert apart.tolist() == [1, 0]
    assert occupancy.peak([(0, 30, 1), (30, 60, 1), (20, 40, 1)], 0, 120, 60).tolist() == [2, 0]


def test_codes_are_the_shortest_that_differ() -> None:
    """Golden and Gold share four letters; one is a prefix of the other."""
    assert aircraft.short_codes(["Airport", "Golden", "Gold"]) == {
        "Airport": "Ai",
        "Golden": "Golde",
        "Gold": "Gold",
    }


@pytest.mark.parametrize("picture", [network, aircraft, occupancy])
def test_files_are_png_of_the_size_expected(picture: object, tmp_path: Path) -> None:
    """13 inches at 130 dots an inch are 1690 dots; the same plan gives the same bytes."""
    problem, plan = tiny.air_day()
    for name in ("a.png", "b.png"):
        picture.draw(problem, plan, tmp_path / name)  # type: ignore[attr-defined]
    assert size_of(tmp_path / "a.png")[0] == 1690
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("picture", [network, aircraft, occupancy])
def test_an_empty_plan_is_drawn(picture: object, tmp_path: Path) -> None:
    """A day on which nothing flies is a picture too."""
    problem, _ = tiny.air_day()
    picture.draw(problem, FlightPlan(), tmp_path / "empty.png")  # type: ignore[attr-defined]
    assert np.prod(size_of(tmp_path / "empty.png")) > 0
