"""Every day an aircraft can fly has its path in the bound's network, of at least its worth."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from router.airtaxi.charging import ChargeCurve, charge, fill_times
from router.airtaxi.clock import ChargeClock
from router.airtaxi.kinds import Kind, kinds_of
from router.airtaxi.network import ChargerGroup, LegStep, TariffStep
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import Grid, Reals, fill_price
from router.airtaxi.spans import POWER, SPAN_S, Movements, capacities
from tests.airtaxi.plan.scenes import FAST, S4, day, port, tail, way

REWARD = 1e6
"""Of each flight of the day that is looked at; all others cost more than it can earn."""


class Stay(NamedTuple):
    """What an aircraft does between two flights, moments from its on-block."""

    seconds: int
    sessions: tuple[tuple[int, int], ...]
    to: str


def scene(lot: random.Random) -> AirTaxiProblem:
    """Return three vertiports, two with a charger, ways of odd lengths, one aircraft."""
    names = "ABC"
    tariff = (
        TariffStep(0, 4_000),
        TariffStep(lot.randint(4_000, 9_000), lot.choice([1_000, 9_000])),
    )
    kind = replace(
        S4,
        curve=ChargeCurve.tapered(100_000, 300_000, 20_000),
        turnaround_s=lot.choice([0, 0, 120, 300]),
        connect_s=lot.choice([0, 90, 180]),
        disconnect_s=lot.choice([0, 61, 180]),
    )
    return day(
        vertiports=tuple(
            port(
                name,
                chargers=(ChargerGroup(id="fast", count=1, power_w=power),) if power else (),
                power_limit_w=400_000,
                taxi_s=lot.randint(0, 40),
                tariff=tariff if lot.random() < 0.5 else (),
            )
            for name, power in zip(names, (250_000, lot.choice([90_000, 250_000]), 0), strict=True)
        ),
        corridors=tuple(
            way(o, d, legs=(LegStep(0, lot.randint(300, 500), lot.randint(5_000, 22_000)),))
            for o in names
            for d in names
            if o != d
        ),
        types=(kind,),
        aircraft=(tail(available_from=lot.randint(0, 100), start=lot.choice(names)),),
    )


def stays(problem: AirTaxiProblem, lot: random.Random) -> list[Stay]:
    """Return a day in which the aircraft mostly stays as shortly as it can."""
    kind, place, found = problem.types[0], problem.aircraft[0].start, []
    for i in range(lot.randint(2, 9)):
        on = 0 if i == 0 else kind.connect_s
        least = 0 if i == 0 else kind.turnaround_s
        seconds = least + lot.choice([0, 0, lot.randint(0, 70), lot.randint(0, 400)])
        sessions: tuple[tuple[int, int], ...] = ()
        if problem.vertiport[place].chargers and lot.random() < 0.4:
            length = lot.choice([lot.randint(1, 60), lot.randint(60, 500)])
            seconds = max(seconds, on + length + kind.disconnect_s)
            spare = seconds - on - length - kind.disconnect_s
            start = on + (lot.randint(0, spare) if lot.random() < 0.3 else 0)
            cut = lot.randint(0, length)
            sessions = ((start, start + cut), (start + cut, start + length))
        to = lot.choice([v.id for v in problem.vertiports if v.id != place])
        found.append(Stay(seconds, sessions, to))
        place = to
    return found


def flown(
    problem: AirTaxiProblem, plan: list[Stay], soc: int, power: Reals
) -> tuple[list[tuple[int, int]], float] | None:
    """Return corridors and off-blocks of a day and what its energy costs; ``None``: no charge."""
    kind, at = problem.types[0], problem.aircraft[0].available_from
    place, offs, cost = problem.aircraft[0].start, [], 0.0
    corridors = [c.key for c in problem.corridors]
    for stay in plan:
        v = [p.id for p in problem.vertiports].index(place)
        here = problem.vertiports[v]
        for start, end in stay.sessions:
            cap = here.chargers[0].power_w
            after = charge(kind.curve, cap, soc, end - start)
            times = fill_times(kind.curve, cap)
            for wh in range(soc, after):
                moment = at + start + (int(times[wh + 1] - times[soc]) - 1) // 1_000_000
                steps = [s.price_per_kwh for s in here.tariff if s.start <= moment]
                cost += power[v, moment // SPAN_S] + (steps[-1] / 1000 if steps else 0.0)
            soc = after
        c = corridors.index((place, stay.to))
        off = at + stay.seconds
        step = problem.corridors[c].legs[0]
        there = problem.vertiport[stay.to]
        soc -= step.energy_wh
        if soc < kind.reserve_wh:
            return None
        offs.append((c, off))
        at = off + here.taxi_s + here.takeoff_s + step.seconds + there.landing_s + there.taxi_s
        place = stay.to
    return offs, cost


def worth_of(kind: Kind, offs: list[tuple[int, int]], power: Reals, cell_s: int) -> float:
    """Return what the network grants the aircraft if only these flights earn anything."""
    dear, _ = kind.stays.power(power)
    profit = np.full(kind.legs.cost.shape, -1e3 * REWARD)
    for c, off in offs:
        profit[c, off // cell_s] = REWARD
    kind.network.sweep(profit + kind.set_prices(dear))
    (group,) = kind.groups
    return kind.network.start_value(group.cell, group.port, group.level)


def least_charge(problem: AirTaxiProblem, plan: list[Stay], power: Reals) -> int:
    """Return the least charge to begin a day with; drop flights that no battery lasts for."""
    low, high = problem.types[0].reserve_wh, problem.types[0].battery_wh
    while flown(problem, plan, high, power) is None:
        plan.pop()
    while low < high:
        middle = (low + high) // 2
        if flown(problem, plan, middle, power) is None:
            low = middle + 1
        else:
            high = middle
    return low


@pytest.mark.parametrize("seed", range(60))
def test_days_to_the_last_second_and_watt_hour_have_a_path(seed: int) -> None:
    """An aircraft that begins with just enough charge, leaves as soon as it can, and pays.

    Power has another price in each span of five minutes, tariffs change. Its path earns all
    flights, in their cells, and pays no more for energy than the day does.
    """
    lot = random.Random(seed)
    problem = scene(lot)
    plan = stays(problem, lot)
    grid = Grid.over(problem, lot.choice([20, 30, 60, 77]))
    _, limited = capacities(problem, grid)
    power = np.zeros(limited.shape[1:])
    if lot.random() < 0.7:
        prices = np.random.default_rng(seed).integers(0, 40, power.shape)
        power = np.where(limited[POWER], prices, 0.0)
    soc = least_charge(problem, plan, power)
    problem = replace(problem, aircraft=(replace(problem.aircraft[0], soc_wh=soc),))
    day_flown = flown(problem, plan, soc, power)
    assert day_flown is not None
    offs, cost = day_flown
    (kind,) = kinds_of(problem, grid, 1)
    assert worth_of(kind, offs, power, grid.cell_s) >= REWARD * len(offs) - cost - 1e-3


@pytest.mark.parametrize(("short_wh", "granted"), [(0, True), (18_000, False)])
def test_who_leaves_late_in_a_cell_takes_its_charge_along(short_wh: int, granted: bool) -> None:
    """Off at 179 s with all the charge of 179 s, then two stays of no length: off at 838, 1,497.

    In cells of 60 s and levels of 6 kWh the path leaves in cell 2 with the charge of 120 s; each
    flight of 659 s is 10 cells and 59 s, for which the path lacks 5.9 kWh more, and the next one
    leaves in cell 11 after it. A path that could not catch up there would not reach the third
    flight's reserve; one that began with three levels less does not, as no aircraft does.
    """
    kind = replace(S4, turnaround_s=0, connect_s=120)
    legs = (LegStep(0, 539, 20_000),)
    soc = 20_000 + 3 * 20_000 - 179 * 100
    problem = day(
        vertiports=(port("A", chargers=(FAST,)), port("B", chargers=(FAST,))),
        corridors=(way("A", "B", legs=legs), way("B", "A", legs=legs)),
        types=(kind,),
        aircraft=(tail(soc_wh=soc - short_wh),),
    )
    plan = [Stay(179, ((0, 179),), "B"), Stay(0, (), "A"), Stay(0, (), "B")]
    grid = Grid.over(problem, 60)
    power = np.zeros(capacities(problem, grid)[1].shape[1:])
    assert (flown(problem, plan, soc - short_wh, power) is not None) == granted
    day_flown = flown(problem, plan, soc, power)
    assert day_flown is not None
    (kept,) = kinds_of(problem, grid, 1)
    worth = worth_of(kept, day_flown[0], power, 60)
    assert (worth >= 3 * REWARD) == granted


def test_energy_costs_what_it_does_in_a_short_cheap_time() -> None:
    """Power is free for 20 s of each three minutes, and never as a cell begins."""
    dips = [TariffStep(180 * i + s, p) for i in range(1, 60) for s, p in ((61, 0), (81, 9_000))]
    problem = day(
        vertiports=(port("A", chargers=(FAST,), tariff=(TariffStep(0, 9_000), *dips)), port("B"))
    )
    fill = fill_price(problem, problem.types[0], Grid.over(problem, 60))
    assert [fill[0, c] for c in (0, 3, 4, 5)] == [9, 0, 0, 9]


def test_landings_pay_for_the_cheapest_span_they_may_touch() -> None:
    """Off at 300, on its pad at 960 for nothing; other winds' landings could touch dear spans."""
    legs = (LegStep(0, 600, 0), LegStep(9_000, 300, 0), LegStep(12_000, 900, 0))
    problem = day(corridors=(way("A", "B", legs=legs),))
    grid = Grid.over(problem, 60)
    price = np.full((2, capacities(problem, grid)[0].shape[2]), 1_000.0)
    price[0] = price[1, 3] = 0.0
    fees, _ = Movements.of(problem, grid).fees(price)
    assert fees[0, 5] == 0.0


@pytest.mark.parametrize("seed", [43, 45, 57])
def test_more_charge_is_never_worth_less(seed: int) -> None:
    """Also where less could be sold back at a better price: flights are passed over by that."""
    lot = random.Random(seed)
    problem = scene(lot)
    grid = Grid.over(problem, 60)
    rng = np.random.default_rng(seed)
    limited = capacities(problem, grid)[1]
    power = np.where(limited[POWER], rng.choice([0, 0, 40], limited[POWER].shape), 0.0)
    (kind,) = kinds_of(problem, grid, 1)
    dear, _ = kind.stays.power(power)
    profit = rng.uniform(-2e5, 4e4, kind.legs.cost.shape)
    kind.network.sweep(profit + kind.set_prices(dear))
    levels = kind.legs.burn.shape[1]
    for cell in range(0, grid.cells, 5):
        for v in range(3):
            worth = [kind.network.start_value(cell, v, y) for y in range(levels)]
            assert np.diff(worth).min() >= -1e-6


def test_the_clock_counts_what_is_below_its_least_charge_as_that() -> None:
    """100 Wh a second from 20 kWh on: 60 s later 26 kWh, also from below, and never beyond full."""
    clock = ChargeClock.of(S4, 20_000, 360_000)
    assert clock.after(np.array([20_000, 19_000, 99_000]), 60).tolist() == [26_000, 26_000, 100_000]
    assert clock.after(np.array([26_000, 21_000]), -60).tolist() == [20_000, 20_000]
