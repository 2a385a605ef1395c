"""Which instances are run, and the best known value of each."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

UNITS = {"VRPTW": 10}
"""Units of the computed cost that make one of the published value; 1 elsewhere."""


@dataclass(frozen=True, slots=True)
class Case:
    """An instance with its best known values, in units of the computed cost."""

    kind: str
    name: str
    path: Path
    best: float
    """As published with the set."""
    tight: float
    """The lowest value known from anywhere; ``best`` where there is no other."""


def select(folder: Path, classes: Sequence[str], per_class: int, only: str = "") -> list[Case]:
    """Return up to ``per_class`` instances of each class, spread over sizes."""
    found = []
    for values in sorted(folder.glob("*/bks.csv")):
        kind = values.parent.name
        if kind.startswith("hub_") or (classes and kind not in classes):
            continue
        cases = [case for case in _cases(values) if re.search(only, case.name)]
        cases.sort(key=lambda case: (case.path.stat().st_size, case.name))
        found += _spread(cases, per_class)
    return found


def _cases(values: Path) -> Iterable[Case]:
    files = {}
    for end in ("txt", "vrp"):
        for path in values.parent.rglob(f"*.{end}"):
            files[path.relative_to(values.parent).with_suffix("").as_posix()] = path
            files.setdefault(path.stem, path)
    kind = values.parent.name
    with values.open(newline="") as stream:
        for row in csv.DictReader(stream):
            best = row.get("bks_in_pyvrp_exact_units") or row["bks"]
            if best and row["instance"] in files:
                unit = UNITS.get(kind, 1)
                tight = float(row.get("bks_tight") or best) * unit
                path = files[row["instance"]]
                yield Case(kind, row["instance"], path, float(best) * unit, tight)


def _spread(cases: Sequence[Case], count: int) -> list[Case]:
    """Return ``count`` of the cases at equal steps, the first and the last among them."""
    if count >= len(cases):
        return list(cases)
    step = (len(cases) - 1) / max(count - 1, 1)
    return [cases[round(i * step)] for i in range(count)]
