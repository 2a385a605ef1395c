"""Moves of the compiled search leave nothing held that no tail accounts for."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from router._airtaxi import Search
from router.airtaxi.fleet import Downtime
from router.airtaxi.pooling import flight_order
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import load_scenario
from router.airtaxi.tables import Index, build
from router.timewindow import TimeWindow
from tests.airtaxi.plan.scenes import FAST, S4, day, port, random_full_day, tail, trip


@pytest.mark.parametrize("mix", [(0, 0, 0), (100, 0, 0), (0, 50, 0), (0, 0, 100), (75, 20, 60)])
def test_calendars_hold_what_tails_do(mix: tuple[int, int, int]) -> None:
    """Relays, whole days and exchanges, alone and together, on days of all features."""
    for seed in range(20):
        index, tables = build(random_full_day(seed), 0.0)
        search = Search(tables, seed)
        search.lead_home()
        search.construct(flight_order(index, 8))
        for temperature in (5_000.0, 100.0):
            search.run(60, temperature, 0.05, *mix)
            assert search.strays() == 0
        search.recall()
        assert search.strays() == 0


@pytest.mark.parametrize("moment", [700, 767, 768, 769, 1_023, 1_024, 1_025])
@pytest.mark.parametrize("early", [0, 1])
def test_a_stand_is_free_from_the_second_in_which_it_is_left(moment: int, early: int) -> None:
    """One lands on block in B, which has a stand, as another leaves it; or a second before."""
    fleet = (tail("a1", start="B"), tail("a2"))
    trips = (
        trip("t1", "B", "A", moment, departure=TimeWindow(moment, moment)),
        trip("t2", "A", "B", 0, departure=TimeWindow(moment - 600 - early, moment - 600 - early)),
    )
    ports = (port("A"), port("B", pads=2, stands=1))
    index, tables = build(day(aircraft=fleet, vertiports=ports, trips=trips), 0.0)
    search = Search(tables, 1)
    search.lead_home()
    search.construct(flight_order(index, 4))
    search.run(30, 1.0, 0.0, 0, 0, 0)
    assert len(search.legs(best=True)) == 2 - early
    assert search.strays() == 0


def _most_stands(search: Search, problem: AirTaxiProblem, index: Index) -> dict[str, int]:
    """Return the most aircraft that stand at each vertiport in any second, counted one by one."""
    use = {v.id: np.zeros(problem.horizon.end, np.int64) for v in problem.vertiports}
    legs = search.legs()
    for k, aircraft in enumerate(problem.aircraft):
        place, since = aircraft.start, 0
        for leg in sorted((leg for leg in legs if leg[0] == k), key=lambda leg: leg[2]):
            use[place][since : leg[2]] += 1
            place, since = index.corridors[leg[1]].destination, leg[5]
        use[place][since:] += 1
    return {name: int(seconds.max()) for name, seconds in use.items()}


def test_no_more_aircraft_stand_anywhere_than_there_are_stands() -> None:
    """Short stays on few stands, so that stays meet at either end, in one block or in several."""
    full = 0
    for seed in range(30):
        lot = random.Random(seed)
        fast = replace(FAST, count=4)
        problem = day(
            aircraft=tuple(tail(f"a{i}") for i in range(4)),
            vertiports=(port("A", pads=4, stands=4, chargers=(fast,)), port("B", pads=4, stands=1)),
            types=(replace(S4, turnaround_s=60),),
            trips=tuple(
                trip(f"t{i}", *lot.choice([("A", "B"), ("B", "A")]), lot.randrange(9_000))
                for i in range(24)
            ),
        )
        index, tables = build(problem, 0.0)
        search = Search(tables, seed)
        search.lead_home()
        search.construct(flight_order(index, 4))
        for _ in range(60):
            search.run(2, 8_000.0, 0.05, 10, 0, 40)
            most = _most_stands(search, problem, index)
            assert all(most[v.id] <= v.stands for v in problem.vertiports)
            full += most["B"]
    assert full > 1_000


def test_aircraft_that_stand_together_exchange_their_days() -> None:
    """On a busy day many exchanges hold, and those that fail leave nothing behind."""
    index, tables = build(load_scenario("alatau-almaty").problem(passengers=600), 0.0)
    search = Search(tables, 1)
    search.lead_home()
    search.construct(flight_order(index, 4))
    search.run(200, 1e6, 0.01, 0, 0, 0)
    assert search.exchanged == 0
    search.run(200, 1e6, 0.01, 0, 0, 100)
    assert search.exchanged > 50
    assert search.strays() == 0


@pytest.mark.parametrize("seed", range(8))
def test_nobody_charges_through_a_downtime_of_another_day(seed: int) -> None:
    """Two of four aircraft are down for a while wherever they stand; all exchange what they can."""
    lot = random.Random(seed)
    problem = day(
        vertiports=(
            port("A", pads=4, chargers=(replace(FAST, count=4),)),
            port("B", pads=4, chargers=(replace(FAST, count=4, power_w=90_000),)),
        ),
        aircraft=tuple(
            replace(
                tail(f"a{i}"),
                soc_wh=60_000,
                downtimes=(Downtime(window=TimeWindow(6_000, 8_000)),) if i % 2 else (),
            )
            for i in range(4)
        ),
        trips=tuple(
            trip(f"t{i}", *lot.choice([("A", "B"), ("B", "A")]), lot.randrange(13_000))
            for i in range(24)
        ),
    )
    index, tables = build(problem, 0.0)
    search = Search(tables, seed)
    search.lead_home()
    search.construct(flight_order(index, 4))
    for _ in range(40):
        search.run(25, 3_000.0, 0.01, 0, 0, 100)
        for aircraft, _, _, _, start, end, _, _ in search.sessions():
            assert aircraft % 2 == 0 or end < 6_000 or start > 8_000
    assert search.exchanged > 20


def test_gaps_of_the_same_cost_are_tried_by_lot() -> None:
    """Of 16 aircraft the last one alone has the charge, and a step tries eight gaps."""
    fleet = tuple(tail(f"a{i:02}", soc_wh=100_000 if i == 15 else 25_000) for i in range(16))
    ports = (port("A", stands=20), port("B", stands=20))
    problem = day(aircraft=fleet, vertiports=ports, trips=(trip("t", "A", "B", 1_000),))
    index, tables = build(problem, 0.0)
    search = Search(tables, 1)
    search.lead_home()
    search.construct(flight_order(index, 4))
    assert search.legs() == []
    search.run(50, 1.0, 0.0, 0, 0, 0)
    assert [leg[0] for leg in search.legs(best=True)] == [15]
