"""One self-contained HTML page: nothing is fetched, images are inside."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2

from server.demo.part import Outcome, reasons_left
from server.demo.units import money, percent, thousands

CURVE = (640, 150)
"""Width and height of the curve of improvements, in its own units."""
LEAST_CHANGE = 0.005
"""Searches that improve their first plan by less, relatively, get no curve."""
BOUND_ROOM = 3.0
"""The bound is drawn where it is at most so many times the improvement away."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """One number or choice of the scenario that no source supports."""

    where: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the page says of the run as a whole."""

    title: str
    version: str
    command: str
    seconds: float
    seed: int
    wall_seconds: float


def render(
    outcomes: Sequence[Outcome],
    pictures: Path,
    assumptions: Mapping[str, Sequence[Assumption]],
    about: About,
) -> str:
    """Return the page.

    Parameters
    ----------
    outcomes
        In the order of the page.
    pictures
        Folder with the PNG files of the outcomes' parts.
    assumptions
        By the name of the scenario that they belong to.
    about
        What was run.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("server.demo"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = thousands
    sections = [_section(outcome, pictures) for outcome in outcomes]
    return environment.get_template("report.html.j2").render(
        about=about,
        sections=sections,
        assumptions=assumptions,
        feasible=all(outcome.feasible for outcome in outcomes),
    )


def _section(outcome: Outcome, pictures: Path) -> dict[str, Any]:
    summary = outcome.message.summary
    cost = outcome.message.cost
    parts = sorted(cost.components.items(), key=lambda item: -item[1])
    largest = max([1, *(abs(amount) for _, amount in parts)])
    return {
        "part": outcome.part,
        "feasible": outcome.feasible,
        "violations": outcome.verdict.violations,
        "figures": outcome.figures,
        "total": money(cost.total),
        "cost": [
            (name.replace("_", " "), money(amount), 100 * abs(amount) / largest)
            for name, amount in parts
            if amount
        ],
        "objective": None if outcome.objective is None else money(outcome.objective),
        "bound": None if outcome.bound is None else money(outcome.bound),
        "bound_name": getattr(outcome.message, "bound_name", ""),
        "gap": percent(outcome.gap),
        "termination": _termination(outcome.message),
        "seconds": f"{outcome.seconds:.1f}",
        "iterations": thousands(summary.iterations),
        "curve": _curve(outcome),
        "left": [
            (outcome.part.left.get(where, where), reason, number)
            for where, reason, number in reasons_left(outcome.message)
        ],
        "pictures": [
            (picture, _data_uri(pictures / picture.file)) for picture in outcome.part.pictures
        ],
    }


def _termination(message: Any) -> str:
    field = message.summary.DESCRIPTOR.fields_by_name["termination"]
    name = field.enum_type.values_by_number[message.summary.termination].name
    words = {
        "OPTIMAL": "proven best",
        "LIMIT": "time used up, best plan found",
        "CANCELLED": "stopped, best plan found",
        "INFEASIBLE": "proven to have no feasible plan",
    }
    return words.get(name.removeprefix("TERMINATION_"), "not stated")


def _curve(outcome: Outcome) -> dict[str, Any] | None:
    """Return the improvements as points of a step line, with its ends in words."""
    summary = outcome.message.summary
    points = [
        (item.elapsed.seconds + item.elapsed.nanos / 1e9, item.objective)
        for item in summary.improvements
    ]
    if len(points) < 2:
        return None
    first, last = points[0][1], points[-1][1]
    if abs(first - last) < LEAST_CHANGE * max(1.0, abs(last)):
        return None
    bound = outcome.bound
    if bound is not None and abs(last - bound) > BOUND_ROOM * abs(first - last):
        bound = None
    values = [value for _, value in points] + ([] if bound is None else [bound])
    low, high = min(values), max(values)
    until = max(outcome.seconds, points[-1][0])
    width, height = CURVE

    def x(moment: float) -> float:
        return float(round(width * moment / until, 1))

    def y(value: float) -> float:
        share = (value - low) / max(1e-9, high - low)
        return float(round(height - 4 - (height - 8) * share, 1))

    steps = [f"{x(points[0][0])},{y(points[0][1])}"]
    for (_, before), (moment, value) in pairwise(points):
        steps += [f"{x(moment)},{y(before)}", f"{x(moment)},{y(value)}"]
    return {
        "points": " ".join([*steps, f"{width},{y(points[-1][1])}"]),
        "bound": None if bound is None else y(bound),
        "first": money(first),
        "last": money(last),
        "until": f"{until:.0f}",
    }


def _data_uri(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")


def assumptions_of(data: object, where: str = "") -> list[Assumption]:
    """Return every ``assumption`` in a scenario's data, with the id of what it is about."""
    found: list[Assumption] = []
    if isinstance(data, Mapping):
        text = data.get("assumption")
        if isinstance(text, str):
            found.append(Assumption(where or "scenario", text))
        for key, value in data.items():
            found += assumptions_of(value, _joined(where, str(key)))
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for position, value in enumerate(data):
            found += assumptions_of(value, f"{where} {_name(value, position)}")
    return found


def _name(value: object, position: int) -> str:
    if isinstance(value, Mapping):
        for key in ("id", "name", "from"):
            if key in value:
                return str(value[key])
    return str(position + 1)


def _joined(where: str, key: str) -> str:
    return f"{where} › {key.replace('_', ' ')}" if where else key.replace("_", " ")


def grouped(assumptions: Sequence[Assumption]) -> list[Assumption]:
    """Return assumptions with the same text as one, whose place names them all."""
    places: dict[str, list[str]] = {}
    for assumption in assumptions:
        places.setdefault(assumption.text, []).append(assumption.where)
    return [Assumption(", ".join(names), text) for text, names in places.items()]
