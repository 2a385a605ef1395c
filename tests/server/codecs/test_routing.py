"""The routing codec: defaults, units, clocks, and every violation by its path."""

from __future__ import annotations

import numpy as np
import pytest
from alatau.common.v1 import travel_pb2
from alatau.freight.v1 import routing_pb2 as pb

from router.errors import Violations
from router.freight.routes.problem import BackhaulRule, Objective, RoutingProblem
from router.matrix import GreatCircle, Matrix
from router.timewindow import FOREVER, TimeWindow
from server.codecs.clock import Clock
from server.codecs.routing import decode_plan, decode_problem
from server.codecs.routing_problem import encode_problem
from tests.api.test_routing import line_plan, line_problem


def decoded(message: pb.RoutingProblem) -> tuple[RoutingProblem, Clock]:
    """Return a problem that has no fault, and its clock."""
    found = Violations("problem")
    problem, clock = decode_problem(message, found)
    assert not list(found)
    assert problem is not None
    return problem, clock


def faults(message: pb.RoutingProblem) -> set[tuple[str, str]]:
    """Return (code, path) of every fault of a problem that has some."""
    found = Violations()
    problem, _ = decode_problem(message, found)
    assert problem is None
    assert len(found) == len({violation.path for violation in found}), "a path is told twice"
    return {(violation.code, violation.path) for violation in found}


def test_what_is_unset_gets_the_documented_default() -> None:
    """One vehicle, 1 a metre, no limits, always open, required, mixed backhauls."""
    problem, clock = decoded(line_problem())
    van, visit = problem.vehicle_types[0], problem.visits[0]
    assert (van.count, van.distance_cost, van.fixed_cost, van.max_duration) == (1, 1, 0, None)
    assert van.shift == TimeWindow(0, FOREVER)
    assert (visit.prize, visit.windows, visit.service, visit.release) == (None, (), 0, 0)
    assert problem.dimensions == ("load",)
    assert problem.backhaul is BackhaulRule.MIXED
    assert problem.objective is Objective.COST
    assert clock == Clock(0)


def test_the_objective_there_and_back() -> None:
    """Fewest vehicles first is read, and written as it was."""
    message = line_problem()
    message.objective = pb.OBJECTIVE_FEWEST_VEHICLES
    problem, clock = decoded(message)
    assert problem.objective is Objective.FEWEST_VEHICLES
    assert encode_problem(problem, clock).objective == pb.OBJECTIVE_FEWEST_VEHICLES


def test_fleets_without_limit_and_open_ends() -> None:
    """``unlimited`` is no count; an unset ``end`` lets the route end at its last stop."""
    message = line_problem()
    message.vehicle_types[0].unlimited = True
    message.vehicle_types[0].ClearField("end")
    van = decoded(message)[0].vehicle_types[0]
    assert van.count is None
    assert van.end is None


def test_a_dimension_named_twice_is_told() -> None:
    """DUPLICATE_ID at its second mention, whatever the capacities leave out."""
    message = line_problem()
    message.dimensions[:] = ["load", "load"]
    message.vehicle_types[0].ClearField("capacity")
    message.vehicle_types[0].capacity["weight"] = 1
    assert ("DUPLICATE_ID", "dimensions[1]") in faults(message)


def test_a_dimension_left_out_of_a_capacity_never_binds() -> None:
    """Pallets 1 + 4 are all there are: a van without a limit can take 5."""
    message = line_problem()
    message.dimensions.extend(["load", "pallets"])
    message.visits[0].deliver["pallets"] = 1
    message.visits[1].collect["pallets"] = 4
    problem, _ = decoded(message)
    assert problem.vehicle_types[0].capacity == (2, 5)
    assert problem.visits[0].deliver == (1, 1)
    assert problem.visits[1].collect == (0, 4)


def test_the_horizon_starts_with_the_earliest_moment() -> None:
    """A shift from 1000 and a window from 1600: seconds 0 and 600 inside."""
    message = line_problem()
    message.vehicle_types[0].shift.start_time.seconds = 1000
    message.visits[0].windows.add().start_time.seconds = 1600
    problem, clock = decoded(message)
    assert clock == Clock(1000)
    assert problem.vehicle_types[0].shift == TimeWindow(0, FOREVER)
    assert problem.visits[0].windows == (TimeWindow(600, FOREVER),)
    assert clock.outside(600).seconds == 1600


def test_without_a_bounded_start_the_horizon_is_1970() -> None:
    """A van may leave before the first window opens, so no moment is cut off."""
    message = line_problem()
    message.visits[0].windows.add().start_time.seconds = 1600
    problem, clock = decoded(message)
    assert clock == Clock(0)
    assert problem.visits[0].windows[0].start == 1600


def test_nothing_lies_before_an_explicit_horizon() -> None:
    """A window 10 s before the start is refused."""
    message = line_problem()
    message.horizon_start.seconds = 1000
    message.visits[0].windows.add().start_time.seconds = 990
    expected = {("BEFORE_HORIZON", "visits[0].windows[0].start_time")}
    assert faults(message) == expected


def matrix_problem() -> pb.RoutingProblem:
    """Return the line problem with a matrix, in the order b, d, a."""
    message = line_problem()
    matrix = message.travel["default"].matrix
    matrix.location_ids.extend(["b", "d", "a"])
    matrix.distances.extend([0, 5, 2, 5, 0, 3, 2, 3, 0])
    matrix.durations_le32 = np.array([0, 50, 20, 50, 0, 30, 20, 30, 0], "<i4").tobytes()
    return message


def test_a_matrix_is_put_in_the_problems_order() -> None:
    """From d to a, from d to b, from a to b: 3, 5, 2 metres and ten times the seconds."""
    travel = decoded(matrix_problem())[0].travel["default"]
    assert isinstance(travel, Matrix)
    assert travel.distances.tolist() == [[0, 3, 5], [3, 0, 2], [5, 2, 0]]
    assert travel.durations.tolist() == [[0, 30, 50], [30, 0, 20], [50, 20, 0]]


def test_faults_of_a_matrix() -> None:
    """A name that is no location, an entry too few, both forms, a torn and a negative one."""
    message = matrix_problem()
    matrix = message.travel["default"].matrix
    matrix.location_ids[0] = "nowhere"
    del matrix.distances[8]
    matrix.durations.append(1)
    assert faults(message) == {
        ("MATRIX_LOCATIONS", "travel[default].matrix.location_ids"),
        ("SHAPE", "travel[default].matrix.distances"),
        ("TWICE", "travel[default].matrix.durations_le32"),
    }
    message = matrix_problem()
    matrix = message.travel["default"].matrix
    matrix.distances[1] = -1
    matrix.durations_le32 += b"x"
    found = faults(message)
    assert ("NEGATIVE", "travel[default].matrix.distances[1]") in found
    assert ("SHAPE", "travel[default].matrix.durations_le32") in found


def test_great_circles() -> None:
    """Positions become longitude and latitude; bad ones are told at their place."""
    message = line_problem()
    for place, longitude in zip(message.locations, (76.9, 77.0, 77.1), strict=True):
        place.geo.CopyFrom(travel_pb2.GeoPoint(latitude=43.6, longitude=longitude))
    message.travel["default"].great_circle.metres_per_second = 10
    travel = decoded(message)[0].travel["default"]
    assert isinstance(travel, GreatCircle)
    assert travel.xs.tolist() == [76.9, 77.0, 77.1]
    message.locations[0].geo.latitude = 91
    message.locations[1].geo.longitude = float("nan")
    message.travel["default"].great_circle.detour = 0.5
    assert faults(message) == {
        ("DEGREES", "locations[0].geo.latitude"),
        ("NOT_FINITE", "locations[1].geo.longitude"),
        ("FACTOR", "travel[default].great_circle.detour"),
    }


def test_travel_needs_the_positions_it_speaks_of() -> None:
    """Great circles over planar points are told once, not once a location."""
    message = line_problem()
    message.travel["default"].great_circle.metres_per_second = 10
    message.travel["other"].SetInParent()
    assert faults(message) == {
        ("POSITION", "travel[default]"),
        ("TRAVEL_KIND", "travel[other]"),
    }


@pytest.mark.parametrize("seconds", [-1, 253_402_300_800])
def test_moments_lie_between_1970_and_9999(seconds: int) -> None:
    """Others are refused where they stand."""
    message = line_problem()
    message.visits[0].release.seconds = seconds
    assert faults(message) == {("TIME_RANGE", "visits[0].release")}


def test_values_of_a_later_version_are_refused() -> None:
    """Enum values that this version does not know are no guess."""
    message = line_problem()
    message.backhaul = 77  # type: ignore[assignment]
    message.objective = 78  # type: ignore[assignment]
    message.travel["default"].planar.rounding = 9  # type: ignore[assignment]
    assert faults(message) == {
        ("ENUM", "backhaul"),
        ("ENUM", "objective"),
        ("ENUM", "travel[default].planar.rounding"),
    }


def test_a_plan_lists_what_it_leaves_out() -> None:
    """What stands in no route is unserved, whatever the sender wrote."""
    problem, clock = decoded(line_problem())
    message = line_plan()
    del message.routes[0].stops[1]
    found = Violations()
    plan = decode_plan(message, problem, clock, found)
    assert not list(found)
    assert [task.id for task in plan.unserved] == ["b"]


def test_faults_of_a_plan() -> None:
    """A stop of no kind, and a cost whose parts do not sum to it."""
    problem, clock = decoded(line_problem())
    message = line_plan()
    message.routes[0].stops[1].kind = pb.Stop.KIND_UNSPECIFIED
    message.cost.total = 10
    message.cost.components["distance"] = 9
    found = Violations("plan")
    decode_plan(message, problem, clock, found)
    assert {(violation.code, violation.path) for violation in found} == {
        ("ENUM", "plan.routes[0].stops[1].kind"),
        ("COST", "plan.cost.total"),
    }
