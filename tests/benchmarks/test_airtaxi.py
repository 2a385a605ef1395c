"""The air-taxi benchmark: one row a solve, medians in its table."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.quality.airtaxi import measure, table


def test_a_row_is_judged_and_a_table_is_made_of_medians() -> None:
    """First come, first served on 100 passengers breaks no rule; three rows give their median."""
    row = measure("alatau-almaty", 100, 1, 5.0, 1, "first come")
    assert row.violations == 0
    assert row.bound is None
    rows = [
        replace(row, value=v, method="search", gap=g) for v, g in ((1, 0.1), (2, 0.3), (9, 0.2))
    ]
    lines = list(table(rows))
    assert len(lines) == 2
    assert lines[1].split()[:4] == ["100", "search", "2", "0.2000"]
