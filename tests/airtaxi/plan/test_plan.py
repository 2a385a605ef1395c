"""The day planner on days small enough for hand and brute force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.airtaxi.charging import ChargeCurve
from router.airtaxi.check import check
from router.airtaxi.demand import TimetableFlight
from router.airtaxi.fleet import Downtime
from router.airtaxi.network import LegStep
from router.airtaxi.plan import SearchParameters, solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import load_scenario
from router.airtaxi.schedule import FlightPlan, UnservedReason
from router.errors import InvalidInput
from router.solving import Progress, SolveOptions, Termination
from router.timewindow import TimeWindow
from tests.airtaxi.plan.oracle import best_value
from tests.airtaxi.plan.scenes import FAST, S4, day, port, random_day, tail, tiny_day, trip, way

QUICK = SolveOptions(seconds=20, max_iterations=300, seed=7)


def plan_checked(problem: AirTaxiProblem, options: SolveOptions = QUICK) -> FlightPlan:
    """Return a plan that the checker has passed."""
    plan = solve(problem, options)
    assert check(problem, plan).violations == ()
    return plan


def test_two_parties_share_one_flight() -> None:
    """Windows [1000, 1600] and [1400, 2000] overlap: one flight, 20,000 - 1,000."""
    plan = plan_checked(day(trips=(trip("t1", "A", "B", 1000), trip("t2", "A", "B", 1400))))
    assert plan.value == 19_000
    assert [f.trips for f in plan.flights] == [("t1", "t2")]
    assert 1400 <= plan.flights[0].off_block <= 1600


def test_a_party_is_never_split() -> None:
    """Parties of 3 and 2 do not fit 4 seats: one flies at once, one after the way back."""
    trips = (
        trip("t1", "A", "B", 1000, party=3),
        trip("t2", "A", "B", 1000, party=2, departure=TimeWindow(1000, 9000)),
    )
    plan = plan_checked(day(trips=trips))
    assert plan.value == 20_000 - 3 * 1_000
    assert plan.empty_flights == 1


def test_an_empty_flight_fetches_a_party_if_it_pays() -> None:
    """B to A is worth 10,000 and costs two flights of 1,000, one of them empty."""
    plan = plan_checked(day(trips=(trip("t1", "B", "A", 5000),)))
    assert plan.value == 8_000
    assert [(f.origin, f.trips) for f in plan.flights] == [("A", ()), ("B", ("t1",))]


def test_a_trip_not_worth_its_flights_stays() -> None:
    """Worth 1,500 against two flights of 1,000."""
    plan = plan_checked(day(trips=(trip("t1", "B", "A", 5000, value=1_500),)))
    assert plan.value == 0
    assert plan.unserved[0].reasons == (UnservedReason.NOT_WORTH,)


def test_charging_is_as_long_as_needed() -> None:
    """Full with 100 kWh, 20 kWh a flight, reserve 20 kWh: the fifth flight needs a charge.

    Landing with 20 kWh after four flights, the aircraft charges the 20 kWh
    that the fifth takes, 200 s at 100 Wh/s, and not more.
    """
    trips = tuple(trip(f"t{i}", "AB"[i % 2], "BA"[i % 2], 1000 + 2000 * i) for i in range(5))
    ports = (port("A", chargers=(FAST,)), port("B"))
    plan = plan_checked(day(trips=trips, vertiports=ports))
    assert plan.value == 50_000 - 5_000
    assert sum(c.energy_wh for c in plan.charges) == 20_000
    assert plan.flights[-1].soc_after_wh == 20_000


def test_without_a_charger_the_battery_ends_the_day() -> None:
    """Four flights use all above the reserve; the fifth party waits in vain."""
    trips = tuple(trip(f"t{i}", "AB"[i % 2], "BA"[i % 2], 1000 + 2000 * i) for i in range(5))
    plan = plan_checked(day(trips=trips))
    assert len(plan.served_trips) == 4
    assert plan.unserved[0].reasons == (UnservedReason.NO_AIRCRAFT,)


def test_the_end_place_and_the_final_charge_are_kept() -> None:
    """A flight to B has to be flown back, and 60 kWh left after both are charged to 90."""
    a = tail(end="A", final_soc_wh=90_000)
    ports = (port("A", chargers=(FAST,)), port("B"))
    plan = plan_checked(day(trips=(trip("t1", "A", "B", 1000),), vertiports=ports, aircraft=(a,)))
    assert [f.destination for f in plan.flights] == ["B", "A"]
    assert plan.value == 8_000
    assert sum(c.energy_wh for c in plan.charges) == 30_000


def test_headway_parts_two_departures() -> None:
    """Two flights of 4 in the same windows leave at least 300 s apart."""
    trips = (
        trip("t1", "A", "B", 1000, party=4, weight_kg=300),
        trip("t2", "A", "B", 1000, party=4, weight_kg=300),
    )
    ways = (way("A", "B", headway_s=300), way("B", "A"))
    plan = plan_checked(day(trips=trips, corridors=ways, aircraft=(tail("a1"), tail("a2"))))
    first, second = sorted(f.departure for f in plan.flights)
    assert second - first >= 300


def test_one_pad_serves_one_movement_at_a_time() -> None:
    """Without headway the pad of 60 s parts the two take-offs by 60 s."""
    trips = tuple(
        trip(n, "A", "B", 1000, party=4, weight_kg=300, departure=TimeWindow(1000, 1060))
        for n in ("t1", "t2")
    )
    plan = plan_checked(day(trips=trips, aircraft=(tail("a1"), tail("a2"))))
    assert sorted(f.off_block for f in plan.flights) == [1000, 1060]


def test_a_promised_trip_comes_before_a_better_one() -> None:
    """Both need the one aircraft at once; the promise of 1,000 beats the worth of 10,000."""
    trips = (
        trip("t1", "A", "B", 1000, may_share=False),
        trip("t2", "A", "B", 1000, may_share=False, value=1_000, promised=True),
    )
    plan = plan_checked(day(trips=trips))
    assert plan.served_trips == {"t2"}


def test_a_timetable_flight_is_flown_and_joined() -> None:
    """The required flight carries the party that would not pay for one of its own."""
    line = TimetableFlight(id="l1", origin="A", destination="B", off_block=TimeWindow(1200, 1200))
    problem = day(timetable=(line,), trips=(trip("t1", "A", "B", 1000, value=500),))
    plan = plan_checked(problem)
    assert [(f.timetable, f.off_block, f.trips) for f in plan.flights] == [("l1", 1200, ("t1",))]


def test_maintenance_at_a_place_is_flown_to() -> None:
    """From A, due at B at 5,000: an empty flight brings it there."""
    down = Downtime(window=TimeWindow(5000, 6000), vertiport="B")
    plan = plan_checked(day(aircraft=(tail(downtimes=(down,)),)))
    assert [(f.origin, f.destination) for f in plan.flights] == [("A", "B")]


def test_no_energy_for_a_promised_leg_is_said_at_once() -> None:
    """90 kWh for the leg, 80 kWh above the reserve at most."""
    ways = (way("A", "B", legs=(LegStep(0, 480, 90_000),)), way("B", "A"))
    plan = solve(day(corridors=ways, trips=(trip("t1", "A", "B", 1000, promised=True),)), QUICK)
    assert plan.termination is Termination.INFEASIBLE
    assert [v.code for v in plan.infeasible] == ["NO_ENERGY"]
    assert plan.unserved[0].reasons == (UnservedReason.NO_ENERGY,)


def test_a_closed_vertiport_with_a_promised_trip_is_said_at_once() -> None:
    """B opens from 5,000 on; the promise is for a landing before 2,300."""
    ports = (port("A"), port("B", opening=(TimeWindow(5000, 9000),)))
    plan = solve(day(vertiports=ports, trips=(trip("t1", "A", "B", 1000, promised=True),)), QUICK)
    assert plan.termination is Termination.INFEASIBLE
    assert [v.code for v in plan.infeasible] == ["CLOSED"]


def test_a_fleet_that_cannot_return_is_said_at_once() -> None:
    """At A with 30 kWh, no charger, 20 kWh to B and a reserve of 20 kWh."""
    plan = solve(day(aircraft=(tail(soc_wh=30_000, end="B"),)), QUICK)
    assert plan.termination is Termination.INFEASIBLE
    assert [(v.code, v.path) for v in plan.infeasible] == [("CANNOT_RETURN", "aircraft[0].end")]


def test_a_final_charge_out_of_reach_is_said_at_once() -> None:
    """50 kWh, no charger anywhere, 60 kWh asked for at the end."""
    plan = solve(day(aircraft=(tail(soc_wh=50_000, final_soc_wh=60_000),)), QUICK)
    assert [v.code for v in plan.infeasible] == ["CANNOT_CHARGE"]


def test_reasons_that_no_plan_can_change() -> None:
    """No corridor, a party of five for four seats."""
    problem = day(
        corridors=(way("A", "B"),),
        trips=(trip("t1", "B", "A", 1000), trip("t2", "A", "B", 1000, party=5)),
    )
    reasons = {u.trip: u.reasons[0] for u in plan_checked(problem).unserved}
    assert reasons == {"t1": UnservedReason.NO_CORRIDOR, "t2": UnservedReason.NO_SEAT}


def test_bad_parameters_are_told_at_once() -> None:
    """Three ranges are broken, all three are named; three others likewise."""
    with pytest.raises(InvalidInput) as caught:
        SearchParameters(cold=1.0, hot=0.5, blink=1.0, batch=0)
    assert [v.code for v in caught.value.violations] == ["TEMPERATURE", "BLINK", "BATCH"]
    with pytest.raises(InvalidInput) as caught:
        SearchParameters(relays=101, days=-1, crossings=200)
    assert [v.code for v in caught.value.violations] == ["RELAYS", "DAYS", "CROSSINGS"]
    with pytest.raises(InvalidInput) as caught:
        SearchParameters(days_share=1.0, warm=0.01)
    assert [v.code for v in caught.value.violations] == ["TEMPERATURE", "DAYS_SHARE"]


@pytest.mark.parametrize("seed", range(12))
def test_tiny_days_equal_the_brute_force(seed: int) -> None:
    """One aircraft without charger, four trips: the search finds the optimum."""
    problem = tiny_day(seed)
    assert plan_checked(problem, replace(QUICK, max_iterations=1500)).value == best_value(problem)


@pytest.mark.parametrize("seed", range(40))
def test_random_days_of_all_features_pass_the_checker(seed: int) -> None:
    """No rule is broken, but for the end of aircraft that the plan itself reports."""
    problem = random_day(seed)
    plan = solve(problem, QUICK)
    found = check(problem, plan).violations
    told = {"END_PLACE", "FINAL_SOC", "DOWNTIME"} if plan.infeasible else set()
    assert [v for v in found if v.code not in told] == []
    assert {u.trip for u in plan.unserved} | plan.served_trips == {t.id for t in problem.trips}


def test_same_seed_same_plan() -> None:
    """Steps, not the clock, decide."""
    problem = random_day(3)
    assert solve(problem, QUICK) == solve(problem, QUICK)
    assert solve(problem, replace(QUICK, seed=8)).value > 0


class _StopsAtOnce:
    """Hears progress and asks to stop after the first report."""

    def __init__(self) -> None:
        self.heard: list[Progress] = []
        self.plans: list[object] = []

    def report(self, progress: Progress, incumbent: object = None) -> None:
        self.heard.append(progress)
        if callable(incumbent):
            self.plans.append(incumbent())

    def stopped(self) -> bool:
        return bool(self.heard)


def test_a_monitor_hears_and_stops() -> None:
    """The first report comes with a plan of the value it tells, and ends the search."""
    problem = load_scenario("alatau-almaty").problem(passengers=500)
    ear = _StopsAtOnce()
    plan = solve(problem, SolveOptions(seconds=60), ear)
    assert plan.termination is Termination.CANCELLED
    assert plan.seconds < 20
    assert ear.heard[0].total == len(problem.trips)
    assert check(problem, ear.plans[0]).violations == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("passengers", [500, 2500])
def test_the_embedded_day(passengers: int) -> None:
    """A plan of the Alatau-Almaty day serves most of what pays and breaks no rule."""
    problem = load_scenario("alatau-almaty").problem(passengers=passengers)
    plan = plan_checked(problem, SolveOptions(seconds=30, max_iterations=400))
    assert plan.value > 0.2 * sum(t.value for t in problem.trips)


def test_tapered_charging_is_exact() -> None:
    """The session's gain is what the domain's own rule gives: the checker compares."""
    kind = replace(S4, curve=ChargeCurve.tapered(100_000, 300_000, 30_000))
    trips = tuple(trip(f"t{i}", "AB"[i % 2], "BA"[i % 2], 1000 + 2000 * i) for i in range(6))
    ports = (port("A", chargers=(FAST,)), port("B", chargers=(FAST,)))
    plan = plan_checked(day(types=(kind,), trips=trips, vertiports=ports))
    assert len(plan.served_trips) == 6
    assert plan.charges


def test_no_steps_give_the_first_plan() -> None:
    """First come, first served: one flight for both, no bound, nothing searched."""
    problem = day(trips=(trip("t1", "A", "B", 1000), trip("t2", "A", "B", 1400)))
    plan = plan_checked(problem, replace(QUICK, max_iterations=0))
    assert plan.bound is None
    assert plan.value == 19_000


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("day_cost", "value"), [(12_000, 0), (8_000, 2_000)])
def test_an_aircraft_flies_only_if_its_day_pays(seed: int, day_cost: int, value: int) -> None:
    """Two full parties at once, 10,000 - 1,000 each: two aircraft, or none, the last trip too."""
    only = TimeWindow(1_000, 1_000)
    problem = day(
        types=(replace(S4, day_cost=day_cost),),
        aircraft=(tail("a1"), tail("a2")),
        vertiports=(port("A", pads=2), port("B", pads=2)),
        trips=tuple(trip(f"t{k}", "A", "B", 1_000, party=4, departure=only) for k in range(2)),
    )
    plan = plan_checked(problem, replace(QUICK, seed=seed))
    assert plan.value == value
