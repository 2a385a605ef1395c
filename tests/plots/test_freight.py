"""The pictures of a freight day show what its plans say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from router.freight.docks.plan import DockPlan
from router.freight.flows.plan import FlowPlan
from router.freight.flows.problem import Lane, Node
from router.freight.routes.plan import RoutePlan
from router.plots import doors, flows, routes
from router.solving import Cost
from tests.plots import tiny
from tests.plots.png import size_of


def kinds(figure: Figure) -> dict[str, int]:
    """Return how many artists of each named kind a figure holds."""
    found: dict[str, int] = {}
    for artist in figure.findobj():
        gid = artist.get_gid()
        if gid is not None:
            found[gid] = found.get(gid, 0) + 1
    return found


def texts(figure: Figure) -> set[str]:
    """Return every text in the axes of a figure."""
    return {text.get_text() for axes in figure.axes for text in axes.texts}


def test_doors_show_appointments_waiting_lateness_and_transfers() -> None:
    """Two appointments, one truck that waited, one that ends late, one transfer."""
    figure = doors.figure(*tiny.dock_day())
    assert kinds(figure) == {"appointment": 2, "waiting": 1, "late": 1, "transfer": 1}
    assert {"in-1", "out-1"} <= texts(figure)


def test_doors_are_closed_between_windows() -> None:
    """Windows 6-9 and 9:15-20 of a day 5-21 leave 5-6, 9-9:15 and 20-21 closed."""
    windows = tiny.dock_day()[0].doors[1].windows
    assert doors.closed(windows, 18_000, 75_600) == [
        (18_000, 21_600),
        (32_400, 33_300),
        (72_000, 75_600),
    ]
    assert doors.closed((), 0, 86_400) == []


def test_long_names_become_initials() -> None:
    """Names that do not fit keep what tells them apart."""
    assert doors.short_name("train container 12") == "TC12"
    assert doors.short_name("in-1") == "I1"


def test_lane_use_tells_carried_offered_and_most() -> None:
    """100 TEU in two trains of 62: 124 offered, three trains are 186 at most."""
    rail, road = flows.lane_uses(*tiny.flow_day())
    assert (rail.carried, rail.offered, rail.most) == (100, 124, 186)
    assert (road.carried, road.offered, road.most) == (0, 0, 2)


def test_flows_draw_used_lanes() -> None:
    """One lane is used: one arc and one bar; 100 of 124 is 81 per cent."""
    figure = flows.figure(*tiny.flow_day())
    assert kinds(figure) == {"lane": 1, "carried": 1}
    assert "81% of 2 runs" in texts(figure)


def test_routes_list_vehicles() -> None:
    """Two routes; the second carries 800 of 1,000 kg to two stops."""
    figure = routes.figure(*tiny.route_day())
    assert kinds(figure) == {"route": 2}
    assert {"van 1", "van 2", "80%", "40%", "Esik"} <= texts(figure)


def test_routes_differ_in_colour_or_dashes() -> None:
    """Twenty-four routes have twenty-four looks."""
    assert len({routes.looks(number) for number in range(24)}) == 24


@pytest.mark.parametrize(
    ("picture", "day"),
    [(doors, tiny.dock_day), (flows, tiny.flow_day), (routes, tiny.route_day)],
)
def test_files_are_png_of_the_size_expected(picture: object, day: object, tmp_path: Path) -> None:
    """13 inches at 130 dots an inch are 1690 dots."""
    picture.draw(*day(), tmp_path / "a.png")  # type: ignore[attr-defined, operator]
    assert size_of(tmp_path / "a.png")[0] == 1690


def test_empty_plans_are_drawn(tmp_path: Path) -> None:
    """Plans without appointments, flows or routes are pictures too."""
    nothing = Cost(0)
    dock_plan = DockPlan(appointments=(), cost=nothing, feasible=False)
    doors.draw(tiny.dock_day()[0], dock_plan, tmp_path / "doors.png")
    flow_plan = FlowPlan(flows=(), departures=(), cost=nothing, feasible=False)
    flows.draw(tiny.flow_day()[0], flow_plan, tmp_path / "flows.png")
    route_plan = RoutePlan(routes=(), cost=nothing, feasible=False)
    routes.draw(tiny.route_day()[0], route_plan, tmp_path / "routes.png")
    assert len(list(tmp_path.glob("*.png"))) == 3


def test_names_are_not_read_as_formulas(tmp_path: Path) -> None:
    r"""A name such as ``$\\x_$`` is drawn as it is, and does not fail."""
    problem, plan = tiny.flow_day()
    flows.draw(replace(problem, name="$\\nonsense_$"), plan, tmp_path / "a.png")
    assert size_of(tmp_path / "a.png")[0] == 1690


def test_far_nodes_get_a_second_map_around_the_hub() -> None:
    """A port 2,000 km away presses three near places together: two maps and the bars."""
    problem, plan = tiny.flow_day()
    konaev, aktau = Node(id="Konaev", x=77.07, y=43.87), Node(id="Aktau", x=51.2, y=43.6)
    lane = Lane(id="H-K road", origin="Hub", destination="Konaev", capacity=2)
    wide = replace(problem, nodes=(*problem.nodes, konaev, aktau), lanes=(*problem.lanes, lane))
    assert len(flows.figure(problem, plan).axes) == 2
    figure = flows.figure(wide, plan)
    assert len(figure.axes) == 3
    assert flows.NEARBY in texts(figure)


def test_more_routes_than_the_list_holds_are_counted() -> None:
    """With room for one line, the second of two routes is told in the last."""
    problem, plan = tiny.route_day()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "MOST_LISTED", 1)
        assert "… and 1 more route" in texts(routes.figure(problem, plan))
