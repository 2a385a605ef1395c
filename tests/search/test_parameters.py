"""Parameters of the search: what is no share, and what weighs less than nothing, is refused."""

from __future__ import annotations

from math import inf, nan

import pytest

from router.search.parameters import Parameters


@pytest.mark.parametrize("value", [-0.1, 1.1, nan])
@pytest.mark.parametrize("name", ["open_rate", "blink_rate", "shrink_rate", "refit_rate"])
def test_rates_are_shares(name: str, value: float) -> None:
    """Below 0, above 1 and no number at all."""
    with pytest.raises(ValueError, match=r"must be (a share|shares)"):
        Parameters(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [-1.0, inf, nan])
@pytest.mark.parametrize("name", ["crowd", "appeal"])
def test_weights_are_not_negative(name: str, value: float) -> None:
    """They are multiplied by the temperature and become whole numbers."""
    with pytest.raises(ValueError, match=f"{name} must be"):
        Parameters(**{name: value})  # type: ignore[arg-type]


def test_the_ends_of_the_ranges_are_valid() -> None:
    """0 and 1 are shares; a route may weigh nothing, or much."""
    assert Parameters(tail_rate=0.0, crowd=0.0) == Parameters()
    assert Parameters(tail_rate=1.0, crowd=50.0).crowd == 50.0
