"""Travel objects compare by value, arrays included."""

from collections.abc import Callable

import numpy as np
import pytest

from router.matrix import Euclidean, GreatCircle, Matrix, RoundMode, Travel


def _line(end: float = 4.0) -> Euclidean:
    return Euclidean(np.array([0.0, 3.0]), np.array([0.0, end]))


def _full(last: int = 0) -> Matrix:
    return Matrix(np.array([[0, 1], [2, last]]), np.array([[0, 1], [2, 0]]))


@pytest.mark.parametrize("make", [_line, _full])
def test_equal_by_value(make: Callable[..., Travel]) -> None:
    """Same fields, same travel."""
    assert make() == make()
    assert make() != make(7)


def test_kinds_and_scalars_tell_apart() -> None:
    """Another class, mode or length of an array makes another travel."""
    line = _line()
    assert line != GreatCircle(line.xs, line.ys, metres_per_second=1.0)
    assert line != Euclidean(line.xs, line.ys, mode=RoundMode.FLOOR)
    assert line != Euclidean(line.xs, line.ys[:1])
    assert line != "a line"
