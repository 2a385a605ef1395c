"""The picture of simulated days shows what they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.patches import Rectangle

from router.airtaxi.simulation import Uncertainty, simulate
from router.plots import simulation
from tests.airtaxi.days import DAY, PLAN
from tests.plots.png import size_of


def test_six_panels_of_days() -> None:
    """Ten days without chance: all on time, worth 0.00001923 million tenge, as planned."""
    made = simulate(DAY, PLAN, Uncertainty(), days=10)
    axes = simulation.figure(made, "tiny", "KZT").axes
    assert len(axes) == 6
    bars = [p for p in axes[0].patches if isinstance(p, Rectangle)]
    assert max(p.get_height() for p in bars) == 10
    planned = axes[5].get_lines()[0].get_xdata()
    assert np.allclose(planned, 1923 / 1e8)
    (delay, waiting, _) = axes[2].get_lines()
    assert np.allclose(delay.get_xdata(), 0)
    assert np.allclose(np.max(waiting.get_xdata()), 220 / 60)


def test_it_is_written_whole(tmp_path: Path) -> None:
    """A PNG, the same bytes for the same days; days on which nothing flies are drawn too."""
    made = simulate(DAY, PLAN, Uncertainty(late_share=0.5, late_s=300), days=3)
    for name in ("a.png", "b.png"):
        simulation.draw(made, "tiny", "KZT", tmp_path / name)
    assert size_of(tmp_path / "a.png")[0] > 1000
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    shut = Uncertainty(closures_a_day=1e5, closure_s=1e5)
    simulation.draw(simulate(DAY, PLAN, shut, days=2), "tiny", "KZT", tmp_path / "none.png")
    assert size_of(tmp_path / "none.png")[0] > 1000
