"""Pooling under prices of flights: exact, against every way to board every party."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest

from router.airtaxi import pools
from router.airtaxi.pools import pooled
from router.airtaxi.relaxation import Reals
from router.airtaxi.riders import Riders

CELLS = 5


def riders(rows: list[tuple[int, int, int, int, float]]) -> Riders:
    """Return riders of one corridor: first, last, party, solo, cost of a cell of waiting."""
    table = np.array([row[:4] for row in rows], np.int32).reshape(-1, 4)
    columns = [np.ascontiguousarray(table[:, k]) for k in range(4)]
    return {
        "queue_from": np.array([0, len(rows)], np.int32),
        "queue": np.arange(len(rows), dtype=np.int32),
        "first": columns[0],
        "last": columns[1],
        "party": columns[2],
        "solo": columns[3],
        "wait": np.array([row[4] for row in rows], np.float64),
    }


def carried(
    given: Riders, worth: Reals, price: Reals, seats: list[int], flights: dict[int, list[int]]
) -> float:
    """Return what flights earn less the cheapest seats for each; -inf where it cannot be."""
    total = 0.0
    for flight, aboard in flights.items():
        cell = flight // len(worth)
        sizes = [int(given["party"][p]) for p in aboard]
        shared = [p for p in aboard if given["party"][p] > 0]
        if len(shared) > 1 and any(given["solo"][p] for p in shared):
            return -np.inf
        fits = [price[s, 0, cell] for s, most in enumerate(seats) if sum(sizes) <= most]
        if not fits:
            return -np.inf
        for p in aboard:
            total += worth[p] - given["wait"][p] * (cell - given["first"][p])
        total -= min(fits)
    return total


def best_by_hand(given: Riders, worth: Reals, price: Reals, seats: list[int]) -> float:
    """Return the best pooling by trying all: each party stays or boards one of some flights."""
    count = len(worth)
    choices = [
        [-1, *(t * count + n for t in range(a, b + 1) for n in range(count))]
        for a, b in zip(given["first"], given["last"], strict=True)
    ]
    best = 0.0
    for choice in product(*choices):
        flights: dict[int, list[int]] = {}
        for p, flight in enumerate(choice):
            if flight >= 0:
                flights.setdefault(flight, []).append(p)
        best = max(best, carried(given, worth, price, seats, flights))
    return best


@pytest.mark.parametrize("seed", range(30))
def test_poolings_are_the_best_of_all(seed: int) -> None:
    """Up to four parties, five cells, flights of two and four seats at random prices."""
    lot = random.Random(seed)
    rows = []
    for _ in range(lot.randint(1, 4)):
        first = lot.randint(0, 3)
        last = min(CELLS - 1, first + lot.randint(0, 2))
        solo = int(lot.random() < 0.2)
        rows.append((first, last, lot.randint(1, 3), solo, float(lot.choice([0, 1]))))
    given = riders(rows)
    worth = np.array([float(lot.randint(5, 20)) for _ in rows])
    seats = [2, 4]
    price = np.array([[[float(lot.randint(0, 25)) for _ in range(CELLS)]] for _ in seats])
    found, held = pooled(given, worth, np.array(seats, np.int32), np.full(price.shape, 1e6))
    assert held == [True]
    best = found.sweep(price)[0]
    assert best == pytest.approx(best_by_hand(given, worth, price, seats))
    bought = np.zeros(price.shape, np.int32)
    found.trace(price, bought)
    again = found.sweep(price + 0.001)[0]
    assert best - again <= 0.001 * bought.sum() + 1e-9


def test_two_pairs_wait_for_one_flight() -> None:
    """Pairs worth 10 each, one at 0 to 2 and one at 2 to 4: both leave in cell 2.

    A flight of 6 carries both: 20 - 6, less 2 cells of waiting at 1.
    """
    given = riders([(0, 2, 2, 0, 1.0), (2, 4, 2, 0, 1.0)])
    price = np.full((1, 1, CELLS), 6.0)
    found, _ = pooled(given, np.array([10.0, 10.0]), np.array([4], np.int32), price + 100)
    bought = np.zeros(price.shape, np.int32)
    assert found.sweep(price)[0] == pytest.approx(12)
    found.trace(price, bought)
    assert bought[0, 0].tolist() == [0, 0, 1, 0, 0]


def test_crowded_corridors_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two parties of one class wait in three cells of five: 3 + 3 + 3 + 1 + 1 states, 2.2 each."""
    given = riders([(0, 2, 1, 0, 1.0), (0, 2, 1, 0, 1.0)])
    price = np.full((1, 1, CELLS), 6.0)
    args = given, np.array([10.0, 10.0]), np.array([4], np.int32), price
    monkeypatch.setattr(pools, "MOST_STATES", 2.3)
    assert pooled(*args)[1] == [True]
    monkeypatch.setattr(pools, "MOST_STATES", 2.1)
    found, held = pooled(*args)
    assert held == [False]
    assert found.sweep(price).tolist() == [0.0]
