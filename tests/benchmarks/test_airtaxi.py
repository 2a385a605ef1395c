"""The air-taxi benchmark: one row a solve, medians in its table, growth with its exponent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.quality.airtaxi import growth
from benchmarks.quality.airtaxi.report import growth_table, table, write_report
from benchmarks.quality.airtaxi.runs import measure
from router.airtaxi.scenario import load_scenario


def test_a_row_is_judged_and_a_table_is_made_of_medians(tmp_path: Path) -> None:
    """First come, first served on 100 passengers breaks no rule; three rows give their median.

    Values 10, 20, 90 have the median 20; the bounds 40, 40, 100 leave gaps of 3, 1 and
    1/9 of the values, of which 1 is the median.
    """
    row = measure("alatau-almaty", 100, 1, 5.0, 1, "first come")
    assert row.violations == 0
    assert row.bound is None
    rows = [
        replace(row, value=v, seed=s, method="search", bound=b, curve=((0.1, 5, None), (1.0, v, b)))
        for s, (v, b) in enumerate(((10, 40), (20, 40), (90, 100)))
    ]
    lines = list(table(rows))
    assert len(lines) == 3
    cells = [c.strip() for c in lines[2].split("|")[1:-1]]
    assert cells[2:5] == ["search", "20", "100.00"]
    write_report(rows, [], tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {
        "airtaxi.md",
        *(f"airtaxi-100-{s}.png" for s in range(3)),
    }


def test_growth_has_the_exponent_of_its_law(tmp_path: Path) -> None:
    """Times of 2, 8 and 32 at 1, 4 and 16 times grow linearly, memory of 10, 20, 40 as the root."""
    sizes = [
        growth.Growth("trips", f, 10 * f, 2, 2.0 * f, 1.0, 1.0, round(10 * f**0.5))
        for f in growth.FACTORS
    ]
    assert growth.exponent(sizes, "trips", "first_plan_s") == pytest.approx(1.0)
    assert growth.exponent(sizes, "trips", "step_ms") == pytest.approx(0.0)
    assert growth.exponent(sizes, "trips", "memory_mb") == pytest.approx(0.5)
    assert len(list(growth_table(sizes))) == 2 + 3 + 1
    write_report([], sizes, tmp_path)
    assert (tmp_path / "airtaxi-growth.png").stat().st_size > 0


def test_a_grown_fleet_has_places_to_stand() -> None:
    """Four times the aircraft on four times the stands are a problem without a fault."""
    problem = load_scenario("alatau-almaty").problem(passengers=20)
    grown = growth.fleet_of(problem, 4)
    assert len(grown.aircraft) == 4 * len(problem.aircraft) == len({a.id for a in grown.aircraft})
    assert sum(v.stands for v in grown.vertiports) == 4 * sum(v.stands for v in problem.vertiports)
