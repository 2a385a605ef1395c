"""The figures of the tiny plan of tests/airtaxi/days.py, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.airtaxi.figures import Spread, figures, peak_power_w
from router.airtaxi.schedule import FlightPlan, UnservedReason, UnservedTrip
from tests.airtaxi.days import BACK, DAY, FILL, OUT, PLAN, moved, twin


def test_the_tiny_plan() -> None:
    """Seats: 3 of 4 for 600 s, 1 of 4 for 500 s. Waits: 100 s twice, 0, 220 s by passenger.

    300 Wh at 90 % are 333.3 Wh of the grid; 3,600 W are 4,000 W of it.
    """
    found = figures(DAY, PLAN)
    assert (found.trips, found.served_trips) == (3, 3)
    assert (found.passengers, found.served_passengers) == (4, 4)
    assert (found.flights, found.empty_flights, found.aircraft) == (2, 0, 1)
    assert found.load_factor == pytest.approx((3 * 600 + 500) / (4 * 1100))
    assert found.waiting_s is not None
    assert found.waiting_s.mean == (100 + 100 + 0 + 220) / 4
    assert (found.waiting_s.least, found.waiting_s.greatest) == (0, 220)
    assert (found.energy_wh, found.grid_wh) == (300, 334)
    assert found.peak_power_w == {"A": 0, "B": 4000}
    assert found.unserved == {}


def test_nobody_flies() -> None:
    """Nothing is divided by nothing; each trip left out has its reason."""
    plan = FlightPlan(
        unserved=(UnservedTrip("one", (UnservedReason.PAD,)), UnservedTrip("two", ()))
    )
    found = figures(DAY, plan)
    assert (found.load_factor, found.empty_share, found.waiting_s) == (0, 0, None)
    assert found.unserved == {"PAD": 1}


def test_an_empty_flight_lowers_the_load_factor() -> None:
    """The way back without anybody: 1,800 of 4,400 seat seconds."""
    found = figures(DAY, replace(PLAN, flights=(OUT, replace(BACK, trips=()))))
    assert found.empty_share == 0.5
    assert found.load_factor == pytest.approx(1800 / 4400)


def test_power_adds_up_where_sessions_overlap() -> None:
    """Two sessions of 4,000 W from the grid, the second 100 s later."""
    other = replace(FILL, aircraft="Y", start=FILL.start + 100, end=FILL.end + 100)
    plan = replace(PLAN, charges=(FILL, other))
    assert peak_power_w(twin(DAY), plan, "B") == 8000
    after = replace(other, start=FILL.end, end=FILL.end + 300)
    assert peak_power_w(twin(DAY), replace(PLAN, charges=(FILL, after)), "B") == 4000


def test_what_is_not_in_the_problem_counts_nowhere() -> None:
    """An unknown aircraft, trip, vertiport, and a charge out of range."""
    plan = FlightPlan(
        flights=(replace(OUT, trips=("one", "ghost")), moved(OUT, 0, aircraft="ghost")),
        charges=(replace(FILL, vertiport="ghost"), replace(FILL, soc_before_wh=-5)),
    )
    found = figures(DAY, plan)
    assert (found.flights, found.served_passengers, found.energy_wh) == (1, 2, 0)


def test_percentiles_are_the_least_number_that_so_many_do_not_exceed() -> None:
    """Of 1 to 10, half do not exceed 5, nine tenths not 9; weights repeat a number."""
    spread = Spread.of(range(1, 11))
    assert spread is not None
    assert (spread.percentiles[50], spread.percentiles[90], spread.percentiles[99]) == (5, 9, 10)
    weighted = Spread.of([0, 100], [9, 1])
    assert weighted is not None
    assert (weighted.mean, weighted.percentiles[90], weighted.percentiles[95]) == (10, 0, 100)
    assert Spread.of([]) is None
