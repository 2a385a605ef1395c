"""Days that cannot be flown: a proven reason at once, not after the time limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.airtaxi.demand import TimetableFlight
from router.airtaxi.fleet import Downtime, Pilot
from router.airtaxi.network import LegStep
from router.airtaxi.plan import solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import load_scenario
from router.airtaxi.schedule import FlightPlan
from router.solving import SolveOptions, Termination
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import S4, day, port, tail, trip, way

LONG = SolveOptions(seconds=60)
AT_ONCE = 15.0
"""Seconds; an idle core takes less than one, the clock of a busy machine must not decide."""
CLOSED = (TimeWindow(14_400, 14_400),)


def proven(problem: AirTaxiProblem, *codes: str) -> FlightPlan:
    """Return the plan of a day that is proven infeasible at once, for just these reasons."""
    plan = solve(problem, LONG)
    assert [v.code for v in plan.infeasible] == list(codes)
    assert plan.termination is Termination.INFEASIBLE
    assert plan.seconds < AT_ONCE
    return plan


def test_no_energy_for_a_promised_leg() -> None:
    """90 kWh for the leg, 80 kWh above the reserve at most."""
    ways = (way("A", "B", legs=(LegStep(0, 480, 90_000),)), way("B", "A"))
    proven(day(corridors=ways, trips=(trip("t", "A", "B", 1000, promised=True),)), "NO_ENERGY")


def test_no_charge_left_for_two_legs() -> None:
    """30 kWh above the reserve, no charger: B is reached, but not A again, where the day ends."""
    a = tail(soc_wh=50_000, end="A")
    ride = trip("t", "A", "B", 1000, promised=True)
    proven(day(aircraft=(a,), trips=(ride,)), "NO_AIRCRAFT")
    plan = solve(day(aircraft=(replace(a, end=None),), trips=(ride,)), replace(LONG, seconds=1))
    assert plan.served_trips == {"t"}


def test_no_charge_to_fetch_a_promised_party() -> None:
    """From A with 30 kWh above the reserve, a party waits at B: 20 kWh there, 20 kWh back."""
    a = tail(soc_wh=50_000)
    proven(day(aircraft=(a,), trips=(trip("t", "B", "A", 2000, promised=True),)), "NO_AIRCRAFT")


@pytest.mark.parametrize(
    "pilot",
    [
        Pilot(id="p", base="A", shift=TimeWindow(2_100, 9_000)),
        Pilot(id="p", base="A", shift=TimeWindow(0, 1_599)),
        Pilot(id="p", base="A", shift=TimeWindow(0, 9_000), types=frozenset({"other"})),
    ],
    ids=("later", "earlier", "type"),
)
def test_no_pilot_for_a_promised_flight(pilot: Pilot) -> None:
    """Off block in [1000, 1600] and 600 s on the way: no shift holds that, or not of this type."""
    kinds = (replace(S4, needs_pilot=True), replace(S4, id="other"))
    ride = trip("t", "A", "B", 1000, promised=True)
    proven(day(types=kinds, pilots=(pilot,), trips=(ride,)), "PILOT")


def test_nobody_is_there_in_time() -> None:
    """A is 600 s and a turnaround of 300 s from B, where the required flight leaves at 500."""
    line = TimetableFlight(id="l", origin="B", destination="A", off_block=TimeWindow(500, 500))
    proven(day(timetable=(line,)), "NO_AIRCRAFT")


@pytest.mark.parametrize("places", [("A", "B"), ("A",), ("B",)])
def test_every_pad_closed(places: tuple[str, ...]) -> None:
    """A promise needs a pad at both ends; without a promise the day is empty, and quick too."""
    ports = tuple(port(v, opening=CLOSED if v in places else ()) for v in ("A", "B"))
    ride = trip("t", "A", "B", 1000)
    proven(day(vertiports=ports, trips=(replace(ride, promised=True),)), "CLOSED")
    plan = solve(day(vertiports=ports, trips=(ride,)), LONG)
    assert (plan.infeasible, plan.flights) == ((), ())
    assert [r.value for r in plan.unserved[0].reasons] == ["CLOSED"]
    assert plan.seconds < AT_ONCE


def test_a_fleet_that_cannot_return_in_time() -> None:
    """Both have to be at B by 500, a flight of 600 s away; one has the charge, one has not."""
    tails = (tail("x", end="B", available_until=500), tail("y", end="B", soc_wh=30_000))
    plan = proven(day(aircraft=tails), "CANNOT_RETURN", "CANNOT_RETURN")
    assert [v.path for v in plan.infeasible] == ["aircraft[0].end", "aircraft[1].end"]


def test_a_way_that_is_closed_all_day() -> None:
    """The only corridor to the end is closed throughout; the other way it is open."""
    ways = (way("A", "B", closures=(TimeWindow(0, 20_000),)), way("B", "A"))
    proven(day(corridors=ways, aircraft=(tail(end="B"),)), "CANNOT_RETURN")


def test_a_downtime_that_is_out_of_reach() -> None:
    """Down at B from 500 on, 600 s away."""
    down = Downtime(window=TimeWindow(500, 900), vertiport="B")
    proven(day(aircraft=(tail(downtimes=(down,)),)), "CANNOT_RETURN")


def test_more_ends_than_stands() -> None:
    """Three aircraft are to end at B, which has two stands."""
    ports = (port("A"), port("B", stands=2))
    tails = tuple(tail(n, end="B") for n in "xyz")
    plan = proven(day(vertiports=ports, aircraft=tails), "STANDS_FULL")
    assert plan.infeasible[0].path == "vertiports[1].stands"


def test_more_starts_than_stands_and_pads() -> None:
    """Three begin at A with one stand and one pad: one can leave at once, two cannot stand.

    Two begin there: nothing is proven, but what the plan leaves standing is told.
    """
    ports = (port("A", stands=1), port("B"))
    tails = tuple(tail(n) for n in "xyz")
    proven(day(vertiports=ports, aircraft=tails), "STANDS_FULL")
    plan = solve(day(vertiports=ports, aircraft=tails[:2]), replace(LONG, max_iterations=0))
    assert [v.code for v in plan.infeasible] == ["STANDS_NOT_KEPT"]
    assert plan.termination is Termination.LIMIT


def test_more_downtimes_than_stands() -> None:
    """Two are down at B at 5,000, which has one stand: one of them stays at A."""
    ports = (port("A"), port("B", stands=1))
    downs = [Downtime(window=TimeWindow(s, 6000), vertiport="B") for s in (4000, 5000)]
    tails = tuple(tail(f"x{i}", downtimes=(d,)) for i, d in enumerate(downs))
    proven(day(vertiports=ports, aircraft=tails), "STANDS_FULL", "RETURN_NOT_FOUND")


def test_a_way_that_is_only_not_found_is_not_called_impossible() -> None:
    """Each alone could be home at B, through one pad in the last 700 s not both.

    Landing and take-off hold a pad for 60 s; with 400 s both ways the second is late.
    """
    ports = (port("A", takeoff_s=400), port("B"))
    tails = tuple(tail(n, end="B", available_until=1_000) for n in "xy")
    plan = solve(day(vertiports=ports, aircraft=tails), replace(LONG, max_iterations=20))
    assert [v.code for v in plan.infeasible] == ["RETURN_NOT_FOUND"]
    assert plan.termination is not Termination.INFEASIBLE


@pytest.mark.parametrize("what", ["energy", "closed", "return"])
def test_the_embedded_day_with_2500_passengers(what: str) -> None:
    """One promise, or one aircraft's end, is out of reach on a day that is large otherwise."""
    problem = load_scenario("alatau-almaty").problem(passengers=2500)
    code = {"energy": "NO_ENERGY", "closed": "CLOSED", "return": "CANNOT_RETURN"}[what]
    if what == "return":
        first = replace(problem.aircraft[0], soc_wh=50_000, start="MED", end="KON")
        changed = replace(problem, aircraft=(first, *problem.aircraft[1:]))
    else:
        late = TimeWindow(82_000, 83_000)
        ride = replace(problem.trips[0], promised=True)
        ride = replace(ride, departure=late) if what == "closed" else ride
        ways = tuple(
            replace(c, type_legs={"joby-s4": (LegStep(0, 600, 150_000),)})
            if what == "energy" and c.key == (ride.origin, ride.destination)
            else c
            for c in problem.corridors
        )
        changed = replace(problem, trips=(ride, *problem.trips[1:]), corridors=ways)
    proven(changed, code)
