"""Lost passengers against hand-made numbers and a whole integer programme."""

import numpy as np
import pytest

from router.airtaxi.fleet_size.check import check_fleet
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


@pytest.mark.parametrize("seed", range(12))
def test_programmes_prove_at_least_what_the_relaxed_flow_does(seed: int) -> None:
    """And never more than the whole flow loses; subgradients alone stay below both."""
    rng = np.random.default_rng(seed)
    network = shuttle(minutes=tuple(rng.choice((3, 5, 7, 10), 4)))
    passengers = np.zeros((2, 13), np.int32)
    passengers[:, 2:10] = rng.integers(0, 10, (2, 8)) * (rng.random((2, 8)) < 0.5)
    optimum = flow_oracle(network, passengers, seats=4, fleet=2)
    relaxed = flow_oracle(network, passengers, seats=4, fleet=2, whole=False)
    bound = SpillBound(network, passengers, 4, 2)
    bound.improve(3, int(passengers.sum()), lambda: False)
    subgradient = bound.value
    bound.prove((), int(passengers.sum()), lambda: 60.0)
    assert bound.best
    assert subgradient <= bound.value <= optimum + 1e-6
    assert bound.passengers_lost >= relaxed - 1e-6
    assert bound.programme is not None
    lost = float(passengers.sum()) - bound.programme.reward
    assert relaxed - 1e-6 <= lost <= optimum + 0.01
