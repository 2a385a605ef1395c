"""Fleet sizes against hand-made numbers and a whole integer programme."""

import numpy as np
import pytest

from router.airtaxi.fleet_size import size
from router.airtaxi.fleet_size.check import check_fleet
from router.airtaxi.fleet_size.effort import Effort
from router.airtaxi.fleet_size.network import charge_arcs
from router.airtaxi.fleet_size.size import size_fleet
from router.errors import InvalidInput
from router.solving import Silent, SolveOptions
from tests.airtaxi.fleet_size.tiny import flow_oracle, shuttle

FAST = SolveOptions(seconds=2)


def test_charges_that_shorter_ones_make_up_are_left_out() -> None:
    """Levels of 5, 5 and 10 minutes: 0-1, 1-2 and 2-3 make up all others."""
    arcs = {(a.level, a.steps, a.to) for a in charge_arcs((5, 5, 10), 5)}
    assert arcs == {(0, 1, 1), (1, 1, 2), (2, 2, 3)}


def test_charges_that_gain_by_rounding_once_stay() -> None:
    """Two levels of 2.5 minutes fit in one step of five; three in two steps."""
    arcs = {(a.level, a.steps, a.to) for a in charge_arcs((2.5, 2.5, 2.5), 5)}
    assert arcs == {(0, 1, 2), (1, 1, 3), (2, 1, 3)}


def test_departures_close_together_need_an_aircraft_each() -> None:
    """Three departures within four steps from one site: none can be back in time."""
    network = shuttle()
    wanted = np.zeros((2, 13), np.int32)
    wanted[0, [2, 3, 4]] = 1
    found = size_fleet(network, wanted, FAST)
    assert (found.fleet, found.bound, found.proven) == (3, 3, True)
    assert check_fleet(network, found.paths, wanted) == ()


def test_nothing_wanted_needs_no_aircraft() -> None:
    """An empty timetable is flown by an empty fleet."""
    found = size_fleet(shuttle(), np.zeros((2, 13), np.int32), FAST)
    assert (found.fleet, found.proven) == (0, True)


@pytest.mark.parametrize("seed", range(12))
def test_size_agrees_with_the_whole_integer_programme(seed: int) -> None:
    """Proven fleets equal the optimum; unproven ones enclose it."""
    rng = np.random.default_rng(seed)
    network = shuttle(minutes=tuple(rng.choice((3, 5, 7, 10), 4)))
    wanted = np.zeros((2, 13), np.int32)
    wanted[:, 2:10] = rng.random((2, 8)) < 0.35
    optimum = flow_oracle(network, wanted)
    found = size_fleet(network, wanted, FAST)
    assert check_fleet(network, found.paths, wanted) == ()
    assert found.bound <= optimum <= found.fleet
    assert found.fractional_bound <= optimum + 1e-6


@pytest.mark.parametrize("seed", [6, 33, 38])
def test_windows_fly_what_single_days_leave_open(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no second plan for any aircraft one or two departures stay open; windows fly them."""
    network, rng = shuttle(24), np.random.default_rng(seed)
    wanted = np.zeros((2, 25), np.int32)
    wanted[:, 2:22] = rng.random((2, 20)) < 0.35
    missed = {}
    for few in (0, 3):
        monkeypatch.setattr(size, "FEW_OPEN", few)
        effort = Effort(SolveOptions(seconds=60, seed=1), Silent())
        search = size._Search(network, wanted, effort, None)
        search.bound.improve(size.BOUND_ITERATIONS, effort.spent)
        search.size = round(flow_oracle(network, wanted))
        search._try(0)
        missed[few] = search.missed
        if not search.missed:
            assert search.best is not None
            assert check_fleet(network, search.best, wanted) == ()
    assert missed[0] in (1, 2)
    assert missed[3] == 0


def test_a_departure_that_cannot_land_is_refused() -> None:
    """A flight of two steps that leaves at the last step but one never lands."""
    wanted = np.zeros((2, 13), np.int32)
    wanted[1, 11] = 1
    with pytest.raises(InvalidInput, match=r"wanted\[1\]\[11\].*NO_DEPARTURE"):
        size_fleet(shuttle(), wanted, FAST)


def test_flights_without_a_charger_cannot_repeat_every_day() -> None:
    """Without charging no aircraft returns to the charge it started with."""
    network = shuttle(minutes=(5, 5, 5, 5))
    bare = type(network)(
        last_step=network.last_step, levels=network.levels, legs=network.legs, charges=((), ())
    )
    wanted = np.zeros((2, 13), np.int32)
    wanted[0, 2] = 1
    with pytest.raises(InvalidInput, match="NO_ENERGY_CYCLE"):
        size_fleet(bare, wanted, FAST)


@pytest.mark.parametrize(("aircraft", "lucky", "planned"), [(5, 3, 3), (5, 99, 9), (26, 99, 0)])
def test_few_fresh_aircraft_in_a_try(
    monkeypatch: pytest.MonkeyPatch, aircraft: int, lucky: int, planned: int
) -> None:
    """Fleets of five are planned from scratch nine times more, until one leaves nothing open."""
    wanted = np.zeros((2, 13), np.int32)
    wanted[0, 2] = 1
    search = size._Search(shuttle(), wanted, Effort(FAST, Silent()), None)
    search.size, search.missed = aircraft, 1
    calls = 0

    def single_days(patience: int) -> tuple[()]:
        nonlocal calls
        calls += 1
        assert patience == size.PATIENCE
        search.missed = int(calls < lucky)
        return ()

    monkeypatch.setattr(search, "_single_days", single_days)
    assert search._fresh_fleets(()) == ()
    assert (calls, search.missed) == (planned, int(calls < lucky))
