"""Whole days of aircraft as a programme: what it proves, and the days it makes."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from router._airtaxi import Search
from router.airtaxi import tails
from router.airtaxi.check import check
from router.airtaxi.choose import phase_of
from router.airtaxi.days import Days, PlannedFlight, suits
from router.airtaxi.network import TariffStep
from router.airtaxi.plan import solve
from router.airtaxi.pooling import flight_order
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.proof import Proof
from router.airtaxi.relaxation import Grid
from router.airtaxi.scenario import load_scenario
from router.airtaxi.tables import build
from router.exact.outcome import Limits
from router.solving import Silent, SolveOptions, Termination
from tests.airtaxi.plan.oracle import best_value
from tests.airtaxi.plan.scenes import FAST, day, port, random_day, tail, tiny_day, trip


def rested(problem: AirTaxiProblem, cell_s: int, *, favour: bool = True) -> Days:
    """Return the days of a problem, its programme at rest."""
    days = Days(problem, Grid.over(problem, cell_s, favour=favour))
    while days.step(60.0):
        pass
    return days


def best(days: Days) -> list[PlannedFlight]:
    """Return the best whole days in hand."""
    return days.best(Limits(deadline=time.monotonic() + 60))


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_passes_the_programme(seed: int) -> None:
    """The brute-force optimum of tiny days is at most the bound, which finer cells lower."""
    problem = tiny_day(seed)
    optimum = best_value(problem)
    coarse, fine = rested(problem, 60).bound, rested(problem, 20).bound
    assert optimum - 1e-6 <= fine <= coarse + 1e-6
    assert fine <= 1.2 * optimum + 1


def test_a_trip_earns_once() -> None:
    """Two aircraft and one party: the bound is one flight, and one day is flown."""
    problem = day(trips=(trip("t1", "A", "B", 1000),), aircraft=(tail("a1"), tail("a2")))
    days = rested(problem, 60, favour=False)
    assert rested(problem, 60).bound == pytest.approx(9_000, abs=1)
    assert [f.riders for f in best(days)] == [(0,)]


def test_days_are_of_different_aircraft() -> None:
    """Three parties at one time, none may share: each flies with another aircraft."""
    parties = tuple(
        replace(trip(f"t{i}", "A", "B", 1000), may_share=False, max_stops=0) for i in range(3)
    )
    problem = day(trips=parties, aircraft=tuple(tail(f"a{i}") for i in range(5)))
    flights = best(rested(problem, 60, favour=False))
    assert len({f.aircraft for f in flights}) == 3
    assert sorted(p for f in flights for p in f.riders) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(20))
def test_nobody_flies_twice_and_the_bound_holds(seed: int) -> None:
    """On days of every feature no plan passes the bound, and days in hand share nobody."""
    problem = random_day(seed)
    problem = replace(
        problem, aircraft=tuple(replace(a, end=None, final_soc_wh=0) for a in problem.aircraft)
    )
    assert suits(problem, 100)
    assert not suits(problem, 10)
    plan = solve(problem, SolveOptions(seconds=60, max_iterations=150, seed=seed))
    if plan.infeasible:
        return
    assert not check(problem, plan).violations
    assert plan.value <= rested(problem, 60).bound + 1
    flights = best(rested(problem, 60, favour=False))
    riders = Counter(p for f in flights for p in f.riders)
    assert not riders or max(riders.values()) == 1
    assert all(0 <= f.aircraft < len(problem.aircraft) for f in flights)


def test_aircraft_that_must_go_somewhere_are_left_to_prices() -> None:
    """One that may not stay has no day to compare others with; its day is proven all the same."""
    problem = day(trips=(trip("t1", "A", "B", 1000),), aircraft=(tail(end="B"),))
    assert not suits(problem, 100)
    proof = Proof(problem)
    for i in range(60):
        proof.round(9_000, i / 60)
    assert proof.value == pytest.approx(9_000, abs=20)


def test_the_proof_goes_from_days_to_prices() -> None:
    """The bound never rises; both grids come to rest, then prices of flights may prove more.

    But never less than a plan is worth.
    """
    problem = load_scenario("alatau-almaty").problem(passengers=40, seed=3)
    proof, values = Proof(problem), []
    for i in range(120):
        proof.round(0, i / 120)
        values.append(proof.value)
    assert values == sorted(values, reverse=True)
    assert proof.rounds == 120
    plan = solve(problem, SolveOptions(seconds=60, max_iterations=300))
    assert 0 < plan.value <= proof.value <= rested(problem, 30).bound * (1 + 1e-4)


def test_two_aircraft_are_chosen_together() -> None:
    """60 passengers: two aircraft beat the best single one, and stay within 4 % of the bound."""
    problem = load_scenario("alatau-almaty").problem(passengers=60, seed=1)
    plan = solve(problem, SolveOptions(seconds=60, max_iterations=400))
    assert not check(problem, plan).violations
    assert len({f.aircraft for f in plan.flights}) == 2
    assert 0.96 * rested(problem, 30).bound <= plan.value <= rested(problem, 30).bound


def test_no_steps_no_choice() -> None:
    """With no steps the first plan stands: parties in the order of their windows."""
    problem = load_scenario("alatau-almaty").problem(passengers=60, seed=1)
    first = solve(problem, SolveOptions(seconds=60, max_iterations=0))
    few = solve(problem, SolveOptions(seconds=60, max_iterations=1))
    assert first.value < 0 < few.value


def test_same_steps_same_plan() -> None:
    """Days are chosen without a clock where steps are the limit."""
    problem = load_scenario("alatau-almaty").problem(passengers=80, seed=2)
    one, other = (solve(problem, SolveOptions(seconds=60, max_iterations=300)) for _ in range(2))
    assert (one.flights, one.charges, one.bound) == (other.flights, other.charges, other.bound)


def test_worse_days_are_not_flown() -> None:
    """Replanning with nothing, or the same again, leaves plan and calendars as they were."""
    problem = load_scenario("alatau-almaty").problem(passengers=200, seed=1)
    index, tables = build(problem)
    search = Search(tables, 1)
    search.lead_home()
    order = flight_order(index, 4)
    search.construct(order)
    search.run(500, 1_000.0, 0.01)
    search.recall()
    before, value = search.legs(), search.value
    assert not search.replan([], order[:0])
    same = [(a, c, off, trips) for a, c, off, *_, trips in sorted(before, key=lambda x: x[2])]
    search.replan([f for f in same if f[3]], order)
    assert search.value >= value
    assert search.strays() == 0
    worse = [(0, 0, 40_000, (int(p),)) for p in np.flatnonzero(search.served_trips())[:3]]
    kept = search.legs()
    assert not search.replan(worse, order[:0])
    assert search.legs() == kept
    assert search.strays() == 0


@pytest.mark.parametrize("flights", [2, 4, 6, 9])
def test_energy_is_paid_for_beyond_what_there_is_in_the_morning(flights: int) -> None:
    """Four flights of 20 kWh fly on what there is in the morning; charge for others is paid."""
    port_of = {"chargers": (FAST,), "tariff": (TariffStep(0, 90),)}
    problem = day(
        vertiports=(port("A", **port_of), port("B", **port_of)),
        trips=tuple(
            trip(f"t{i}", *("AB" if i % 2 == 0 else "BA"), 1_000 + 1_300 * i)
            for i in range(flights)
        ),
    )
    index, tables = build(problem)
    search = Search(tables, 1)
    search.lead_home()
    search.construct(flight_order(index, 4))
    search.trim()
    flown, charged = tails.flights(index, search), tails.charges(index, search)
    assert len(flown) == flights
    assert (sum(c.soc_after_wh - c.soc_before_wh for c in charged) > 0) == (flights > 4)
    cost = tails.cost(problem, flown, charged).total
    assert search.costs().sum() == pytest.approx(cost, rel=0.01)


def test_phases_begin_where_they_should() -> None:
    """Half of the time belongs to the first phase, a tenth to each of the others."""
    assert [phase_of(g)[0] for g in (0.0, 0.49, 0.5, 0.59, 0.61, 0.99)] == [0, 0, 1, 1, 2, 5]
    assert phase_of(0.25)[1] == pytest.approx(0.5)
    assert phase_of(0.55)[1] == pytest.approx(0.5)


def test_who_stops_does_not_wait_for_a_choice() -> None:
    """A day of few trips is given up within a second or two, with a plan that can be flown."""
    problem = load_scenario("alatau-almaty").problem(passengers=150, seed=1)
    plan = solve(problem, SolveOptions(seconds=600), Impatient(0.5))
    assert plan.termination is Termination.CANCELLED
    assert plan.seconds < 10
    assert not check(problem, plan).violations


class Impatient(Silent):
    """A monitor that stops a while after it was made."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.perf_counter() + seconds

    def stopped(self) -> bool:
        """Return whether the time is up."""
        return time.perf_counter() >= self._ends


def test_levels_are_the_nearest() -> None:
    """In favour of the plan the next level up, else the nearest; never beyond the last."""
    problem = day()
    soc = np.array([20, 40, 70, 100])
    charges = np.array([20, 29, 31, 40, 54, 56, 100, 120])
    favour = Grid.over(problem, 60).level(soc, charges)
    near = Grid.over(problem, 60, favour=False).level(soc, charges)
    assert favour.tolist() == [0, 1, 1, 1, 2, 2, 3, 3]
    assert near.tolist() == [0, 0, 1, 1, 1, 2, 3, 3]
