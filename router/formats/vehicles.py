"""The vehicle types of a benchmark file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from router.formats.faults import Faults
from router.formats.fleet import Fleet, group
from router.formats.raw import Column, Lists, RawInstance
from router.formats.rounding import Rounding
from router.formats.skills import SkillSets
from router.formats.whole import Whole
from router.freight.routes.problem import ALWAYS, VehicleType
from router.timewindow import TimeWindow


def vehicle_types(
    raw: RawInstance,
    whole: Whole,
    windows: Sequence[tuple[TimeWindow, ...]],
    skills: SkillSets,
    faults: Faults,
) -> tuple[list[VehicleType], Fleet]:
    """Return the types, named 1, 2, …, and the file's vehicles in order.

    The window of a vehicle's depot is its shift. ``windows`` are those of all
    locations.
    """
    count = 1 if raw.vehicles is None else raw.vehicles
    columns = _Columns(raw, whole, count, faults)
    single = [columns.vehicle(i, windows, skills) for i in range(count)]
    if raw.vehicles is None:
        return [replace(single[0], id="1", count=None)], Fleet(())
    fleet, first = group(single)
    counts = Counter(kind for kind, _ in fleet.vehicles)
    kinds = [replace(single[i], id=str(k), count=counts[str(k)]) for k, i in enumerate(first, 1)]
    return kinds, fleet


class _Columns:
    """What the file says of each vehicle, as whole numbers."""

    def __init__(self, raw: RawInstance, whole: Whole, count: int, faults: Faults) -> None:
        plain = Whole(Rounding.NONE, faults)
        self._raw = raw
        self._count = count
        self._faults = faults
        self._capacity = self._rows(whole, raw.capacity, "capacity")
        self._max_distance = self._numbers(whole, raw.max_distance, "distance limit")
        self._max_duration = self._numbers(whole, raw.max_duration, "duration limit")
        self._fixed_cost = self._numbers(whole, raw.fixed_cost, "fixed cost")
        self._distance_cost = self._numbers(plain, raw.distance_cost, "cost of a unit of distance")
        self._max_reloads = self._numbers(plain, raw.max_reloads, "number of reloads")
        self._depot = self._depots(raw.vehicle_depot)
        self._reloads = self._reload_depots(raw.reload_depots)

    def vehicle(
        self, i: int, windows: Sequence[tuple[TimeWindow, ...]], skills: SkillSets
    ) -> VehicleType:
        """Return vehicle ``i``, from 0, as a type of its own without a name."""
        depot = self._depot[i]
        shift = windows[depot]
        distance_cost = self._distance_cost[i]
        return VehicleType(
            id="",
            start=str(depot),
            end=str(depot),
            capacity=self._capacity[i],
            shift=shift[0] if shift else ALWAYS,
            fixed_cost=self._fixed_cost[i] or 0,
            distance_cost=1 if distance_cost is None else distance_cost,
            max_distance=self._max_distance[i],
            max_duration=self._max_duration[i],
            reload_depots=self._reloads[i],
            max_reloads=self._max_reloads[i],
            skills=skills.vehicle[i] if skills.vehicle else frozenset(),
        )

    def _rows(self, whole: Whole, column: Column | None, what: str) -> Sequence[tuple[int, ...]]:
        if column is None:
            return [()] * self._count
        rows = whole.rows(column, what)
        return rows if len(rows) == self._count else [rows[0]] * self._count

    def _numbers(self, whole: Whole, column: Column | None, what: str) -> Sequence[int | None]:
        return [row[0] if row else None for row in self._rows(whole, column, what)]

    def _depots(self, column: Column | None) -> list[int]:
        if column is None:
            return [0] * self._count
        found = []
        for value, line in zip(column.values[:, 0].tolist(), column.lines.tolist(), strict=True):
            found.append(self._depot_index(value, line))
        return found if len(found) == self._count else [found[0]] * self._count

    def _reload_depots(self, lists: Lists | None) -> list[tuple[str, ...]]:
        if lists is None:
            return [()] * self._count
        return [
            tuple(dict.fromkeys(str(self._depot_index(value, line)) for value in values))
            for values, line in zip(lists.values, lists.lines, strict=True)
        ]

    def _depot_index(self, value: float, line: int) -> int:
        """Return a depot's position from 0 of its index from 1."""
        if value != int(value) or not 1 <= value <= self._raw.depots:
            message = f"names depot {value:g}; the depots are 1 to {self._raw.depots}."
            self._faults.add("UNKNOWN_DEPOT", line, message)
            return 0
        return int(value) - 1
