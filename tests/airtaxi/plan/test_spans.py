"""Prices of pads, stands and power: no real day pays less than its path."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from router.airtaxi.bound import Prices, Relaxation
from router.airtaxi.charging import charge
from router.airtaxi.plan import solve
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import Reals
from router.airtaxi.schedule import FlightPlan
from router.airtaxi.spans import PAD, POWER, SPAN_S, STAND
from router.solving import SolveOptions
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import FAST, S4, day, port, random_day, tail, trip


def stretches(start: int, end: int) -> list[tuple[int, int, int]]:
    """Return (span, from, to) of an interval that begins at the grid's start or later."""
    edges = [start, *range((start // SPAN_S + 1) * SPAN_S, end, SPAN_S), end]
    return [(a // SPAN_S, a, b) for a, b in pairwise(edges) if a < b]


def uses(problem: AirTaxiProblem, plan: FlightPlan, shape: tuple[int, ...]) -> Reals:
    """Return what a plan uses of each place in each span, counted event by event."""
    port = {v.id: i for i, v in enumerate(problem.vertiports)}
    zero, use = problem.horizon.start, np.zeros(shape)

    def add(what: int, where: str, start: int, end: int) -> None:
        for span, a, b in stretches(start - zero, end - zero):
            use[what, port[where], span] += b - a

    for f in plan.flights:
        add(PAD, f.origin, f.departure - problem.vertiport[f.origin].takeoff_s, f.departure)
        add(PAD, f.destination, f.landing, f.landing + problem.vertiport[f.destination].landing_s)
    for a in problem.aircraft:
        place, since = a.start, max(zero, a.available_from)
        for f in (f for f in plan.flights if f.aircraft == a.id):
            add(STAND, place, since, f.off_block)
            place, since = f.destination, f.on_block
        add(STAND, place, since, problem.horizon.end)
    for c in plan.charges:
        curve = problem.type_of(c.aircraft).curve
        for span, a, b in stretches(c.start - zero, c.end - zero):
            begun, done = (
                charge(curve, c.power_w, c.soc_before_wh, t + zero - c.start) for t in (a, b)
            )
            use[POWER, port[c.vertiport], span] += done - begun
    return use


@pytest.mark.parametrize("seed", range(24))
def test_a_real_day_is_worth_no_more_than_its_path(seed: int) -> None:
    """Under random prices, with what the plan uses in place of what there is."""
    lot = np.random.default_rng(seed)
    problem = random_day(seed)
    plan = solve(problem, SolveOptions(seconds=20, max_iterations=60, seed=seed))
    if plan.infeasible:
        return
    served = plan.served_trips
    for cell_s in (60, 30, 45):
        model = Relaxation.of(problem, cell_s)
        use = uses(problem, plan, model.capacity.shape)
        for height in (0.2, 2.0, 20.0):
            prices = model.first_prices()
            for p, t in enumerate(problem.trips):
                if t.id not in served or lot.random() < 0.3:
                    prices.trip[p] = model.worth[p]
                else:
                    prices.trip[p] = 0.0
            place = lot.random(use.shape) * (lot.random(use.shape) < 0.5) * height
            place[POWER] /= 20
            place *= model.limited
            bound, _ = model.evaluate(Prices(prices.trip, place, prices.flight), 0.0)
            assert bound - float((place * (model.capacity - use)).sum()) >= plan.value - 1e-6


@pytest.mark.parametrize("seed", range(12))
def test_a_day_of_fixed_flights_pays_what_it_uses(seed: int) -> None:
    """Flights to the second and worth all prices: the path has no way round them.

    It may save two cells of each stay, and a level of charge where one is rounded up.
    """
    lot = random.Random(seed)
    moment, trips = 700, []
    for i in range(8):
        moment += lot.randint(0, 400)
        fixed = TimeWindow(moment, moment)
        trips.append(trip(f"t{i}", "AB"[i % 2], "BA"[i % 2], 0, departure=fixed, value=10**6))
        moment += 600 + 300
    ports = (port("A", chargers=(FAST,), power_limit_w=360_000), port("B"))
    costly = replace(S4, cost_per_flight=100_000)  # no empty flight saves the stand
    aircraft = (tail(soc_wh=70_000),)
    problem = day(trips=tuple(trips), vertiports=ports, aircraft=aircraft, types=(costly,))
    plan = solve(problem, SolveOptions(seconds=20, max_iterations=60))
    assert len(plan.served_trips) == 8
    for cell_s in (60, 30, 20):
        model = Relaxation.of(problem, cell_s)
        use = uses(problem, plan, model.capacity.shape)
        prices = model.first_prices()
        prices.trip[:] = 0
        for what, height in ((STAND, 30.0), (POWER, 2.0)):
            for varied in (False, True):
                prices.place[:] = 0
                shape = use[what].shape
                prices.place[what] = height * (
                    np.random.default_rng(seed).random(shape) if varied else np.ones(shape)
                )
                prices.place[:] *= model.limited
                bound, _ = model.evaluate(prices, 0.0)
                rest = bound - float((prices.place * (model.capacity - use)).sum())
                assert rest >= plan.value - 1e-6
                saved = 9 * 2 * cell_s if what == STAND else 10 * cell_s * 100 + 10_000
                if not varied:
                    assert rest <= plan.value + height * saved


def test_what_paths_use_is_the_slope_of_the_bound() -> None:
    """A little more on one price changes the bound by capacity less use, times that."""
    problem = random_day(3)
    model = Relaxation.of(problem, 60)
    lot = random.Random(3)
    prices = model.first_prices()
    prices.place[:] = model.limited * np.random.default_rng(3).random(prices.place.shape)
    prices.place[POWER] /= 50
    value, slope = model.evaluate(prices, 0.0)
    where = np.argwhere(model.limited & (np.arange(model.limited.shape[2]) < 60))
    for what, v, span in lot.sample(where.tolist(), 60):
        moved = prices.place.copy()
        moved[what, v, span] += 1e-7
        other, _ = model.evaluate(Prices(prices.trip, moved, prices.flight), 0.0)
        change = (other - value) / 1e-7
        assert change >= slope.place[what, v, span] - 0.5


def test_one_stand_bounds_a_fleet() -> None:
    """Ten start at A, one stand is free at B: its seconds have a price, and the bound falls."""
    trips = tuple(
        trip(f"t{i}", "A", "B", 1000, may_share=False, departure=TimeWindow(1000, 1120))
        for i in range(10)
    )
    fleet = tuple(tail(f"a{i}") for i in range(10))
    ports = (port("A", stands=10, pads=10), port("B", stands=1, pads=10))
    model = Relaxation.of(day(trips=trips, aircraft=fleet, vertiports=ports), 60)
    prices = model.first_prices()
    prices.trip[:] = 0
    free = model.evaluate(prices, 0.0)[0]
    prices.place[STAND, 1, 5:10] = 10.0
    # 1,500 s x 10 for the stand; each flight lands at 1,600 s and pays 8 of 9,000 at least.
    assert model.evaluate(prices, 0.0)[0] < free - 1_000


def test_power_bounds_what_is_charged() -> None:
    """At 9 a watt-hour the 20 kWh of a flight cost more than any party pays."""
    trips = tuple(trip(f"t{i}", "AB"[i % 2], "BA"[i % 2], 1000 + 2000 * i) for i in range(6))
    ports = (port("A", chargers=(FAST,), power_limit_w=10_000), port("B"))
    model = Relaxation.of(day(trips=trips, vertiports=ports, types=(S4,)), 60)
    prices = model.first_prices()
    prices.trip[:] = 0
    free = model.evaluate(prices, 0.0)[0]
    prices.place[POWER, 0, :40] = 1.0
    held = 40 * 10_000 * SPAN_S / 3600
    assert model.evaluate(prices, 0.0)[0] - held < free - 5_000
