"""Windows of the day, against every day of one aircraft."""

import numpy as np
import pytest

from router.airtaxi.fleet_size.check import check_fleet
from router.airtaxi.fleet_size.demand import Demand
from router.airtaxi.fleet_size.follow import Day, follow
from router.airtaxi.fleet_size.network import Ints, Network, flown
from router.airtaxi.fleet_size.window import Window
from router.exact.fleet_flow import dive
from tests.airtaxi.fleet_size.tiny import shuttle

State = tuple[int, int, int]


def forever() -> float:
    """Return plenty of time."""
    return 60.0


def most(network: Network, wanted: Ints, start: State, end: State, seats: int) -> float:
    """Return the most passengers of any way from one state to another, -inf where there is none."""
    if start[0] > end[0]:
        return -np.inf
    step, site, level = start
    best = 0.0 if (step, site) == end[:2] and level >= end[2] else -np.inf
    if step < end[0]:
        best = max(best, most(network, wanted, (step + 1, site, level), end, seats))
    for arc in network.charges_from(site, level):
        if step + arc.steps >= arc.earliest_end:
            after = (step + arc.steps, site, arc.to)
            best = max(best, most(network, wanted, after, end, seats))
    for number, leg in enumerate(network.legs):
        steps, burn = int(leg.steps[step]), int(leg.burn[step])
        if leg.origin == site and 0 < steps <= end[0] - step and burn <= level:
            after = (step + steps, leg.destination, level - burn)
            carried = min(seats, int(wanted[number, step]))
            best = max(best, carried + most(network, wanted, after, end, seats))
    return best


@pytest.mark.parametrize("seed", range(10))
def test_a_window_of_one_aircraft_finds_the_best_way_through_it(seed: int) -> None:
    """Between its own states at the ends of the window, whatever it does outside."""
    rng = np.random.default_rng(seed)
    network = shuttle(minutes=tuple(rng.choice((3, 5, 7, 10), 4)))
    wanted = np.zeros((2, 13), np.int32)
    wanted[:, :11] = rng.integers(0, 5, (2, 11)) * (rng.random((2, 11)) < 0.7)
    demand = Demand(wanted, 4)
    start = follow(network, Day(0, 3, [(0, int(rng.integers(0, 3)))]))
    assert start is not None
    first, last = int(rng.integers(0, 4)), int(rng.integers(7, 13))
    window = Window(network, (start,), demand, first, last)
    ends = [
        (code // 10, code // 5 % 2, code % 5)
        for code in (int(window.entries[0]), int(window.exits[0]))
    ]
    best = most(network, wanted, ends[0], ends[1], 4)
    assert best >= window.earned
    made = window.near_best(forever)
    assert (made is None) == (best == window.earned)
    if made is not None:
        found = dive(made.flow, forever, best, careful=True)
        assert found is not None
        assert made.flow.earned(found) == best
        (day,) = made.days(found)
        path = follow(network, day)
        assert path is not None
        assert check_fleet(network, (path,)) == check_fleet(network, (start,))
        lost = demand.lost(flown(network, (start,)))
        assert demand.lost(flown(network, (path,))) == lost - (best - window.earned)
