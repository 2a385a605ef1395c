"""The specifications and sections of a VRPLIB file, as they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from router.formats.faults import Faults
from router.formats.rows import Line, lines_of

_T = TypeVar("_T")
_SECTION = re.compile(r"([A-Z][A-Z0-9_]*)_SECTION\s*:?", re.IGNORECASE)
_SPECIFICATION = re.compile(r"([A-Z][A-Z0-9_]*)\s*:\s*(.*)", re.IGNORECASE)

SPECIFICATIONS = {
    "CAPACITY",
    "DIMENSION",
    "EDGE_WEIGHT_FORMAT",
    "EDGE_WEIGHT_TYPE",
    "NAME",
    "RELEASE_TIME",
    "SERVICE_TIME",
    "TYPE",
    "VEHICLES",
    "VEHICLES_FIXED_COST",
    "VEHICLES_MAX_DISTANCE",
    "VEHICLES_MAX_DURATION",
    "VEHICLES_MAX_RELOADS",
    "VEHICLES_UNIT_DISTANCE_COST",
}
REMARKS = {"COMMENT", "DISPLAY_DATA_TYPE", "NODE_COORD_TYPE"}
"""Specifications that change nothing."""
SECTIONS = {
    "BACKHAUL",
    "CAPACITY",
    "DEMAND",
    "DEPOT",
    "DISPLAY_DATA",
    "EDGE_WEIGHT",
    "LINEHAUL",
    "MUTUALLY_EXCLUSIVE_GROUP",
    "NODE_COORD",
    "PICKUP_AND_DELIVERY",
    "PRIZE",
    "RELEASE_TIME",
    "SERVICE_TIME",
    "TIME_WINDOW",
    "VEHICLES_ALLOWED_CLIENTS",
    "VEHICLES_DEPOT",
    "VEHICLES_FIXED_COST",
    "VEHICLES_MAX_DISTANCE",
    "VEHICLES_MAX_DURATION",
    "VEHICLES_MAX_RELOADS",
    "VEHICLES_RELOAD_DEPOT",
    "VEHICLES_UNIT_DISTANCE_COST",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A section's heading and rows."""

    line: int
    rows: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Sections:
    """A whole file; names are in capitals, sections without ``_SECTION``."""

    specifications: Mapping[str, Line]
    sections: Mapping[str, Section]


def split(text: str, faults: Faults) -> Sections:
    """Return the parts of ``text``, noting what is unknown, twice or astray."""
    specifications: dict[str, Line] = {}
    sections: dict[str, Section] = {}
    rows: list[Line] | None = None
    for line, content in lines_of(text):
        if content == "EOF":
            break
        if not content[0].isalpha():
            if rows is None:
                faults.add("STRAY_ROW", line, "stands in no section; begin one with X_SECTION.")
                rows = []
            rows.append((line, content))
        elif heading := _SECTION.fullmatch(content):
            rows = []
            _put(sections, heading[1].upper(), Section(line, rows), line, faults)
        elif pair := _SPECIFICATION.fullmatch(content):
            _put(specifications, pair[1].upper(), (line, pair[2].strip()), line, faults)
        elif rows is not None:
            rows.append((line, content))
        else:
            message = f"{content[:40]!r} is neither 'KEY : VALUE' nor 'KEY_SECTION'."
            faults.add("NOT_UNDERSTOOD", line, message)
    _known(specifications, sections, faults)
    return Sections(specifications, sections)


def _put(into: dict[str, _T], name: str, value: _T, line: int, faults: Faults) -> None:
    if name in into:
        faults.add("DUPLICATE_FIELD", line, f"{name} is given twice; give it once.")
    into.setdefault(name, value)


def _known(
    specifications: Mapping[str, Line], sections: Mapping[str, Section], faults: Faults
) -> None:
    """UNKNOWN_FIELD, and CONFLICT where a field is both of one value and of many."""
    text = "{} is not a field of this format; mend its spelling or remove it."
    for name, (line, _) in specifications.items():
        if name not in SPECIFICATIONS | REMARKS:
            faults.add("UNKNOWN_FIELD", line, text.format(name))
    for name, section in sections.items():
        if name not in SECTIONS:
            faults.add("UNKNOWN_FIELD", section.line, text.format(f"{name}_SECTION"))
        elif name in specifications:
            message = f"{name} is given at line {specifications[name][0]} too; keep one."
            faults.add("CONFLICT", section.line, message)
