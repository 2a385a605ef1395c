"""Why work is left out, by code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.freight.routes.plan import UnservedReason
from router.freight.routes.problem import Group, RoutingProblem, Shipment, ShipmentStop
from router.freight.routes.unserved import unserved
from router.matrix import UNREACHABLE
from router.timewindow import TimeWindow
from tests.freight.routes.plans import route
from tests.freight.routes.problems import line_problem, matrix_travel, van

LINE = line_problem({"a": 3, "b": 5}, loads={"a": 2, "b": 3})


def reasons(problem: RoutingProblem, *stops: str) -> dict[str, list[str]]:
    """Return the reasons of what routes with these stops leave out."""
    routes = [route(text, vehicle=k) for k, text in enumerate(stops)]
    return {item.id: [r.value for r in item.reasons] for item in unserved(problem, routes)}


def with_b(**changes: object) -> RoutingProblem:
    """Return the problem with visit b changed."""
    return replace(LINE, visits=(LINE.visits[0], replace(LINE.visits[1], **changes)))


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (replace(LINE, vehicle_types=(van(capacity=(2,)),)), "CAPACITY"),
        (with_b(skills=frozenset({"crane"})), "SKILLS"),
        (with_b(windows=(TimeWindow(0, 4),)), "TIME_WINDOW"),
        (replace(LINE, vehicle_types=(van(shift=TimeWindow(0, 9)),)), "TIME_WINDOW"),
        (replace(LINE, vehicle_types=(van(max_distance=9),)), "DISTANCE"),
        (replace(LINE, vehicle_types=(van(max_duration=9),)), "DURATION"),
        (LINE, "FLEET_EXHAUSTED"),
        (with_b(prize=1), "NOT_WORTH_IT"),
        (replace(LINE, groups=(Group(id="g", visits=("a", "b")),)), "OTHER_OF_GROUP"),
    ],
)
def test_one_reason(problem: RoutingProblem, expected: str) -> None:
    """Visit b (5 away, load 3) is left out; the route to a is given."""
    assert reasons(problem, "a") == {"b": [expected]}


def test_no_way_to_an_optional_visit() -> None:
    """A required one would not be a valid problem."""
    no = UNREACHABLE
    travel = matrix_travel([[0, 1, no], [1, 0, no], [no, no, 0]])
    assert reasons(replace(with_b(prize=1), travel=travel), "a") == {"b": ["UNREACHABLE"]}


def test_every_reason_that_holds_for_all_vehicles() -> None:
    """Too heavy for both, too far for one: only the first holds for all."""
    fleet = (van(capacity=(2,), max_distance=9), van(id="bus", capacity=(2,)))
    assert reasons(replace(LINE, vehicle_types=fleet), "a") == {"b": ["CAPACITY"]}
    both = (van(capacity=(2,), max_distance=9),)
    assert reasons(replace(LINE, vehicle_types=both), "a") == {"b": ["CAPACITY", "DISTANCE"]}


def test_different_reasons_for_different_vehicles() -> None:
    """Too heavy for one, too far for the other: both are told."""
    fleet = (van(capacity=(2,)), van(id="bus", max_distance=9))
    assert reasons(replace(LINE, vehicle_types=fleet), "a") == {"b": ["CAPACITY", "DISTANCE"]}


def test_an_optional_visit_without_room_in_the_fleet() -> None:
    """The one van carries 2 of 4; 3 more do not fit, whatever the prize."""
    full = replace(with_b(prize=1), vehicle_types=(van(capacity=(4,)),))
    assert reasons(full, "a") == {"b": ["FLEET_EXHAUSTED"]}
    spare = replace(with_b(prize=1), vehicle_types=(van(capacity=(4,), count=2),))
    assert reasons(spare, "a") == {"b": ["NOT_WORTH_IT"]}


def test_optional_groups_and_shipments() -> None:
    """A group that may stay out, and a shipment that is not worth its way."""
    group = Group(id="g", visits=("b",), required=False, prize=1)
    assert reasons(replace(LINE, groups=(group,)), "a") == {"b": ["NOT_WORTH_IT"]}
    ends = ShipmentStop(location="a"), ShipmentStop(location="b")
    shipment = Shipment(id="s", pickup=ends[0], delivery=ends[1], load=(9,), prize=1)
    assert reasons(replace(LINE, shipments=(shipment,)), "a b") == {"s": ["NOT_WORTH_IT"]}
    small = replace(LINE, shipments=(shipment,), vehicle_types=(van(capacity=(8,)),))
    assert reasons(small, "a b") == {"s": ["CAPACITY"]}


def test_nothing_is_left_out() -> None:
    """A full plan has no list."""
    assert unserved(LINE, [route("a b")]) == ()
    assert UnservedReason.CAPACITY.value == "CAPACITY"


def test_beyond_a_number_of_jobs_only_load_and_skills_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """B is too heavy and too late; without trying it alone only the first is found."""
    monkeypatch.setattr("router.freight.routes.unserved.MOST_JUDGED", 0)
    late = with_b(windows=(TimeWindow(0, 4),), skills=frozenset({"crane"}))
    small = replace(late, vehicle_types=(van(capacity=(2,)),))
    assert reasons(small, "a") == {"b": ["CAPACITY", "SKILLS"]}
    assert reasons(with_b(windows=(TimeWindow(0, 4),)), "a") == {"b": ["FLEET_EXHAUSTED"]}
    ends = ShipmentStop(location="a"), ShipmentStop(location="b")
    shipment = Shipment(id="s", pickup=ends[0], delivery=ends[1], load=(9,))
    carrying = replace(LINE, shipments=(shipment,), vehicle_types=(van(capacity=(8,)),))
    assert reasons(carrying, "a b") == {"s": ["CAPACITY"]}
