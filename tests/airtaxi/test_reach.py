"""What one aircraft alone could do: never less than any plan makes it do."""

from __future__ import annotations

import pytest

from router.airtaxi.check import check
from router.airtaxi.fleet import Downtime
from router.airtaxi.network import LegStep
from router.airtaxi.plan import solve
from router.airtaxi.reach import Reach
from router.solving import SolveOptions
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import FAST, S4, day, port, random_day, tail, trip, way


def test_charge_at_the_end_by_hand() -> None:
    """60 kWh at A without a charger, 20 kWh a flight, 20 kWh kept: 60 at A, 40 at B.

    From 30 kWh no flight keeps the reserve, so B is out of reach.
    """
    reach = Reach(day(), S4)
    assert reach.best_end(tail(soc_wh=60_000)) == 60_000
    assert reach.best_end(tail(soc_wh=60_000, end="B")) == 40_000
    assert reach.best_end(tail(soc_wh=30_000, end="B")) == -1


def test_charging_takes_its_time() -> None:
    """100 Wh a second from 20 kWh, on duty for 300 s: 50 kWh, up to a cell of 60 s more."""
    ports = (port("A", chargers=(FAST,)), port("B"))
    most = Reach(day(vertiports=ports), S4).best_end(tail(soc_wh=20_000, available_until=300))
    assert 50_000 <= most <= 56_000


def test_a_flight_past_its_time_does_not_count() -> None:
    """A block of 600 s cannot end by 500; by 700 it can."""
    reach = Reach(day(), S4)
    assert reach.best_end(tail(end="B", available_until=500)) == -1
    assert reach.best_end(tail(end="B", available_until=700)) == 80_000


def test_a_downtime_elsewhere_needs_the_way_there_and_back() -> None:
    """Down at B from 700 to 9,000: 600 s there, 600 s back, 60 kWh left; from 300 on: too early."""
    reach = Reach(day(), S4)
    late = Downtime(window=TimeWindow(700, 9000), vertiport="B")
    early = Downtime(window=TimeWindow(300, 9000), vertiport="B")
    assert reach.best_end(tail(end="A", downtimes=(late,))) == 60_000
    assert reach.best_end(tail(end="A", downtimes=(early,))) == -1


def test_a_corridor_closed_all_day_leads_nowhere() -> None:
    """No departure of the day is outside the closure."""
    ways = (way("A", "B", closures=(TimeWindow(0, 14_400),)), way("B", "A"))
    assert Reach(day(corridors=ways), S4).best_end(tail(end="B")) == -1


def test_a_ride_has_to_leave_charge_for_the_way_home() -> None:
    """A to B and back takes 40 kWh above the reserve of 20: 60 kWh will do, 59 will not."""
    reach = Reach(day(), S4)
    ride = trip("t", "A", "B", 1000)
    assert reach.serves(tail(soc_wh=60_000, end="A"), ride)
    assert not reach.serves(tail(soc_wh=59_000, end="A"), ride)
    assert reach.serves(tail(soc_wh=59_000), ride)


def test_energy_by_time_is_taken_at_its_best() -> None:
    """30 kWh until 5,000, then 10 kWh: the best end at B is after 5,000."""
    steps = (LegStep(0, 480, 30_000), LegStep(5_000, 480, 10_000))
    reach = Reach(day(corridors=(way("A", "B", legs=steps), way("B", "A"))), S4)
    assert reach.best_end(tail(end="B")) == 90_000


@pytest.mark.parametrize("seed", range(10))
def test_no_plan_of_a_random_day_does_more(seed: int) -> None:
    """Each aircraft's charge at the end, and each of its rides, is within its reach."""
    problem = random_day(seed)
    plan = solve(problem, SolveOptions(seconds=20, max_iterations=60, seed=seed))
    broken = {v.path for v in check(problem, plan).violations}
    reaches = {k.id: Reach(problem, k) for k in problem.types}
    for a in problem.aircraft:
        if f"aircraft[{a.id}]" in broken:
            continue
        flown = [f for f in plan.flights if f.aircraft == a.id]
        charged = [c for c in plan.charges if c.aircraft == a.id]
        last = max(
            [(f.off_block, f.soc_after_wh) for f in flown]
            + [(c.start, c.soc_after_wh) for c in charged]
            + [(-1, a.soc_wh)]
        )
        assert reaches[a.type].best_end(a) >= last[1]
        for f in flown[:3]:
            assert all(reaches[a.type].serves(a, problem.trip[t]) for t in f.trips)
