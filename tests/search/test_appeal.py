"""While a search is hot, what is left out weighs more than its prize."""

from __future__ import annotations

import pytest

from router._core import RouteSearch
from router.search.parameters import Parameters
from tests.search.test_refit import BOTH
from tests.search.test_swap_tails import between_depots
from tests.search.test_tails import FOREVER

ALL = 1000
"""Iterations from hot to cold."""


def engine(appeal: float, prize: int) -> RouteSearch:
    """Start with a required stop at 10 and an optional one at 30, which costs 40 more."""
    goods = [{"deliver": (1,)}, {"deliver": (1,), "prize": prize}]
    van = BOTH | {"capacity": (2,)}
    arrays = between_depots([10, 30], goods, a=van, b=van).arrays
    search = RouteSearch(arrays, Parameters(appeal=appeal, blink_rate=0.0), 1)
    search.construct(FOREVER)
    return search


def run(search: RouteSearch, until: int) -> None:
    """Cool from 100 to 1 over all iterations, and stop after some."""
    search.run(FOREVER, until, 0.0, 1.0, ALL, 100.0, 1.0)


@pytest.mark.parametrize(("appeal", "served"), [(0.0, 1), (1.0, 2)])
def test_what_does_not_pay_is_served_while_hot(appeal: float, served: int) -> None:
    """39 lost or 40 more to drive; a route so short doubles what it weighs beyond its prize."""
    search = engine(appeal, prize=39)
    run(search, 50)
    assert search.served == served
    run(search, ALL)
    assert search.served == 1
    assert search.cost == search.best_cost == 20 + 39


def test_what_pays_is_served_in_the_end() -> None:
    """41 lost or 40 more to drive."""
    search = engine(1.0, prize=41)
    run(search, ALL)
    assert search.served == 2
    assert search.cost == search.best_cost == 60
