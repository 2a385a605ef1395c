"""Scenario files: a day of air taxis that a user can write and change.

A scenario is a YAML or JSON file of the schema ``data/scenario.schema.json``;
``docs/scenario.md`` explains it. The name of an embedded scenario stands for
its file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from router.airtaxi.assemble import assemble
from router.airtaxi.problem import AirTaxiProblem
from router.errors import InvalidInput, Violation
from router.formats.documents import Document, load_document, parse_document, validate_document

_DATA = files("router.airtaxi") / "data"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario file whose fields keep the schema."""

    document: Document

    @property
    def name(self) -> str:
        """What the scenario calls itself, or its file's name."""
        return str(self.document.data.get("name", self.document.name))

    def problem(self, *, passengers: int | None = None, seed: int = 1) -> AirTaxiProblem:
        """Return the day as a problem.

        Parameters
        ----------
        passengers
            Passengers of the generated demand, 0 to 1,000,000; ``None``: as the
            scenario says. Its stage of growth is chosen by it.
        seed
            Seed of the generated demand.

        Raises
        ------
        InvalidInput
            With every unknown id, reversed window and broken rule.
        """
        return assemble(self.document, passengers=passengers, seed=seed)


def embedded_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the library."""
    names = (entry.name for entry in _DATA.iterdir())
    return tuple(sorted(n.removesuffix(".yaml") for n in names if n.endswith(".yaml")))


@cache
def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files."""
    schema: dict[str, Any] = json.loads((_DATA / "scenario.schema.json").read_text("utf-8"))
    return schema


def load_scenario(source: str | Path) -> Scenario:
    """Load an embedded scenario by its name, or a scenario file.

    Raises
    ------
    InvalidInput
        If there is no such file, or with every violation of the schema.
    """
    name = str(source)
    if name in embedded_scenarios() and not Path(name).is_file():
        text = (_DATA / f"{name}.yaml").read_text("utf-8")
        return _checked(parse_document(text, f"{name}.yaml"))
    if not Path(name).exists() and not Path(name).suffix:
        known = ", ".join(embedded_scenarios())
        message = f"is neither a file nor an embedded scenario; embedded are: {known}."
        raise InvalidInput([Violation("FILE_NOT_FOUND", name, message)])
    return _checked(load_document(name))


def parse_scenario(text: str, name: str = "scenario", *, as_json: bool = False) -> Scenario:
    """Read a scenario from text; ``name`` stands in messages.

    Raises
    ------
    InvalidInput
        With every violation of syntax or schema.
    """
    return _checked(parse_document(text, name, as_json=as_json))


def _checked(document: Document) -> Scenario:
    validate_document(document, scenario_schema())
    return Scenario(document)
