"""Codec of locations and travel: positions to arrays, matrices to NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from alatau.common.v1 import travel_pb2

from router.errors import Violations
from router.matrix import Euclidean, GreatCircle, Matrix, RoundMode, Travel

_ROUNDING = {
    travel_pb2.PlanarTravel.ROUNDING_UNSPECIFIED: RoundMode.NEAREST,
    travel_pb2.PlanarTravel.ROUNDING_NEAREST: RoundMode.NEAREST,
    travel_pb2.PlanarTravel.ROUNDING_FLOOR: RoundMode.FLOOR,
}


def decode_position(place: travel_pb2.Location, found: Violations) -> tuple[float, float]:
    """Return (x, y) or (longitude, latitude), (0, 0) where unset.

    Notes NOT_FINITE and DEGREES.
    """
    if place.HasField("geo"):
        below = found.at("geo")
        return (
            _degrees(place.geo.longitude, "longitude", 180, below),
            _degrees(place.geo.latitude, "latitude", 90, below),
        )
    below = found.at("planar")
    return _finite(place.planar.x, "x", below), _finite(place.planar.y, "y", below)


def decode_travel(
    message: travel_pb2.Travel, places: Sequence[travel_pb2.Location], found: Violations
) -> Travel:
    """Return the travel between the places of a problem.

    Notes TRAVEL_KIND, POSITION, FACTOR, ENUM, and what is wrong with a matrix.
    """
    kind = message.WhichOneof("kind")
    if kind == "matrix":
        return _decode_matrix(message.matrix, places, found.at("matrix"))
    if kind == "great_circle":
        return _decode_great_circle(message.great_circle, places, found)
    if kind is None:
        text = "says no kind of travel; set planar, great_circle or matrix."
        found.add("TRAVEL_KIND", "", text)
    return _decode_planar(message.planar, places, found)


def _decode_planar(
    message: travel_pb2.PlanarTravel, places: Sequence[travel_pb2.Location], found: Violations
) -> Euclidean:
    xs, ys = _positions(places, "planar", found)
    scale = message.scale if message.HasField("scale") else 1.0
    mode = _ROUNDING.get(message.rounding)
    if mode is None:
        text = f"is {message.rounding}, no rounding of this version; set NEAREST or FLOOR."
        found.add("ENUM", "planar.rounding", text)
    return Euclidean(xs, ys, _factor(scale, "planar.scale", found), mode or RoundMode.NEAREST)


def _decode_great_circle(
    message: travel_pb2.GreatCircleTravel,
    places: Sequence[travel_pb2.Location],
    found: Violations,
) -> GreatCircle:
    xs, ys = _positions(places, "geo", found)
    detour = message.detour if message.HasField("detour") else 1.0
    below = found.at("great_circle")
    return GreatCircle(
        xs,
        ys,
        _factor(message.metres_per_second, "metres_per_second", below),
        _factor(detour, "detour", below, least=1.0),
    )


def _positions(
    places: Sequence[travel_pb2.Location], kind: str, found: Violations
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return coordinates of all places; notes POSITION where one has no such."""
    lacking = [place.id for place in places if place.WhichOneof("position") != kind]
    if lacking:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        text = f"needs a `{kind}` position of every location; '{lacking[0]}'{more} has none."
        found.add("POSITION", "", text)
    silent = Violations()
    pairs = [decode_position(place, silent) for place in places]
    array = np.array(pairs, float).reshape(-1, 2)
    return np.ascontiguousarray(array[:, 0]), np.ascontiguousarray(array[:, 1])


def _decode_matrix(
    message: travel_pb2.TravelMatrix, places: Sequence[travel_pb2.Location], found: Violations
) -> Matrix:
    count = len(places)
    order = _order(message.location_ids, [place.id for place in places], found)
    tables = []
    for name in ("distances", "durations"):
        values = _table(message, name, count, found)
        tables.append(values if order is None else values[np.ix_(order, order)])
    return Matrix(*tables)


def _order(
    given: Sequence[str], wanted: list[str], found: Violations
) -> npt.NDArray[np.intp] | None:
    """Return the row of each location, ``None`` where the orders are the same.

    Notes MATRIX_LOCATIONS.
    """
    if not given or list(given) == wanted:
        return None
    rows = {name: row for row, name in enumerate(given)}
    if len(rows) != len(given) or set(rows) != set(wanted):
        text = "must name each location of the problem once, or be empty."
        found.add("MATRIX_LOCATIONS", "location_ids", text)
        return None
    return np.array([rows[name] for name in wanted], np.intp)


def _table(
    message: travel_pb2.TravelMatrix, name: str, count: int, found: Violations
) -> npt.NDArray[np.int64]:
    """Return one kind of values; notes SHAPE, TWICE and NEGATIVE."""
    packed: Sequence[int] = getattr(message, name)
    raw: bytes = getattr(message, f"{name}_le32")
    if len(packed) and raw:
        found.add("TWICE", f"{name}_le32", f"is set beside {name}; set one of the two.")
    if len(raw) % 4:
        text = f"has {len(raw)} bytes; give 4 an entry."
        found.add("SHAPE", f"{name}_le32", text)
        raw = b""
    field = f"{name}_le32" if raw else name
    # fromiter reads a repeated field twice as fast as array.
    values: npt.NDArray[np.int64] = (
        np.frombuffer(raw, "<i4").astype(np.int64)
        if raw
        else np.fromiter(packed, np.int64, len(packed))
    )
    if len(values) != count * count:
        text = f"has {len(values)} entries; give {count} x {count}, row by row."
        found.add("SHAPE", field, text)
        return np.zeros((count, count), np.int64)
    if count and values.min() < 0:
        for at in np.flatnonzero(values < 0)[:100]:
            text = f"is {values[at]}, from location {at // count} to {at % count}; give 0 or more."
            found.add("NEGATIVE", f"{field}[{at}]", text)
        values = np.maximum(values, 0)
    return values.reshape(count, count)


def _finite(value: float, field: str, found: Violations) -> float:
    if math.isfinite(value):
        return value
    found.add("NOT_FINITE", field, f"is {value}; give a finite number.")
    return 0.0


def _degrees(value: float, field: str, most: int, found: Violations) -> float:
    angle = _finite(value, field, found)
    if abs(angle) <= most:
        return angle
    found.add("DEGREES", field, f"is {value}; give degrees from -{most} to {most}.")
    return 0.0


def _factor(value: float, field: str, found: Violations, least: float = 0.0) -> float:
    if math.isfinite(value) and value > 0 and value >= least:
        return value
    wanted = f"at least {least:g}" if least else "above 0"
    found.add("FACTOR", field, f"is {value}; give a finite number {wanted}.")
    return max(1.0, least)
