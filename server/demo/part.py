"""What the demo knows of one part, and what came out of planning it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alatau_client import Client
from google.protobuf import json_format

from server.codecs.clock import Clock

Figures = Mapping[str, object]
"""Key figures by their names, in the order in which they are shown."""


def message_as_json(message: Any, plan: object) -> Mapping[str, object]:
    """Return a plan as the canonical JSON of its message."""
    data: Mapping[str, object] = json_format.MessageToDict(
        message, preserving_proto_field_name=True
    )
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of a plan.

    Attributes
    ----------
    file
        Name of the PNG.
    title, alt
        Caption, and what it shows for those who cannot see it.
    draw
        ``draw(problem, plan, path)`` of a module of :mod:`router.plots`.
    """

    file: str
    title: str
    alt: str
    draw: Callable[[Any, Any, Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPart:
    """One of the four parts: its problem, and how it is sent, read and shown.

    Attributes
    ----------
    name
        First half of the names of its files, e.g. ``airtaxi``.
    title, lead
        Heading and one sentence of the report.
    goal
        What the objective is called, e.g. ``Cost``.
    problem
        The domain problem of the embedded scenario.
    message
        The same problem as the API takes it.
    clock
        Where the problem's times begin.
    service
        Picks the part of the client that plans it.
    decode
        ``(plan message) -> domain plan``.
    figures
        ``(problem, plan) -> key figures``.
    pictures
        What to draw.
    geojson
        ``(problem, plan) -> FeatureCollection``; ``None`` where there is no map.
    left
        What the plan's lists of undone work hold, by the list's name.
    file
        ``(plan message, plan) -> JSON data`` of the plan's file.
    """

    name: str
    title: str
    lead: str
    goal: str
    problem: Any
    message: Any
    clock: Clock
    service: Callable[[Client], Any]
    decode: Callable[[Any], Any]
    figures: Callable[[Any, Any], Figures]
    pictures: Sequence[Picture]
    geojson: Callable[[Any, Any], Mapping[str, object]] | None = None
    left: Mapping[str, str] = field(default_factory=dict)
    file: Callable[[Any, Any], Mapping[str, object]] = message_as_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A part with its plan and the checker's verdict.

    Attributes
    ----------
    message
        The plan as the API gave it.
    plan
        The same plan as a domain object.
    verdict
        Response of the part's Evaluate call.
    seconds
        Wall-clock time of the solve as the caller saw it.
    """

    part: DemoPart
    message: Any
    plan: Any
    verdict: Any
    seconds: float
    figures: Figures = field(default_factory=dict)

    @property
    def feasible(self) -> bool:
        """Whether the checker found no violation."""
        return bool(self.verdict.feasible)

    @property
    def bound(self) -> float | None:
        """What no plan can beat, if anything is proven."""
        return self._summary("bound")

    @property
    def gap(self) -> float | None:
        """Relative gap between plan and bound, if there is a bound."""
        return self._summary("gap")

    @property
    def objective(self) -> float | None:
        """Cost of the plan, or its value where the part maximises."""
        return self._summary("objective")

    def _summary(self, name: str) -> float | None:
        summary = self.message.summary
        return float(getattr(summary, name)) if summary.HasField(name) else None


def reasons_left(message: Any) -> list[tuple[str, str, int]]:
    """Return (list of the plan, reason, how many) for all that is left undone.

    Every list of a plan whose items carry ``reasons`` counts: trips unserved,
    trucks unassigned, transfers missed, goods unshipped. An item with several
    reasons counts for the first, which binds most.
    """
    found = []
    for listed in message.DESCRIPTOR.fields:
        reasons = listed.message_type and listed.message_type.fields_by_name.get("reasons")
        if not reasons:
            continue
        items = getattr(message, listed.name)
        values = reasons.enum_type.values_by_number
        first = Counter(values[item.reasons[0]].name if item.reasons else "" for item in items)
        prefix = f"{_upper(reasons.enum_type.name)}_"
        for name, number in first.most_common():
            found.append((listed.name, name.removeprefix(prefix), number))
    return found


def _upper(camel: str) -> str:
    return "".join(f"_{c}" if c.isupper() else c for c in camel).lstrip("_").upper()
