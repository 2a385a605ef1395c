"""The picture of two days shows what their plans say."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from router.airtaxi.compare import Comparison, compare
from router.plots import comparison
from router.solving import SolveOptions
from tests.airtaxi.plan.scenes import FAST, day, port, tail, trip
from tests.plots.png import size_of


def made() -> Comparison:
    """Return one aircraft against two, with two parties that leave A at once."""
    rides = tuple(trip(n, "A", "B", 1000, may_share=False) for n in ("t1", "t2"))
    ports = (port("A", chargers=(FAST,), power_limit_w=400_000), port("B"))
    problem = day(trips=rides, vertiports=ports, aircraft=(tail(soc_wh=60_000),))
    return compare(problem, None, ["fleet=2"], SolveOptions(seconds=20, max_iterations=50))


def test_six_panels_show_both_sides() -> None:
    """Values of 9,000 and 18,000 tiyin are bars of 0.00009 and 0.00018 million tenge."""
    pair = made()
    axes = comparison.figure(pair).axes
    assert len(axes) == 6
    rows = [label.get_text() for label in axes[0].get_yticklabels()]
    bars = [p.get_width() for p in axes[0].patches]
    values = [bars[i * len(rows) + rows.index("value")] for i in range(2)]
    assert np.allclose(values, [9e-5, 18e-5])
    shares = [p.get_width() for p in axes[3].patches]
    assert shares[0] == 50
    assert shares[4] == 100
    limits = [line for line in axes[5].get_lines() if line.get_ydata()[0] == 400]  # type: ignore[index]
    assert len(limits) == 2


def test_it_is_written_whole(tmp_path: Path) -> None:
    """A PNG, the same bytes for the same comparison."""
    pair = made()
    comparison.draw(pair, tmp_path / "a.png")
    comparison.draw(pair, tmp_path / "b.png")
    assert size_of(tmp_path / "a.png")[0] > 1000
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_days_without_flights_are_drawn(tmp_path: Path) -> None:
    """No trips, no chargers, nothing to wait for."""
    comparison.draw(
        compare(day(), day(), (), SolveOptions(seconds=5, max_iterations=5)), tmp_path / "n.png"
    )
    assert size_of(tmp_path / "n.png")[0] > 1000
