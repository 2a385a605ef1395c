"""Simulated days: exact without chance, repeatable with it, and never against the rules."""

from __future__ import annotations

import statistics
from dataclasses import replace
from functools import cache

import pytest

from router.airtaxi.check import check
from router.airtaxi.plan import solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import load_scenario
from router.airtaxi.schedule import FlightPlan
from router.airtaxi.simulation import LEVELS, Recovery, Uncertainty, simulate, uncertainty
from router.airtaxi.simulation.uncertainty import Draws
from router.errors import InvalidInput
from router.solving import Progress, SolveOptions
from tests.airtaxi.days import DAY, OUT, PLAN
from tests.airtaxi.plan.scenes import random_crewed_day, random_day
from tests.airtaxi.plan.test_stops import FIRST, SECOND, VIA, network

ON_THE_GROUND = Uncertainty(
    turnaround_share=0.5,
    turnaround_delay_s=600,
    late_share=0.3,
    late_s=400,
    no_show_share=0.1,
    walk_up_share=0.5,
)
"""Chance that leaves flights as long as planned."""
FOLLOWS = {
    "UNSERVED_LIST",
    "PROMISE_BROKEN",
    "TRIP_WINDOW",
    "TRIP_ARRIVAL",
    "TIMETABLE_FLIGHT",
    "TIMETABLE_MISSED",
    "END_PLACE",
    "FINAL_SOC",
    "DOWNTIME",
    "PILOT_PLACE",
    "PILOT_WORK",
    "PILOT_FLIGHT_TIME",
}
"""What follows from flights that are late or cancelled."""
IN_THE_AIR = {"FLIGHT_TIMES", "FLIGHT_ENERGY", "RESERVE", "TRIP_RIDE", "VERTIPORT_CLOSED"} | {
    "AVAILABILITY",
    "HORIZON",
    "CORRIDOR_CLOSED",
    "PILOT_SHIFT",
    "PILOT_DUTY",
}
"""What longer flights and landings elsewhere bring besides."""


@cache
def planned(seed: int, *, crewed: bool = False) -> tuple[AirTaxiProblem, FlightPlan]:
    """Return a random day and a plan of it; aircraft that find no way home may stay away."""
    problem = (random_crewed_day if crewed else random_day)(seed)
    options = SolveOptions(seconds=20, max_iterations=80, seed=seed)
    plan = solve(problem, options)
    if plan.infeasible:
        free = (replace(a, end=None, final_soc_wh=0, downtimes=()) for a in problem.aircraft)
        problem = replace(problem, aircraft=tuple(free))
        plan = solve(problem, options)
    assert check(problem, plan).violations == ()
    return problem, plan


@pytest.mark.parametrize("crewed", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_without_chance_the_plan_is_flown_to_the_second(seed: int, crewed: bool) -> None:
    """Same flights, same sessions, same value."""
    problem, plan = planned(seed, crewed=crewed)
    made = simulate(problem, plan, Uncertainty(), days=2)
    for outcome in made.days:
        actual = outcome.flown_plan()
        assert actual.flights == tuple(
            sorted(plan.flights, key=lambda f: (f.aircraft, f.off_block))
        )
        assert actual.charges == tuple(sorted(plan.charges, key=lambda c: (c.aircraft, c.start)))
        assert outcome.value == plan.value == made.planned_value
    assert made.cancellations() == {}


@pytest.mark.parametrize("crewed", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_operations_keep_the_rules_whatever_happens(seed: int, crewed: bool) -> None:
    """Pads, stands, chargers, power, headway, turnaround, charge: judged by the checker."""
    problem, plan = planned(seed, crewed=crewed)
    hard = replace(LEVELS["hard"], closures_a_day=3)
    for asked, allowed in ((ON_THE_GROUND, FOLLOWS), (hard, FOLLOWS | IN_THE_AIR)):
        for outcome in simulate(problem, plan, asked, days=4, seed=seed).days:
            broken = check(problem, outcome.flown_plan()).violations
            allowed_here = allowed | ({"STANDS"} if outcome.off_stand else set())
            assert [str(v) for v in broken if v.code not in allowed_here] == []
            assert len(outcome.flights) == len(plan.flights)
            assert {r.trip for r in outcome.rides} == plan.served_trips
            assert all((f.actual is None) == (f.cancelled is not None) for f in outcome.flights)
            on_board = [t for f in outcome.flights if f.actual for t in f.actual.trips]
            assert set(on_board) == {r.trip for r in outcome.rides if r.off_block is not None}


def test_the_same_seed_gives_the_same_days_in_any_number_of_processes() -> None:
    """Day 3 is day 3, alone or among others."""
    problem, plan = planned(4)
    one = simulate(problem, plan, days=6, seed=9)
    assert simulate(problem, plan, days=6, seed=9, processes=2).days == one.days
    assert simulate(problem, plan, days=4, seed=9).days == one.days[:4]
    assert simulate(problem, plan, days=6, seed=10).days != one.days


def test_draws_are_spread_as_asked() -> None:
    """Over 2,000 draws: mean factor 1, spread 0.1; a quarter late by 300 s; a tenth no-shows."""
    asked = Uncertainty(flight_sigma=0.1, late_share=0.25, late_s=300, no_show_share=0.1)
    draws = Draws(asked, 5, 0)
    factors = [draws.flight_factor(i) for i in range(2_000)]
    assert statistics.mean(factors) == pytest.approx(1, abs=0.01)
    assert statistics.stdev(factors) == pytest.approx(0.1, abs=0.01)
    late = [draws.lateness(str(i)) for i in range(2_000)]
    came = [n for n in late if n is not None]
    assert len(came) / len(late) == pytest.approx(0.9, abs=0.02)
    assert sum(n > 0 for n in came) / len(came) == pytest.approx(0.25, abs=0.04)
    assert statistics.mean([n for n in came if n > 0]) == pytest.approx(300, abs=45)


def test_headwind_lengthens_and_tailwind_shortens() -> None:
    """The same wind cannot do both; without distance it does nothing."""
    problem = load_scenario("alatau-almaty").problem(passengers=0)
    draws = Draws(Uncertainty(wind_mps=8), 3, 0)
    out, back = problem.corridor["CTR", "KON"], problem.corridor["KON", "CTR"]
    factors = [draws.wind_factor(problem, c, 1200) for c in (out, back)]
    assert min(factors) < 1 < max(factors)
    assert draws.wind_factor(DAY, DAY.corridors[0], 600) == 1


def test_nobody_comes() -> None:
    """All flights are flown empty: what is left is their cost, without the 100 s of waiting."""
    made = simulate(DAY, PLAN, Uncertainty(no_show_share=1), days=1)
    assert made.days[0].on_time(0) == 1
    assert made.days[0].arrived_on_time(0) == 1
    spread = made.spreads()["no_shows"]
    assert spread is not None
    assert spread.mean == 3
    assert made.days[0].value == -(7577 - 100)


def test_worse_days_are_worse() -> None:
    """The Alatau day of 500 passengers: fewer flights on time on hard days, and less value."""
    problem = load_scenario("alatau-almaty").problem(passengers=500)
    plan = solve(problem, SolveOptions(seconds=30, max_iterations=100))
    none, ordinary, hard = (
        simulate(problem, plan, LEVELS[level], days=6) for level in ("none", "ordinary", "hard")
    )
    shares = [m.spreads()["on_time_share"] for m in (none, ordinary, hard)]
    means = [s.mean for s in shares if s is not None]
    assert means[0] == 1.0
    assert means[0] > means[1] > means[2] > 0.3
    assert {d.value for d in none.days} == {plan.value}
    assert all(d.value < plan.value for d in hard.days)


def test_a_plan_that_breaks_a_rule_is_not_flown() -> None:
    """The checker's violations come back, with their place in the plan."""
    broken = replace(PLAN, flights=(replace(OUT, landing=OUT.landing + 1), PLAN.flights[1]))
    with pytest.raises(InvalidInput) as caught:
        simulate(DAY, broken, days=1)
    assert ("FLIGHT_TIMES", "plan.flights[0].landing") in [
        (v.code, v.path) for v in caught.value.violations
    ]


def test_bad_arguments_are_told_at_once() -> None:
    """Levels, settings, ranges, days."""
    for call, codes in (
        (lambda: Uncertainty(late_share=2, wind_mps=-1), ["UNCERTAINTY"] * 2),
        (lambda: uncertainty("mild", ["x=1", "late_s=soon"]), ["UNCERTAINTY"] * 3),
        (lambda: uncertainty("hard", ["late_share=7"]), ["UNCERTAINTY"]),
        (lambda: Recovery(hold_for_party_s=-1, on_time_s=10**6), ["RECOVERY"] * 2),
        (lambda: simulate(DAY, PLAN, days=0), ["DAYS"]),
    ):
        with pytest.raises(InvalidInput) as caught:
            call()
        assert [v.code for v in caught.value.violations] == codes
    assert uncertainty("ordinary", ["late_s=7"]) == replace(LEVELS["ordinary"], late_s=7)


class _Stops:
    """Ends after the third day."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def report(self, progress: Progress, incumbent: object = None) -> None:
        self.heard.append(progress.iterations)

    def stopped(self) -> bool:
        return len(self.heard) == 3


def test_a_monitor_hears_each_day_and_stops() -> None:
    """Three of a hundred days."""
    ear = _Stops()
    assert len(simulate(DAY, PLAN, days=100, monitor=ear).days) == 3
    assert ear.heard == [1, 2, 3]


def test_a_party_stays_on_board_at_a_stop() -> None:
    """A 1000 by B to C 2600; with the second flight cancelled it is stranded at B."""
    problem = network(FIRST, SECOND, VIA)
    plan = solve(problem, SolveOptions(seconds=20, max_iterations=50))
    (calm,) = simulate(problem, plan, Uncertainty(), days=1).days
    assert calm.flown_plan().flights == plan.flights
    assert {r.trip: r.on_block for r in calm.rides} == {"ab": 1600, "bc": 2600, "ac": 2600}
    slow = Uncertainty(turnaround_share=1, turnaround_delay_s=50_000)
    (late,) = simulate(problem, plan, slow, days=1, seed=3).days
    assert [r.trip for r in late.rides if r.missed] == ["ac", "bc"]
