"""Freight scenario files: a hub's day that a user can write and change.

A scenario is a YAML or JSON file of the schema ``data/scenario.schema.json``;
``docs/freight_scenario.md`` explains it. It holds any of three parts: flows over
lanes, a day at the dock doors, and deliveries. The name of an embedded scenario
stands for its file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from router.errors import InvalidInput, Violation
from router.formats.documents import Document, load_document, parse_document, validate_document
from router.freight.docks.problem import DockProblem
from router.freight.draw import draw_deliveries, draw_docks
from router.freight.flows.problem import Commodity, FlowProblem, Interchange, Lane, Mode, Node
from router.freight.routes.problem import RoutingProblem

_DATA = files("router.freight") / "data"
_Problem = TypeVar("_Problem")


@dataclass(frozen=True, slots=True)
class FreightScenario:
    """A scenario file whose fields keep the schema."""

    document: Document

    @property
    def name(self) -> str:
        """What the scenario calls itself."""
        return str(self.document.data["name"])

    def flows(self) -> FlowProblem:
        """Return the flows of the day.

        Raises
        ------
        InvalidInput
            With every violation at its place in the file, or if there is no
            such part.
        """
        return self._part("flows", lambda part: _flows(part, self.name))

    def docks(self, *, seed: int = 1) -> DockProblem:
        """Return the day at the doors; ``seed`` draws trucks and transfers.

        Raises
        ------
        InvalidInput
            As :meth:`flows`.
        """
        return self._part("docks", lambda part: draw_docks(part, seed, self.name))

    def deliveries(self, *, seed: int = 1) -> RoutingProblem:
        """Return the delivery day; ``seed`` draws visits and amounts.

        Raises
        ------
        InvalidInput
            As :meth:`flows`.
        """
        return self._part("deliveries", lambda part: draw_deliveries(part, seed, self.name))

    def check(self, *, seed: int = 1) -> None:
        """Raise with every violation of all parts together, or return."""
        found: list[Violation] = []
        parts: Mapping[str, Callable[[], object]] = {
            "flows": self.flows,
            "docks": lambda: self.docks(seed=seed),
            "deliveries": lambda: self.deliveries(seed=seed),
        }
        for name, build in parts.items():
            if name in self.document.data:
                try:
                    build()
                except InvalidInput as fault:
                    found += fault.violations
        if found:
            raise InvalidInput(found)

    def _part(self, name: str, build: Callable[[Mapping[str, Any]], _Problem]) -> _Problem:
        if name not in self.document.data:
            text = f"has no part '{name}'; add it or choose another part."
            raise InvalidInput([Violation("MISSING_PART", self.document.name, text)])
        try:
            return build(self.document.data[name])
        except InvalidInput as fault:
            raise InvalidInput([self._placed(name, v) for v in fault.violations]) from None

    def _placed(self, part: str, violation: Violation) -> Violation:
        """Return the violation with its line in the file, where it has one."""
        steps = re.findall(r"[^.\[\]]+", violation.path)
        at = tuple(int(step) if step.isdigit() else step for step in (part, *steps))
        return Violation(violation.code, self.document.where(at), violation.message)


def embedded_freight_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the library."""
    names = (entry.name for entry in _DATA.iterdir())
    return tuple(sorted(n.removesuffix(".yaml") for n in names if n.endswith(".yaml")))


@cache
def freight_schema() -> dict[str, Any]:
    """Return the JSON Schema of freight scenario files."""
    schema: dict[str, Any] = json.loads((_DATA / "scenario.schema.json").read_text("utf-8"))
    return schema


def load_freight_scenario(source: str | Path = "alatau-hub") -> FreightScenario:
    """Load an embedded scenario by its name, or a scenario file.

    Raises
    ------
    InvalidInput
        If there is no such file, or with every violation of the schema, else of
        all parts.
    """
    name = str(source)
    if name in embedded_freight_scenarios() and not Path(name).is_file():
        text = (_DATA / f"{name}.yaml").read_text("utf-8")
        return _checked(parse_document(text, f"{name}.yaml"))
    if not Path(name).exists() and not Path(name).suffix:
        known = ", ".join(embedded_freight_scenarios())
        text = f"is neither a file nor an embedded scenario; embedded are: {known}."
        raise InvalidInput([Violation("FILE_NOT_FOUND", name, text)])
    return _checked(load_document(name))


def parse_freight_scenario(
    text: str, name: str = "scenario", *, as_json: bool = False
) -> FreightScenario:
    """Read a scenario from text; ``name`` stands in messages.

    Raises
    ------
    InvalidInput
        As :func:`load_freight_scenario`.
    """
    return _checked(parse_document(text, name, as_json=as_json))


def _checked(document: Document) -> FreightScenario:
    validate_document(document, freight_schema())
    scenario = FreightScenario(document)
    scenario.check()
    return scenario


def _flows(part: Mapping[str, Any], name: str) -> FlowProblem:
    return FlowProblem(
        nodes=tuple(
            Node(
                id=n["id"],
                x=float(n["lon"]),
                y=float(n["lat"]),
                handling_capacity=n.get("handling_capacity"),
            )
            for n in part["nodes"]
        ),
        lanes=tuple(_lane(lane) for lane in part["lanes"]),
        interchanges=tuple(
            Interchange(
                node=i["node"],
                from_mode=Mode(i["from_mode"]),
                to_mode=Mode(i["to_mode"]),
                unit_cost=i.get("unit_cost", 0),
                duration=i.get("duration_s", 0),
            )
            for i in part.get("interchanges", ())
        ),
        commodities=tuple(
            Commodity(
                id=c["id"],
                origin=c["origin"],
                destination=c["destination"],
                amount=c["amount"],
                penalty=c.get("penalty"),
                hour_cost=c.get("hour_cost", 0),
            )
            for c in part["commodities"]
        ),
        unit=part.get("unit", "TEU"),
        name=name,
    )


def _lane(fields: Mapping[str, Any]) -> Lane:
    return Lane(
        id=fields["id"],
        origin=fields["origin"],
        destination=fields["destination"],
        mode=Mode(fields["mode"]),
        capacity=fields["capacity"],
        max_departures=fields.get("max_departures"),
        opening_cost=fields.get("opening_cost", 0),
        departure_cost=fields.get("departure_cost", 0),
        unit_cost=fields.get("unit_cost", 0),
        duration=fields.get("duration_s", 0),
    )
