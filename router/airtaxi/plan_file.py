"""Day plans as JSON files of the schema ``data/plan.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from router.airtaxi.schedule import Charge, Flight, FlightPlan, UnservedReason, UnservedTrip
from router.errors import InvalidInput, Violation
from router.formats.documents import Document, load_document, validate_document
from router.solving import Cost, Termination

FORMAT = "alatau.airtaxi.plan/1"


@dataclass(frozen=True, slots=True)
class Source:
    """The scenario that a plan was made for, as its demand was drawn."""

    name: str = ""
    passengers: int | None = None
    """As asked for; ``None``: what the scenario says."""
    seed: int = 1


@cache
def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of plan files."""
    text = (files("router.airtaxi") / "data" / "plan.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def plan_to_json(plan: FlightPlan, source: Source = Source()) -> dict[str, Any]:
    """Return a plan as JSON data; ``source`` lets a checker draw the same demand."""
    return {
        "format": FORMAT,
        "scenario": asdict(source),
        "flights": [_without_none(asdict(f)) for f in plan.flights],
        "charges": [asdict(c) for c in plan.charges],
        "unserved": [
            {"trip": u.trip, "reasons": [r.value for r in u.reasons]} for u in plan.unserved
        ],
        "infeasible": [asdict(v) for v in plan.infeasible],
        "revenue": plan.revenue,
        "cost": {"total": plan.cost.total, "components": dict(plan.cost.components)},
        "value": plan.value,
        "bound": plan.bound,
        "bound_name": plan.bound_name,
        "gap": plan.gap,
        "termination": plan.termination.value,
        "seconds": round(plan.seconds, 3),
    }


def load_plan(path: Path | str) -> tuple[FlightPlan, Source]:
    """Read a plan file, and what it was made for.

    Raises
    ------
    InvalidInput
        If there is no such file, or with every violation of its schema.
    """
    document = load_document(path)
    plan = plan_from_document(document)
    return plan, Source(**document.data.get("scenario", {}))


def plan_from_document(document: Document) -> FlightPlan:
    """Return the plan that a document holds.

    Raises
    ------
    InvalidInput
        With every violation of the schema, or where the cost does not sum up.
    """
    validate_document(document, plan_schema())
    data: Mapping[str, Any] = document.data
    return FlightPlan(
        flights=tuple(Flight(**{**f, "trips": tuple(f.get("trips", ()))}) for f in data["flights"]),
        charges=tuple(Charge(**c) for c in data["charges"]),
        unserved=tuple(
            UnservedTrip(u["trip"], tuple(UnservedReason(r) for r in u["reasons"]))
            for u in data.get("unserved", ())
        ),
        infeasible=tuple(Violation(**v) for v in data.get("infeasible", ())),
        revenue=data.get("revenue", 0),
        cost=_cost(document),
        bound=data.get("bound"),
        bound_name=data.get("bound_name", ""),
        termination=Termination(data.get("termination", "limit")),
        seconds=data.get("seconds", 0.0),
    )


def _cost(document: Document) -> Cost:
    stated = document.data.get("cost", {"total": 0})
    try:
        return Cost(stated["total"], stated.get("components", {}))
    except ValueError as fault:
        where = document.where(("cost",))
        raise InvalidInput([Violation("COST", where, str(fault).capitalize())]) from None


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
