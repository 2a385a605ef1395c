"""Published instances and solutions, where a folder of them is at hand.

The folder is ``ALATAU_INSTANCES``, or ``shared/freight/instances`` beside the
clone. It holds a folder a class: instances, ``.sol`` files and a ``bks.csv``.
"""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path

import pytest

from router.formats.instance import read_instance
from router.formats.solution import read_solution
from router.freight.routes.check import check, price
from router.freight.routes.plan import RoutePlan
from router.freight.routes.unserved import unserved

BESIDE = Path(__file__).parents[3] / "shared" / "freight" / "instances"
FOLDER = Path(os.environ.get("ALATAU_INSTANCES", BESIDE))
pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="no folder of published instances"),
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

UNITS = {"VRPTW": 10}
"""Units of the computed cost that make one of the published value; 1 elsewhere."""
CLASSES = ["CVRP", "VRPTW", "PCVRPTW", "VRPB", "HFVRP", "MDVRPTW", "MTVRPTWR"]


@cache
def published(kind: str) -> dict[str, dict[str, str]]:
    """Return the rows of a class's best-known file by the instance's bare name."""
    with (FOLDER / kind / "bks.csv").open(newline="") as stream:
        return {row["instance"].split("/")[-1]: row for row in csv.DictReader(stream)}


def value_of(kind: str, solution: Path) -> int:
    """Return the published value of a solution in units of the computed cost."""
    row = published(kind)[solution.stem]
    tighter = "tighter" in solution.parent.name
    column = "bks_in_pyvrp_exact_units" if kind == "HFVRP" else "bks_tight" if tighter else "bks"
    return round(float(row[column]) * UNITS.get(kind, 1))


def instance_beside(solution: Path) -> Path:
    """Return the instance that a solution is of; tighter ones stand in a folder apart."""
    folder = solution.parent
    if "tighter" in folder.name:
        folder = folder.parent / ("GH1000" if "_10_" in solution.name else "GH400")
    return next(folder / f"{solution.stem}{end}" for end in (".vrp", ".txt")
                if (folder / f"{solution.stem}{end}").exists())  # fmt: skip


@pytest.mark.parametrize("kind", CLASSES)
def test_published_solutions_cost_what_was_published(kind: str) -> None:
    """Every solution keeps every rule, at its published value."""
    solutions = sorted((FOLDER / kind).rglob("*.sol"))
    wrong = []
    for solution in solutions:
        instance = read_instance(instance_beside(solution))
        routes = read_solution(solution, instance).routes
        left_out = unserved(instance.problem, routes) if kind == "PCVRPTW" else ()
        cost = price(instance.problem, routes)
        plan = RoutePlan(routes=routes, unserved=left_out, cost=cost, feasible=True)
        report = check(instance.problem, plan)
        if report.violations or cost.total != value_of(kind, solution):
            wrong.append((solution.name, cost.total, value_of(kind, solution), report.violations))
    assert solutions
    assert not wrong


def test_every_published_instance_is_read() -> None:
    """All formats and types; nothing is refused."""
    files = [f for end in ("vrp", "txt") for f in FOLDER.rglob(f"*.{end}")]
    files = [f for f in files if not f.relative_to(FOLDER).parts[0].startswith("hub_")]
    assert files
    for file in files:
        problem = read_instance(file).problem
        assert problem.visits or problem.shipments


def test_both_forms_of_li_and_lim_are_the_same_problem() -> None:
    """The text files and their VRPLIB copies give equal shipments and fleets."""
    for text in sorted((FOLDER / "PDPTW" / "Li100").glob("*.txt")):
        one, other = read_instance(text).problem, read_instance(text.with_suffix(".vrp")).problem
        assert one.shipments == other.shipments
        assert one.vehicle_types == other.vehicle_types
