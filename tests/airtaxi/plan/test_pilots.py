"""Days that are flown by pilots: shifts, duties, breaks, flight time, bases.

A flight lasts 600 s from off-block to on-block and 480 s from departure to landing; the
turnaround is 300 s. Every plan passes the checker, which has rules of its own.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.airtaxi.check import check
from router.airtaxi.fleet import Downtime, Pilot
from router.airtaxi.plan import solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.roster import draw_up
from router.airtaxi.schedule import FlightPlan, UnservedReason
from router.solving import SolveOptions
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import FAST, S4, day, port, random_crewed_day, tail, trip

QUICK = SolveOptions(seconds=20, max_iterations=300, seed=7)
ALL_DAY = Pilot(id="p", base="A", shift=TimeWindow(0, 14_400))


def crewed(*pilots: Pilot, **changes: object) -> AirTaxiProblem:
    """Return a day whose aircraft needs a pilot."""
    return day(types=(replace(S4, needs_pilot=True),), pilots=pilots, **changes)


def flown(problem: AirTaxiProblem) -> FlightPlan:
    """Return a plan that the checker has passed."""
    plan = solve(problem, QUICK)
    assert check(problem, plan).violations == ()
    return plan


def test_a_pilot_is_named_and_comes_home() -> None:
    """One party to B: the pilot, based at A, flies back empty; 10,000 - 2 x 1,000."""
    plan = flown(crewed(ALL_DAY, trips=(trip("t", "A", "B", 1000),)))
    assert [(f.pilot, f.destination) for f in plan.flights] == [("p", "B"), ("p", "A")]
    assert plan.value == 8_000


def test_a_shift_is_kept() -> None:
    """Leaving in [1000, 1600] is before the shift that begins at 2,000; at 3,000 is not."""
    pilot = replace(ALL_DAY, shift=TimeWindow(2000, 9000))
    plan = flown(crewed(pilot, trips=(trip("t1", "A", "B", 1000), trip("t2", "A", "B", 3000))))
    assert plan.served_trips == {"t2"}
    assert plan.unserved[0].reasons[0] is UnservedReason.PILOT
    assert all(f.off_block >= 2000 and f.on_block <= 9000 for f in plan.flights)


@pytest.mark.parametrize(("seconds", "trips"), [(959, 0), (960, 1), (1919, 1), (1920, 2)])
def test_flight_time_is_counted(seconds: int, trips: int) -> None:
    """A party to B and the way back are 2 x 480 s between departures and landings."""
    pilot = replace(ALL_DAY, max_flight_s=seconds)
    asked = (trip("t1", "A", "B", 1000), trip("t2", "A", "B", 6000))
    assert len(flown(crewed(pilot, trips=asked)).served_trips) == trips


def test_a_break_parts_the_work() -> None:
    """Every 1,900 s a party to B: seven with charging.

    With 2,500 s of work, then 1,500 s off, each of four parts of the day takes one of them and
    the way back.
    """
    ports = (port("A", chargers=(FAST,)), port("B"))
    asked = tuple(trip(f"t{i}", "A", "B", 500 + 1_900 * i) for i in range(7))
    free = flown(crewed(ALL_DAY, vertiports=ports, trips=asked))
    tired = replace(ALL_DAY, max_work_s=2_500, break_s=1_500)
    assert len(free.served_trips) == 7
    assert len(flown(crewed(tired, vertiports=ports, trips=asked)).served_trips) == 4


def test_a_duty_is_no_longer_than_allowed_and_lies_where_most_is_asked_for() -> None:
    """Of parties at 1,000 and three from 9,000 on, 4,000 s of duty serve the later ones."""
    pilot = replace(ALL_DAY, max_duty_s=4_000)
    asked = (trip("t0", "A", "B", 1000), *(trip(f"t{i}", "A", "B", 9_000) for i in (1, 2, 3)))
    assert flown(crewed(pilot, trips=asked)).served_trips == {"t1", "t2", "t3"}


def test_two_pilots_share_an_aircraft() -> None:
    """One until 7,000, one from 7,000 on; the aircraft is at A in between."""
    pilots = (
        replace(ALL_DAY, id="p1", shift=TimeWindow(0, 7_000)),
        replace(ALL_DAY, id="p2", shift=TimeWindow(7_000, 14_400)),
    )
    plan = flown(crewed(*pilots, trips=(trip("t1", "A", "B", 1000), trip("t2", "A", "B", 9000))))
    assert plan.served_trips == {"t1", "t2"}
    assert [(f.pilot, f.origin) for f in plan.flights] == [
        ("p1", "A"),
        ("p1", "B"),
        ("p2", "A"),
        ("p2", "B"),
    ]


@pytest.mark.parametrize(
    "pilot", [replace(ALL_DAY, base="B"), replace(ALL_DAY, types=frozenset({"other"}))]
)
def test_an_aircraft_without_a_pilot_stays(pilot: Pilot) -> None:
    """The pilot is elsewhere, or may not fly it."""
    kinds = (replace(S4, needs_pilot=True), replace(S4, id="other"))
    problem = day(types=kinds, pilots=(pilot,), trips=(trip("t", "A", "B", 1000),))
    assert flown(problem).flights == ()


def test_types_that_need_none_fly_without() -> None:
    """Pilots are listed, but the type flies itself."""
    plan = flown(day(pilots=(ALL_DAY,), trips=(trip("t", "A", "B", 1000),)))
    assert [(f.pilot, f.destination) for f in plan.flights] == [(None, "B")]


def test_charging_goes_on_without_a_pilot() -> None:
    """From 30 kWh the aircraft charges before the shift, which begins at 5,000, and flies then."""
    pilot = replace(ALL_DAY, shift=TimeWindow(5_000, 7_000))
    ports = (port("A", chargers=(FAST,)), port("B"))
    asked = (trip("t", "A", "B", 5_000),)
    plan = flown(crewed(pilot, vertiports=ports, trips=asked, aircraft=(tail(soc_wh=30_000),)))
    assert plan.served_trips == {"t"}
    assert plan.charges[0].start < 5_000


def test_a_downtime_elsewhere_lies_inside_a_duty() -> None:
    """Down at B from 5,000 to 6,000: the pilot flies there, waits, and flies home."""
    down = Downtime(window=TimeWindow(5000, 6000), vertiport="B")
    plan = flown(crewed(ALL_DAY, aircraft=(tail(downtimes=(down,)),)))
    assert [(f.pilot, f.destination) for f in plan.flights] == [("p", "B"), ("p", "A")]


@pytest.mark.parametrize("seed", range(25))
def test_random_crewed_days_pass_the_checker(seed: int) -> None:
    """No rule is broken, but for the end of aircraft that the plan itself reports."""
    problem = random_crewed_day(seed)
    plan = solve(problem, QUICK)
    told = {"END_PLACE", "FINAL_SOC", "DOWNTIME"} if plan.infeasible else set()
    assert [str(v) for v in check(problem, plan).violations if v.code not in told] == []
    piloted = {f.pilot for f in plan.flights if problem.type_of(f.aircraft).needs_pilot}
    assert None not in piloted


def test_random_crewed_days_do_fly_with_pilots() -> None:
    """The roster is not empty, and what it allows is used."""
    plans = [solve(random_crewed_day(s), replace(QUICK, max_iterations=50)) for s in range(8)]
    assert sum(1 for p in plans for f in p.flights if f.pilot is not None) >= 10


def test_breaks_by_hand() -> None:
    """14,400 s with work of 4,000 s and breaks of 1,000 s: three breaks, 2,850 s of work each."""
    pilot = replace(ALL_DAY, max_work_s=4_000, break_s=1_000)
    (duty,) = draw_up(crewed(pilot)).duties[0]
    assert duty.breaks == (
        TimeWindow(2_850, 3_849),
        TimeWindow(6_700, 7_699),
        TimeWindow(10_550, 11_549),
    )
