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
from router.airtaxi.tables import build
from router.solving import SolveOptions
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import FAST, S4, day, port, tail, trip

SECONDS = SolveOptions(seconds=20, threads=1, seed=1)


def whole(problem: AirTaxiProblem) -> FlightPlan:
    """Return a plan that the checker has passed."""
    plan = solve_whole(problem, SECONDS)
    assert check(problem, plan).violations == ()
    return plan


def test_an_empty_flight_fetches_a_party_if_it_pays() -> None:
    """B to A is worth 10,000 and costs two flights of 1,000, one of them empty."""
    plan = whole(day(trips=(trip("t1", "B", "A", 5000),)))
    assert plan.value == 8_000
    assert [(f.origin, f.trips) for f in plan.flights] == [("A", ()), ("B", ("t1",))]
    assert whole(day(trips=(trip("t1", "B", "A", 5000, value=1_999),))).flights == ()


@pytest.mark.parametrize(("chargers", "flown"), [((), 4), ((FAST,), 6)])
def test_it_charges_on_the_way(chargers: tuple[object, ...], flown: int) -> None:
    """100 kWh are four flights of 20 above the reserve of 20; there and back every 1,800 s."""
    ways = ("A", "B") * 3
    trips = tuple(trip(f"t{k}", ways[k], ways[(k + 1) % 6], 1_000 + 1_800 * k) for k in range(6))
    plan = whole(day(trips=trips, vertiports=(port("A", chargers=chargers), port("B"))))
    assert len(plan.flights) == flown
    assert bool(plan.charges) == bool(chargers)


@pytest.mark.parametrize(("pads", "served"), [(1, 1), (2, 2)])
def test_pads_are_shared(pads: int, served: int) -> None:
    """Two full parties leave at one moment, each in an aircraft of its own."""
    only = TimeWindow(1_000, 1_000)
    trips = tuple(trip(f"t{k}", "A", "B", 1_000, party=4, departure=only) for k in range(2))
    fleet = (tail("a1"), tail("a2"))
    ports = (port("A", pads=pads), port("B", pads=2))
    assert len(whole(day(trips=trips, aircraft=fleet, vertiports=ports)).flights) == served


def test_stands_are_shared() -> None:
    """Two aircraft at A, and one stand at B: the second one stays."""
    trips = tuple(trip(f"t{k}", "A", "B", 1_000 + 3_000 * k, party=4) for k in range(2))
    fleet = (tail("a1"), tail("a2"))
    ports = (port("A"), port("B", stands=1))
    plan = whole(day(trips=trips, aircraft=fleet, vertiports=ports))
    assert {t for f in plan.flights for t in f.trips} == {"t0", "t1"}
    assert len(plan.flights) == 3  # one comes back in between


def test_who_does_not_share_flies_alone() -> None:
    """Three parties at one moment, one of them for itself: two aircraft."""
    trips = tuple(trip(f"t{k}", "A", "B", 1_000, may_share=k > 0) for k in range(3))
    plan = whole(day(trips=trips, aircraft=(tail("a1"), tail("a2"))))
    assert sorted(f.trips for f in plan.flights) == [("t0",), ("t1", "t2")]


def test_what_it_does_not_know_is_refused() -> None:
    """Pilots, and two types."""
    crewed = day(pilots=(Pilot(id="p", base="A", shift=TimeWindow(0, 9_000)),))
    mixed = day(types=(S4, replace(S4, id="x")), aircraft=(tail(), tail("a2", type="x")))
    for problem in (crewed, mixed):
        assert not knows(problem)
        with pytest.raises(ValueError, match="does not know"):
            Monolith(problem, build(problem)[0])


def test_the_embedded_day_is_flown_without_a_fault() -> None:
    """20 passengers: whatever it finds in 5 s breaks no rule; it proves no bound."""
    row = measure("alatau-almaty", 20, 1, 5.0, 1, "CP-SAT")
    assert row.violations == 0
    assert row.bound is None
