"""Who stands near whom, with numbers derived by hand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from router.freight.routes.compile import compile_problem
from router.freight.routes.problem import (
    Depot,
    Location,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    VehicleType,
)
from router.matrix import Euclidean
from router.search.neighbours import StopView, neighbour_lists
from router.timewindow import TimeWindow

PLACES = np.array([0.0, 10.0, 30.0, 60.0])


def _way(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    way: npt.NDArray[np.float64] = np.abs(PLACES[a] - PLACES[b])
    return way


def _view(opens: list[float], *, timed: bool = True, adjacent: bool = False) -> StopView:
    """Return stops on a line, windows 5 long."""
    start = np.array(opens)
    return StopView(
        xs=PLACES,
        ys=np.zeros(4),
        open=start,
        close=start + 5,
        service=np.zeros(4),
        distance=_way,
        duration=_way,
        timed=timed,
        adjacent=adjacent,
        symmetric=True,
        same=True,
    )


def test_without_time_the_nearest_are_the_nearest() -> None:
    """From 30: 10 is 20 away, 0 and 60 are 30."""
    near = neighbour_lists(_view([0, 0, 0, 0], timed=False), 3)
    assert near[2].tolist() == [1, 0, 3]


@pytest.mark.parametrize(("adjacent", "wanted"), [(False, [1, 2, 3]), (True, [2, 3, -1])])
def test_stops_that_cannot_follow_each_other(adjacent: bool, wanted: list[int]) -> None:
    """Stops 0 and 1, 10 apart, are both open from 0 to 5 only: neither can follow the other.

    Stops 2 and 3 open at 100 and 200, long after 0. Lists run by distance.
    """
    near = neighbour_lists(_view([0, 0, 100, 200], adjacent=adjacent), 3)
    assert near[0].tolist() == wanted


def test_time_chooses_the_neighbours_and_distance_orders_them() -> None:
    """Of 0: stop 1 is 10 away but 5 late at best (15); 2 waits 65 (30 + 13); 3 is out."""
    near = neighbour_lists(_view([0, 0, 100, 400]), 2)
    assert near[0].tolist() == [1, 2]


def test_a_delivery_is_near_in_time_to_what_its_pickup_allows() -> None:
    """Two shipments, one collected by 5 and one from 500 on, delivered whenever they may be.

    The second is delivered at 10, where the first is collected, but not before 510: at least
    505 of waiting (101), or as late. The first is delivered 10 away, without any; and where it
    is delivered, whenever that may be, the second is collected.
    """
    points = np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0]])
    early, late = TimeWindow(0, 5), TimeWindow(500, 505)
    problem = RoutingProblem(
        locations=tuple(Location(str(k), *point) for k, point in enumerate(points.tolist())),
        depots=(Depot(id="0", location="0"),),
        vehicle_types=(VehicleType(id="van", start="0", end="0"),),
        travel={"default": Euclidean(points[:, 0].copy(), points[:, 1].copy())},
        shipments=(
            Shipment(
                id="first",
                pickup=ShipmentStop(location="1", windows=(early,)),
                delivery=ShipmentStop(location="2"),
            ),
            Shipment(
                id="second",
                pickup=ShipmentStop(location="2", windows=(late,)),
                delivery=ShipmentStop(location="1"),
            ),
        ),
    )
    near = compile_problem(problem, neighbours=1).arrays.near
    assert near[:, 0].tolist() == [1, 2, 1, 1]
