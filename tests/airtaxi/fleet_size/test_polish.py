"""Days as flows: dives over the whole day, and windows."""

import numpy as np
import pytest

from router.airtaxi.fleet_size.check import check_fleet
from router.airtaxi.fleet_size.demand import Demand
from router.airtaxi.fleet_size.follow import Day, follow
from router.airtaxi.fleet_size.network import Path, flown
from router.airtaxi.fleet_size.polish import dive_day, improve_windows
from tests.airtaxi.fleet_size.tiny import flow_oracle, shuttle


def forever() -> float:
    """Return plenty of time."""
    return 60.0


def idle(site: int) -> Path:
    """Return the day of an aircraft that stays, full."""
    return Path(site, 4, site, 4, np.empty((0, 4), np.int32))


def test_a_stay_is_charged_as_far_as_it_lasts() -> None:
    """Levels take 1, 1, 2 and 4 steps, a flight burns two of the four.

    Of the four steps between the flights the third level needs two, the fourth
    would need four; after the second flight one step brings one level.
    """
    path = follow(shuttle(), Day(0, 4, [(0, 2), (1, 8)]))
    assert path is not None
    assert path.moves.tolist() == [[2, 0, 4, 2], [5, -1, 7, 3], [8, 1, 10, 1], [10, -1, 11, 2]]


@pytest.mark.parametrize("departures", [[(1, 2)], [(0, 2), (1, 3)], [(0, 11)]])
def test_days_that_cannot_be_flown_have_no_path(departures: list[tuple[int, int]]) -> None:
    """From the other site; before landing; without time to land."""
    assert follow(shuttle(), Day(0, 4, departures)) is None


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("seed", range(6))
def test_windows_and_dives_never_beat_the_optimum(seed: int, threads: int) -> None:
    """Two aircraft that stay all day are put to work; the checker agrees."""
    rng = np.random.default_rng(seed)
    network = shuttle(minutes=tuple(rng.choice((3, 5, 7, 10), 4)))
    passengers = np.zeros((2, 13), np.int32)
    passengers[:, 2:10] = rng.integers(0, 5, (2, 8)) * (rng.random((2, 8)) < 0.5)
    demand = Demand(passengers, 4)
    optimum = flow_oracle(network, passengers, seats=4, fleet=2)
    start = (idle(0), idle(1))
    widths = (6, 9, 12)
    better = improve_windows(network, start, demand, 0, rng, forever, widths, threads)
    assert check_fleet(network, better) == ()
    lost = demand.lost(flown(network, better))
    assert optimum <= lost <= demand.lost(flown(network, start))
    again = dive_day(network, better, demand, 2, lost, forever)
    assert again is not None
    assert check_fleet(network, again) == ()
    assert optimum <= demand.lost(flown(network, again)) <= lost


def test_windows_keep_the_morning_and_the_evening() -> None:
    """An aircraft that starts full cannot fly: four levels need eight of the twelve steps."""
    passengers = np.zeros((2, 13), np.int32)
    passengers[0, 3], passengers[0, 4] = 4, 3
    demand = Demand(passengers, 4)
    rng = np.random.default_rng(1)
    better = improve_windows(shuttle(), (idle(0),), demand, 3, rng, forever)
    assert demand.lost(flown(shuttle(), better)) == 7
