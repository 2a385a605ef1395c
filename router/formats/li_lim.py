"""Reads Li and Lim's text files of pickup and delivery with time windows.

Li, H. and Lim, A. (2003), doi:10.1142/S0218213003001186, as kept by SINTEF: a
first line of vehicles, capacity and a speed that nobody uses; then rows of
number, x, y, demand, earliest, latest, service time, pickup and delivery.
"""

from __future__ import annotations

import numpy as np

from router.formats.faults import Faults
from router.formats.raw import Column, RawInstance
from router.formats.rows import fleet_size, lines_of, table
from router.formats.solomon import numbered_from_zero


def read_li_lim(text: str, faults: Faults) -> RawInstance | None:
    """Return the instance, or ``None`` with at least one fault noted."""
    lines = lines_of(text)
    head = table(lines[:1], len(lines[0][1].split()), "the first line", faults)
    if not lines[1:]:
        faults.add("MISSING_ROW", lines[0][0], "is followed by no rows; give the depot first.")
    column = table(lines[1:], 9, "a row", faults)
    if len(faults) or head is None or column is None:
        return None
    numbered_from_zero(column, faults)
    line, text = lines[0]
    vehicles = fleet_size(text.split()[0], line, faults)
    if vehicles is None:
        return None
    pairs = column.part(3, 7, 8)
    pairs.values[:, 1:] += np.where(pairs.values[:, 1:] > 0, 1, 0)
    return RawInstance(
        file=faults.name,
        name="",
        kind="PDPTW",
        size=len(column.values),
        depots=1,
        coordinates=column.part(1, 2),
        windows=column.part(4, 5),
        service=column.part(6),
        shipments=pairs,
        vehicles=vehicles,
        capacity=Column.constant(head.values[0, 1], vehicles, line),
    )
