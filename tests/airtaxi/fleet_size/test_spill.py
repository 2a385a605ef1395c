"""Lost passengers against hand-made numbers and a whole integer programme."""

import numpy as np
import pytest

from router.airtaxi.fleet_size.check import check_fleet
from router.airtaxi.fleet_size.demand import Demand
from router.airtaxi.fleet_size.polish import price_day
from router.airtaxi.fleet_size.spill import SpillBound, least_spill
from router.solving import SolveOptions
from tests.airtaxi.fleet_size.tiny import flow_oracle, shuttle

FAST = SolveOptions(seconds=2)


def test_one_aircraft_takes_the_larger_of_two_departures() -> None:
    """Four and three passengers a step apart: one aircraft of four seats loses three."""
    passengers = np.zeros((2, 13), np.int32)
    passengers[0, 3], passengers[0, 4] = 4, 3
    found = least_spill(shuttle(), passengers, 4, 1, FAST)
    assert (found.lost, found.bound, found.gap) == (3, 3, 0.0)


def test_no_aircraft_loses_everybody() -> None:
    """Without a fleet the bound is everybody too."""
    passengers = np.full((2, 13), 2, np.int32)
    passengers[:, 11:] = 0
    found = least_spill(shuttle(), passengers, 4, 0, FAST)
    assert found.lost == passengers.sum() == found.bound


@pytest.mark.parametrize("seed", range(6))
def test_spill_encloses_the_whole_integer_programme(seed: int) -> None:
    """The bound is never above the optimum, the plan never below."""
    rng = np.random.default_rng(seed)
    network = shuttle(minutes=tuple(rng.choice((3, 5, 7, 10), 4)))
    passengers = np.zeros((2, 13), np.int32)
    passengers[:, 2:10] = rng.integers(0, 5, (2, 8)) * (rng.random((2, 8)) < 0.5)
    optimum = flow_oracle(network, passengers, seats=4, fleet=2)
    found = least_spill(network, passengers, 4, 2, FAST)
    assert check_fleet(network, found.paths) == ()
    assert found.bound <= optimum <= found.lost


@pytest.mark.parametrize("seed", range(6))
def test_prices_from_elsewhere_prove_no_more_than_is_true(seed: int) -> None:
    """Prices drawn by lot and those of a linear programme over some paths, and paths from them."""
    rng = np.random.default_rng(seed)
    network = shuttle(minutes=tuple(rng.choice((3, 5, 7, 10), 4)))
    passengers = np.zeros((2, 13), np.int32)
    passengers[:, 2:10] = rng.integers(0, 5, (2, 8)) * (rng.random((2, 8)) < 0.5)
    optimum = flow_oracle(network, passengers, seats=4, fleet=2)
    bound = SpillBound(network, passengers, 4, 2)
    pool = bound.consider(rng.uniform(0, 4, passengers.shape), rng)
    assert bound.value <= optimum + 1e-6
    for _ in range(5):
        priced = price_day(network, pool, Demand(passengers, 4), 2, lambda: 10.0)
        assert priced is not None
        prices, lost = priced
        pool += bound.consider(prices, rng)
        assert bound.value <= lost + 1e-6
        assert bound.value <= optimum + 1e-6
    assert bound.passengers_lost >= optimum - 2
