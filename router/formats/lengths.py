"""Lengths that a VRPLIB file gives, or asks to have rounded in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import numpy as np
from scipy.spatial.distance import cdist

from router.formats.faults import Faults
from router.formats.raw import Column
from router.formats.rounding import Floats, Wholes
from router.formats.rows import Line, number
from router.formats.sections import Sections

MOST_DENSE = 20_000
"""Largest number of locations for which a matrix is made."""


def given(parts: Sections, coordinates: Column | None, size: int, faults: Faults) -> Floats | None:
    """Return a matrix of lengths, or ``None`` where plain coordinates say all."""
    line, kind = parts.specifications.get("EDGE_WEIGHT_TYPE", (0, ""))
    if kind == "EXPLICIT" or (not kind and "EDGE_WEIGHT" in parts.sections):
        return _explicit(parts, size, faults)
    if kind not in _COMPUTED:
        known = ", ".join(_COMPUTED)
        message = f"EDGE_WEIGHT_TYPE {kind or 'is missing'}; known are EXPLICIT, {known}."
        faults.add("EDGE_WEIGHT_TYPE", line, message)
        return None
    if coordinates is None:
        if "NODE_COORD" not in parts.sections:
            message = f"EDGE_WEIGHT_TYPE {kind} needs a NODE_COORD_SECTION."
            faults.add("MISSING_FIELD", line, message)
        return None
    if kind == "EUC_2D":
        return None
    if size > MOST_DENSE:
        message = f"EDGE_WEIGHT_TYPE {kind} is read up to {MOST_DENSE} locations; use EUC_2D."
        faults.add("TOO_LARGE", line, message)
        return None
    return _COMPUTED[kind](cdist(coordinates.values, coordinates.values))


_COMPUTED: Mapping[str, Callable[[Floats], Floats]] = {
    "EUC_2D": np.asarray,
    "FLOOR_2D": np.floor,
    "CEIL_2D": np.ceil,
    "EXACT_2D": lambda lengths: np.round(1000 * lengths),
}


def _explicit(parts: Sections, size: int, faults: Faults) -> Floats | None:
    """Return the matrix of an EDGE_WEIGHT_SECTION, wrapped at any width."""
    section = parts.sections.get("EDGE_WEIGHT")
    line, shape = parts.specifications.get("EDGE_WEIGHT_FORMAT", (0, "FULL_MATRIX"))
    if section is None:
        faults.add("MISSING_FIELD", 0, "EDGE_WEIGHT_TYPE EXPLICIT needs an EDGE_WEIGHT_SECTION.")
        return None
    if shape != "FULL_MATRIX" and shape not in _TRIANGLES:
        known = ", ".join(["FULL_MATRIX", *_TRIANGLES])
        faults.add("EDGE_WEIGHT_FORMAT", line, f"is {shape}; known are {known}.")
        return None
    flat = _flat(section.rows, faults)
    if flat is None:
        return None
    full = shape == "FULL_MATRIX"
    rows, columns = (np.arange(0), np.arange(0)) if full else _TRIANGLES[shape](size)
    wanted = size * size if full else len(rows)
    if len(flat) != wanted:
        message = f"has {len(flat)} values; {shape} of {size} locations has {wanted}."
        faults.add("ROW_LENGTH", section.line, message)
        return None
    if full:
        return flat.reshape(size, size)
    matrix = np.zeros((size, size))
    matrix[rows, columns] = flat
    matrix[columns, rows] = flat
    return matrix


def _flat(rows: Sequence[Line], faults: Faults) -> Floats | None:
    words = list(chain.from_iterable(text.split() for _, text in rows))
    try:
        values = np.array(words, dtype=np.float64)
    except ValueError:
        values = np.array([np.nan])
    if np.isfinite(values).all() and (values >= 0).all():
        return values
    for line, text in rows:
        for word in text.split():
            value = number(word, line, "EDGE_WEIGHT_SECTION", faults)
            if value is not None and value < 0:
                message = f"EDGE_WEIGHT_SECTION has {word}; lengths are 0 or more."
                faults.add("NEGATIVE", line, message)
    return None


_TRIANGLES: Mapping[str, Callable[[int], tuple[Wholes, Wholes]]] = {
    "LOWER_ROW": lambda n: np.tril_indices(n, -1),
    "LOWER_DIAG_ROW": np.tril_indices,
    "UPPER_ROW": lambda n: np.triu_indices(n, 1),
    "UPPER_DIAG_ROW": np.triu_indices,
    "LOWER_COL": lambda n: np.triu_indices(n, 1),
    "LOWER_DIAG_COL": np.triu_indices,
    "UPPER_COL": lambda n: np.tril_indices(n, -1),
    "UPPER_DIAG_COL": np.tril_indices,
}
"""Rows and columns in the order of the values; a column-wise triangle of a
symmetric matrix lists what the opposite row-wise one does."""
