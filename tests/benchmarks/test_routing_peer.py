"""The day as routes of OR-Tools: what it finds can be flown, and is best where that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.quality.airtaxi.monolith import solve_whole
from benchmarks.quality.airtaxi.pooled import pool
from benchmarks.quality.airtaxi.routing import Routes, knows_routing, solve_routed
from benchmarks.quality.airtaxi.runs import measure, methods
from router.airtaxi.check import check
from router.airtaxi.demand import TimetableFlight
from router.airtaxi.fleet import Downtime, Pilot
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.solving import SolveOptions
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import FAST, S4, day, port, random_day, tail, trip, way

SECONDS = SolveOptions(seconds=1, threads=1, seed=1)


def routed(problem: AirTaxiProblem) -> FlightPlan:
    """Return a plan that the checker has passed."""
    plan = solve_routed(problem, SECONDS)
    assert check(problem, plan).violations == ()
    return plan


@pytest.mark.parametrize(("value", "flown"), [(1_500, 1), (1_400, 0)])
def test_an_aircraft_flies_if_its_day_pays(value: int, flown: int) -> None:
    """A flight costs 1,000 and the day of its aircraft 450."""
    problem = day(types=(replace(S4, day_cost=450),), trips=(trip("t1", "A", "B", 0, value=value),))
    assert len(routed(problem).flights) == flown


def test_a_party_that_does_not_pay_takes_the_place_of_an_empty_flight() -> None:
    """A to B is worth 500 of its 1,000, but B to A later needs the aircraft at B."""
    trips = (trip("t1", "A", "B", 1_000, value=500), trip("t2", "B", "A", 5_000))
    plan = routed(day(trips=trips))
    assert plan.value == 8_500
    assert plan.empty_flights == 0


def test_energy_beyond_the_morning_is_charged_in_the_model() -> None:
    """Four flights empty the battery to its reserve; a fifth that follows at once is no route."""
    ways = ("A", "B") * 3
    trips = tuple(trip(f"t{k}", ways[k], ways[k + 1], 900 * k, party=4) for k in range(5))
    ports = (port("A", chargers=(FAST,)), port("B"))
    problem = day(
        trips=tuple(
            replace(t, departure=TimeWindow(900 * k, 900 * k)) for k, t in enumerate(trips)
        ),
        vertiports=ports,
        types=(replace(S4, connect_s=300),),
    )
    routes = Routes(problem)
    routes.solve(0.5)
    assert len(routes.found) == 4


def test_stands_are_kept_when_flown_out() -> None:
    """One stand at B: the second aircraft may come as the first has left by then."""
    trips = (
        trip("t0", "A", "B", 1_000, party=4),
        trip("t1", "B", "A", 2_500, party=4),
        trip("t2", "A", "B", 2_500, party=4),
    )
    fleet = (tail("a1"), tail("a2"))
    plan = routed(day(trips=trips, aircraft=fleet, vertiports=(port("A"), port("B", stands=1))))
    assert {t for f in plan.flights for t in f.trips} == {"t0", "t1", "t2"}
    assert plan.empty_flights == 0


def test_seats_payload_and_windows_pool() -> None:
    """Four of one seat and 100 kg fill 400 kg; a fifth flies later, a sixth cannot arrive."""
    trips = [trip(f"t{k}", "A", "B", 1_000, weight_kg=100) for k in range(5)]
    trips.append(trip("late", "A", "B", 1_000, arrive_by=1_500))
    flights = list(pool(day(trips=tuple(trips))))
    assert [f.trips for f in flights] == [("t0", "t1", "t2", "t3"), ("t4",)]
    assert [(f.first, f.last, f.party) for f in flights] == [(1_000, 1_600, 4), (1_000, 1_600, 1)]


@pytest.mark.parametrize("place", [None, "A", "B"])
def test_downtimes_are_kept(place: str | None) -> None:
    """An aircraft that is down from 4,000 to 6,000 flies before and after, not meanwhile."""
    down = Downtime(window=TimeWindow(4_000, 6_000), vertiport=place)
    trips = (
        trip("t1", "A", "B", 1_000),
        trip("t2", "B", "A", 4_500),
        trip("t3", "B", "A", 8_000),
    )
    plan = routed(day(trips=trips, aircraft=(tail(downtimes=(down,)),)))
    assert plan.served_trips == {"t1", "t3"}


def test_two_types_fly_what_they_can() -> None:
    """Only the large one seats the party of four; the small one may not fly to C."""
    small = replace(S4, id="small", seats=2, cost_per_flight=100)
    problem = day(
        types=(S4, small),
        aircraft=(tail("a1"), tail("a2", type="small")),
        vertiports=(port("A"), port("B"), port("C")),
        corridors=(
            way("A", "B"),
            way("B", "A"),
            way("A", "C", type_legs={"small": ()}),
            way("C", "A", type_legs={"small": ()}),
        ),
        trips=(trip("t1", "A", "C", 1_000, party=4), trip("t2", "A", "B", 1_000)),
    )
    flown = {f.trips: f.aircraft for f in routed(problem).flights}
    assert flown == {("t1",): "a1", ("t2",): "a2"}


def test_closed_vertiports_and_corridors_are_kept() -> None:
    """B is open to 3,000 and from 6,000; the way back is closed until 9,000."""
    ports = (port("A"), port("B", opening=(TimeWindow(0, 3_000), TimeWindow(6_000, 14_400))))
    problem = day(
        vertiports=ports,
        corridors=(way("A", "B"), way("B", "A", closures=(TimeWindow(0, 9_000),))),
        trips=(
            trip("shut", "A", "B", 3_000),
            trip("open", "A", "B", 5_200),
            trip("barred", "B", "A", 7_000),
            trip("back", "B", "A", 9_000),
        ),
    )
    assert routed(problem).served_trips == {"open", "back"}


def test_the_end_of_the_day_is_kept() -> None:
    """Back at A by 3,500: the party can be flown; by 3,000 it cannot."""
    trips = (trip("t1", "A", "B", 1_000, departure=TimeWindow(1_000, 1_000)),)
    for until, served in ((3_500, 1), (3_000, 1), (2_400, 0)):
        problem = day(trips=trips, aircraft=(tail(end="A", available_until=until),))
        assert len(routed(problem).served_trips) == served


def test_a_promise_comes_before_value() -> None:
    """One aircraft, two parties at one moment: the promised one flies though it is worth less."""
    only = TimeWindow(1_000, 1_000)
    trips = (
        trip("dear", "A", "B", 1_000, departure=only, party=4, value=90_000),
        trip("kept", "A", "B", 1_000, departure=only, value=10, promised=True),
    )
    assert routed(day(trips=trips)).served_trips == {"kept"}


def test_it_is_as_good_as_the_model_of_constraints() -> None:
    """Nine parties there and back, two aircraft, one pad each: no better than CP-SAT's proof."""
    trips = tuple(
        trip(
            f"t{k}", *(("A", "B") if k % 2 else ("B", "A")), 700 * k, party=3, value=1_500 + 300 * k
        )
        for k in range(9)
    )
    problem = day(trips=trips, aircraft=(tail("a1"), tail("a2")))
    best = solve_whole(problem, SolveOptions(seconds=10, threads=1, seed=1))
    assert routed(problem).value == best.value


def test_random_days_break_no_rule() -> None:
    """Small days of all features but timetables; what the planner too leaves is told by it."""
    for seed in range(4):
        problem = replace(random_day(seed), timetable=())
        plan = solve_routed(problem, replace(SECONDS, seconds=0.6))
        stays = solve_routed(replace(problem, trips=()), replace(SECONDS, seconds=0.2))
        excused = {v.code for v in check(replace(problem, trips=()), stays).violations}
        assert {v.code for v in check(problem, plan).violations} <= excused


def test_what_routes_cannot_tell_is_refused() -> None:
    """Pilots, and a timetable."""
    line = TimetableFlight(id="l", origin="A", destination="B", off_block=TimeWindow(900, 900))
    crewed = day(pilots=(Pilot(id="p", base="A", shift=TimeWindow(0, 9_000)),))
    for problem in (crewed, day(timetable=(line,))):
        assert not knows_routing(problem)
        assert "OR-Tools routing" not in methods(problem)
        with pytest.raises(ValueError, match="cannot tell"):
            Routes(problem)


def test_the_embedded_day_is_flown_within_its_time() -> None:
    """100 passengers in 6 s: no fault, no bound, nothing worse than standing still."""
    row = measure("alatau-almaty", 100, 1, 6.0, 1, "OR-Tools routing")
    assert row.violations == 0
    assert row.bound is None
    assert row.seconds < 7
    assert row.value > -11_520_000  # what standing all day costs
