"""Who wants to fly, by corridor and cell: trips and timetable flights of the bound's grid."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from router._skypath import rewards
from router.airtaxi.demand import TimetableFlight, Trip
from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.relaxation import Grid, Ints, Reals
from router.airtaxi.tables import FAR


class Riders(TypedDict):
    """The trips of a grid, as the compiled part takes them."""

    queue_from: Ints
    queue: Ints
    first: Ints
    last: Ints
    party: Ints
    solo: Ints
    wait: Reals


def riders_of(problem: AirTaxiProblem, grid: Grid) -> tuple[Riders, Reals, float]:
    """Return the trips by corridor and cell; those with stops are granted, not modelled."""
    position = {c.key: i for i, c in enumerate(problem.corridors)}
    corridor, rows, worth, wait = [], [], [], []
    gift = 0.0
    everyone: tuple[Trip | TimetableFlight, ...] = (*problem.trips, *problem.timetable)
    for r in everyone:
        c = position.get((r.origin, r.destination), -1)
        if isinstance(r, TimetableFlight):
            window, by, size, alone, cost = r.off_block, FAR, 0, 0, 0
        else:
            window, size, alone, cost = r.departure, r.party, not r.may_share, r.wait_cost_per_s
            by = r.arrive_by if r.arrive_by is not None else 2**40
            if r.max_stops > 0:
                gift += r.value
                c = -1
        first = max(0, grid.first_cell(window.start))
        last = min(grid.cells - 1, grid.cell(min(window.end, by)))
        corridor.append(c if first <= last else -1)
        rows.append((first, last, size, int(alone)))
        early = max(0, window.start - grid.start - first * grid.cell_s)
        worth.append(float(r.value + cost * early) if c >= 0 else 0.0)
        wait.append(float(cost * grid.cell_s))
    cells = np.array(rows, np.int32).reshape(-1, 4)
    queue = [p for p in np.argsort(corridor, kind="stable") if corridor[p] >= 0]
    counts = np.bincount([corridor[p] for p in queue], minlength=len(problem.corridors))
    trips: Riders = {
        "queue_from": np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
        "queue": np.array(queue, np.int32),
        "first": np.ascontiguousarray(cells[:, 0]),
        "last": np.ascontiguousarray(cells[:, 1]),
        "party": np.ascontiguousarray(cells[:, 2]),
        "solo": np.ascontiguousarray(cells[:, 3]),
        "wait": np.array(wait),
    }
    return trips, np.array(worth), gift


def earned(riders: Riders, worth: Reals, seats: int, shape: tuple[int, ...]) -> Reals:
    """Return the most worth that one flight of each corridor and cell can carry.

    Parameters
    ----------
    worth
        Of each rider in its first cell, after its price.
    seats
        Of the aircraft.
    shape
        (corridors, cells).
    """
    reward, packed = np.empty(shape), np.empty((*shape, seats + 1))
    rewards(**riders, worth=worth, seats=seats, reward=reward, packed=packed)
    return reward


def without(riders: Riders, held: list[bool]) -> Riders:
    """Return the riders with empty queues at the corridors that are held elsewhere."""
    parts = [
        riders["queue"][a : a if out else b]
        for a, b, out in zip(riders["queue_from"][:-1], riders["queue_from"][1:], held, strict=True)
    ]
    starts = np.concatenate(([0], np.cumsum([len(p) for p in parts]))).astype(np.int32)
    return {**riders, "queue_from": starts, "queue": np.concatenate([*parts, []]).astype(np.int32)}
