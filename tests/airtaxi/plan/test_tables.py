"""Tables of the compiled search against the definition of charging."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from router._airtaxi import FILLED_WH, POWER_CAPS
from router.airtaxi.charging import ChargeCurve, drawn_w, fill_times
from router.airtaxi.network import ChargerGroup
from router.airtaxi.tables import build
from tests.airtaxi.plan.scenes import S4, day, port, tail


@pytest.mark.parametrize("seed", range(12))
def test_no_session_draws_more_than_it_holds(seed: int) -> None:
    """Whatever the charge, power held at a moment covers what a session takes from then on."""
    lot = random.Random(seed)
    curve = ChargeCurve.tapered(
        6_000, lot.randint(200, 90_000), lot.randint(1, 5_999), lot.choice([0, 150])
    )
    group = ChargerGroup(
        id="c",
        count=2,
        power_w=lot.randint(40, 80_000),
        efficiency_permille=lot.randint(500, 1_000),
    )
    kind = replace(S4, battery_wh=6_000, reserve_wh=100, curve=curve)
    ports = (port("A", chargers=(group,)), port("B"))
    problem = day(types=(kind,), vertiports=ports, aircraft=(tail(soc_wh=6_000),))
    _, tables = build(problem, 0.0)
    for row in range(POWER_CAPS):
        cap = max(1, group.power_w * (POWER_CAPS - row) // POWER_CAPS)
        times = fill_times(curve, cap)
        step, top = int(tables["guess_step"][row]), int(tables["guess_top"][row])
        held = tables["grid_w"][int(tables["grid_from"][row]) :]
        guess = tables["guess"][int(tables["guess_from"][row]) :]
        for _ in range(50):
            before = lot.randrange(len(times))
            second = lot.randint(0, int(times[-1] - times[before]) // 1_000_000)
            reached = int(np.searchsorted(times, times[before] + second * 1_000_000, "right")) - 1
            at = min((int(times[before]) // 1_000_000 + second) // step, top)
            assert guess[at] <= reached
            assert held[at] == group.grid_w(drawn_w(curve, cap, int(guess[at])))
            assert held[at] >= group.grid_w(drawn_w(curve, cap, reached))


@pytest.mark.parametrize("seed", range(12))
def test_a_line_between_seconds_tells_how_long_a_level_takes(seed: int) -> None:
    """Between what the entries before and after take, and exactly what an entry says."""
    lot = random.Random(seed)
    curve = ChargeCurve.tapered(60_000, lot.randint(30_000, 90_000), lot.randint(1, 50_000))
    group = ChargerGroup(id="c", count=1, power_w=lot.randint(40_000, 80_000))
    kind = replace(S4, battery_wh=60_000, reserve_wh=100, curve=curve)
    ports = (port("A", chargers=(group,)), port("B"))
    _, tables = build(day(types=(kind,), vertiports=ports, aircraft=(tail(soc_wh=60_000),)), 0.0)
    times = fill_times(curve, group.power_w)
    filled = tables["filled_s"][int(tables["filled_from"][0]) :]
    for level in (lot.randrange(len(times)) for _ in range(200)):
        at = level // FILLED_WH
        line = filled[at] + (filled[at + 1] - filled[at]) * (level - at * FILLED_WH) // FILLED_WH
        assert int(times[at * FILLED_WH]) // 1_000_000 <= line
        assert line <= int(times[min(len(times) - 1, (at + 1) * FILLED_WH)]) // 1_000_000
        if at * FILLED_WH == level:
            assert line == int(times[level]) // 1_000_000
