"""Maps keep distances, turn where it helps, and tell whose outlines they show."""

from __future__ import annotations

import numpy as np
import pytest

from router.geo import great_circle_m
from router.plots import style
from router.plots.basemap import Labels, Projection, arc, around, backdrop, frame


def test_projection_keeps_distances() -> None:
    """Airport to Golden is 20.9 km on the earth; on the sheet within 0.1 %."""
    airport, golden = (77.0405, 43.3521), (77.03, 43.54)
    project = Projection.around([airport, golden])
    a, b = project(*airport), project(*golden)
    true = great_circle_m(airport[1], airport[0], golden[1], golden[0]) / 1000
    assert np.hypot(a[0] - b[0], a[1] - b[1]) == pytest.approx(true, rel=1e-3)


def test_tall_maps_are_turned_north_to_the_right() -> None:
    """Almaty to Konaev runs north: turned, Konaev lies to the right, east below."""
    project = Projection.around([(76.95, 43.24), (77.07, 43.87)], may_turn=True)
    assert project.turned
    assert project(77.0, 43.9)[0] > project(77.0, 43.2)[0]
    assert project(77.1, 43.5)[1] < project(76.9, 43.5)[1]


def test_arcs_keep_to_the_right() -> None:
    """From west to east the arc runs below, the way back above."""
    there, back = arc((0, 0), (10, 0), 0.4), arc((10, 0), (0, 0), 0.4)
    assert there[20, 1] < 0 < back[20, 1]
    assert there[0].tolist() == [0, 0]
    assert there[-1].tolist() == [10, 0]


def test_outlines_are_credited_only_where_shown() -> None:
    """Around Almaty the map names its source; in the ocean it has none."""
    for places, shown in (([(76.9, 43.2), (77.1, 43.4)], True), ([(0.0, 0.0), (0.2, 0.2)], False)):
        figure = style.sheet(6, 6, "", "", "")
        axes = figure.add_subplot()
        project = Projection.around(places)
        frame(axes, [project(*place) for place in places])
        assert bool(backdrop(axes, project)) is shown


def test_labels_avoid_each_other() -> None:
    """The second label at the same mark takes another place than the first."""
    figure = style.sheet(6, 6, "", "", "")
    axes = figure.add_subplot()
    frame(axes, [(0, 0), (1, 1)])
    labels = Labels(axes)
    for _ in range(2):
        labels.write("Name", around((0.5, 0.5), 20, 12))
    first, second = axes.texts
    assert first.xyann != second.xyann  # type: ignore[attr-defined]
