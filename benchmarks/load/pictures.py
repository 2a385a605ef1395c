"""Pictures of a load benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

SIZE = (7.0, 4.0)


def curves(path: Path, label: str, values: Mapping[str, Sequence[float]]) -> None:
    """Draw what share of the calls took at most how long, on a scale of tenfolds."""
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot(xscale="log", xlabel=label, ylabel="share of calls", ylim=(0, 1.02))
    for name, series in values.items():
        ordered = np.sort(series)
        shares = np.arange(1, len(ordered) + 1) / max(1, len(ordered))
        axes.step(ordered, shares, where="post", label=name)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.savefig(path)


def lines(
    path: Path,
    labels: tuple[str, str],
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
) -> None:
    """Draw values over time, each series as (times, values)."""
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot(xlabel=labels[0], ylabel=labels[1])
    for name, (times, values) in series.items():
        axes.plot(times, values, label=name)
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.savefig(path)
