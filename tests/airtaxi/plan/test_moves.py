"""Moves of the compiled search leave nothing held that no tail accounts for."""

from __future__ import annotations

import pytest

from router._airtaxi import Search
from router.airtaxi.pooling import flight_order
from router.airtaxi.scenario import load_scenario
from router.airtaxi.tables import build
from tests.airtaxi.plan.scenes import random_full_day


@pytest.mark.parametrize("mix", [(0, 0, 0), (50, 0, 0), (0, 50, 0), (0, 0, 100), (20, 20, 60)])
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
