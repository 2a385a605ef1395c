"""How often parts are killed: twice by default, 200 times with ``-m slow``."""

from __future__ import annotations

import pytest

FEW, MANY = 2, 200


@pytest.fixture(
    params=[FEW, pytest.param(MANY, marks=[pytest.mark.slow, pytest.mark.timeout(5400)])]
)
def kills(request: pytest.FixtureRequest) -> int:
    """Return how often a part is killed."""
    count: int = request.param
    return count
