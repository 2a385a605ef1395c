"""What a load benchmark prints and writes: a table, JSON, and a picture of its own."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure shall keep; ``None``: nothing on that side."""

    most: float | None = None
    least: float | None = None

    def kept(self, value: float) -> bool:
        """Return whether a value keeps it."""
        above = self.most is not None and value > self.most
        below = self.least is not None and value < self.least
        return not (above or below)

    def __str__(self) -> str:
        sides = (("≤", self.most), ("≥", self.least))
        return " ".join(f"{sign} {value:g}" for sign, value in sides if value is not None)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a benchmark.

    Attributes
    ----------
    name, value, unit
        What it says.
    limit
        What it shall keep.
    empty
        The same of an empty call under the same load, where it is a time.
    """

    name: str
    value: float
    unit: str
    limit: Limit | None = None
    empty: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times an empty call it is."""
        return self.value / self.empty if self.empty else None

    def as_json(self) -> dict[str, object]:
        """Return it for machines."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "limit": None if self.limit is None else str(self.limit),
            "kept": None if self.limit is None else self.limit.kept(self.value),
            "empty_call": self.empty,
            "ratio_to_empty_call": self.ratio,
        }


def machine() -> dict[str, object]:
    """Return what the figures were taken on, and how busy it was."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": [round(value, 2) for value in os.getloadavg()],
    }


def finish(
    name: str,
    figures: Sequence[Figure],
    samples: Mapping[str, object],
    out: Path,
    *,
    as_json: bool,
) -> None:
    """Write ``results.json`` and print the figures as a table or as JSON."""
    result = {
        "benchmark": name,
        "machine": machine(),
        "figures": [figure.as_json() for figure in figures],
    }
    out.mkdir(parents=True, exist_ok=True)
    whole = result | {"samples": dict(samples)}
    (out / "results.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    if as_json:
        print(json.dumps(result))
        return
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    table = Table(title=f"load {name} ({os.cpu_count()} cores, load average {load})")
    table.add_column("figure")
    for head in ("value", "limit", "empty call", "ratio"):
        table.add_column(head, justify="right")
    for each in figures:
        limit = "" if each.limit is None else str(each.limit)
        mark = "" if each.limit is None or each.limit.kept(each.value) else " ✗"
        empty = "" if each.empty is None else f"{each.empty:.3g} {each.unit}"
        ratio = "" if each.ratio is None else f"{each.ratio:.1f} x"
        table.add_row(each.name, f"{each.value:.4g} {each.unit}{mark}", limit, empty, ratio)
    Console().print(table)
