"""Solution files: read, written, and every fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.errors import InvalidInput
from router.formats.instance import Instance, read_instance
from router.formats.solution import location_lists, read_solution, write_solution
from router.freight.routes.plan import Route, Stop, StopKind

ALIKE = """DIMENSION : 4
VEHICLES : 2
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1 0
3 2 0
4 3 0
DEPOT_SECTION
1
"""
DIFFERENT = ALIKE.replace("DEPOT", "VEHICLES_FIXED_COST_SECTION\n1 5\n2 6\nDEPOT")


def instance_of(tmp_path: Path, text: str) -> Instance:
    """Return the instance with this text."""
    path = tmp_path / "tiny.vrp"
    path.write_text(text)
    return read_instance(path)


def routes_of(tmp_path: Path, instance: Instance, text: str) -> tuple[Route, ...]:
    """Return the routes of a solution with this text."""
    path = tmp_path / "tiny.sol"
    path.write_text(text)
    return read_solution(path, instance).routes


def visits(*names: str) -> tuple[Stop, ...]:
    """Return stops at visits."""
    return tuple(Stop(StopKind.VISIT, name) for name in names)


def test_routes_of_vehicles_that_are_alike(tmp_path: Path) -> None:
    """They are numbered as they come; a depot inside is a reload."""
    instance = instance_of(tmp_path, ALIKE)
    assert routes_of(tmp_path, instance, "Route #1: 3 0 1\nRoute #7: 2\nCost 9\n") == (
        Route(
            vehicle_type="1",
            vehicle=0,
            stops=(*visits("3"), Stop(StopKind.RELOAD, "0"), *visits("1")),
        ),
        Route(vehicle_type="1", vehicle=1, stops=visits("2")),
    )


def test_routes_of_vehicles_that_differ(tmp_path: Path) -> None:
    """The number is the vehicle of the file; empty routes keep theirs."""
    instance = instance_of(tmp_path, DIFFERENT)
    (route,) = routes_of(tmp_path, instance, "Route #1:\nRoute #2: 1 2 3\nCost: 12\n")
    assert (route.vehicle_type, route.vehicle) == ("2", 0)


def test_claimed_cost_and_remarks(tmp_path: Path) -> None:
    """With or without a colon, in any unit; other lines are remarks."""
    instance = instance_of(tmp_path, ALIKE)
    path = tmp_path / "tiny.sol"
    for line, claimed in [("Cost 12.5", 12.5), ("Cost: 7", 7.0), ("Optimal: True", None)]:
        path.write_text(f"Route #1: 1 2 3\n{line}\n")
        assert read_solution(path, instance).claimed == claimed


def test_sintef_form(tmp_path: Path) -> None:
    """``Route 1 : …`` below a few remarks."""
    text = "Instance name : tiny\nAuthors : none\nSolution\nRoute 1 : 1 2\nRoute 2 : 3\n"
    assert len(routes_of(tmp_path, instance_of(tmp_path, ALIKE), text)) == 2


@pytest.mark.parametrize("text", [ALIKE, DIFFERENT])
def test_what_is_written_is_read(tmp_path: Path, text: str) -> None:
    """Routes, reloads and vehicles come back the same."""
    instance = instance_of(tmp_path, text)
    kind, vehicle = instance.fleet.vehicles[1]
    reload = Stop(StopKind.RELOAD, "0")
    driver = vehicle if instance.fleet.differs else 0
    routes = (
        Route(vehicle_type=kind, vehicle=driver, stops=(*visits("2"), reload, *visits("1", "3"))),
    )
    path = tmp_path / "out.sol"
    write_solution(path, instance, routes, 12)
    assert path.read_text().endswith(": 2 0 1 3\nCost 12\n")
    assert ("Route #2" in path.read_text()) == instance.fleet.differs
    assert read_solution(path, instance).routes == routes
    assert location_lists(instance, routes)[-1] == [2, 0, 1, 3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Route #1: 1 9\n", [("UNKNOWN_STOP", ":1")]),
        ("Route #1: 1 x -2\n", [("UNKNOWN_STOP", ":1"), ("UNKNOWN_STOP", ":1")]),
        ("Route #1: 1\n\nRoute #1: 2\n", [("DUPLICATE_ID", ":3")]),
        ("Route #1: 1\nRoute #2: 2\nRoute #3: 3\n", [("FLEET", ":3")]),
        ("Route one: 1\n", [("NOT_UNDERSTOOD", ":1")]),
        ("Cost twelve\n", [("NOT_A_NUMBER", ":1")]),
        ("Cost 12\n", [("NO_ROUTES", "")]),
        ("1 2 3\n", [("NOT_UNDERSTOOD", ":1")]),
        ("", [("FILE_EMPTY", "")]),
    ],
)
def test_faults(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    """Each fault at its line."""
    instance = instance_of(tmp_path, ALIKE)
    with pytest.raises(InvalidInput) as caught:
        routes_of(tmp_path, instance, text)
    path = str(tmp_path / "tiny.sol")
    assert [(v.code, v.path.removeprefix(path)) for v in caught.value.violations] == expected


def test_a_vehicle_that_does_not_exist(tmp_path: Path) -> None:
    """Where vehicles differ the number counts, not the order."""
    instance = instance_of(tmp_path, DIFFERENT)
    with pytest.raises(InvalidInput, match="Route #3 has no vehicle"):
        routes_of(tmp_path, instance, "Route #3: 1 2 3\n")
