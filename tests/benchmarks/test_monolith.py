"""The day as one model for CP-SAT: what it finds can be flown, and is best where that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.quality.airtaxi.monolith import Monolith, knows, solve_whole
from benchmarks.quality.airtaxi.runs import measure
from router.airtaxi.check import check
from router.airtaxi.fleet import Pilot
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.solving import SolveOptions
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import S4, day, port, tail, trip

SECONDS = SolveOptions(seconds=20, threads=1, seed=1)


def whole(problem: AirTaxiProblem) -> FlightPlan:
    """Return a plan that the checker has passed."""
    plan = solve_whole(problem, SECONDS)
    assert check(problem, plan).violations == ()
    return plan


def test_stands_are_shared() -> None:
    """Two aircraft at A, and one stand at B: the second one stays."""
    trips = tuple(trip(f"t{k}", "A", "B", 1_000 + 3_000 * k, party=4) for k in range(2))
    fleet = (tail("a1"), tail("a2"))
    ports = (port("A"), port("B", stands=1))
    plan = whole(day(trips=trips, aircraft=fleet, vertiports=ports))
    assert {t for f in plan.flights for t in f.trips} == {"t0", "t1"}
    assert len(plan.flights) == 3  # one comes back in between


def test_what_it_does_not_know_is_refused() -> None:
    """Pilots, and two types."""
    crewed = day(pilots=(Pilot(id="p", base="A", shift=TimeWindow(0, 9_000)),))
    mixed = day(types=(S4, replace(S4, id="x")), aircraft=(tail(), tail("a2", type="x")))
    for problem in (crewed, mixed):
        assert not knows(problem)
        with pytest.raises(ValueError, match="does not know"):
            Monolith(problem)


def test_the_embedded_day_is_flown_without_a_fault() -> None:
    """20 passengers: whatever it finds in 5 s breaks no rule; it proves no bound."""
    row = measure("alatau-almaty", 20, 1, 5.0, 1, "CP-SAT")
    assert row.violations == 0
    assert row.bound is None
