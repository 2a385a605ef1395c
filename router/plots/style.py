"""One look for every picture: colours, type, titles, clock axes, saving.

Colours are those of Okabe and Ito (2008), which people with any form of
colour blindness tell apart; meaning never hangs on colour alone: width, hatch,
dashes or a label say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from router.formats.files import replacing

BLUE = "#0072B2"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
INK = "#1F2933"
MUTED = "#5B6776"
FAINT = "#D5DAE0"
PALE = "#EEF1F4"
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, "#7A5C00", "#444444")
"""For things that differ only by name, in this order."""

DOTS_PER_INCH = 130
MARGIN_IN = 0.45
HEAD_IN = 0.95
FOOT_IN = 0.75

LOOK: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": MUTED,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": PALE,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "hatch.linewidth": 0.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}

P = ParamSpec("P")


def styled(make: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make a function that draws a figure draw it in the common look."""

    @wraps(make)
    def in_look(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(LOOK):
            return make(*args, **kwargs)

    return in_look


def sheet(width: float, height: float, headline: str, subtitle: str, source: str) -> Figure:
    """Return an empty figure of that many inches with its texts in place."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    left = MARGIN_IN / width
    figure.text(left, 1 - 0.30 / height, headline, fontsize=15, fontweight="bold", va="center")
    figure.text(left, 1 - 0.60 / height, subtitle, fontsize=10, color=MUTED, va="center")
    figure.text(left, 0.18 / height, source, fontsize=7.5, color=MUTED, va="center")
    figure.subplots_adjust(
        left=left,
        right=1 - MARGIN_IN / width,
        top=1 - HEAD_IN / height,
        bottom=FOOT_IN / height,
    )
    return figure


def save(figure: Figure, path: str | Path) -> None:
    """Write the figure as PNG, whole or not at all; the same figure gives the same bytes."""
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})


def clock(seconds: float) -> str:
    """Return a moment of the day, e.g. ``06:45``; the next day continues at ``24:00``."""
    minutes = round(seconds / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def clock_axis(axes: Axes, start: float, end: float, step_hours: float | None = None) -> None:
    """Make the x axis, in seconds, a clock with about ten labels and faint lines."""
    hours = (end - start) / 3600
    step = step_hours or next((s for s in (0.25, 0.5, 1, 2, 3, 4, 6, 12) if hours / s <= 12), 24)
    axes.set_xlim(start, end)
    axes.xaxis.set_major_locator(MultipleLocator(step * 3600))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: clock(value)))
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def thousands(value: float) -> str:
    """Return a whole number with thin spaces between thousands."""
    return f"{value:,.0f}".replace(",", "\u2009")


def money(minor: int, currency: str) -> str:
    """Return an amount given in hundredths, in whole units of its currency."""
    return f"{thousands(minor / 100)} {currency}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return e.g. ``1 flight``, ``12 flights``."""
    return f"{thousands(number)} {noun if number == 1 else plural or noun + 's'}"


def short_name(name: str) -> str:
    """Return a name without what stands in brackets."""
    return re.sub(r"\s*\([^)]*\)", "", name) or name
