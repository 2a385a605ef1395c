"""Tiny problems with numbers that can be followed by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from router.freight.routes.problem import Depot, Location, RoutingProblem, VehicleType, Visit
from router.matrix import Euclidean, Matrix, Travel


def line_problem(
    places: Mapping[str, int], *, loads: Mapping[str, int] | None = None, **changes: Any
) -> RoutingProblem:
    """Return a problem on a line: depot ``d`` at 0, one visit a place.

    ``places`` maps a visit's id to its abscissa, so that each distance and
    duration is a difference of two numbers.
    """
    names = ["d", *places]
    xs = np.array([0, *places.values()], dtype=float)
    fields: dict[str, Any] = {
        "locations": tuple(Location(name, x) for name, x in zip(names, xs, strict=True)),
        "depots": (Depot(id="d", location="d"),),
        "vehicle_types": (van(),),
        "travel": {"default": Euclidean(xs, np.zeros(len(xs)))},
        "visits": tuple(
            Visit(id=name, location=name, deliver=((loads or {}).get(name, 0),)) for name in places
        ),
    }
    return RoutingProblem(**(fields | changes))


def van(**changes: Any) -> VehicleType:
    """Return a vehicle type ``van`` that starts and ends at depot ``d``."""
    return VehicleType(**({"id": "van", "start": "d", "end": "d"} | changes))


def matrix_travel(rows: Sequence[Sequence[int]]) -> Mapping[str, Travel]:
    """Return the default profile with ``rows`` as distances and durations."""
    values = np.array(rows, dtype=np.int64)
    return {"default": Matrix(values, values)}
