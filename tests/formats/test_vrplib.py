"""VRPLIB files: every field, and every fault with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import vrplib

from router.errors import InvalidInput
from router.formats.instance import Instance, read_instance
from router.formats.rounding import Rounding
from router.freight.routes.problem import BackhaulRule, Group, Visit
from router.matrix import Euclidean, Matrix, RoundMode
from router.timewindow import TimeWindow

HEAD = """NAME : tiny
COMMENT : "three clients"
TYPE : CVRP
DIMENSION : 4
VEHICLES : 2
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 0 8
4 1.5 0
DEMAND_SECTION
1 0
2 4
3 5
4 6
"""
TAIL = """DEPOT_SECTION
 1
 -1
EOF
"""


def read(tmp_path: Path, text: str, rounding: Rounding | None = None) -> Instance:
    """Return the instance of a file with this text."""
    path = tmp_path / "tiny.vrp"
    path.write_text(text)
    return read_instance(path, rounding)


def faults(tmp_path: Path, text: str, rounding: Rounding | None = None) -> list[tuple[str, str]]:
    """Return (code, line) of each fault of a file with this text."""
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, text, rounding)
    name = str(tmp_path / "tiny.vrp")
    assert all(v.path.startswith(name) for v in caught.value.violations)
    assert all(v.message.endswith(".") for v in caught.value.violations)
    return [(v.code, v.path[len(name) + 1 :].strip()) for v in caught.value.violations]


def test_plain_capacity(tmp_path: Path) -> None:
    """Ids are positions from 0; two equal vehicles are one type of two."""
    instance = read(tmp_path, HEAD + TAIL)
    problem = instance.problem
    assert (problem.name, instance.kind, instance.rounding) == ("tiny", "CVRP", Rounding.ROUND)
    assert [(v.id, v.location, v.deliver) for v in problem.visits] == [
        ("1", "1", (4,)),
        ("2", "2", (5,)),
        ("3", "3", (6,)),
    ]
    (kind,) = problem.vehicle_types
    assert (kind.count, kind.capacity, kind.start, kind.end) == (2, (10,), "0", "0")
    assert list(instance.fleet.vehicles) == [("1", 0), ("1", 1)]
    assert problem.travel["default"].distance(0, 1) == 5


@pytest.mark.parametrize(
    ("rounding", "length", "capacity"),
    [
        (Rounding.NONE, 1, 10),
        (Rounding.ROUND, 2, 10),
        (Rounding.TRUNC, 1, 10),
        (Rounding.DIMACS, 15, 100),
        (Rounding.EXACT, 1500, 10_000),
    ],
)
def test_rounding(tmp_path: Path, rounding: Rounding, length: int, capacity: int) -> None:
    """From the depot to location 3 it is 1.5; 1.5 rounds to even 2."""
    problem = read(tmp_path, HEAD + TAIL, rounding).problem
    assert problem.travel["default"].distance(0, 3) == length
    assert problem.vehicle_types[0].capacity == (capacity,)


def test_without_vehicles_the_fleet_is_unlimited(tmp_path: Path) -> None:
    """As many as wanted, so that none is ever missing."""
    instance = read(tmp_path, HEAD.replace("VEHICLES : 2\n", "") + TAIL)
    assert instance.problem.vehicle_types[0].count is None
    assert instance.fleet.driver(99) == ("1", 98)


def test_without_capacity_loads_are_unlimited(tmp_path: Path) -> None:
    """No CAPACITY, no limit."""
    problem = read(tmp_path, HEAD.replace("CAPACITY : 10\n", "") + TAIL).problem
    assert problem.vehicle_types[0].capacity == ()


def test_times_prizes_and_releases(tmp_path: Path) -> None:
    """The depot's window is the shift; one service time is for clients only."""
    text = HEAD.replace("CAPACITY : 10\n", "CAPACITY : 10\nSERVICE_TIME : 7\n")
    text += "TIME_WINDOW_SECTION\n1 0 90\n2 5 10\n3 6 20\n4 0 90\n"
    text += "RELEASE_TIME_SECTION\n1 0\n2 3\n3 0\n4 0\nPRIZE_SECTION\n1 0\n2 0\n3 50\n4 0\n"
    problem = read(tmp_path, text + TAIL).problem
    assert problem.depots[0].service == 0
    assert problem.vehicle_types[0].shift == TimeWindow(0, 90)
    assert problem.visits[0] == Visit(
        id="1", location="1", deliver=(4,), windows=(TimeWindow(5, 10),), service=7, release=3
    )
    assert [visit.prize for visit in problem.visits] == [None, 50, None]


def test_backhauls_come_after_deliveries(tmp_path: Path) -> None:
    """The file's type carries a rule that its fields do not say."""
    text = HEAD.replace("TYPE : CVRP", "TYPE : VRPB").replace("4 6\n", "4 0\n")
    text += "BACKHAUL_SECTION\n1 0\n2 0\n3 0\n4 6\n"
    problem = read(tmp_path, text + TAIL).problem
    assert problem.backhaul is BackhaulRule.LINEHAUL_REQUIRED
    assert [visit.collect for visit in problem.visits] == [(0,), (0,), (6,)]
    assert problem.visits[2].deliver == (0,)


def test_vehicles_that_differ(tmp_path: Path) -> None:
    """Types are numbered as they first appear; unit costs are never scaled."""
    text = HEAD.replace("CAPACITY : 10\n", "").replace("VEHICLES : 2", "VEHICLES : 4")
    text += "CAPACITY_SECTION\n1 8\n2 9\n3 8\n4 9\n"
    text += "VEHICLES_FIXED_COST_SECTION\n1 100\n2 90\n3 100\n4 95\n"
    text += "VEHICLES_UNIT_DISTANCE_COST_SECTION\n1 2\n2 3\n3 2\n4 3\n"
    instance = read(tmp_path, text + TAIL, Rounding.DIMACS)
    assert [(k.id, k.count, k.capacity, k.fixed_cost, k.distance_cost)
            for k in instance.problem.vehicle_types] == [
        ("1", 2, (80,), 1000, 2),
        ("2", 1, (90,), 900, 3),
        ("3", 1, (90,), 950, 3),
    ]  # fmt: skip
    assert instance.fleet.vehicles == (("1", 0), ("2", 0), ("1", 1), ("3", 0))


def test_depots_reloads_and_limits(tmp_path: Path) -> None:
    """Two depots are locations 0 and 1; vehicle 2 starts at the second."""
    text = HEAD + "VEHICLES_DEPOT_SECTION\n1 1\n2 2\n"
    text += "VEHICLES_RELOAD_DEPOT_SECTION\n1 1 2\n2\n"
    text += "VEHICLES_MAX_RELOADS_SECTION\n1 3\n2 0\n"
    text += "VEHICLES_MAX_DISTANCE_SECTION\n1 50\n2 60\nVEHICLES_MAX_DURATION_SECTION\n1 70\n2 80\n"
    text += "DEPOT_SECTION\n1\n2\n-1\nEOF\n"
    problem = read(tmp_path, text).problem
    assert [depot.id for depot in problem.depots] == ["0", "1"]
    assert [visit.id for visit in problem.visits] == ["2", "3"]
    one, two = problem.vehicle_types
    assert (one.start, one.end, two.start, two.end) == ("0", "0", "1", "1")
    assert (one.reload_depots, two.reload_depots) == (("0", "1"), ())
    assert (one.max_reloads, two.max_reloads) == (3, 0)
    assert (one.max_distance, two.max_distance) == (50, 60)
    assert (one.max_duration, two.max_duration) == (70, 80)


def test_groups(tmp_path: Path) -> None:
    """Exactly one of locations 2 and 3 (positions 1 and 2); one alone is no group."""
    text = HEAD + "MUTUALLY_EXCLUSIVE_GROUP_SECTION\n1 2 3\n2 4\n"
    assert read(tmp_path, text + TAIL).problem.groups == (Group(id="1", visits=("1", "2")),)


def test_allowed_clients_become_skills(tmp_path: Path) -> None:
    """Vehicle 1 may visit 2 and 3, vehicle 2 may visit 3 and 4: 3 asks for nothing."""
    text = HEAD + "VEHICLES_ALLOWED_CLIENTS_SECTION\n1 2 3\n2 3 4\n"
    problem = read(tmp_path, text + TAIL).problem
    one, two = problem.vehicle_types
    first, second, third = (visit.skills for visit in problem.visits)
    assert second == frozenset()
    assert first <= one.skills
    assert third <= two.skills
    assert not first <= two.skills
    assert not third <= one.skills


def test_shipments(tmp_path: Path) -> None:
    """Location 2 is picked up and brought to 4; 3 to 5. Positions: 1-3 and 2-4."""
    text = """TYPE : PDPTW
DIMENSION : 5
VEHICLES : 1
CAPACITY : 9
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1 0
3 2 0
4 3 0
5 4 0
PICKUP_AND_DELIVERY_SECTION
1 0 0 90 0 0 0
2 3 1 20 4 0 4
3 5 2 30 4 0 5
4 -3 3 40 5 2 0
5 -5 4 50 5 3 0
"""
    problem = read(tmp_path, text + TAIL, Rounding.ROUND).problem
    assert problem.visits == ()
    assert [(s.id, s.load) for s in problem.shipments] == [("1-3", (3,)), ("2-4", (5,))]
    assert problem.shipments[0].delivery.windows == (TimeWindow(3, 40),)
    assert problem.shipments[0].pickup.service == 4
    assert problem.vehicle_types[0].shift == TimeWindow(0, 90)
    broken = text.replace("4 -3 3 40 5 2 0", "4 -2 3 40 5 2 0")
    assert faults(tmp_path, broken + TAIL) == [("PAIRING", "14")]
    broken = text.replace("5 -5 4 50 5 3 0", "5 -5 4 50 5 2 0")
    assert faults(tmp_path, broken + TAIL) == [("PAIRING", "15"), ("PAIRING", "17")]
    broken = text.replace("5 -5 4 50 5 3 0", "5 -5 4 50 5 0 0")
    assert ("PAIRING", "17") in faults(tmp_path, broken + TAIL)
    assert faults(tmp_path, text + "DEMAND_SECTION\n1 0\n2 0\n3 0\n4 0\n5 0\n" + TAIL) == [
        ("CONFLICT", "18")
    ]


EXPLICIT = """TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : {}
EDGE_WEIGHT_SECTION
{}
"""


@pytest.mark.parametrize(
    ("shape", "rows"),
    [
        ("FULL_MATRIX", "0 1 2\n1 0 3\n2 3 0"),
        ("LOWER_ROW", "1 2\n3"),
        ("LOWER_DIAG_ROW", "0\n1 0\n2 3 0"),
        ("UPPER_ROW", "1 2 3"),
        ("UPPER_DIAG_ROW", "0 1 2 0 3 0"),
        ("LOWER_COL", "1 2 3"),
        ("UPPER_COL", "1 2 3"),
    ],
)
def test_explicit_lengths(tmp_path: Path, shape: str, rows: str) -> None:
    """Distances 0-1: 1, 0-2: 2, 1-2: 3, however they are listed and wrapped."""
    travel = read(tmp_path, EXPLICIT.format(shape, rows) + TAIL).problem.travel["default"]
    assert isinstance(travel, Matrix)
    assert travel.distances.tolist() == [[0, 1, 2], [1, 0, 3], [2, 3, 0]]


def test_lengths_that_are_not_symmetric(tmp_path: Path) -> None:
    """A full matrix is taken row by row."""
    text = EXPLICIT.format("FULL_MATRIX", "0 1 2 3 0 4 5 6 0")
    assert read(tmp_path, text + TAIL).problem.travel["default"].distance(2, 0) == 5


@pytest.mark.parametrize(("kind", "length"), [("FLOOR_2D", 2), ("CEIL_2D", 3), ("EUC_2D", 3)])
def test_ways_to_round_lengths(tmp_path: Path, kind: str, length: int) -> None:
    """From (0, 0) to (2, 2) it is 2.83."""
    text = f"DIMENSION : 2\nEDGE_WEIGHT_TYPE : {kind}\nNODE_COORD_SECTION\n1 0 0\n2 2 2\n"
    assert read(tmp_path, text + TAIL).problem.travel["default"].distance(0, 1) == length


def test_several_dimensions(tmp_path: Path) -> None:
    """Rows may have one value a dimension."""
    text = HEAD.replace("CAPACITY : 10\n", "").replace("DEMAND_SECTION\n1 0\n2 4\n3 5\n4 6\n", "")
    text += "DEMAND_SECTION\n1 0 0\n2 4 1\n3 5 2\n4 6 3\nCAPACITY_SECTION\n1 10 5\n2 10 5\n"
    problem = read(tmp_path, text + TAIL).problem
    assert problem.dimensions == ("load", "load2")
    assert problem.visits[2].deliver == (6, 3)


def test_rows_may_stand_in_any_order(tmp_path: Path) -> None:
    """Their index says whose they are."""
    text = HEAD.replace("2 4\n3 5\n", "3 5\n2 4\n")
    assert read(tmp_path, text + TAIL).problem.visits == read(tmp_path, HEAD + TAIL).problem.visits


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("DIMENSION : 4\n", "", [("DIMENSION", "")]),
        ("DIMENSION : 4", "DIMENSION : four", [("NOT_A_NUMBER", "4")]),
        ("DIMENSION : 4", "DIMENSION : 0", [("DIMENSION", "4")]),
        ("DIMENSION : 4", "DIMENSION : 3", [("INDEX", "12"), ("INDEX", "17")]),
        ("DIMENSION : 4", "DIMENSION : 5", [("MISSING_ROW", "12"), ("MISSING_ROW", "17")]),
        ("VEHICLES : 2", "VEHICLES : 0", [("EMPTY_FLEET", "5")]),
        ("VEHICLES : 2", "VEHICLES : -2", [("NEGATIVE", "5")]),
        ("VEHICLES : 2", "VEHICLES : 2.5", [("NOT_WHOLE", "5")]),
        ("VEHICLES : 2", "VEHICLES : 10000000000", [("TOO_LARGE", "5")]),
        ("CAPACITY : 10", "CAPACITY : -1", [("NEGATIVE", "7")]),
        ("CAPACITY : 10", "CAPACITY : nan", [("NOT_FINITE", "7")]),
        ("CAPACITY : 10", "CAPACITY : ten", [("NOT_A_NUMBER", "7")]),
        ("CAPACITY : 10", "CAPACITY : 1e300", [("OVERFLOW", "7")]),
        ("EUC_2D", "GEO", [("EDGE_WEIGHT_TYPE", "6")]),
        ("EUC_2D", "EXPLICIT", [("MISSING_FIELD", "")]),
        ("2 3 4\n", "2 3\n", [("ROW_LENGTH", "10")]),
        ("2 3 4\n", "2 3 inf\n", [("NOT_FINITE", "10")]),
        ("2 3 4\n", "2 3 x\n", [("NOT_A_NUMBER", "10")]),
        ("2 3 4\n", "3 3 4\n", [("DUPLICATE_ID", "11"), ("MISSING_ROW", "12")]),
        ("2 4\n", "2 -4\n", [("NEGATIVE", "15")]),
        ("DEMAND_SECTION", "DEMNAD_SECTION", [("UNKNOWN_FIELD", "13")]),
        ("VEHICLES : 2", "VEHICELS : 2", [("UNKNOWN_FIELD", "5")]),
        ("VEHICLES : 2", "DIMENSION : 4", [("DUPLICATE_FIELD", "5")]),
        ("VEHICLES : 2", "VEHICLES 2", [("NOT_UNDERSTOOD", "5")]),
        ("VEHICLES : 2", "3 4", [("STRAY_ROW", "5")]),
        (" 1\n -1", " 2\n -1", [("DEPOTS", "18")]),
        (" 1\n -1", " x\n -1", [("DEPOTS", "18"), ("NOT_A_NUMBER", "19")]),
        ("NODE_COORD_SECTION\n1 0 0\n2 3 4\n3 0 8\n4 1.5 0\n", "", [("MISSING_FIELD", "6")]),
    ],
)
def test_faults(tmp_path: Path, old: str, new: str, expected: list[tuple[str, str]]) -> None:
    """Every fault has its line, its code, and a sentence."""
    text = HEAD + TAIL
    assert old in text
    assert faults(tmp_path, text.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("TIME_WINDOW_SECTION\n1 0 9\n2 5 4\n3 0 9\n4 -1 9\n",
         [("WINDOW_REVERSED", "20"), ("NEGATIVE", "22")]),
        ("CAPACITY_SECTION\n1 3\n2 4\n", [("CONFLICT", "18")]),
        ("VEHICLES_DEPOT_SECTION\n1 1\n2 2\n", [("UNKNOWN_DEPOT", "20")]),
        ("VEHICLES_DEPOT_SECTION\n1 1\n", [("MISSING_ROW", "19")]),
        ("VEHICLES_RELOAD_DEPOT_SECTION\n1 1 9\n2\n", [("UNKNOWN_DEPOT", "19")]),
        ("VEHICLES_ALLOWED_CLIENTS_SECTION\n1 2 9\n2 2 3 4\n", [("UNKNOWN_VISIT", "19")]),
        ("MUTUALLY_EXCLUSIVE_GROUP_SECTION\n1 2 1\n", [("UNKNOWN_VISIT", "19")]),
        ("MUTUALLY_EXCLUSIVE_GROUP_SECTION\n1 2 3\nPRIZE_SECTION\n1 0\n2 5\n3 0\n4 0\n",
         [("GROUP_PRIZE", "22")]),
        ("VEHICLES_UNIT_DISTANCE_COST_SECTION\n1 1.5\n2 1\n", [("NOT_WHOLE", "19")]),
        ("LINEHAUL_SECTION\n1 0\n2 0\n3 0\n4 0\n", [("CONFLICT", "18")]),
    ],
)  # fmt: skip
def test_faults_of_further_sections(
    tmp_path: Path, more: str, expected: list[tuple[str, str]]
) -> None:
    """References, windows and conflicts are judged at their lines too."""
    assert faults(tmp_path, HEAD + more + TAIL) == expected


def test_values_must_be_whole_without_rounding(tmp_path: Path) -> None:
    """Only lengths are cut; a demand of 4.5 is a fault."""
    text = HEAD.replace("2 4\n", "2 4.5\n")
    assert faults(tmp_path, text + TAIL, Rounding.NONE) == [("NOT_WHOLE", "15")]


def test_faults_of_explicit_lengths(tmp_path: Path) -> None:
    """Too few, negative, not a number."""
    for rows, expected in [
        ("1 2", [("ROW_LENGTH", "5")]),
        ("1 -2\n3", [("NEGATIVE", "6")]),
        ("1 2\nx", [("NOT_A_NUMBER", "7")]),
    ]:
        assert faults(tmp_path, EXPLICIT.format("LOWER_ROW", rows) + TAIL) == expected
    assert faults(tmp_path, EXPLICIT.format("SPIRAL", "1 2 3") + TAIL) == [
        ("EDGE_WEIGHT_FORMAT", "4")
    ]


def test_sums_that_overflow_name_the_file(tmp_path: Path) -> None:
    """Coordinates of 1e9 scaled by 1000 make legs of more than 2**31 - 1."""
    text = HEAD.replace("2 3 4\n", "2 1e9 4\n")
    assert ("OVERFLOW", "travel[default]") in faults(tmp_path, text + TAIL, Rounding.EXACT)


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Three faults, three lines, one round."""
    text = (
        HEAD.replace("CAPACITY : 10", "CAPACITY : x").replace("3 0 8", "3 0").replace("4 6", "4 y")
    )
    found = faults(tmp_path, text + TAIL)
    assert found == [("NOT_A_NUMBER", "7"), ("ROW_LENGTH", "11"), ("NOT_A_NUMBER", "17")]


def test_agrees_with_the_vrplib_package(tmp_path: Path) -> None:
    """The package reads the same coordinates, demands and windows."""
    text = HEAD + "TIME_WINDOW_SECTION\n1 0 90\n2 5 10\n3 6 20\n4 0 90\n" + TAIL
    problem = read(tmp_path, text).problem
    other = vrplib.read_instance(tmp_path / "tiny.vrp", compute_edge_weights=False)
    travel = problem.travel["default"]
    assert isinstance(travel, Euclidean)
    assert travel.mode is RoundMode.NEAREST
    assert np.array_equal(np.column_stack([travel.xs, travel.ys]), other["node_coord"])
    assert [0, *(v.deliver[0] for v in problem.visits)] == other["demand"].tolist()
    windows = [(v.windows[0].start, v.windows[0].end) for v in problem.visits]
    assert [(0, 90), *windows] == list(map(tuple, other["time_window"].tolist()))
