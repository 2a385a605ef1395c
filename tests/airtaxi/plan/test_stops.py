"""Trips that accept stops ride where seats are free on the way.

Flights of 600 s from A to B and from B to C, one aircraft: A 1000 to B 1600, B 2000 to C 2600.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.airtaxi.check import check
from router.airtaxi.demand import Trip
from router.airtaxi.plan import SearchParameters, solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.solving import SolveOptions
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import day, port, random_full_day, tail, trip, way

QUICK = SolveOptions(seconds=20, max_iterations=100, seed=2)
COOL = SearchParameters(hot=0.1, cold=0.005)
"""Rides are rare on random days; from this search some are left for them."""
AT = TimeWindow(1000, 1000)
FIRST = trip("ab", "A", "B", 1000, departure=AT)
SECOND = trip("bc", "B", "C", 2000, departure=TimeWindow(2000, 2000))
VIA = trip("ac", "A", "C", 1000, departure=AT, max_stops=1, value=700)


def network(*trips: Trip, **changes: object) -> AirTaxiProblem:
    """Return a day of three vertiports without a way from A to C."""
    base = day(
        vertiports=(port("A"), port("B"), port("C")),
        corridors=(way("A", "B"), way("B", "C")),
        trips=trips,
    )
    return replace(base, **changes)


def flown(problem: AirTaxiProblem) -> FlightPlan:
    """Return a plan that the checker has passed, its stated money included."""
    plan = solve(problem, QUICK)
    report = check(problem, plan)
    assert report.violations == ()
    assert plan.value == report.value
    return plan


def test_a_trip_rides_through() -> None:
    """On board of both flights: 20,700 - 2 x 1,000."""
    plan = flown(network(FIRST, SECOND, VIA))
    assert [f.trips for f in plan.flights] == [("ab", "ac"), ("ac", "bc")]
    assert plan.value == 18_700
    assert plan.unserved == ()


def test_waiting_is_paid_once() -> None:
    """Wanted from 900 on, 1 a second: 100 for 100 s, and not again at the stop."""
    early = replace(VIA, departure=TimeWindow(900, 1000), wait_cost_per_s=1)
    assert flown(network(FIRST, SECOND, early)).value == 18_700 - 100


@pytest.mark.parametrize(
    "trip_",
    [
        replace(VIA, max_stops=0),
        replace(VIA, arrive_by=2_599),
        replace(VIA, max_ride_s=1_599),
        replace(VIA, may_share=False),
        replace(VIA, party=4),
        replace(VIA, weight_kg=311),
        replace(VIA, departure=TimeWindow(1_001, 1_500)),
        replace(VIA, departure=TimeWindow(200, 1_000), wait_cost_per_s=1),
    ],
    ids=("stops", "arrival", "ride", "alone", "seats", "weight", "window", "waiting"),
)
def test_what_keeps_it_out(trip_: Trip) -> None:
    """No stop accepted, a second late, not alone, no seat, a kilogram, missed, not worth it."""
    assert "ac" not in flown(network(FIRST, SECOND, trip_)).served_trips


def test_a_promise_may_be_kept_with_a_stop() -> None:
    """Nothing else brings it there; at a loss too."""
    poor = replace(VIA, value=0, promised=True)
    plan = flown(network(FIRST, SECOND, poor))
    assert (plan.infeasible, plan.served_trips) == ((), {"ab", "bc", "ac"})


def test_the_better_of_two_gets_the_seat() -> None:
    """Three seats are left for parties of two and three."""
    rides = (replace(VIA, id="two", party=2), replace(VIA, id="three", party=3, value=900))
    plan = flown(network(FIRST, SECOND, *rides))
    assert plan.served_trips == {"ab", "bc", "three"}
    assert [u.trip for u in plan.unserved] == ["two"]


def test_two_aircraft_make_no_ride() -> None:
    """The flights that would connect are flown by different aircraft."""
    tails = (tail("x", available_until=1_700), tail("y", start="B"))
    plan = flown(network(FIRST, SECOND, VIA, aircraft=tails))
    assert plan.served_trips == {"ab", "bc"}


def test_random_days_serve_some_trips_with_stops() -> None:
    """Of 90 days; each plan without fault of its own is judged."""
    ridden = 0
    for seed in range(90):
        problem = random_full_day(seed)
        asking = tuple(replace(t, max_stops=2) for t in problem.trips)
        problem = replace(problem, trips=asking)
        plan = solve(problem, replace(QUICK, max_iterations=30), parameters=COOL)
        assert plan.infeasible or check(problem, plan).violations == ()
        legs = [t for f in plan.flights for t in f.trips]
        ridden += len(legs) - len(set(legs))
    assert ridden > 0
