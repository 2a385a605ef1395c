"""Relays lay the best flights that one aircraft can fly, others as they are."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from router._airtaxi import Search
from router.airtaxi.pooling import flight_order
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.tables import Index, build
from tests.airtaxi.plan.oracle import best_value
from tests.airtaxi.plan.scenes import FAST, S4, day, port, tail, tiny_day, trip, way

SEEDS = range(60)


def charging_day(seed: int) -> AirTaxiProblem:
    """Return five trips between three vertiports, of which one has a slow charger."""
    lot = random.Random(seed)
    names = ("A", "B", "C")
    leg = way("A", "B").legs[0]
    return day(
        vertiports=(
            port("A", chargers=(replace(FAST, power_w=lot.choice([36_000, 72_000])),)),
            port("B"),
            port("C"),
        ),
        corridors=tuple(
            way(o, d, legs=(replace(leg, energy_wh=lot.choice([15_000, 25_000])),))
            for o in names
            for d in names
            if o != d
        ),
        types=(replace(S4, connect_s=60, disconnect_s=60),),
        aircraft=(tail(soc_wh=60_000, end=lot.choice([None, "A"])),),
        trips=tuple(
            trip(
                f"t{i}",
                *lot.sample(names, 2),
                lot.randrange(500, 8_000, 250),
                party=lot.randint(1, 3),
                value=lot.randint(1_500, 6_000),
            )
            for i in range(5)
        ),
    )


def searched(problem: AirTaxiProblem, relay: bool = True) -> tuple[Search, Index]:
    """Return a search after a relay of its one aircraft, or after insertion alone."""
    index, tables = build(problem, 0.0)
    search = Search(tables, 1)
    assert not search.lead_home()
    if relay:
        search.run(1, 0.0, 0.0, 0, 100, 0)
    else:
        search.construct(flight_order(index, 4))
    assert search.strays() == 0
    return search, index


@pytest.mark.parametrize(("make", "missed"), [(tiny_day, 15), (charging_day, 30)])
def test_one_relay_finds_the_best_day_of_an_aircraft(
    make: Callable[[int], AirTaxiProblem], missed: int
) -> None:
    """One step from an empty day: worth what the best of all orders of flights is.

    Insertion alone misses some.
    """
    best = [best_value(make(seed)) for seed in SEEDS]
    found = [searched(make(seed))[0].best_money for seed in SEEDS]
    inserted = [searched(make(seed), relay=False)[0].best_money for seed in SEEDS]
    assert found == pytest.approx(best, abs=0.5)
    assert sum(i < b for i, b in zip(inserted, best, strict=True)) >= missed


def test_a_crew_goes_on_without_whom_it_cannot_wait_for() -> None:
    """From A two could fly together from 1,500 to 1,600; the aircraft is ready at 800 + 900."""
    trips = (
        trip("t1", "B", "A", 800, value=12_000),
        trip("t2", "A", "B", 1_000),
        trip("t3", "A", "B", 1_500),
    )
    search, index = searched(day(trips=trips, aircraft=(tail(start="B"),)))
    ways = [index.corridors[leg[1]] for leg in search.legs(best=True)]
    assert [(w.origin, w.destination) for w in ways] == [("B", "A"), ("A", "B")]
    assert [(leg[2], len(leg[8])) for leg in search.legs(best=True)] == [(800, 1), (1_700, 1)]
