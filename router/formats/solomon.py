"""Reads Solomon's and Gehring and Homberger's text files of the VRPTW.

Solomon, M. (1987), doi:10.1287/opre.35.2.254. A name; VEHICLE with number and
capacity; CUSTOMER with rows of number, x, y, demand, ready time, due date and
service time, the depot first.
"""

from __future__ import annotations

from router.formats.faults import Faults
from router.formats.raw import Column, RawInstance
from router.formats.rows import Line, fleet_size, lines_of, table


def read_solomon(text: str, faults: Faults) -> RawInstance | None:
    """Return the instance, or ``None`` with at least one fault noted."""
    lines = lines_of(text)
    vehicle = _heading(lines, "VEHICLE", faults)
    customer = _heading(lines, "CUSTOMER", faults)
    if vehicle is None or customer is None:
        return None
    heads = [line for line in lines[vehicle + 1 : customer] if not line[1][0].isalpha()]
    rows = lines[customer + 1 :]
    if rows and rows[0][1][0].isalpha():
        rows = rows[1:]
    if not heads:
        faults.add("MISSING_ROW", lines[vehicle][0], "VEHICLE has no row: number and capacity.")
    if not rows:
        faults.add("MISSING_ROW", lines[customer][0], "CUSTOMER has no rows; give the depot first.")
    fleet = table(heads[:1], 2, "VEHICLE (number, capacity)", faults)
    column = table(rows, 7, "CUSTOMER (number, x, y, demand, ready, due, service)", faults)
    if len(faults) or fleet is None or column is None:
        return None
    numbered_from_zero(column, faults)
    line, text = heads[0]
    vehicles = fleet_size(text.split()[0], line, faults)
    if vehicles is None:
        return None
    return RawInstance(
        file=faults.name,
        name=lines[0][1] if vehicle else "",
        kind="VRPTW",
        size=len(column.values),
        depots=1,
        coordinates=column.part(1, 2),
        deliver=column.part(3),
        windows=column.part(4, 5),
        service=column.part(6),
        vehicles=vehicles,
        capacity=Column.constant(fleet.values[0, 1], vehicles, line),
    )


def numbered_from_zero(column: Column, faults: Faults) -> None:
    """INDEX: rows are numbered 0, 1, 2, … with the depot first."""
    for i, (index, line) in enumerate(zip(column.values[:, 0], column.lines, strict=True)):
        if index != i:
            message = f"has number {index:g}; rows are numbered from 0 in order, so this is {i}."
            faults.add("INDEX", int(line), message)


def _heading(lines: list[Line], word: str, faults: Faults) -> int | None:
    for i, (_, text) in enumerate(lines):
        if text.upper() == word:
            return i
    faults.add("MISSING_FIELD", 0, f"has no line {word}, which this format needs.")
    return None
