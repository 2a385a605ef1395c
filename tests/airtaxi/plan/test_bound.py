"""The bound of the day plan: never below a plan, and tight where it can be."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from router.airtaxi.bound import Relaxation
from router.airtaxi.charging import charge
from router.airtaxi.check import check
from router.airtaxi.demand import TimetableFlight
from router.airtaxi.network import Corridor, LegStep
from router.airtaxi.plan import SearchParameters, solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import Grid, leg_table, levels, shortest_s
from router.airtaxi.scenario import load_scenario
from router.airtaxi.spans import PAD
from router.airtaxi.tighten import Tightener
from router.solving import SolveOptions, Termination
from router.timewindow import TimeWindow
from tests.airtaxi.plan.oracle import best_value
from tests.airtaxi.plan.scenes import FAST, S4, day, port, random_day, tail, tiny_day, trip, way


def tightened(problem: AirTaxiProblem, rounds: int, target: float) -> float:
    """Return the bound after some rounds towards a known value."""
    tightener = Tightener(problem)
    for i in range(rounds):
        tightener.round(target, i / rounds)
    return tightener.value


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_passes_the_bound(seed: int) -> None:
    """The brute-force optimum of tiny days is at most the bound, on either grid."""
    problem = tiny_day(seed)
    optimum = best_value(problem)
    for cell_s in (60, 20):
        model = Relaxation.of(problem, cell_s)
        pooling = Relaxation.of(problem, cell_s, pooling=True)
        for share in (0.0, 0.5, 1.0):
            prices = model.first_prices()
            prices.trip[:] = share * model.worth
            by_trips = model.evaluate(prices, 0.0)[0]
            by_flights = pooling.evaluate(pooling.priced(prices), 0.0)[0]
            assert by_trips + 1e-6 >= by_flights >= optimum - 1e-6
            prices.flight[:] = share * model.most
            assert pooling.evaluate(prices, 0.0)[0] >= optimum - 1e-6


def test_one_flight_for_two_is_bounded_exactly() -> None:
    """Two parties of 10,000 on one flight of 1,000: value and bound are 19,000."""
    problem = day(trips=(trip("t1", "A", "B", 1000), trip("t2", "A", "B", 1400)))
    assert tightened(problem, 60, 19_000) == pytest.approx(19_000, abs=20)


def test_three_pairs_do_not_share_half_flights() -> None:
    """Three parties of two at once and two aircraft: two flights, 3 x 10,000 - 2,000.

    Under prices of trips one flight and a half carries all three: 28,500.
    """
    trips = tuple(trip(f"t{i}", "A", "B", 1000, party=2) for i in range(3))
    problem = day(trips=trips, aircraft=(tail(), tail("a2")))
    assert tightened(problem, 60, 28_000) >= 28_400
    assert tightened(problem, 2_000, 28_000) == pytest.approx(28_000, abs=100)


def test_who_is_alone_rides_on_a_timetable_flight() -> None:
    """A trip of 10,000 that does not share and a line worth 4,000 in one flight of 1,000."""
    problem = day(
        trips=(trip("t1", "A", "B", 1000, may_share=False),),
        timetable=(
            TimetableFlight(
                id="line",
                origin="A",
                destination="B",
                off_block=TimeWindow(1000, 1600),
                required=False,
                value=4_000,
            ),
        ),
    )
    plan = solve(problem, SolveOptions(seconds=20, max_iterations=300))
    assert check(problem, plan).violations == ()
    assert plan.value == 13_000
    assert plan.bound is not None
    assert plan.bound >= 13_000
    pooling = Relaxation.of(problem, 60, pooling=True)
    assert pooling.evaluate(pooling.first_prices(), 0.0)[0] >= 13_000


def test_one_aircraft_for_two_flights_at_once_is_bounded() -> None:
    """Two that do not share need the one aircraft at once: 9,000, not 18,000."""
    trips = tuple(
        trip(n, "A", "B", 1000, may_share=False, departure=TimeWindow(1000, 1100))
        for n in ("t1", "t2")
    )
    assert tightened(day(trips=trips), 300, 9_000) == pytest.approx(9_000, rel=0.02)


def test_a_pad_bounds_what_a_fleet_cannot() -> None:
    """Ten aircraft, ten flights worth 9,000 net, one pad held for 60 s of a span of 300 s.

    At 150 a second on the pad no flight earns anything, and five find room: the
    bound is 300 s x 150 = 45,000, not 90,000.
    """
    trips = tuple(
        trip(f"t{i}", "A", "B", 1000, may_share=False, departure=TimeWindow(1000, 1120))
        for i in range(10)
    )
    fleet = tuple(tail(f"a{i}") for i in range(10))
    ports = (port("A", stands=10), port("B"))
    model = Relaxation.of(day(trips=trips, aircraft=fleet, vertiports=ports), 60)
    prices = model.first_prices()
    prices.trip[:] = 9_000
    assert model.evaluate(prices, 0.0)[0] == pytest.approx(90_000, abs=10)
    prices.trip[:] = 0
    prices.place[PAD, 0, 3] = 150
    assert model.evaluate(prices, 0.0)[0] == pytest.approx(45_000, abs=10)


def test_energy_bounds_a_tail_without_charger() -> None:
    """Four flights of 20 kWh use all above the reserve: 5 trips, 36,000 and not 45,000."""
    trips = tuple(trip(f"t{i}", "AB"[i % 2], "BA"[i % 2], 1000 + 2000 * i) for i in range(5))
    assert tightened(day(trips=trips), 300, 36_000) == pytest.approx(36_000, rel=0.03)


def test_levels_are_one_cell_of_charging_apart() -> None:
    """Each level is what 60 s of charging give from the one below, at 100 Wh a second."""
    soc = levels(S4, 20_000, 360_000, 60)
    assert soc[0] == 20_000
    assert soc[1] == charge(S4.curve, 360_000, 20_000, 60) == 26_000
    assert soc[-1] == 100_000


def test_weak_chargers_make_no_more_than_a_thousand_levels() -> None:
    """A charger of 50 W fills less than a watt-hour in a cell; levels are 100 Wh apart."""
    soc = levels(S4, 20_000, 50, 60)
    assert set(np.diff(soc)) == {100}


def test_legs_are_rounded_in_favour_of_the_plan() -> None:
    """600 s of block and 300 s of turnaround are 15 cells of 60 s, 18 of 50 s, not 18.75 of 48."""
    problem = day()
    for cell_s, cells in ((60, 15), (50, 18), (48, 18)):
        grid = Grid.over(problem, cell_s)
        table = leg_table(problem, S4, levels(S4, 20_000, 360_000, cell_s), grid, None)
        assert set(table.cells[0]) == {cells}


def test_closed_cells_are_barred() -> None:
    """A flight of A to B is in the air from 60 s to 540 s after off-block; closed 3000-6000."""
    closed: Corridor = way("A", "B", closures=(TimeWindow(3000, 6000),))
    problem = day(corridors=(closed, way("B", "A")))
    grid = Grid.over(problem, 60)
    cells = leg_table(problem, S4, levels(S4, 20_000, 360_000, 60), grid, None).cells[0]
    barred = [60 * int(t) for t in (cells == 0).nonzero()[0]]
    assert (barred[0], barred[-1]) == (2460, 5880)


def test_trips_with_stops_are_granted() -> None:
    """What the network does not hold is added in full: the bound stays one."""
    problem = day(trips=(trip("t1", "A", "B", 1000, max_stops=1),))
    assert Relaxation.of(problem, 60).gift == 10_000
    assert tightened(problem, 5, 0) >= 10_000


@pytest.mark.parametrize("seed", range(40, 60))
def test_bounds_of_random_days_hold(seed: int) -> None:
    """After many rounds the bound is still at least the plan's value."""
    plan = solve(random_day(seed), SolveOptions(seconds=20, max_iterations=400))
    if plan.bound is None:
        assert plan.termination is Termination.INFEASIBLE
    else:
        assert plan.bound >= plan.value


def test_a_small_gap_ends_the_search() -> None:
    """One flight: the bound meets the value, and the plan is proven."""
    problem = day(
        trips=(trip("t1", "A", "B", 1000),), vertiports=(port("A", chargers=(FAST,)), port("B"))
    )
    plan = solve(problem, SolveOptions(seconds=20, relative_gap=0.01))
    assert plan.termination is Termination.OPTIMAL
    assert plan.gap is not None
    assert plan.gap <= 0.01


def test_the_embedded_day_is_bounded() -> None:
    """500 passengers: the bound is below the worth of all trips by more than a third."""
    problem = load_scenario("alatau-almaty").problem(passengers=500)
    plan = solve(
        problem,
        SolveOptions(seconds=60, max_iterations=300),
        parameters=replace(SearchParameters(), steps_a_round=2),
    )
    assert plan.bound is not None
    assert plan.value <= plan.bound < 0.6 * sum(t.value for t in problem.trips)


def test_two_threads_bound_and_search_side_by_side() -> None:
    """With a second thread the bound is lowered on it, and holds."""
    problem = random_day(2)
    plan = solve(problem, SolveOptions(seconds=2, threads=2))
    assert plan.bound is not None
    assert plan.bound >= plan.value
    assert check(problem, plan).violations == ()


def test_charging_in_the_turnaround_is_in_the_bound() -> None:
    """Seven parties to B, each 1,900 s after the one before, and the six ways back.

    40 kWh for both ways are charged in the 400 s at A, 300 of them its turnaround.
    """
    ports = (port("A", chargers=(FAST,)), port("B"))
    trips = tuple(trip(f"t{i}", "A", "B", 500 + 1_900 * i) for i in range(7))
    problem = day(vertiports=ports, trips=trips)
    plan = solve(problem, SolveOptions(seconds=20, max_iterations=300, seed=7))
    assert plan.value == 70_000 - 13 * 1_000
    assert plan.bound is not None
    assert plan.bound >= plan.value
    assert check(problem, plan).violations == ()


@pytest.mark.parametrize("pooling", [False, True])
def test_days_drawn_are_counted_as_a_mean(pooling: bool) -> None:
    """Without heat all days drawn of an aircraft are alike: bound and slope are those of one."""
    problem = load_scenario("alatau-almaty").problem(passengers=120, seed=2)
    slopes = []
    for draws in (1, 7):
        model = replace(Relaxation.of(problem, 60, pooling=pooling), draws=draws)
        prices = model.first_prices()
        slopes.append(model.evaluate(model.priced(prices) if pooling else prices, 0.0))
    (one, slope), (other, mean) = slopes
    assert one == other
    for name in ("trip", "place", "flight"):
        assert getattr(slope, name) == pytest.approx(getattr(mean, name), abs=1e-9)
    assert np.abs(slope.flight if pooling else slope.trip).sum() > 0


def test_the_last_grid_begins_after_a_share_of_the_time() -> None:
    """Once trips' prices rest, flights are priced; cells are finer when their time has come."""
    problem = day(trips=(trip("t1", "A", "B", 1000), trip("t2", "A", "B", 1400)))
    tightener, before = Tightener(problem, (60, 30)), math.inf
    for _ in range(300):
        tightener.round(19_000, 0.1)
        assert tightener.value <= before
        before = tightener.value
    coarse = tightener.cell_s
    tightener.round(19_000, 0.9)
    tightener.round(19_000, 0.9)
    assert (coarse, tightener.cell_s) == (60, 30)
    assert 19_000 <= tightener.value <= before


def test_flights_within_a_cell_leave_only_the_bound_of_all_trips() -> None:
    """Three flights of 10 s, 1,000 each, one after the other: worth 27,000, and all are served."""
    still = {"takeoff_s": 0, "landing_s": 0}
    legs = (LegStep(0, 10, 0),)
    hops = (("A", "B", 0), ("B", "A", 10), ("A", "B", 20))
    problem = day(
        types=(replace(S4, turnaround_s=0),),
        vertiports=(port("A", **still), port("B", **still)),
        corridors=(way("A", "B", legs=legs), way("B", "A", legs=legs)),
        trips=tuple(trip(str(k), o, d, k, departure=TimeWindow(k, k)) for o, d, k in hops),
    )
    assert shortest_s(problem) == 10
    plan = solve(problem, SolveOptions(seconds=20, max_iterations=200))
    assert plan.value == 27_000
    assert plan.bound is not None and 30_000 <= plan.bound <= 30_002
    assert plan.bound_name == "all trips for nothing"


def test_the_shortest_time_between_flights_counts_everything_in_between() -> None:
    """480 s in the air, 60 s on each pad, 300 s on the stand; nowhere to fly: no such time."""
    assert shortest_s(day()) == 60 + 480 + 60 + 300
    assert shortest_s(day(corridors=())) == math.inf
