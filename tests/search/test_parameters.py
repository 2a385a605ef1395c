"""Parameters of the search: what is no share, and what weighs less than nothing, is refused."""

from __future__ import annotations

from math import inf, nan

import pytest

from router.search.parameters import Parameters
from router.search.problem import Feature, Kind


@pytest.mark.parametrize("value", [-0.1, 1.1, nan])
@pytest.mark.parametrize("name", ["open_rate", "blink_rate", "shrink_rate", "refit_rate"])
def test_rates_are_shares(name: str, value: float) -> None:
    """Below 0, above 1 and no number at all."""
    with pytest.raises(ValueError, match=r"must be (a share|shares)"):
        Parameters(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [-1.0, inf, nan])
@pytest.mark.parametrize("name", ["crowd", "appeal", "warm_iterations"])
def test_weights_and_counts_are_not_negative(name: str, value: float) -> None:
    """Weights are multiplied by the temperature and become whole numbers; counts have a root."""
    with pytest.raises(ValueError, match=f"{name} must be"):
        Parameters(**{name: value})  # type: ignore[arg-type]


def test_the_ends_of_the_ranges_are_valid() -> None:
    """0 and 1 are shares; a route may weigh nothing, or much."""
    assert Parameters(tail_rate=0.0, crowd=0.0) == Parameters()
    assert Parameters(tail_rate=1.0, crowd=50.0).crowd == 50.0


@pytest.mark.parametrize(
    ("stops", "neighbours"), [(2, 100), (500, 100), (800, 62), (1000, 50), (10**6, 50)]
)
def test_fewer_stops_of_shipments_have_more_neighbours(stops: int, neighbours: int) -> None:
    """50,000 in all, as long as each has 50 to 100."""
    assert Parameters.tuned(Kind.PAIRED, Feature.PAIRS, stops).neighbours == neighbours
    assert Parameters.tuned(Kind.TIMED, Feature(0), stops).neighbours == 80
