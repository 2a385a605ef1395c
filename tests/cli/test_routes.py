"""``alatau routes``: what it prints, writes and answers to bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from router.cli.main import main

INSTANCE = """NAME : tiny
TYPE : CVRP
DIMENSION : 5
VEHICLES : 3
CAPACITY : 5
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 0 10
3 0 11
4 10 0
5 11 0
DEMAND_SECTION
1 0
2 2
3 3
4 2
5 3
DEPOT_SECTION
1
EOF
"""
"""Two pairs of neighbours, each a vanload: up 11 and back, right 11 and back: 44."""


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """Return the path of the instance above."""
    path = tmp_path / "tiny.vrp"
    path.write_text(INSTANCE)
    return path


def run(*arguments: object) -> int:
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["routes", *map(str, arguments)])
    return int(ended.value.code or 0)


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the one JSON object on standard output."""
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    found: dict[str, Any] = json.loads(out)
    return found


def test_solve_as_json(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object with the keys that machines rely on; 44 is the optimum."""
    assert run("solve", instance, "--seconds", 0.3, "--json") == 0
    found = answer(capsys)
    assert (found["cost"], found["feasible"], found["unserved"]) == (44, True, [])
    assert sorted(sorted(route) for route in found["routes"]) == [[1, 2], [3, 4]]
    assert 0 < found["seconds"] < 2
    assert found["curve"][-1][1] == 44
    assert found["rounding"] == "round"


APART = """NAME : apart
TYPE : CVRP
DIMENSION : 3
CAPACITY : 9
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : FULL_MATRIX
EDGE_WEIGHT_SECTION
0 10 10
10 0 100
10 100 0
DEMAND_SECTION
1 0
2 1
3 1
DEPOT_SECTION
1
-1
EOF
"""
"""Two customers 10 from the depot and 100 from each other."""


@pytest.mark.parametrize(("flags", "vans", "cost"), [((), 2, 40), (("--fewest-vehicles",), 1, 120)])
def test_fewest_vehicles_first(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
    vans: int,
    cost: int,
) -> None:
    """There and back twice is 40; one van drives 10 + 100 + 10."""
    path = tmp_path / "apart.vrp"
    path.write_text(APART)
    assert run("solve", path, "--seconds", 0.5, *flags, "--json") == 0
    found = answer(capsys)
    assert (len(found["routes"]), found["cost"]) == (vans, cost)


def test_solve_writes_a_solution_that_check_accepts(
    instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cost and feasibility agree, under the same rounding."""
    out = tmp_path / "new" / "tiny.sol"
    options = ["--rounding", "dimacs"]
    assert run("solve", instance, *options, "--seconds", 0.3, "--out", out, "--json") == 0
    solved = answer(capsys)
    assert out.read_text().endswith("Cost 440\n")
    assert run("check", instance, out, *options, "--json") == 0
    checked = answer(capsys)
    assert (checked["cost"], checked["feasible"]) == (solved["cost"], True)
    assert (checked["claimed"], checked["violations"], checked["routes"]) == (440.0, [], 2)


def test_solve_for_people(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables of routes and figures on standard output."""
    assert run("solve", instance, "--seconds", 0.2, "--seed", 3, "--threads", 2) == 0
    out = capsys.readouterr().out
    assert "Routes" in out
    assert "44" in out


def test_check_names_what_is_broken(
    instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All four at once are 10 of 5; the exit code is 1, the cost 43 + … is still told."""
    solution = tmp_path / "bad.sol"
    solution.write_text("Route #1: 1 2 3\nCost 1\n")
    assert run("check", instance, solution, "--json") == 1
    found = answer(capsys)
    assert not found["feasible"]
    assert [v["code"] for v in found["violations"]] == ["CAPACITY", "REQUIRED_UNSERVED"]
    assert found["unserved"] == [{"id": "4", "reasons": ["FLEET_EXHAUSTED"]}]
    # 0 → (0, 10) → (0, 11) → (10, 0) → 0 is 10 + 1 + 14.87 + 10, each leg rounded.
    assert found["cost"] == 36
    assert run("check", instance, solution) == 1
    assert "[CAPACITY]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "line"),
    [("4 10 0", "4 x 0"), ("2 2\n", "2 -2\n"), ("DIMENSION : 5", "DIMENSION : 9")],
)
def test_bad_files_exit_with_2(
    instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, line: str
) -> None:
    """Faults on standard error, nothing on standard output, nothing written."""
    instance.write_text(INSTANCE.replace(text, line))
    out = tmp_path / "out.sol"
    assert run("solve", instance, "--out", out, "--json") == 2
    spoken = capsys.readouterr()
    assert spoken.out == ""
    assert f"{instance}:" in spoken.err
    assert "Traceback" not in spoken.err
    assert list(tmp_path.iterdir()) == [instance]


@pytest.mark.parametrize(
    "arguments",
    [["--seconds", "0"], ["--seconds", "nan"], ["--threads", "0"], ["--seed", "-1"]],
)
def test_bad_options_exit_with_2(
    instance: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """Each names its option."""
    assert run("solve", instance, *arguments) == 2
    assert f"options.{arguments[0].strip('-')}" in capsys.readouterr().err


def test_an_unknown_rounding_is_a_usage_error(instance: Path) -> None:
    """It exits with 2 as well."""
    assert run("solve", instance, "--rounding", "up") == 2


def test_missing_files_exit_with_2(
    instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sentence names the file."""
    assert run("solve", tmp_path / "none.vrp") == 2
    assert run("check", instance, tmp_path / "none.sol") == 2
    assert capsys.readouterr().err.count("[FILE_NOT_FOUND]") == 2


def test_an_unwritable_place_is_told_before_the_search(
    instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The output may not lie below a file."""
    assert run("solve", instance, "--seconds", 30, "--out", instance / "x.sol") == 2
    assert "[OUTPUT_UNWRITABLE]" in capsys.readouterr().err


def test_what_cannot_be_served_is_told(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A demand of 9 fits no vehicle of 5; the answer is a result, not an error."""
    instance.write_text(INSTANCE.replace("5 3\nDEPOT", "5 9\nDEPOT"))
    assert run("solve", instance, "--seconds", 0.2, "--json") == 0
    found = answer(capsys)
    assert not found["feasible"]
    assert found["unserved"] == [{"id": "4", "reasons": ["CAPACITY"]}]
    assert found["termination"] == "infeasible"
    assert run("solve", instance, "--seconds", 0.2) == 0
    assert "CAPACITY" in capsys.readouterr().out
