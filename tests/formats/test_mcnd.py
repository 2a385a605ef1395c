"""Network design files: a tiny one of our own, broken ones, and published designs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from router.errors import InvalidInput
from router.formats.mcnd import parse_mcnd, read_mcnd
from router.freight.flows.check import check
from router.freight.flows.solve import solve
from router.solving import SolveOptions, Termination

TINY = """\
 MULTIGEN.DAT:
 3 3 1
 1 2 2 10 7 . 1
 2 3 1 10 5 . 2
 1 3 9 4 1 . 3
 1 3 6
"""
"""6 units from 1 to 3 by way of 2 cost 6 * 3 + 12 = 30; 4 of them directly 36 + 1 and more."""

INSTANCES = Path(
    os.environ.get("ALATAU_INSTANCES", Path(__file__).parents[3] / "shared/freight/instances")
)
CERTIFIED = {
    "r01.1": 74_079,
    "r01.2": 92_403,
    "r01.3": 115_304,
    "r01.4": 84_908,
    "r01.5": 113_036,
    "r01.6": 147_599,
    "r01.7": None,
    "r01.8": None,
    "r01.9": None,
}
"""Optima proven by HiGHS on the same formulation; ``None``: proven infeasible."""


def test_a_tiny_design(tmp_path: Path) -> None:
    """The file becomes lanes with one departure, and the optimum is 30."""
    path = tmp_path / "tiny.dow"
    path.write_text(TINY)
    problem = read_mcnd(path)
    assert [lane.max_departures for lane in problem.lanes] == [1, 1, 1]
    assert (problem.lanes[2].departure_cost, problem.commodities[0].amount) == (1, 6)
    assert solve(problem).cost.total == 30


def faults(text: str) -> list[tuple[str, str]]:
    """Return (path, code) of every violation."""
    with pytest.raises(InvalidInput) as caught:
        parse_mcnd(text.split("\n"), "x.dow")
    return [(v.path, v.code) for v in caught.value.violations]


def test_broken_files() -> None:
    """No sizes, a word for a number, too few lines, an unknown node: each with its place."""
    assert faults("title") == [("x.dow:2", "MALFORMED_LINE")]
    assert faults(TINY.replace("2 3 1 10", "2 3 one 10")) == [("x.dow:4", "MALFORMED_LINE")]
    assert faults(TINY.replace(" 1 3 6\n", "")) == [("x.dow:6", "MALFORMED_LINE")]
    assert faults(TINY.replace("3 3 1\n", "3 -1 1\n")) == [("x.dow:2", "MALFORMED_LINE")]
    assert faults(TINY.replace("3 3 1\n", "9" * 22 + " 3 1\n")) == [("x.dow:2", "TOO_LARGE")]
    assert faults(TINY.replace(" 1 3 9 4", " 1 8 9 4")) == [
        ("lanes[2].destination", "UNKNOWN_NODE")
    ]


@pytest.mark.parametrize("name", sorted(CERTIFIED))
def test_published_designs_reach_their_certified_cost(name: str) -> None:
    """Optimum and proof, or proof that there is none (skipped without the files)."""
    path = INSTANCES / "hub_mcnd" / "R" / f"{name}.dow"
    if not path.exists():
        pytest.skip("published instances are not here")
    problem = read_mcnd(path)
    plan = solve(problem, SolveOptions(seconds=90))
    if CERTIFIED[name] is None:
        assert plan.termination is Termination.INFEASIBLE
        assert not plan.feasible
    else:
        assert check(problem, plan).feasible
        assert (plan.cost.total, plan.bound) == (CERTIFIED[name], CERTIFIED[name])
