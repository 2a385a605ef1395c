"""An operator's day reduced to steps and levels, against numbers by hand."""

from dataclasses import replace

import numpy as np
import pytest

from router.airtaxi.fleet_size.check import check_fleet
from router.airtaxi.fleet_size.limits import Limits, usage_of
from router.airtaxi.fleet_size.reduced import ChargingPolicy, reduce
from router.airtaxi.fleet_size.size import size_fleet
from router.airtaxi.fleet_size.study import cases, investigate
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.scenario import parse_scenario
from router.errors import InvalidInput
from router.solving import Silent, SolveOptions
from tests.airtaxi.fleet_size.tiny import shuttle
from tests.airtaxi.test_scenario import TINY

FAST = SolveOptions(seconds=3)


def day(trips: str = "") -> AirTaxiProblem:
    """Return the tiny scenario with more trips."""
    return parse_scenario(TINY + trips).problem()


def trip(name: str, start: str, end: str, party: int, **more: str) -> str:
    """Return the line of one more trip from A to B."""
    words = "".join(f", {k}: {v}" for k, v in more.items())
    where = f'origin: A, destination: B, departure: ["{start}", "{end}"]'
    return f"  - {{id: {name}, {where}, party: {party}, value: 1{words}}}\n"


def test_times_energy_and_charging_become_steps_and_levels() -> None:
    """56 Wh a level of (2,000 - 200) / 32; 500 Wh are nine levels.

    Off-block to ready: take-off 60, flight 300, landing 60, turnaround 300 s are
    720 s, three steps of 300. One level at 3.6 kW is 56 s, five a step.
    """
    made = reduce(day())
    leg = made.network.legs[made.legs.index(("A", "B"))]
    assert made.network.last_step == 288
    assert (leg.steps[84], leg.burn[84]) == (3, 9)
    assert leg.steps[0] == 0  # B opens at six.
    assert max(arc.to - arc.level for arc in made.network.charges[0] if arc.steps == 1) == 5
    assert made.network.charges[1] == ()
    assert made.limits.stands.tolist() == [2, 2]
    assert made.limits.chargers.tolist() == [1, 0]
    assert made.limits.movements.tolist() == [5, 5]


def test_parties_are_gathered_and_never_split() -> None:
    """Three of two leave by 07:10: two together, and one on a flight of its own."""
    made = reduce(day(trip("two", "07:00", "07:10", 2) + trip("three", "07:05", "08:00", 2)))
    leg = made.legs.index(("A", "B"))
    assert made.timetable.flights[leg].sum() == 2
    assert made.timetable.passengers[leg, 86] == 3
    assert made.timetable.passengers[leg, 96] == 2


def test_a_party_that_flies_alone_gets_a_flight() -> None:
    """Nobody joins it, though there are seats."""
    made = reduce(day(trip("two", "07:00", "07:10", 1, may_share="false")))
    assert made.timetable.flights.sum() == 2


def test_what_no_aircraft_can_fly_is_named() -> None:
    """Five passengers on four seats; a window in which B is closed."""
    late = trip("two", "07:00", "07:10", 5) + trip("three", "10:00", "10:10", 1)
    assert reduce(day(late)).timetable.unflyable == ("two", "three")


def test_policies_hold() -> None:
    """To 80 % there are 25 levels of 56 Wh above 200 Wh; to full B needs a charger."""
    assert reduce(day(), policy=ChargingPolicy.TO_80).network.levels == 26
    with pytest.raises(InvalidInput, match=r"vertiports\[1\].chargers.*NO_CHARGER"):
        reduce(day(), policy=ChargingPolicy.FULL)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"step_s": 59}, "OUT_OF_RANGE"),
        ({"aircraft_type": "Z"}, "UNKNOWN_ID"),
    ],
)
def test_bad_requests_are_refused(arguments: dict[str, object], code: str) -> None:
    """With their codes."""
    with pytest.raises(InvalidInput, match=code):
        reduce(day(), **arguments)  # type: ignore[arg-type]


def test_the_sized_fleet_keeps_to_stands_chargers_and_pads() -> None:
    """Two departures in one step need two aircraft; one stand bars them."""
    problem = day(trip("two", "07:00", "07:10", 4))
    (case,) = cases(problem)
    found = investigate(case, [0, 1, 2], FAST, Silent())
    assert (found.size.fleet, found.size.proven) == (2, True)
    assert [point.spill.lost for point in found.points] == [5, 1, 0]
    assert found.violations == ()
    assert all(point.violations == () for point in found.points)
    assert case.limits is not None
    tight = replace(case.limits, stands=np.array([1, 1], np.int32))
    barred = size_fleet(case.network, case.flights, FAST, limits=tight)
    assert barred.fleet is None
    assert barred.bound == 2
    assert found.size.paths is not None
    broken = check_fleet(case.network, found.size.paths, case.flights, tight)
    assert {v.code for v in broken} == {"STANDS_EXCEEDED"}


def test_variants_are_sized_as_changed() -> None:
    """A charger more, and charging to 80 %."""
    named = cases(day(), ["chargers=+1"], list(ChargingPolicy)[:2])
    chargers = {c.name: c.limits.chargers.tolist() for c in named if c.limits is not None}
    assert chargers == {
        "charging partial": [1, 0],
        "charging to_80": [1, 0],
        "chargers=+1, charging partial": [2, 0],
        "chargers=+1, charging to_80": [2, 0],
    }


def test_usage_counts_what_the_checker_counts() -> None:
    """One short of what a fleet uses breaks a limit, what it uses does not."""
    network = shuttle()
    wanted = np.zeros((2, 13), np.int32)
    wanted[0, [2, 3]] = wanted[1, 7] = 1
    paths = size_fleet(network, wanted, FAST).paths
    assert paths is not None
    down = tuple(leg.steps for leg in network.legs)
    none = np.zeros(2, np.int32)
    used = usage_of(network, Limits(none, none, none, down), paths)
    most = Limits(
        used.ground.max(axis=1), used.charging.max(axis=1), used.movements.max(axis=1), down
    )
    assert used.excess(most) == 0
    assert check_fleet(network, paths, wanted, most) == ()
    fewer = replace(most, movements=most.movements - 1)
    assert used.excess(fewer) > 0
    assert {v.code for v in check_fleet(network, paths, wanted, fewer)} == {"PADS_EXCEEDED"}
