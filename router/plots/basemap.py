"""A schematic map without any map service: outlines, scale bar, north arrow.

The outlines of Almaty, Alatau and the districts around them come with the
package (``data/almaty_region.geojson``, CC BY 4.0, attribution inside); they
show where the map lies over them and are left out elsewhere.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from matplotlib.path import Path
from numpy.typing import NDArray

from router.plots.style import INK, MUTED

KM_PER_DEGREE = 111.195
"""Length of a degree of latitude on the mean sphere, km."""
LAND = "#F6F4EF"
CITY = "#E9E4D8"
BORDER = "#D9D3C4"
LEAST_SEEN = 0.02
"""Areas that fill less of the map than this share go without a name."""
ELONGATED = 1.8
"""Maps this much taller than wide are turned so that north is to the right."""

SCALE_BAR = (0.23, 34.0)
"""Room that labels leave to the scale bar: share of the width, and points."""

Point = tuple[float, float]
HALO = [patheffects.withStroke(linewidth=2.4, foreground="white")]


@dataclass(frozen=True, slots=True)
class Projection:
    """Equirectangular around a point, in km; exact enough for a region.

    ``turned`` puts north to the right and east down. ``planar`` leaves
    coordinates as they are.
    """

    lon: float = 0.0
    lat: float = 0.0
    turned: bool = False
    planar: bool = False

    @classmethod
    def around(cls, points: Sequence[Point], *, may_turn: bool = False) -> Projection:
        """Return the projection around the middle of (lon, lat) points."""
        lons, lats = [p[0] for p in points], [p[1] for p in points]
        lon, lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
        width = (max(lons) - min(lons)) * math.cos(math.radians(lat))
        turned = may_turn and max(lats) - min(lats) > ELONGATED * width
        return cls(lon, lat, turned)

    def __call__(self, lon: float, lat: float) -> Point:
        """Return the place of a point on the sheet."""
        if self.planar:
            return lon, lat
        east = (lon - self.lon) * KM_PER_DEGREE * math.cos(math.radians(self.lat))
        north = (lat - self.lat) * KM_PER_DEGREE
        return (north, -east) if self.turned else (east, north)


@cache
def _outlines() -> tuple[tuple[tuple[str, str, NDArray[np.float64]], ...], str]:
    """Return (name, kind, ring of lon and lat) of each outline, and its source."""
    text = files("router.plots").joinpath("data/almaty_region.geojson").read_text("utf-8")
    data = json.loads(text)
    rings = (
        (f["properties"]["name"], f["properties"]["kind"], np.array(polygon[0]))
        for f in data["features"]
        for polygon in f["geometry"]["coordinates"]
    )
    return tuple(rings), str(data["attribution"])


def frame(axes: Axes, points: Iterable[Point], margin: float = 0.12) -> None:
    """Show all points with a margin, at equal scale, filling the axes' box."""
    places = list(points)
    xs, ys = [p[0] for p in places], [p[1] for p in places]
    box, size = axes.get_position(), axes.get_figure(root=True)
    assert size is not None
    wide, high = size.get_size_inches()
    ratio = (box.width * wide) / (box.height * high)
    width = max(max(xs) - min(xs), 1e-9) * (1 + 2 * margin)
    height = max(max(ys) - min(ys), 1e-9) * (1 + 2 * margin)
    width, height = max(width, height * ratio), max(height, width / ratio)
    middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    axes.set_xlim(middle[0] - width / 2, middle[0] + width / 2)
    axes.set_ylim(middle[1] - height / 2, middle[1] + height / 2)
    axes.set_aspect("equal")


def backdrop(axes: Axes, projection: Projection, places: Iterable[Point] = ()) -> str:
    """Draw what lies under the map; return whose data it is, empty if nobody's.

    Call after :func:`frame`, since only what is in view is drawn. Names of
    areas keep off ``places``.
    """
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(BORDER)
    axes.set_facecolor(LAND)
    if projection.planar:
        return ""
    taken = np.array(list(places)).reshape(-1, 2)
    drawn = [_outline(axes, projection, taken, *outline) for outline in _outlines()[0]]
    _scale_bar(axes)
    _north(axes, projection)
    return _outlines()[1] if any(drawn) else ""


def _outline(
    axes: Axes,
    projection: Projection,
    taken: NDArray[np.float64],
    name: str,
    kind: str,
    ring: NDArray[np.float64],
) -> bool:
    places = np.array([projection(lon, lat) for lon, lat in ring])
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    inside = (
        (places[:, 0] > left)
        & (places[:, 0] < right)
        & (places[:, 1] > low)
        & (places[:, 1] < high)
    )
    if not inside.any():
        return False
    city = kind == "city"
    fill = CITY if city else "none"
    axes.add_patch(Polygon(places, facecolor=fill, edgecolor=BORDER, linewidth=0.8, zorder=0.5))
    middle = _middle_in_view(axes, places, taken)
    if middle is not None:
        looks: dict[str, Any] = {"fontsize": 9, "color": "#8B8269", "ha": "center", "va": "center"}
        text = name.upper() if city else name
        axes.text(*middle, text, zorder=0.8, clip_on=True, **looks)
    return True


def _middle_in_view(
    axes: Axes, ring: NDArray[np.float64], taken: NDArray[np.float64]
) -> Point | None:
    """Return a place near the middle of what is seen of a ring, off the places taken.

    ``None`` if little of it is seen.
    """
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    xs, ys = np.meshgrid(np.linspace(left, right, 26)[2:-2], np.linspace(low, high, 26)[1:-1])
    points = np.column_stack([xs.ravel(), ys.ravel()])
    inside = points[Path(ring).contains_points(points)]
    if len(inside) < LEAST_SEEN * len(points):
        return None
    merit = -0.3 * np.hypot(*(inside - inside.mean(axis=0)).T)
    if len(taken):
        apart = np.hypot(*(inside[:, None] - taken[None]).transpose(2, 0, 1)).min(axis=1)
        merit += np.minimum(apart, 0.12 * (right - left))
    x, y = inside[merit.argmax()]
    return float(x), float(y)


def _scale_bar(axes: Axes) -> None:
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    width = right - left
    length = next(
        (n for n in (500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2) if n <= width / 5), 0.1
    )
    x, y = left + 0.02 * width, low + 0.035 * (high - low)
    axes.plot([x, x + length], [y, y], color=INK, linewidth=2.2, solid_capstyle="butt", zorder=9)
    label = f"{length:g} km"
    axes.annotate(
        label, (x + length / 2, y), (0, 3), textcoords="offset points", ha="center", fontsize=8
    )


def _north(axes: Axes, projection: Projection) -> None:
    tail, tip = (
        ((0.945, 0.06), (0.985, 0.06)) if projection.turned else ((0.975, 0.04), (0.975, 0.12))
    )
    axes.annotate(
        "N",
        xy=tip,
        xytext=tail,
        xycoords="axes fraction",
        textcoords="axes fraction",
        ha="center",
        va="center",
        fontsize=9,
        fontweight="bold",
        color=MUTED,
        arrowprops={"arrowstyle": "-|>", "color": MUTED, "linewidth": 1.4},
    )


def arc(start: Point, end: Point, bulge: float, points: int = 40) -> NDArray[np.float64]:
    """Return a curve between two places that keeps to the right of its direction.

    A quadratic Bézier curve whose middle lies ``bulge / 2`` times the length
    to the right; the two directions of a pair therefore never cover each other.

    Returns
    -------
    Array of shape (points, 2).
    """
    a, b = np.array(start), np.array(end)
    along = b - a
    control = (a + b) / 2 + bulge * np.array([along[1], -along[0]])
    t = np.linspace(0, 1, points)[:, None]
    curve: NDArray[np.float64] = (1 - t) ** 2 * a + 2 * t * (1 - t) * control + t**2 * b
    return curve


class Labels:
    """Writes texts where they cover each other least, in the order given.

    Sizes are estimated from the font's size, which is exact enough to keep
    texts apart; nothing is measured by drawing.
    """

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        figure = axes.get_figure(root=True)
        assert figure is not None
        self._points_per_pixel = 72 / figure.dpi
        left, low, right, _ = (edge * self._points_per_pixel for edge in axes.bbox.extents)
        scale_bar = (left, low, left + SCALE_BAR[0] * (right - left), low + SCALE_BAR[1])
        self._taken: list[tuple[float, float, float, float]] = [scale_bar]

    def length(self, curve: NDArray[np.float64]) -> float:
        """Return how long a curve is on the sheet, in points."""
        seen = self._axes.transData.transform(curve) * self._points_per_pixel
        return float(np.hypot(*np.diff(seen, axis=0).T).sum())

    def keep_free(self, place: Point, radius: float) -> None:
        """Keep texts off a mark of ``radius`` points."""
        self._taken.append(self._box(place, (0, 0), 2 * radius, 2 * radius))

    def write(
        self, text: str, candidates: Sequence[tuple[Point, Point]], size: float = 8.5, **looks: Any
    ) -> None:
        """Write ``text`` centred at the best of the (place, offset in points) given.

        Earlier candidates win ties.
        """
        lines = text.split("\n")
        width = 0.62 * size * max(len(line) for line in lines)
        height = 1.3 * size * len(lines)
        boxes = [self._box(place, offset, width, height) for place, offset in candidates]
        costs = [self._outside(b) + sum(_overlap(b, other) for other in self._taken) for b in boxes]
        best = min(range(len(boxes)), key=lambda i: costs[i])
        self._taken.append(boxes[best])
        place, offset = candidates[best]
        style: dict[str, Any] = {"ha": "center", "va": "center", "linespacing": 1.2, "zorder": 8}
        style["path_effects"] = HALO
        self._axes.annotate(
            text,
            place,
            offset,
            textcoords="offset points",
            fontsize=size,
            **(style | looks),
        )

    def _outside(self, box: tuple[float, float, float, float]) -> float:
        """Return the area of a box that lies outside the map, square points."""
        left, low, right, high = (edge * self._points_per_pixel for edge in self._axes.bbox.extents)
        return (box[2] - box[0]) * (box[3] - box[1]) - _overlap(box, (left, low, right, high))

    def _box(
        self, place: Point, offset: Point, width: float, height: float
    ) -> tuple[float, float, float, float]:
        x, y = self._axes.transData.transform(place) * self._points_per_pixel
        x, y = x + offset[0], y + offset[1]
        return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, wide) * max(0.0, high)


def around(place: Point, width: float, height: float) -> list[tuple[Point, Point]]:
    """Return candidates below, above, right and left of a mark, for a text that large."""
    return [
        (place, (0.0, -height)),
        (place, (0.0, height)),
        (place, (width, 0.0)),
        (place, (-width, 0.0)),
        (place, (width, -height)),
        (place, (-width, -height)),
        (place, (width, height)),
        (place, (-width, height)),
    ]


def along(curve: NDArray[np.float64]) -> list[tuple[Point, Point]]:
    """Return candidates on a curve, its middle first."""
    spots = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74)
    rows = [curve[round(spot * (len(curve) - 1))] for spot in spots]
    return [((float(x), float(y)), (0.0, 0.0)) for x, y in rows]
