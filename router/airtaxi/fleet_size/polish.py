"""Better fleets from linear programmes: over the whole day, and in windows of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import itemgetter

import numpy as np

from router.airtaxi.fleet_size.demand import Demand
from router.airtaxi.fleet_size.flow import DayFlow
from router.airtaxi.fleet_size.follow import Day, follow
from router.airtaxi.fleet_size.network import Network, Path, flown
from router.airtaxi.fleet_size.window import Window
from router.exact.fleet_flow import dive

Clock = Callable[[], float]
Paths = tuple[Path, ...]

WIDTHS = (60, 100)
"""Steps of a window; wider ones once no narrower one helps."""
GRID = 10
"""Windows start at every so many steps."""
WINDOW_SECONDS = 15.0
"""Most time for one window."""


def dive_day(
    network: Network,
    pool: Sequence[Path],
    demand: Demand,
    fleet: int,
    at_most: int,
    seconds_left: Clock,
) -> Paths | None:
    """Return days of ``fleet`` aircraft that lose ``at_most`` passengers, from a pool's moves."""
    day = DayFlow.of(network, pool, demand, fleet)
    at_least = int(demand.passengers.sum()) - at_most
    found = dive(day.flow, seconds_left, at_least)
    return None if found is None else _paths(network, day.days(found))


def improve_windows(
    network: Network,
    paths: Paths,
    demand: Demand,
    goal: int,
    rng: np.random.Generator,
    seconds_left: Clock,
    widths: Sequence[int] = WIDTHS,
    threads: int = 1,
) -> Paths:
    """Plan windows of the day anew, until ``goal`` passengers are lost or none helps.

    A window in which nothing was won is not looked at again until something
    changes in it. ``threads`` windows are planned at a time, the best of them is
    kept.
    """
    with ThreadPoolExecutor(threads) as pool:
        for width in widths:
            done: set[int] = set()
            while demand.lost(flown(network, paths)) > goal and seconds_left() > 0:
                starts = sorted(_starts(network, demand, paths, width) - done)
                some = rng.permutation(starts)[:threads].tolist()
                if not some:
                    break
                plan = partial(_improve_window, network, paths, demand, width, seconds_left)
                tried = dict(zip(some, pool.map(plan, some), strict=True))
                done.update(first for first, better in tried.items() if better is None)
                won = [(demand.lost(flown(network, b)), f, b) for f, b in tried.items() if b]
                if won:
                    _, first, paths = min(won, key=itemgetter(0, 1))
                    done = {other for other in done if abs(other - first) >= width}
    return paths


def _starts(network: Network, demand: Demand, paths: Paths, width: int) -> set[int]:
    """Return where windows may start that hold a departure that is wanted."""
    _, steps = np.nonzero(demand.open(flown(network, paths)))
    latest = max(0, network.last_step - width)
    grid = np.minimum(np.arange(0, latest + GRID, GRID), latest)
    inside = (steps[:, None] > grid) & (steps[:, None] < grid + width)
    return set(grid[inside.any(axis=0)].tolist())


def _improve_window(
    network: Network, paths: Paths, demand: Demand, width: int, seconds_left: Clock, first: int
) -> Paths | None:
    """Return days that lose fewer passengers in a window, if such are found."""
    window = Window(network, paths, demand, first, min(first + width, network.last_step))
    ends = seconds_left() - WINDOW_SECONDS

    def left() -> float:
        return seconds_left() - max(0.0, ends)

    made = window.near_best(left)
    if made is None:
        return None
    found = dive(made.flow, left, window.earned + 1, careful=True)
    days = None if found is None else _paths(network, made.days(found))
    return None if days is None else (*days, *window.fixed)


def _paths(network: Network, days: Sequence[Day]) -> Paths | None:
    made = [follow(network, day) for day in days]
    flyable = tuple(path for path in made if path is not None)
    return flyable if len(flyable) == len(made) else None
